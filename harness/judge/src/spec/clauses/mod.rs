//! The table of clauses, in the order of the specification; those of the older reference come last.

use super::{Clause, joined};

/// Rows of `id level role message [points] title;`, two lines each, which no function call is when formatted.
macro_rules! clauses {
    ($($id:literal $level:ident $role:ident $message:ident $([$($point:literal),+])? $title:literal;)+) => {
        pub(super) const CLAUSES: &[crate::spec::Clause] = &[$(crate::spec::Clause {
            id: $id,
            section: super::section($id),
            level: crate::spec::Level::$level,
            role: crate::spec::Role::$role,
            message: crate::spec::Message::$message,
            title: $title,
            points: &[$($($point),+)?],
        }),+];
    };
}

mod backend;
mod client;
mod download;
mod ending;
mod fragment;
mod headers;
mod notification;
mod older;
mod opening;
mod server;

/// Every clause.
pub const CLAUSES: &[Clause] = &joined::<Clause, COUNT>(PARTS);

const PARTS: &[&[Clause]] = &[
    headers::CLAUSES,
    opening::CLAUSES,
    fragment::CLAUSES,
    ending::CLAUSES,
    notification::CLAUSES,
    client::CLAUSES,
    server::CLAUSES,
    backend::CLAUSES,
    download::CLAUSES,
    older::CLAUSES,
];
const COUNT: usize = 405;

/// The section that an id names: `2.2.1` of `BUP-2.2.1-07`, and `-` of an id of the older reference.
const fn section(id: &str) -> &str {
    let (origin, rest) = id.split_at(4);
    if !super::same(origin.as_bytes(), b"BUP-") {
        return "-";
    }
    let mut end = rest.len() - 1;
    while rest.as_bytes()[end] != b'-' {
        end -= 1;
    }
    rest.split_at(end).0
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sha2::{Digest, Sha256};

    use super::*;
    use crate::spec::{Level, Role};

    /// What a row cannot lose or change unnoticed: ids, levels by their keyword, roles and messages.
    const IMPORTED: &str = "585ec70bee1b9ce9cbe78f6dd2350fca148768cebfbf46c23fe1c07b23d2d272";

    fn keyword(level: Level) -> &'static str {
        match level {
            Level::Must | Level::MustImplied => "MUST",
            Level::MustNot | Level::MustNotImplied => "MUST NOT",
            Level::Should => "SHOULD",
            Level::ShouldNot => "SHOULD NOT",
            Level::May => "MAY",
            Level::ProductNote => "product-note",
        }
    }

    fn place(clause: &Clause) -> (bool, Vec<u32>) {
        let number = |part: &str| part.parse().unwrap();
        if clause.is_w32() {
            return (true, Vec::new());
        }
        (false, clause.section.split('.').map(number).collect())
    }

    fn number(clause: &Clause) -> u32 {
        clause.id.rsplit_once('-').unwrap().1.parse().unwrap()
    }

    #[test]
    fn ids_are_unique() {
        let ids: HashSet<_> = CLAUSES.iter().map(|clause| clause.id).collect();
        assert_eq!(ids.len(), CLAUSES.len());
    }

    #[test]
    fn an_id_is_its_origin_its_place_and_two_digits() {
        for clause in CLAUSES {
            let (place, digits) = clause.id.rsplit_once('-').unwrap();
            assert!(digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()));
            if let Some(page) = place.strip_prefix("W32-") {
                assert!(page.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
                assert_eq!(clause.section, "-");
            } else {
                assert_eq!(place, format!("BUP-{}", clause.section));
                assert!(clause.section.split('.').all(|part| part.parse::<u8>().is_ok()));
            }
        }
    }

    #[test]
    fn clauses_stand_in_the_order_of_the_specification() {
        for pair in CLAUSES.windows(2) {
            let (before, after) = (place(&pair[0]), place(&pair[1]));
            assert!(before <= after, "{} stands before {}", pair[0].id, pair[1].id);
            if before == after && !pair[0].is_w32() {
                assert!(number(&pair[0]) < number(&pair[1]), "{}", pair[1].id);
            }
        }
    }

    #[test]
    fn there_are_as_many_clauses_for_each_role_as_were_imported() {
        let count = |role| CLAUSES.iter().filter(|clause| clause.role == role).count();
        assert_eq!(CLAUSES.len(), 405);
        assert_eq!(count(Role::Server), 219);
        assert_eq!(count(Role::Both), 18);
        assert_eq!(count(Role::Backend), 45);
        assert_eq!(count(Role::Application), 17);
        assert_eq!(count(Role::Client), 106);
    }

    #[test]
    fn there_are_as_many_clauses_of_each_level_as_were_imported() {
        let count = |level| CLAUSES.iter().filter(|clause| clause.level == level).count();
        assert_eq!(count(Level::Must), 223);
        assert_eq!(count(Level::MustImplied), 80);
        assert_eq!(count(Level::MustNot), 32);
        assert_eq!(count(Level::MustNotImplied), 0);
        assert_eq!(count(Level::Should), 27);
        assert_eq!(count(Level::ShouldNot), 3);
        assert_eq!(count(Level::May), 15);
        assert_eq!(count(Level::ProductNote), 25);
    }

    #[test]
    fn ids_levels_roles_and_messages_are_those_that_were_imported() {
        let line = |clause: &Clause| {
            let Clause { id, level, role, message, .. } = clause;
            format!("{id}\t{}\t{}\t{}\n", keyword(*level), role.as_str(), message.as_str())
        };
        let mut lines: Vec<_> = CLAUSES.iter().map(line).collect();
        lines.sort();
        let digest = Sha256::digest(lines.concat());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, IMPORTED);
    }

    #[test]
    fn each_title_is_one_sentence_of_its_own() {
        let mut seen = HashSet::new();
        for clause in CLAUSES {
            assert!(!clause.title.is_empty() && !clause.title.ends_with('.'), "{}", clause.id);
            assert!(clause.title.len() <= 150, "{}", clause.id);
            assert!(seen.insert(clause.title), "{}", clause.id);
        }
    }
}

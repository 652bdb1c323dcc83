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

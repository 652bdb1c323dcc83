//! What the texts ask: clauses, the readings of what they leave open or contradict, and who accepts which.
//!
//! A clause is said once, here. A check points at it; nothing repeats its level or its words.

mod clauses;
mod readings;
mod standing;

pub use clauses::CLAUSES;
pub use readings::{POINTS, Point, Reading, point, reading};
pub use standing::{CAUSES, RESTATES, ROOTS, Reason, UNCHECKED, causes, reason, restated};

use std::{fmt, str::FromStr};

/// How binding a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Has to be.
    Must,
    /// Has to be, read out of pseudo-code or the data model, which have no keywords.
    MustImplied,
    /// May never be.
    MustNot,
    /// May never be, read out of pseudo-code or the data model.
    MustNotImplied,
    /// Is to be, unless there is a reason.
    Should,
    /// Is not to be, unless there is a reason.
    ShouldNot,
    /// Can be.
    May,
    /// Tells what a product does; asks nothing.
    ProductNote,
}

impl Level {
    /// The level's name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::MustImplied => "MUST (implied)",
            Self::MustNot => "MUST NOT",
            Self::MustNotImplied => "MUST NOT (implied)",
            Self::Should => "SHOULD",
            Self::ShouldNot => "SHOULD NOT",
            Self::May => "MAY",
            Self::ProductNote => "product note",
        }
    }

    /// Whether breaking such a clause is a violation.
    #[must_use]
    pub const fn is_must(self) -> bool {
        matches!(self, Self::Must | Self::MustImplied | Self::MustNot | Self::MustNotImplied)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Whose duty a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The BITS server.
    Server,
    /// Server and client alike.
    Both,
    /// The part of the server that calls the server application.
    Backend,
    /// The web application behind the notification URL.
    Application,
    /// The client.
    Client,
}

impl Role {
    /// The role's name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Both => "both",
            Self::Backend => "backend",
            Self::Application => "application",
            Self::Client => "client",
        }
    }
}

/// The message that a clause speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the message of that name")]
pub enum Message {
    Any,
    AnyRequest,
    AnyAck,
    Ping,
    AckPing,
    CreateSession,
    AckCreateSession,
    Fragment,
    AckFragment,
    CloseSession,
    AckCloseSession,
    CancelSession,
    AckCancelSession,
    NotifyRequest,
    NotifyResponse,
    Download,
}

impl Message {
    /// The message's name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "ANY",
            Self::AnyRequest => "ANY-REQUEST",
            Self::AnyAck => "ANY-ACK",
            Self::Ping => "PING",
            Self::AckPing => "ACK-PING",
            Self::CreateSession => "CREATE-SESSION",
            Self::AckCreateSession => "ACK-CREATE-SESSION",
            Self::Fragment => "FRAGMENT",
            Self::AckFragment => "ACK-FRAGMENT",
            Self::CloseSession => "CLOSE-SESSION",
            Self::AckCloseSession => "ACK-CLOSE-SESSION",
            Self::CancelSession => "CANCEL-SESSION",
            Self::AckCancelSession => "ACK-CANCEL-SESSION",
            Self::NotifyRequest => "NOTIFY-REQUEST",
            Self::NotifyResponse => "NOTIFY-RESPONSE",
            Self::Download => "DOWNLOAD",
        }
    }
}

/// One normative statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// A stable id, `BUP-section-number`, or `W32-page-number` for the older reference.
    pub id: &'static str,
    /// The section of [MC-BUP]; `-` for the older reference.
    pub section: &'static str,
    /// How binding it is.
    pub level: Level,
    /// Whose duty it is.
    pub role: Role,
    /// The message that it speaks of.
    pub message: Message,
    /// The demand in our words.
    pub title: &'static str,
    /// The contradictory or open points that bear on it: `D5`, `S6`, `U17`.
    pub points: &'static [&'static str],
}

impl Clause {
    /// Whether the clause comes from the older reference, which binds only in `w32` and the IIS dialects.
    #[must_use]
    pub fn is_w32(&self) -> bool {
        self.id.starts_with("W32-")
    }
}

/// The clause of this id; for constants, so that a wrong id does not compile.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub const fn clause(id: &str) -> &'static Clause {
    let mut at = 0;
    while at < CLAUSES.len() {
        if same(CLAUSES[at].id.as_bytes(), id.as_bytes()) {
            return &CLAUSES[at];
        }
        at += 1;
    }
    panic!("no clause has this id")
}

pub(crate) const fn same(one: &[u8], two: &[u8]) -> bool {
    if one.len() != two.len() {
        return false;
    }
    let mut at = one.len();
    while at > 0 {
        at -= 1;
        // Ids differ at their ends first.
        if one[at] != two[at] {
            return false;
        }
    }
    true
}

/// One array out of several tables; for constants.
///
/// # Panics
///
/// If `N` is not the number of rows in all.
const fn joined<T: Copy, const N: usize>(parts: &[&[T]]) -> [T; N] {
    let mut rows = [parts[0][0]; N];
    let mut filled = 0;
    let mut part = 0;
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            rows[filled] = parts[part][at];
            filled += 1;
            at += 1;
        }
        part += 1;
    }
    assert!(filled == N, "the parts have fewer rows");
    rows
}

/// Which texts count where they contradict each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// [MC-BUP] by its first reading.
    #[default]
    Strict,
    /// [MC-BUP] with every reading that its own text supports.
    McBup,
    /// The older Win32 reference as well.
    W32,
    /// As IIS 6 was seen and is documented to behave.
    Iis6,
    /// As IIS 7 and later are documented to behave.
    Iis7,
}

impl Dialect {
    /// All dialects, strictest first.
    pub const ALL: [Self; 5] = [Self::Strict, Self::McBup, Self::W32, Self::Iis6, Self::Iis7];

    /// The dialect's name in options and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::McBup => "mc-bup",
            Self::W32 => "w32",
            Self::Iis6 => "iis6",
            Self::Iis7 => "iis7",
        }
    }

    /// Whether clauses of the older reference bind.
    #[must_use]
    pub const fn binds_w32(self) -> bool {
        matches!(self, Self::W32 | Self::Iis6 | Self::Iis7)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// No dialect has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no dialect is called `{0}`; there are strict, mc-bup, w32, iis6 and iis7")]
pub struct UnknownDialect(String);

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.as_str() == text)
            .ok_or_else(|| UnknownDialect(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const _: &Clause = clause("BUP-2.2.7.2-07");
    const _: &Point = point("D5");
    const _: &Reading = reading("U16/close");

    #[test]
    fn each_clause_is_found_by_its_id() {
        for wanted in CLAUSES {
            assert_eq!(clause(wanted.id), wanted);
        }
    }

    #[test]
    fn each_point_and_reading_is_found_by_its_id() {
        for wanted in POINTS {
            assert_eq!(point(wanted.id), wanted);
            for sought in wanted.readings {
                assert_eq!(reading(sought.id), sought);
            }
        }
    }

    #[test]
    #[should_panic(expected = "no clause has this id")]
    fn an_unknown_clause_is_an_error() {
        let _ = clause("BUP-2.2.7.2-99");
    }

    #[test]
    fn a_clause_names_only_points_that_exist_and_each_once() {
        for clause in CLAUSES {
            for (at, named) in clause.points.iter().enumerate() {
                assert!(POINTS.iter().any(|point| point.id == *named), "{}: {named}", clause.id);
                assert!(!clause.points[..at].contains(named), "{}: {named}", clause.id);
            }
        }
    }

    #[test]
    fn only_the_older_and_the_iis_dialects_bind_the_older_reference() {
        let binding: Vec<_> = Dialect::ALL.into_iter().filter(|one| one.binds_w32()).collect();
        assert_eq!(binding, [Dialect::W32, Dialect::Iis6, Dialect::Iis7]);
    }

    #[test]
    fn a_dialect_is_read_from_its_name() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.as_str().parse(), Ok(dialect));
        }
        assert_eq!("IIS".parse::<Dialect>(), Err(UnknownDialect("IIS".to_owned())));
    }
}

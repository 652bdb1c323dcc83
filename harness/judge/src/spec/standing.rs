//! How the clauses stand to each other and to the checks: which say the same, which are coloured by another's breach,
//! and which no check judges, each with its reason.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{Clause, Role};

/// Why no check judges a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It asks something of the client.
    ClientOnly,
    /// It asks something of the server application, which the harness plays itself.
    ApplicationOnly,
    /// It waits for something else that the harness does not do yet; what.
    WaitsFor(&'static str),
    /// It cannot be seen from outside; why.
    NotObservable(&'static str),
    /// It permits, so that nothing can break it; what it permits.
    Permits(&'static str),
}

impl Reason {
    /// The reason in words.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::ClientOnly => "client only: asks nothing that a server could break".into(),
            Self::ApplicationOnly => {
                "application only: asks nothing that a server could break; the harness plays it"
                    .into()
            }
            Self::WaitsFor(what) => format!("waits for {what}"),
            Self::NotObservable(why) => format!("not observable: {why}"),
            Self::Permits(what) => format!("permits, so nothing breaks it: {what}"),
        }
    }
}

/// Why no check judges `clause`, if none does: by its own line in [`UNCHECKED`], or by its role.
#[must_use]
pub fn reason(clause: &Clause) -> Option<Reason> {
    row(clause).reason.or(match clause.role {
        Role::Client => Some(Reason::ClientOnly),
        Role::Application => Some(Reason::ApplicationOnly),
        Role::Backend | Role::Server | Role::Both => None,
    })
}

/// The clauses that say what these say, so that one fault turns one clause red.
#[must_use]
pub fn restated(clause: &Clause) -> &'static [&'static str] {
    row(clause).restated
}

/// The clauses whose breach alone can make this one look broken.
#[must_use]
pub fn causes(clause: &Clause) -> &'static [&'static str] {
    row(clause).causes
}

/// What the tables say of one clause.
#[derive(Clone, Copy, Default)]
struct Row {
    reason: Option<Reason>,
    restated: &'static [&'static str],
    causes: &'static [&'static str],
}

fn row(clause: &Clause) -> Row {
    // Results ask for every clause, and the tables are long.
    static ROWS: LazyLock<BTreeMap<&str, Row>> = LazyLock::new(|| {
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        for (id, reason) in UNCHECKED {
            rows.entry(id).or_default().reason = Some(*reason);
        }
        for (id, others) in RESTATES {
            rows.entry(id).or_default().restated = others;
        }
        for (id, others) in CAUSES {
            rows.entry(id).or_default().causes = others;
        }
        rows
    });
    ROWS.get(clause.id).copied().unwrap_or_default()
}

/// Clauses of the server that no check judges, and why. Clauses of the client and of the server application have the
/// reason of their role.
pub const UNCHECKED: &[(&str, Reason)] = &[
    ("BUP-2.2.1.2-07", Reason::Permits("a session id in error answers, or none")),
    ("BUP-2.2.1.2-10", Reason::Permits("leaving the error value out; shown as reading S6")),
    (
        "BUP-2.2.2.2-05",
        Reason::Permits("reading as many protocols of the list as the server likes"),
    ),
    ("BUP-2.2.6-02", Reason::Permits("a limit on the length of a fragment")),
    ("BUP-2.3-01", Reason::Permits("HTTP/1.0 or 1.1 for downloads")),
    (
        "BUP-3.2.1.1-08",
        Reason::NotObservable(
            "needs the administration of the server, to set a notification type without a URL",
        ),
    ),
    ("BUP-3.2.1.4-01", Reason::NotObservable("what a product notes to itself")),
    (
        "BUP-3.2.6.1-02",
        Reason::Permits("losing a reply to a short session timeout before it was fetched"),
    ),
    ("BUP-3.3.2-01", Reason::Permits("any positive limits; those of products are five minutes")),
    (
        "BUP-3.3.5.3.2-04",
        Reason::Permits("several statuses for a bad answer; shown as reading S21"),
    ),
    ("BUP-3.2.2.1-02", Reason::Permits("a session timeout for each directory")),
    ("BUP-3.2.2.1-03", Reason::NotObservable("the default of 14 days outlasts any run")),
    (
        "BUP-3.2.4.2-01",
        Reason::NotObservable(
            "needs the administration of the server, to disable uploads while a session is open",
        ),
    ),
    (
        "BUP-3.2.4.2-02",
        Reason::NotObservable("needs the administration of the server, to disable uploads"),
    ),
    ("BUP-3.2.5.1.3-02", Reason::NotObservable("what server and back-end client hand each other")),
    ("BUP-3.2.7-01", Reason::Permits("dropping sessions when resources are scarce")),
    (
        "BUP-3.2.7-02",
        Reason::NotObservable(
            "a server drops sessions for reasons and at times of its own, which no client learns",
        ),
    ),
    ("BUP-3.2.7-03", Reason::NotObservable("the absence of a product's setting")),
    ("W32-upload-limits-01", Reason::Permits("a limit on the body of one request")),
    ("W32-http-requirements-05", Reason::Permits("HTTP/1.0 for downloads")),
];

/// Clauses that say again, in other words or for the whole, what others say that a check judges.
pub const RESTATES: &[(&str, &[&str])] = &[
    ("BUP-2.2-01", &["BUP-2.2-03"]),
    ("BUP-2.2.1.2-06", &["BUP-2.2.3.2-03", "BUP-2.2.7.2-02", "BUP-2.2.9.2-02", "BUP-2.2.11.2-02"]),
    (
        "BUP-2.2.1.2-09",
        &[
            "BUP-2.2.3.2-14",
            "BUP-2.2.5.2-03",
            "BUP-2.2.7.2-04",
            "BUP-2.2.9.2-04",
            "BUP-2.2.11.2-04",
        ],
    ),
    (
        "BUP-2.2.1.2-14",
        &[
            "BUP-2.2.3.2-13",
            "BUP-2.2.3.2-16",
            "BUP-2.2.5.2-02",
            "BUP-2.2.5.2-05",
            "BUP-2.2.7.2-03",
            "BUP-2.2.7.2-06",
            "BUP-2.2.9.2-03",
            "BUP-2.2.9.2-06",
            "BUP-2.2.11.2-03",
            "BUP-2.2.11.2-06",
        ],
    ),
    ("BUP-2.2.6.3-01", &["BUP-3.2.5.2.7-01"]),
    ("BUP-2.2.8-02", &["BUP-3.2.5.1.5-03"]),
    ("BUP-2.2.9-01", &["BUP-3.2.5.2.7-01", "BUP-3.2.5.1.5-03"]),
    ("BUP-2.2.11-01", &["BUP-3.2.5.2.8-01"]),
    ("BUP-3.2.1.1-04", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.2.1.1-05", &["BUP-2.2.7.2-09"]),
    ("BUP-3.2.3-01", &["BUP-3.2.5.2.5-01"]),
    ("BUP-3.2.4.1-01", &["BUP-3.2.5.2.4-01"]),
    ("BUP-3.2.4.2-03", &["BUP-2.2.1.2-19"]),
    ("BUP-3.2.5.1.2-02", &["BUP-3.2.5.2.8-01", "BUP-3.2.5.2.8-03"]),
    ("BUP-3.2.5.1.2-03", &["BUP-2.2.7-01", "BUP-3.2.5.2.6-01"]),
    ("BUP-3.2.5.1.5-01", &["BUP-3.2.5.1.4-01", "BUP-3.2.5.2.3-02"]),
    ("BUP-3.2.5.1.5-02", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.2.5.1.6-01", &["BUP-2.2.1.2-15", "BUP-3.2.5.2.8-01"]),
    (
        "BUP-3.2.5.2.3-01",
        &["BUP-2.2.3.2-12", "BUP-2.2.7.2-01", "BUP-2.2.9.2-01", "BUP-2.2.11.2-01"],
    ),
    ("BUP-3.2.5.2.3-04", &["BUP-2.2.1.2-18"]),
    ("BUP-3.2.5.2.3-07", &["BUP-3.2.5.2.3-06"]),
    ("BUP-3.2.5.2.3-09", &["BUP-2.2.1.2-15", "BUP-2.2.1.2-16"]),
    ("BUP-3.2.5.2.4-02", &["BUP-2.2.1.2-24"]),
    ("BUP-3.2.5.2.4-03", &["BUP-2.2.1.2-03", "BUP-2.2.1.2-04"]),
    ("BUP-3.2.5.2.4-04", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.2.5.2.4-07", &["BUP-2.2.3.2-05", "BUP-2.2.3.2-07"]),
    ("BUP-3.2.5.2.6-03", &["BUP-2.2.1.2-21", "BUP-2.2.6.1-05"]),
    ("BUP-3.2.5.2.6-04", &["BUP-2.2.1.2-21", "BUP-2.2.6.1-06"]),
    ("BUP-3.2.5.2.6-05", &["BUP-2.2.7-01", "BUP-2.2.7.2-01"]),
    ("BUP-3.2.5.2.7-02", &["BUP-3.2.5.1.5-03"]),
    ("BUP-3.1.5.2.4-05", &["BUP-2.2.7.2-10"]),
    ("BUP-3.2-01", &["BUP-2.2.12-01"]),
    ("BUP-3.2.1.1-02", &["BUP-2.2.12-01", "BUP-3.2.1.1-03"]),
    ("BUP-3.2.1.1-07", &["BUP-2.2.12.3-01"]),
    ("BUP-3.2.5.1.3-01", &["BUP-2.2.12.2-02", "BUP-2.2.12.3-01", "BUP-3.2.1.1-06"]),
    ("BUP-3.2.5.1.3-06", &["BUP-2.2.1.2-13"]),
    ("BUP-3.2.5.1.3-07", &["BUP-3.3.5.2.4-01", "W32-notification-protocol-01"]),
    ("BUP-3.2.5.2.6-06", &["BUP-2.2.1.2-13"]),
    ("BUP-3.3.1.1-01", &["BUP-2.2.12-01"]),
    ("BUP-3.3.1.1-02", &["BUP-2.2.12.2-02"]),
    ("BUP-3.3.5.1-01", &["BUP-3.3.6.1-01", "BUP-2.2.12.3-01"]),
    ("BUP-3.3.5.1-02", &["BUP-3.3.6.2-01"]),
    ("BUP-3.3.5.1-03", &["BUP-3.3.6.3-01"]),
    ("BUP-3.3.5.2.1-01", &["BUP-3.2.1.1-03", "BUP-3.2.5.2.7-01"]),
    ("BUP-3.3.5.2.2-01", &["BUP-2.2.12.2-03", "BUP-2.2.12.2-05", "BUP-2.2.12.3-02"]),
    ("BUP-3.3.5.2.2-02", &["BUP-2.2.12.1-01", "BUP-2.2.12.2-01", "BUP-2.2.12.2-04"]),
    ("BUP-3.3.5.2.2-03", &["BUP-3.2.5.1.3-04"]),
    ("BUP-3.3.5.2.3-01", &["BUP-2.2.12.3-01"]),
    ("BUP-3.3.5.2.7-01", &["BUP-3.2.5.1.3-05"]),
    ("BUP-3.3.5.3.1-02", &["BUP-2.2.7.3-01"]),
    ("W32-close-session-02", &["BUP-3.2.5.2.7-04"]),
    ("W32-bits-upload-protocol-01", &["BUP-2.2.1.2-27"]),
    ("W32-ack-for-create-session-01", &["BUP-3.2.5.2.4-01"]),
    ("W32-ack-for-create-session-03", &["BUP-2.2.1.2-17"]),
    ("W32-ack-for-create-session-05", &["BUP-2.2.3.2-14", "BUP-2.2.7.2-04"]),
    ("W32-ack-for-create-session-06", &["BUP-2.2.3.2-06", "BUP-2.2.3.2-08"]),
    ("W32-fragment-01", &["BUP-3.2.5.2.6-01", "BUP-3.2.5.2.7-01"]),
    ("W32-fragment-02", &["BUP-3.2.5.2.6-01", "BUP-3.2.5.2.6-02"]),
    ("W32-ack-for-fragment-01", &["BUP-2.2.7.2-07"]),
    (
        "W32-ack-for-fragment-02",
        &[
            "BUP-2.2.3.1-02",
            "BUP-2.2.5.1-01",
            "BUP-2.2.7.1-01",
            "BUP-2.2.9.1-01",
            "BUP-2.2.11.1-01",
        ],
    ),
    ("W32-close-session-01", &["BUP-3.2.5.1.2-01"]),
    ("W32-http-requirements-01", &["BUP-3.5.5-02", "BUP-3.5.5-05"]),
    ("W32-http-requirements-02", &["BUP-3.5.5-03"]),
    ("W32-file-transfer-consistency-01", &["BUP-3.5.5.1-03"]),
];

/// Clauses whose breach makes every other verdict doubtful: whatever else looks broken follows from them.
pub const ROOTS: &[&str] = &["BUP-2.2.1.2-04"];

/// Judged clauses that a breach of another makes look broken as well: the other is named as the first cause.
pub const CAUSES: &[(&str, &[&str])] = &[
    ("BUP-2.2-03", SUCCESS),
    ("BUP-2.2.1-03", SUCCESS),
    ("BUP-2.2.1.1-03", &["BUP-3.2.5.2.7-01"]),
    ("BUP-2.2.1.2-01", SUCCESS),
    ("BUP-2.2.1.2-02", &["BUP-2.2.1.2-27"]),
    ("BUP-2.2.1.2-08", &["BUP-2.2.1.2-15", "BUP-3.2.5.1.1-01"]),
    ("BUP-2.2.1.2-29", &["BUP-3.2.5.2.2-03"]),
    ("BUP-2.2.3.1-02", &["BUP-2.2.3.3-01"]),
    ("BUP-2.2.3.2-12", &["BUP-2.2.1-07"]),
    ("BUP-2.2.5.1-01", &["BUP-2.2.1-05", "BUP-2.2.5.3-01", "BUP-3.2.5.2.5-01"]),
    ("BUP-2.2.5.2-01", &["BUP-2.2.1-07"]),
    ("BUP-2.2.6.1-06", &["BUP-2.2.1.2-21"]),
    ("BUP-2.2.7.2-11", &["BUP-2.2.7.2-09", "BUP-3.2.5.1.2-06"]),
    ("BUP-2.2.12.1-01", &["BUP-3.2.5.2.7-01"]),
    ("BUP-2.2.12.3-01", &["BUP-3.2.1.3.1-01", "BUP-3.2.5.2.2-03", "BUP-3.2.5.2.7-01"]),
    ("BUP-2.2.13.2-02", &["BUP-3.2.5.2.7-01"]),
    ("BUP-2.2.7.1-01", &["BUP-2.2.7.3-01"]),
    ("BUP-2.2.7.2-01", &["BUP-2.2.1-07"]),
    ("BUP-2.2.7.2-02", &["BUP-2.2.1.2-15"]),
    ("BUP-2.2.7.2-03", &["BUP-3.2.5.2.6-01"]),
    ("BUP-2.2.9.1-01", &["BUP-2.2.9.3-01"]),
    ("BUP-2.2.9.2-01", &["BUP-2.2.1-07"]),
    ("BUP-2.2.9.2-02", &["BUP-2.2.1.2-15"]),
    ("BUP-2.2.11.1-01", &["BUP-2.2.11.3-01"]),
    ("BUP-2.2.11.2-01", &["BUP-2.2.1-07"]),
    ("BUP-2.2.11.2-02", &["BUP-2.2.1.2-15"]),
    ("BUP-2.2.11.2-03", &["BUP-3.2.5.2.8-03"]),
    ("BUP-2.2.2.2-04", &["BUP-2.2.1.2-24"]),
    ("BUP-3.2.1.1-09", &["BUP-2.2.3.2-06"]),
    ("BUP-3.2.1.3.1-01", ALONE),
    (
        "BUP-3.2.1.1-10",
        &["BUP-3.2.1.3.1-01", "BUP-3.2.5.2.7-01", "BUP-3.2.5.2.8-01", "BUP-3.5.4.1-01"],
    ),
    (
        "BUP-3.2.5.1.1-01",
        &[
            "BUP-2.2.1.2-24",
            "BUP-2.2.2.2-04",
            "BUP-3.2.5.2.3-05",
            "BUP-3.2.5.2.3-02",
            "BUP-2.2.1.2-23",
        ],
    ),
    ("BUP-3.2.5.1.2-07", &["BUP-3.2.5.2.6-02"]),
    ("BUP-3.2.5.1.3-08", &["BUP-3.2.5.2.6-02"]),
    ("BUP-3.2.5.1.4-01", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.2.5.1.5-03", DEAD),
    ("BUP-3.2.5.2.1-02", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.2.5.2.2-02", &["BUP-3.2.5.2.5-01"]),
    ("BUP-3.2.5.2.2-03", &["BUP-2.2.7.2-07"]),
    ("BUP-3.2.5.2.3-03", &["BUP-2.2.1.2-18"]),
    ("BUP-3.2.5.2.3-06", &["BUP-3.2.5.2.3-05"]),
    ("BUP-3.2.5.2.3-08", &["BUP-2.2.1.2-15"]),
    ("BUP-3.2.5.2.3-10", &["BUP-2.2.1.2-15"]),
    ("BUP-3.2.5.2.4-01", &["BUP-2.2.13.2-02", "BUP-3.2.5.2.7-01", "BUP-3.2.5.2.8-01"]),
    ("BUP-3.2.5.2.4-06", &["BUP-2.2.3.2-05"]),
    ("BUP-3.2.5.2.7-01", &["BUP-3.2.5.2.6-01", "BUP-3.2.5.2.6-02"]),
    ("BUP-3.2.1.1-06", &["BUP-3.2.1.3.1-01", "BUP-3.2.5.2.2-03", "BUP-3.2.5.2.7-01"]),
    ("BUP-3.2.5.1.2-01", &["BUP-3.2.5.1.3-03", "BUP-3.2.5.2.2-03"]),
    ("BUP-3.2.5.1.2-04", &["BUP-3.2.5.1.2-06"]),
    ("BUP-3.2.5.1.2-05", &["BUP-3.2.5.1.3-03"]),
    ("BUP-3.2.5.2.2-01", &["BUP-3.2.5.1.3-03", "BUP-3.2.2.1-01"]),
    (
        "BUP-3.2.5.2.6-01",
        &["BUP-2.2.1.2-15", "BUP-3.2.2.1-01", "BUP-3.2.5.1.5-03", "BUP-3.2.5.2.2-03"],
    ),
    ("BUP-3.2.5.2.6-02", &["BUP-3.2.5.2.2-03"]),
    ("BUP-3.2.5.1.1-02", &["BUP-3.2.5.2.6-02"]),
    ("BUP-3.5.4.1-02", &["BUP-3.5.5-01"]),
    ("BUP-3.2.5.2.8-03", &["BUP-3.2.5.1.3-03"]),
    ("BUP-3.2.5.2.7-04", &["BUP-3.2.5.1.5-03"]),
    ("BUP-3.3.5.2.3-02", &["BUP-3.2.5.1.3-04"]),
    ("BUP-3.3.6.1-01", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.3.5.2.4-01", &["BUP-2.2.7.2-09"]),
    ("BUP-3.3.5.2.6-02", &["BUP-2.2.7.2-09", "BUP-3.2.5.2.8-03"]),
    ("BUP-3.3.5.2.6-03", &["BUP-2.2.7.2-09"]),
    ("W32-notification-protocol-01", &["BUP-2.2.7.2-09", "BUP-3.3.5.2.4-01", "BUP-3.3.5.2.4-02"]),
    ("BUP-3.2.5.2.8-02", &["BUP-3.2.5.2.8-01"]),
    ("W32-http-requirements-06", &["BUP-3.3.5.2.6-02", "BUP-3.5.5-03"]),
    ("BUP-3.2.6.1-01", &["BUP-2.2.1.2-15", "BUP-2.2.1.2-16", "BUP-3.2.5.2.7-01"]),
    ("BUP-3.3.3-01", &["BUP-3.2.5.2.7-01", "BUP-2.2.13.2-02"]),
    ("BUP-3.3.5.2.4-02", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.2.5.2.8-01", &["BUP-2.2.1.2-15", "BUP-2.2.1.2-16", "BUP-3.2.5.2.7-01"]),
    ("BUP-3.5.4.1-01", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.5.5-03", &["BUP-3.2.5.2.7-01"]),
    ("BUP-3.5.5-05", &["BUP-3.2.5.2.7-01", "BUP-3.2.5.2.8-01"]),
    ("BUP-3.5.5-04", &["BUP-3.2.5.2.7-01", "BUP-3.5.5-03"]),
    ("BUP-3.5.5.1-01", &["BUP-3.2.5.2.7-01", "BUP-3.5.5-03"]),
    ("BUP-3.5.5.2-01", &["BUP-3.5.5-05"]),
    (
        "W32-ack-for-close-session-01",
        &[
            "BUP-2.2.1.2-11",
            "BUP-2.2.1.2-15",
            "BUP-2.2.1.2-16",
            "BUP-2.2.9.2-03",
            "BUP-2.2.11.2-03",
            "BUP-3.2.5.1.5-03",
            "BUP-3.2.5.2.8-01",
        ],
    ),
    ("W32-cancel-session-01", &["BUP-3.2.5.2.7-01"]),
    ("W32-cancel-session-02", &["BUP-3.2.5.2.7-01"]),
];

/// What has to work before it can be told whether something harmless disturbs it.
const SUCCESS: &[&str] = &[
    "BUP-3.2.5.1.1-02",
    "BUP-3.2.5.1.3-08",
    "BUP-3.2.5.1.4-01",
    "BUP-3.2.5.2.4-01",
    "BUP-3.2.5.2.5-01",
    "BUP-3.2.5.2.7-01",
    "BUP-3.2.5.2.8-03",
];

/// What makes a session that is gone look as if it were not.
const DEAD: &[&str] = &["BUP-2.2.1.2-15", "BUP-2.2.1.2-16"];

/// What has to work for a session that is alone before it can be told whether another one disturbs it.
const ALONE: &[&str] = &[
    "BUP-2.2.1.2-15",
    "BUP-2.2.7.2-07",
    "BUP-3.2.5.1.1-02",
    "BUP-3.2.5.1.2-07",
    "BUP-3.2.5.1.3-08",
    "BUP-3.2.5.1.5-03",
    "BUP-3.2.5.2.2-03",
    "BUP-3.2.5.2.7-01",
    "BUP-3.2.5.2.8-01",
];

//! Made-up results for tests: one of everything, nothing but good news, and nothing at all.

use std::time::Duration;

use super::{
    CheckResult, ClauseResult, Fate, FindingResult, ReadingResult, Results, ScenarioResult, Totals,
};
use crate::{
    checks::{Cause, Outcome, Sum},
    spec::{Clause, Dialect, Level, Message, Role},
};

const fn clause(
    id: &'static str,
    section: &'static str,
    level: Level,
    message: Message,
    title: &'static str,
) -> Clause {
    Clause { id, section, level, role: Role::Server, message, title, points: &[] }
}

pub(super) static PING: Clause =
    clause("BUP-1.1-01", "1.1", Level::Must, Message::Ping, "a ping is answered");
static PING_SESSION: Clause = clause(
    "BUP-1.1-02",
    "1.1",
    Level::MustNot,
    Message::AckPing,
    "the answer to a ping opens no session",
);
static CREATE: Clause = clause(
    "BUP-1.2-01",
    "1.2",
    Level::Should,
    Message::AckCreateSession,
    "the id of a session is a GUID in braces, and no id is ever given to two sessions at the same time",
);
static CREATE_PROTOCOL: Clause = clause(
    "BUP-1.2-02",
    "1.2",
    Level::MustImplied,
    Message::CreateSession,
    "the first protocol that both sides know is chosen",
);
static FRAGMENT: Clause = clause(
    "BUP-1.3-01",
    "1.3",
    Level::Must,
    Message::AckFragment,
    "the answer to a fragment names the next byte that the server wants",
);
static FRAGMENT_AGAIN: Clause = clause(
    "BUP-1.3-02",
    "1.3",
    Level::Must,
    Message::AckFragment,
    "bytes that came before are passed over",
);
static FRAGMENT_LONG: Clause = clause(
    "BUP-1.3-03",
    "1.3",
    Level::May,
    Message::Fragment,
    "a fragment past the end of the file is refused",
);
static NOTIFY: Clause = clause(
    "BUP-1.4-01",
    "1.4",
    Level::Must,
    Message::NotifyRequest,
    "the application hears of a complete upload",
);
static CLOSE: Clause = clause(
    "BUP-1.5-01",
    "1.5",
    Level::Must,
    Message::CloseSession,
    "a closed session is unknown afterwards",
);

fn result(clause: &'static Clause, outcome: Outcome, exercised: usize) -> ClauseResult {
    ClauseResult { clause, outcome, exercised, reason: None }
}

fn because(clause: &'static Clause, outcome: Outcome, reason: &str) -> ClauseResult {
    ClauseResult { reason: Some(reason.into()), ..result(clause, outcome, 0) }
}

fn scenario(name: &str, title: &str, fate: Fate, exchanges: usize) -> ScenarioResult {
    let took = Duration::from_millis(exchanges as u64 * 7);
    ScenarioResult {
        name: name.into(),
        title: title.into(),
        fate,
        exchanges,
        uploads: 0,
        took,
        skipped_steps: vec![],
    }
}

fn finding(
    clause: Option<&'static Clause>,
    check: &'static str,
    outcome: Outcome,
    scenario: &str,
) -> FindingResult {
    FindingResult {
        check,
        clause,
        outcome,
        reading: None,
        situation: None,
        scenario: scenario.into(),
        line: 9,
        exchange: 3,
        expected: "something".into(),
        actual: "something else".into(),
        more: 0,
        proof: vec![],
        replay: format!("bitscheck run {scenario} http://127.0.0.1:8080/upload/"),
    }
}

/// One of everything that can come out of a run, with bytes that a hostile server would send.
pub(super) fn everything() -> Results {
    Results {
        version: "0.1.0".into(),
        target: "http://127.0.0.1:8080/upload/".into(),
        server: Some("Odd/1.0 \u{1b}[31m<&\"'>\u{9b}".into()),
        dialect: Dialect::Strict,
        transport: "raw".into(),
        seed: 0x5eed_0001,
        clauses: vec![
            result(&PING, Outcome::Kept, 12),
            result(&PING_SESSION, Outcome::Kept, 12),
            result(&CREATE, Outcome::Warning, 4),
            result(&CREATE_PROTOCOL, Outcome::Deviation, 4),
            result(&FRAGMENT, Outcome::Broken, 30),
            because(&FRAGMENT_AGAIN, Outcome::Consequence, "BUP-1.3-01"),
            result(&FRAGMENT_LONG, Outcome::Note, 1),
            because(&NOTIFY, Outcome::Unchecked, "shows only at the application"),
            result(&CLOSE, Outcome::NotExercised, 0),
        ],
        totals: totals(&scenarios()),
        scenarios: scenarios(),
        requests: None,
        findings: findings(),
        checks: vec![CheckResult {
            check: "ping/answered",
            sum: Sum { kept: 12, broken: 0, followed: [("D5/tail", 3)].into() },
        }],
        causes: vec![Cause {
            kind: "body-limit".into(),
            seen: "nginx answers 413 to a packet with 2000 bytes of body".into(),
            advice: "Raise its limit.".into(),
        }],
        readings: vec![
            ReadingResult {
                point: "D5",
                reading: "D5/tail",
                title: "takes the new bytes of a fragment that begins with old ones",
                outcome: Outcome::Kept,
                seen: 3,
            },
            ReadingResult {
                point: "D7",
                reading: "D7/last",
                title: "chooses the last protocol that both sides know",
                outcome: Outcome::Deviation,
                seen: 4,
            },
        ],
        interrupted: true,
        took: Duration::from_millis(12_345),
        exit_code: 1,
    }
}

fn scenarios() -> Vec<ScenarioResult> {
    let mut upload = scenario("fragment/in-order", "a file in three fragments", Fate::Completed, 5);
    upload.skipped_steps =
        vec![(21, "`session` has no value".into()), (0, "`url` has no value".into())];
    vec![
        upload,
        scenario("fragment/repeated", "a fragment that comes twice", Fate::Completed, 6),
        scenario(
            "notify/reply",
            "an application that replies",
            Fate::Skipped("the target has no directory with the role `notify`".into()),
            0,
        ),
        scenario("ping/alone", "a ping and nothing else", Fate::Completed, 1),
        scenario("session/many", "sixty-four sessions at once", Fate::NotStarted, 0),
        scenario(
            "session/slow",
            "a session with long pauses",
            Fate::Unfinished("no connection: refused \u{0}\u{b}]]>".into()),
            2,
        ),
    ]
}

fn totals(scenarios: &[ScenarioResult]) -> Totals {
    let mut totals = Totals::default();
    scenarios.iter().for_each(|one| totals.see(one));
    totals
}

fn findings() -> Vec<FindingResult> {
    let broken = FindingResult {
        line: 14,
        exchange: 4,
        expected: "BITS-Received-Content-Range: 4096 or more".into(),
        actual: "BITS-Received-Content-Range: \u{1b}]0;owned\u{7}\u{9b}2J<&\">]]>\r\n0".into(),
        more: 2,
        proof: vec![
            "> BITS_POST /upload/a.bin HTTP/1.1".into(),
            "> BITS-Packet-Type: Fragment".into(),
            "> Content-Range: bytes 0-4095/8192".into(),
            "< HTTP/1.1 200 OK".into(),
            "< BITS-Received-Content-Range: \u{0}\u{1b}[2J0\u{fffe}".into(),
            format!("< X-Long: {}", "abcdefghij".repeat(15)),
        ],
        ..finding(Some(&FRAGMENT), "ack-fragment/next-byte", Outcome::Broken, "fragment/in-order")
    };
    let expectation = FindingResult {
        line: 0,
        expected: "status 200".into(),
        actual: "status 500 Internal Server Error".into(),
        ..finding(None, "scenario/expectation", Outcome::Broken, "fragment/repeated")
    };
    let warning = FindingResult {
        more: 1,
        ..finding(Some(&CREATE), "create/guid", Outcome::Warning, "fragment/in-order")
    };
    let deviation = FindingResult {
        expected: "the first protocol that both sides know".into(),
        actual: "D7/last: {00000000-0000-0000-0000-000000000000}".into(),
        ..finding(Some(&CREATE_PROTOCOL), "create/protocol", Outcome::Deviation, "ping/alone")
    };
    let note = FindingResult {
        expected: "416".into(),
        actual: "200 OK".into(),
        ..finding(Some(&FRAGMENT_LONG), "fragment/too-long", Outcome::Note, "fragment/repeated")
    };
    vec![broken, expectation, warning, deviation, note]
}

/// A run in which all is well.
pub(super) fn all_kept() -> Results {
    let alone = scenario("ping/alone", "a ping and nothing else", Fate::Completed, 1);
    Results {
        server: None,
        clauses: vec![result(&PING, Outcome::Kept, 1), result(&PING_SESSION, Outcome::Kept, 1)],
        totals: totals(std::slice::from_ref(&alone)),
        scenarios: vec![alone],
        findings: vec![],
        checks: vec![],
        causes: vec![],
        readings: vec![],
        interrupted: false,
        exit_code: 0,
        ..everything()
    }
}

/// A run for which nothing was selected.
pub(super) fn nothing() -> Results {
    Results { clauses: vec![], scenarios: vec![], totals: totals(&[]), exit_code: 4, ..all_kept() }
}

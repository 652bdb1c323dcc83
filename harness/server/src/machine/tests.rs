//! The machine as a client sees it, with a store that always succeeds unless a test says otherwise.

use bits_wire::UPLOAD_PROTOCOL;

use super::*;
use crate::config::{Cleanup, CleanupUnits, Profile};

const NOW: Duration = Duration::from_secs(1000);

/// A machine with a client in front of it.
pub(super) struct Bench {
    pub(super) machine: Machine,
    runs: CleanupRuns,
    ids: u128,
    pub(super) now: Duration,
}

impl Bench {
    fn new(config: Config) -> Self {
        Self { machine: Machine::new(config, None), runs: CleanupRuns::default(), ids: 0, now: NOW }
    }

    pub(super) fn with(change: impl FnOnce(&mut VirtualDirectory)) -> Self {
        let mut config = Config::single();
        change(&mut config.vdirs[0]);
        Self::new(config)
    }

    pub(super) fn admit(&mut self, target: &str, fields: &[(&str, &str)]) -> Admission {
        self.admit_as(BITS_POST, target, fields)
    }

    fn admit_as(&mut self, method: &str, target: &str, fields: &[(&str, &str)]) -> Admission {
        let headers = fields.iter().copied().collect();
        let head =
            RequestHead { method, target, version: "HTTP/1.1", scheme: "http", headers: &headers };
        self.ids += 1;
        let id = Guid(self.ids);
        self.machine.admit(&head, None, || id, self.now)
    }

    /// Sends a request and lets the store end with `outcome`.
    pub(super) fn send_to(
        &mut self,
        target: &str,
        fields: &[(&str, &str)],
        outcome: Result<(), Trouble>,
    ) -> Reply {
        let admission = self.admit(target, fields);
        self.settle(admission, outcome)
    }

    /// What ends now because its time is over, or because there is one too many.
    fn expire(&mut self) -> Vec<Entity> {
        let look = |look: &mut dyn FnMut(&Machine)| look(&self.machine);
        let surplus = self.runs.surplus(self.machine.config(), look, self.now);
        self.machine.expire(&surplus, self.now)
    }

    fn settle(&mut self, admission: Admission, outcome: Result<(), Trouble>) -> Reply {
        let ticket = match admission {
            Admission::Reply(reply) => return reply,
            Admission::Busy(session) => panic!("{session} is busy"),
            Admission::Create { ticket, .. }
            | Admission::Receive { ticket, .. }
            | Admission::Publish { ticket, .. }
            | Admission::Discard { ticket, .. } => ticket,
        };
        self.machine.commit(ticket, outcome, self.now)
    }

    pub(super) fn send(&mut self, fields: &[(&str, &str)]) -> Reply {
        self.send_to("/file", fields, Ok(()))
    }

    pub(super) fn session(&mut self) -> String {
        let reply = self.send(&create());
        reply.headers.first("BITS-Session-Id").expect("a session").to_owned()
    }

    pub(super) fn fragment(&mut self, session: &str, first: u64, last: u64, total: u64) -> Reply {
        self.fragment_with(session, &format!("bytes {first}-{last}/{total}"), last + 1 - first)
    }

    fn fragment_with(&mut self, session: &str, range: &str, length: u64) -> Reply {
        self.send(&[
            ("BITS-Packet-Type", "Fragment"),
            ("BITS-Session-Id", session),
            ("Content-Range", range),
            ("Content-Length", &length.to_string()),
        ])
    }

    pub(super) fn end(&mut self, packet: &str, session: &str) -> Reply {
        self.send(&end(packet, session))
    }
}

pub(super) fn create() -> [(&'static str, &'static str); 3] {
    [
        ("BITS-Packet-Type", "Create-Session"),
        ("BITS-Supported-Protocols", UPLOAD_PROTOCOL),
        ("Content-Length", "0"),
    ]
}

pub(super) fn end<'a>(packet: &'a str, session: &'a str) -> [(&'static str, &'a str); 3] {
    [("BITS-Packet-Type", packet), ("BITS-Session-Id", session), ("Content-Length", "0")]
}

/// Status, error and context in one line.
pub(super) fn row(reply: &Reply) -> String {
    let error = reply.headers.first("BITS-Error").unwrap_or("-");
    let context = reply.headers.first("BITS-Error-Context").unwrap_or("-");
    format!("{} {error} {context}", reply.status)
}

pub(super) fn offset(reply: &Reply) -> Option<&str> {
    reply.headers.first("BITS-Received-Content-Range")
}

const INVALID: &str = "400 0x80070057 0x5";
const UNKNOWN: &str = "500 0x8020001F 0x5";
const DENIED: &str = "403 0x80070005 0x5";
const STRANGER: &str = "{11111111-2222-4333-8444-555555555555}";

#[test]
fn an_upload_runs_from_create_to_close() {
    let mut bench = Bench::new(Config::single());
    let created = bench.send(&create());
    let session = created.headers.first("BITS-Session-Id").unwrap().to_owned();
    assert_eq!(
        created.headers,
        [
            ("BITS-Packet-Type", "Ack"),
            ("BITS-Protocol", UPLOAD_PROTOCOL),
            ("BITS-Session-Id", &session),
            ("Content-Length", "0"),
            ("Accept-Encoding", "identity"),
        ]
        .into_iter()
        .collect()
    );
    for (first, last) in [(0, 3), (4, 9)] {
        let reply = bench.fragment(&session, first, last, 10);
        assert_eq!(
            reply.headers,
            [
                ("BITS-Packet-Type", "Ack"),
                ("BITS-Session-Id", session.as_str()),
                ("Content-Length", "0"),
                ("BITS-Received-Content-Range", &(last + 1).to_string()),
            ]
            .into_iter()
            .collect()
        );
    }
    let closing = bench.admit("/file", &end("Close-Session", &session));
    assert!(matches!(closing, Admission::Publish { length: 10, .. }), "{closing:?}");
    let closed = bench.settle(closing, Ok(()));
    assert_eq!((row(&closed).as_str(), closed.headers.len()), ("200 - -", 3));
    assert_eq!(bench.machine.sessions(), 0);
}

#[test]
fn each_row_of_the_error_table_has_its_answer() {
    let mut bench = Bench::new(Config::all_roles(Config::APPLICATION));
    let too_long = "x".repeat(4097);
    let fragment = |range: &'static str, length: &'static str| {
        vec![
            ("BITS-Packet-Type", "Fragment"),
            ("BITS-Session-Id", STRANGER),
            ("Content-Range", range),
            ("Content-Length", length),
        ]
    };
    let protocols = |list: &'static str| {
        vec![
            ("BITS-Packet-Type", "Create-Session"),
            ("BITS-Supported-Protocols", list),
            ("Content-Length", "0"),
        ]
    };
    let plus = |extra: (&'static str, &'static str)| [create().to_vec(), vec![extra]].concat();
    let long = [create().to_vec(), vec![("X-Unknown", too_long.as_str())]].concat();
    let length = "411 0x80070057 0x5";
    let disabled = "501 0x80070005 0x5";
    for (row_name, target, fields, answer) in [
        ("E1 fragment", "/plain/a", fragment("bytes 0-9/10", "10"), UNKNOWN),
        ("E1 close", "/plain/a", end("Close-Session", STRANGER).to_vec(), UNKNOWN),
        ("E1 cancel", "/plain/a", end("Cancel-Session", STRANGER).to_vec(), UNKNOWN),
        ("E1 no braces", "/plain/a", end("Cancel-Session", "abc").to_vec(), UNKNOWN),
        ("E3 create", "/protected/a", create().to_vec(), DENIED),
        ("E3 fragment", "/protected/a", fragment("bytes 0-9/10", "10"), DENIED),
        ("E4 create", "/disabled/a", create().to_vec(), disabled),
        ("E4 ping", "/disabled/a", vec![("BITS-Packet-Type", "Ping")], disabled),
        ("E4 no directory", "/nowhere/a", create().to_vec(), disabled),
        ("E6 unit", "/plain/a", fragment("0-9/10", "10"), INVALID),
        ("E6 several", "/plain/a", fragment("bytes 0-3,5-9/10", "10"), INVALID),
        ("E6 star", "/plain/a", fragment("bytes 0-9/*", "10"), INVALID),
        ("E6 2^64", "/plain/a", fragment("bytes 0-9/18446744073709551616", "10"), INVALID),
        ("E6 too short", "/plain/a", fragment("bytes 0-9/10", "9"), INVALID),
        ("E6 too long", "/plain/a", fragment("bytes 0-9/10", "11"), INVALID),
        ("E6 empty", "/plain/a", fragment("bytes 0-9/10", "0"), INVALID),
        ("E8", "/plain/a", long, INVALID),
        ("E9 foreign", "/plain/a", protocols(STRANGER), INVALID),
        ("E9 empty", "/plain/a", protocols(""), INVALID),
        ("E10 root", "/plain/", create().to_vec(), INVALID),
        ("E10 slash", "/plain/a/", create().to_vec(), INVALID),
        ("E11 ping", "/plain/a", vec![("BITS-Packet-Type", "Ping")], length),
        ("E11 create", "/plain/a", create()[..2].to_vec(), length),
        ("E11 chunked", "/plain/a", plus(("Transfer-Encoding", "chunked")), length),
        ("E12 unknown", "/plain/a", end("Pong", STRANGER).to_vec(), INVALID),
        ("E12 ack", "/plain/a", end("Ack", STRANGER).to_vec(), INVALID),
        ("E12 two", "/plain/a", end("Ping, Fragment", STRANGER).to_vec(), INVALID),
        ("E13 no type", "/plain/a", create()[1..].to_vec(), INVALID),
        ("E13 no id", "/plain/a", end("Close-Session", "").to_vec(), INVALID),
        (
            "E13 length",
            "/plain/a",
            vec![("BITS-Packet-Type", "Ping"), ("Content-Length", "+1")],
            INVALID,
        ),
        (
            "E13 body",
            "/plain/a",
            vec![("BITS-Packet-Type", "Ping"), ("Content-Length", "1")],
            INVALID,
        ),
        ("E13 twice", "/plain/a", plus(("bits-packet-type", "Ping")), INVALID),
        ("path", "/plain/../a", create().to_vec(), INVALID),
    ] {
        let reply = bench.send_to(target, &fields, Ok(()));
        assert_eq!(row(&reply), answer, "{row_name}");
        assert_eq!(reply.headers.first("BITS-Packet-Type"), Some("Ack"), "{row_name}");
        assert_eq!(reply.headers.only("Content-Length"), Some("0"), "{row_name}");
        assert!(!reply.headers.has("BITS-Session-Id") && !reply.headers.has("BITS-Protocol"));
    }
    assert_eq!(bench.machine.sessions(), 0);
}

#[test]
fn an_untrue_version_breaks_the_rules() {
    let headers = create().into_iter().collect();
    let head = RequestHead {
        method: BITS_POST,
        target: "/a",
        version: "HTTP/1.0",
        scheme: "http",
        headers: &headers,
    };
    let mut machine = Machine::new(Config::single(), None);
    let Admission::Reply(reply) = machine.admit(&head, None, || Guid(1), NOW) else { panic!() };
    assert_eq!(row(&reply), INVALID);
}

#[test]
fn other_methods_are_not_allowed() {
    let mut bench = Bench::new(Config::single());
    for method in ["POST", "bits_post", "Bits_Post", "PUT", "DELETE"] {
        let Admission::Reply(reply) = bench.admit_as(method, "/a", &create()) else { panic!() };
        assert_eq!(reply.status, 405, "{method}");
        assert_eq!(reply.headers.first("Allow"), Some("BITS_POST, GET, HEAD"));
    }
}

#[test]
fn what_the_store_finds_is_told_at_create() {
    for (trouble, answer) in [
        (Trouble::Exists, DENIED),
        (Trouble::Directory, INVALID),
        (Trouble::Name, INVALID),
        (Trouble::NoParent, "404 0x80070003 0x5"),
        (Trouble::DiskFull, "500 0x80070070 0x5"),
        (Trouble::Store, "500 0x8007045D 0x5"),
    ] {
        let mut bench = Bench::new(Config::single());
        let reply = bench.send_to("/file", &create(), Err(trouble));
        assert_eq!(row(&reply), answer, "{trouble}");
        assert!(!reply.headers.has("BITS-Session-Id") && !reply.headers.has("BITS-Protocol"));
        assert_eq!(bench.machine.sessions(), 0);
    }
}

#[test]
fn a_ping_is_answered_at_any_time_and_with_any_id() {
    let mut bench = Bench::new(Config::all_roles(Config::APPLICATION));
    for (target, id) in [("/plain/", STRANGER), ("/protected/a", "nonsense"), ("/max-size/x", "")] {
        let reply = bench.send_to(target, &end("PING", id), Ok(()));
        assert_eq!((row(&reply).as_str(), reply.headers.len()), ("200 - -", 2), "{target}");
    }
}

#[test]
fn the_known_protocol_is_found_anywhere_among_the_first_hundred() {
    let known = UPLOAD_PROTOCOL.to_uppercase();
    let before = |count: usize, separator: &str| {
        format!("{}{known}", format!("{{x}}{separator}").repeat(count))
    };
    for (list, status) in [
        (known.clone(), 200),
        (before(1, " "), 200),
        (before(2, ","), 200),
        (before(3, " , "), 200),
        (format!("{known},{STRANGER}"), 200),
        (before(99, ","), 200),
        (before(100, ","), 400),
        (UPLOAD_PROTOCOL.trim_matches(['{', '}']).to_owned(), 400),
    ] {
        let mut fields = create();
        fields[1].1 = &list;
        assert_eq!(Bench::new(Config::single()).send(&fields).status, status, "{list}");
    }
}

#[test]
fn a_value_of_4096_bytes_passes() {
    let long = "x".repeat(4096);
    let fields = [create().to_vec(), vec![("X-Unknown", long.as_str())]].concat();
    assert_eq!(Bench::new(Config::single()).send(&fields).status, 200);
}

#[test]
fn a_fragment_out_of_step_learns_the_offset() {
    let mut bench = Bench::new(Config::single());
    let session = bench.session();
    assert_eq!(bench.fragment(&session, 0, 99, 1000).status, 200);
    for (first, last) in [(101, 200), (0, 99), (50, 149), (999, 999)] {
        let reply = bench.fragment(&session, first, last, 1000);
        assert_eq!((row(&reply).as_str(), offset(&reply)), ("416 - -", Some("100")), "{first}");
        assert_eq!(reply.headers.first("BITS-Session-Id"), Some(session.as_str()));
    }
    assert_eq!(bench.fragment(&session, 100, 999, 1000).status, 200);
    let reply = bench.fragment(&session, 100, 999, 1000);
    assert_eq!((reply.status, offset(&reply)), (416, Some("1000")));
}

#[test]
fn a_refused_first_fragment_does_not_fix_the_total() {
    let mut bench = Bench::new(Config::single());
    let session = bench.session();
    let reply = bench.fragment(&session, 5, 9, 10);
    assert_eq!((reply.status, offset(&reply)), (416, Some("0")));
    assert_eq!(bench.fragment(&session, 0, 9, 20).status, 200);
}

#[test]
fn a_changed_total_is_refused_and_the_session_goes_on() {
    let mut bench = Bench::new(Config::single());
    let session = bench.session();
    assert_eq!(bench.fragment(&session, 0, 9, 100).status, 200);
    for total in [50, 200] {
        let reply = bench.fragment(&session, 10, 19, total);
        assert_eq!((row(&reply).as_str(), offset(&reply)), (INVALID, Some("10")));
    }
    assert_eq!(bench.fragment(&session, 10, 99, 100).status, 200);
}

#[test]
fn a_bad_range_in_a_known_session_changes_nothing() {
    let mut bench = Bench::new(Config::single());
    let session = bench.session();
    bench.fragment(&session, 0, 9, 100);
    let reply = bench.fragment_with(&session, "bytes 10-19/*", 10);
    assert_eq!((row(&reply).as_str(), offset(&reply)), (INVALID, Some("10")));
    assert_eq!(bench.fragment(&session, 10, 19, 100).status, 200);
}

#[test]
fn the_older_profiles_take_the_new_tail_of_an_overlap() {
    let mut bench = Bench::with(|vdir| vdir.profile = Profile::W32);
    let session = bench.session();
    bench.fragment(&session, 0, 99, 200);
    let admission = bench.admit(
        "/file",
        &[
            ("BITS-Packet-Type", "Fragment"),
            ("BITS-Session-Id", &session),
            ("Content-Range", "bytes 50-149/200"),
            ("Content-Length", "100"),
        ],
    );
    assert!(matches!(admission, Admission::Receive { skip: 50, offset: 100, length: 100, .. }));
    assert_eq!(offset(&bench.settle(admission, Ok(()))), Some("150"));
    assert_eq!(offset(&bench.fragment(&session, 0, 9, 200)), Some("150"));
    assert_eq!(bench.fragment(&session, 151, 199, 200).status, 416);
}

#[test]
fn profiles_differ_in_the_status_of_some_errors() {
    let no_length = &create()[..2];
    for (profile, length, disabled, exists) in [
        (Profile::McBup, 411, 501, 403),
        (Profile::W32, 411, 501, 409),
        (Profile::Iis6, 400, 501, 403),
        (Profile::Iis7, 400, 404, 403),
    ] {
        let mut bench = Bench::with(|vdir| vdir.profile = profile);
        assert_eq!(bench.send(no_length).status, length, "{profile:?}");
        assert_eq!(bench.send_to("/a", &create(), Err(Trouble::Exists)).status, exists);
        bench = Bench::with(|vdir| {
            vdir.profile = profile;
            vdir.upload_enabled = false;
        });
        assert_eq!(bench.send(&create()).status, disabled, "{profile:?}");
    }
}

#[test]
fn an_entity_over_the_maximum_is_refused_with_its_first_fragment() {
    let mut bench = Bench::with(|vdir| vdir.maximum_upload_size = Some(100));
    let session = bench.session();
    let reply = bench.fragment(&session, 0, 9, 101);
    assert_eq!(row(&reply), "500 0x80200020 0x5");
    assert_eq!(bench.fragment(&session, 0, 99, 100).status, 200);
}

#[test]
fn a_session_belongs_to_its_url() {
    let mut bench = Bench::new(Config::single());
    let session = bench.session();
    let reply = bench.send_to("/other", &end("Close-Session", &session), Ok(()));
    assert_eq!(row(&reply), INVALID);
    assert!(!reply.headers.has("BITS-Session-Id"));
    assert_eq!(bench.end("Close-Session", &session).status, 200);
}

#[test]
fn an_id_is_known_in_any_case() {
    let mut bench = Bench::new(Config::single());
    bench.ids = 0xABCDEF;
    let session = bench.session().to_lowercase();
    assert_eq!(bench.end("Close-Session", &session).status, 200);
}

#[test]
fn closing_early_discards_and_ends_the_session() {
    for fragments in [0, 1] {
        let mut bench = Bench::new(Config::single());
        let session = bench.session();
        if fragments > 0 {
            bench.fragment(&session, 0, 9, 100);
        }
        let closing = bench.admit("/file", &end("Close-Session", &session));
        assert!(matches!(closing, Admission::Discard { .. }), "{closing:?}");
        assert_eq!(bench.settle(closing, Ok(())).status, 200);
        assert_eq!(row(&bench.end("Close-Session", &session)), UNKNOWN);
    }
}

#[test]
fn cancelling_ends_the_session_at_any_time() {
    for last in [None, Some(9), Some(99)] {
        let mut bench = Bench::new(Config::single());
        let session = bench.session();
        if let Some(last) = last {
            bench.fragment(&session, 0, last, 100);
        }
        let reply =
            bench.send_to("/file", &end("Cancel-Session", &session), Err(Trouble::Vanished));
        assert_eq!(row(&reply), "200 - -");
        assert_eq!(reply.headers.first("BITS-Session-Id"), Some(session.as_str()));
        assert_eq!(row(&bench.end("Cancel-Session", &session)), UNKNOWN);
    }
}

#[test]
fn troubles_at_close_have_their_answers() {
    for (trouble, answer, left) in [
        (Trouble::Vanished, "404 0x80070002 0x5", 0),
        (Trouble::Exists, DENIED, 1),
        (Trouble::NoParent, "404 0x80070003 0x5", 1),
        (Trouble::Directory, INVALID, 1),
        (Trouble::DiskFull, "500 0x80070070 0x5", 1),
    ] {
        let mut bench = Bench::new(Config::single());
        let session = bench.session();
        bench.fragment(&session, 0, 9, 10);
        let reply = bench.send_to("/file", &end("Close-Session", &session), Err(trouble));
        assert_eq!(row(&reply), answer, "{trouble}");
        assert_eq!(bench.machine.sessions(), left, "{trouble}");
    }
}

#[test]
fn a_fragment_that_was_not_stored_whole_does_not_count() {
    for (trouble, answer) in [
        (Trouble::Cut, INVALID),
        (Trouble::DiskFull, "500 0x80070070 0x5"),
        (Trouble::Store, "500 0x8007045D 0x5"),
    ] {
        let mut bench = Bench::new(Config::single());
        let session = bench.session();
        let fields = [
            ("BITS-Packet-Type", "Fragment"),
            ("BITS-Session-Id", session.as_str()),
            ("Content-Range", "bytes 0-9/10"),
            ("Content-Length", "10"),
        ];
        let reply = bench.send_to("/file", &fields, Err(trouble));
        assert_eq!((row(&reply).as_str(), offset(&reply)), (answer, Some("0")), "{trouble}");
        assert_eq!(bench.fragment(&session, 0, 4, 5).status, 200);
    }
}

#[test]
fn a_fragment_into_a_vanished_entity_ends_the_session() {
    let mut bench = Bench::new(Config::single());
    let session = bench.session();
    let fields = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", session.as_str()),
        ("Content-Range", "bytes 0-9/10"),
        ("Content-Length", "10"),
    ];
    assert_eq!(row(&bench.send_to("/file", &fields, Err(Trouble::Vanished))), UNKNOWN);
    assert_eq!(bench.machine.sessions(), 0);
}

#[test]
fn a_session_does_one_thing_at_a_time() {
    let mut bench = Bench::new(Config::single());
    let session = bench.session();
    let fields = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", session.as_str()),
        ("Content-Range", "bytes 0-9/10"),
        ("Content-Length", "10"),
    ];
    let first = bench.admit("/file", &fields);
    for other in ["Close-Session", "Cancel-Session"] {
        let admission = bench.admit("/file", &end(other, &session));
        assert!(matches!(admission, Admission::Busy(_)), "{other}");
    }
    assert!(matches!(bench.admit("/file", &fields), Admission::Busy(_)));
    bench.now += Duration::from_secs(u64::from(u32::MAX));
    assert_eq!(bench.expire(), []);
    assert_eq!(bench.settle(first, Ok(())).status, 200);
    assert_eq!(bench.end("Close-Session", &session).status, 200);
}

#[test]
fn a_session_ends_after_its_time_without_a_successful_message() {
    let second = Duration::from_secs(1);
    let mut bench = Bench::with(|vdir| vdir.session_timeout = 10);
    let session = bench.session();
    bench.now += second * 9;
    assert_eq!(bench.fragment(&session, 0, 9, 100).status, 200);
    bench.now += second * 9;
    assert_eq!(bench.fragment(&session, 0, 9, 100).status, 416);
    assert_eq!(bench.expire(), []);
    bench.now += second;
    assert_eq!(row(&bench.fragment(&session, 10, 19, 100)), UNKNOWN);
    let dead = bench.expire();
    assert_eq!(dead.iter().map(|entity| entity.session.to_string()).collect::<Vec<_>>(), [session]);
    assert_eq!(bench.machine.sessions(), 0);
}

#[test]
fn only_what_has_no_row_of_its_own_carries_no_error_value() {
    for refusal in Refusal::ALL {
        let bare = matches!(refusal, Refusal::Method | Refusal::Offset | Refusal::Filtered);
        assert_eq!(refusal.hresult().is_none(), bare, "{refusal:?}");
        assert!((400..=501).contains(&refusal.status(Profile::McBup)));
    }
}

#[test]
fn the_cleanup_run_ends_the_most_recent_sessions_beyond_the_limit() {
    let mut bench = Bench::with(|vdir| {
        vdir.session_limit_enable = Some(true);
        vdir.sessions_limit = 2;
        vdir.cleanup = Cleanup { use_default: false, count: 5, units: CleanupUnits::Minutes };
    });
    let create_next = |bench: &mut Bench| {
        bench.now += Duration::from_secs(1);
        bench.session()
    };
    let sessions: Vec<String> = (0..4).map(|_| create_next(&mut bench)).collect();
    for (now, ended) in [(299, 0), (1300, 2)] {
        bench.now = Duration::from_secs(now);
        assert_eq!(bench.expire().len(), ended, "{now}");
    }
    for (session, status) in sessions.iter().zip([200, 200, 500, 500]) {
        assert_eq!(bench.end("Cancel-Session", session).status, status);
    }
}

#[test]
fn a_body_that_is_too_long_for_what_lies_below_gets_a_bare_404() {
    let mut bench = Bench::with(|vdir| vdir.max_allowed_content_length = Some(9));
    let session = bench.session();
    let reply = bench.fragment(&session, 0, 9, 10);
    assert_eq!((reply.status, reply.headers.len()), (404, 1));
    assert_eq!(bench.fragment(&session, 0, 8, 10).status, 200);
}

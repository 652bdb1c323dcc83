//! Every fault shows in a fixed run of exchanges, and nowhere is a fault that nobody can see.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bits_wire::{Guid, UPLOAD_PROTOCOL};

use super::*;
use crate::{
    config::Config,
    machine::{Entity, Heard, NotifyTrouble, Reply, RequestHead, Settled, Stage},
    service::{Caller, Service, Step},
    store::{Memory, Store},
};

const STRANGER: &str = "{11111111-2222-4333-8444-555555555555}";

/// A server, everything that it has answered, and every call of the server application.
struct Run {
    service: Service,
    store: Memory,
    now: Duration,
    replies: Vec<Reply>,
    calls: Vec<String>,
    /// What the application answers next.
    outcome: Result<Heard, NotifyTrouble>,
    /// Whether the next request meets another.
    met: Option<Side>,
}

impl Run {
    fn new(fault: Option<Fault>) -> Self {
        let store = Memory::with_capacity(100);
        let next = AtomicU64::new(1);
        // With letters, so that they can be spelled in two ways.
        let fresh = move || Guid(0xABCD << 64 | u128::from(next.fetch_add(1, Ordering::Relaxed)));
        let service = Service::new(
            Config::all_roles(Config::APPLICATION),
            Arc::new(store.clone()),
            fault,
            fresh,
        );
        Self {
            service,
            store,
            now: Duration::ZERO,
            replies: Vec::new(),
            calls: Vec::new(),
            outcome: Err(NotifyTrouble::Store),
            met: None,
        }
    }

    fn send(&mut self, method: &str, target: &str, fields: &[(&str, &str)], body: &[u8]) -> String {
        let headers = fields.iter().copied().collect();
        let head =
            RequestHead { method, target, version: "HTTP/1.1", scheme: "http", headers: &headers };
        let mut reply = match method {
            "BITS_POST" => self.upload(&head, body),
            _ if self.met.is_some() => self.download(&head),
            _ => self.service.answer(&head, body, self.now),
        };
        let id = reply.headers.first("BITS-Session-Id").unwrap_or_default().to_owned();
        // These two hold the time of the test.
        reply.headers.remove("ETag");
        if reply.headers.first("Last-Modified").is_some_and(|date| date.ends_with("GMT")) {
            reply.headers.set("Last-Modified", "then");
        }
        self.replies.push(reply);
        id
    }

    /// A GET that meets something else; the lengths of what it reads are its body.
    fn download(&self, head: &RequestHead<'_>) -> Reply {
        let caller = Caller { met: self.met, ..Caller::default() };
        match self.service.begin(head, &caller, self.now) {
            Step::Reply(reply) => reply,
            Step::Download(it, _) => {
                Reply { status: it.status, headers: it.headers, body: Vec::new() }
            }
            Step::Busy(_) | Step::Receive(_) => panic!("a GET does not wait"),
        }
    }

    fn upload(&mut self, head: &RequestHead<'_>, body: &[u8]) -> Reply {
        let caller = match self.service.identify(head, self.now) {
            Ok(caller) => Caller { met: self.met, ..caller },
            Err(mut reply) => {
                // The nonces of digests hold a time and a key.
                let length = reply.headers.all("WWW-Authenticate").count();
                reply.headers.remove("WWW-Authenticate");
                reply.headers.set("Challenges", length.to_string());
                return reply;
            }
        };
        let settled = match self.service.begin(head, &caller, self.now) {
            Step::Receive(mut reception) => {
                reception.take(body);
                self.service.finish(*reception, self.now)
            }
            Step::Reply(reply) => return reply,
            Step::Busy(_) | Step::Download(..) => {
                panic!("no request waits, and none is a download")
            }
        };
        let call = match settled {
            Settled::Reply(reply) => return reply,
            Settled::Notify(call) => call,
        };
        self.calls.push(format!("{call:?}"));
        if self.outcome.as_ref().is_ok_and(|heard| heard.reply) {
            drop(self.service.store().write_reply(&call.entity).unwrap());
        }
        self.service.notified(call.ticket, self.outcome.clone(), self.now)
    }

    fn bits(&mut self, target: &str, packet: &str, fields: &[(&str, &str)]) -> String {
        let all = [&[("BITS-Packet-Type", packet)], fields].concat();
        self.send("BITS_POST", target, &all, b"")
    }

    fn create(&mut self, target: &str) -> String {
        let fields = [("BITS-Supported-Protocols", UPLOAD_PROTOCOL), ("Content-Length", "0")];
        self.bits(target, "Create-Session", &fields)
    }

    fn fragment(&mut self, target: &str, id: &str, range: &str, body: &[u8]) {
        let length = body.len().to_string();
        let fields = [
            ("BITS-Packet-Type", "Fragment"),
            ("BITS-Session-Id", id),
            ("Content-Range", range),
            ("Content-Length", &length),
        ];
        self.send("BITS_POST", target, &fields, body);
    }

    fn end(&mut self, target: &str, packet: &str, id: &str) {
        self.bits(target, packet, &[("BITS-Session-Id", id), ("Content-Length", "0")]);
    }

    fn get(&mut self, target: &str) {
        self.send("GET", target, &[], b"");
    }
}

/// What a server with this fault, or without any, answers to a bit of everything, and how it calls the application.
fn replies(fault: Option<Fault>) -> (Vec<Reply>, Vec<String>) {
    let mut run = Run::new(fault);
    requests_with_one_error(&mut run);
    an_upload_with_detours(&mut run);
    ends_of_sessions(&mut run);
    downloads(&mut run);
    announcements(&mut run);
    run.create("/host-id/a");
    odd_ranges_and_sizes(&mut run);
    paths_and_permissions(&mut run);
    sessions_at_once(&mut run);
    meetings(&mut run);
    (run.replies, run.calls)
}

fn announcements(run: &mut Run) {
    let success = Heard { status: 200, ..Heard::default() };
    let url = |text: &str| Heard { static_url: Some(text.to_owned()), ..success.clone() };
    let long = format!("http://a/{}", "x".repeat(2192));
    let troubles = [Stage::Call, Stage::Head, Stage::Body]
        .into_iter()
        .flat_map(|stage| [NotifyTrouble::BrokenOff(stage), NotifyTrouble::TooSlow(stage)])
        .chain([NotifyTrouble::Malformed, NotifyTrouble::Version]);
    let heard = [
        success.clone(),
        Heard { status: 403, ..success.clone() },
        Heard { status: 503, ..success.clone() },
        Heard { status: 201, ..success.clone() },
        Heard { copy: true, ..success.clone() },
        Heard { reply: true, ..success.clone() },
        url("http://a/r"),
        url(&long),
    ];
    let outcomes = heard.into_iter().map(Ok).chain(troubles.map(Err));
    for (at, outcome) in outcomes.enumerate() {
        for (role, end) in [("by-value", "Close-Session"), ("by-reference", "Cancel-Session")] {
            let target = format!("/{role}/{at}?query");
            run.outcome = outcome.clone();
            let id = run.create(&target);
            run.fragment(&target, &id, "bytes 0-3/6", b"abcd");
            run.fragment(&target, &id, "bytes 4-5/6", b"ef");
            run.fragment(&target, &id, "bytes 4-5/6", b"ef");
            let reply = format!("/{role}/BITS-Sessions/Replies/{id}/responsefile.bin");
            run.get(&reply);
            run.end(&target, end, &id);
            run.get(&reply);
            run.get(&target);
        }
    }
}

/// Two requests each that are under way at once.
fn meetings(run: &mut Run) {
    let both = |run: &mut Run, first: &dyn Fn(&mut Run), second: &dyn Fn(&mut Run)| {
        run.met = Some(Side::First);
        first(run);
        run.met = Some(Side::Second);
        second(run);
        run.met = None;
    };
    for at in 0..2 {
        let target = format!("/no-overwrite/met-{at}");
        let opened = std::cell::Cell::new(None);
        let open = |run: &mut Run| opened.set(Some(run.create(&target)));
        both(run, &open, &open);
        let (a, b) = (run.create(&target), run.create(&target));
        let fragment = |id: &str, range: &str, body: &[u8]| {
            let (target, id, range, body) =
                (target.clone(), id.to_owned(), range.to_owned(), body.to_vec());
            move |run: &mut Run| run.fragment(&target, &id, &range, &body)
        };
        let end = |id: &str, packet: &'static str| {
            let (target, id) = (target.clone(), id.to_owned());
            move |run: &mut Run| run.end(&target, packet, &id)
        };
        both(run, &fragment(&a, "bytes 0-1/9", b"ab"), &fragment(&a, "bytes 0-1/9", b"ab"));
        both(run, &fragment(&a, "bytes 2-8/9", b"cdefghi"), &fragment(&b, "bytes 0-3/9", b"ABCD"));
        run.fragment(&target, &b, "bytes 4-8/9", b"EFGHI");
        match at {
            0 => both(run, &end(&a, "Close-Session"), &end(&b, "Close-Session")),
            _ => both(run, &end(&a, "Close-Session"), &|run| run.get(&target)),
        }
        both(run, &end(&b, "Close-Session"), &end(&b, "Close-Session"));
        run.get(&target);
        let c = run.create(&format!("{target}-c"));
        both(run, &end(&c, "Fragment"), &end(&c, "Cancel-Session"));
        run.end(&format!("{target}-c"), "Cancel-Session", &c);
    }
    for packet in ["Close-Session", "Cancel-Session"] {
        let target = format!("/plain/met-{packet}");
        let (a, b) = (run.create(&target), run.create(&target));
        let last = |id: &str| {
            let (target, id) = (target.clone(), id.to_owned());
            move |run: &mut Run| run.fragment(&target, &id, "bytes 0-1/2", b"ab")
        };
        both(run, &last(&a), &|run: &mut Run| run.end(&target, packet, &b));
        run.end(&target, "Close-Session", &a);
        run.get(&target);
        run.end(&target, packet, &b);
    }
}

fn requests_with_one_error(run: &mut Run) {
    let long = "x".repeat(4097);
    let offer = ("BITS-Supported-Protocols", UPLOAD_PROTOCOL);
    let (none, empty) = (("X", ""), ("Content-Length", "0"));
    for (packet, fields) in [
        ("Ping", [empty, none]),
        ("Ping", [none, none]),
        ("Pong", [empty, none]),
        ("Ping", [("Content-Length", "1"), none]),
        ("Create-Session", [offer, ("Content-Length", "1")]),
        ("Create-Session", [("BITS-Supported-Protocols", STRANGER), empty]),
    ] {
        run.bits("/plain/a", packet, &fields);
    }
    let list = format!("{STRANGER},{UPLOAD_PROTOCOL}");
    run.bits("/plain/a", "Create-Session", &[("BITS-Supported-Protocols", &list), empty]);
    run.bits("/plain/a", "Create-Session", &[offer, empty, ("X-Long", &long)]);
    run.bits("/plain/a", "Create-Session", &[offer, empty, ("X-Unknown", "1")]);
    for target in ["/plain/", "/plain/none/a", "/disabled/a", "/protected/a", "/executable/a"] {
        run.create(target);
    }
    let wrong = ("Authorization", "Basic bWFsbG9yeTp3b25kZXJsYW5k");
    run.bits("/accounts/a", "Create-Session", &[offer, empty]);
    run.bits("/accounts/a", "Create-Session", &[offer, empty, wrong]);
    run.end("/accounts/a", "Cancel-Session", STRANGER);
    run.store.put("no-overwrite/a", b"old".to_vec());
    run.create("/no-overwrite/a");
    for packet in ["Close-Session", "Cancel-Session"] {
        run.end("/plain/a", packet, STRANGER);
    }
    run.bits("/plain/a", "Close-Session", &[empty, none]);
    run.bits("/protected/a", "Ping", &[empty, none]);
    let id = run.create("/plain/i");
    run.end("/plain/j", "Close-Session", &id);
    run.fragment("/plain/i", &id, "bytes 4294967296-4294967296/4294967297", b"x");
    run.fragment("/plain/i", &id, "Bytes 0-0/9", b"x");
    run.end("/plain/i", "Cancel-Session", &id.to_lowercase());
    let named = ("BITS-Session-Id", STRANGER);
    run.bits("/plain/m", "Create-Session", &[offer, empty, named]);
    let coded = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", &id),
        ("Content-Range", "bytes 0-0/1"),
        ("Content-Encoding", "gzip"),
        ("Content-Length", "1"),
    ];
    run.send("BITS_POST", "/plain/i", &coded, b"x");
}

fn an_upload_with_detours(run: &mut Run) {
    let id = run.create("/plain/b");
    run.fragment("/plain/b", &id, "bytes 0-3/9", b"abcd");
    run.get("/plain/b");
    run.fragment("/plain/b", &id, "bytes 0-3/9", b"XXXX");
    run.fragment("/plain/b", &id, "bytes 8-8/9", b"i");
    run.fragment("/plain/b", &id, "bytes 4-5/9/9", b"ef");
    run.fragment("/plain/b", &id, "bytes 4-5/10", b"ef");
    run.fragment("/plain/b", &id, "bytes 4-8/9", b"efghi");
    run.end("/plain/b", "Close-Session", &id);
    run.end("/plain/b", "Close-Session", &id);
    run.get("/plain/b");
    let id = run.create("/plain/k");
    run.fragment("/plain/k", &id, "bytes 0-1/9", b"ab");
    // Two bytes of six, and then the connection ends.
    let cut = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", &id),
        ("Content-Range", "bytes 2-7/9"),
        ("Content-Length", "6"),
    ];
    run.send("BITS_POST", "/plain/k", &cut, b"cd");
    run.fragment("/plain/k", &id, "bytes 8-8/9", b"i");
    let id = run.create("/max-size/b");
    run.fragment("/max-size/b", &id, "bytes 0-0/1048577", b"x");
    let id = run.create("/plain/full");
    run.fragment("/plain/full", &id, "bytes 0-199/200", &[7; 200]);
}

fn ends_of_sessions(run: &mut Run) {
    let id = run.create("/plain/c");
    run.fragment("/plain/c", &id, "bytes 0-0/2", b"x");
    run.end("/plain/c", "Close-Session", &id);
    run.get("/plain/c");
    let id = run.create("/plain/d");
    run.end("/plain/d", "Cancel-Session", &id);
    run.end("/plain/d", "Cancel-Session", &id);
    let id = run.create("/plain/e");
    if let Ok(session) = id.parse() {
        let entity = Entity { folder: "plain".into(), session };
        run.store.discard(&entity).unwrap();
    }
    run.end("/plain/e", "Close-Session", &id);
    let id = run.create("/plain/f");
    run.now += Duration::from_secs(1_209_600);
    run.end("/plain/f", "Cancel-Session", &id);
    let id = run.create("/plain/f");
    run.now += Duration::from_secs(604_800);
    run.end("/plain/f", "Cancel-Session", &id);
}

fn downloads(run: &mut Run) {
    run.store.put("plain/g", b"0123456789".to_vec());
    run.get("/plain/g");
    let id = run.create("/plain/l");
    run.fragment("/plain/l", &id, "bytes 0-0/2", b"x");
    run.get(&format!("/plain/BITS-Sessions/Requests/{id}/requestfile.bin"));
    run.send("GET", "/plain/g", &[("Range", "bytes=10-")], b"");
    run.send("PUT", "/plain/g", &[("Content-Length", "0")], b"");
    run.send("HEAD", "/plain/g", &[], b"");
    let past = "Sat, 01 Jan 2000 00:00:00 GMT";
    for fields in [
        [("Range", "bytes=2-4"), ("Accept", "*/*")],
        [("Range", "bytes=2-4"), ("If-Range", past)],
        [("Range", "bytes=5-6,3-4,4-5"), ("Accept", "*/*")],
        [("X-Unknown", "1"), ("Accept", "*/*")],
        [("If-Modified-Since", past), ("Accept", "*/*")],
        [("If-Unmodified-Since", past), ("Accept", "*/*")],
    ] {
        run.send("GET", "/plain/g", &fields, b"");
    }
    for (range, body) in [("bytes 0-3/4", &b"abcd"[..]), ("bytes 0-1/2", &b"xy"[..])] {
        let id = run.create("/overwrite/h");
        run.fragment("/overwrite/h", &id, range, body);
        run.end("/overwrite/h", "Close-Session", &id);
        run.send("HEAD", "/overwrite/h", &[], b"");
    }
}

fn odd_ranges_and_sizes(run: &mut Run) {
    for (name, range) in
        ["5-3/9", "0-9/5", "0-3/*", "2147483648-2147483651/4294967296"].into_iter().enumerate()
    {
        let target = format!("/plain/range{name}");
        let id = run.create(&target);
        run.fragment(&target, &id, &format!("bytes {range}"), b"abcd");
        run.fragment(&target, &id, &format!("bytes {range}"), b"abc");
        run.fragment(&target, &id, &format!("bytes {range}"), b"abcdefghij");
    }
    let id = run.create("/max-size/c.a");
    run.create("/max-size/c.b");
    run.fragment("/max-size/c.a", &id, "bytes 0-0/1048577", b"x");
    run.fragment("/max-size/c.a", &id, "bytes 0-0/1048578", b"x");
    let id = run.create("/plain/cut");
    run.fragment("/plain/cut", &id, "bytes 0-3/9", b"abcd");
    run.fragment("/plain/cut", &id, "bytes 4-8/9", b"ef");
    run.end("/plain/cut", "Cancel-Session", &id);
    run.get("/plain/cut");
}

fn paths_and_permissions(run: &mut Run) {
    run.create("/plain/%2e%2e/p");
    run.create("/plain/BITS-Sessions");
    run.get("/plain/BITS-Sessions/");
    let id = run.create("/plain/q");
    run.get("/plain/q");
    run.end("/plain/q", "Close-Session", STRANGER);
    run.end("/plain/q", "Cancel-Session", &id);
    run.create("/no-overwrite/%61");
    run.bits("/accounts/a", "Ping", &[("Content-Length", "0")]);
    run.fragment("/accounts/a", STRANGER, "bytes 0-0/1", b"x");
    run.end("/accounts/a", "Close-Session", STRANGER);
}

fn sessions_at_once(run: &mut Run) {
    for names in [["/plain/n.a", "/plain/n.b"], ["/overwrite/n", "/overwrite/n"]] {
        let ids = names.map(|name| run.create(name));
        let both = [(names[0], &ids[0], b"abcd"), (names[1], &ids[1], b"efgh")];
        for range in [0..2, 2..4] {
            for (name, id, bytes) in both {
                let text = format!("bytes {}-{}/4", range.start, range.end - 1);
                run.fragment(name, id, &text, &bytes[range.clone()]);
            }
        }
        for (name, id, _) in both {
            run.end(name, "Close-Session", id);
            run.get(name);
        }
    }
    let names = ["/by-value/n.a", "/by-value/n.b"];
    run.outcome = Ok(Heard { status: 200, reply: true, ..Heard::default() });
    let ids = names.map(|name| run.create(name));
    run.fragment(names[0], &ids[0], "bytes 0-0/1", b"x");
    let reply = |id: &str| format!("/by-value/BITS-Sessions/Replies/{id}/responsefile.bin");
    run.get(&reply(&ids[0]));
    run.fragment(names[1], &ids[1], "bytes 0-0/1", b"x");
}

#[test]
fn every_fault_can_be_seen() {
    let honest = replies(None);
    assert_eq!(honest, replies(None), "the run itself does not vary");
    let unseen: Vec<_> =
        Fault::ALL.iter().filter(|fault| replies(Some(**fault)) == honest).collect();
    assert!(unseen.is_empty(), "{unseen:?} change nothing");
}

#[test]
fn every_fault_is_asked_for_by_a_name_of_its_own() {
    let names: HashSet<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), Fault::ALL.len());
    for &fault in Fault::ALL {
        assert_eq!(fault.name().parse(), Ok(fault));
    }
    assert_eq!("no/such".parse::<Fault>(), Err(UnknownFault("no/such".into())));
}

#[test]
fn some_faults_go_deeper_than_their_answers() {
    let upload = |fault| {
        let mut run = Run::new(Some(fault));
        an_upload_with_detours(&mut run);
        run.store.published("plain/b").map(|bytes| bytes.to_vec())
    };
    assert_eq!(upload(Fault::FragmentOmitsSessionId).unwrap(), b"abcdefghi");
    assert_eq!(upload(Fault::FragmentStoredEarly).unwrap(), b"abcefghi\0");
    assert_eq!(upload(Fault::FragmentStoredLate).unwrap(), b"abcd\0efgh");
    assert_eq!(upload(Fault::FragmentOverwrites).unwrap(), b"XXXXefghi");
    assert_eq!(upload(Fault::FragmentAcceptsGap).unwrap(), b"abcd\0\0\0\0i");
    assert_eq!(upload(Fault::ClosePublishesNothing), None);
}

#[test]
fn sessions_are_mixed_up_with_their_neighbours_only() {
    let files = |fault| {
        let mut run = Run::new(fault);
        sessions_at_once(&mut run);
        let file = |path: &str| run.store.published(path).map(|bytes| bytes.to_vec());
        [file("plain/n.a"), file("plain/n.b"), file("overwrite/n")].map(Option::unwrap_or_default)
    };
    assert_eq!(files(None), [&b"abcd"[..], b"efgh", b"efgh"]);
    let elsewhere = files(Some(Fault::SessionStoresForAnother));
    assert_eq!(elsewhere[..2], [b"efgh".to_vec(), vec![0; 4]]);
    let shared = files(Some(Fault::SessionRivalsShare));
    assert_eq!(shared[..2], [&b"abcd"[..], b"efgh"]);
    assert_eq!(upload_of_one(Some(Fault::SessionStoresForAnother)), upload_of_one(None));
}

/// What comes of an upload whose session is alone.
fn upload_of_one(fault: Option<Fault>) -> Option<Vec<u8>> {
    let mut run = Run::new(fault);
    an_upload_with_detours(&mut run);
    run.store.published("plain/b").map(|bytes| bytes.to_vec())
}

//! A server without sockets, in memory.

use std::sync::atomic::{AtomicU64, Ordering};

use bits_wire::{BITS_POST, UPLOAD_PROTOCOL};

use super::*;
use crate::{limits::Limits, store::Memory};

const NOW: Duration = Duration::ZERO;

fn service(store: Memory) -> Service {
    service_of(Config::single(), store)
}

/// Its ids are counted up.
fn service_of(config: Config, store: Memory) -> Service {
    let next = AtomicU64::new(1);
    let fresh = move || Guid(u128::from(next.fetch_add(1, Ordering::Relaxed)));
    Service::new(config, Arc::new(store), None, fresh)
}

fn head<'a>(method: &'a str, headers: &'a Headers) -> RequestHead<'a> {
    RequestHead { method, target: "/a", version: "HTTP/1.1", scheme: "http", headers }
}

fn send(service: &Service, method: &str, fields: &[(&str, &str)], body: &[u8]) -> Reply {
    let headers = fields.iter().copied().collect();
    service.answer(&head(method, &headers), body, NOW)
}

const CREATE: [(&str, &str); 3] = [
    ("BITS-Packet-Type", "Create-Session"),
    ("BITS-Supported-Protocols", UPLOAD_PROTOCOL),
    ("Content-Length", "0"),
];

fn create(service: &Service) -> String {
    let reply = send(service, BITS_POST, &CREATE, b"");
    reply.headers.first("BITS-Session-Id").unwrap().to_owned()
}

fn fragment(service: &Service, session: &str, range: &str, body: &[u8]) -> Reply {
    let fields = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", session),
        ("Content-Range", range),
        ("Content-Length", &body.len().to_string()),
    ];
    send(service, BITS_POST, &fields, body)
}

fn close(service: &Service, session: &str) -> Reply {
    let fields = [
        ("BITS-Packet-Type", "Close-Session"),
        ("BITS-Session-Id", session),
        ("Content-Length", "0"),
    ];
    send(service, BITS_POST, &fields, b"")
}

#[test]
fn what_was_uploaded_can_be_downloaded() {
    let service = service(Memory::default());
    let session = create(&service);
    assert_eq!(fragment(&service, &session, "bytes 0-2/6", b"abc").status, 200);
    assert_eq!(fragment(&service, &session, "bytes 3-5/6", b"def").status, 200);
    assert_eq!(send(&service, "GET", &[], b"").status, 404);
    assert_eq!(close(&service, &session).status, 200);
    assert_eq!(send(&service, "GET", &[], b"").body, b"abcdef");
    assert_eq!(send(&service, "GET", &[("Range", "bytes=2-3")], b"").body, b"cd");
    let several = send(&service, "GET", &[("Range", "bytes=4-5,0-0")], b"");
    let body = String::from_utf8(several.body).unwrap();
    assert_eq!(several.headers.only("Content-Length"), Some(body.len().to_string().as_str()));
    assert!(body.contains("4-5/6\r\n\r\nef\r\n--"), "{body}");
    let head = send(&service, "HEAD", &[("Range", "bytes=4-5,0-0")], b"");
    assert_eq!((head.status, head.body.len()), (206, 0));
    assert_eq!(head.headers.only("Content-Length"), several.headers.only("Content-Length"));
    let head = send(&service, "HEAD", &[], b"");
    assert_eq!((head.status, head.headers.only("Content-Length")), (200, Some("6")));
    assert_eq!(head.body, b"");
}

#[test]
fn a_cut_body_leaves_the_offset_and_the_session() {
    let service = service(Memory::default());
    let session = create(&service);
    let fields = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", session.as_str()),
        ("Content-Range", "bytes 0-5/6"),
        ("Content-Length", "6"),
    ];
    let reply = send(&service, BITS_POST, &fields, b"abc");
    assert_eq!(reply.headers.only("BITS-Received-Content-Range"), Some("0"));
    assert_eq!(fragment(&service, &session, "bytes 0-1/2", b"xy").status, 200);
    close(&service, &session);
    assert_eq!(send(&service, "GET", &[], b"").body, b"xy");
}

#[test]
fn a_full_disk_is_told_and_does_not_end_the_session() {
    let service = service(Memory::with_capacity(4));
    let session = create(&service);
    assert_eq!(fragment(&service, &session, "bytes 0-3/6", b"abcd").status, 200);
    let reply = fragment(&service, &session, "bytes 4-5/6", b"ef");
    assert_eq!((reply.status, reply.headers.only("BITS-Error")), (500, Some("0x80070070")));
    assert_eq!(reply.headers.only("BITS-Received-Content-Range"), Some("4"));
}

#[test]
fn expired_sessions_leave_nothing() {
    let store = Memory::default();
    let service = service(store.clone());
    create(&service);
    assert_eq!(service.expire(Duration::from_secs(1_209_599)), 0);
    assert_eq!(service.expire(Duration::from_secs(1_209_600)), 1);
    let entity = Entity { folder: String::new(), session: Guid(1) };
    assert_eq!(store.discard(&entity), Err(Trouble::Vanished));
}

/// Sessions whose ids follow each other are kept apart; what counts them must see them all.
#[test]
fn limits_hold_for_all_sessions_wherever_they_are_kept() {
    let limits = Limits { sessions: 40, fragments: 1, ..Limits::default() };
    let service = service_of(Config { limits, ..Config::single() }, Memory::default());
    let sessions: Vec<String> = (0..40).map(|_| create(&service)).collect();
    assert_eq!(send(&service, BITS_POST, &CREATE, b"").status, 500);
    let begin = |session: &str| {
        let fields = [
            ("BITS-Packet-Type", "Fragment"),
            ("BITS-Session-Id", session),
            ("Content-Range", "bytes 0-0/1"),
            ("Content-Length", "1"),
        ];
        let headers = fields.into_iter().collect();
        service.begin(&head(BITS_POST, &headers), &Caller::default(), NOW)
    };
    let Step::Receive(first) = begin(&sessions[0]) else { panic!("the first is received") };
    assert!(matches!(begin(&sessions[1]), Step::Reply(Reply { status: 500, .. })));
    let _ = service.finish(*first, NOW);
    assert!(matches!(begin(&sessions[1]), Step::Receive(_)));
    assert_eq!(close(&service, &sessions[2]).status, 200);
    create(&service);
    assert_eq!(send(&service, BITS_POST, &CREATE, b"").status, 500);
}

#[test]
fn the_cleanup_run_sees_all_sessions_wherever_they_are_kept() {
    let mut config = Config::single();
    config.vdirs[0].session_limit_enable = Some(true);
    config.vdirs[0].sessions_limit = 2;
    let service = service_of(config, Memory::default());
    let sessions: Vec<String> = (0..40).map(|_| create(&service)).collect();
    assert_eq!(service.expire(Duration::from_secs(12 * 3600)), 38);
    let left = sessions.iter().filter(|session| close(&service, session).status == 200);
    assert_eq!(left.collect::<Vec<_>>(), [&sessions[0], &sessions[1]]);
}

#[test]
fn a_session_that_could_not_be_made_takes_no_place() {
    let limits = Limits { sessions: 1, ..Limits::default() };
    let service = service_of(Config { limits, ..Config::single() }, Memory::default());
    let session = create(&service);
    assert_eq!(fragment(&service, &session, "bytes 0-0/1", b"x").status, 200);
    assert_eq!(close(&service, &session).status, 200);
    for _ in 0..2 {
        assert_eq!(send(&service, BITS_POST, &CREATE, b"").status, 403, "the destination exists");
    }
}

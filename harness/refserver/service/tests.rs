//! A server without sockets, in memory.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::{
    refserver::store::Memory,
    wire::{BITS_POST, UPLOAD_PROTOCOL},
};

const NOW: Duration = Duration::ZERO;

fn service(store: Memory) -> Service {
    let next = AtomicU64::new(1);
    let fresh = move || Guid(u128::from(next.fetch_add(1, Ordering::Relaxed)));
    Service::new(Config::single(), Arc::new(store), None, fresh)
}

fn send(service: &Service, method: &str, fields: &[(&str, &str)], body: &[u8]) -> Reply {
    let headers = fields.iter().copied().collect();
    let head = RequestHead {
        method,
        target: "/a",
        version: "HTTP/1.1",
        scheme: "http",
        headers: &headers,
    };
    service.answer(&head, body, NOW)
}

fn create(service: &Service) -> String {
    let fields = [
        ("BITS-Packet-Type", "Create-Session"),
        ("BITS-Supported-Protocols", UPLOAD_PROTOCOL),
        ("Content-Length", "0"),
    ];
    let reply = send(service, BITS_POST, &fields, b"");
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

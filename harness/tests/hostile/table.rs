//! The table of those that misbehave.

use super::listener::{
    Deed,
    Reads::{self, Nothing, Request},
    Then::{self, Closes, Drips, GoesOn, Repeats, Resets, Stalls},
    ack,
};

/// Every deed by its name.
pub(super) fn deeds() -> Vec<Deed> {
    let all = [no_http(), no_end(), stalling(), heads(), framings(), bits(), statuses()];
    all.into_iter().flatten().map(deed).collect()
}

type Row = (&'static str, Reads, Vec<u8>, Then);

fn deed((name, reads, says, then): Row) -> Deed {
    Deed { name: name.to_owned(), reads, says, then }
}

fn no_http() -> Vec<Row> {
    let noise: Vec<u8> = (0..4096u32).map(|at| (at.wrapping_mul(167) >> 3) as u8 | 0x80).collect();
    let frame =
        b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff".to_vec();
    vec![
        ("says-nothing", Nothing, vec![], Stalls),
        ("reads-and-says-nothing", Request, vec![], Stalls),
        ("closes-at-once", Nothing, vec![], Closes),
        ("reads-and-closes", Request, vec![], Closes),
        ("resets-at-once", Nothing, vec![], Resets),
        ("reads-and-resets", Request, vec![], Resets),
        ("garbage", Request, noise.clone(), Closes),
        ("endless-garbage", Nothing, vec![], Repeats(noise)),
        ("nul-bytes", Request, vec![0; 4096], Stalls),
        ("empty-lines", Request, b"\r\n".repeat(2000), Stalls),
        ("http-0-9", Request, b"<html>hello</html>\r\n".to_vec(), Closes),
        ("tls-alert", Request, b"\x15\x03\x01\0\x02\x02\x46".to_vec(), Closes),
        ("ssh-banner", Nothing, b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), Stalls),
        ("http-2-settings", Request, frame, Stalls),
        ("http-2-preface", Nothing, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), Stalls),
        ("http-2-status-line", Request, changed("HTTP/1.1", "HTTP/2.0"), GoesOn),
        ("http-9-9", Request, changed("HTTP/1.1", "HTTP/9.9"), GoesOn),
    ]
}

fn no_end() -> Vec<Row> {
    let say = |text: &str| text.as_bytes().to_vec();
    let large = format!("HTTP/1.1 103 Early\r\nX: {}\r\n\r\n", "x".repeat(60_000));
    vec![
        ("endless-status-line", Request, say("HTTP/1.1 200 "), Repeats(vec![b'x'; 4096])),
        ("endless-head", Request, say("HTTP/1.1 200 OK\r\n"), Repeats(b"A: b\r\n".repeat(512))),
        ("endless-header", Request, say("HTTP/1.1 200 OK\r\nA: "), Repeats(vec![b'x'; 4096])),
        ("endless-body", Request, without_length(""), Repeats(vec![b'x'; 4096])),
        ("endless-chunks", Request, chunks(""), Repeats(b"8\r\n01234567\r\n".repeat(512))),
        ("endless-empty-chunk-size", Request, chunks(""), Repeats(vec![b'0'; 4096])),
        ("endless-chunk-extension", Request, chunks("8;"), Repeats(vec![b'x'; 4096])),
        ("endless-trailer", Request, chunks("0\r\n"), Repeats(b"T: x\r\n".repeat(512))),
        ("endless-interim", Request, vec![], Repeats(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(64))),
        ("endless-large-interim", Request, vec![], Repeats(say(&large))),
        (
            "a-huge-length-without-end",
            Request,
            length("18446744073709551615"),
            Repeats(vec![b'x'; 4096]),
        ),
    ]
}

fn stalling() -> Vec<Row> {
    vec![
        ("drips-a-head", Request, vec![], Drips(ack(OWN))),
        ("drips-a-body", Request, length("1000"), Drips(vec![b'x'; 1000])),
        ("drips-chunks", Request, chunks(""), Drips(b"1\r\nx\r\n".repeat(200))),
        ("stalls-in-the-status-line", Request, b"HTTP/1.1 2".to_vec(), Stalls),
        ("stalls-in-the-head", Request, b"HTTP/1.1 200 OK\r\nBITS-Packet-Type: A".to_vec(), Stalls),
        ("stalls-before-the-body", Request, length("10"), Stalls),
        ("stalls-in-the-body", Request, [&length("10")[..], b"01234"].concat(), Stalls),
        ("stalls-in-a-chunk", Request, chunks("8\r\n0123"), Stalls),
        ("stalls-with-a-huge-length", Request, length("18446744073709551615"), Stalls),
        ("stalls-with-a-large-length", Request, length("1099511627776"), Stalls),
        ("stalls-without-a-length", Request, without_length(""), Stalls),
        (
            "stalls-after-an-interim-answer",
            Request,
            b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
            Stalls,
        ),
        (
            "stalls-after-switching-protocols",
            Request,
            b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".to_vec(),
            Stalls,
        ),
        ("closes-in-the-body", Request, [&length("10")[..], b"01234"].concat(), Closes),
        ("resets-in-the-body", Request, [&length("10")[..], b"01234"].concat(), Resets),
        ("answers-and-resets-without-reading", Nothing, length("10"), Resets),
    ]
}

fn heads() -> Vec<Row> {
    let many = |line: fn(usize) -> String, count: usize| -> Vec<u8> {
        ack(&format!("{OWN}{}", (0..count).map(line).collect::<String>()))
    };
    vec![
        (
            "a-header-of-16-mebibytes",
            Request,
            ack(&format!("{OWN}X: {}\r\n", "x".repeat(16 << 20))),
            Closes,
        ),
        ("nul-bytes-in-headers", Request, ack(&format!("{OWN}X: a\0b\r\n")), GoesOn),
        ("nul-bytes-in-names", Request, ack(&format!("{OWN}X\0Y: a\r\n")), GoesOn),
        (
            "thousands-of-lines-without-colons",
            Request,
            many(|at| format!("{at}\r\n"), 8000),
            Closes,
        ),
        (
            "thousands-of-control-characters",
            Request,
            many(|at| format!("{at}:\x01\r\n"), 7000),
            Closes,
        ),
        ("folded-lines", Request, many(|_| " x\r\n".to_owned(), 9000), GoesOn),
        ("bare-carriage-returns", Request, ack(&format!("{OWN}X: a\rY: b\r\n")), GoesOn),
        ("no-status", Request, changed("200", "abc"), GoesOn),
        ("a-status-of-five-digits", Request, changed("200", "20000"), GoesOn),
        ("status-zero", Request, changed("200", "000"), GoesOn),
    ]
}

fn framings() -> Vec<Row> {
    vec![
        ("two-lengths", Request, length("0\r\nContent-Length: 5"), GoesOn),
        ("a-negative-length", Request, length("-1"), GoesOn),
        ("a-length-in-words", Request, length("none"), GoesOn),
        ("a-length-beyond-64-bits", Request, length("18446744073709551616"), GoesOn),
        ("a-length-beside-chunks", Request, length("5\r\nTransfer-Encoding: chunked"), GoesOn),
        ("an-unknown-coding", Request, without_length("Transfer-Encoding: gzip\r\n"), GoesOn),
        ("a-chunk-size-that-overflows", Request, chunks("FFFFFFFFFFFFFFFFF\r\n"), GoesOn),
        ("a-chunk-of-all-64-bits", Request, chunks("FFFFFFFFFFFFFFFF\r\n0123"), Stalls),
        ("a-negative-chunk-size", Request, chunks("-1\r\n"), GoesOn),
        ("a-chunk-that-is-too-long", Request, chunks("2\r\nabcdef\r\n0\r\n\r\n"), GoesOn),
    ]
}

fn bits() -> Vec<Row> {
    let say = |head: &str| format!("{head}Content-Length: 0\r\n\r\n").into_bytes();
    let sessions = |length: usize| {
        format!(
            "HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\nBITS-Session-Id: {}\r\n",
            "1".repeat(length)
        )
    };
    vec![
        ("success-without-bits", Request, say("HTTP/1.1 200 OK\r\n"), GoesOn),
        (
            "a-packet-of-a-client",
            Request,
            say("HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ping\r\n"),
            GoesOn,
        ),
        (
            "an-answer-to-another-request",
            Request,
            changed("BITS-Received-Content-Range: 10", "BITS-Received-Content-Range: 99"),
            GoesOn,
        ),
        (
            "an-offset-of-65-bits",
            Request,
            changed("Range: 10", "Range: 18446744073709551616"),
            GoesOn,
        ),
        ("a-negative-offset", Request, changed("Range: 10", "Range: -1"), GoesOn),
        ("an-offset-in-words", Request, changed("Range: 10", "Range: bytes 0-9/10"), GoesOn),
        ("a-session-id-of-60-kibibytes", Request, say(&sessions(60 << 10)), GoesOn),
        ("a-session-id-of-a-mebibyte", Request, say(&sessions(1 << 20)), GoesOn),
        (
            "a-reply-elsewhere",
            Request,
            ack("BITS-Received-Content-Range: 9\r\nBITS-Reply-URL: http://192.0.2.1:1/x\r\n"),
            GoesOn,
        ),
        (
            "a-reply-that-is-no-url",
            Request,
            ack("BITS-Received-Content-Range: 9\r\nBITS-Reply-URL: http://[::::/\\\\..\r\n"),
            GoesOn,
        ),
        (
            "an-error-that-is-no-number",
            Request,
            say("HTTP/1.1 500 Bad\r\nBITS-Packet-Type: Ack\r\nBITS-Error: 0xFFFFFFFFFFFFFFFFF\r\n"),
            GoesOn,
        ),
    ]
}

fn statuses() -> Vec<Row> {
    let here = |status: &str, more: &str| {
        format!("HTTP/1.1 {status}\r\n{more}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    };
    vec![
        ("redirects-for-ever", Request, here("302 Found", "Location: /up/"), GoesOn),
        ("redirects-the-method-for-ever", Request, here("307 Again", "Location: /up/"), GoesOn),
        (
            "asks-for-basic-for-ever",
            Request,
            here("401 Who", "WWW-Authenticate: Basic realm=x"),
            GoesOn,
        ),
        (
            "asks-for-digest-for-ever",
            Request,
            here("401 Who", "WWW-Authenticate: Digest realm=\"x\", nonce=\"y\", stale=true"),
            GoesOn,
        ),
        (
            "asks-in-words-that-do-not-end",
            Request,
            here("401 Who", &format!("WWW-Authenticate: Digest realm=\"{}", "\\\"".repeat(9000))),
            GoesOn,
        ),
    ]
}

/// What an Ack of the fragment says that is all right.
const OWN: &str = "BITS-Received-Content-Range: 10\r\n";

/// The right Ack of the fragment.
pub(super) fn right() -> Vec<u8> {
    ack(OWN)
}

/// The right Ack but for one thing.
fn changed(from: &str, to: &str) -> Vec<u8> {
    String::from_utf8(right()).unwrap().replacen(from, to, 1).into_bytes()
}

/// The right Ack with another length, and no body yet.
fn length(said: &str) -> Vec<u8> {
    changed("Content-Length: 0", &format!("Content-Length: {said}"))
}

fn without_length(more: &str) -> Vec<u8> {
    changed("Content-Length: 0\r\n", more)
}

/// The right Ack with a body in chunks, which begins so.
fn chunks(body: &str) -> Vec<u8> {
    let mut all = without_length("Transfer-Encoding: chunked\r\n");
    all.extend_from_slice(body.as_bytes());
    all
}

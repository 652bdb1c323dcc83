//! Transcripts from bytes: each choice is one that a client or a server could make, and few of them fit together.

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use bits_judge::{
    plan::DirectoryRole,
    transcript::{
        Answer, Body, Deletion, Directory, Ending, Exchange, Facts, Fate, Notification, Order,
        Outage, OutageKind, Played, Received, Request, Sending, Silence, Skipped, Transcript,
    },
};
use bits_wire::{
    BITS_POST, Headers, Payload, UPLOAD_PROTOCOL,
    http1::{Framing, HeadState, RequestHead, ResponseHead, read_response_head},
    names, text,
};

type Bytes<'b, 'd> = &'b mut Unstructured<'d>;

const SESSIONS: [&str; 4] = [
    "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}",
    "{a0ff5911-4144-45b3-bf27-27afc8ec8a67}",
    "{00000000-0000-4000-8000-000000000002}",
    "no-guid",
];
const PATHS: [&str; 4] = ["/upload/a", "/upload/b", "/upload/A?x", "/other/%41"];
const PACKETS: [&str; 8] = [
    "Create-Session",
    "Fragment",
    "Fragment",
    "Close-Session",
    "Cancel-Session",
    "Ping",
    "ack",
    "Pong",
];
const STATUSES: [u16; 14] = [200, 200, 200, 201, 206, 304, 400, 401, 403, 404, 413, 416, 500, 501];
const ERRORS: [&str; 7] =
    ["0x8020001F", "0x80070057", "0x80200020", "0x80070005", "80070112", "0x0", "none"];
const NUMBERS: [u64; 10] = [0, 1, 5, 9, 10, 19, 20, 4096, u64::MAX - 1, u64::MAX];
/// Headers that anybody could send, with values that are right somewhere.
const EXTRA: &[(&str, &str)] = &[
    (names::CONTENT_LENGTH, "10"),
    (names::TRANSFER_ENCODING, "chunked"),
    (names::CONNECTION, "close"),
    (names::CONTENT_RANGE, "bytes 0-9/20"),
    (names::CONTENT_RANGE, "bytes */20"),
    (names::CONTENT_ENCODING, "identity"),
    ("Content-Type", "multipart/byteranges; boundary=b"),
    ("Range", "bytes=0-4,10-14"),
    ("Range", "bytes=-5"),
    ("If-None-Match", "\"1-1\""),
    ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ("ETag", "\"1-1\""),
    ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
    (names::SUPPORTED_PROTOCOLS, UPLOAD_PROTOCOL),
    (names::PROTOCOL, UPLOAD_PROTOCOL),
    (names::PROTOCOL, "{00000000-0000-0000-0000-000000000000}"),
    (names::HOST_ID, "other.example"),
    (names::HOST_ID, "[::1]:80"),
    (names::HOST_ID_FALLBACK_TIMEOUT, "110"),
    (names::ERROR_CONTEXT, "0x5"),
    (names::ERROR_CONTEXT, "0x7"),
    (names::REPLY_URL, "http://server/upload/reply"),
    (names::REPLY_URL, r"BITS-Sessions\Replies\x\responsefile.bin"),
    (names::COPY_TO_DESTINATION, "1"),
    (names::STATIC_RESPONSE_URL, "http://elsewhere/reply"),
    (names::WWW_AUTHENTICATE, "Basic realm=\"a\""),
    (names::AUTHORIZATION, "Basic <redacted: wrong>"),
    (names::ORIGINAL_REQUEST_URL, "http://server/upload/a"),
    (names::REQUEST_DATA_FILE, r"C:\up\a"),
    (names::RESPONSE_DATA_FILE, r"C:\up\reply"),
    (names::SERVER, "Microsoft-IIS/10.0"),
    ("Allow", "GET"),
    ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
];

/// A transcript of a few exchanges and calls.
pub(super) fn transcript(bytes: Bytes<'_, '_>) -> Result<Transcript> {
    let mut transcript = Transcript { facts: facts(bytes)?, ..Transcript::default() };
    for number in 1..=bytes.int_in_range(1..=12)? {
        transcript.exchanges.push(exchange(bytes, number)?);
        if bytes.ratio(1, 16)? {
            let session = (*bytes.choose(&SESSIONS)?).to_owned();
            transcript.deletions.push(Deletion { after: number, session });
        }
        if bytes.ratio(1, 16)? {
            let kind = *bytes.choose(&OutageKind::ALL)?;
            transcript.outages.push(Outage { kind, order: Order::after(2 * number as u64) });
        }
        if bytes.ratio(1, 6)? {
            let call = notification(bytes, transcript.notifications.len() + 1, number)?;
            transcript.notifications.push(call);
        }
    }
    if bytes.ratio(1, 16)? {
        let reason = "no answer gave ${session} a value".into();
        transcript.skipped.push(Skipped { line: 9, step: 9, reason });
        transcript.unfinished = Some("no connection".into());
    }
    Ok(transcript)
}

fn facts(bytes: Bytes<'_, '_>) -> Result<Facts> {
    let maybe = |bytes: Bytes<'_, '_>| -> Result<Option<u64>> {
        Ok(if bytes.ratio(1, 4)? { Some(*bytes.choose(&NUMBERS)?) } else { None })
    };
    let host = *bytes.choose(&[None, Some(""), Some("other.example"), Some("[::1]:80")])?;
    Ok(Facts {
        scenario: "theme/name".into(),
        base: "/upload/".into(),
        role: bytes.choose(&DirectoryRole::ALL)?.as_str().to_owned(),
        application: bytes.arbitrary()?,
        directory: Directory {
            maximum_upload_size: maybe(bytes)?,
            session_timeout: maybe(bytes)?.map(Duration::from_micros),
            host_id: host.map(str::to_owned),
            host_id_fallback_timeout: maybe(bytes)?,
            notification_timeout: maybe(bytes)?.map(Duration::from_micros),
        },
    })
}

fn exchange(bytes: Bytes<'_, '_>, number: usize) -> Result<Exchange> {
    let request = request(bytes)?;
    Ok(Exchange {
        number,
        line: u32::try_from(number).unwrap_or(0) * 2,
        step: number,
        lane: 0,
        order: Order::after(2 * number.saturating_sub(1) as u64),
        connection: bytes.int_in_range(1..=2)?,
        started: Duration::from_millis(number as u64 * 10),
        took: Duration::from_micros(*bytes.choose(&NUMBERS[..8])?),
        received: received(bytes, &request.head.method)?,
        fate: fate(bytes)?,
        request,
    })
}

fn fate(bytes: Bytes<'_, '_>) -> Result<Fate> {
    let all = [Fate::Open, Fate::Open, Fate::Closed, Fate::Reset, Fate::Dropped, Fate::Hidden];
    Ok(*bytes.choose(&all)?)
}

fn request(bytes: Bytes<'_, '_>) -> Result<Request> {
    let method =
        *bytes.choose(&[BITS_POST, BITS_POST, BITS_POST, BITS_POST, "GET", "HEAD", "PUT"])?;
    let target = *bytes.choose(&PATHS)?;
    let mut headers: Headers = [(names::HOST, "server")].into_iter().collect();
    let mut body = Payload::Empty;
    if method == BITS_POST {
        let packet = *bytes.choose(&PACKETS)?;
        headers.push(names::PACKET_TYPE, packet);
        if packet == "Create-Session" {
            headers.push(names::SUPPORTED_PROTOCOLS, UPLOAD_PROTOCOL);
        } else {
            headers.push(names::SESSION_ID, *bytes.choose(&SESSIONS)?);
        }
        if packet == "Fragment" {
            let (first, length) = (*bytes.choose(&NUMBERS[..8])?, bytes.int_in_range(1..=20)?);
            let total = *bytes.choose(&[20, 10, first + length, 4096])?;
            let last = first + length - 1;
            headers.push(names::CONTENT_RANGE, format!("bytes {first}-{last}/{total}"));
            body = Payload::Pattern { seed: 7, offset: first, length };
        }
        headers.push(names::CONTENT_LENGTH, body.length().to_string());
    }
    alter(bytes, &mut headers)?;
    let sent = if bytes.ratio(1, 8)? { body.length() / 2 } else { body.length() };
    let version = *bytes.choose(&["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"])?;
    // A body of nothing is none.
    let sent = if body == Payload::Empty { 0 } else { sent };
    let head = RequestHead::write(method, target, version, &headers);
    Ok(Request { head, body, sent, sending: sending(bytes)? })
}

/// As usual, as a rule.
fn sending(bytes: Bytes<'_, '_>) -> Result<Sending> {
    if !bytes.ratio(1, 8)? {
        return Ok(Sending::default());
    }
    let endings = [None, Some(Ending::Reset), Some(Ending::HalfClosed)];
    Ok(Sending {
        ending: *bytes.choose(&endings)?,
        paused: Duration::from_micros(*bytes.choose(&NUMBERS[..8])?),
        pipelined: bytes.arbitrary()?,
    })
}

/// Adds, drops and spoils headers.
fn alter(bytes: Bytes<'_, '_>, headers: &mut Headers) -> Result<()> {
    for _ in 0..bytes.int_in_range(0..=3)? {
        let (name, value) = *bytes.choose(EXTRA)?;
        match bytes.int_in_range(0..=3)? {
            0 => headers.push(name, value),
            1 => headers.set(name, value),
            2 => headers.remove(name),
            _ => {
                let length = bytes.int_in_range(0..=8)?;
                let odd = text::from_bytes(bytes.bytes(length.min(bytes.len()))?);
                let odd: String = odd.chars().filter(|it| *it != '\n' && *it != '\r').collect();
                headers.push(name, odd.trim_matches([' ', '\t']));
            }
        }
    }
    Ok(())
}

fn received(bytes: Bytes<'_, '_>, method: &str) -> Result<Received> {
    Ok(match bytes.int_in_range(0..=15)? {
        0 => Received::Nothing(Silence::TimedOut),
        1 => Received::Nothing(Silence::Closed),
        2 => Received::Nothing(Silence::Reset),
        3 => Received::Nothing(Silence::Garbage(b"SSH-2.0\r\n".to_vec())),
        4 => Received::Nothing(Silence::EndlessHead(70_000)),
        _ => Received::Answer(Box::new(answer(bytes, method)?)),
    })
}

fn answer(bytes: Bytes<'_, '_>, method: &str) -> Result<Answer> {
    let status = *bytes.choose(&STATUSES)?;
    let mut headers = Headers::new();
    if bytes.ratio(7, 8)? && method == BITS_POST {
        headers.push(names::PACKET_TYPE, "Ack");
        headers.push(names::CONTENT_LENGTH, "0");
        headers.push(names::SESSION_ID, *bytes.choose(&SESSIONS)?);
        if bytes.arbitrary()? {
            let next = bytes.choose(&NUMBERS)?.to_string();
            headers.push(names::RECEIVED_CONTENT_RANGE, next);
        }
        if status >= 400 {
            headers.push(names::ERROR, *bytes.choose(&ERRORS)?);
        }
    }
    alter(bytes, &mut headers)?;
    let head = head(status, &headers);
    let body = body(bytes, Framing::of(&head, method))?;
    let exact = bytes.ratio(7, 8)?;
    let surplus = if bytes.ratio(1, 16)? { b"more".to_vec() } else { vec![] };
    let interim = if bytes.ratio(1, 16)? { vec![self::head(100, &Headers::new())] } else { vec![] };
    Ok(Answer { head, exact, interim, body, surplus })
}

/// A head as it is read from the wire.
fn head(status: u16, headers: &Headers) -> ResponseHead {
    let written = ResponseHead::write(status, "Said", headers);
    match read_response_head(&written.raw) {
        HeadState::Complete(head, _) => *head,
        _ => written,
    }
}

fn body(bytes: Bytes<'_, '_>, framing: Framing) -> Result<Body> {
    let content: &[u8] = match bytes.int_in_range(0..=4)? {
        0 => b"0123456789",
        1 => {
            b"--b\r\nContent-Range: bytes 0-4/20\r\n\r\n01234\r\n--b\r\nContent-Range: bytes 10-14/20\r\n\r\n01234\r\n--b--\r\n"
        }
        _ => b"",
    };
    let mut body = Body::of(framing, content);
    if bytes.ratio(1, 8)? {
        body.complete = false;
    }
    Ok(body)
}

fn notification(bytes: Bytes<'_, '_>, number: usize, during: usize) -> Result<Notification> {
    let mut headers: Headers =
        [(names::HOST, "application"), (names::ORIGINAL_REQUEST_URL, "http://server/upload/a")]
            .into_iter()
            .collect();
    alter(bytes, &mut headers)?;
    let mut answered = Headers::new();
    alter(bytes, &mut answered)?;
    let status = *bytes.choose(&STATUSES)?;
    let played = Played {
        head: if bytes.ratio(7, 8)? { Some(head(status, &answered)) } else { None },
        ..Played::default()
    };
    Ok(Notification {
        number,
        during,
        started: Duration::from_millis(during as u64 * 10),
        took: Duration::from_micros(*bytes.choose(&NUMBERS[..8])?),
        head: RequestHead::write("POST", "/", "HTTP/1.1", &headers),
        body: body(bytes, Framing::Length(0))?,
        stopped: bytes.ratio(1, 8)?,
        entity: if bytes.arbitrary()? { Some(body(bytes, Framing::Length(10))?) } else { None },
        played,
        fate: fate(bytes)?,
    })
}

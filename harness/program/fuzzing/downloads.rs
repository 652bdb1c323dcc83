//! Downloads: what is answered to ranges and conditions, against what one would cut out by hand.

use std::{sync::Arc, time::Duration};

use bits_judge::{
    checks::byteranges,
    transcript::{Answer, Body},
};
use bits_server::{
    config::Config,
    machine::{Reply, RequestHead},
    service::Service,
    store::Memory,
};
use bits_wire::{
    ContentRange, Guid, Headers,
    http1::{Framing, ResponseHead},
    payload::pattern,
    text,
};

use super::plain::{self, Asked};

/// The headers by which an answer depends on the time.
const CONDITIONS: [&str; 5] =
    ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"];

/// A download: two bytes say how long the content is, then come lines, a `Range` or any header each. `{tag}` and
/// `{date}` stand for the validators of the content.
pub fn download_ranges(data: &[u8]) {
    let Some((size, lines)) = data.split_first_chunk::<2>() else { return };
    let mut content = vec![0; usize::from(u16::from_be_bytes(*size) % 1500)];
    pattern(7, 0, &mut content);
    let store = Memory::default();
    store.put("file", content.clone());
    let service = Service::new(Config::single(), Arc::new(store), None, || Guid(7));
    let known = ask(&service, "GET", &Headers::new());
    assert_eq!((known.status, &known.body), (200, &content));
    let headers = headers(lines, &known.headers);
    let got = ask(&service, "GET", &headers);
    right(&got, &headers, &content);
    let head = ask(&service, "HEAD", &headers);
    assert_eq!((head.status, &head.headers, head.body.len()), (got.status, &got.headers, 0));
}

fn ask(service: &Service, method: &str, headers: &Headers) -> Reply {
    let head =
        RequestHead { method, target: "/file", version: "HTTP/1.1", scheme: "http", headers };
    service.answer(&head, b"", Duration::ZERO)
}

fn headers(lines: &[u8], known: &Headers) -> Headers {
    let mut headers = Headers::new();
    for line in lines.split(|&byte| byte == b'\n') {
        let line = text::from_bytes(line)
            .replace("{tag}", known.first("ETag").unwrap_or_default())
            .replace("{date}", known.first("Last-Modified").unwrap_or_default());
        match line.split_once(": ") {
            Some((name, value)) => headers.push(name, value),
            None => headers.push("Range", line),
        }
    }
    headers
}

fn right(got: &Reply, headers: &Headers, content: &[u8]) {
    let asked = match headers.only("Range") {
        Some(value) => plain::asked(value, content.len() as u64),
        None => Asked::Whole,
    };
    let length = got.headers.only("Content-Length");
    if got.status != 304 {
        assert_eq!(length, Some(got.body.len().to_string().as_str()));
    }
    let conditional = CONDITIONS.iter().any(|name| headers.has(name));
    match (got.status, asked) {
        (200, asked) => {
            assert!(asked == Asked::Whole || conditional, "{asked:?}");
            assert_eq!(got.body, content);
        }
        (206, Asked::Places(places)) => cut_out(got, &places, content),
        (416, Asked::Nothing) => {
            let place = format!("bytes */{}", content.len());
            assert_eq!(got.headers.only("Content-Range"), Some(place.as_str()));
            assert_eq!(got.body, b"");
        }
        (304 | 412, _) if conditional => assert_eq!(got.body, b""),
        (status, asked) => panic!("{status} to {asked:?}"),
    }
}

/// The ranges are there and nothing else is, by the plain reader and by that of the checks.
fn cut_out(got: &Reply, places: &[(u64, u64)], content: &[u8]) {
    let parts = match (got.headers.only("Content-Range"), places) {
        (Some(place), [_]) => vec![(text::to_bytes(place), got.body.clone())],
        (None, [_, _, ..]) => in_parts(got),
        other => panic!("{other:?}"),
    };
    assert_eq!(parts.len(), places.len());
    for ((place, bytes), (first, end)) in parts.iter().zip(places) {
        let said = format!("bytes {first}-{}/{}", end - 1, content.len());
        assert_eq!(text::from_bytes(place), said);
        let range = usize::try_from(*first).unwrap_or(0)..usize::try_from(*end).unwrap_or(0);
        assert_eq!(bytes, &content[range]);
    }
}

fn in_parts(got: &Reply) -> Vec<(Vec<u8>, Vec<u8>)> {
    let kind = got.headers.only("Content-Type").unwrap_or_default();
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=");
    let boundary = boundary.unwrap_or_else(|| panic!("{kind:?}"));
    let parts = plain::parts(&got.body, boundary.as_bytes());
    let parts = parts.unwrap_or_else(|| panic!("{:?}", text::from_bytes(&got.body)));
    let answer = whole_answer(kind, &got.body);
    let checked = byteranges::parts(&answer).and_then(Result::ok).map(|read| read.parts);
    let checked = checked.unwrap_or_else(|| panic!("{:?}", text::from_bytes(&got.body)));
    let printed: Vec<_> = checked
        .into_iter()
        .map(|part| (text::to_bytes(&part.place.to_string()), part.bytes))
        .collect();
    assert_eq!(printed, parts);
    parts
}

/// An answer of this type whose bytes are all at hand.
pub(super) fn whole_answer(kind: &str, body: &[u8]) -> Answer {
    let headers = [("Content-Type", kind)].into_iter().collect();
    let mut answer = Answer {
        head: ResponseHead::write(206, "Partial Content", &headers),
        exact: true,
        interim: vec![],
        body: Body::of(Framing::Length(body.len() as u64), body),
        surplus: vec![],
    };
    answer.body.start = body.to_vec();
    answer
}

/// The places of parts, if they all have one.
pub(super) fn place(value: &[u8]) -> Option<ContentRange> {
    text::from_bytes(value).parse().ok()
}

//! Bodies in parts, as servers send them and as the checks read them.

use bits_judge::{
    checks::byteranges::{Part, is_in_parts, parts},
    transcript::Answer,
};
use bits_wire::text;

use super::{
    downloads::{place, whole_answer},
    plain,
};

/// A body in parts: the first line is the boundary, the rest the body. What is plainly right is read as it stands, and
/// what is read is read again as it would be written.
pub fn multipart(data: &[u8]) {
    let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (boundary, body) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    if boundary.is_empty() || !boundary.iter().all(u8::is_ascii_alphanumeric) {
        return;
    }
    let boundary = text::from_bytes(boundary);
    let answer = answer(&boundary, body);
    assert!(is_in_parts(&answer));
    let read = parts(&answer).expect("all bytes are at hand");
    let by_hand = plain::parts(body, boundary.as_bytes());
    let by_hand: Option<Vec<_>> = by_hand
        .and_then(|all| all.into_iter().map(|(at, bytes)| Some((place(&at)?, bytes))).collect());
    if let Some(by_hand) = by_hand.filter(|all| !all.is_empty()) {
        let read = read.as_ref().map(|it| pairs(&it.parts));
        assert_eq!(read, Ok(by_hand));
    }
    let Ok(read) = read else { return };
    assert!(!read.parts.is_empty());
    let written = self::answer(&boundary, &written(&read.parts, &boundary));
    let again = parts(&written).expect("all bytes are at hand");
    let again = again.as_ref().map(|it| (it.lead, pairs(&it.parts)));
    assert_eq!(again, Ok((0, pairs(&read.parts))));
}

fn answer(boundary: &str, body: &[u8]) -> Answer {
    whole_answer(&format!("Multipart/ByteRanges; charset=x; boundary=\"{boundary}\""), body)
}

fn pairs(parts: &[Part]) -> Vec<(bits_wire::ContentRange, Vec<u8>)> {
    parts.iter().map(|part| (part.place, part.bytes.clone())).collect()
}

fn written(parts: &[Part], boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let head = format!("--{boundary}\r\nContent-Range: {}\r\n\r\n", part.place);
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&part.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

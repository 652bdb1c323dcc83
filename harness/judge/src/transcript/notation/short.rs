//! The short form: one line a head.
//!
//! A request is a packet type and perhaps a target; what its kind needs is added: `Host`, `Content-Length`, and for a
//! fragment the body that its range asks for. `!Name` takes a header away. An answer is a status; `Ack` after it stands
//! for `BITS-Packet-Type: Ack` and `Content-Length: 0`.

use bits_wire::{
    BITS_POST, ContentRange, Headers, PacketType, Payload,
    http1::{Framing, HeadState, RequestHead, ResponseHead, read_response_head},
    names,
};

use crate::transcript::{Answer, Body, Request};

/// The seed of the payload that short fragments carry.
const SEED: u64 = 0x5eed;

pub(super) fn request(line: &str) -> Result<Request, String> {
    let mut parts = line.split(';').map(str::trim);
    let mut words = parts.next().unwrap_or_default().split(' ');
    let kind = words
        .next()
        .filter(|word| !word.is_empty())
        .ok_or("expected a packet type or a method after `>`")?;
    let target = words.next().unwrap_or("/upload/file");
    let is_method =
        kind.chars().all(|character| character.is_ascii_uppercase() || character == '_');
    let mut headers = Headers::new();
    headers.push(names::HOST, "server");
    if !is_method {
        headers.push(names::PACKET_TYPE, kind);
    }
    let mut absent = Vec::new();
    fields(parts, &mut headers, &mut absent)?;
    let range =
        headers.first(names::CONTENT_RANGE).and_then(|value| value.parse::<ContentRange>().ok());
    let body = match range {
        Some(range) if PacketType::read(kind) == PacketType::Fragment => {
            Payload::Pattern { seed: SEED, offset: range.first, length: range.length() }
        }
        _ => Payload::Empty,
    };
    if !is_method && !headers.has(names::CONTENT_LENGTH) {
        headers.push(names::CONTENT_LENGTH, body.length().to_string());
    }
    absent.iter().for_each(|name| headers.remove(name));
    let method = if is_method { kind } else { BITS_POST };
    Ok(Request {
        head: RequestHead::write(method, target, "HTTP/1.1", &headers),
        sent: body.length(),
        body,
        ..Request::default()
    })
}

pub(super) fn answer(line: &str) -> Result<Answer, String> {
    let mut parts = line.split(';').map(str::trim);
    let mut words = parts.next().unwrap_or_default().split(' ');
    let status =
        words.next().and_then(|word| word.parse().ok()).ok_or("expected a status after `<`")?;
    let mut headers = Headers::new();
    if let Some(word) = words.next() {
        headers.push(names::PACKET_TYPE, word);
        headers.push(names::CONTENT_LENGTH, "0");
    }
    let mut absent = Vec::new();
    fields(parts, &mut headers, &mut absent)?;
    absent.iter().for_each(|name| headers.remove(name));
    let written = ResponseHead::write(status, "", &headers);
    // What is odd about it is found as in one that came from a server.
    let HeadState::Complete(head, _) = read_response_head(&written.raw) else {
        return Err("no head can be made of this".into());
    };
    let head = *head;
    let framing = Framing::of(&head, BITS_POST);
    Ok(Answer { head, exact: true, interim: vec![], body: Body::of(framing, b""), surplus: vec![] })
}

/// A call of the server application: a method, perhaps a target, and headers.
pub(super) fn call(line: &str) -> Result<RequestHead, String> {
    let mut parts = line.split(';').map(str::trim);
    let mut words = parts.next().unwrap_or_default().split(' ');
    let method =
        words.next().filter(|word| !word.is_empty()).ok_or("expected a method after `>>`")?;
    let target = words.next().unwrap_or("/");
    let mut headers: Headers = [(names::HOST, "application")].into_iter().collect();
    let mut absent = Vec::new();
    fields(parts, &mut headers, &mut absent)?;
    if !headers.has(names::CONTENT_LENGTH) {
        headers.push(names::CONTENT_LENGTH, "0");
    }
    absent.iter().for_each(|name| headers.remove(name));
    Ok(RequestHead::write(method, target, "HTTP/1.1", &headers))
}

fn fields<'a>(
    parts: impl Iterator<Item = &'a str>,
    headers: &mut Headers,
    absent: &mut Vec<&'a str>,
) -> Result<(), String> {
    for part in parts.filter(|part| !part.is_empty()) {
        if let Some(name) = part.strip_prefix('!') {
            absent.push(name);
        } else {
            let (name, value) = part
                .split_once(':')
                .ok_or_else(|| format!("expected `name: value`, got `{part}`"))?;
            if headers.has(name)
                && (name == names::PACKET_TYPE
                    || name == names::CONTENT_LENGTH
                    || name == names::HOST)
            {
                headers.set(name, value.trim());
            } else {
                headers.push(name, value.trim());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::transcript::Transcript;
    use bits_wire::Payload;

    #[test]
    fn a_short_fragment_has_its_body_and_length() {
        let transcript: Transcript = "
            > Fragment /up/a; Content-Range: bytes 3-9/20
            < 200 Ack; BITS-Received-Content-Range: 10
            > Ping; !Content-Length
            < 400
        "
        .parse()
        .unwrap();
        let [fragment, ping] = transcript.exchanges.as_slice() else { panic!("two exchanges") };
        assert_eq!(fragment.request.head.target, "/up/a");
        assert_eq!(fragment.request.head.headers.first("Content-Length"), Some("7"));
        assert_eq!(fragment.request.body, Payload::Pattern { seed: 0x5eed, offset: 3, length: 7 });
        assert_eq!(fragment.answer().unwrap().head.headers.first("BITS-Packet-Type"), Some("Ack"));
        assert_eq!(ping.number, 2);
        assert!(!ping.request.head.headers.has("Content-Length"));
        assert!(ping.answer().unwrap().head.headers.is_empty());
    }
}

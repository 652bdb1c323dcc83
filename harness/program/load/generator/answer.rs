//! Reads heads of answers without allocating, as far as a generator has to understand them.

use std::ops::Range;

use bits_wire::names;
use memchr::memchr;

use crate::load::record::Trouble;

/// What the head of an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Bytes of the head.
    pub(super) length: usize,
    pub(super) body: Body,
    /// Whether the server closes the connection behind it.
    pub(super) closes: bool,
    /// The next byte wanted.
    pub(super) received: Option<u64>,
    /// Where the session id stands.
    pub(super) session: Option<Range<usize>>,
}

/// Where the body of an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads the head at the beginning of `bytes`; nothing as long as it has no end.
pub(super) fn read(bytes: &[u8]) -> Result<Option<Head>, Trouble> {
    let promising = bytes.iter().zip(b"HTTP/1.").all(|(one, two)| one == two);
    if !promising {
        return Err(Trouble::NotHttp);
    }
    let Some(length) = end_of_head(bytes) else { return Ok(None) };
    let status = status(bytes).ok_or(Trouble::NotHttp)?;
    let mut head = Head {
        status,
        length,
        body: Body::UntilClose,
        closes: bytes.get(7) == Some(&b'0'),
        received: None,
        session: None,
    };
    let mut at = line_end(bytes, 0, length);
    while at < length {
        let end = line_end(bytes, at, length);
        head.take(bytes, at..end);
        at = end;
    }
    if matches!(status, 100..=199 | 204 | 304) {
        head.body = Body::Length(0);
    }
    head.closes |= head.body == Body::UntilClose;
    Ok(Some(head))
}

impl Head {
    /// Takes what one line says.
    fn take(&mut self, bytes: &[u8], line: Range<usize>) {
        let Some(colon) = memchr(b':', &bytes[line.clone()]) else { return };
        let name = &bytes[line.start..line.start + colon];
        let value = trim(bytes, line.start + colon + 1..line.end);
        let text = &bytes[value.clone()];
        if is(name, names::CONTENT_LENGTH) {
            // A length that cannot be read is no length.
            self.body = number(text).map_or(Body::UntilClose, Body::Length);
        } else if is(name, names::RECEIVED_CONTENT_RANGE) {
            self.received = number(text);
        } else if is(name, names::SESSION_ID) {
            self.session = (!value.is_empty()).then_some(value);
        } else if is(name, names::TRANSFER_ENCODING) && text.eq_ignore_ascii_case(b"chunked") {
            self.body = Body::Chunked;
        } else if is(name, names::CONNECTION) {
            self.closes |= text.eq_ignore_ascii_case(b"close");
            self.closes &= !text.eq_ignore_ascii_case(b"keep-alive");
        }
    }
}

fn is(name: &[u8], other: &str) -> bool {
    name.eq_ignore_ascii_case(other.as_bytes())
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'\n', &bytes[from..])?;
        match &bytes[at + 1..] {
            [b'\r', b'\n', ..] => return Some(at + 3),
            [b'\n', ..] => return Some(at + 2),
            _ => from = at + 1,
        }
    }
}

/// Where the line that begins at `at` ends, behind its LF.
fn line_end(bytes: &[u8], at: usize, length: usize) -> usize {
    memchr(b'\n', &bytes[at..length]).map_or(length, |end| at + end + 1)
}

fn status(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.get(9..12).filter(|_| bytes[8] == b' ')?;
    number(digits).and_then(|status| u16::try_from(status).ok()).filter(|it| *it >= 100)
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn trim(bytes: &[u8], mut range: Range<usize>) -> Range<usize> {
    while range.start < range.end && bytes[range.start].is_ascii_whitespace() {
        range.start += 1;
    }
    while range.start < range.end && bytes[range.end - 1].is_ascii_whitespace() {
        range.end -= 1;
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACK: &[u8] = b"HTTP/1.1 200 OK\r\nbits-packet-type: Ack\r\nBITS-Session-Id: {A} \r\n\
        BITS-Received-Content-Range: 4096\r\nContent-Length: 0\r\n\r\nHTTP";

    #[test]
    fn an_ack_is_understood() {
        let head = read(ACK).unwrap().unwrap();
        assert_eq!((head.status, head.received, head.body), (200, Some(4096), Body::Length(0)));
        assert_eq!(&ACK[head.session.unwrap()], b"{A}");
        assert_eq!((head.length, head.closes), (ACK.len() - 4, false));
    }

    #[test]
    fn a_head_without_an_end_is_waited_for() {
        for length in 0..ACK.len() - 4 {
            assert_eq!(read(&ACK[..length]), Ok(None), "{length}");
        }
    }

    #[test]
    fn what_is_not_http_is_not_waited_for() {
        for text in ["SSH-2.0", "HTTP/2.0 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1\r\n\r\n"]
        {
            assert_eq!(read(text.as_bytes()), Err(Trouble::NotHttp), "{text}");
        }
    }

    #[test]
    fn the_end_of_a_body_and_of_a_connection_are_told() {
        let read = |text: &str| {
            let head = read(text.as_bytes()).unwrap().unwrap();
            (head.body, head.closes)
        };
        assert_eq!(read("HTTP/1.1 200 OK\r\n\r\n"), (Body::UntilClose, true));
        assert_eq!(read("HTTP/1.1 204 X\r\n\r\n"), (Body::Length(0), false));
        assert_eq!(
            read("HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\n"),
            (Body::Chunked, false)
        );
        assert_eq!(
            read("HTTP/1.1 416 X\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"),
            (Body::Length(5), true)
        );
        assert_eq!(read("HTTP/1.0 200 X\r\nContent-Length: 5\n\n"), (Body::Length(5), true));
        assert_eq!(read("HTTP/1.1 200 X\r\nContent-Length: -5\r\n\r\n"), (Body::UntilClose, true));
    }
}

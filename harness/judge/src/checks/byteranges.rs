//! An answer with several ranges taken apart: `multipart/byteranges` (RFC 2616, 19.2).

use bits_wire::{ContentRange, names, text};

use crate::transcript::Answer;

/// An answer in parts.
pub struct Parts {
    /// The line ends between the head and the first boundary.
    pub lead: usize,
    /// Its parts in order; at least one.
    pub parts: Vec<Part>,
}

/// One part.
pub struct Part {
    /// Where its bytes stand in the content.
    pub place: ContentRange,
    /// The bytes in its header lines, those of `Content-Range` and `Content-Type` and all line ends left out.
    pub extra: usize,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Whether an answer says that it comes in parts.
pub fn is_in_parts(answer: &Answer) -> bool {
    media_type(answer).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/byteranges"))
}

/// The parts of such an answer, or what is wrong with its form. Nothing if its bytes are not all at hand.
pub fn parts(answer: &Answer) -> Option<Result<Parts, &'static str>> {
    let at_hand = answer.body.complete && answer.body.length == answer.body.start.len() as u64;
    at_hand.then(|| {
        let boundary = boundary(answer).ok_or("no boundary in Content-Type")?;
        read(&answer.body.start, &boundary)
    })
}

fn media_type(answer: &Answer) -> Option<&str> {
    answer.head.headers.first("Content-Type")?.split(';').next().map(str::trim)
}

fn boundary(answer: &Answer) -> Option<String> {
    let (_, parameters) = answer.head.headers.first("Content-Type")?.split_once(';')?;
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
    })?;
    let plain = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    (!plain.is_empty()).then(|| plain.to_owned())
}

fn read(body: &[u8], boundary: &str) -> Result<Parts, &'static str> {
    let mark = [b"--", text::to_bytes(boundary).as_slice()].concat();
    let mut at = first_mark(body, &mark).ok_or("no boundary in the body")?;
    let lead = body[..at].iter().filter(|&&byte| byte == b'\n').count();
    let mut parts = Vec::new();
    loop {
        let rest = &body[at + mark.len()..];
        if rest.starts_with(b"--") {
            break;
        }
        let blanks = rest.iter().take_while(|byte| b" \t".contains(byte)).count();
        let rest = rest[blanks..].strip_prefix(b"\r\n").ok_or("a boundary without a line end")?;
        let end = next_mark(rest, &mark).ok_or("no boundary after the last part")?;
        parts.push(part(&rest[..end])?);
        at = body.len() - rest.len() + end + 2;
    }
    if parts.is_empty() { Err("no part in it") } else { Ok(Parts { lead, parts }) }
}

/// Where the first boundary stands: at the beginning of a line.
fn first_mark(body: &[u8], mark: &[u8]) -> Option<usize> {
    let is_first = |at: usize| at == 0 || body[at - 1] == b'\n';
    (0..body.len()).find(|&at| is_first(at) && body[at..].starts_with(mark))
}

/// Where the line end before the next boundary stands, which belongs to the boundary.
fn next_mark(body: &[u8], mark: &[u8]) -> Option<usize> {
    (0..body.len())
        .find(|&at| body[at..].strip_prefix(b"\r\n").is_some_and(|rest| rest.starts_with(mark)))
}

fn part(bytes: &[u8]) -> Result<Part, &'static str> {
    let (mut rest, mut place, mut extra) = (bytes, None, 0);
    loop {
        let end =
            rest.windows(2).position(|pair| pair == b"\r\n").ok_or("a part without a body")?;
        let line = text::from_bytes(&rest[..end]);
        rest = &rest[end + 2..];
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or("a header line without a colon")?;
        if name.eq_ignore_ascii_case(names::CONTENT_RANGE) {
            place = value.trim().parse().ok();
        } else if !name.eq_ignore_ascii_case("Content-Type") {
            extra += end;
        }
    }
    let place = place.ok_or("a part without a good Content-Range")?;
    Ok(Part { place, extra, bytes: rest.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Result<Vec<String>, &'static str> {
        let Parts { lead, parts } = read(body.as_bytes(), "b")?;
        let parts = parts.iter().map(|part| {
            let bytes = String::from_utf8_lossy(&part.bytes);
            format!("{} {bytes:?} +{}", part.place, part.extra)
        });
        Ok([lead.to_string()].into_iter().chain(parts).collect())
    }

    #[test]
    fn parts_are_found_between_the_boundaries() {
        let body = "--b\r\nContent-Type: x/y\r\nContent-range: bytes 0-1/9\r\n\r\nab\r\n--b \r\nContent-Range: bytes 3-4/9\r\nX-A: b\r\n\r\n\r\n\r\n--b--\r\n";
        assert_eq!(
            told(body).unwrap(),
            ["0", "bytes 0-1/9 \"ab\" +0", "bytes 3-4/9 \"\\r\\n\" +6"]
        );
    }

    #[test]
    fn what_stands_before_the_first_boundary_is_counted_in_line_ends() {
        let part = "--b\r\nContent-Range: bytes 0-0/9\r\n\r\na\r\n--b--";
        for (before, lead) in [("", "0"), ("\r\n", "1"), ("\r\n\r\n\r\n", "3"), ("x --b\r\n", "1")]
        {
            assert_eq!(told(&format!("{before}{part}")).unwrap()[0], lead, "{before:?}");
        }
    }

    #[test]
    fn every_flaw_of_the_form_has_its_words() {
        for (body, flaw) in [
            ("", "no boundary in the body"),
            ("abc", "no boundary in the body"),
            ("--b--\r\n", "no part in it"),
            ("--bc\r\n", "a boundary without a line end"),
            ("--b\r\nContent-Range: bytes 0-0/9\r\n\r\na", "no boundary after the last part"),
            ("--b\r\nContent-Range: bytes 0-0/9\r\n--b--", "a part without a body"),
            ("--b\r\n\r\na\r\n--b--", "a part without a good Content-Range"),
            (
                "--b\r\nContent-Range: 0-0/9\r\n\r\na\r\n--b--",
                "a part without a good Content-Range",
            ),
            ("--b\r\nhello\r\n\r\na\r\n--b--", "a header line without a colon"),
        ] {
            assert_eq!(told(body), Err(flaw), "{body:?}");
        }
    }
}

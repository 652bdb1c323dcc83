//! Heads of requests and responses.

use std::fmt;

use crate::{Headers, text};

/// What is wrong with the form of a head, judged by RFC 9112 and by RFC 2616 section 6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A line ends in LF without CR.
    BareLineFeed,
    /// A CR, NUL or other control character within a line.
    ControlCharacter(String),
    /// A field line that begins with white space.
    FoldedLine(String),
    /// A field line without a colon.
    NoColon(String),
    /// A field name that is not a token, white space before the colon included.
    FieldName(String),
    /// A status line that is not `HTTP/d.d ddd reason`.
    StatusLine(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, line) = match self {
            Self::BareLineFeed => return formatter.write_str("a line that ends in LF without CR"),
            Self::ControlCharacter(line) => ("a control character in the line", line),
            Self::FoldedLine(line) => ("a folded line", line),
            Self::NoColon(line) => ("a field line without a colon", line),
            Self::FieldName(line) => ("a field name that is not a token", line),
            Self::StatusLine(line) => ("a malformed status line", line),
        };
        write!(formatter, "{what}: {}", text::excerpt(line, 80))
    }
}

/// The head of a request as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHead {
    /// The exact bytes, the empty line included.
    pub raw: Vec<u8>,
    /// The method, as far as there is one.
    pub method: String,
    /// The request target, as far as there is one.
    pub target: String,
    /// The version, as far as there is one, `HTTP/1.1` as a rule.
    pub version: String,
    /// The header fields that can be told apart.
    pub headers: Headers,
    /// What is wrong with its form.
    pub flaws: Vec<Flaw>,
}

impl RequestHead {
    /// Writes a head; the bytes are exactly these words.
    #[must_use]
    pub fn write(method: &str, target: &str, version: &str, headers: &Headers) -> Self {
        let mut lines = format!("{method} {target} {version}\r\n");
        for header in headers {
            lines.extend([&*header.name, ": ", header.value.as_str(), "\r\n"]);
        }
        lines.push_str("\r\n");
        Self::read(&text::to_bytes(&lines))
    }

    /// Reads a head as far as it can be understood.
    #[must_use]
    pub fn read(raw: &[u8]) -> Self {
        let mut flaws = Vec::new();
        let lines = lines(raw, &mut flaws);
        let start = lines.first().map_or("", String::as_str);
        let mut words = start.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, target, version) = (word(), word(), word());
        let headers = fields(lines.get(1..).unwrap_or_default(), &mut flaws);
        Self { raw: raw.to_vec(), method, target, version, headers, flaws }
    }
}

/// The head of a response as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The exact bytes, the empty line included.
    pub raw: Vec<u8>,
    /// The version, `HTTP/1.1` as a rule.
    pub version: String,
    /// The status.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The header fields.
    pub headers: Headers,
    /// What is wrong with its form.
    pub flaws: Vec<Flaw>,
}

impl ResponseHead {
    /// A head made of these words, for transports that hide the bytes and for tests.
    #[must_use]
    pub fn write(status: u16, reason: &str, headers: &Headers) -> Self {
        let mut lines = format!("HTTP/1.1 {status} {reason}\r\n");
        for header in headers {
            lines.extend([&*header.name, ": ", header.value.as_str(), "\r\n"]);
        }
        lines.push_str("\r\n");
        let raw = text::to_bytes(&lines);
        Self {
            version: "HTTP/1.1".into(),
            status,
            reason: reason.into(),
            headers: headers.clone(),
            flaws: vec![],
            raw,
        }
    }

    /// The status line as it came.
    #[must_use]
    pub fn status_line(&self) -> String {
        if self.reason.is_empty() {
            self.status.to_string()
        } else {
            format!("{} {}", self.status, self.reason)
        }
    }
}

/// How far the head of a response has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadState {
    /// More bytes are wanted.
    Incomplete,
    /// A head, and how many bytes it took.
    Complete(Box<ResponseHead>, usize),
    /// These bytes are no HTTP response, whatever follows.
    NotHttp,
}

/// Reads the head of a response from the front of `bytes`.
#[must_use]
pub fn read_response_head(bytes: &[u8]) -> HeadState {
    let promising = bytes.iter().zip(b"HTTP/").all(|(one, two)| one == two);
    if !promising {
        return HeadState::NotHttp;
    }
    let Some(length) = head_length(bytes) else { return HeadState::Incomplete };
    let raw = &bytes[..length];
    let mut flaws = Vec::new();
    let lines = lines(raw, &mut flaws);
    let Some((version, status, reason)) = status_line(&lines[0], &mut flaws) else {
        return HeadState::NotHttp;
    };
    let headers = fields(&lines[1..], &mut flaws);
    HeadState::Complete(
        Box::new(ResponseHead { raw: raw.to_vec(), version, status, reason, headers, flaws }),
        length,
    )
}

/// Where the head at the front of `bytes` ends: behind its empty line; LF alone is taken as a line end, and listed as a flaw later.
#[must_use]
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        if matches!(&bytes[line_start..at], b"" | b"\r") {
            return Some(at + 1);
        }
        line_start = at + 1;
    }
    None
}

/// The lines of a head without their ends and without the empty one at the end.
fn lines(raw: &[u8], flaws: &mut Vec<Flaw>) -> Vec<String> {
    let mut lines = Vec::new();
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let body = match line {
            [body @ .., b'\r', b'\n'] => body,
            [body @ .., b'\n'] => {
                note(flaws, Flaw::BareLineFeed);
                body
            }
            body => body,
        };
        let line = text::from_bytes(body);
        if body.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
            note(flaws, Flaw::ControlCharacter(line.clone()));
        }
        lines.push(line);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// How many flaws of one head are listed.
const MOST_FLAWS: usize = 64;

fn note(flaws: &mut Vec<Flaw>, flaw: Flaw) {
    if flaws.len() < MOST_FLAWS && !flaws.contains(&flaw) {
        flaws.push(flaw);
    }
}

fn status_line(line: &str, flaws: &mut Vec<Flaw>) -> Option<(String, u16, String)> {
    let (version, rest) = line.split_once(' ')?;
    let (status, reason) =
        rest.split_once(' ').map_or((rest, None), |(status, reason)| (status, Some(reason)));
    // A sign before it would be read as a part of the number.
    let number = status.parse().ok().filter(|_| !status.starts_with('+'))?;
    let digits = version.strip_prefix("HTTP/").unwrap_or_default().as_bytes();
    let right = matches!(digits, [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit())
        && status.len() == 3
        && (100..600).contains(&number)
        && reason.is_some();
    if !right {
        flaws.push(Flaw::StatusLine(line.to_owned()));
    }
    Some((version.to_owned(), number, reason.unwrap_or_default().to_owned()))
}

fn fields(lines: &[String], flaws: &mut Vec<Flaw>) -> Headers {
    let mut headers = Headers::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            note(flaws, Flaw::FoldedLine(line.clone()));
        } else if let Some((name, value)) = line.split_once(':') {
            if !text::is_token(name) {
                note(flaws, Flaw::FieldName(line.clone()));
            }
            // Nothing beyond ASCII is white space in a head.
            headers.push(name.trim_end_matches([' ', '\t']), value.trim_matches([' ', '\t']));
        } else {
            note(flaws, Flaw::NoColon(line.clone()));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> ResponseHead {
        let HeadState::Complete(head, length) = read_response_head(bytes) else {
            panic!("not complete")
        };
        assert_eq!(length, head.raw.len());
        *head
    }

    #[test]
    fn a_head_keeps_case_order_and_duplicates() {
        let head = read(b"HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\nx: 1\r\nX:\t2 \r\n\r\nrest");
        assert_eq!(head.status, 200);
        assert_eq!(
            head.headers,
            [("BITS-Packet-Type", "Ack"), ("x", "1"), ("X", "2")].into_iter().collect()
        );
        assert_eq!(head.flaws, []);
    }

    #[test]
    fn an_unfinished_head_waits() {
        for length in 0..38 {
            let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            assert_eq!(read_response_head(&whole[..length]), HeadState::Incomplete, "{length}");
        }
    }

    #[test]
    fn what_does_not_begin_like_http_is_not_waited_for() {
        assert_eq!(read_response_head(b"SSH-2.0"), HeadState::NotHttp);
        assert_eq!(read_response_head(b"<"), HeadState::NotHttp);
        assert_eq!(read_response_head(b"HTTP/1.1 abc\r\n\r\n"), HeadState::NotHttp);
        assert_eq!(read_response_head(b"HTTP/1.1 +20 OK\r\n\r\n"), HeadState::NotHttp);
    }

    #[test]
    fn each_flaw_is_listed() {
        let flaws = |bytes: &[u8]| read(bytes).flaws;
        assert_eq!(flaws(b"HTTP/1.1 200 OK\nA: b\r\n\r\n"), [Flaw::BareLineFeed]);
        assert_eq!(
            flaws(b"HTTP/1.1 200 OK\r\nA: b\x01\r\n\r\n"),
            [Flaw::ControlCharacter("A: b\x01".into())]
        );
        assert_eq!(
            flaws(b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"),
            [Flaw::FoldedLine(" c".into())]
        );
        assert_eq!(flaws(b"HTTP/1.1 200 OK\r\nAb\r\n\r\n"), [Flaw::NoColon("Ab".into())]);
        assert_eq!(flaws(b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n"), [Flaw::FieldName("A : b".into())]);
        assert_eq!(flaws(b"HTTP/1.1 200\r\n\r\n"), [Flaw::StatusLine("HTTP/1.1 200".into())]);
        assert_eq!(flaws(b"HTTP/11 200 OK\r\n\r\n"), [Flaw::StatusLine("HTTP/11 200 OK".into())]);
    }

    #[test]
    fn flaws_without_end_are_listed_up_to_a_number() {
        let lines: String = (0..1000).map(|at| format!("{at}\r\n")).collect();
        assert_eq!(read(format!("HTTP/1.1 200 OK\r\n{lines}\r\n").as_bytes()).flaws.len(), 64);
    }

    #[test]
    fn a_written_request_is_exact_and_read_back() {
        let headers = [("BITS-packet-TYPE", "Ping"), ("Content-Length", "0")].into_iter().collect();
        let head = RequestHead::write("BITS_POST", "/a b", "HTTP/1.1", &headers);
        assert_eq!(
            head.raw,
            b"BITS_POST /a b HTTP/1.1\r\nBITS-packet-TYPE: Ping\r\nContent-Length: 0\r\n\r\n"
        );
        assert_eq!(head.headers, headers);
    }

    #[test]
    fn a_broken_request_is_read_as_far_as_it_goes() {
        let head = RequestHead::read(b"\x00\xff");
        assert_eq!(head.method, "\u{0}\u{ff}");
        assert_eq!(RequestHead::read(b"").method, "");
    }
}

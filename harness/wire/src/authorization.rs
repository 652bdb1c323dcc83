//! `Authorization` as it may be recorded: the scheme, and whose credentials they were, never the credentials.

use super::http1::RequestHead;

/// The headers of requests that carry credentials.
pub const CARRIERS: [&str; 2] = ["Authorization", "Proxy-Authorization"];

/// Whose credentials a recorded request carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// Those of a user whom the target permits.
    Right,
    /// That user's with another password.
    Wrong,
    /// Some that the request's author wrote down; nobody knows whether they are right.
    Written,
}

impl Bearer {
    /// All of them.
    const ALL: [Self; 3] = [Self::Right, Self::Wrong, Self::Written];

    /// What stands in a record in the place of the credentials.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "<redacted>",
            Self::Wrong => "<redacted: wrong>",
            Self::Written => "<redacted: as written>",
        }
    }

    /// Whose credentials a recorded head carried, if it carried any.
    #[must_use]
    pub fn of(head: &RequestHead) -> Option<Self> {
        head.headers.first(CARRIERS[0]).map(Self::of_value)
    }

    /// Whose credentials a recorded value stands for.
    fn of_value(value: &str) -> Self {
        let is = |one: &Self| value.ends_with(one.as_str());
        Self::ALL.into_iter().find(is).unwrap_or(Self::Written)
    }
}

/// A value that carries credentials, from wherever it is, as it may be shown.
#[must_use]
pub fn shown(value: &str) -> String {
    let value = value.trim();
    let scheme = value.split_once(' ').map_or("", |(scheme, _)| scheme);
    let bearer = Bearer::of_value(value);
    if value.starts_with('<') || scheme.is_empty() {
        return bearer.as_str().to_owned();
    }
    format!("{scheme} {}", bearer.as_str())
}

/// The head as it may be recorded: of each value that carries credentials only the scheme is left.
#[must_use]
pub fn redacted(head: RequestHead, bearer: Bearer) -> RequestHead {
    let lines = head.raw.split_inclusive(|&byte| byte == b'\n');
    if !lines.clone().any(carries) {
        return head;
    }
    let mut raw = Vec::with_capacity(head.raw.len());
    let mut carried = false;
    for line in lines {
        let continues = carried && matches!(line.first(), Some(b' ' | b'\t'));
        carried = continues || carries(line);
        match (continues, carried) {
            (true, _) => raw.extend([b" ", bearer.as_str().as_bytes(), line_end(line)].concat()),
            (_, true) => raw.extend(redacted_line(line, bearer)),
            _ => raw.extend_from_slice(line),
        }
    }
    RequestHead::read(&raw)
}

/// The bytes that end a line.
fn line_end(line: &[u8]) -> &[u8] {
    let end = match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    };
    &line[line.len() - end..]
}

/// Whether a line is one with credentials; one that is malformed about its colon counts as well.
fn carries(line: &[u8]) -> bool {
    let name: Vec<u8> = line.iter().copied().take_while(|byte| *byte != b':').collect();
    let is = |carrier: &&str| name.trim_ascii().eq_ignore_ascii_case(carrier.as_bytes());
    name.len() < line.len() && CARRIERS.iter().any(is)
}

fn redacted_line(line: &[u8], bearer: Bearer) -> Vec<u8> {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return line.to_vec() };
    let (front, end) = (&line[..=colon], line_end(line));
    let value = line[colon + 1..].trim_ascii();
    let scheme = value.iter().position(|byte| *byte == b' ').map_or(&[][..], |at| &value[..=at]);
    [front, b" ", scheme, bearer.as_str().as_bytes(), end].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(raw: &str, bearer: Bearer) -> String {
        String::from_utf8(redacted(RequestHead::read(raw.as_bytes()), bearer).raw).unwrap()
    }

    #[test]
    fn only_the_scheme_is_left() {
        let raw = "GET / HTTP/1.1\r\nauthorization: Basic c2VjcmV0\r\nA: b\r\n\r\n";
        let kept = said(raw, Bearer::Wrong);
        assert_eq!(
            kept,
            "GET / HTTP/1.1\r\nauthorization: Basic <redacted: wrong>\r\nA: b\r\n\r\n"
        );
        let bare = said("GET / HTTP/1.1\nProxy-Authorization :c2VjcmV0\n\n", Bearer::Right);
        assert_eq!(bare, "GET / HTTP/1.1\nProxy-Authorization : <redacted>\n\n");
        let folded = "GET / HTTP/1.1\r\nAuthorization: Basic\r\n c2VjcmV0\r\nA: b\r\n\r\n";
        assert_eq!(
            said(folded, Bearer::Right),
            "GET / HTTP/1.1\r\nAuthorization: <redacted>\r\n <redacted>\r\nA: b\r\n\r\n"
        );
        let other = "GET /Authorization: HTTP/1.1\r\nX: Authorization\r\n\r\n";
        assert_eq!(said(other, Bearer::Right), other);
    }

    #[test]
    fn what_is_shown_is_no_secret_and_what_is_none_already_stays() {
        for (value, kept) in [
            (" Basic c2VjcmV0", "Basic <redacted: as written>"),
            ("c2VjcmV0", "<redacted: as written>"),
            ("Digest <redacted: wrong>", "Digest <redacted: wrong>"),
            ("<redacted: wrong>", "<redacted: wrong>"),
        ] {
            assert_eq!(shown(value), kept);
        }
    }

    #[test]
    fn a_record_tells_whose_credentials_they_were() {
        for bearer in Bearer::ALL {
            let raw = b"GET / HTTP/1.1\r\nAuthorization: Digest username=\"a\", x=y\r\n\r\n";
            let head = redacted(RequestHead::read(raw), bearer);
            assert_eq!(Bearer::of(&head), Some(bearer));
        }
        assert_eq!(Bearer::of(&RequestHead::read(b"GET / HTTP/1.1\r\n\r\n")), None);
    }
}

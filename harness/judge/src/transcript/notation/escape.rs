//! Bytes of heads as lines of text, and back.

use std::fmt::Write as _;

/// The lines of a head. Each ends in CR LF on the wire, unless it ends in the marks `\n` (LF alone) or `\z` (no end).
pub(super) fn lines(raw: &[u8]) -> Vec<String> {
    raw.split_inclusive(|&byte| byte == b'\n')
        .map(|line| match line {
            [body @ .., b'\r', b'\n'] => escape(body),
            [body @ .., b'\n'] => escape(body) + "\\n",
            body => escape(body) + "\\z",
        })
        .collect()
}

/// The bytes of one such line; `None` if an escape is malformed.
pub(super) fn bytes(line: &str) -> Option<Vec<u8>> {
    if let Some(body) = line.strip_suffix("\\z") {
        return unescape(body);
    }
    let (body, end) = line.strip_suffix("\\n").map_or((line, &b"\r\n"[..]), |body| (body, b"\n"));
    let mut bytes = unescape(body)?;
    bytes.extend_from_slice(end);
    Some(bytes)
}

/// Printable ASCII as it is, `\xNN` for the rest and for the backslash, so that the marks cannot be mistaken.
pub(super) fn escape(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        match byte {
            b'\\' => text.push_str("\\x5c"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => _ = write!(text, "\\x{byte:02x}"),
        }
        text
    })
}

/// The inverse of [`escape`]; characters beyond ASCII stand for their UTF-8 bytes.
pub(super) fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, rest) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
                rest = after;
            }
            (b'\\', _) => return None,
            (byte, _) => bytes.push(*byte),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_head_survives() {
        for raw in [
            &b"A: b\r\nC: d\n\r\n"[..],
            b"no end",
            b"\x00\xff\\\r\r\n",
            b"\n\n",
            b"ends in a mark \\n\r\n",
            b"\\z",
        ] {
            let text = lines(raw);
            let back: Vec<u8> = text.iter().flat_map(|line| bytes(line).unwrap()).collect();
            assert_eq!(back, raw, "{text:?}");
        }
    }

    #[test]
    fn malformed_escapes_are_refused() {
        assert_eq!(unescape("\\q"), None);
        assert_eq!(unescape("\\x1"), None);
    }
}

//! Which file a request target names.

use std::borrow::Cow;

/// The path of a request target, without its query. What is escaped and need not be is the same name (RFC 2616 3.2.3).
pub(super) fn path_of(target: &str) -> Cow<'_, str> {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let Some((start, rest)) = path.split_once('%') else { return Cow::Borrowed(path) };
    let mut plain = start.to_owned();
    for part in rest.split('%') {
        let escaped = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped.filter(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte)) {
            Some(byte) => plain.extend([&char::from(byte).to_string(), &part[2..]]),
            None => plain.extend(["%", part]),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_letter_is_the_letter() {
        for (target, path) in [
            ("/a/b?%61", "/a/b"),
            ("/a/%62", "/a/b"),
            ("/%2e%2E/%7e", "/../~"),
            ("/a%20b%2fc%5c%", "/a%20b%2fc%5c%"),
            ("/%zz%6", "/%zz%6"),
            ("/%\u{e9}%41", "/%\u{e9}A"),
        ] {
            assert_eq!(path_of(target), path);
        }
    }
}

//! Header text as characters, one for each byte.
//!
//! Heads are bytes that are mostly ASCII. They are kept as strings in which every character stands for the byte of the
//! same number (ISO 8859-1), so that nothing is lost and everything can be printed.

/// Reads bytes as characters, one for each byte.
#[must_use]
pub fn from_bytes(bytes: &[u8]) -> String {
    // Nearly all heads are ASCII, where both are the same.
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.to_owned(),
        _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Writes characters as bytes. Characters above U+00FF, which no head contains, become their UTF-8 bytes.
#[must_use]
pub fn to_bytes(text: &str) -> Vec<u8> {
    if text.is_ascii() {
        return text.as_bytes().to_vec();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// Whether `text` begins with `start`, in whatever letters of ASCII.
#[must_use]
pub fn begins(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

/// Whether `text` is an HTTP token (RFC 9110, 5.6.2).
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// At most `most` characters of `text` for a person, control characters escaped.
#[must_use]
pub fn excerpt(text: &str, most: usize) -> String {
    let mut short = String::with_capacity(text.len().min(4 * most));
    for character in text.chars().take(most) {
        match character.is_control() {
            true => short.extend(character.escape_default()),
            false => short.push(character),
        }
    }
    let left = text.chars().count().saturating_sub(most);
    if left > 0 {
        short.push_str(&format!("... ({left} more)"));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_the_way_through_text() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(to_bytes(&from_bytes(&all)), all);
    }

    #[test]
    fn a_character_beyond_one_byte_becomes_utf_8() {
        assert_eq!(to_bytes("€"), "€".as_bytes());
    }

    #[test]
    fn an_excerpt_says_how_much_it_left_out() {
        assert_eq!(excerpt("ab\r\ncd", 4), "ab\\r\\n... (2 more)");
    }
}

//! Ranges, GUIDs and error values: what is printed is read again, and read as one would by hand.

use bits_wire::{ContentRange, ContentRangeError, Guid, Hresult, SessionId};

/// A `Content-Range`.
pub fn content_range(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = text.parse::<ContentRange>();
    let by_hand = range_by_hand(&text);
    assert_eq!(read.ok().map(|range| (range.first, range.last, range.total)), by_hand, "{text:?}");
    match read {
        Ok(range) => {
            assert_eq!(range.to_string().parse(), Ok(range));
            assert_eq!(u128::from(range.length()), u128::from(range.last - range.first) + 1);
            assert_eq!(range.is_final(), u128::from(range.last) + 1 == u128::from(range.total));
        }
        Err(ContentRangeError::UnknownTotal) => assert!(text.ends_with("/*"), "{text:?}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn range_by_hand(text: &str) -> Option<(u64, u64, u64)> {
    if text.len() < 6 || !text.is_char_boundary(6) {
        return None;
    }
    let (unit, rest) = text.split_at(6);
    if !unit.eq_ignore_ascii_case("bytes ") {
        return None;
    }
    let mut rest = rest;
    while rest.starts_with(' ') {
        rest = &rest[1..];
    }
    let words: Vec<&str> = rest.split(['-', '/']).collect();
    let [first, last, total] = words.as_slice() else { return None };
    if rest != format!("{first}-{last}/{total}") {
        return None;
    }
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit());
        plain.then(|| digits.parse::<u64>().ok()).flatten()
    };
    let (first, last, total) = (number(first)?, number(last)?, number(total)?);
    (first <= last && last < total).then_some((first, last, total))
}

/// A GUID in braces, and ids of sessions that are none.
pub fn guid(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = text.parse::<Guid>().ok();
    assert_eq!(read, guid_by_hand(&text), "{text:?}");
    let id = SessionId::new(text.as_ref());
    assert!(id.same_as(&id) && id.guid() == read && id.to_string() == text);
    let lower = SessionId::new(text.to_ascii_lowercase());
    assert_eq!(id.same_as(&lower), lower.same_as(&id));
    if let Some(guid) = read {
        assert_eq!(guid.to_string(), text.to_ascii_uppercase());
        assert_eq!(guid.to_string().parse(), Ok(guid));
        assert!(id.same_as(&lower));
    }
    if let Ok(bytes) = <[u8; 16]>::try_from(data) {
        let fresh = Guid::from_random(bytes).to_string();
        assert_eq!(fresh.parse(), Ok(Guid::from_random(bytes)));
        assert!(fresh.as_bytes()[15] == b'4' && b"89AB".contains(&fresh.as_bytes()[20]), "{fresh}");
    }
}

fn guid_by_hand(text: &str) -> Option<Guid> {
    let mut number: u128 = 0;
    if text.len() != 38 {
        return None;
    }
    for (at, character) in text.chars().enumerate() {
        let right = match at {
            0 => character == '{',
            37 => character == '}',
            9 | 14 | 19 | 24 => character == '-',
            _ => {
                number = number * 16 + u128::from(character.to_digit(16)?);
                true
            }
        };
        if !right {
            return None;
        }
    }
    Some(Guid(number))
}

/// An error value.
pub fn hresult(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = Hresult::read(&text);
    assert_eq!(read, value_by_hand(&text), "{text:?}");
    if let Some(value) = read {
        let printed = value.to_string();
        assert_eq!((printed.len(), Hresult::read(&printed)), (10, Some(value)));
        assert_eq!(value.is_vendor(), value.0 >> 29 & 1 == 1);
        assert!(value.name().is_none_or(|name| !name.is_empty()));
    }
}

fn value_by_hand(text: &str) -> Option<Hresult> {
    let mut digits: Vec<char> = text.chars().collect();
    if digits.len() > 1 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') {
        digits.drain(..2);
    } else if digits.first().is_some_and(|first| *first == 'x' || *first == 'X') {
        digits.remove(0);
    }
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    let mut value = 0;
    for digit in digits {
        value = value * 16 + digit.to_digit(16)?;
    }
    Some(Hresult(value))
}

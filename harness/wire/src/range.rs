//! `Content-Range` as RFC 2616 14.16 has it: `bytes first-last/total`.

use std::{fmt, str::FromStr};

/// A range of bytes within an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentRange {
    /// Offset of the first byte.
    pub first: u64,
    /// Offset of the last byte, inclusive.
    pub last: u64,
    /// Bytes in the whole entity.
    pub total: u64,
}

/// Why a `Content-Range` cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentRangeError {
    /// No `bytes ` in front.
    #[error("expected the unit `bytes` and a space")]
    Unit,
    /// Not `first-last/total` in plain decimal digits.
    #[error("expected `first-last/total` in decimal digits")]
    Shape,
    /// A number that does not fit into 64 bits.
    #[error("a number does not fit into 64 bits")]
    Overflow,
    /// The total is `*`, which the grammar allows and an upload cannot use (U19).
    #[error("the total is `*`")]
    UnknownTotal,
    /// `last` before `first`.
    #[error("the range ends before it begins")]
    Backwards,
    /// `last` not before `total` (U15).
    #[error("the range does not lie within the total")]
    Beyond,
}

impl ContentRange {
    /// Bytes in the range.
    #[must_use]
    pub fn length(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    /// Whether the range holds the last byte of the entity.
    #[must_use]
    pub fn is_final(self) -> bool {
        self.last == self.total - 1
    }
}

impl FromStr for ContentRange {
    type Err = ContentRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (unit, rest) = split(text, b' ').ok_or(ContentRangeError::Unit)?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return Err(ContentRangeError::Unit);
        }
        let (span, total) =
            split(rest.trim_start_matches(' '), b'/').ok_or(ContentRangeError::Shape)?;
        let (first, last) = split(span, b'-').ok_or(ContentRangeError::Shape)?;
        let (first, last) = (offset(first)?, offset(last)?);
        if total == "*" {
            return Err(ContentRangeError::UnknownTotal);
        }
        let total = offset(total)?;
        if last < first {
            return Err(ContentRangeError::Backwards);
        }
        if total <= last {
            return Err(ContentRangeError::Beyond);
        }
        Ok(Self { first, last, total })
    }
}

/// What stands before and behind the first mark. In text this short it is quicker to look at each byte than to search.
fn split(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == mark)?;
    Some((&text[..at], &text[at + 1..]))
}

fn offset(digits: &str) -> Result<u64, ContentRangeError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ContentRangeError::Shape);
    }
    digits.parse().map_err(|_| ContentRangeError::Overflow)
}

impl fmt::Display for ContentRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "bytes {}-{}/{}", self.first, self.last, self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        let range = ContentRange { first: 128, last: 212, total: 500 };
        assert_eq!(range.to_string().parse(), Ok(range));
        assert_eq!(range.length(), 85);
    }

    #[test]
    fn each_fault_has_its_name() {
        use ContentRangeError::{Backwards, Beyond, Overflow, Shape, Unit, UnknownTotal};
        for (text, fault) in [
            ("0-9/10", Unit),
            ("bytes=0-9/10", Unit),
            ("bits 0-9/10", Unit),
            ("bytes 0-/10", Shape),
            ("bytes 0-9", Shape),
            ("bytes +0-9/10", Shape),
            ("bytes -1-9/10", Shape),
            ("bytes 0-3,5-9/10", Shape),
            ("bytes 0-9/18446744073709551616", Overflow),
            ("bytes 0-9/*", UnknownTotal),
            ("bytes 10-9/10", Backwards),
            ("bytes 0-10/10", Beyond),
        ] {
            assert_eq!(text.parse::<ContentRange>(), Err(fault), "{text}");
        }
    }

    #[test]
    fn the_largest_range_does_not_overflow() {
        let range: ContentRange =
            "bytes 0-18446744073709551614/18446744073709551615".parse().unwrap();
        assert_eq!(range.length(), u64::MAX);
        assert!(range.is_final());
    }
}

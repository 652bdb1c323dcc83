//! The entity that a scenario uploads, and slices of it.

use std::sync::Arc;

use bits_wire::{Payload, payload::LocalFile};

use super::error::LoadErrorKind;

/// The entity that a scenario uploads.
#[derive(Clone, Debug)]
pub(super) enum Entity {
    /// There is none; bodies are still made of a pattern.
    None,
    /// A pattern of that size.
    Pattern(u64),
    /// A file on this machine.
    File(Arc<LocalFile>),
    /// A file that has not been read yet, for reading a scenario without touching the disk.
    Unread,
}

/// A range `first-last` of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The first byte.
    pub first: u64,
    /// The last byte.
    pub last: u64,
}

impl Span {
    /// Reads `first-last`.
    pub(super) fn read(text: &str) -> Result<Self, LoadErrorKind> {
        let wrong = || LoadErrorKind::RangeForm(text.to_owned());
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let number = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<u64>().ok()).flatten().ok_or_else(wrong)
        };
        let span = Self { first: number(first)?, last: number(last)? };
        if span.last < span.first || span.last == u64::MAX { Err(wrong()) } else { Ok(span) }
    }

    /// Bytes in the range.
    pub(super) const fn length(self) -> u64 {
        self.last - self.first + 1
    }
}

impl Entity {
    /// Whether it is a file that has not been read yet.
    pub(super) const fn is_unread(&self) -> bool {
        matches!(self, Self::Unread)
    }

    /// Its size, if there is one and it is known.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::None | Self::Unread => None,
            Self::Pattern(size) => Some(*size),
            Self::File(file) => Some(file.size),
        }
    }

    /// These bytes of the entity; where it has none, or where `seed` asks for others, those of a pattern.
    pub(super) fn slice(&self, span: Span, seed: Option<u64>, own_seed: u64) -> Payload {
        match self {
            Self::File(file) if seed.is_none() && span.last < file.size => {
                Payload::File { file: Arc::clone(file), offset: span.first, length: span.length() }
            }
            _ => Payload::Pattern {
                seed: seed.unwrap_or(own_seed),
                offset: span.first,
                length: span.length(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bits_wire::payload::Digest;

    #[test]
    fn ranges_are_two_numbers_in_order() {
        assert_eq!(Span::read("0-9"), Ok(Span { first: 0, last: 9 }));
        for text in ["", "5", "-", "9-0", "a-b", "0--1", "+0-9", "0-18446744073709551615"] {
            assert_eq!(Span::read(text), Err(LoadErrorKind::RangeForm(text.into())), "{text}");
        }
    }

    #[test]
    fn what_lies_beyond_a_file_is_a_pattern() {
        let file =
            Arc::new(LocalFile { path: "f".into(), size: 10, digest: Digest::of(b"0123456789") });
        let entity = Entity::File(file);
        let slice = |last, seed| entity.slice(Span { first: 0, last }, seed, 5);
        assert!(matches!(slice(9, None), Payload::File { offset: 0, length: 10, .. }));
        assert_eq!(slice(10, None), Payload::Pattern { seed: 5, offset: 0, length: 11 });
        assert_eq!(slice(9, Some(7)), Payload::Pattern { seed: 7, offset: 0, length: 10 });
    }
}

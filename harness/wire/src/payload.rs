//! Bodies as descriptions, so that a gigabyte can be sent, recorded and judged without being held.

use std::{fmt, path::PathBuf, sync::Arc};

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let right = text.len() == 64 && text.is_ascii();
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte =
                right.then(|| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()).flatten()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A file on this machine that serves as an entity, with what is known of it beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of its content.
    pub digest: Digest,
}

/// The bytes of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Payload {
    /// None.
    #[default]
    Empty,
    /// These very bytes.
    Bytes(Vec<u8>),
    /// A slice of an endless pattern in which any eight aligned bytes tell their own offset.
    Pattern {
        /// Tells one entity from another.
        seed: u64,
        /// Where in the entity the slice begins.
        offset: u64,
        /// How many bytes it has.
        length: u64,
    },
    /// A slice of a file on this machine.
    File {
        /// The file.
        file: Arc<LocalFile>,
        /// Where in the file the slice begins.
        offset: u64,
        /// How many bytes it has.
        length: u64,
    },
}

impl Payload {
    /// Bytes in the payload.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Pattern { length, .. } | Self::File { length, .. } => *length,
        }
    }

    /// The part of the payload that begins at `skip` and has at most `length` bytes.
    #[must_use]
    pub fn slice(&self, skip: u64, length: u64) -> Self {
        let length = length.min(self.length().saturating_sub(skip));
        match self {
            _ if length == 0 => Self::Empty,
            Self::Empty => Self::Empty,
            Self::Bytes(bytes) => {
                let from = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
                let until = from + usize::try_from(length).unwrap_or(0);
                Self::Bytes(bytes[from..until].to_vec())
            }
            Self::Pattern { seed, offset, .. } => {
                Self::Pattern { seed: *seed, offset: offset + skip, length }
            }
            Self::File { file, offset, .. } => {
                Self::File { file: Arc::clone(file), offset: offset + skip, length }
            }
        }
    }

    /// Fills `buffer` with the bytes from `at` on and says how many there were; `None` for a file, whose bytes only
    /// a driver can read.
    #[must_use]
    pub fn fill(&self, at: u64, buffer: &mut [u8]) -> Option<usize> {
        let count = usize::try_from(self.length().saturating_sub(at))
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        match self {
            Self::Empty => {}
            Self::Bytes(bytes) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                buffer[..count].copy_from_slice(&bytes[from..from + count]);
            }
            Self::Pattern { seed, offset, .. } => pattern(*seed, offset + at, &mut buffer[..count]),
            Self::File { .. } => return None,
        }
        Some(count)
    }
}

/// Fills `buffer` with the pattern of `seed` from `offset` on.
pub fn pattern(seed: u64, offset: u64, buffer: &mut [u8]) {
    let mut at = offset;
    let mut rest = buffer;
    while !rest.is_empty() {
        let word = scramble(seed, at / 8).to_be_bytes();
        let skip = (at % 8) as usize;
        let count = rest.len().min(8 - skip);
        let (now, later) = rest.split_at_mut(count);
        now.copy_from_slice(&word[skip..skip + count]);
        rest = later;
        at += count as u64;
    }
}

/// Where in the pattern of `seed` these eight bytes stand, if they are an aligned word of its first 2^40 bytes.
#[must_use]
pub fn locate(seed: u64, word: [u8; 8]) -> Option<u64> {
    let index = unscramble(seed, u64::from_be_bytes(word));
    (index < 1 << 37).then_some(index * 8)
}

/// An invertible scrambling (multiplication by an odd number and shifts), so that words show where they belong.
const fn scramble(seed: u64, index: u64) -> u64 {
    let mut word = index.wrapping_add(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    word ^= word >> 32;
    word.wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

const fn unscramble(seed: u64, word: u64) -> u64 {
    let mut index = word.wrapping_mul(inverse(0xD6E8_FEB8_6659_FD93));
    index ^= index >> 32;
    index.wrapping_mul(inverse(0x9E37_79B9_7F4A_7C15)).wrapping_sub(seed)
}

/// The inverse of an odd number modulo 2^64, by Newton's iteration.
const fn inverse(odd: u64) -> u64 {
    let mut guess = odd;
    let mut round = 0;
    while round < 6 {
        guess = guess.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(guess)));
        round += 1;
    }
    guess
}

/// The digest of several payloads one after the other. Slices of a file have one only where together they are the
/// whole file, since their bytes are not at hand here.
#[must_use]
pub fn digest_of(parts: &[Payload]) -> Option<Digest> {
    if parts.iter().any(|part| matches!(part, Payload::File { .. })) {
        return whole_file(parts);
    }
    let mut hash = Sha256::new();
    let mut buffer = [0; 8192];
    for part in parts {
        let mut at = 0;
        while at < part.length() {
            let count = part.fill(at, &mut buffer)?;
            hash.update(&buffer[..count]);
            at += count as u64;
        }
    }
    Some(Digest(hash.finalize().into()))
}

fn whole_file(parts: &[Payload]) -> Option<Digest> {
    let Some(Payload::File { file: whole, .. }) = parts.first() else { return None };
    let mut next = 0;
    for part in parts {
        let Payload::File { file, offset, length } = part else { return None };
        if file != whole || *offset != next {
            return None;
        }
        next += length;
    }
    (next == whole.size).then_some(whole.digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_aligned_bytes_tell_their_offset() {
        for offset in [0, 8, 4096, 1 << 32, (1 << 40) - 8] {
            let mut word = [0; 8];
            pattern(0x5eed, offset, &mut word);
            assert_eq!(locate(0x5eed, word), Some(offset));
        }
    }

    #[test]
    fn slices_join_to_the_whole() {
        let whole = Payload::Pattern { seed: 7, offset: 0, length: 1000 };
        let parts: Vec<_> = [(0, 3), (3, 10), (13, 500), (513, 487)]
            .map(|(at, length)| whole.slice(at, length))
            .into();
        assert_eq!(digest_of(&parts), digest_of(&[whole]));
    }

    #[test]
    fn every_byte_value_occurs_early() {
        let mut buffer = [0; 8192];
        pattern(1, 0, &mut buffer);
        assert!((0..=255u8).all(|byte| buffer.contains(&byte)));
    }

    #[test]
    fn slices_of_a_file_have_a_digest_only_together() {
        let file =
            Arc::new(LocalFile { path: "f".into(), size: 10, digest: Digest::of(b"0123456789") });
        let part = |offset, length| Payload::File { file: Arc::clone(&file), offset, length };
        assert_eq!(digest_of(&[part(0, 4), part(4, 6)]), Some(file.digest));
        assert_eq!(digest_of(&[part(0, 4)]), None);
        assert_eq!(digest_of(&[part(4, 6), part(0, 4)]), None);
    }

    #[test]
    fn a_digest_is_read_as_it_is_printed() {
        let digest = Digest::of(b"x");
        assert_eq!(Digest::read(&digest.to_string()), Some(digest));
        assert_eq!(Digest::read("zz"), None);
    }
}

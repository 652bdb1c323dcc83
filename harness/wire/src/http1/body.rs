//! Where the body of a response ends.

use crate::{
    Headers,
    http1::{RequestHead, ResponseHead},
    names, text,
};

/// How a message marks the end of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none by rule: an answer to HEAD, or status 1xx, 204, 304.
    Nothing,
    /// By `Content-Length`.
    Length(u64),
    /// By chunks.
    Chunked,
    /// By the end of the connection.
    UntilClose,
    /// In several ways at once, or in one that cannot be read; what it says.
    Unclear(String),
}

impl Framing {
    /// The framing of the answer with this head to a request with this method.
    #[must_use]
    pub fn of(head: &ResponseHead, method: &str) -> Self {
        if method == "HEAD" || matches!(head.status, 100..=199 | 204 | 304) {
            return Self::Nothing;
        }
        Self::said(&head.headers).unwrap_or(Self::UntilClose)
    }

    /// The framing of the request with this head.
    #[must_use]
    pub fn of_request(head: &RequestHead) -> Self {
        Self::said(&head.headers).unwrap_or(Self::Nothing)
    }

    /// What the headers say, if they say anything.
    fn said(headers: &Headers) -> Option<Self> {
        let mut lengths: Vec<&str> = headers.all(names::CONTENT_LENGTH).collect();
        lengths.dedup();
        let codings: Vec<&str> = headers.all(names::TRANSFER_ENCODING).collect();
        Some(match (codings.as_slice(), lengths.as_slice()) {
            ([], []) => return None,
            ([], [length]) => decimal(length)
                .map_or_else(|| Self::unclear("Content-Length", length), Self::Length),
            ([coding], []) if coding.eq_ignore_ascii_case("chunked") => Self::Chunked,
            (codings, []) => Self::unclear("Transfer-Encoding", &codings.join(", ")),
            ([], lengths) => Self::unclear("Content-Length", &lengths.join(" and ")),
            (codings, _) => {
                Self::unclear("Content-Length beside Transfer-Encoding", &codings.join(", "))
            }
        })
    }

    fn unclear(name: &str, value: &str) -> Self {
        Self::Unclear(format!("{name}: {}", text::excerpt(value, 80)))
    }
}

fn decimal(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// Takes a chunked body apart, piece by piece.
#[derive(Debug, Default)]
pub struct Chunked {
    line: Vec<u8>,
    stage: Stage,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Size,
    Data(u64),
    DataEnd,
    Trailer,
    End,
}

/// What one call of [`Chunked::read`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkedState {
    /// More bytes are wanted.
    More,
    /// The body has ended.
    Done,
    /// The chunks are malformed.
    Broken,
}

/// No chunk size line or trailer field of a sane server is longer, in bytes.
const LONGEST_LINE: usize = 8192;

impl Chunked {
    /// Reads `bytes`, hands each run of data to `take`, and says how many bytes belonged to the body and what comes next.
    pub fn read(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) -> (usize, ChunkedState) {
        let mut at = 0;
        while at < bytes.len() {
            if let Stage::Data(left) = self.stage {
                let count = (bytes.len() - at).min(usize::try_from(left).unwrap_or(usize::MAX));
                take(&bytes[at..at + count]);
                at += count;
                let left = left - count as u64;
                self.stage = if left == 0 { Stage::DataEnd } else { Stage::Data(left) };
                continue;
            }
            self.line.push(bytes[at]);
            at += 1;
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                match self.end_of_line(line.trim_ascii()) {
                    ChunkedState::More => {}
                    end => return (at, end),
                }
            } else if self.line.len() > LONGEST_LINE {
                return (at, ChunkedState::Broken);
            }
        }
        (at, ChunkedState::More)
    }

    fn end_of_line(&mut self, line: &[u8]) -> ChunkedState {
        self.stage = match (&self.stage, line) {
            (Stage::Size, line) => match chunk_size(line) {
                Some(0) => Stage::Trailer,
                Some(size) => Stage::Data(size),
                None => return ChunkedState::Broken,
            },
            (Stage::DataEnd, b"") => Stage::Size,
            (Stage::Trailer, b"") => {
                self.stage = Stage::End;
                return ChunkedState::Done;
            }
            (Stage::Trailer, _) => Stage::Trailer,
            _ => return ChunkedState::Broken,
        };
        ChunkedState::More
    }
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    let right = (1..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    right.then(|| u64::from_str_radix(&text::from_bytes(digits), 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(headers: &[(&str, &str)]) -> Framing {
        Framing::of(
            &ResponseHead::write(200, "OK", &headers.iter().copied().collect()),
            "BITS_POST",
        )
    }

    #[test]
    fn each_framing_is_told() {
        assert_eq!(framing(&[("Content-Length", "5")]), Framing::Length(5));
        assert_eq!(
            framing(&[("Content-Length", "5"), ("content-length", "5")]),
            Framing::Length(5)
        );
        assert_eq!(framing(&[("Transfer-Encoding", "chunked")]), Framing::Chunked);
        assert_eq!(framing(&[]), Framing::UntilClose);
        assert!(matches!(
            framing(&[("Content-Length", "5"), ("Content-Length", "6")]),
            Framing::Unclear(_)
        ));
        assert!(matches!(framing(&[("Content-Length", "-5")]), Framing::Unclear(_)));
        assert!(matches!(
            framing(&[("Content-Length", "5"), ("Transfer-Encoding", "chunked")]),
            Framing::Unclear(_)
        ));
        let twice = [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip")];
        assert!(
            matches!(framing(&twice), Framing::Unclear(what) if what.ends_with("chunked, gzip"))
        );
        let head = ResponseHead::write(200, "OK", &[("Content-Length", "5")].into_iter().collect());
        assert_eq!(Framing::of(&head, "HEAD"), Framing::Nothing);
    }

    fn unchunk(pieces: &[&[u8]]) -> (Vec<u8>, usize, ChunkedState) {
        let (mut body, mut used, mut reader) = (Vec::new(), 0, Chunked::default());
        for piece in pieces {
            let (count, state) = reader.read(piece, |data| body.extend_from_slice(data));
            used += count;
            if state != ChunkedState::More {
                return (body, used, state);
            }
        }
        (body, used, ChunkedState::More)
    }

    #[test]
    fn chunks_are_joined_whatever_the_pieces() {
        let whole = b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\nNEXT";
        assert_eq!(
            unchunk(&[whole]),
            (b"abc0123456789".to_vec(), whole.len() - 4, ChunkedState::Done)
        );
        let single: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(
            unchunk(&single),
            (b"abc0123456789".to_vec(), whole.len() - 4, ChunkedState::Done)
        );
    }

    #[test]
    fn malformed_chunks_are_broken_and_bounded() {
        assert_eq!(unchunk(&[b"xyz\r\n"]).2, ChunkedState::Broken);
        assert_eq!(unchunk(&[b"2\r\nabc\r\n"]).2, ChunkedState::Broken);
        assert_eq!(unchunk(&[b"12345678901234567\r\n"]).2, ChunkedState::Broken);
        assert_eq!(unchunk(&[&[b'1'; 10_000]]).2, ChunkedState::Broken);
    }
}

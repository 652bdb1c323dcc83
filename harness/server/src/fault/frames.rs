//! What can be wrong with the frame of an answer, whatever the answer says.

use std::time::Duration;

/// The header by which a fault asks for a frame; it never reaches a client.
pub(crate) const MARK: &str = "X-Bitscheck-Frame";

/// A frame that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Lines end in LF alone.
    BareLf,
    /// A header goes on in a second line.
    Folded,
    /// The length is told twice, with two values.
    TwoLengths,
    /// More bytes are announced than come.
    LengthTooLong,
    /// No length is told, and the connection ends.
    NoLength,
    /// The body comes in chunks.
    Chunked,
    /// Bytes follow that nobody asked for.
    Surplus,
    /// The version is HTTP/1.0.
    Version,
    /// The status is no number.
    Status,
    /// Hundreds of answers that are none come before.
    Interim,
    /// Half of the head comes, and the connection ends.
    Half,
    /// Nothing comes, and the connection ends.
    HangUp,
    /// The answer is that to the request before.
    Stale,
    /// The bytes come one by one, a second apart.
    Trickle,
    /// Half of the head comes, and then nothing.
    Stall,
}

impl Frame {
    const ALL: [(Self, &'static str); 15] = [
        (Self::BareLf, "bare-lf"),
        (Self::Folded, "folded"),
        (Self::TwoLengths, "two-lengths"),
        (Self::LengthTooLong, "length-too-long"),
        (Self::NoLength, "no-length"),
        (Self::Chunked, "chunked"),
        (Self::Surplus, "surplus"),
        (Self::Version, "version"),
        (Self::Status, "status"),
        (Self::Interim, "interim"),
        (Self::Half, "half"),
        (Self::HangUp, "hang-up"),
        (Self::Stale, "stale"),
        (Self::Trickle, "trickle"),
        (Self::Stall, "stall"),
    ];

    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(frame, _)| *frame == self).map_or("", |(_, name)| name)
    }

    /// The frame that a mark asks for.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(frame, _)| *frame)
    }

    /// How long its sender waits before each byte, if it sends them one by one.
    pub(crate) const fn pause(self) -> Option<Duration> {
        match self {
            Self::Trickle => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// An answer in this frame, `before` being the answer in it that came before, and whether the connection ends with it.
    pub(crate) fn spoil(self, answer: &[u8], before: &[u8]) -> (Vec<u8>, bool) {
        let text = String::from_utf8_lossy(answer).into_owned();
        let length = |with: &str| {
            let is_length = |line: &str| line.to_ascii_lowercase().starts_with("content-length:");
            let lines = text.split("\r\n").filter(|line| !is_length(line));
            let bare = lines.collect::<Vec<_>>().join("\r\n");
            bare.replacen("\r\n\r\n", &format!("\r\n{with}\r\n"), 1)
        };
        let ends = matches!(
            self,
            Self::TwoLengths | Self::LengthTooLong | Self::NoLength | Self::Half | Self::HangUp
        );
        let spoiled = match self {
            Self::BareLf => text.replace("\r\n", "\n"),
            Self::Folded => text.replacen("\r\n\r\n", "\r\nX-Folded: a\r\n b\r\n\r\n", 1),
            Self::TwoLengths => length("Content-Length: 0\r\nContent-Length: 1\r\n"),
            Self::LengthTooLong => length("Content-Length: 5\r\n"),
            Self::NoLength => length("Connection: close\r\n"),
            Self::Chunked => length("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n",
            Self::Surplus => text + "HTTP/1.1 200 OK\r\n\r\n",
            Self::Version => text.replacen("HTTP/1.1", "HTTP/1.0", 1),
            Self::Status => text.replacen("HTTP/1.1 200", "HTTP/1.1 2OO", 1),
            Self::Interim => "HTTP/1.1 102 Processing\r\n\r\n".repeat(1000) + &text,
            Self::Trickle => text,
            Self::Half | Self::Stall => text[..text.len() / 2].to_owned(),
            Self::HangUp => String::new(),
            Self::Stale if before.is_empty() => text,
            Self::Stale => String::from_utf8_lossy(before).into_owned(),
        };
        (spoiled.into_bytes(), ends)
    }
}

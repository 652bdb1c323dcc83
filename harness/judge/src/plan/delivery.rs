//! How a request goes over the wire, apart from its bytes.

use std::{num::NonZeroU32, time::Duration};

/// How a request is sent, and when its answer is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Where the body ends early, and how; all of it is sent and the answer is waited for, if not given.
    pub cut: Option<Cut>,
    /// How fast the body is sent; as fast as it goes, if not given.
    pub pace: Option<Pace>,
    /// How many bytes of the head go out with one write; all of them, if not given.
    pub split_head: Option<NonZeroU32>,
    /// Where the client pauses.
    pub stall: Stall,
    /// Whether a client that announces its body by `Expect` waits to be told to go on; a second, if not given.
    pub expectation: Option<Awaits>,
    /// Whether the request goes out together with the one before it, of its lane and over its connection, without waiting
    /// for the answer to that.
    pub pipelined: bool,
}

impl Delivery {
    /// How long the client pauses in all, on purpose, while it sends a body of this length.
    #[must_use]
    pub fn pauses(&self, length: u64) -> Duration {
        let pace = self.pace.map_or(Duration::ZERO, |pace| pace.takes(length));
        self.stall.head + self.stall.body + self.stall.answer + pace
    }
}

/// The end of a request that does not come whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// How many bytes of the body are sent.
    pub sent: u64,
    /// What becomes of the connection then.
    pub by: CutBy,
}

/// How a client ends its side of a connection.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CutBy {
    /// It closes the connection (FIN) and waits for no answer.
    #[default]
    End,
    /// It resets the connection (RST) and waits for no answer.
    Reset,
    /// It ends its own side (FIN), and takes the answer, if one comes.
    HalfClose,
}

impl CutBy {
    /// The word in scenarios.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Reset => "reset",
            Self::HalfClose => "half-close",
        }
    }
}

/// How fast a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// In ten pieces over so long.
    Over(Duration),
    /// So many bytes a second, and at least one at a time.
    BytesPerSecond(NonZeroU32),
}

impl Pace {
    /// How many pieces go out in the time that is given for all, or in a second.
    const PIECES: u32 = 10;

    /// How long a body of this length takes.
    #[must_use]
    pub fn takes(self, length: u64) -> Duration {
        match self {
            Self::Over(time) => time,
            Self::BytesPerSecond(rate) => {
                Duration::from_secs_f64(length as f64 / f64::from(rate.get()))
            }
        }
    }

    /// The bytes of each piece of such a body, and the time after it.
    #[must_use]
    pub fn piece(self, length: u64) -> (u64, Duration) {
        match self {
            Self::Over(time) => {
                (length.div_ceil(u64::from(Self::PIECES)).max(1), time / Self::PIECES)
            }
            Self::BytesPerSecond(rate) => {
                let piece = rate.get().div_ceil(Self::PIECES);
                let pause = Duration::from_secs_f64(f64::from(piece) / f64::from(rate.get()));
                (u64::from(piece), pause)
            }
        }
    }
}

/// Pauses in which nothing is sent, or nothing read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stall {
    /// In the middle of the head.
    pub head: Duration,
    /// In the middle of the body, or before the body, if it has one byte.
    pub body: Duration,
    /// After the last byte, before anything of the answer is read.
    pub answer: Duration,
}

/// What a client does that has sent `Expect: 100-continue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ExpectContinue")]
pub enum Awaits {
    /// It waits for the word to go on as long as it waits for answers, and sends the body then in any case.
    Wait,
    /// It sends the body at once.
    AtOnce,
}

impl Awaits {
    /// The word in scenarios.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::AtOnce => "at-once",
        }
    }

    /// The header that announces it.
    pub const HEADER: (&'static str, &'static str) = ("Expect", "100-continue");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_makes_ten_pieces_a_second_of_at_least_a_byte() {
        let rate = |rate| Pace::BytesPerSecond(NonZeroU32::new(rate).unwrap());
        assert_eq!(rate(100).piece(1000), (10, Duration::from_millis(100)));
        assert_eq!(rate(4).piece(1000), (1, Duration::from_millis(250)));
        assert_eq!(rate(4).takes(10), Duration::from_millis(2500));
        assert_eq!(Pace::Over(Duration::from_secs(1)).piece(20), (2, Duration::from_millis(100)));
        let delivery = Delivery {
            pace: Some(rate(10)),
            stall: Stall { head: Duration::from_secs(1), ..Stall::default() },
            ..Delivery::default()
        };
        assert_eq!(delivery.pauses(20), Duration::from_secs(3));
    }
}

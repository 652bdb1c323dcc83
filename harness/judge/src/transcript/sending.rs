//! How a request was sent, as far as that bears on what may come back.

use std::time::Duration;

/// What the client did besides sending the request from its first byte to its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// How it ended its side before an answer was there, if it did otherwise than by closing the connection.
    pub ending: Option<Ending>,
    /// How long it paused on purpose, if nothing ended it earlier.
    pub paused: Duration,
    /// Whether it sent the request together with the one before it, without waiting for the answer to that.
    pub pipelined: bool,
}

/// How a client ended its side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By a reset.
    Reset,
    /// By an end of its own side only: it went on reading.
    HalfClosed,
}

impl Sending {
    /// Whether an answer that does not come may be the client's own doing.
    #[must_use]
    pub const fn excuses_silence(&self) -> bool {
        self.ending.is_some() || self.pipelined || !self.paused.is_zero()
    }
}

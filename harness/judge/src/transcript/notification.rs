//! The other lane: what the server under test posted to the server application, and what the harness answered as such.

use std::time::Duration;

use bits_wire::{
    Payload,
    http1::{RequestHead, ResponseHead},
};

use super::{Body, Fate};

/// One call of the server application (2.2.12, 2.2.13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its number in the transcript, from 1.
    pub number: usize,
    /// The number of the exchange that was under way when it came; 0 if none was.
    pub during: usize,
    /// When its first byte came, since the transcript began.
    pub started: Duration,
    /// How long it took until the harness had done with it.
    pub took: Duration,
    /// The head of the call.
    pub head: RequestHead,
    /// The body of the call, as far as the harness took it.
    pub body: Body,
    /// Whether the harness stopped reading before its end, as the scenario asked.
    pub stopped: bool,
    /// What the file that the call names as the upload held at that time, if it could be opened.
    pub entity: Option<Body>,
    /// What the harness answered.
    pub played: Played,
    /// What became of the connection.
    pub fate: Fate,
}

/// What the harness answered as the server application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// The head, if there was one that can be read.
    pub head: Option<ResponseHead>,
    /// The bytes of a head that is none, or of a part of one.
    pub odd: Vec<u8>,
    /// The body that went with it.
    pub body: Payload,
    /// Bytes of the body that were sent.
    pub sent: u64,
    /// What was put into the file that the call names for the reply, if it could be written.
    pub file: Option<Payload>,
}

impl Played {
    /// The status that was answered; 0 if there was no answer that can be read.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.as_ref().map_or(0, |head| head.status)
    }

    /// A header of the answer.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.as_ref()?.headers.first(name)
    }

    /// Whether all of the answer was sent.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.head.is_some() && self.sent == self.body.length()
    }
}

//! What passed between the harness and a server: a value that can be written, read back and judged again. No I/O.

mod notation;
mod notification;
mod outage;
mod sending;

pub use notation::ReadError;
pub use notification::{Notification, Played};
pub use outage::{Outage, OutageKind};
pub use sending::{Ending, Sending};

use std::time::Duration;

use bits_wire::{
    Payload,
    http1::{Framing, RequestHead, ResponseHead},
    payload::Digest,
    text,
};

/// The record of one plan carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// What was known beforehand.
    pub facts: Facts,
    /// The exchanges in the order in which they began.
    pub exchanges: Vec<Exchange>,
    /// Steps that could not be taken, and why.
    pub skipped: Vec<Skipped>,
    /// Request entities taken away from the server's store.
    pub deletions: Vec<Deletion>,
    /// What was done to the server itself, in the order in which it began.
    pub outages: Vec<Outage>,
    /// What the server posted to the server application, which the harness played, in the order in which it came.
    pub notifications: Vec<Notification>,
    /// Why the plan was not carried out to its end, if it was not. This is the harness's trouble, never a verdict.
    pub unfinished: Option<String>,
}

/// What was known before the first request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The scenario, `theme/what-happens`.
    pub scenario: String,
    /// The path of the virtual directory, with a slash at its end.
    pub base: String,
    /// The role of that directory, as the plan asked for it.
    pub role: String,
    /// Whether the harness played the server application.
    pub application: bool,
    /// What is known of the directory's settings.
    pub directory: Directory,
}

/// What is known of a virtual directory's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// How many bytes an upload may have.
    pub maximum_upload_size: Option<u64>,
    /// How long a session lives without a message.
    pub session_timeout: Option<Duration>,
    /// The host that clients are sent to; empty where it is known that they are sent to none.
    pub host_id: Option<String>,
    /// Seconds after which a client returns from that host; 0 where it is known that it does not.
    pub host_id_fallback_timeout: Option<u64>,
    /// How long the server waits for the server application at most.
    pub notification_timeout: Option<Duration>,
}

impl Directory {
    /// Whether the server may give up a call of its application, and say so, within an exchange that took so long.
    #[must_use]
    pub fn may_give_up_within(&self, took: Duration) -> bool {
        self.notification_timeout.is_some_and(|limit| took >= limit)
    }
}

/// One request and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Its number in the transcript, from 1.
    pub number: usize,
    /// The line of its step in the scenario file, from 1; 0 where there is none.
    pub line: u32,
    /// The step of the plan, from 0.
    pub step: usize,
    /// The lane that took the step; 0 is the plan's own.
    pub lane: u32,
    /// Where it stands among the others.
    pub order: Order,
    /// The connection that carried it, from 1.
    pub connection: u32,
    /// When it began, since the transcript did.
    pub started: Duration,
    /// How long it took until the answer was there, with the making of the connection if there was none.
    pub took: Duration,
    /// What was sent.
    pub request: Request,
    /// What came back.
    pub received: Received,
    /// What became of the connection.
    pub fate: Fate,
}

/// Two points of one sequence that runs through a transcript, with a point for the begin and one for the end of each
/// exchange. Times can be equal, these cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Before anything of the request was sent.
    pub began: u64,
    /// After all of the answer had come, or nothing more was waited for.
    pub ended: u64,
}

impl Order {
    /// The points of an exchange that begins after `last` and is over before any other begins.
    #[must_use]
    pub const fn after(last: u64) -> Self {
        Self { began: last + 1, ended: last + 2 }
    }

    /// Whether it was over before the other began.
    #[must_use]
    pub const fn precedes(self, other: Self) -> bool {
        self.ended < other.began
    }

    /// Whether both were under way at some moment.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        !self.precedes(other) && !other.precedes(self)
    }
}

/// A request as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The head.
    pub head: RequestHead,
    /// The body that was meant to be sent.
    pub body: Payload,
    /// Body bytes that were handed to the network; fewer than the body has if the answer or the end came first.
    pub sent: u64,
    /// How it was sent.
    pub sending: Sending,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// An HTTP response, however odd.
    Answer(Box<Answer>),
    /// No response.
    Nothing(Silence),
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The head.
    pub head: ResponseHead,
    /// Whether the head's bytes are those of the wire; a high-level transport hides them.
    pub exact: bool,
    /// Heads of status 1xx that came before.
    pub interim: Vec<ResponseHead>,
    /// The body.
    pub body: Body,
    /// Bytes that came after the end of the response although nothing was asked, at most [`Answer::MOST_SURPLUS`].
    pub surplus: Vec<u8>,
}

impl Answer {
    /// How many unasked bytes are kept.
    pub const MOST_SURPLUS: usize = 256;

    /// How many bytes of it are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        let interim: usize = self.interim.iter().map(|head| head.raw.len()).sum();
        self.head.raw.len() + interim + self.body.start.len() + self.surplus.len()
    }

    /// Whether it comes from a BITS layer: whether any of its headers is one of BITS.
    #[must_use]
    pub fn speaks_bits(&self) -> bool {
        self.head.headers.iter().any(|header| text::begins(&header.name, "BITS-"))
    }
}

/// The body of a response, as much as has to be known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// How its end was marked.
    pub framing: Framing,
    /// Bytes that came.
    pub length: u64,
    /// The digest of the bytes that came.
    pub digest: Digest,
    /// The first bytes, at most [`Body::most_kept`].
    pub start: Vec<u8>,
    /// Whether its end was reached.
    pub complete: bool,
}

impl Body {
    /// How many bytes of a body are kept.
    pub const MOST_KEPT: usize = 512;
    /// How many bytes are kept of a body in parts, whose form is between its bytes.
    pub const MOST_KEPT_OF_PARTS: usize = 64 * 1024;

    /// How many bytes are kept of the body behind this head.
    #[must_use]
    pub fn most_kept(head: &ResponseHead) -> usize {
        let kind = head.headers.first("Content-Type").unwrap_or_default();
        if text::begins(kind.trim_start(), "multipart/") {
            Self::MOST_KEPT_OF_PARTS
        } else {
            Self::MOST_KEPT
        }
    }

    /// A body of these bytes.
    #[must_use]
    pub fn of(framing: Framing, bytes: &[u8]) -> Self {
        Self {
            framing,
            length: bytes.len() as u64,
            digest: Digest::of(bytes),
            start: bytes[..bytes.len().min(Self::MOST_KEPT)].to_vec(),
            complete: true,
        }
    }
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing, or no complete head, within the time allowed.
    TimedOut,
    /// The server closed the connection.
    Closed,
    /// The server reset the connection.
    Reset,
    /// What came is no HTTP; its first bytes.
    Garbage(Vec<u8>),
    /// A head longer than the harness takes, in bytes.
    EndlessHead(usize),
}

/// What became of a connection after an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It was left open.
    #[default]
    Open,
    /// The server closed it.
    Closed,
    /// The server reset it.
    Reset,
    /// The harness gave it up.
    Dropped,
    /// The transport does not show it.
    Hidden,
}

/// A step that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The line in the scenario file.
    pub line: u32,
    /// The step of the plan, from 0.
    pub step: usize,
    /// Why: a variable that no answer gave a value.
    pub reason: String,
}

/// A request entity that was taken away from the server's store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// How many exchanges had ended before.
    pub after: usize,
    /// The session whose entity it was.
    pub session: String,
}

impl Exchange {
    /// The answer, if there is one.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match &self.received {
            Received::Answer(answer) => Some(answer),
            Received::Nothing(_) => None,
        }
    }
}

impl Received {
    /// What came back, in a few words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Answer(answer) => answer.head.status_line(),
            Self::Nothing(Silence::TimedOut) => "no answer in the time allowed".into(),
            Self::Nothing(Silence::Closed) => "the connection closed without an answer".into(),
            Self::Nothing(Silence::Reset) => "the connection reset without an answer".into(),
            Self::Nothing(Silence::Garbage(bytes)) => {
                let start = text::from_bytes(bytes);
                format!("no HTTP: {}", text::excerpt(&start, 60))
            }
            Self::Nothing(Silence::EndlessHead(bytes)) => {
                format!("a head of more than {bytes} bytes")
            }
        }
    }
}

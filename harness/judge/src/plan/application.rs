//! What the harness does as the server application.

use std::time::Duration;

use bits_wire::Payload;

use super::Template;

/// How one notification is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// How many bytes of the call's body are read before anything else happens; all of them if not given.
    pub take: Option<u64>,
    /// How long to wait before the answer.
    pub wait: Duration,
    /// The exact head of the answer; none for silence.
    pub head: Option<Template>,
    /// The body of the answer.
    pub body: Payload,
    /// How many bytes of the body are sent; all of them if not given.
    pub cut: Option<u64>,
    /// What happens to the connection then.
    pub then: Then,
    /// What is put into the file that the call names for the reply, before the answer.
    pub file: Option<Payload>,
}

/// What happens to a connection after an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It waits for the next call.
    #[default]
    Keep,
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
    /// Nothing is read or sent any more until the server gives it up.
    Stall,
}

impl Then {
    /// The word for it in transcripts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Close => "close",
            Self::Reset => "reset",
            Self::Stall => "stall",
        }
    }
}

/// The words of a status line of the application, which mean nothing to a server.
#[must_use]
pub const fn reason(status: u16) -> &'static str {
    match status {
        200..=299 => "OK",
        300..=399 => "Elsewhere",
        400..=499 => "Refused",
        _ => "Failed",
    }
}

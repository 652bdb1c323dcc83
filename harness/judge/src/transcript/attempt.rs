//! A request that was sent twice: what is known of the first attempt, which is evidence and no exchange.

use std::time::Duration;

use super::{Received, Silence};

/// The first attempt at a request, on a connection that had carried requests before. It got no byte of an answer, so the
/// client sent the request once more on a fresh connection (RFC 9112 9.3.1, RFC 2616 8.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The connection that carried it, from 1; 0 where the transport does not show it.
    pub connection: u32,
    /// How long it took until the connection ended.
    pub took: Duration,
    /// Body bytes that were handed to the network.
    pub sent: u64,
    /// How the connection ended.
    pub silence: Silence,
}

impl Received {
    /// How the server ended the connection before the first byte of an answer, if it did.
    #[must_use]
    pub const fn close_without_answer(&self) -> Option<&Silence> {
        match self {
            Self::Nothing(silence @ (Silence::Closed | Silence::Reset)) => Some(silence),
            _ => None,
        }
    }
}

//! What was done to the server itself while a plan was carried out.

use super::Order;

/// The server was stopped, started or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Which of these.
    pub kind: OutageKind,
    /// Where it stands among the exchanges; it is over when the server is gone, or takes connections again.
    pub order: Order,
}

/// What was done to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutageKind {
    /// It was stopped and started.
    Restarted,
    /// It was stopped.
    Stopped,
    /// It was started.
    Started,
}

impl OutageKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Restarted, Self::Stopped, Self::Started];

    /// The word in the notation.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restarted => "restarted",
            Self::Stopped => "stopped",
            Self::Started => "started",
        }
    }
}

//! What a measurement of limits came to: plain values, which are the JSON report as well.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The version of the JSON report.
pub const SCHEMA_VERSION: u32 = 1;

/// What there can be a limit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Sessions that are open.
    Sessions,
    /// Sessions of one user that are open.
    SessionsPerUser,
    /// Connections.
    Connections,
    /// Fragments that are being received.
    Fragments,
}

impl Kind {
    /// All of them, in the order in which they are measured.
    pub const ALL: [Self; 4] =
        [Self::Sessions, Self::SessionsPerUser, Self::Connections, Self::Fragments];

    /// The word for it, which is that of the reference server's limit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::SessionsPerUser => "sessions-per-user",
            Self::Connections => "connections",
            Self::Fragments => "fragments",
        }
    }
}

/// A number of transfers at once that is expected of some server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// What BITS Compact Server is meant for. That is stated as the use that is expected of it, never as a limit.
    CompactServer,
}

impl Preset {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CompactServer => "compact-server",
        }
    }

    /// Groups at once, and transfers at once of each group.
    #[must_use]
    pub const fn size(self) -> (u64, u64) {
        match self {
            Self::CompactServer => (25, 3),
        }
    }
}

/// What a target does beyond a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It answers.
    Answer {
        /// The status line.
        status: String,
        /// The value of `BITS-Error`, if there is one.
        bits_error: Option<String>,
    },
    /// It does not, and this becomes of the connection.
    Fate(String),
}

impl Refusal {
    /// The fate of a connection on which nothing comes.
    pub(super) const SILENCE: &str = "no answer in the time allowed";

    /// Whether the target says nothing and does not even close the connection.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Fate(fate) if fate == Self::SILENCE)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { status, bits_error: None } => formatter.write_str(status),
            Self::Answer { status, bits_error: Some(error) } => {
                write!(formatter, "{status}, BITS-Error {error}")
            }
            Self::Fate(fate) => formatter.write_str(fate),
        }
    }
}

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// So many and no more.
    Limit,
    /// As many as were tried; there may be a limit beyond.
    NoneFound,
    /// So many; then something else was in the way.
    AtLeast,
    /// What is beyond was refused and taken by turns.
    Unsteady,
    /// The measurement was stopped.
    Stopped,
    /// It cannot be known.
    NotMeasured,
}

/// Whether there is room again after one has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recovery {
    /// One more fits then, and no second one.
    Recovers,
    /// None fits, as long as was waited.
    Stays,
    /// It was not tried.
    NotTried,
}

/// What was measured of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Of what.
    pub kind: Kind,
    /// How sure it is.
    pub verdict: Verdict,
    /// How many were taken at once.
    pub taken: u64,
    /// How often one more was tried.
    pub tried: u64,
    /// What came beyond.
    pub beyond: Option<Refusal>,
    /// Whether there was room again.
    pub recovers: Recovery,
    /// What else is to be known.
    pub notes: Vec<String>,
}

impl Measured {
    /// What cannot be known, and why.
    #[must_use]
    pub fn not(kind: Kind, why: impl Into<String>) -> Self {
        Self {
            kind,
            verdict: Verdict::NotMeasured,
            taken: 0,
            tried: 0,
            beyond: None,
            recovers: Recovery::NotTried,
            notes: vec![why.into()],
        }
    }
}

/// Whether a number of transfers that somebody expects is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// The name of the preset.
    pub preset: String,
    /// Groups at once.
    pub groups: u64,
    /// Transfers at once of each group.
    pub transfers: u64,
    /// Whether all of them were taken, if that could be tried.
    pub met: Option<bool>,
    /// What was measured.
    pub measured: Measured,
}

/// What became of the sessions that were opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// How many were opened.
    pub opened: u64,
    /// How many of them were cancelled.
    pub cancelled: u64,
    /// How many the target did not know any more when they were to be cancelled.
    pub gone: u64,
    /// The paths of those that could not be cancelled.
    pub left: Vec<String>,
    /// How many may have been opened although no answer says so.
    pub uncertain: u64,
}

impl Sessions {
    /// Whether none may be left.
    #[must_use]
    pub const fn are_put_back(&self) -> bool {
        self.left.is_empty() && self.uncertain == 0
    }
}

/// What a whole measurement came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// This program, with its version.
    pub program: String,
    /// The URL.
    pub target: String,
    /// How far was looked.
    pub most: u64,
    /// Each kind.
    pub limits: Vec<Measured>,
    /// The presets.
    pub presets: Vec<Expectation>,
    /// What became of the sessions.
    pub sessions: Sessions,
    /// The exit code of the signal that ended it early.
    pub interrupted: Option<u8>,
}

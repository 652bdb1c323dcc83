//! The error of everything that this package does: what went wrong, and what kind of thing that is.

use std::fmt;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// An option, a file or a scenario is wrong; nothing was sent.
    Usage,
    /// The target cannot be reached, or it does not take uploads.
    Unreachable,
    /// The selection matches nothing.
    NothingSelected,
    /// It was stopped; the exit code for that.
    Stopped(u8),
    /// A fault of this program, or a file that cannot be written.
    Internal,
}

impl Error {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Usage, message: message.into() }
    }

    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Unreachable, message: message.into() }
    }

    pub(crate) fn nothing_selected(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::NothingSelected, message: message.into() }
    }

    pub(crate) fn stopped(code: u8, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Stopped(code), message: message.into() }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Internal, message: message.into() }
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

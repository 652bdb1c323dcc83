//! Faults to order: each breaks one clause, so that the harness can be asked to find it.
//!
//! A fault is a row of `list`. Most are a change to certain answers, written in the row itself; the others have their
//! say at one of the few hooks of `Rules`. The machine never asks which fault it has.

mod access;
mod downloads;
mod frames;
mod list;
mod mixing;
mod notification;
mod races;
mod ranges;
mod replies;
mod rules;

pub(super) use frames::{Frame, MARK};
pub use list::Fault;
pub use races::Side;
pub(super) use races::{Candidate, Raced};
pub(super) use rules::{End, Rules};

use std::{fmt, str::FromStr};

/// Why a word names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no fault is called `{0}`")]
pub struct UnknownFault(String);

impl Fault {
    /// The name by which it is asked for, `message/what-it-does`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The id of the clause that it breaks.
    #[must_use]
    pub fn clause(self) -> &'static str {
        self.row().clause
    }

    /// What the server does wrong, in a line.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.row().title
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|fault| fault.name() == name);
        found.ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;

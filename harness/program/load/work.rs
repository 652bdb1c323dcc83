//! What is measured, and how: plain values.

use std::{fmt, net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};

use super::size::Size;

/// Where uploads go.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where to connect.
    pub address: SocketAddr,
    /// What `Host` says.
    pub authority: String,
    /// The path of the virtual directory, with a slash at its end.
    pub base: String,
}

/// One combination that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Connections at a time.
    pub connections: usize,
    /// Sessions at a time on each connection, whose fragments take turns.
    pub sessions: usize,
    /// Bytes of a fragment; the last one of a file may have less.
    pub fragment: Size,
    /// Bytes of a file.
    pub file_size: Size,
}

impl Cell {
    /// A size of files that is enough for a few fragments, and for a mebibyte at least.
    #[must_use]
    pub fn usual_file_size(fragment: Size) -> Size {
        Size(fragment.0.saturating_mul(8).max(1 << 20))
    }

    /// The most bytes of unfinished files that the target holds at a time.
    #[must_use]
    pub const fn in_flight(&self) -> u64 {
        let slots = (self.connections as u64).saturating_mul(self.sessions as u64);
        slots.saturating_mul(self.file_size.0)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        write!(
            formatter,
            "{} fragments · {} files · {} connection{} × {} session{}",
            self.fragment,
            self.file_size,
            self.connections,
            plural(self.connections),
            self.sessions,
            plural(self.sessions)
        )
    }
}

/// When the next thing is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// As soon as the last answer is there.
    #[default]
    Closed,
    /// So many each second, whether the server keeps up or not.
    Open {
        /// How many.
        per_second: f64,
        /// Of what.
        of: Paced,
    },
}

/// What an open loop counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paced {
    /// Fragments.
    Fragments,
    /// Whole uploads.
    Sessions,
}

impl Paced {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fragments => "fragments",
            Self::Sessions => "sessions",
        }
    }
}

/// How long it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// For a time, after the warm-up.
    For(Duration),
    /// For so many uploads, which begin after the warm-up.
    Uploads(u64),
}

/// What uploaded files are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Each upload has a name of its own.
    Fresh,
    /// Each session that is open at a time has a name, which it uses again and again: files are overwritten.
    Again,
}

/// How cells are worked.
#[derive(Clone, Debug)]
pub struct Manner {
    /// When the next thing is sent.
    pub pace: Pace,
    /// How long it goes on.
    pub extent: Extent,
    /// How long nothing counts at the beginning.
    pub warm_up: Duration,
    /// Threads of the generator, at most one for each connection.
    pub threads: usize,
    /// How long to wait for a connection or an answer.
    pub timeout: Duration,
    /// What files are called.
    pub names: Names,
    /// What all names begin with.
    pub prefix: String,
    /// The most bytes of finished files to leave on the target; what would be more is cancelled instead of closed.
    pub budget: u64,
}

impl Manner {
    /// The threads for a cell.
    #[must_use]
    pub fn threads_for(&self, cell: &Cell) -> usize {
        self.threads.min(cell.connections).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_knows_what_it_needs() {
        let cell =
            Cell { connections: 16, sessions: 2, fragment: Size(4096), file_size: Size(1 << 20) };
        assert_eq!(cell.in_flight(), 32 << 20);
        assert_eq!(cell.to_string(), "4KiB fragments · 1MiB files · 16 connections × 2 sessions");
        assert_eq!(Cell::usual_file_size(Size(4096)), Size(1 << 20));
        assert_eq!(Cell::usual_file_size(Size(13 << 20)), Size(104 << 20));
    }
}

//! How much of what was acknowledged outlives what.

use std::{fmt, str::FromStr};

/// What acknowledged bytes and the state of sessions survive. Each level costs what it does before an answer is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Durability {
    /// Bytes are in files, and sessions end with the process.
    None,
    /// The process: bytes and the state of their session have been given to the system.
    #[default]
    Os,
    /// A loss of power: files, and folders whose names changed, have been synced.
    Disk,
}

impl Durability {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::None, Self::Os, Self::Disk];

    /// Its name in settings and options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Os => "os",
            Self::Disk => "disk",
        }
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Durability {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str() == name)
            .ok_or_else(|| format!("`{name}` is none of none, os and disk"))
    }
}

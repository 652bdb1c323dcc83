//! A part of the work, for several runs that share it.

use std::str::FromStr;

/// One of several parts of the work, which several runs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Which one, from 1.
    pub(crate) number: u64,
    /// How many there are.
    pub(crate) of: u64,
}

impl Shard {
    /// The whole.
    pub(crate) const ALL: Self = Self { number: 1, of: 1 };
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| {
            Some(Self { number: number.parse().ok()?, of: of.parse().ok()? })
        });
        parts
            .filter(|shard| (1..=shard.of).contains(&shard.number))
            .ok_or_else(|| "expected M/N, such as 3/16 for the third of sixteen parts".into())
    }
}

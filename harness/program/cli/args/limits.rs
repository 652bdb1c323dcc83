//! What can be said to `bitscheck limits`.

use clap::{Args, ValueEnum};

use crate::{
    cli::args::{target::TargetOptions, values::limit},
    limits::figures::{Kind, Preset},
};

/// How far is looked, if nothing is said.
pub(crate) const USUAL: u64 = 1000;

#[derive(Args, Debug)]
pub(crate) struct LimitsOptions {
    /// The URL of the virtual directory to measure; without it, the reference server on loopback
    pub(crate) url: Option<String>,
    /// Of what to find the limit; everything that can be measured if nothing is said. May be repeated
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) kind: Vec<KindName>,
    /// How far to look, for each kind; 1000 if nothing is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) most: Option<u64>,
    /// Try a number of transfers at once that is expected of some server, instead of measuring limits. May be repeated
    #[arg(long, value_enum, value_name = "PRESET")]
    pub(crate) preset: Vec<PresetName>,
    /// Permit a target that is not this machine, by its name or address as the URL has it. May be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_target: Vec<String>,
    /// Set a limit of the embedded server, as for `serve`. May be repeated
    #[arg(long, value_name = "NAME=NUMBER", value_parser = limit)]
    pub(crate) limit: Vec<(String, u64)>,
    /// Also write a report: json=FILE or text=FILE; `-` is stdout. May be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(crate) report: Vec<String>,
    #[command(flatten)]
    pub(crate) server: TargetOptions,
}

/// Of what there can be a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindName {
    /// Sessions that are open
    Sessions,
    /// Sessions of one user that are open; it takes two users to tell
    SessionsPerUser,
    /// Connections that stay open
    Connections,
    /// Fragments that are half sent
    Fragments,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Sessions => Self::Sessions,
            KindName::SessionsPerUser => Self::SessionsPerUser,
            KindName::Connections => Self::Connections,
            KindName::Fragments => Self::Fragments,
        }
    }
}

/// What is expected of some server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PresetName {
    /// 25 groups of 3 transfers, the use that BITS Compact Server is meant for; here they are uploads
    CompactServer,
}

impl From<PresetName> for Preset {
    fn from(name: PresetName) -> Self {
        match name {
            PresetName::CompactServer => Self::CompactServer,
        }
    }
}

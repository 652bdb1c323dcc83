//! What can be said to `selftest`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::values::seed;

#[derive(Args, Debug)]
pub(crate) struct SelftestOptions {
    /// Only the faults of these names; `*` stands for anything
    #[arg(long, value_name = "PATTERN")]
    pub(crate) fault: Vec<String>,
    /// Try nothing, and show a matrix that was written as JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fault", "jobs", "seed"])]
    pub(crate) recorded: Option<PathBuf>,
    /// How to show the kill matrix
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: MatrixFormat,
    /// Where to write it; `-` is stdout
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// How many servers at a time; each is idle for much of its time
    #[arg(short, long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: u16,
    /// The seed of payloads and file names, in hexadecimal
    #[arg(long, value_parser = seed, value_name = "SEED")]
    pub(crate) seed: Option<u64>,
    /// Say what random sessions alone find, at most so many for each fault, instead of the kill matrix
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "format")]
    pub(crate) random: Option<u32>,
    /// Make what they find of each fault small, write it into this folder, and carry it out twenty times
    #[arg(long, value_name = "DIR", requires = "random")]
    pub(crate) findings: Option<PathBuf>,
}

/// How a kill matrix is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatrixFormat {
    /// A table
    #[default]
    Text,
    /// One JSON document
    Json,
    /// A page for a browser
    Html,
}

//! What can be said to `check`, `judge` and `report`, which need no network.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::values::Reporting;

#[derive(Args, Debug)]
pub(crate) struct CheckOptions {
    /// Scenario files, or folders of them
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct JudgeOptions {
    /// Transcripts, as `run --transcripts` writes them
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Make one report of those of runs that shared the work, in whatever order they are named
    Merge(MergeOptions),
}

#[derive(Args, Debug)]
pub(crate) struct MergeOptions {
    /// Reports in JSON, as `run --report json=FILE` writes them
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Also write a report: json=FILE, junit=FILE or text=FILE; `-` is stdout. May be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(crate) report: Vec<String>,
}

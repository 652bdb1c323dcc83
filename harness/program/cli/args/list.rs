//! What can be said to `list` and `explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
pub(crate) struct ListOptions {
    /// What to list
    #[arg(value_enum)]
    pub(crate) what: Listing,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
    /// Only clauses of this standing
    #[arg(long, value_enum)]
    pub(crate) status: Option<Standing>,
    /// Scenario files, or folders of them, besides those of the program. May be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) scenarios: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listing {
    Clauses,
    Checks,
    Scenarios,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    #[default]
    Text,
    Json,
}

/// How a clause stands to the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Standing {
    /// A check judges it
    Checked,
    /// It says what other clauses say that a check judges
    Restated,
    /// No check judges it, for a stated reason
    Unchecked,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainOptions {
    /// The clause's id, such as BUP-2.2.7.2-07
    pub(crate) clause: String,
}

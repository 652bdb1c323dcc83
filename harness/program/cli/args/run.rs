//! What can be said to `run`.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::args::{target::TargetOptions, values::Reporting},
    runner::shard::Shard,
    subject::commands::ShellControl,
};

#[derive(Args, Debug)]
pub(crate) struct RunOptions {
    /// Scenario files or folders of them, to be carried out instead of those of the program, and the URL of the virtual
    /// directory to test, such as http://127.0.0.1:8080/upload/
    #[arg(value_name = "SCENARIO|URL")]
    pub(crate) what: Vec<String>,
    /// Which scenarios, by name, or which clauses or checks, by id; `*` stands for anything. May be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) select: Vec<String>,
    /// Scenario files, or folders of them, besides those of the program. May be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// Judge so many random sessions instead of scenarios; the same seed makes the same sessions, on files of other names
    #[arg(long, value_name = "N", conflicts_with = "scenarios", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) random: Option<u32>,
    /// Only every Nth random session from the Mth on, so that N runs of one seed share the work; see `report merge`
    #[arg(long, value_name = "M/N", requires = "random")]
    pub(crate) shard: Option<Shard>,
    /// Where to write a small scenario for each kind of thing that random sessions find
    #[arg(long, value_name = "DIR", default_value = "out/findings", requires = "random")]
    pub(crate) findings: PathBuf,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    #[command(flatten)]
    pub(crate) server: TargetOptions,
    /// Write a transcript of each scenario into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) transcripts: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) power: PowerOptions,
}

/// How the target is stopped and started, for scenarios that ask for it. Nothing is done to it without being asked.
#[derive(Args, Debug, Default)]
pub(crate) struct PowerOptions {
    /// A command for the shell that restarts the target: it ends when that is done, or goes on as the new server
    #[arg(long, value_name = "COMMAND")]
    pub(crate) restart_cmd: Option<String>,
    /// A command for the shell that stops the target, and ends when it is gone
    #[arg(long, value_name = "COMMAND", requires = "start_cmd")]
    pub(crate) stop_cmd: Option<String>,
    /// A command for the shell that starts the target: it ends when that is done, or goes on as the server
    #[arg(long, value_name = "COMMAND", requires = "stop_cmd")]
    pub(crate) start_cmd: Option<String>,
}

impl PowerOptions {
    /// The commands, if there are any.
    pub(crate) fn commands(&self) -> Option<ShellControl> {
        let Self { restart_cmd, stop_cmd, start_cmd } = self;
        ShellControl::of(restart_cmd.clone(), stop_cmd.clone(), start_cmd.clone())
    }
}

//! What can be said on the command line.

pub(crate) mod bench;
pub(crate) mod config;
mod fuzz;
pub(crate) mod limits;
pub(crate) mod reproduce;
mod target;
pub(crate) mod validate;

pub(crate) use self::fuzz::{CorpusCommand, CorpusMerge, CorpusPrune, FuzzOptions};
pub(crate) use self::target::{TargetOptions, TransportName};

use std::{net::SocketAddr, path::PathBuf};

use bits_judge::{plan::DirectoryRole, spec::Dialect};
use bits_server::{
    config::Profile,
    limits::{Limits, Row},
    store::Durability,
};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    cli::args::{bench::BenchOptions, limits::LimitsOptions},
    config::{DEFAULT_NAME, directory_path},
    runner::shard::Shard,
    subject::commands::Commands,
    term::exit,
};

/// Conformance testing for servers that speak the BITS Upload Protocol ([MC-BUP]).
#[derive(Debug, Parser)]
#[command(name = "bitscheck", version, after_help = exit::HELP, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Whether to use colours
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a server; without a URL, the reference server on loopback
    Run(Box<RunOptions>),
    /// Try a server with random sessions for hours; what shows something new is kept and varied
    Fuzz(Box<FuzzOptions>),
    /// Work on what `fuzz` keeps
    #[command(subcommand)]
    Corpus(CorpusCommand),
    /// Look at a server and write a first target file for `run`
    Init(InitOptions),
    /// Measure how fast a server takes uploads; without a URL, the reference server on loopback
    Bench(Box<BenchOptions>),
    /// Find out how many sessions, connections and fragments at once a server takes; without a URL, the reference server
    Limits(Box<LimitsOptions>),
    /// Serve uploads: the reference server, a real BITS server
    Serve(ServeOptions),
    /// Try the harness itself: one fault after the other in the reference server, and what finds it
    Selftest(SelftestOptions),
    /// List clauses, checks or scenarios
    List(ListOptions),
    /// Explain one clause: its readings, its checks, its scenarios
    Explain(ExplainOptions),
    /// Check scenario files without sending anything
    Check(CheckOptions),
    /// Judge a recorded transcript again
    Judge(JudgeOptions),
    /// Work on reports that were written before
    #[command(subcommand)]
    Report(ReportCommand),
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

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Color {
    /// If it is a terminal and NO_COLOR is not set
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

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
    pub(crate) fn commands(&self) -> Option<Commands> {
        let Self { restart_cmd, stop_cmd, start_cmd } = self;
        Commands::of(restart_cmd.clone(), stop_cmd.clone(), start_cmd.clone())
    }
}

/// What is judged by, and where it is told.
#[derive(Args, Debug)]
pub(crate) struct Reporting {
    /// Which texts count where they contradict each other: strict, mc-bup, w32, iis6 or iis7
    #[arg(long, default_value_t)]
    pub(crate) dialect: Dialect,
    /// Also write a report: json=FILE, junit=FILE or text=FILE; `-` is stdout. May be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(crate) report: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct InitOptions {
    /// The URL of the virtual directory in which uploads are enabled, such as http://127.0.0.1:8080/upload/
    pub(crate) url: String,
    /// The file to write; `-` is stdout
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_NAME)]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    pub(crate) timeout: f64,
    /// A file with certificates (PEM) to trust besides those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Trust any certificate
    #[arg(long, conflicts_with = "ca_file")]
    pub(crate) insecure: bool,
}

#[derive(Args, Debug)]
#[command(after_help = limits())]
pub(crate) struct ServeOptions {
    /// A file of settings: virtual directories and their properties, named as IIS names them
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print the settings, each with where it comes from, and do nothing else
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Where to listen; 127.0.0.1:8080 if nothing is said
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// The folder for uploads; without it everything is kept in memory
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// What acknowledged bytes and sessions survive: none (sessions end with the process), os (the process may be
    /// killed), or disk (power may be lost; every answer waits for the disk). os if nothing is said
    #[arg(long, value_name = "LEVEL")]
    pub(crate) durability: Option<Durability>,
    /// Set a limit, see below. May be repeated
    #[arg(long, value_name = "NAME=NUMBER", value_parser = limit)]
    pub(crate) limit: Vec<(String, u64)>,
    /// The users that directories with `authentication` know: a file with a line NAME:PASSWORD for each.
    #[arg(long, value_name = "FILE")]
    pub(crate) users: Option<PathBuf>,
    /// Speak TLS and show the certificate in this PEM file, behind which may stand those that vouch for it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The PEM file of the private key of that certificate
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serve one virtual directory for each role that `run` asks for, such as /plain/ and /by-value/
    #[arg(long, conflicts_with = "config")]
    pub(crate) all_roles: bool,
    /// What to say on stderr: off, error, warn, info or debug, or a filter as for RUST_LOG
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(crate) log: String,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
    /// Which texts every directory follows where they differ
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub(crate) profile: Option<ProfileName>,
    /// Let uploads replace existing files
    #[arg(long)]
    pub(crate) allow_overwrites: bool,
    /// Break one clause; `list` shows the faults
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Option<String>,
}

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

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line of text for each event
    #[default]
    Text,
    /// A JSON object for each event
    Json,
}

/// The name of a profile of the reference server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// [MC-BUP] to the letter
    McBup,
    /// The older reference pages
    W32,
    /// What is known of IIS 6
    Iis6,
    /// What is known of IIS 7 and later
    Iis7,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::McBup => Self::McBup,
            ProfileName::W32 => Self::W32,
            ProfileName::Iis6 => Self::Iis6,
            ProfileName::Iis7 => Self::Iis7,
        }
    }
}

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

/// The limits of a server with their usual values.
fn limits() -> String {
    let usual = Limits::default();
    let line = |row: &Row| format!("  {:<18} {:>7}  {}\n", row.name, usual.value(row), row.meaning);
    let lines: String = Limits::TABLE.iter().map(line).collect();
    format!(
        "Limits, also in the table [limits] of the settings:\n{lines}\n\
         SIGTERM and SIGINT let requests under way end first; a second one does not wait."
    )
}

pub(crate) fn limit(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=NUMBER, such as sessions=100")?;
    let value = value.parse().map_err(|_| format!("`{value}` is no number"))?;
    Ok((name.to_owned(), value))
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.01..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected seconds between 0.01 and 3600".into()),
    }
}

fn seed(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u64::from_str_radix(digits, 16).map_err(|_| "expected up to 16 hexadecimal digits".into())
}

fn role(text: &str) -> Result<(DirectoryRole, String), String> {
    let (name, path) = text.split_once('=').ok_or("expected ROLE=PATH, such as disabled=/off/")?;
    let role =
        DirectoryRole::ALL.into_iter().find(|role| role.as_str() == name).ok_or_else(|| {
            let names = DirectoryRole::ALL.map(DirectoryRole::as_str);
            format!("no role is called `{name}`; there are {}", names.join(", "))
        })?;
    Ok((role, directory_path(path)?))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_role_is_a_name_and_a_path() {
        assert_eq!(role("disabled=/off"), Ok((DirectoryRole::Disabled, "/off/".into())));
        assert!(role("disabled").unwrap_err().contains("ROLE=PATH"));
        assert!(role("odd=/x/").unwrap_err().contains("plain, no-overwrite"));
        assert!(role("disabled=off").unwrap_err().contains("slash"));
    }

    #[test]
    fn a_seed_is_hexadecimal() {
        assert_eq!(seed("5eed0001"), Ok(0x5eed_0001));
        assert_eq!(seed("0x1"), Ok(1));
        assert!(seed("seed").is_err());
    }
}

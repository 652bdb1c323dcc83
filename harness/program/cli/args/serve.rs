//! What can be said to `serve`.

use std::{net::SocketAddr, path::PathBuf};

use bits_server::{
    limits::{Limits, Row},
    store::Durability,
};
use clap::{Args, ValueEnum};

use crate::cli::args::values::{ProfileName, limit};

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

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line of text for each event
    #[default]
    Text,
    /// A JSON object for each event
    Json,
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

//! What is tested, and how it is spoken to: the same for every command that tests a server.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use bits_judge::plan::DirectoryRole;
use clap::{Args, ValueEnum};

use crate::{
    cli::args::values::{ProfileName, role, seconds, seed},
    config::ReadBack,
    drive::Transport,
    error::Error,
    subject::resolve::{Overrides, SubjectSpec},
};

#[derive(Args, Debug)]
pub(crate) struct TargetOptions {
    /// A file that describes the target, as `init` writes it; ./bitscheck.toml if it is there and nothing else is named
    #[arg(long = "target", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// How requests are sent: exact bytes, or as an ordinary client would where that can be
    #[arg(long, value_enum, default_value_t)]
    pub(crate) transport: TransportName,
    /// How many scenarios or random sessions at once
    #[arg(short, long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,
    /// Seconds to wait for an answer; 30 if nothing else is said
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<f64>,
    /// The seed from which the names of files come, in hexadecimal digits; a new one each time if it is not given
    #[arg(long, value_name = "HEX", value_parser = seed)]
    pub(crate) seed: Option<u64>,
    /// A virtual directory of the target for scenarios that need one of this role, such as disabled=/off/.
    /// May be repeated
    #[arg(long, value_name = "ROLE=PATH", value_parser = role)]
    pub(crate) role: Vec<(DirectoryRole, String)>,
    /// Whether finished uploads can be read back with GET; `auto` if nothing else is said
    #[arg(long, value_enum)]
    pub(crate) read_back: Option<ReadBackName>,
    /// The folder on this machine where the target keeps its sessions, for scenarios that take files away from it
    #[arg(long, value_name = "DIR")]
    pub(crate) session_store: Option<PathBuf>,
    /// Play the server application at this address, to which the target posts finished uploads
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) application: Option<SocketAddr>,
    /// A file with certificates (PEM) to trust besides those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Trust any certificate
    #[arg(long, conflicts_with = "ca_file")]
    pub(crate) insecure: bool,
    /// Let the embedded server follow other texts than [MC-BUP] where they differ
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub(crate) profile: Option<ProfileName>,
    /// Let the embedded server break one clause; `list` shows the faults
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TransportName {
    #[default]
    Raw,
    Http,
}

impl From<TransportName> for Transport {
    fn from(name: TransportName) -> Self {
        match name {
            TransportName::Raw => Self::Raw,
            TransportName::Http => Self::Http,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReadBackName {
    /// Try it once before the run
    Auto,
    Yes,
    No,
}

impl From<ReadBackName> for ReadBack {
    fn from(name: ReadBackName) -> Self {
        match name {
            ReadBackName::Auto => Self::Auto,
            ReadBackName::Yes => Self::Yes,
            ReadBackName::No => Self::No,
        }
    }
}

impl TargetOptions {
    /// The target that these options or the URL name, if they name one.
    ///
    /// # Errors
    ///
    /// For what is no URL, for a file that cannot be read, and for both of them.
    pub(crate) fn named(&self, url: Option<&str>) -> Result<Option<SubjectSpec>, Error> {
        SubjectSpec::by(url, self.file.as_deref(), self.profile.is_some() || self.fault.is_some())
    }

    /// What they say of the target besides its name.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides {
            roles: self.role.clone(),
            read_back: self.read_back.map(Into::into),
            session_store: self.session_store.clone(),
            application: self.application,
            timeout: self.timeout.map(Duration::from_secs_f64),
            ca_file: self.ca_file.clone(),
            insecure: self.insecure,
        }
    }
}

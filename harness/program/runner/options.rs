//! How a target is judged.

use std::{path::PathBuf, time::Duration};

use bits_judge::{
    report::{Again, Circumstances, Replay, Selection},
    spec::Dialect,
};
use url::Url;

use crate::{drive::Transport, error::Error, runner::event::Events, subject::embedded::Folder};

/// How a target is judged.
#[derive(Clone, Debug)]
pub(crate) struct RunConfig {
    pub(crate) transport: Transport,
    pub(crate) dialect: Dialect,
    pub(crate) seed: u64,
    /// What the names of files are made of.
    pub(crate) names: u64,
    /// How many scenarios at a time.
    pub(crate) jobs: usize,
    /// Where the embedded server has its files.
    pub(crate) folder: Folder,
    /// How long to wait for an answer of the embedded server, if that is said.
    pub(crate) timeout: Option<Duration>,
    /// The command that carries out the scenario of a finding.
    pub(crate) replay_of_findings: Replay,
    /// Where transcripts go, if they are wanted.
    pub(crate) transcripts: Option<PathBuf>,
    /// The command that does this run again, for one scenario.
    pub(crate) replay: Replay,
    /// Whether the embedded server may be stopped and started.
    pub(crate) switches: bool,
    /// Where the run tells what happens.
    pub(crate) events: Events,
}

impl RunConfig {
    /// The usual way, with fresh names and nobody who listens.
    ///
    /// # Errors
    ///
    /// If there is no randomness for the names of files.
    pub(crate) fn usual() -> Result<Self, Error> {
        let seed = fresh_seed()?;
        Ok(Self {
            transport: Transport::Raw,
            dialect: Dialect::default(),
            seed,
            names: seed,
            jobs: 8,
            folder: Folder::Usual,
            timeout: None,
            replay_of_findings: Replay::new(Again::File),
            transcripts: None,
            replay: Replay::new(Again::Run),
            switches: true,
            events: Events::ignored(),
        })
    }

    /// What it is aimed at, and how, in the words of a command line.
    pub(crate) fn identity(&self) -> String {
        self.replay_of_findings.with("...")
    }

    /// What is known of a run before it begins.
    pub(crate) fn circumstances(&self, url: &Url, selection: Selection) -> Circumstances {
        Circumstances {
            target: url.to_string(),
            replay: self.replay.clone(),
            dialect: self.dialect,
            transport: self.transport.as_str().into(),
            seed: self.seed,
            selection,
        }
    }
}

/// A seed that nobody has chosen.
///
/// # Errors
///
/// If there is no randomness for it.
pub(crate) fn fresh_seed() -> Result<u64, Error> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::internal(format!("no random numbers: {error}")))?;
    Ok(u64::from(u32::from_be_bytes(bytes)))
}

//! How a run is carried out, as the command line asks.

use bits_judge::{report::Replay, spec::Dialect};

use crate::{
    cli::{
        args::{fuzz::FuzzOptions, reproduce, run::RunOptions, target::TargetOptions},
        live,
    },
    error::Error,
    runner::{
        options::{RunConfig, fresh_seed},
        request::RunRequest,
    },
    subject::{embedded::Folder, resolve::SubjectSpec},
};

/// For `run`, on the target that is named or else on the embedded server.
///
/// # Errors
///
/// If there is no randomness for a seed.
pub(crate) fn of_run(
    options: &RunOptions,
    asked: &RunRequest,
    named: Option<&SubjectSpec>,
) -> Result<RunConfig, Error> {
    let server = &options.server;
    let seed = server.seed.map_or_else(fresh_seed, Ok)?;
    // Random sessions are the same each time, and must not meet the files of the time before.
    let names = options.random.map_or(Ok(seed), |_| fresh_seed())?;
    let dialect = options.reporting.dialect;
    Ok(RunConfig {
        names,
        seed,
        dialect,
        folder: if options.random.is_some() { Folder::Fast } else { Folder::Usual },
        transcripts: options.transcripts.clone(),
        replay: reproduce::of_run(options, asked, named, seed),
        replay_of_findings: reproduce::of_file(server, dialect, named),
        switches: true,
        ..of_lesson(server, named)?
    })
}

/// For a campaign.
///
/// # Errors
///
/// If there is no randomness for the names of files.
pub(crate) fn of_campaign(
    options: &FuzzOptions,
    named: Option<&SubjectSpec>,
    seed: u64,
) -> Result<RunConfig, Error> {
    let dialect = options.reporting.dialect;
    let replay = reproduce::of_file(&options.server, dialect, named);
    Ok(RunConfig {
        dialect,
        seed,
        replay: replay.clone(),
        replay_of_findings: replay,
        ..of_lesson(&options.server, named)?
    })
}

/// For what only shows what sessions of a corpus do.
///
/// # Errors
///
/// If there is no randomness for the names of files.
pub(crate) fn of_lesson(
    server: &TargetOptions,
    named: Option<&SubjectSpec>,
) -> Result<RunConfig, Error> {
    let replay: Replay = reproduce::of_file(server, Dialect::default(), named);
    Ok(RunConfig {
        transport: server.transport.into(),
        seed: 0,
        jobs: usize::from(server.jobs),
        folder: Folder::Fast,
        timeout: server.overrides().timeout,
        replay: replay.clone(),
        replay_of_findings: replay,
        switches: false,
        events: live::shown(),
        ..RunConfig::usual()?
    })
}

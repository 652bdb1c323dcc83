//! A target is judged: reached, looked at, put through the scenarios.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant},
};

use super::{
    Failure, again,
    aim::{Aim, Named, play_application, transport},
    arguments::RunOptions,
    chase::chase,
    embedded::{Embedded, Folder},
    occasion::Occasion,
    output, preflight, replay,
    signals::Signals,
    suite::Suite,
};
use crate::{
    drive::{self, Driver, Transport},
    plan::{Capability, DirectoryRole},
    refserver::{config::Profile, fault::Fault},
    report::{Circumstances, Replay, Results, Selection},
    spec::Dialect,
};

/// How a target is to be judged.
pub(super) struct Manner {
    pub(super) transport: Transport,
    pub(super) dialect: Dialect,
    pub(super) seed: u64,
    /// What the names of files are made of.
    pub(super) names: u64,
    /// How many scenarios at a time.
    pub(super) jobs: usize,
    /// Whether to show how far it is.
    pub(super) shows_progress: bool,
    /// Where the embedded server has its files.
    pub(super) folder: Folder,
    /// How long to wait for an answer of the embedded server, if that is said.
    pub(super) timeout: Option<Duration>,
    /// Where scenarios go that show what random sessions find, if they are wanted.
    pub(super) findings: Option<PathBuf>,
    /// Where transcripts go, if they are wanted.
    pub(super) transcripts: Option<PathBuf>,
    /// The command that does this run again, for one scenario.
    pub(super) replay: Replay,
}

impl Manner {
    /// As the command line asks, for the target that is named or else for the embedded server.
    ///
    /// # Errors
    ///
    /// If there is no randomness for a seed.
    pub(super) fn of(options: &RunOptions, named: Option<&Named>) -> Result<Self, Failure> {
        let seed = options.seed.map_or_else(fresh_seed, Ok)?;
        // Random sessions are the same each time, and must not meet the files of the time before.
        let names = options.random.map_or(Ok(seed), |_| fresh_seed())?;
        Ok(Self {
            names,
            transport: transport(options.transport),
            dialect: options.reporting.dialect,
            seed,
            jobs: usize::from(options.jobs),
            shows_progress: true,
            folder: Folder::Usual,
            timeout: options.timeout.map(Duration::from_secs_f64),
            findings: options.random.map(|_| options.findings.clone()),
            transcripts: options.transcripts.clone(),
            replay: replay::of_run(options, named, seed),
        })
    }
}

/// Judges the reference server, embedded in this process.
pub(super) async fn judge_embedded(
    manner: &Manner,
    fault: Option<Fault>,
    profile: Option<Profile>,
    occasions: &[Occasion],
    selection: Selection,
) -> Result<Results, Failure> {
    let application = play_application(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let embedded = Embedded::start(fault, profile, &application, manner.folder).await?;
    let aim = Aim::at_embedded(&embedded, application, manner.timeout)?;
    let results = judge(manner, aim, occasions, selection).await;
    embedded.stop().await;
    results
}

/// Judges a target.
pub(super) async fn judge(
    manner: &Manner,
    aim: Aim,
    occasions: &[Occasion],
    selection: Selection,
) -> Result<Results, Failure> {
    let began = Instant::now();
    let seed = manner.seed;
    let url = aim.target.url().to_string();
    let options = drive::Options { seed, ..aim.drive_options(manner.transport) };
    let driver = Driver::new(aim.target.clone(), options);
    let driver = Arc::new(driver.map_err(|error| Failure::usage(error.to_string()))?);
    let mut signals = Signals::hear()
        .map_err(|error| Failure::internal(format!("cannot hear signals: {error}")))?;
    let prefix = format!("bitscheck-{:08x}.", manner.names);
    let found = tokio::select! {
        found = look_at(&driver, &aim, occasions, &prefix) => found?,
        code = signals.next() => {
            let message = "stopped before anything was judged".into();
            return Err(Failure { code, message });
        }
    };
    let abilities = [
        (aim.reads_back.unwrap_or(found.reads_back), Capability::ReadBack),
        (aim.session_store.is_some(), Capability::SessionStore),
        (aim.application.is_some(), Capability::Application),
    ];
    let capabilities = abilities.into_iter().filter(|(has, _)| *has).map(|(_, one)| one).collect();
    let suite = Suite {
        driver,
        roles: aim.roles,
        accounts: aim.accounts,
        capabilities,
        prefix,
        jobs: manner.jobs,
        shows_progress: manner.shows_progress,
        transcripts: manner.transcripts.clone(),
        again: AtomicU64::new(0),
    };
    let mut ended = suite.run(occasions, &mut signals).await?;
    if ended.stopped.is_none() {
        tokio::select! {
            looked = again::alone(&suite, occasions, &mut ended.judged, manner.dialect) => looked?,
            code = signals.next() => ended.stopped = Some(code),
        }
    }
    let circumstances = Circumstances {
        target: url,
        replay: manner.replay.clone(),
        dialect: manner.dialect,
        transport: manner.transport.as_str().into(),
        seed,
        selection,
        interrupted: ended.stopped,
        took: began.elapsed(),
    };
    let results = Results::of(circumstances, ended.judged);
    if let Some(folder) = manner.findings.as_deref().filter(|_| ended.stopped.is_none()) {
        tokio::select! {
            ended = chase(&suite, occasions, &results, folder) => ended.map_err(|error| {
                Failure::internal(format!("cannot write findings to {}: {error}", folder.display()))
            })?,
            _ = signals.next() => output::remark("stopped; what was not followed yet is in no file"),
        }
    }
    Ok(results)
}

/// Makes sure that a BITS layer answers and takes the credentials that there are, and finds out what it can do.
async fn look_at(
    driver: &Driver,
    aim: &Aim,
    occasions: &[Occasion],
    prefix: &str,
) -> Result<preflight::Seen, Failure> {
    driver.reach().await.map_err(|error| Failure::unreachable(error.to_string()))?;
    let base = aim.target.base();
    if let Some(given) = &aim.given {
        given.try_in(DirectoryRole::Plain, base, driver, prefix).await?;
    }
    let seen = preflight::probe(driver, base, &format!("{prefix}preflight.")).await?;
    if let Some(given) = &aim.given {
        let needed: BTreeSet<_> = occasions.iter().map(Occasion::role).collect();
        let others = needed.into_iter().filter(|role| *role != DirectoryRole::Plain);
        for (role, settings) in others.filter_map(|role| aim.roles.get_key_value(&role)) {
            given.try_in(*role, &settings.path, driver, prefix).await?;
        }
    }
    Ok(seen)
}

/// A seed that nobody has chosen.
pub(super) fn fresh_seed() -> Result<u64, Failure> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::internal(format!("no random numbers: {error}")))?;
    Ok(u64::from(u32::from_be_bytes(bytes)))
}

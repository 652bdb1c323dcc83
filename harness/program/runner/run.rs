//! A target is judged: reached, looked at, put through the scenarios.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant},
};

use bits_judge::{
    plan::{Capability, DirectoryRole, Switch},
    report::{Circumstances, Replay, Selection},
    spec::Dialect,
};
use bits_server::{config::Profile, fault::Fault, store::Durability};
use url::Url;

use crate::{
    cli::{
        args::{FuzzOptions, RunOptions, TargetOptions, reproduce},
        commands::run::Asked,
    },
    drive::{self, Driver, Transport},
    error::Error,
    runner::{
        executor::Suite,
        outcome::Done,
        queue::Queue,
        retry,
        workload::{Case, Occasions},
    },
    subject::{
        embedded::{Embedded, Folder},
        preflight,
        resolve::{Aim, Named, play_application, transport},
    },
    term::{print, signals::Signals},
    triage::Chase,
};

/// How a target is to be judged.
pub(crate) struct Manner {
    pub(crate) transport: Transport,
    pub(crate) dialect: Dialect,
    pub(crate) seed: u64,
    /// What the names of files are made of.
    pub(crate) names: u64,
    /// How many scenarios at a time.
    pub(crate) jobs: usize,
    /// Whether to show how far it is.
    pub(crate) shows_progress: bool,
    /// Where the embedded server has its files.
    pub(crate) folder: Folder,
    /// How long to wait for an answer of the embedded server, if that is said.
    pub(crate) timeout: Option<Duration>,
    /// Where what random sessions find is written, if it is wanted.
    pub(crate) findings: Option<PathBuf>,
    /// The command that carries out a scenario of such a finding.
    pub(crate) replay_of_findings: Replay,
    /// Where transcripts go, if they are wanted.
    pub(crate) transcripts: Option<PathBuf>,
    /// The command that does this run again, for one scenario.
    pub(crate) replay: Replay,
    /// Whether the embedded server may be stopped and started.
    pub(crate) switches: bool,
}

impl Manner {
    /// As the command line asks, for the target that is named or else for the embedded server.
    ///
    /// # Errors
    ///
    /// If there is no randomness for a seed.
    pub(crate) fn of(
        options: &RunOptions,
        asked: &Asked,
        named: Option<&Named>,
    ) -> Result<Self, Error> {
        let server = &options.server;
        let seed = server.seed.map_or_else(fresh_seed, Ok)?;
        // Random sessions are the same each time, and must not meet the files of the time before.
        let names = options.random.map_or(Ok(seed), |_| fresh_seed())?;
        Ok(Self {
            names,
            transport: transport(server.transport),
            dialect: options.reporting.dialect,
            seed,
            jobs: usize::from(server.jobs),
            shows_progress: true,
            folder: if options.random.is_some() { Folder::Fast } else { Folder::Usual },
            timeout: server.timeout.map(Duration::from_secs_f64),
            findings: options.random.map(|_| options.findings.clone()),
            transcripts: options.transcripts.clone(),
            replay: reproduce::of_run(options, asked, named, seed),
            switches: true,
            replay_of_findings: reproduce::of_file(server, options.reporting.dialect, named),
        })
    }
}

impl Manner {
    /// As a campaign asks.
    ///
    /// # Errors
    ///
    /// If there is no randomness for the names of files.
    pub(crate) fn of_campaign(
        options: &FuzzOptions,
        named: Option<&Named>,
        seed: u64,
    ) -> Result<Self, Error> {
        let dialect = options.reporting.dialect;
        let replay = reproduce::of_file(&options.server, dialect, named);
        Ok(Self {
            dialect,
            seed,
            findings: Some(options.findings.clone()),
            replay: replay.clone(),
            replay_of_findings: replay,
            ..Self::of_lesson(&options.server, named)?
        })
    }

    /// As somebody asks who only wants to see what sessions show.
    ///
    /// # Errors
    ///
    /// If there is no randomness for the names of files.
    pub(crate) fn of_lesson(server: &TargetOptions, named: Option<&Named>) -> Result<Self, Error> {
        let replay = reproduce::of_file(server, Dialect::default(), named);
        Ok(Self {
            names: fresh_seed()?,
            transport: transport(server.transport),
            dialect: Dialect::default(),
            seed: 0,
            jobs: usize::from(server.jobs),
            shows_progress: true,
            folder: Folder::Fast,
            timeout: server.timeout.map(Duration::from_secs_f64),
            findings: None,
            transcripts: None,
            replay: replay.clone(),
            replay_of_findings: replay,
            switches: false,
        })
    }

    /// What it is aimed at, and how, in the words of a command line.
    pub(crate) fn aim(&self) -> String {
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

/// Does something with the reference server, embedded in this process.
pub(crate) async fn with_embedded<T>(
    manner: &Manner,
    fault: Option<Fault>,
    profile: Option<Profile>,
    work: impl AsyncFnOnce(Aim) -> Result<T, Error>,
) -> Result<T, Error> {
    let application = play_application(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let durability = if manner.switches { Durability::Os } else { Durability::None };
    let folder = manner.folder;
    let embedded = Embedded::start(fault, profile, &application, folder, durability).await?;
    let mut aim = Aim::at_embedded(&embedded, application, manner.timeout)?;
    if !manner.switches {
        aim.power = None;
    }
    let done = work(aim).await;
    embedded.stop().await;
    done
}

/// Judges the reference server, embedded in this process.
pub(crate) async fn judge_embedded(
    manner: &Manner,
    fault: Option<Fault>,
    profile: Option<Profile>,
    occasions: &Occasions,
    selection: Selection,
) -> Result<Done, Error> {
    let judge = async |aim| judge(manner, aim, occasions, selection).await;
    with_embedded(manner, fault, profile, judge).await
}

/// Judges a target.
pub(crate) async fn judge(
    manner: &Manner,
    aim: Aim,
    occasions: &Occasions,
    selection: Selection,
) -> Result<Done, Error> {
    let began = Instant::now();
    let ready = Ready::of(manner, aim, &occasions.roles()).await?;
    let Ready { suite, mut signals, url, refused } = ready;
    let circumstances = manner.circumstances(&url, selection);
    let mut queue = Queue::of(&suite, occasions, circumstances)?;
    let stopped = suite.carry_out(&mut queue, &mut signals).await?;
    let mut results = queue.results(stopped, began.elapsed());
    if let Some(refused) = refused {
        results.blame_directory(refused);
    }
    if stopped.is_none() {
        tokio::select! {
            looked = retry::alone(&suite, occasions, &mut results, manner.dialect) => looked?,
            _ = signals.next() => print::remark("stopped; what overlapped was not looked at again"),
        }
    }
    let mut trouble = suite.unkept.get().cloned().map(Error::internal);
    if let Some(folder) = &manner.findings {
        let mut chase = Chase::new(&suite, folder, &url, manner);
        let operations = |name: &str| Case::named(results.seed, name).map(Case::operations);
        let unfollowed =
            "stopped; what was not followed yet is in no folder, and --seed finds it again";
        if stopped.is_none() {
            tokio::select! {
                followed = chase.follow(&results, operations) => trouble = trouble.or_else(|| followed.err()),
                _ = signals.next() => print::remark(unfollowed),
            }
        } else if !results.findings.is_empty() {
            print::remark(unfollowed);
        }
        chase.point_at_folders(&mut results);
    }
    Ok(Done { results, trouble })
}

/// A target that was reached and looked at, and what is needed to go on.
pub(crate) struct Ready {
    pub(crate) suite: Suite,
    pub(crate) signals: Signals,
    /// The URL of the target.
    pub(crate) url: Url,
    /// How it refused a small upload, if it did.
    pub(crate) refused: Option<String>,
}

impl Ready {
    /// Reaches a target and looks at it and at the directories of these roles.
    pub(crate) async fn of(
        manner: &Manner,
        aim: Aim,
        roles: &BTreeSet<DirectoryRole>,
    ) -> Result<Self, Error> {
        let url = aim.target.url().clone();
        let seed = manner.seed;
        let options = drive::Options { seed, ..aim.drive_options(manner.transport) };
        let driver = Driver::new(aim.target.clone(), options);
        let driver = Arc::new(driver.map_err(|error| Error::usage(error.to_string()))?);
        let mut signals = Signals::hear()
            .map_err(|error| Error::internal(format!("cannot hear signals: {error}")))?;
        let prefix = format!("bitscheck-{:08x}.", manner.names);
        let found = tokio::select! {
            found = look_at(&driver, &aim, roles, &prefix) => found?,
            code = signals.next() => {
                let message = "stopped before anything was judged";
                return Err(Error::stopped(code, message));
            }
        };
        let can = |switch| aim.power.as_ref().is_some_and(|power| power.can(switch));
        let abilities = [
            (aim.reads_back.unwrap_or(found.reads_back), Capability::ReadBack),
            (aim.session_store.is_some(), Capability::SessionStore),
            (aim.application.is_some(), Capability::Application),
            (can(Switch::Restart), Capability::Restart),
            (can(Switch::Stop) && can(Switch::Start), Capability::StopAndStart),
        ];
        let capabilities =
            abilities.into_iter().filter(|(has, _)| *has).map(|(_, one)| one).collect();
        let suite = Suite {
            driver,
            roles: aim.roles,
            accounts: aim.accounts,
            capabilities,
            prefix,
            jobs: manner.jobs,
            shows_progress: manner.shows_progress,
            transcripts: manner.transcripts.clone(),
            uploads: aim.uploads,
            unkept: Arc::default(),
            again: AtomicU64::new(0),
        };
        Ok(Self { suite, signals, url, refused: found.refused })
    }
}

/// Makes sure that a BITS layer answers and takes the credentials that there are, and finds out what it can do.
async fn look_at(
    driver: &Driver,
    aim: &Aim,
    roles: &BTreeSet<DirectoryRole>,
    prefix: &str,
) -> Result<preflight::Seen, Error> {
    driver.reach().await.map_err(|error| Error::unreachable(error.to_string()))?;
    let base = aim.target.base();
    if let Some(given) = &aim.given {
        given.try_in(DirectoryRole::Plain, base, driver, prefix).await?;
    }
    let seen = preflight::probe(driver, base, &format!("{prefix}preflight.")).await?;
    if let Some(given) = &aim.given {
        let others = roles.iter().filter(|role| **role != DirectoryRole::Plain);
        for (role, settings) in others.filter_map(|role| aim.roles.get_key_value(role)) {
            given.try_in(*role, &settings.path, driver, prefix).await?;
        }
    }
    Ok(seen)
}

/// A seed that nobody has chosen.
pub(crate) fn fresh_seed() -> Result<u64, Error> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::internal(format!("no random numbers: {error}")))?;
    Ok(u64::from(u32::from_be_bytes(bytes)))
}

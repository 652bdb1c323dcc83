//! Runs the suite against the reference server with one fault after the other.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use bits_judge::{
    plan::Capability,
    report::{Again, Replay, Results, Selection},
    spec::Dialect,
};
use bits_server::fault::Fault;
use tokio::runtime::Runtime;

use crate::{
    drive::Transport,
    error::Error,
    runner::{
        event::Events,
        interrupts::Never,
        library::Loaded,
        options::RunConfig,
        run::{PreparedRun, with_embedded},
        workload::Workload,
    },
    selftest::{Matrix, Trial, dialect_of, is_killed, needs_lanes, shows_in_checks},
    subject::embedded::Folder,
};

/// The most bytes of bodies that a scenario of the light part sends.
const MOST_LIGHT: u64 = 4 << 20;

/// How long to wait for an answer; no honest server on loopback needs as long.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many scenarios of one run go at a time.
const JOBS: usize = 8;

/// The suite in two parts: what sends much takes most of the time and finds least.
pub(crate) struct Suites {
    light: Workload,
    heavy: Workload,
    /// Those of the light part that do several things at once.
    laned: Workload,
}

impl Suites {
    /// Divides scenarios.
    ///
    /// # Errors
    ///
    /// For a scenario that cannot be read as a plan.
    pub(crate) fn of(scenarios: Vec<Loaded>) -> Result<Self, Error> {
        let (mut light, mut heavy, mut laned) = (Vec::new(), Vec::new(), Vec::new());
        for one in scenarios {
            let plan = one.plan(&Capability::ALL)?;
            if plan.steps.iter().any(|step| step.lane > 0) {
                laned.push(one.clone());
            }
            if plan.sends() > MOST_LIGHT { &mut heavy } else { &mut light }.push(one);
        }
        let [light, heavy, laned] = [light, heavy, laned].map(Workload::Written);
        Ok(Self { light, heavy, laned })
    }
}

/// What both parts of the suite make of an honest server.
struct Honest {
    light: Results,
    heavy: Results,
    laned: Results,
}

/// What serves and drives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// This one alone: with many servers at a time, threads that wake each other only cost.
    One,
    /// As many as usual, so that both sides of a large body move at once.
    Several,
}

/// How faults are tried.
pub(crate) struct Trials {
    /// The seed of payloads and of the names of files.
    pub(crate) seed: u64,
    /// How many servers at a time.
    pub(crate) jobs: usize,
    /// Where the runs tell what happens.
    pub(crate) events: Events,
}

impl Trials {
    /// Runs the suite against an honest server in each dialect, and then for each fault, several servers at a time: the light
    /// part, and the heavy one if that has not found it.
    pub(crate) fn try_all(&self, faults: &[Fault], suites: &Suites) -> Result<Matrix, Error> {
        let began = Instant::now();
        let honest = |dialect| {
            let light = self.judge(None, dialect, &suites.light, Threads::One)?;
            let heavy = self.judge(None, dialect, &suites.heavy, Threads::Several)?;
            let laned = self.judge(None, dialect, &suites.laned, Threads::One)?;
            Ok::<_, Error>(Honest { light, heavy, laned })
        };
        let (strict, w32) = (honest(Dialect::Strict)?, honest(Dialect::W32)?);
        let all = [&strict.light, &strict.heavy, &w32.light, &w32.heavy];
        let complaints = all.into_iter().flat_map(findings).collect();
        let work = |fault: Fault| {
            let dialect = dialect_of(fault);
            let honest = if dialect == Dialect::Strict { &strict } else { &w32 };
            if needs_lanes(fault) {
                let results = self.judge(Some(fault), dialect, &suites.laned, Threads::One)?;
                return Ok((fault, Trial::of(&results, &honest.laned)));
            }
            let light = self.judge(Some(fault), dialect, &suites.light, Threads::One)?;
            let mut trial = Trial::of(&light, &honest.light);
            if trial.red.is_empty() && shows_in_checks(fault) {
                let heavy = self.judge(Some(fault), dialect, &suites.heavy, Threads::Several)?;
                trial.add(Trial::of(&heavy, &honest.heavy));
            }
            Ok((fault, trial))
        };
        let mut trials = self.for_each(faults, work)?;
        for (fault, trial) in &mut trials {
            // Many servers at a time can make time limits run out that are not what is tried.
            if !is_killed(*fault, trial) {
                *trial = work(*fault)?.1;
            }
        }
        trials.sort_by_key(|(fault, _)| faults.iter().position(|other| other == fault));
        Ok(Matrix::of(trials, complaints, began.elapsed()))
    }

    /// Works on every fault, several at a time; the results come in any order.
    pub(crate) fn for_each<T: Send>(
        &self,
        faults: &[Fault],
        work: impl Fn(Fault) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut done = Vec::new();
            while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push(work(*fault)?);
            }
            Ok::<_, Error>(done)
        };
        let all: Vec<Vec<T>> = thread::scope(|scope| {
            let workers: Vec<_> =
                (0..self.jobs.min(faults.len())).map(|_| scope.spawn(worker)).collect();
            let ended = workers.into_iter().map(|worker| {
                let fault = |_| Error::internal("a server ended in a fault of this program");
                worker.join().map_err(fault)?
            });
            ended.collect::<Result<_, Error>>()
        })?;
        Ok(all.into_iter().flatten().collect())
    }

    /// Judges a server with a fault, or an honest one.
    pub(crate) fn judge(
        &self,
        fault: Option<Fault>,
        dialect: Dialect,
        workload: &Workload,
        threads: Threads,
    ) -> Result<Results, Error> {
        let folder = if threads == Threads::One { Folder::Fast } else { Folder::Usual };
        let config = RunConfig { folder, ..self.config(fault, dialect) };
        let judge = async |subject| {
            let ready = PreparedRun::of(&config, subject, &workload.roles(), &mut Never).await?;
            ready.judge(&config, workload, Selection::Everything, &mut Never).await
        };
        runtime(threads)?.block_on(with_embedded(&config, fault, None, judge))?.whole()
    }

    /// How a server with a fault is judged.
    pub(crate) fn config(&self, fault: Option<Fault>, dialect: Dialect) -> RunConfig {
        let replay = Replay::new(Again::Run)
            .option_if("--fault", fault.map(Fault::name))
            .option_if("--dialect", Some(dialect).filter(|it| *it != Dialect::default()));
        RunConfig {
            transport: Transport::Raw,
            dialect,
            seed: self.seed,
            names: self.seed,
            jobs: JOBS,
            folder: Folder::Fast,
            timeout: Some(PATIENCE),
            transcripts: None,
            replay: replay.clone(),
            replay_of_findings: replay,
            // What a restart shows does not depend on a fault.
            switches: false,
            events: self.events.clone(),
        }
    }
}

/// A runtime for a server and what drives it.
pub(crate) fn runtime(threads: Threads) -> Result<Runtime, Error> {
    let mut builder = match threads {
        Threads::One => tokio::runtime::Builder::new_current_thread(),
        Threads::Several => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.enable_all().build().map_err(|error| Error::internal(format!("cannot start: {error}")))
}

/// What is found wrong with a server that has no fault.
fn findings(results: &Results) -> Vec<String> {
    let told = results.findings.iter().map(|finding| {
        format!("{} finds the server without a fault wrong, {}", finding.check, finding.place())
    });
    told.collect()
}

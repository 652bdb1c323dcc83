//! `bitscheck selftest`: the suite against the reference server with one fault after the other.

mod chances;

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use bits_judge::{
    plan::Capability,
    report::{Results, Selection},
    spec::Dialect,
};
use bits_server::fault::Fault;
use tokio::runtime::Runtime;

use crate::{
    cli::{
        Outcome,
        args::{MatrixFormat, SelftestOptions, reproduce},
        commands::selftest::chances::Chances,
    },
    drive::Transport,
    error::Error,
    runner::{
        filter::is_match,
        library::{self, Loaded},
        run::{Manner, fresh_seed, judge_embedded},
        workload::Occasions,
    },
    selftest::{self, Matrix, Trial, dialect_of, is_killed, needs_lanes, shows_in_checks},
    subject::embedded::Folder,
    term::{exit, file::Sink, print},
};

/// The most bytes of bodies that a scenario of the light part sends.
const MOST_LIGHT: u64 = 4 << 20;

/// How long to wait for an answer; no honest server on loopback needs as long.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many scenarios of one run go at a time.
const JOBS: usize = 8;

pub(crate) fn selftest(options: &SelftestOptions) -> Outcome {
    if let Some(file) = &options.recorded {
        let matrix = recorded(file)?;
        return show(&matrix, options, Sink::open(options.output.clone())?);
    }
    let faults: Vec<Fault> = Fault::ALL
        .iter()
        .copied()
        .filter(|fault| {
            options.fault.is_empty()
                || options.fault.iter().any(|pattern| is_match(pattern, fault.name()))
        })
        .collect();
    if faults.is_empty() {
        return Err(Error::nothing_selected(
            "no fault is called so; `bitscheck serve --fault list` shows what there is",
        ));
    }
    let sink = Sink::open(options.output.clone())?;
    let seed = options.seed.map_or_else(fresh_seed, Ok)?;
    if let Some(most) = options.random {
        let chances =
            Chances { seed, most: u64::from(most), findings: options.findings.as_deref() };
        let found = chances.of_all(&faults, usize::from(options.jobs))?;
        sink.write(&selftest::by_chance(&found, u64::from(most)))?;
        return Ok(exit::KEPT);
    }
    let suites = Suites::of(library::own()?)?;
    let matrix = try_all(&faults, &suites, seed, usize::from(options.jobs))?;
    let code = show(&matrix, options, sink)?;
    print::remark(&format!("{} faults in {:.1} s", matrix.rows.len(), matrix.took.as_secs_f64()));
    Ok(code)
}

/// Reads a matrix that was written as JSON.
fn recorded(file: &Path) -> Result<Matrix, Error> {
    let wrong = |problem: String| Error::usage(format!("{}: {problem}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    selftest::read(&text).map_err(|error| wrong(error.to_string()))
}

fn show(matrix: &Matrix, options: &SelftestOptions, sink: Sink) -> Outcome {
    let text = match options.format {
        MatrixFormat::Text => selftest::text(matrix),
        MatrixFormat::Json => selftest::json(matrix),
        MatrixFormat::Html => selftest::html(matrix),
    };
    sink.write(&text)?;
    Ok(if matrix.is_sound() { exit::KEPT } else { exit::BROKEN })
}

/// The suite in two parts: what sends much takes most of the time and finds least.
struct Suites {
    light: Occasions,
    heavy: Occasions,
    /// Those of the light part that do several things at once.
    laned: Occasions,
}

impl Suites {
    fn of(scenarios: Vec<Loaded>) -> Result<Self, Error> {
        let (mut light, mut heavy, mut laned) = (Vec::new(), Vec::new(), Vec::new());
        for one in scenarios {
            let plan = one.plan(&Capability::ALL)?;
            if plan.steps.iter().any(|step| step.lane > 0) {
                laned.push(one.clone());
            }
            if plan.sends() > MOST_LIGHT { &mut heavy } else { &mut light }.push(one);
        }
        let [light, heavy, laned] = [light, heavy, laned].map(Occasions::Written);
        Ok(Self { light, heavy, laned })
    }
}

/// What both parts of the suite make of an honest server.
struct Honest {
    light: Results,
    heavy: Results,
    laned: Results,
}

/// Runs the suite against an honest server in each dialect, and then for each fault, `jobs` servers at a time: the light
/// part, and the heavy one if that has not found it.
fn try_all(faults: &[Fault], suites: &Suites, seed: u64, jobs: usize) -> Result<Matrix, Error> {
    let began = Instant::now();
    let honest = |dialect| {
        let light = judge(None, dialect, &suites.light, seed, Threads::One)?;
        let heavy = judge(None, dialect, &suites.heavy, seed, Threads::Several)?;
        let laned = judge(None, dialect, &suites.laned, seed, Threads::One)?;
        Ok::<_, Error>(Honest { light, heavy, laned })
    };
    let (strict, w32) = (honest(Dialect::Strict)?, honest(Dialect::W32)?);
    let all = [&strict.light, &strict.heavy, &w32.light, &w32.heavy];
    let complaints = all.into_iter().flat_map(findings).collect();
    let work = |fault: Fault| {
        let dialect = dialect_of(fault);
        let honest = if dialect == Dialect::Strict { &strict } else { &w32 };
        if needs_lanes(fault) {
            let results = judge(Some(fault), dialect, &suites.laned, seed, Threads::One)?;
            return Ok((fault, Trial::of(&results, &honest.laned)));
        }
        let light = judge(Some(fault), dialect, &suites.light, seed, Threads::One)?;
        let mut trial = Trial::of(&light, &honest.light);
        if trial.red.is_empty() && shows_in_checks(fault) {
            let heavy = judge(Some(fault), dialect, &suites.heavy, seed, Threads::Several)?;
            trial.add(Trial::of(&heavy, &honest.heavy));
        }
        Ok((fault, trial))
    };
    let mut trials = for_each(faults, jobs, work)?;
    for (fault, trial) in &mut trials {
        // Many servers at a time can make time limits run out that are not what is tried.
        if !is_killed(*fault, trial) {
            *trial = work(*fault)?.1;
        }
    }
    trials.sort_by_key(|(fault, _)| faults.iter().position(|other| other == fault));
    Ok(Matrix::of(trials, complaints, began.elapsed()))
}

/// Works on every fault, `jobs` at a time; the results come in any order.
fn for_each<T: Send>(
    faults: &[Fault],
    jobs: usize,
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
        let workers: Vec<_> = (0..jobs.min(faults.len())).map(|_| scope.spawn(worker)).collect();
        let ended = workers.into_iter().map(|worker| {
            let fault = |_| Error::internal("a server ended in a fault of this program");
            worker.join().map_err(fault)?
        });
        ended.collect::<Result<_, Error>>()
    })?;
    Ok(all.into_iter().flatten().collect())
}

/// What serves and drives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Threads {
    /// This one alone: with many servers at a time, threads that wake each other only cost.
    One,
    /// As many as usual, so that both sides of a large body move at once.
    Several,
}

fn judge(
    fault: Option<Fault>,
    dialect: Dialect,
    occasions: &Occasions,
    seed: u64,
    threads: Threads,
) -> Result<Results, Error> {
    let folder = if threads == Threads::One { Folder::Fast } else { Folder::Usual };
    let manner = Manner { folder, ..manner(fault, dialect, seed) };
    let judged = judge_embedded(&manner, fault, None, occasions, Selection::Everything);
    runtime(threads)?.block_on(judged)?.whole()
}

fn manner(fault: Option<Fault>, dialect: Dialect, seed: u64) -> Manner {
    Manner {
        transport: Transport::Raw,
        dialect,
        seed,
        names: seed,
        jobs: JOBS,
        shows_progress: false,
        folder: Folder::Fast,
        timeout: Some(PATIENCE),
        findings: None,
        transcripts: None,
        replay: reproduce::of_fault(fault, dialect),
        replay_of_findings: reproduce::of_fault(fault, dialect),
        // What a restart shows does not depend on a fault.
        switches: false,
    }
}

fn runtime(threads: Threads) -> Result<Runtime, Error> {
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

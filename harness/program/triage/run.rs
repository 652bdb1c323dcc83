//! What random sessions find is made sure of, made small, and written down.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bits_judge::{
    checks::Outcome,
    model::{Operation, Shrinker},
    report::{FindingResult, Replay, Results},
    spec::Dialect,
};
use url::Url;

use crate::{
    error::Error,
    runner::{
        event::{Event, Hindrance},
        executor::Executor,
        interrupts::Interrupts,
        options::RunConfig,
        outcome::RunOutcome,
        run::PreparedRun,
        workload::RandomCase,
    },
    triage::{
        bundle,
        finding::{Kind, ReportedKinds, Reproducibility, TriagedFinding},
        trial::Trial,
    },
};

/// The longest that one finding is made smaller.
const LONGEST: Duration = Duration::from_secs(60);

/// The longest that findings are followed in all.
const LONGEST_OF_ALL: Duration = Duration::from_secs(10 * 60);

/// The most sessions that are tried to make one finding smaller.
const MOST_TRIES: u32 = 600;

/// The most different ways to the same check that are written down.
const MOST_OF_A_CHECK: usize = 5;

/// The most findings that are followed.
const MOST_CANDIDATES: usize = 50;

/// A finding that is followed, and the session that showed it first.
struct Candidate {
    finding: FindingResult,
    operations: Vec<Operation>,
}

/// Follows what random sessions find, one finding of each kind, and writes a folder for each.
pub(crate) struct Triage<'s> {
    executor: &'s Executor,
    folder: PathBuf,
    url: Url,
    replay: Replay,
    dialect: Dialect,
    seed: u64,
    /// The findings that were looked at already.
    seen: BTreeSet<Kind>,
    /// Those that are written down.
    told: ReportedKinds,
    triaged: Vec<TriagedFinding>,
    spent: Duration,
}

impl<'s> Triage<'s> {
    /// Nothing is followed yet.
    pub(crate) fn new(
        executor: &'s Executor,
        folder: &Path,
        url: &Url,
        config: &RunConfig,
    ) -> Self {
        Self {
            executor,
            folder: folder.to_owned(),
            url: url.clone(),
            replay: config.replay_of_findings.clone(),
            dialect: config.dialect,
            seed: config.seed,
            seen: BTreeSet::new(),
            told: ReportedKinds::new(),
            triaged: Vec::new(),
            spent: Duration::ZERO,
        }
    }

    /// Takes for told what an earlier program has written down, as far as its folders are still there.
    pub(crate) fn after(mut self, mut told: ReportedKinds) -> Self {
        told.retain(|_, folder| folder.is_dir());
        self.seen.extend(told.keys().cloned());
        self.told = told;
        self
    }

    /// Where findings are written down.
    pub(crate) const fn told(&self) -> &ReportedKinds {
        &self.told
    }

    /// What was followed first.
    pub(crate) fn first(&self) -> Option<&TriagedFinding> {
        self.triaged.first()
    }

    /// Replaces the replays of findings by those of their folders, or of another finding of the same check.
    pub(crate) fn point_at_folders(&self, results: &mut Results) {
        for finding in &mut results.findings {
            let of_check = || self.told.iter().find(|(kind, _)| kind.check == finding.check);
            let own = self.told.get_key_value(&Kind::of(finding));
            if let Some((_, folder)) = own.or_else(of_check) {
                let scenario = folder.join("scenario.yaml");
                finding.replay = self.replay.with(&scenario.display().to_string());
            }
        }
    }

    /// Follows what results tell that was not followed before; `operations` are those of the session of a name.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub(crate) async fn follow(
        &mut self,
        results: &Results,
        operations: impl Fn(&str) -> Option<Vec<Operation>>,
    ) -> Result<(), Error> {
        let counts =
            |outcome| matches!(outcome, Outcome::Broken | Outcome::Warning | Outcome::Deviation);
        for finding in results.findings.iter().filter(|finding| counts(finding.outcome)) {
            let kind = Kind::of(finding);
            if self.seen.contains(&kind) {
                continue;
            }
            let Some(operations) = operations(&finding.scenario) else { continue };
            self.seen.insert(kind.clone());
            let of_check = self.told.iter().filter(|(told, _)| told.check == kind.check);
            let folders: BTreeSet<&PathBuf> = of_check.map(|(_, folder)| folder).collect();
            if folders.len() >= MOST_OF_A_CHECK
                || self.triaged.len() >= MOST_CANDIDATES
                || self.spent > LONGEST_OF_ALL
            {
                continue;
            }
            let began = Instant::now();
            let found = self.shrunk(Candidate { finding: finding.clone(), operations }).await;
            let folder = self.take(found).await?;
            self.told.insert(kind, folder);
            self.spent += began.elapsed();
        }
        Ok(())
    }

    /// Adds what became of a candidate, and writes it down at once, so that nothing is lost if the run is stopped; its folder.
    async fn take(&mut self, mut found: TriagedFinding) -> Result<PathBuf, Error> {
        let is_same = |other: &TriagedFinding| {
            other.finding.check == found.finding.check && other.operations == found.operations
        };
        if let Some(place) = self.triaged.iter().position(is_same) {
            let other = self.triaged.remove(place);
            found = TriagedFinding { count: found.count + other.count, ..other };
        } else {
            found.tell(&self.executor.events);
        }
        let again = self.executor.rerun(&found.plan()).await;
        let written = bundle::write(&found, &again, &self.url, self.seed, &self.replay);
        written.map_err(|error| {
            let folder = found.folder.display();
            Error::internal(format!(
                "cannot write a finding to {folder}: {error}; --findings names another folder"
            ))
        })?;
        let folder = found.folder.clone();
        self.triaged.push(found);
        Ok(folder)
    }

    async fn shrunk(&self, candidate: Candidate) -> TriagedFinding {
        let Candidate { finding, operations } = candidate;
        let operations = self.executor.feasible(operations);
        let trial = Trial { executor: self.executor, check: finding.check, dialect: self.dialect };
        let under_load = trial.under_load(&operations, self.seed).await;
        let alone = trial.alone(&operations).await;
        let began = Instant::now();
        let mut shrinker = Shrinker::new(operations.clone());
        let mut tries = 0;
        let stopped = loop {
            if alone == 0 {
                break "not found alone";
            }
            if tries >= MOST_TRIES {
                break "as many tries as there may be";
            }
            if began.elapsed() > LONGEST {
                break "as long as it may take";
            }
            let Some(next) = shrinker.propose() else { break "nothing smaller shows it" };
            tries += 1;
            if trial.shows(&next).await {
                shrinker.keep(next);
            }
        };
        let name = format!("{}-{:x}-{}", finding.check, self.seed, finding.scenario);
        TriagedFinding {
            count: finding.more + 1,
            reproducibility: Reproducibility::of(under_load, alone),
            steps_before: operations.len(),
            operations: shrinker.best().to_vec(),
            tries,
            took: began.elapsed(),
            stopped,
            folder: self.folder.join(name.replace('/', "-")),
            finding,
        }
    }
}

/// Follows what a run of random sessions found, and writes a folder for each kind of it.
pub(crate) async fn follow_run(
    ready: &PreparedRun,
    config: &RunConfig,
    folder: &Path,
    outcome: &mut RunOutcome,
    interrupts: &mut impl Interrupts,
) {
    let mut triage = Triage::new(&ready.executor, folder, &ready.url, config);
    let RunOutcome { results, error: trouble } = outcome;
    let seed = results.seed;
    let operations = |name: &str| RandomCase::named(seed, name).map(RandomCase::operations);
    let unfollowed = || config.events.tell(&Event::Hindrance(Hindrance::NotTriaged));
    if !results.interrupted {
        tokio::select! {
            followed = triage.follow(results, operations) => {
                *trouble = trouble.take().or_else(|| followed.err());
            }
            _ = interrupts.next() => unfollowed(),
        }
    } else if !results.findings.is_empty() {
        unfollowed();
    }
    triage.point_at_folders(results);
}

//! What random sessions find is made sure of, made small, and written down.

pub(crate) mod bundle;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bits_judge::{
    checks::Outcome,
    model::{self, Operation, Shrinker},
    plan::Plan,
    report::{FindingResult, Replay, Results, normal},
    spec::Dialect,
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    error::Error,
    runner::{
        event::{Event, Events, Finding, Hindrance},
        executor::Suite,
        interrupts::Interrupts,
        options::RunConfig,
        outcome::Done,
        run::Ready,
        workload::Case,
    },
};

/// The longest that one finding is made smaller.
const LONGEST: Duration = Duration::from_secs(60);

/// The longest that findings are followed in all.
const LONGEST_OF_ALL: Duration = Duration::from_secs(10 * 60);

/// The most sessions that are tried to make one finding smaller.
const MOST_TRIES: u32 = 600;

/// How often a finding is tried again under load, and how often alone.
const REPEATS: u32 = 3;

/// The most different ways to the same check that are written down.
const MOST_OF_A_CHECK: usize = 5;

/// The most findings that are followed.
const MOST_LEADS: usize = 50;

/// A finding that is followed, and the session that showed it first.
struct Lead {
    finding: FindingResult,
    operations: Vec<Operation>,
}

/// What became of a lead.
pub(crate) struct Chased {
    pub(crate) finding: FindingResult,
    /// How often it was found.
    pub(crate) count: usize,
    /// Whether it comes again.
    constancy: Constancy,
    /// The session that shows it.
    pub(crate) operations: Vec<Operation>,
    /// How many steps it had before.
    pub(crate) steps_before: usize,
    tries: u32,
    /// How long it was made smaller.
    pub(crate) took: Duration,
    stopped: &'static str,
    /// The folder in which it is written down.
    pub(crate) folder: PathBuf,
}

/// Whether a finding comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Constancy {
    /// Each time.
    Always,
    /// Under load only.
    UnderLoad,
    /// So often of [`REPEATS`] times twice.
    Sometimes(u32),
}

impl Constancy {
    const fn of(under_load: u32, alone: u32) -> Self {
        match (under_load, alone) {
            (REPEATS, REPEATS) => Self::Always,
            (1.., 0) => Self::UnderLoad,
            (some, more) => Self::Sometimes(some + more),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Always => "deterministic".into(),
            Self::UnderLoad => "under load only".into(),
            Self::Sometimes(0) => format!("not found again (0 of {} tries)", 2 * REPEATS),
            Self::Sometimes(times) => format!("flaky, {times} of {} times", 2 * REPEATS),
        }
    }
}

impl Chased {
    /// The id of the clause that is broken.
    pub(crate) fn clause(&self) -> &'static str {
        self.finding.clause.map_or("no clause", |clause| clause.id)
    }

    /// Whether it comes each time.
    pub(crate) fn is_deterministic(&self) -> bool {
        self.constancy == Constancy::Always
    }

    /// How it came to this form.
    pub(crate) fn history(&self) -> String {
        let times = match self.count {
            1 => "once".to_owned(),
            several => format!("{several} times"),
        };
        format!(
            "It is {} and was found {times}. {} steps became {} in {} tries; {}.",
            self.constancy.text(),
            self.steps_before,
            self.operations.len(),
            self.tries,
            self.stopped
        )
    }

    /// Tells of it.
    fn tell(&self, events: &Events) {
        events.tell(&Event::Finding(Finding::Violation {
            clause: self.clause(),
            check: self.finding.check,
            steps_before: self.steps_before,
            steps: self.operations.len(),
            tries: self.tries,
            stopped: self.stopped,
            reproducibility: &self.constancy.text(),
            folder: &self.folder,
        }));
    }
}

/// What findings have in common that are followed once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(crate) struct Kind {
    check: String,
    situation: Option<String>,
    actual: String,
}

impl Kind {
    fn of(finding: &FindingResult) -> Self {
        Self {
            check: finding.check.to_owned(),
            situation: finding.situation.clone(),
            actual: normal(&finding.actual),
        }
    }
}

/// The folders in which findings are written down.
pub(crate) type Told = BTreeMap<Kind, PathBuf>;

/// Follows what random sessions find, one finding of each kind, and writes a folder for each.
pub(crate) struct Chase<'s> {
    suite: &'s Suite,
    folder: PathBuf,
    url: Url,
    replay: Replay,
    dialect: Dialect,
    seed: u64,
    /// The findings that were looked at already.
    seen: BTreeSet<Kind>,
    /// Those that are written down.
    told: Told,
    chased: Vec<Chased>,
    spent: Duration,
}

impl<'s> Chase<'s> {
    /// Nothing is followed yet.
    pub(crate) fn new(suite: &'s Suite, folder: &Path, url: &Url, config: &RunConfig) -> Self {
        Self {
            suite,
            folder: folder.to_owned(),
            url: url.clone(),
            replay: config.replay_of_findings.clone(),
            dialect: config.dialect,
            seed: config.seed,
            seen: BTreeSet::new(),
            told: Told::new(),
            chased: Vec::new(),
            spent: Duration::ZERO,
        }
    }

    /// Takes for told what an earlier program has written down, as far as its folders are still there.
    pub(crate) fn after(mut self, mut told: Told) -> Self {
        told.retain(|_, folder| folder.is_dir());
        self.seen.extend(told.keys().cloned());
        self.told = told;
        self
    }

    /// Where findings are written down.
    pub(crate) const fn told(&self) -> &Told {
        &self.told
    }

    /// What was followed first.
    pub(crate) fn first(&self) -> Option<&Chased> {
        self.chased.first()
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
                || self.chased.len() >= MOST_LEADS
                || self.spent > LONGEST_OF_ALL
            {
                continue;
            }
            let began = Instant::now();
            let found = self.shrunk(Lead { finding: finding.clone(), operations }).await;
            let folder = self.take(found).await?;
            self.told.insert(kind, folder);
            self.spent += began.elapsed();
        }
        Ok(())
    }

    /// Adds what became of a lead, and writes it down at once, so that nothing is lost if the run is stopped; its folder.
    async fn take(&mut self, mut found: Chased) -> Result<PathBuf, Error> {
        let is_same = |other: &Chased| {
            other.finding.check == found.finding.check && other.operations == found.operations
        };
        if let Some(place) = self.chased.iter().position(is_same) {
            let other = self.chased.remove(place);
            found = Chased { count: found.count + other.count, ..other };
        } else {
            found.tell(&self.suite.events);
        }
        let again = self.suite.again(&found.plan()).await;
        let written = bundle::write(&found, &again, &self.url, self.seed, &self.replay);
        written.map_err(|error| {
            let folder = found.folder.display();
            Error::internal(format!(
                "cannot write a finding to {folder}: {error}; --findings names another folder"
            ))
        })?;
        let folder = found.folder.clone();
        self.chased.push(found);
        Ok(folder)
    }

    async fn shrunk(&self, lead: Lead) -> Chased {
        let Lead { finding, operations } = lead;
        let operations = self.suite.feasible(operations);
        let trial = Trial { suite: self.suite, check: finding.check, dialect: self.dialect };
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
        Chased {
            count: finding.more + 1,
            constancy: Constancy::of(under_load, alone),
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

impl Chased {
    /// The plan that shows it.
    pub(crate) fn plan(&self) -> Plan {
        model::plan(&self.finding.scenario, &self.operations)
    }
}

/// Follows what a run of random sessions found, and writes a folder for each kind of it.
pub(crate) async fn follow_run(
    ready: &Ready,
    config: &RunConfig,
    folder: &Path,
    done: &mut Done,
    interrupts: &mut impl Interrupts,
) {
    let mut chase = Chase::new(&ready.suite, folder, &ready.url, config);
    let Done { results, trouble } = done;
    let seed = results.seed;
    let operations = |name: &str| Case::named(seed, name).map(Case::operations);
    let unfollowed = || config.events.tell(&Event::Hindrance(Hindrance::NotTriaged));
    if !results.interrupted {
        tokio::select! {
            followed = chase.follow(results, operations) => {
                *trouble = trouble.take().or_else(|| followed.err());
            }
            _ = interrupts.next() => unfollowed(),
        }
    } else if !results.findings.is_empty() {
        unfollowed();
    }
    chase.point_at_folders(results);
}

struct Trial<'a> {
    suite: &'a Suite,
    check: &'static str,
    dialect: Dialect,
}

impl Trial<'_> {
    /// Whether a session shows it, carried out now on files that nobody has touched.
    async fn shows(&self, operations: &[Operation]) -> bool {
        let again = self.suite.again(&model::plan("random/again", operations)).await;
        again.judged.breaks(self.check, self.dialect)
    }

    async fn alone(&self, operations: &[Operation]) -> u32 {
        let mut times = 0;
        for _ in 0..REPEATS {
            times += u32::from(self.shows(operations).await);
        }
        times
    }

    /// Several at once, with others beside them.
    async fn under_load(&self, operations: &[Operation], seed: u64) -> u32 {
        let other = |case| model::in_plain(&model::session(seed, case));
        let others = [0, 1].map(|case| model::plan("random/beside", &other(case)));
        let (one, two, three, ..) = tokio::join!(
            self.shows(operations),
            self.shows(operations),
            self.shows(operations),
            self.suite.again(&others[0]),
            self.suite.again(&others[1]),
        );
        [one, two, three].into_iter().map(u32::from).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_comes_always_sometimes_or_under_load() {
        assert_eq!(Constancy::of(3, 3), Constancy::Always);
        assert_eq!(Constancy::of(2, 0), Constancy::UnderLoad);
        assert_eq!(Constancy::of(2, 2), Constancy::Sometimes(4));
        assert_eq!(Constancy::of(0, 0), Constancy::Sometimes(0));
    }
}

//! From judged transcripts to results: verdicts are added up, graded, and put in the order of the specification.

mod clauses;
mod judged;

pub use judged::Judged;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use self::clauses::{Outcomes, clause_result, is_selected, outcomes};
use super::{
    replay::Replay,
    results::{CheckResult, Fate, FindingResult, ReadingResult, Results, ScenarioResult},
};
use crate::{
    checks::{self, Check, InFront, Outcome, Verdict},
    spec::{CLAUSES, Dialect, POINTS},
};

/// What is known of a run besides its transcripts.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The URL that was tested.
    pub target: String,
    /// The command that shows a finding again.
    pub replay: Replay,
    /// What counted.
    pub dialect: Dialect,
    /// The transport's name.
    pub transport: String,
    /// The seed.
    pub seed: u64,
    /// Which clauses the run was to judge.
    pub selection: Selection,
    /// The exit code of the signal that stopped the run before its end, if one did.
    pub interrupted: Option<u8>,
    /// How long it took.
    pub took: Duration,
}

/// Which clauses a run was to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The whole table.
    Everything,
    /// Those that the chosen scenarios are for, by id, and what else they happen to exercise.
    Chosen(BTreeSet<String>),
}
impl Results {
    /// Adds up what the scenarios came to.
    #[must_use]
    pub fn of(circumstances: Circumstances, mut judged: Vec<Judged>) -> Self {
        judged.sort_by(|one, other| one.result.name.cmp(&other.result.name));
        let dialect = circumstances.dialect;
        judged.iter_mut().for_each(|one| one.read_in(dialect));
        let verdicts = add_up(&judged);
        let outcomes = outcomes(&verdicts, dialect);
        let mut in_front = InFront::default();
        judged.iter_mut().for_each(|one| in_front.add(std::mem::take(&mut one.in_front)));
        let clauses = CLAUSES
            .iter()
            .map(|clause| clause_result(clause, &verdicts, &outcomes))
            .filter(|result| is_selected(result, &circumstances.selection))
            .collect();
        let mut results = Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            server: judged.iter().find_map(|one| one.server.clone()),
            dialect,
            transport: circumstances.transport,
            seed: circumstances.seed,
            clauses,
            findings: findings(&judged, &outcomes, dialect, &circumstances.replay),
            checks: verdicts.iter().map(|(check, verdict)| check_result(check, verdict)).collect(),
            causes: in_front.causes(),
            readings: readings(&verdicts, dialect),
            scenarios: judged.into_iter().map(|one| one.result).collect(),
            target: circumstances.target,
            interrupted: circumstances.interrupted.is_some(),
            took: circumstances.took,
            exit_code: 0,
        };
        results.exit_code = circumstances
            .interrupted
            .unwrap_or_else(|| results.verdict_code(&circumstances.selection));
        results
    }

    /// 1 if anything is broken, 5 if something selected has no verdict, 4 if nothing was, else 0.
    fn verdict_code(&self, selection: &Selection) -> u8 {
        let broken = self.findings.iter().any(|finding| finding.outcome == Outcome::Broken);
        let unfinished = |result: &ScenarioResult| match result.fate {
            Fate::Completed => false,
            Fate::Unfinished(_) | Fate::NotStarted => true,
            Fate::Skipped(_) => *selection != Selection::Everything,
        };
        let kept = self.clauses.iter().any(|result| result.outcome == Outcome::Kept);
        match () {
            () if broken => 1,
            () if self.scenarios.is_empty() => 4,
            () if self.scenarios.iter().any(unfinished) || !kept => 5,
            () => 0,
        }
    }
}

/// All verdicts of each check, in the order of the registry.
fn add_up(judged: &[Judged]) -> Vec<(&'static Check, Verdict)> {
    checks::all()
        .map(|check| {
            let mut sum = Verdict::default();
            for one in judged {
                let own = one.verdicts.iter().find(|(other, _)| std::ptr::eq(*other, check));
                sum.add(own.map(|(_, verdict)| verdict.clone()).unwrap_or_default());
            }
            (check, sum)
        })
        .collect()
}
fn findings(
    judged: &[Judged],
    outcomes: &Outcomes,
    dialect: Dialect,
    replay: &Replay,
) -> Vec<FindingResult> {
    let mut all: Vec<FindingResult> =
        judged.iter().flat_map(|one| one.findings(outcomes, dialect, replay)).collect();
    let rank = |finding: &FindingResult| {
        Outcome::ALL.iter().position(|outcome| *outcome == finding.outcome)
    };
    let place = |finding: &FindingResult| {
        CLAUSES.iter().position(|clause| finding.clause.is_some_and(|own| own.id == clause.id))
    };
    all.sort_by_cached_key(|finding| {
        (rank(finding), place(finding), finding.check, finding.scenario.clone())
    });
    all
}

fn check_result(check: &Check, verdict: &Verdict) -> CheckResult {
    CheckResult {
        check: check.name,
        exercised: verdict.exercised(),
        broken: verdict.broken.len(),
        followed: verdict.followed.iter().map(|followed| followed.reading.id).collect(),
    }
}

fn readings(verdicts: &[(&'static Check, Verdict)], dialect: Dialect) -> Vec<ReadingResult> {
    let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
    for followed in verdicts.iter().flat_map(|(_, verdict)| &verdict.followed) {
        *seen.entry(followed.reading.id).or_default() += 1;
    }
    let all =
        POINTS.iter().flat_map(|point| point.readings.iter().map(move |reading| (point, reading)));
    all.filter_map(|(point, reading)| {
        let outcome = Outcome::of_reading(dialect, reading);
        let seen = *seen.get(reading.id)?;
        Some(ReadingResult {
            point: point.id,
            reading: reading.id,
            title: reading.title,
            outcome,
            seen,
        })
    })
    .collect()
}

//! The harness tried on servers that are known to be wrong: which fault is found by which check, and by no other.
//!
//! A verdict is worth what it would have caught. Each fault of the reference server has a row in `truth`: the checks that
//! have to break, exactly. A fault that nobody finds has *survived*; one that breaks other checks than the row says is
//! *misnamed*, since it would send whoever reads the report to the wrong place.

mod chance;
mod html;
mod json;
mod recorded;
pub(crate) mod sessions;
mod text;
pub(crate) mod trials;
mod truth;

use std::{collections::BTreeSet, time::Duration};

use bits_judge::{
    checks::{self, Outcome},
    report::{Fate, Results},
    spec::Dialect,
};
use bits_server::fault::Fault;

pub use self::{
    chance::{Chance, Found, Proof, render as by_chance},
    html::render as html,
    json::render as json,
    recorded::{RecordError, read},
    text::render as text,
};

/// One run of the suite against a server, as far as it tells what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// What it was found by: checks whose clause is not kept and is no consequence of another.
    pub red: BTreeSet<&'static str>,
    /// Checks that came out otherwise than on the honest server, red or not.
    pub tripped: BTreeSet<&'static str>,
    /// Readings that the honest server does not follow, and `-` with those that it alone follows.
    pub shifted: BTreeSet<String>,
    /// The finding that comes first in its scenario: the scenario, and the exchange in it, from 1.
    pub first: Option<(String, usize)>,
    /// Scenarios that were not carried out to their end, and why.
    pub unfinished: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

impl Trial {
    /// What a run against a server with a fault shows, given one against an honest server.
    #[must_use]
    pub fn of(results: &Results, honest: &Results) -> Self {
        let counts = |outcome| {
            matches!(
                outcome,
                Outcome::Broken | Outcome::Warning | Outcome::Deviation | Outcome::Note
            )
        };
        let told: Vec<_> =
            results.findings.iter().filter(|finding| counts(finding.outcome)).collect();
        let first = told.iter().min_by_key(|finding| (finding.exchange, &finding.scenario));
        let readings = |results: &Results| -> BTreeSet<&'static str> {
            results.readings.iter().map(|reading| reading.reading).collect()
        };
        let (now, before) = (readings(results), readings(honest));
        let gone = before.difference(&now).map(|reading| format!("-{reading}"));
        let tripped = results.checks.iter().zip(&honest.checks).filter(|(now, before)| {
            let (now, before) = (&now.sum, &before.sum);
            let other = || now.followed.keys().ne(before.followed.keys());
            now.broken != before.broken || (now.exercised() > 0 && other())
        });
        let unfinished = results.scenarios.iter().filter_map(|scenario| match &scenario.fate {
            Fate::Unfinished(reason) => Some(format!("{}: {reason}", scenario.name)),
            _ => None,
        });
        Self {
            red: told.iter().map(|finding| finding.check).collect(),
            tripped: tripped.map(|(now, _)| now.check).collect(),
            shifted: now.difference(&before).map(|it| (*it).to_owned()).chain(gone).collect(),
            first: first.map(|finding| (finding.scenario.clone(), finding.exchange)),
            unfinished: unfinished.collect(),
            took: results.took,
        }
    }

    /// Adds what another part of the suite showed.
    pub fn add(&mut self, other: Self) {
        self.red.extend(other.red);
        self.tripped.extend(other.tripped);
        self.shifted.extend(other.shifted);
        self.first = self.first.take().or(other.first);
        self.unfinished.extend(other.unfinished);
        self.took += other.took;
    }
}

/// What became of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fortune {
    /// Just the checks of its row broke.
    Killed,
    /// Nothing broke.
    Survived,
    /// Other checks broke than those of its row.
    Misnamed {
        /// Those that should have and did not.
        missing: Vec<&'static str>,
        /// Those that should not have and did.
        surplus: Vec<&'static str>,
    },
}

impl Fortune {
    /// The word for it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Survived => "survived",
            Self::Misnamed { .. } => "misnamed",
        }
    }
}

/// A fault, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The fault.
    pub fault: Fault,
    /// The dialect in which it was judged.
    pub dialect: Dialect,
    /// What became of it.
    pub fortune: Fortune,
    /// The run.
    pub trial: Trial,
}

/// Which fault was found by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// Every fault that was tried, in the order of the catalogue.
    pub rows: Vec<Row>,
    /// What is wrong with the honest server, or with the tables themselves.
    pub complaints: Vec<String>,
    /// Checks that no fault tripped, with the reason why none can, if there is one.
    pub untripped: Vec<(&'static str, Option<&'static str>)>,
    /// How many checks there are.
    pub checks: usize,
    /// Whether all faults were tried.
    pub whole: bool,
    /// How long it took.
    pub took: Duration,
}

/// The dialect in which a fault is judged.
#[must_use]
pub fn dialect_of(fault: Fault) -> Dialect {
    truth::of(fault).dialect
}

/// Whether it shows only when two requests are under way at once. What scenarios without lanes send at once by chance, such
/// as a fragment that is cut and the one that comes instead, is another matter each time.
#[must_use]
pub fn needs_lanes(fault: Fault) -> bool {
    fault.name().starts_with("race/")
}

/// Whether a check has to break for it; if not, no text speaks and only the readings tell.
#[must_use]
pub fn shows_in_checks(fault: Fault) -> bool {
    !truth::of(fault).checks.is_empty()
}

/// Whether a run shows just what the table says of a fault.
#[must_use]
pub fn is_killed(fault: Fault, trial: &Trial) -> bool {
    row(fault, trial.clone()).fortune == Fortune::Killed && trial.unfinished.is_empty()
}

impl Matrix {
    /// Adds up the runs against servers with faults. `clean` has what the runs against an honest one found.
    #[must_use]
    pub fn of(trials: Vec<(Fault, Trial)>, clean: Vec<String>, took: Duration) -> Self {
        let whole = trials.len() == Fault::ALL.len();
        let known: BTreeSet<_> = checks::all().map(|check| check.name).collect();
        let mut complaints = clean;
        complaints.extend(truth::complaints(&known));
        let tripped: BTreeSet<_> =
            trials.iter().flat_map(|(_, trial)| trial.tripped.iter().copied()).collect();
        // What is tripped by chance, where one breach confuses what follows, is not what a fault is for.
        let untripped: Vec<_> = known
            .iter()
            .map(|check| (*check, truth::never(check)))
            .filter(|(check, never)| whole && (never.is_some() || !tripped.contains(check)))
            .collect();
        let rows = trials.into_iter().map(|(fault, trial)| row(fault, trial)).collect();
        Self { rows, complaints, untripped, checks: known.len(), whole, took }
    }

    /// How many faults met with this.
    #[must_use]
    pub fn count(&self, word: &str) -> usize {
        self.rows.iter().filter(|row| row.fortune.as_str() == word).count()
    }

    /// Whether the harness is worth its verdicts: every fault found and named, and every check of some use.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let named = self.rows.iter().all(|row| row.fortune == Fortune::Killed);
        let carried_out = self.rows.iter().all(|row| row.trial.unfinished.is_empty());
        let of_use = self.untripped.iter().all(|(_, reason)| reason.is_some());
        named && carried_out && of_use && self.complaints.is_empty()
    }
}

fn row(fault: Fault, trial: Trial) -> Row {
    let truth = truth::of(fault);
    let wanted: BTreeSet<_> = truth.checks.iter().copied().collect();
    let shifts: BTreeSet<String> = truth.readings.iter().map(|it| (*it).to_owned()).collect();
    let unlit = truth.greys.iter().filter(|check| !trial.tripped.contains(*check));
    let missing: Vec<_> = wanted.difference(&trial.red).chain(unlit).copied().collect();
    let surplus: Vec<_> = trial.red.difference(&wanted).copied().collect();
    let fortune = if trial.red.is_empty() && (shifts.is_empty() || shifts != trial.shifted) {
        Fortune::Survived
    } else if missing.is_empty() && surplus.is_empty() {
        // Where no text speaks, a fault shows in the readings alone.
        Fortune::Killed
    } else {
        Fortune::Misnamed { missing, surplus }
    };
    Row { fault, dialect: truth.dialect, fortune, trial }
}

#[cfg(test)]
mod tests;

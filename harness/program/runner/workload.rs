//! What a run carries out: scenarios that somebody wrote, or sessions that a seed makes.

use std::{
    collections::{BTreeSet, VecDeque},
    fmt::{self, Write as _},
};

use bits_judge::{
    model::{self, Operation, State},
    plan::{Action, DirectoryRole, Plan},
};
use sha2::{Digest as _, Sha256};

use crate::{
    error::Error,
    runner::{filter::is_match, library::Loaded, shard::Shard},
};

/// The workload for a server to show how it keeps the clauses.
#[derive(Clone, Debug)]
pub(crate) enum Workload {
    /// Scenarios.
    Written(Vec<Loaded>),
    /// Random sessions.
    Random(RandomCases),
}

impl Workload {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Written(scenarios) => scenarios.len(),
            Self::Random(cases) => cases.clone().count(),
        }
    }

    /// The roles of the directories that they need.
    pub(crate) fn roles(&self) -> BTreeSet<DirectoryRole> {
        match self {
            Self::Written(scenarios) => scenarios.iter().map(|one| one.scenario.role()).collect(),
            Self::Random(_) => random_roles(),
        }
    }
}

/// The roles of the directories in which random sessions take place.
pub(crate) fn random_roles() -> BTreeSet<DirectoryRole> {
    model::ROLES.iter().map(|(_, role)| *role).collect()
}

/// Random sessions of a seed, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct RandomCases {
    seed: u64,
    numbers: std::iter::StepBy<std::ops::Range<u64>>,
    /// What the names have to be like, if that matters.
    patterns: VecDeque<String>,
}

impl RandomCases {
    /// A shard of the sessions with the numbers below `end`, or those of them whose names are like one of the patterns.
    pub(crate) fn of(seed: u64, end: u64, shard: Shard, patterns: &[String]) -> Self {
        let step = usize::try_from(shard.of).unwrap_or(usize::MAX);
        let numbers = (shard.number - 1..end).step_by(step);
        Self { seed, numbers, patterns: patterns.iter().cloned().collect() }
    }
}

impl Iterator for RandomCases {
    type Item = RandomCase;

    fn next(&mut self) -> Option<RandomCase> {
        let seed = self.seed;
        let mut cases = self.numbers.by_ref().map(|number| RandomCase { seed, number });
        let patterns = &self.patterns;
        cases.find(|case| {
            patterns.is_empty() || patterns.iter().any(|pattern| is_match(pattern, &case.name()))
        })
    }
}

/// Which random session: the same numbers make the same one on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RandomCase {
    pub(crate) seed: u64,
    pub(crate) number: u64,
}

impl RandomCase {
    /// What the names of random sessions begin with.
    const THEME: &str = "random/";

    /// What the session does.
    pub(crate) fn operations(self) -> Vec<Operation> {
        model::session(self.seed, self.number)
    }

    /// What it is called in reports.
    pub(crate) fn name(self) -> String {
        format!("{}{:06}", Self::THEME, self.number)
    }

    /// The one of this name.
    pub(crate) fn named(seed: u64, name: &str) -> Option<Self> {
        let number = name.strip_prefix(Self::THEME)?.parse().ok()?;
        Some(Self { seed, number })
    }
}

/// Takes text as it is written.
struct Hasher(Sha256);

impl fmt::Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

/// The digest of what a session sends; all of them together tell two machines whether they send the same.
pub(crate) fn digest(plan: &Plan) -> u64 {
    let mut hasher = Hasher(Sha256::new());
    let sends = plan.steps.iter().filter(|step| matches!(step.action, Action::Send(_)));
    write!(hasher, "{} {:?}", plan.name, sends.collect::<Vec<_>>())
        .expect("a hasher takes everything");
    hasher.0.finalize().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// How far the session is at a line of its plan, and what it asks for there.
pub(crate) fn situation(operations: &[Operation], line: u32) -> Option<String> {
    let mut state = State::default();
    for (number, operation) in (1..).zip(operations) {
        if number == line {
            return Some(state.situation(operation));
        }
        state.apply(operation);
    }
    None
}

/// Nothing was selected by these patterns.
pub(crate) fn nothing_selected(patterns: &[String]) -> Error {
    let patterns = patterns.join("' and '");
    Error::nothing_selected(format!(
        "nothing is called '{patterns}'; `bitscheck list scenarios` shows what there is"
    ))
}

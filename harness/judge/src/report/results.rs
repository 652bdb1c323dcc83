//! The one value that every report renders.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    checks::{Cause, Outcome, Sum},
    spec::{Clause, Dialect, Reading},
};

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// The program's version.
    pub version: String,
    /// The URL that was tested.
    pub target: String,
    /// What the target says that it is (`Server`), if it says so.
    pub server: Option<String>,
    /// What counted.
    pub dialect: Dialect,
    /// The transport, `raw` or `http`.
    pub transport: String,
    /// The seed from which payloads and file names come.
    pub seed: u64,
    /// Every selected clause, in the specification's order.
    pub clauses: Vec<ClauseResult>,
    /// Every selected scenario, by name; of random sessions those that did not come to their end.
    pub scenarios: Vec<ScenarioResult>,
    /// How all of them went.
    pub totals: Totals,
    /// The digest of the requests of random sessions, if there were any: the same for the same sessions on any machine.
    pub requests: Option<u64>,
    /// Whatever is not simply kept, worst first; of random sessions, one of each kind.
    pub findings: Vec<FindingResult>,
    /// What each check saw, in the order of the registry.
    pub checks: Vec<CheckResult>,
    /// What may be behind many findings at once, such as a proxy in front of the server.
    pub causes: Vec<Cause>,
    /// How the server reads what the texts leave open.
    pub readings: Vec<ReadingResult>,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// How long it took.
    pub took: Duration,
    /// The program's exit code for this result.
    pub exit_code: u8,
}

/// How one clause came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseResult {
    /// The clause.
    pub clause: &'static Clause,
    /// How it came out.
    pub outcome: Outcome,
    /// How often something called for it.
    pub exercised: usize,
    /// Why it is unchecked, or which clause it follows.
    pub reason: Option<String>,
}

/// What one check saw in all scenarios together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// Its name.
    pub check: &'static str,
    /// How often something called for its clause, and what came of it.
    pub sum: Sum,
}

/// How one scenario went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioResult {
    /// Its name, `theme/what-happens`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What became of it.
    pub fate: Fate,
    /// How many exchanges it took.
    pub exchanges: usize,
    /// How many uploads were closed with success.
    pub uploads: usize,
    /// How long it took.
    pub took: Duration,
    /// Steps that could not be taken, with their lines.
    pub skipped_steps: Vec<(u32, String)>,
}

/// How scenarios went in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many came to their end.
    pub completed: usize,
    /// How many the target lacks something for.
    pub skipped: usize,
    /// How many could not be carried out to their end.
    pub unfinished: usize,
    /// How many had no turn before the run was stopped.
    pub not_started: usize,
    /// How many exchanges they took.
    pub exchanges: usize,
    /// In how many an upload was closed with success.
    pub uploading: usize,
}

impl Totals {
    /// How many there were.
    #[must_use]
    pub const fn scenarios(&self) -> usize {
        self.completed + self.skipped + self.unfinished + self.not_started
    }

    /// Adds one that went so.
    pub fn see(&mut self, scenario: &ScenarioResult) {
        *match scenario.fate {
            Fate::Completed => &mut self.completed,
            Fate::Skipped(_) => &mut self.skipped,
            Fate::Unfinished(_) => &mut self.unfinished,
            Fate::NotStarted => &mut self.not_started,
        } += 1;
        self.exchanges += scenario.exchanges;
        self.uploading += usize::from(scenario.uploads > 0);
    }

    /// Adds other ones.
    pub const fn add(&mut self, other: &Self) {
        self.completed += other.completed;
        self.skipped += other.skipped;
        self.unfinished += other.unfinished;
        self.not_started += other.not_started;
        self.exchanges += other.exchanges;
        self.uploading += other.uploading;
    }
}

/// What became of a scenario. This is about the harness; the server is judged by the clauses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was carried out to its end.
    Completed,
    /// The target lacks what it needs: which.
    Skipped(String),
    /// It could not be carried out to its end: why.
    Unfinished(String),
    /// The run was stopped before its turn.
    NotStarted,
}

impl Fate {
    /// The fate's name in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Skipped(_) => "skipped",
            Self::Unfinished(_) => "unfinished",
            Self::NotStarted => "not_started",
        }
    }

    /// The reason, where there is one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Completed | Self::NotStarted => None,
            Self::Skipped(reason) | Self::Unfinished(reason) => Some(reason),
        }
    }
}

/// What stands in the place of a check where a scenario's author expected something.
pub(super) const EXPECTATION: &str = "scenario/expectation";

/// What stands in the place of a check where the target answers no more.
pub const TARGET_ALIVE: &str = "target/alive";

/// One place where something is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingResult {
    /// The check that found it; `scenario/expectation` for an expectation of a scenario's author.
    pub check: &'static str,
    /// The clause, if it is about one.
    pub clause: Option<&'static Clause>,
    /// What it counts as: broken, warning, deviation or note.
    pub outcome: Outcome,
    /// The reading that the server follows, where that is what is told.
    pub reading: Option<&'static Reading>,
    /// How far the session was and what was asked, in words, where the harness knows: random sessions that differ in nothing
    /// else show the same.
    pub situation: Option<String>,
    /// The scenario.
    pub scenario: String,
    /// The line in the scenario's file; 0 where there is none.
    pub line: u32,
    /// The exchange, from 1.
    pub exchange: usize,
    /// What was wanted.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// The same finding elsewhere: how many more places.
    pub more: usize,
    /// The head of the request and of the answer, line by line, as proof.
    pub proof: Vec<String>,
    /// The command that shows it again.
    pub replay: String,
}

impl FindingResult {
    /// Where it showed: `theme/what-happens:line · exchange n`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.line {
            0 => format!("{} · exchange {}", self.scenario, self.exchange),
            line => format!("{}:{line} · exchange {}", self.scenario, self.exchange),
        }
    }

    /// How often it was found elsewhere, if it was: `and 2 more places`.
    #[must_use]
    pub fn elsewhere(&self) -> Option<String> {
        match self.more {
            0 => None,
            1 => Some("and 1 more place".into()),
            more => Some(format!("and {more} more places")),
        }
    }
}

/// Which reading of an open point the server follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingResult {
    /// The point, `D5`.
    pub point: &'static str,
    /// The reading, `D5/tail`.
    pub reading: &'static str,
    /// What a server does that reads it so.
    pub title: &'static str,
    /// What it counts as in this dialect.
    pub outcome: Outcome,
    /// How often it was seen.
    pub seen: usize,
}

/// How many clauses came out how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many clauses were selected.
    pub selected: usize,
    counts: BTreeMap<Outcome, usize>,
}

impl Summary {
    /// How many clauses came out as `outcome`.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> usize {
        self.counts.get(&outcome).copied().unwrap_or_default()
    }
}

impl Results {
    /// Names the directory as the cause, if it refused a small upload before anything was judged. What no session was there for
    /// has no verdict.
    pub fn blame_directory(&mut self, seen: String) {
        if self.causes.iter().all(|cause| cause.kind != "directory") {
            let advice = "Look at the path of the URL and at the directory's settings: nearly all that is judged needs a session.";
            self.causes.push(Cause { kind: "directory".into(), seen, advice: advice.into() });
        }
        if self.exit_code == 0 {
            self.exit_code = 5;
        }
    }

    /// Counts the clauses.
    ///
    /// # Panics
    ///
    /// If the outcomes do not add up to the clauses selected, which would be a fault of this program.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut counts = BTreeMap::new();
        for result in &self.clauses {
            *counts.entry(result.outcome).or_default() += 1;
        }
        let summary = Summary { selected: self.clauses.len(), counts };
        let sum: usize = Outcome::ALL.iter().map(|outcome| summary.of(*outcome)).sum();
        assert_eq!(sum, summary.selected, "every selected clause has exactly one outcome");
        summary
    }
}

//! What triage makes of a finding: whether it comes again, and the smallest session that shows it.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use bits_judge::{
    model::{self, Operation},
    plan::Plan,
    report::{FindingResult, normal},
};
use serde::{Deserialize, Serialize};

use crate::runner::event::{Event, Events, Finding};

/// How often a finding is tried again under load, and how often alone.
pub(crate) const REPEATS: u32 = 3;

/// A finding that was confirmed, made small and written down.
pub(crate) struct TriagedFinding {
    pub(crate) finding: FindingResult,
    /// How often it was found.
    pub(crate) count: usize,
    /// Whether it comes again.
    pub(crate) reproducibility: Reproducibility,
    /// The session that shows it.
    pub(crate) operations: Vec<Operation>,
    /// How many steps it had before.
    pub(crate) steps_before: usize,
    /// How many sessions were tried to make it smaller.
    pub(crate) tries: u32,
    /// How long it was made smaller.
    pub(crate) took: Duration,
    /// Why no more were tried.
    pub(crate) stopped: &'static str,
    /// The folder in which it is written down.
    pub(crate) folder: PathBuf,
}

/// Whether a finding comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reproducibility {
    /// Each time.
    Always,
    /// Under load only.
    UnderLoad,
    /// So often of [`REPEATS`] times twice.
    Sometimes(u32),
}

impl Reproducibility {
    pub(crate) const fn of(under_load: u32, alone: u32) -> Self {
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

impl TriagedFinding {
    /// The id of the clause that is broken.
    pub(crate) fn clause(&self) -> &'static str {
        self.finding.clause.map_or("no clause", |clause| clause.id)
    }

    /// Whether it comes each time.
    pub(crate) fn is_deterministic(&self) -> bool {
        self.reproducibility == Reproducibility::Always
    }

    /// How it came to this form.
    pub(crate) fn history(&self) -> String {
        let times = match self.count {
            1 => "once".to_owned(),
            several => format!("{several} times"),
        };
        format!(
            "It is {} and was found {times}. {} steps became {} in {} tries; {}.",
            self.reproducibility.text(),
            self.steps_before,
            self.operations.len(),
            self.tries,
            self.stopped
        )
    }

    /// The plan that shows it.
    pub(crate) fn plan(&self) -> Plan {
        model::plan(&self.finding.scenario, &self.operations)
    }

    /// Tells of it.
    pub(crate) fn tell(&self, events: &Events) {
        events.tell(&Event::Finding(Finding::Violation {
            clause: self.clause(),
            check: self.finding.check,
            steps_before: self.steps_before,
            steps: self.operations.len(),
            tries: self.tries,
            stopped: self.stopped,
            reproducibility: &self.reproducibility.text(),
            folder: &self.folder,
        }));
    }
}

/// What findings have in common that are followed once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(crate) struct Kind {
    pub(crate) check: String,
    situation: Option<String>,
    actual: String,
}

impl Kind {
    pub(crate) fn of(finding: &FindingResult) -> Self {
        Self {
            check: finding.check.to_owned(),
            situation: finding.situation.clone(),
            actual: normal(&finding.actual),
        }
    }
}

/// The folders in which findings are written down.
pub(crate) type ReportedKinds = BTreeMap<Kind, PathBuf>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_comes_always_sometimes_or_under_load() {
        assert_eq!(Reproducibility::of(3, 3), Reproducibility::Always);
        assert_eq!(Reproducibility::of(2, 0), Reproducibility::UnderLoad);
        assert_eq!(Reproducibility::of(2, 2), Reproducibility::Sometimes(4));
        assert_eq!(Reproducibility::of(0, 0), Reproducibility::Sometimes(0));
    }
}

//! What random sessions alone find of the faults.

use std::fmt::{self, Write as _};

use super::truth;
use crate::{
    checks::Outcome,
    refserver::fault::Fault,
    report::{FindingResult, Results},
};

/// Whether random sessions found a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chance {
    /// The fault.
    pub fault: Fault,
    /// What found it.
    pub found: Option<Found>,
}

/// What found a fault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// A check, first in the session of this number, counted from 1.
    Check(u64, &'static str),
    /// Where no text speaks, a reading that appeared or went in so many sessions.
    Reading(u64, &'static str),
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check(number, check) => write!(formatter, "session {number}, {check}"),
            Self::Reading(count, reading) => write!(formatter, "{count} sessions, {reading}"),
        }
    }
}

impl Chance {
    /// What a run of random sessions says of it, if a check found it.
    #[must_use]
    pub fn of(fault: Fault, results: &Results) -> Option<Self> {
        let counts = |finding: &&FindingResult| match finding.outcome {
            Outcome::Broken | Outcome::Warning | Outcome::Deviation => true,
            Outcome::Note => truth::of(fault).checks.contains(&finding.check),
            _ => false,
        };
        let number = |finding: &FindingResult| {
            let digits = finding.scenario.rsplit('/').next().unwrap_or_default();
            digits.parse::<u64>().map_or(u64::MAX, |number| number + 1)
        };
        let told = results.findings.iter().filter(counts);
        let (number, check) = told.map(|finding| (number(finding), finding.check)).min()?;
        Some(Self { fault, found: Some(Found::Check(number, check)) })
    }

    /// The same of a fault that no check can find: the readings that tell it from an honest server, which carried out as
    /// many sessions.
    #[must_use]
    pub fn by_reading(
        fault: Fault,
        results: &Results,
        honest: &Results,
        sessions: u64,
    ) -> Option<Self> {
        let has = |results: &Results, wanted: &str| {
            results.readings.iter().any(|reading| reading.reading == wanted)
        };
        let shifted =
            truth::of(fault).readings.iter().find(|wanted| match wanted.strip_prefix('-') {
                Some(gone) => has(honest, gone) && !has(results, gone),
                None => has(results, wanted) && !has(honest, wanted),
            });
        Some(Self { fault, found: Some(Found::Reading(sessions, shifted?)) })
    }
}

/// A line for each fault and the share that was found.
#[must_use]
pub fn render(chances: &[Chance], most: u64) -> String {
    let longest = chances.iter().map(|chance| chance.fault.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for Chance { fault, found } in chances {
        let told =
            found.as_ref().map_or_else(|| format!("not in {most} sessions"), Found::to_string);
        // Writing into a string succeeds.
        let _ = writeln!(text, "{:longest$}  {told}", fault.name());
    }
    let found = chances.iter().filter(|chance| chance.found.is_some()).count();
    let all = chances.len();
    let percent = found * 100 / all.max(1);
    let _ = writeln!(text, "\n{found} of {all} faults found by random sessions alone: {percent} %");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_all_that_were_tried() {
        let chances = [
            Chance { fault: Fault::ALL[0], found: Some(Found::Check(3, "fragment/gap-refused")) },
            Chance { fault: Fault::ALL[1], found: None },
        ];
        let text = render(&chances, 9);
        assert!(text.contains("session 3, fragment/gap-refused"), "{text}");
        assert!(text.contains("not in 9 sessions"), "{text}");
        assert!(text.ends_with("1 of 2 faults found by random sessions alone: 50 %\n"), "{text}");
    }
}

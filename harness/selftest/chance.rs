//! What random sessions alone find of the faults.

use std::fmt::Write as _;

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
    /// The session that showed it first, counted from 1, and the check that found it there.
    pub found: Option<(u64, &'static str)>,
}

impl Chance {
    /// What a run of random sessions says of it, if they found it.
    #[must_use]
    pub fn of(fault: Fault, results: &Results) -> Option<Self> {
        let counts = |finding: &&FindingResult| {
            matches!(finding.outcome, Outcome::Broken | Outcome::Warning | Outcome::Deviation)
        };
        let number = |finding: &FindingResult| {
            let digits = finding.scenario.rsplit('/').next().unwrap_or_default();
            digits.parse::<u64>().map_or(u64::MAX, |number| number + 1)
        };
        let told = results.findings.iter().filter(counts);
        let first = told.map(|finding| (number(finding), finding.check)).min()?;
        Some(Self { fault, found: Some(first) })
    }
}

/// A line for each fault and the share that was found.
#[must_use]
pub fn render(chances: &[Chance], most: u64) -> String {
    let longest = chances.iter().map(|chance| chance.fault.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for Chance { fault, found } in chances {
        let told = match found {
            Some((session, check)) => format!("session {session}, {check}"),
            None => format!("not in {most} sessions"),
        };
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
            Chance { fault: Fault::ALL[0], found: Some((3, "fragment/gap-refused")) },
            Chance { fault: Fault::ALL[1], found: None },
        ];
        let text = render(&chances, 9);
        assert!(text.contains("session 3, fragment/gap-refused"), "{text}");
        assert!(text.contains("not in 9 sessions"), "{text}");
        assert!(text.ends_with("1 of 2 faults found by random sessions alone: 50 %\n"), "{text}");
    }
}

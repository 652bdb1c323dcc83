//! What random sessions alone find of the faults.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use bits_judge::{
    checks::Outcome,
    report::{FindingResult, Results},
};
use bits_server::fault::Fault;

use super::truth;

/// Whether random sessions found a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chance {
    /// The fault.
    pub fault: Fault,
    /// What found it.
    pub found: Option<Found>,
    /// How well what was written of it shows it, if something was written.
    pub proof: Option<Proof>,
}

/// How well the scenario of a finding shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How many steps the session had.
    pub steps_before: usize,
    /// How many steps the scenario has.
    pub steps: usize,
    /// How long it took to make it that small.
    pub took: Duration,
    /// Whether it is said to show it each time.
    pub is_deterministic: bool,
    /// How often it did.
    pub shown: u32,
    /// How often it was carried out.
    pub times: u32,
}

impl fmt::Display for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps_before, steps, took, is_deterministic, shown, times } = self;
        let word = if *is_deterministic { "deterministic" } else { "flaky" };
        let took = took.as_secs_f64();
        write!(
            formatter,
            "{steps_before} → {steps} steps in {took:.1} s, {word}, {shown} of {times}"
        )
    }
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
        let first = Self::first(fault, results)?;
        let found = Found::Check(number(first), first.check);
        Some(Self { fault, found: Some(found), proof: None })
    }

    /// No session found it.
    #[must_use]
    pub const fn missed(fault: Fault) -> Self {
        Self { fault, found: None, proof: None }
    }

    /// The finding that shows it first.
    #[must_use]
    pub fn first(fault: Fault, results: &Results) -> Option<&FindingResult> {
        let counts = |finding: &&FindingResult| match finding.outcome {
            Outcome::Broken | Outcome::Warning | Outcome::Deviation => true,
            Outcome::Note => truth::of(fault).checks.contains(&finding.check),
            _ => false,
        };
        let told = results.findings.iter().filter(counts);
        told.min_by_key(|finding| (number(finding), finding.check))
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
        Some(Self { fault, found: Some(Found::Reading(sessions, shifted?)), proof: None })
    }
}

/// Which session a finding is of, from 1.
fn number(finding: &FindingResult) -> u64 {
    let digits = finding.scenario.rsplit('/').next().unwrap_or_default();
    digits.parse::<u64>().map_or(u64::MAX, |number| number + 1)
}

/// A line for each fault and the share that was found.
#[must_use]
pub fn render(chances: &[Chance], most: u64) -> String {
    let longest = chances.iter().map(|chance| chance.fault.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for Chance { fault, found, proof } in chances {
        let told =
            found.as_ref().map_or_else(|| format!("not in {most} sessions"), Found::to_string);
        let proof = proof.map(|proof| format!(" · {proof}")).unwrap_or_default();
        // Writing into a string succeeds.
        let _ = writeln!(text, "{:longest$}  {told}{proof}", fault.name());
    }
    let found = chances.iter().filter(|chance| chance.found.is_some()).count();
    let all = chances.len();
    let percent = found * 100 / all.max(1);
    let _ = writeln!(text, "\n{found} of {all} faults found by random sessions alone: {percent} %");
    let proofs: Vec<Proof> = chances.iter().filter_map(|chance| chance.proof).collect();
    text + &summary(&proofs)
}

/// How well all that was written shows what was found; nothing if nothing was written.
fn summary(proofs: &[Proof]) -> String {
    let mut steps: Vec<usize> = proofs.iter().map(|proof| proof.steps).collect();
    let mut took: Vec<Duration> = proofs.iter().map(|proof| proof.took).collect();
    steps.sort_unstable();
    took.sort_unstable();
    let (Some(most), Some(longest)) = (steps.last(), took.last()) else { return String::new() };
    let deterministic = proofs.iter().filter(|proof| proof.is_deterministic);
    let holds = |proof: &&Proof| proof.shown == proof.times;
    let (all, held) = (deterministic.clone().count(), deterministic.filter(holds).count());
    format!(
        "{} written: {all} deterministic, {held} of them show it each time they are carried out again\n\
         steps: median {}, at most {most} · made smaller in: median {:.1} s, at most {:.1} s\n",
        proofs.len(),
        steps[steps.len() / 2],
        took[took.len() / 2].as_secs_f64(),
        longest.as_secs_f64(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_all_that_were_tried() {
        let chances = [
            Chance {
                found: Some(Found::Check(3, "fragment/gap-refused")),
                ..Chance::missed(Fault::ALL[0])
            },
            Chance::missed(Fault::ALL[1]),
        ];
        let text = render(&chances, 9);
        assert!(text.contains("session 3, fragment/gap-refused"), "{text}");
        assert!(text.contains("not in 9 sessions"), "{text}");
        assert!(text.ends_with("1 of 2 faults found by random sessions alone: 50 %\n"), "{text}");
    }

    #[test]
    fn what_is_written_is_summed_up() {
        let proof = |steps, seconds, is_deterministic, shown| Proof {
            steps_before: 20,
            steps,
            took: Duration::from_secs(seconds),
            is_deterministic,
            shown,
            times: 20,
        };
        let proofs = [proof(4, 1, true, 20), proof(9, 3, true, 19), proof(2, 2, false, 3)];
        let chances = proofs.map(|proof| Chance {
            found: Some(Found::Check(3, "fragment/gap-refused")),
            proof: Some(proof),
            ..Chance::missed(Fault::ALL[0])
        });
        let text = render(&chances, 9);
        assert!(text.contains("20 → 9 steps in 3.0 s, deterministic, 19 of 20"), "{text}");
        assert!(text.contains("3 written: 2 deterministic, 1 of them show it each time"), "{text}");
        assert!(
            text.ends_with("median 4, at most 9 · made smaller in: median 2.0 s, at most 3.0 s\n")
        );
    }
}

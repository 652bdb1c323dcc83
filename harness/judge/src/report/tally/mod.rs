//! From judged transcripts to results: verdicts are added up as they come, graded, and put in the order of the
//! specification.

mod clauses;
mod judged;
mod merge;

pub use judged::Judged;
pub use merge::MergeError;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use self::clauses::{Outcomes, clause_result, is_selected, outcomes};
use super::{
    replay::Replay,
    results::{CheckResult, Fate, FindingResult, ReadingResult, Results, ScenarioResult, Totals},
};
use crate::{
    checks::{self, Cause, Check, InFront, Outcome, Sum},
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
}

/// Which clauses a run was to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The whole table.
    Everything,
    /// Those that the chosen scenarios are for, by id, and what else they happen to exercise.
    Chosen(BTreeSet<String>),
}

/// Which scenarios have a row of their own in the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// All of them.
    Each,
    /// Those that did not come to their end: nobody reads a row for each of a million random sessions.
    Unfinished,
}

/// The most rows of scenarios that did not come to their end, where only those have rows.
const MOST_ROWS: usize = 1000;

/// The most kinds of findings of one check.
const MOST_KINDS: usize = 100;

/// What scenarios come to, added up as they end; the order makes no difference.
///
/// What it holds does not grow with the number of random sessions: findings of one kind are one.
#[derive(Clone, Debug)]
pub struct Tally {
    circumstances: Circumstances,
    rows: Rows,
    sums: Vec<(&'static Check, Sum)>,
    in_front: InFront,
    /// What the server says that it is, and the scenario in which it said so.
    server: Option<(Name, String)>,
    /// What other runs said of what stands in front of it.
    causes: Vec<Cause>,
    findings: BTreeMap<&'static str, BTreeMap<Kind, FindingResult>>,
    scenarios: BTreeMap<Name, ScenarioResult>,
    totals: Totals,
    requests: Option<u64>,
}

/// What makes two findings of a check the same: for random sessions the situation and the answer, else the scenario and
/// what was wanted there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    reading: Option<&'static str>,
    place: String,
    text: String,
}

impl Kind {
    fn of(finding: &FindingResult) -> Self {
        let (place, text) = match &finding.situation {
            Some(situation) => (situation.clone(), normal(&finding.actual)),
            None => (finding.scenario.clone(), finding.expected.clone()),
        };
        Self { reading: finding.reading.map(|reading| reading.id), place, text }
    }
}

/// A scenario's name; random sessions stand in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name(String, usize, String);

impl Name {
    fn of(name: &str) -> Self {
        let digits = name.len() - name.trim_end_matches(|last: char| last.is_ascii_digit()).len();
        let (theme, number) = name.split_at(name.len() - digits);
        Self(theme.to_owned(), digits, number.to_owned())
    }
}

/// An answer without what differs from one time to the next: the status in front and error values stay, other numbers
/// do not.
#[must_use]
pub fn normal(actual: &str) -> String {
    let words = actual.split_whitespace().enumerate();
    let stays = |(place, word): &(usize, &str)| {
        *place == 0 || word.starts_with("0x") || !word.bytes().any(|byte| byte.is_ascii_digit())
    };
    words.filter(stays).map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

impl Tally {
    /// Nothing so far.
    #[must_use]
    pub fn new(circumstances: Circumstances, rows: Rows) -> Self {
        Self {
            circumstances,
            rows,
            sums: checks::all().map(|check| (check, Sum::default())).collect(),
            in_front: InFront::default(),
            server: None,
            causes: Vec::new(),
            findings: BTreeMap::new(),
            scenarios: BTreeMap::new(),
            totals: Totals::default(),
            requests: None,
        }
    }

    /// Adds what one scenario came to.
    pub fn add(&mut self, mut judged: Judged) {
        judged.read_in(self.circumstances.dialect);
        for ((_, sum), (_, verdict)) in self.sums.iter_mut().zip(&judged.verdicts) {
            sum.see(verdict);
        }
        for finding in judged.findings(self.circumstances.dialect, &self.circumstances.replay) {
            self.find(finding);
        }
        self.in_front.add(std::mem::take(&mut judged.in_front));
        if let Some(server) = judged.server.take() {
            self.says(judged.result.name.clone(), server);
        }
        self.totals.see(&judged.result);
        self.list(judged.result);
    }

    /// Adds the digest of what one random session sends.
    pub fn add_requests(&mut self, digest: u64) {
        // So that the order makes no difference.
        *self.requests.get_or_insert_default() ^= digest;
    }

    /// Adds what another run came to.
    fn add_results(&mut self, results: Results) {
        for result in results.checks {
            let sum = self.sums.iter_mut().find(|(check, _)| check.name == result.check);
            if let Some((_, sum)) = sum {
                sum.add(&result.sum);
            }
        }
        results.findings.into_iter().for_each(|finding| self.find(finding));
        let random = results.requests.is_some();
        for scenario in results.scenarios {
            match scenario.fate.clone() {
                Fate::Skipped(reason) if random => self.list_skipped(&reason, scenario),
                _ => self.list(scenario),
            }
        }
        self.causes.extend(results.causes);
        self.totals.add(&results.totals);
        if let Some(digest) = results.requests {
            self.add_requests(digest);
        }
        if let Some(server) = results.server {
            self.says(String::new(), server);
        }
    }

    /// Takes what the server says that it is; of several the one of the first scenario, or else the first in the alphabet.
    fn says(&mut self, scenario: String, server: String) {
        let said = (Name::of(&scenario), server);
        if self.server.as_ref().is_none_or(|first| said < *first) {
            self.server = Some(said);
        }
    }

    /// How many scenarios there were so far.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Adds something that no check found.
    pub fn tell(&mut self, finding: FindingResult) {
        self.find(finding);
    }

    /// How many kinds of findings there were so far.
    #[must_use]
    pub fn kinds(&self) -> usize {
        self.findings.values().map(BTreeMap::len).sum()
    }

    /// Adds a finding; of several of one kind the one of the first scenario is told.
    fn find(&mut self, mut finding: FindingResult) {
        let kinds = self.findings.entry(finding.check).or_default();
        let kind = Kind::of(&finding);
        if let Some(first) = kinds.get_mut(&kind) {
            let more = first.more + finding.more + 1;
            let place = |it: &FindingResult| (Name::of(&it.scenario), it.exchange);
            if place(&finding) < place(first) {
                std::mem::swap(first, &mut finding);
            }
            first.more = more;
            return;
        }
        let bounded = finding.situation.is_some();
        kinds.insert(kind, finding);
        // The last kind in the order of kinds, not in that of time.
        if bounded && kinds.len() > MOST_KINDS {
            kinds.pop_last();
        }
    }

    fn list(&mut self, scenario: ScenarioResult) {
        if let (Rows::Unfinished, Fate::Skipped(reason)) = (self.rows, &scenario.fate) {
            return self.list_skipped(&reason.clone(), scenario);
        }
        if self.rows == Rows::Each || scenario.fate != Fate::Completed {
            self.scenarios.insert(Name::of(&scenario.name), scenario);
        }
        if self.rows == Rows::Unfinished && self.scenarios.len() > MOST_ROWS {
            self.scenarios.pop_last();
        }
    }

    /// Of random sessions that are skipped for one reason the first has a row.
    fn list_skipped(&mut self, reason: &str, scenario: ScenarioResult) {
        let name = Name::of(&scenario.name);
        let same =
            |other: &ScenarioResult| matches!(&other.fate, Fate::Skipped(it) if it == reason);
        let listed = self.scenarios.iter().find(|(_, other)| same(other));
        match listed.map(|(listed, _)| listed.clone()) {
            Some(listed) if listed <= name => return,
            Some(listed) => drop(self.scenarios.remove(&listed)),
            None => {}
        }
        self.scenarios.insert(name, scenario);
    }

    /// What it came to after so long; with the exit code of the signal that stopped it, if one did.
    #[must_use]
    pub fn results(mut self, interrupted: Option<u8>, took: Duration) -> Results {
        let Circumstances { target, dialect, transport, seed, selection, .. } = self.circumstances;
        let outcomes = outcomes(&self.sums, dialect);
        let clauses = CLAUSES
            .iter()
            .map(|clause| clause_result(clause, &outcomes))
            .filter(|result| is_selected(result, &selection))
            .collect();
        let mut findings: Vec<_> = std::mem::take(&mut self.findings)
            .into_values()
            .flatten()
            .map(|(_, one)| one)
            .collect();
        findings.iter_mut().for_each(|finding| finding.outcome = graded(finding, &outcomes));
        sort(&mut findings);
        let mut causes = self.in_front.causes();
        causes.append(&mut self.causes);
        let mut results = Results {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            server: self.server.map(|(_, server)| server),
            dialect,
            transport,
            seed,
            clauses,
            findings,
            causes,
            readings: readings(&self.sums, dialect),
            checks: self
                .sums
                .into_iter()
                .map(|(check, sum)| CheckResult { check: check.name, sum })
                .collect(),
            scenarios: self.scenarios.into_values().collect(),
            totals: self.totals,
            requests: self.requests,
            target,
            interrupted: interrupted.is_some(),
            took,
            exit_code: 0,
        };
        results.exit_code = interrupted.unwrap_or_else(|| results.verdict_code(&selection));
        results
    }
}

impl Results {
    /// Adds up what the scenarios came to.
    #[must_use]
    pub fn of(circumstances: Circumstances, judged: Vec<Judged>) -> Self {
        let mut tally = Tally::new(circumstances, Rows::Each);
        judged.into_iter().for_each(|one| tally.add(one));
        tally.results(None, Duration::ZERO)
    }

    /// 1 if anything is broken, 5 if something selected has no verdict, 4 if nothing was, else 0.
    fn verdict_code(&self, selection: &Selection) -> u8 {
        let broken = self.findings.iter().any(|finding| finding.outcome == Outcome::Broken);
        let Totals { unfinished, not_started, skipped, .. } = self.totals;
        let all = *selection == Selection::Everything;
        let missing = unfinished + not_started + if all { 0 } else { skipped };
        let kept = self.clauses.iter().any(|result| result.outcome == Outcome::Kept);
        match () {
            () if broken => 1,
            () if self.totals.scenarios() == 0 => 4,
            () if missing > 0 || !kept => 5,
            () => 0,
        }
    }
}

/// What a finding counts as, given how all clauses came out.
fn graded(finding: &FindingResult, outcomes: &Outcomes) -> Outcome {
    let Some(clause) = finding.clause else { return Outcome::Broken };
    let own = outcomes.get(clause.id).map_or(Outcome::NotExercised, |(outcome, _)| *outcome);
    match finding.reading {
        Some(_) if own != Outcome::Consequence => Outcome::Deviation,
        _ => own,
    }
}

/// The worst first, then in the order of the specification.
fn sort(findings: &mut [FindingResult]) {
    let rank = |finding: &FindingResult| {
        Outcome::ALL.iter().position(|outcome| *outcome == finding.outcome)
    };
    let place = |finding: &FindingResult| {
        CLAUSES.iter().position(|clause| finding.clause.is_some_and(|own| own.id == clause.id))
    };
    findings.sort_by_cached_key(|finding| {
        (rank(finding), place(finding), finding.check, Name::of(&finding.scenario))
    });
}

fn readings(sums: &[(&'static Check, Sum)], dialect: Dialect) -> Vec<ReadingResult> {
    let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (reading, times) in sums.iter().flat_map(|(_, sum)| &sum.followed) {
        *seen.entry(reading).or_default() += times;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_of_one_kind_whatever_they_count() {
        assert_eq!(normal("200 OK, 17 bytes"), normal("200 OK, 4 bytes"));
        assert_ne!(normal("200 OK"), normal("404 Not Found"));
        assert_ne!(normal("400, BITS-Error: 0x1"), normal("400, BITS-Error: 0x2"));
    }
}

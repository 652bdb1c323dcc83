//! From judged transcripts to results: verdicts are added up, graded, and put in the order of the specification.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::results::{ClauseResult, Fate, FindingResult, ReadingResult, Results, ScenarioResult};
use crate::{
    checks::{self, Check, Observed, Outcome, UnmetExpectation, Verdict},
    spec::{self, CLAUSES, Clause, Dialect, POINTS, Reading},
    transcript::{Exchange, Received, Transcript},
    wire::text,
};

/// What is known of a run besides its transcripts.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The URL that was tested.
    pub target: String,
    /// The command that shows a finding again, with `{}` for the name of the scenario.
    pub replay: String,
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

/// One scenario, carried out and judged.
#[derive(Clone, Debug)]
pub struct Judged {
    result: ScenarioResult,
    server: Option<String>,
    verdicts: Vec<(&'static Check, Verdict)>,
    unmet: Vec<UnmetExpectation>,
    evidence: BTreeMap<usize, Evidence>,
}

/// What shows a finding.
#[derive(Clone, Debug, Default)]
struct Evidence {
    line: u32,
    proof: Vec<String>,
}

impl Judged {
    /// Judges a transcript by every check.
    #[must_use]
    pub fn of(
        name: &str,
        title: &str,
        transcript: &Transcript,
        unmet: Vec<UnmetExpectation>,
    ) -> Self {
        let observed = Observed::of(transcript);
        let verdicts: Vec<_> =
            checks::all().map(|check| (check, (check.judge)(&observed))).collect();
        let shown = verdicts
            .iter()
            .flat_map(|(_, verdict)| {
                let broken = verdict.broken.iter().map(|finding| finding.exchange);
                broken
                    .chain(verdict.followed.iter().map(|followed| followed.exchange))
                    .collect::<Vec<_>>()
            })
            .chain(unmet.iter().map(|unmet| unmet.exchange));
        let evidence = shown
            .filter_map(|number| {
                Some((number, evidence(transcript.exchanges.get(number.checked_sub(1)?)?)))
            })
            .collect();
        let fate = transcript.unfinished.clone().map_or(Fate::Completed, Fate::Unfinished);
        let took =
            transcript.exchanges.last().map_or(Duration::ZERO, |last| last.started + last.took);
        let skipped_steps = transcript
            .skipped
            .iter()
            .map(|skipped| (skipped.line, skipped.reason.clone()))
            .collect();
        let result = ScenarioResult {
            name: name.to_owned(),
            title: title.to_owned(),
            fate,
            exchanges: transcript.exchanges.len(),
            took,
            skipped_steps,
        };
        Self { result, server: server(transcript), verdicts, unmet, evidence }
    }

    /// A scenario that was not carried out, and why.
    #[must_use]
    pub fn not_run(name: &str, title: &str, fate: Fate) -> Self {
        let result = ScenarioResult {
            name: name.to_owned(),
            title: title.to_owned(),
            fate,
            exchanges: 0,
            took: Duration::ZERO,
            skipped_steps: vec![],
        };
        Self { result, server: None, verdicts: vec![], unmet: vec![], evidence: BTreeMap::new() }
    }

    /// Whether some check found its clause broken, whatever that counts as.
    #[must_use]
    pub fn has_breach(&self) -> bool {
        !self.unmet.is_empty()
            || self.verdicts.iter().any(|(_, verdict)| !verdict.broken.is_empty())
    }

    /// The checks that found their clauses broken.
    pub fn breaches(&self) -> impl Iterator<Item = &'static Check> {
        self.verdicts
            .iter()
            .filter(|(_, verdict)| !verdict.broken.is_empty())
            .map(|(check, _)| *check)
    }

    /// The ids of the clauses that something called for.
    pub fn exercised(&self) -> impl Iterator<Item = &'static str> {
        self.verdicts
            .iter()
            .filter(|(_, verdict)| verdict.exercised() > 0)
            .map(|(check, _)| check.clause.id)
    }
}

fn server(transcript: &Transcript) -> Option<String> {
    let answers = transcript.exchanges.iter().filter_map(Exchange::answer);
    answers.filter_map(|answer| answer.head.headers.first("Server")).map(str::to_owned).next()
}

fn evidence(exchange: &Exchange) -> Evidence {
    let mut proof: Vec<String> = head_lines('>', &exchange.request.head.raw);
    let body = exchange.request.body.length();
    if body > 0 {
        proof.push(format!("> ({} of {body} body bytes sent)", exchange.request.sent));
    }
    match &exchange.received {
        Received::Answer(answer) => {
            proof.extend(head_lines('<', &answer.head.raw));
            if answer.body.length > 0 {
                proof.push(format!("< ({} body bytes)", answer.body.length));
            }
        }
        nothing @ Received::Nothing(_) => proof.push(format!("< ({})", nothing.describe())),
    }
    Evidence { line: exchange.line, proof }
}

fn head_lines(mark: char, raw: &[u8]) -> Vec<String> {
    let lines =
        raw.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines
        .filter(|line| !line.is_empty())
        .take(40)
        .map(|line| format!("{mark} {}", redacted(&text::excerpt(&text::from_bytes(line), 160))))
        .collect()
}

/// Credentials never reach a report.
fn redacted(line: &str) -> String {
    match line.split_once(':') {
        Some((name, _)) if is_secret(name) => format!("{name}: (redacted)"),
        _ => line.to_owned(),
    }
}

fn is_secret(name: &str) -> bool {
    ["authorization", "proxy-authorization", "cookie", "set-cookie"]
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

impl Results {
    /// Adds up what the scenarios came to.
    #[must_use]
    pub fn of(circumstances: Circumstances, mut judged: Vec<Judged>) -> Self {
        judged.sort_by(|one, other| one.result.name.cmp(&other.result.name));
        let dialect = circumstances.dialect;
        let verdicts = add_up(&judged);
        let outcomes = outcomes(&verdicts, dialect);
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

/// The outcome of each judged clause, with breaches that another clause explains set apart.
fn outcomes(
    verdicts: &[(&'static Check, Verdict)],
    dialect: Dialect,
) -> BTreeMap<&'static str, (Outcome, usize)> {
    let mut sums: BTreeMap<&'static str, (&'static Clause, Verdict)> = BTreeMap::new();
    for (check, verdict) in verdicts {
        let entry =
            sums.entry(check.clause.id).or_insert_with(|| (check.clause, Verdict::default()));
        entry.1.add(verdict.clone());
    }
    let own: BTreeMap<_, _> = sums
        .iter()
        .map(|(id, (clause, verdict))| {
            (*id, (Outcome::of(clause, dialect, verdict), verdict.exercised()))
        })
        .collect();
    let is_broken =
        |id: &&str| own.get(*id).is_some_and(|(outcome, _)| *outcome == Outcome::Broken);
    own.iter()
        .map(|(id, (outcome, exercised))| {
            let rooted = !spec::ROOTS.contains(id) && spec::ROOTS.iter().any(is_broken);
            let caused = rooted || spec::causes(sums[id].0).iter().any(is_broken);
            let shaded = is_breach(*outcome) && caused;
            (*id, (if shaded { Outcome::Consequence } else { *outcome }, *exercised))
        })
        .collect()
}

fn is_breach(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Broken | Outcome::Warning | Outcome::Note | Outcome::Deviation)
}

fn clause_result(
    clause: &'static Clause,
    verdicts: &[(&'static Check, Verdict)],
    outcomes: &BTreeMap<&'static str, (Outcome, usize)>,
) -> ClauseResult {
    if let Some((outcome, exercised)) = outcomes.get(clause.id) {
        let reason =
            (*outcome == Outcome::Consequence).then(|| first_cause(clause, outcomes).to_owned());
        let ran = !verdicts.is_empty();
        let outcome = if ran { *outcome } else { Outcome::NotExercised };
        return ClauseResult { clause, outcome, exercised: *exercised, reason };
    }
    let others = spec::restated(clause);
    if !others.is_empty() {
        return restating(clause, others, outcomes);
    }
    let reason =
        spec::reason(clause).map_or_else(|| "no reason is given".into(), spec::Reason::describe);
    ClauseResult { clause, outcome: Outcome::Unchecked, exercised: 0, reason: Some(reason) }
}

fn first_cause(
    clause: &Clause,
    outcomes: &BTreeMap<&'static str, (Outcome, usize)>,
) -> &'static str {
    let broken =
        |id: &&&str| outcomes.get(**id).is_some_and(|(outcome, _)| *outcome == Outcome::Broken);
    spec::ROOTS.iter().chain(spec::causes(clause)).find(broken).copied().unwrap_or_default()
}

/// A clause that says what others say is kept when they are, and follows them when they are not.
fn restating(
    clause: &'static Clause,
    others: &[&str],
    outcomes: &BTreeMap<&'static str, (Outcome, usize)>,
) -> ClauseResult {
    let of = |id: &&str| outcomes.get(*id).copied().unwrap_or((Outcome::NotExercised, 0));
    let exercised = others.iter().map(|id| of(id).1).sum();
    let odd = others.iter().find(|id| !matches!(of(id).0, Outcome::Kept | Outcome::NotExercised));
    let (outcome, reason) = match odd {
        Some(id) => (Outcome::Consequence, (*id).to_owned()),
        None if exercised > 0 => (Outcome::Kept, format!("says the same as {}", others.join(", "))),
        None => (Outcome::NotExercised, format!("says the same as {}", others.join(", "))),
    };
    ClauseResult { clause, outcome, exercised, reason: Some(reason) }
}

fn is_selected(result: &ClauseResult, selection: &Selection) -> bool {
    match selection {
        Selection::Everything => true,
        Selection::Chosen(ids) => ids.contains(result.clause.id) || result.exercised > 0,
    }
}

fn findings(
    judged: &[Judged],
    outcomes: &BTreeMap<&'static str, (Outcome, usize)>,
    dialect: Dialect,
    target: &str,
) -> Vec<FindingResult> {
    let mut all: Vec<FindingResult> =
        judged.iter().flat_map(|one| one.findings(outcomes, dialect, target)).collect();
    let rank = |finding: &FindingResult| {
        Outcome::ALL.iter().position(|outcome| *outcome == finding.outcome)
    };
    let place = |finding: &FindingResult| {
        CLAUSES.iter().position(|clause| finding.clause.is_some_and(|own| own.id == clause.id))
    };
    all.sort_by_key(|finding| {
        (rank(finding), place(finding), finding.check, finding.scenario.clone())
    });
    all
}

impl Judged {
    fn findings(
        &self,
        outcomes: &BTreeMap<&'static str, (Outcome, usize)>,
        dialect: Dialect,
        target: &str,
    ) -> Vec<FindingResult> {
        let mut findings: Vec<FindingResult> =
            self.unmet.iter().map(|unmet| self.of_expectation(unmet, target)).collect();
        for (check, verdict) in &self.verdicts {
            let outcome = outcomes
                .get(check.clause.id)
                .map_or(Outcome::NotExercised, |(outcome, _)| *outcome);
            if let Some(first) = verdict.broken.first() {
                let more = verdict.broken.len() - 1;
                findings.push(self.finding(
                    check,
                    outcome,
                    first.exchange,
                    first.expected.clone(),
                    first.actual.clone(),
                    more,
                    target,
                ));
            }
            let deviating =
                |reading: &Reading| Outcome::of_reading(dialect, reading) == Outcome::Deviation;
            let deviations: Vec<_> =
                verdict.followed.iter().filter(|followed| deviating(followed.reading)).collect();
            if let Some(first) = deviations.first() {
                let expected = format!(
                    "the reading of dialect {dialect}; this is {}: {}",
                    first.reading.id, first.reading.title
                );
                let outcome =
                    if outcome == Outcome::Consequence { outcome } else { Outcome::Deviation };
                findings.push(self.finding(
                    check,
                    outcome,
                    first.exchange,
                    expected,
                    first.actual.clone(),
                    deviations.len() - 1,
                    target,
                ));
            }
        }
        findings
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a finding has this many parts, and this is where they meet"
    )]
    fn finding(
        &self,
        check: &'static Check,
        outcome: Outcome,
        exchange: usize,
        expected: String,
        actual: String,
        more: usize,
        target: &str,
    ) -> FindingResult {
        let evidence = self.evidence.get(&exchange).cloned().unwrap_or_default();
        FindingResult {
            check: check.name,
            clause: Some(check.clause),
            outcome,
            scenario: self.result.name.clone(),
            line: evidence.line,
            exchange,
            expected,
            actual: text::excerpt(&actual, 300),
            more,
            proof: evidence.proof,
            replay: self.replay(target),
        }
    }

    fn of_expectation(&self, unmet: &UnmetExpectation, target: &str) -> FindingResult {
        let evidence = self.evidence.get(&unmet.exchange).cloned().unwrap_or_default();
        FindingResult {
            check: "scenario/expectation",
            clause: None,
            outcome: Outcome::Broken,
            scenario: self.result.name.clone(),
            line: unmet.line,
            exchange: unmet.exchange,
            expected: unmet.expected.clone(),
            actual: text::excerpt(&unmet.actual, 300),
            more: 0,
            proof: evidence.proof,
            replay: self.replay(target),
        }
    }

    fn replay(&self, command: &str) -> String {
        command.replace("{}", &self.result.name)
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

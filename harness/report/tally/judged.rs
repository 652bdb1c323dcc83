//! One scenario, carried out and judged, with what proves its findings.

use std::{collections::BTreeMap, time::Duration};

use super::Outcomes;
use crate::report::{
    replay::Replay,
    results::{Fate, FindingResult, ScenarioResult},
};
use crate::{
    checks::{self, Check, InFront, Observed, Outcome, UnmetExpectation, Verdict},
    spec::{Dialect, Reading},
    transcript::{Exchange, Notification, Received, Transcript},
    wire::{PacketType, authorization, text},
};

/// One scenario, carried out and judged.
#[derive(Clone, Debug)]
pub struct Judged {
    pub(super) result: ScenarioResult,
    pub(super) server: Option<String>,
    pub(super) verdicts: Vec<(&'static Check, Verdict)>,
    unmet: Vec<UnmetExpectation>,
    evidence: BTreeMap<usize, Evidence>,
    pub(super) in_front: InFront,
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
        let in_front = InFront::of(&observed);
        let verdicts: Vec<_> =
            checks::all().map(|check| (check, (check.judge)(&observed))).collect();
        let shown = verdicts
            .iter()
            .flat_map(|(_, verdict)| {
                let broken = verdict.broken.iter().map(|finding| finding.exchange);
                // A reading that every dialect accepts, or none speaks of, is no finding.
                let followed = verdict.followed.iter().filter(|it| it.reading.is_disputed());
                broken.chain(followed.map(|followed| followed.exchange)).collect::<Vec<_>>()
            })
            .chain(unmet.iter().map(|unmet| unmet.exchange));
        let evidence = shown
            .filter_map(|number| {
                let exchange = transcript.exchanges.get(number.checked_sub(1)?)?;
                Some((number, evidence(exchange, &transcript.notifications)))
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
            uploads: uploads(&observed),
            took,
            skipped_steps,
        };
        Self { result, server: server(transcript), verdicts, unmet, evidence, in_front }
    }

    /// A scenario that was not carried out, and why.
    #[must_use]
    pub fn not_run(name: &str, title: &str, fate: Fate) -> Self {
        let result = ScenarioResult {
            name: name.to_owned(),
            title: title.to_owned(),
            fate,
            exchanges: 0,
            uploads: 0,
            took: Duration::ZERO,
            skipped_steps: vec![],
        };
        Self {
            result,
            server: None,
            verdicts: vec![],
            unmet: vec![],
            evidence: BTreeMap::new(),
            in_front: InFront::default(),
        }
    }

    /// Reads the verdicts in a dialect.
    pub(super) fn read_in(&mut self, dialect: Dialect) {
        for (_, verdict) in &mut self.verdicts {
            *verdict = std::mem::take(verdict).in_dialect(dialect);
        }
    }

    /// Whether some check found its clause broken, whatever that counts as.
    #[must_use]
    pub fn has_breach(&self) -> bool {
        !self.unmet.is_empty()
            || self.verdicts.iter().any(|(_, verdict)| !verdict.broken.is_empty())
    }

    /// Whether this check finds its clause broken in a dialect, or a reading followed that the dialect does not accept.
    #[must_use]
    pub fn breaks(mut self, check: &str, dialect: Dialect) -> bool {
        self.read_in(dialect);
        let Some((_, verdict)) = self.verdicts.iter().find(|(one, _)| one.name == check) else {
            return false;
        };
        let deviates = |reading| Outcome::of_reading(dialect, reading) == Outcome::Deviation;
        !verdict.broken.is_empty() || verdict.followed.iter().any(|it| deviates(it.reading))
    }

    /// The scenario's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.result.name
    }

    /// Adds a remark to everything that a check found.
    pub fn remark(&mut self, check: &str, remark: &str) {
        let own = self.verdicts.iter_mut().filter(|(one, _)| one.name == check);
        for finding in own.flat_map(|(_, verdict)| &mut verdict.broken) {
            finding.actual = format!("{}; {remark}", finding.actual);
        }
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

/// How many uploads were closed with success, with nothing wrong about it.
fn uploads(observed: &Observed<'_>) -> usize {
    let closes = observed.packets(&PacketType::CloseSession);
    closes.filter(|seen| seen.is_clean() && seen.status() == 200).count()
}

/// What an exchange shows, with the calls of the server application that came meanwhile.
fn evidence(exchange: &Exchange, calls: &[Notification]) -> Evidence {
    let mut proof: Vec<String> = head_lines(">", &exchange.request.head.raw);
    let body = exchange.request.body.length();
    if body > 0 {
        proof.push(format!("> ({} of {body} body bytes sent)", exchange.request.sent));
    }
    for call in calls.iter().filter(|call| call.during == exchange.number) {
        proof.extend(call_lines(call));
    }
    match &exchange.received {
        Received::Answer(answer) => {
            proof.extend(head_lines("<", &answer.head.raw));
            if answer.body.length > 0 {
                proof.push(format!("< ({} body bytes)", answer.body.length));
            }
        }
        nothing @ Received::Nothing(_) => proof.push(format!("< ({})", nothing.describe())),
    }
    Evidence { line: exchange.line, proof }
}

/// A call of the server application and its answer, with the marks that they have in a transcript.
fn call_lines(call: &Notification) -> Vec<String> {
    let mut lines = head_lines(">>", &call.head.raw);
    if call.body.length > 0 {
        lines.push(format!(">> ({} body bytes)", call.body.length));
    }
    match &call.played.head {
        Some(head) => lines.extend(head_lines("<<", &head.raw)),
        None => lines.push("<< (no answer that can be read)".into()),
    }
    if call.played.body.length() > 0 {
        let (sent, all) = (call.played.sent, call.played.body.length());
        lines.push(format!("<< ({sent} of {all} body bytes sent)"));
    }
    lines
}

fn head_lines(mark: &str, raw: &[u8]) -> Vec<String> {
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
    let is = |name: &str, secrets: &[&str]| {
        secrets.iter().any(|secret| name.trim().eq_ignore_ascii_case(secret))
    };
    match line.split_once(':') {
        Some((name, value)) if is(name, &authorization::CARRIERS) => {
            format!("{name}: {}", authorization::shown(value))
        }
        Some((name, _)) if is(name, &["Cookie", "Set-Cookie"]) => format!("{name}: (redacted)"),
        _ => line.to_owned(),
    }
}

impl Judged {
    pub(super) fn findings(
        &self,
        outcomes: &Outcomes,
        dialect: Dialect,
        replay: &Replay,
    ) -> Vec<FindingResult> {
        let mut findings: Vec<FindingResult> =
            self.unmet.iter().map(|unmet| self.of_expectation(unmet, replay)).collect();
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
                    replay,
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
                    replay,
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
        replay: &Replay,
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
            replay: replay.with(&self.result.name),
        }
    }

    fn of_expectation(&self, unmet: &UnmetExpectation, replay: &Replay) -> FindingResult {
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
            replay: replay.with(&self.result.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_of_a_finding_holds_the_calls_of_the_application_that_came_meanwhile() {
        let id = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let transcript: Transcript = format!(
            "# base /upload/\n# role by-value\n# application played\n\
             > Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {id}\n\
             > Fragment; {id}; Content-Range: bytes 0-9/10\n< 500 Ack; BITS-Error: 0x80070057\n\
             @@ 1 during=2 started=0 took=0\n>> POST / HTTP/1.1\n>> Host: a\n>> Authorization: Basic c2VjcmV0\n<< 200\n"
        )
        .parse()
        .unwrap();
        let judged = Judged::of("a/b", "", &transcript, vec![]);
        let proof = judged.evidence.values().map(|it| it.proof.join("\n")).collect::<String>();
        assert!(
            proof.contains(">> POST / HTTP/1.1\n>> Host: a\n>> Authorization: Basic <redacted"),
            "{proof}"
        );
        assert!(proof.contains("\n<< HTTP/1.1 200"), "{proof}");
    }
}

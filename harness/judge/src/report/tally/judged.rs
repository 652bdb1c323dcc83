//! One scenario, carried out and judged, with what proves its findings.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bits_wire::{PacketType, authorization, text};

use crate::report::{
    replay::Replay,
    results::{EXPECTATION, Fate, FindingResult, ScenarioResult},
};
use crate::{
    checks::{Check, Finding, InFront, Observed, Outcome, UnmetExpectation, Verdict, described},
    spec::{Dialect, Reading},
    transcript::{Exchange, Notification, Received, Transcript},
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
    /// What came back.
    answer: String,
    proof: Vec<String>,
    situation: Option<String>,
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
        let mut observed = Observed::of(transcript);
        let in_front = InFront::of(&observed);
        let verdicts = observed.verdicts();
        let mut shown: BTreeSet<usize> = unmet.iter().map(|unmet| unmet.exchange).collect();
        let tells =
            |verdict: &&Verdict| !(verdict.broken.is_empty() && verdict.followed.is_empty());
        let telling = verdicts.iter().map(|(_, verdict)| verdict).filter(tells);
        telling.for_each(|verdict| shown.extend(told_first(verdict)));
        let evidence = shown
            .into_iter()
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

    /// Says in which situation a line of the plan is; findings of random sessions are sorted by that.
    #[must_use]
    pub fn in_situations(mut self, of: impl Fn(u32) -> Option<String>) -> Self {
        self.evidence.values_mut().for_each(|evidence| evidence.situation = of(evidence.line));
        self
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

    /// What proves the first finding of a check, if it found one.
    #[must_use]
    pub fn proof_of(&self, check: &str) -> Option<&[String]> {
        let (_, verdict) = self.verdicts.iter().find(|(one, _)| one.name == check)?;
        let exchange = told_first(verdict).next()?;
        Some(&self.evidence.get(&exchange)?.proof)
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

/// The exchanges of which a report may tell: the first that broke the clause, and the first of each reading, since the
/// dialect decides later which of them are findings.
fn told_first(verdict: &Verdict) -> impl Iterator<Item = usize> {
    let unless = |it: &Finding| it.unless.map(|reading| reading.id);
    let broken = verdict.broken.iter().map(move |it| ((true, unless(it)), it.exchange));
    // A reading that every dialect accepts, or none speaks of, is no finding.
    let followed = verdict.followed.iter().filter(|it| it.reading.is_disputed());
    let followed = followed.map(|it| ((false, Some(it.reading.id)), it.exchange));
    let mut told = Vec::new();
    broken.chain(followed).filter_map(move |(kind, exchange)| {
        if told.contains(&kind) {
            return None;
        }
        told.push(kind);
        Some(exchange)
    })
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
    Evidence { line: exchange.line, answer: described(exchange), proof, situation: None }
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
    /// What there is to tell, graded as if nothing else were known.
    pub(super) fn findings(&self, dialect: Dialect, replay: &Replay) -> Vec<FindingResult> {
        let unmet = self.unmet.iter().map(|unmet| self.of_expectation(unmet, replay));
        let mut findings: Vec<FindingResult> = unmet.collect();
        for (check, verdict) in &self.verdicts {
            if let Some(first) = verdict.broken.first() {
                let told = Told {
                    expected: first.expected.clone(),
                    actual: &first.actual,
                    more: verdict.broken.len() - 1,
                };
                findings.push(self.finding(check, None, first.exchange, told, replay));
            }
            let deviating =
                |reading: &Reading| Outcome::of_reading(dialect, reading) == Outcome::Deviation;
            let mut deviations = verdict.followed.iter().filter(|it| deviating(it.reading));
            if let Some(first) = deviations.next() {
                let Reading { id, title, .. } = first.reading;
                let expected = format!("the reading of dialect {dialect}; this is {id}: {title}");
                let answer = self.evidence.get(&first.exchange).map(|it| it.answer.as_str());
                let actual = first.detail.as_deref().or(answer).unwrap_or_default();
                let told = Told { expected, actual, more: deviations.count() };
                findings.push(self.finding(
                    check,
                    Some(first.reading),
                    first.exchange,
                    told,
                    replay,
                ));
            }
        }
        findings
    }

    fn finding(
        &self,
        check: &'static Check,
        reading: Option<&'static Reading>,
        exchange: usize,
        told: Told<'_>,
        replay: &Replay,
    ) -> FindingResult {
        let Evidence { line, proof, situation, .. } =
            self.evidence.get(&exchange).cloned().unwrap_or_default();
        FindingResult {
            check: check.name,
            clause: Some(check.clause),
            outcome: Outcome::Broken,
            reading,
            situation,
            scenario: self.result.name.clone(),
            line,
            exchange,
            expected: told.expected,
            actual: text::excerpt(told.actual, 300),
            more: told.more,
            proof,
            replay: replay.with(&self.result.name),
        }
    }

    fn of_expectation(&self, unmet: &UnmetExpectation, replay: &Replay) -> FindingResult {
        let evidence = self.evidence.get(&unmet.exchange).cloned().unwrap_or_default();
        FindingResult {
            check: EXPECTATION,
            clause: None,
            outcome: Outcome::Broken,
            reading: None,
            situation: None,
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

/// What was wanted, what came, and how often more.
struct Told<'a> {
    expected: String,
    actual: &'a str,
    more: usize,
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

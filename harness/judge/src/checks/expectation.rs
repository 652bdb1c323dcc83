//! What a scenario's author wanted to see besides what the clauses ask.

use std::collections::BTreeMap;

use crate::{
    plan::{Action, Plan, Step, Template},
    transcript::{Exchange, Transcript},
};

/// An expectation of a scenario's author that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmetExpectation {
    /// The exchange, from 1.
    pub exchange: usize,
    /// The line of the step.
    pub line: u32,
    /// What the author wanted.
    pub expected: String,
    /// What came.
    pub actual: String,
}

/// The expectations of `plan` that `transcript` does not meet. A step that was taken again after a challenge is judged
/// by its last exchange.
#[must_use]
pub fn unmet(plan: &Plan, transcript: &Transcript) -> Vec<UnmetExpectation> {
    let last: BTreeMap<usize, &Exchange> =
        transcript.exchanges.iter().map(|exchange| (exchange.step, exchange)).collect();
    last.into_values()
        .filter_map(|exchange| Some((exchange, plan.steps.get(exchange.step)?)))
        .filter(|(_, step)| matches!(step.action, Action::Send(_)))
        .flat_map(|(exchange, step)| of_step(exchange, step))
        .collect()
}

fn of_step(exchange: &Exchange, step: &Step) -> Vec<UnmetExpectation> {
    let Some(expectation) = &step.expect else { return vec![] };
    let status = exchange.answer().map(|answer| answer.head.status);
    let mut unmet = Vec::new();
    let mut tell = |expected: String, actual: String| {
        unmet.push(UnmetExpectation {
            exchange: exchange.number,
            line: step.line,
            expected,
            actual,
        });
    };
    if !expectation.status.is_empty()
        && !status.is_some_and(|status| expectation.status.contains(&status))
    {
        let wanted: Vec<String> = expectation.status.iter().map(u16::to_string).collect();
        tell(format!("status {}", wanted.join(" or ")), exchange.received.describe());
    }
    let Some(answer) = exchange.answer() else { return unmet };
    for (name, wanted) in &expectation.headers {
        let got = answer.head.headers.first(name);
        match wanted.as_ref().map(said) {
            None if got.is_some() => {
                tell(format!("no {name}"), format!("{name}: {}", got.unwrap_or_default()))
            }
            Some(Some(wanted)) if !got.is_some_and(|got| got.eq_ignore_ascii_case(&wanted)) => {
                tell(
                    format!("{name}: {wanted}"),
                    got.map_or_else(|| format!("no {name}"), |got| format!("{name}: {got}")),
                );
            }
            _ => {}
        }
    }
    unmet
}

/// The text of a template that names no variable; what was captured is not known to a judge.
fn said(template: &Template) -> Option<String> {
    template.fill(|_| None).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Expectation, Head};

    fn plan(expect: Expectation) -> Plan {
        let head = Head::Raw(Template::said(""));
        let expect = Some(expect);
        let step = Step { line: 7, expect, ..Step::sending(head, bits_wire::Payload::Empty) };
        Plan { steps: vec![step], ..Plan::default() }
    }

    fn said_by(answer: &str, expect: Expectation) -> Vec<String> {
        let transcript: Transcript = format!("> Ping\n< {answer}").parse().unwrap();
        unmet(&plan(expect), &transcript)
            .into_iter()
            .map(|unmet| format!("{} | {}", unmet.expected, unmet.actual))
            .collect()
    }

    #[test]
    fn a_wrong_status_is_told() {
        let expect = || Expectation { status: vec![200, 416], headers: vec![] };
        assert_eq!(said_by("400 Ack", expect()), ["status 200 or 416 | 400"]);
        assert_eq!(
            said_by("!closed", expect()),
            ["status 200 or 416 | the connection closed without an answer"]
        );
        assert_eq!(said_by("416 Ack", expect()), [""; 0]);
    }

    #[test]
    fn a_challenge_before_the_answer_is_not_judged() {
        let expect = Expectation { status: vec![200], headers: vec![] };
        let both = |first: &str, second: &str| {
            let mut transcript: Transcript =
                format!("> Ping\n< {first}\n> Ping\n< {second}").parse().unwrap();
            transcript.exchanges[1].step = 0;
            unmet(&plan(expect.clone()), &transcript).len()
        };
        assert_eq!(both("401", "200 Ack"), 0);
        assert_eq!(both("200 Ack", "401"), 1);
    }

    #[test]
    fn wrong_headers_are_told() {
        let expect = |value: Option<&str>| Expectation {
            status: vec![],
            headers: vec![("A".into(), value.map(Template::said))],
        };
        assert_eq!(said_by("200 Ack; A: y", expect(Some("x"))), ["A: x | A: y"]);
        assert_eq!(said_by("200 Ack", expect(Some("x"))), ["A: x | no A"]);
        assert_eq!(said_by("200 Ack; a: X", expect(Some("x"))), [""; 0]);
        assert_eq!(said_by("200 Ack; A: y", expect(None)), ["no A | A: y"]);
        assert_eq!(said_by("200 Ack", expect(None)), [""; 0]);
    }
}

//! A run as one JSON document, for programs. `reports/schema/report-v1.json` describes it.
//!
//! The types here are the outside format and nothing else, so that inner types can change without breaking a reader.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::{
    CheckResult, ClauseResult, FindingResult, ReadingResult, Results, ScenarioResult, Totals,
};
use crate::checks::{Cause, Outcome, Sum};

/// The version of the format. It rises when a key goes away or changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// Renders a run as JSON, with its keys in a fixed order.
#[must_use]
pub fn render(results: &Results) -> String {
    let mut text = pretty(&Document::of(results));
    text.push('\n');
    text
}

/// Pretty JSON that is also harmless on a terminal.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value)
        .expect("text, numbers and lists with text as keys are always JSON");
    escape_controls(&text)
}

/// JSON itself escapes control characters below the space only; old terminals obey the ones above ASCII, too.
fn escape_controls(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut text, character| {
        match character {
            '\u{7f}'..='\u{9f}' => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => text.push(character),
        }
        text
    })
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool<'a>,
    target: Target<'a>,
    dialect: &'a str,
    seed: String,
    interrupted: bool,
    took_ms: u64,
    summary: Summary,
    clauses: Vec<Clause<'a>>,
    checks: Vec<Check<'a>>,
    totals: Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<String>,
    scenarios: Vec<Scenario<'a>>,
    findings: Vec<Finding<'a>>,
    causes: Vec<CauseInFront<'a>>,
    readings: Vec<Reading<'a>>,
    exit_code: u8,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct Target<'a> {
    url: &'a str,
    server: Option<&'a str>,
    transport: &'a str,
}

#[derive(Serialize)]
struct Summary {
    selected: usize,
    kept: usize,
    broken: usize,
    warning: usize,
    deviation: usize,
    note: usize,
    consequence: usize,
    not_exercised: usize,
    unchecked: usize,
}

#[derive(Serialize)]
struct Clause<'a> {
    id: &'a str,
    section: &'a str,
    level: &'a str,
    role: &'a str,
    message: &'a str,
    title: &'a str,
    outcome: &'a str,
    exercised: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Check<'a> {
    check: &'a str,
    kept: usize,
    broken: usize,
    followed: &'a BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    title: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    exchanges: usize,
    took_ms: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped_steps: Vec<SkippedStep<'a>>,
}

#[derive(Serialize)]
struct SkippedStep<'a> {
    line: Option<u32>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Finding<'a> {
    check: &'a str,
    clause: Option<&'a str>,
    level: Option<&'a str>,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    situation: Option<&'a str>,
    scenario: &'a str,
    line: Option<u32>,
    exchange: usize,
    expected: &'a str,
    actual: &'a str,
    more: usize,
    proof: &'a [String],
    replay: &'a str,
}

#[derive(Serialize)]
struct CauseInFront<'a> {
    kind: &'a str,
    seen: &'a str,
    advice: &'a str,
}

#[derive(Serialize)]
struct Reading<'a> {
    point: &'a str,
    reading: &'a str,
    title: &'a str,
    outcome: &'a str,
    seen: usize,
}

impl<'a> Document<'a> {
    fn of(results: &'a Results) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "bitscheck", version: &results.version },
            target: Target {
                url: &results.target,
                server: results.server.as_deref(),
                transport: &results.transport,
            },
            dialect: results.dialect.as_str(),
            seed: super::seed(results.seed),
            interrupted: results.interrupted,
            took_ms: milliseconds(results.took),
            summary: Summary::of(&results.summary()),
            clauses: results.clauses.iter().map(Clause::of).collect(),
            checks: results.checks.iter().map(Check::of).collect(),
            totals: results.totals,
            requests: results.requests.map(|digest| format!("{digest:016x}")),
            scenarios: results.scenarios.iter().map(Scenario::of).collect(),
            findings: results.findings.iter().map(Finding::of).collect(),
            causes: results.causes.iter().map(CauseInFront::of).collect(),
            readings: results.readings.iter().map(Reading::of).collect(),
            exit_code: results.exit_code,
        }
    }
}

impl Summary {
    fn of(summary: &super::Summary) -> Self {
        Self {
            selected: summary.selected,
            kept: summary.of(Outcome::Kept),
            broken: summary.of(Outcome::Broken),
            warning: summary.of(Outcome::Warning),
            deviation: summary.of(Outcome::Deviation),
            note: summary.of(Outcome::Note),
            consequence: summary.of(Outcome::Consequence),
            not_exercised: summary.of(Outcome::NotExercised),
            unchecked: summary.of(Outcome::Unchecked),
        }
    }
}

impl<'a> Clause<'a> {
    fn of(result: &'a ClauseResult) -> Self {
        Self {
            id: result.clause.id,
            section: result.clause.section,
            level: result.clause.level.as_str(),
            role: result.clause.role.as_str(),
            message: result.clause.message.as_str(),
            title: result.clause.title,
            outcome: result.outcome.as_str(),
            exercised: result.exercised,
            reason: result.reason.as_deref(),
        }
    }
}

impl<'a> Check<'a> {
    fn of(result: &'a CheckResult) -> Self {
        let Sum { kept, broken, followed } = &result.sum;
        Self { check: result.check, kept: *kept, broken: *broken, followed }
    }
}

impl<'a> Scenario<'a> {
    fn of(result: &'a ScenarioResult) -> Self {
        Self {
            name: &result.name,
            title: &result.title,
            outcome: result.fate.as_str(),
            reason: result.fate.reason(),
            exchanges: result.exchanges,
            took_ms: milliseconds(result.took),
            skipped_steps: result
                .skipped_steps
                .iter()
                .map(|(line, reason)| SkippedStep { line: known_line(*line), reason })
                .collect(),
        }
    }
}

impl<'a> Finding<'a> {
    fn of(result: &'a FindingResult) -> Self {
        Self {
            check: result.check,
            clause: result.clause.map(|clause| clause.id),
            level: result.clause.map(|clause| clause.level.as_str()),
            outcome: result.outcome.as_str(),
            reading: result.reading.map(|reading| reading.id),
            situation: result.situation.as_deref(),
            scenario: &result.scenario,
            line: known_line(result.line),
            exchange: result.exchange,
            expected: &result.expected,
            actual: &result.actual,
            more: result.more,
            proof: &result.proof,
            replay: &result.replay,
        }
    }
}

impl<'a> CauseInFront<'a> {
    fn of(cause: &'a Cause) -> Self {
        Self { kind: &cause.kind, seen: &cause.seen, advice: &cause.advice }
    }
}

impl<'a> Reading<'a> {
    fn of(result: &ReadingResult) -> Self {
        Self {
            point: result.point,
            reading: result.reading,
            title: result.title,
            outcome: result.outcome.as_str(),
            seen: result.seen,
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

const fn known_line(line: u32) -> Option<u32> {
    if line == 0 { None } else { Some(line) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::{
        report::sample,
        spec::{Dialect, Level},
    };

    /// Keys that stand only where there is something to say.
    const OPTIONAL: [&str; 5] = ["reason", "skipped_steps", "requests", "reading", "situation"];

    fn schema() -> Value {
        serde_json::from_str(include_str!("../../../../reports/schema/report-v1.json")).unwrap()
    }

    fn document() -> Value {
        serde_json::from_str(&render(&sample::everything())).unwrap()
    }

    /// Every object of a document or schema with the path that leads to it.
    fn objects(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.push(path.to_owned());
                map.iter().for_each(|(key, value)| objects(value, &format!("{path}/{key}"), found));
            }
            Value::Array(list) => list
                .iter()
                .enumerate()
                .for_each(|(at, value)| objects(value, &format!("{path}/{at}"), found)),
            _ => {}
        }
    }

    fn paths(value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        objects(value, "", &mut found);
        found
    }

    #[test]
    fn every_sample_keeps_to_the_schema() {
        let schema = schema();
        assert!(jsonschema::meta::is_valid(&schema));
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        for results in [sample::everything(), sample::all_kept(), sample::nothing()] {
            let document: Value = serde_json::from_str(&render(&results)).unwrap();
            let errors: Vec<_> = validator
                .iter_errors(&document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert_eq!(errors, [""; 0]);
        }
    }

    #[test]
    fn the_schema_refuses_an_unknown_key_anywhere() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        let document = document();
        for path in paths(&document) {
            let mut wrong = document.clone();
            let Some(Value::Object(map)) = wrong.pointer_mut(&path) else { panic!("{path}") };
            map.insert("surprise".into(), json!(1));
            assert!(!validator.is_valid(&wrong), "{path}");
        }
    }

    #[test]
    fn the_schema_refuses_a_document_in_which_a_key_is_missing() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        let document = document();
        for path in paths(&document).into_iter().filter(|path| !path.ends_with("/followed")) {
            let keys = document.pointer(&path).unwrap().as_object().unwrap().keys();
            for key in keys.filter(|key| !OPTIONAL.contains(&key.as_str())) {
                let mut wrong = document.clone();
                wrong.pointer_mut(&path).unwrap().as_object_mut().unwrap().remove(key);
                assert!(!validator.is_valid(&wrong), "{path}/{key}");
            }
        }
    }

    #[test]
    fn the_schema_refuses_wrong_values() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        for (path, value) in [
            ("/schema_version", json!(2)),
            ("/schema_version", json!("1")),
            ("/tool/name", json!("other")),
            ("/target/transport", json!("carrier pigeon")),
            ("/dialect", json!("iis8")),
            ("/seed", json!("5eed")),
            ("/seed", json!(1)),
            ("/took_ms", json!(-1)),
            ("/summary/kept", json!(1.5)),
            ("/clauses/0/outcome", json!("passed")),
            ("/clauses/0/level", json!("must")),
            ("/scenarios/0/outcome", json!("kept")),
            ("/findings/0/outcome", json!("kept")),
            ("/findings/0/exchange", json!(0)),
            ("/findings/0/line", json!(0)),
            ("/readings/0/reading", json!("tail")),
            ("/exit_code", json!(256)),
        ] {
            let mut wrong = document();
            *wrong.pointer_mut(path).unwrap() = value;
            assert!(!validator.is_valid(&wrong), "{path}");
        }
    }

    #[test]
    fn the_schema_names_what_the_program_names() {
        let schema = schema();
        let listed = |name: &str| -> BTreeSet<String> {
            let values = schema["$defs"][name]["enum"].as_array().unwrap();
            values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
        };
        let outcomes = Outcome::ALL.map(|outcome| outcome.as_str().to_owned());
        assert_eq!(listed("outcome"), outcomes.into());
        let dialects = Dialect::ALL.map(|dialect| dialect.as_str().to_owned());
        assert_eq!(listed("dialect"), dialects.into());
        use Level::{
            May, Must, MustImplied, MustNot, MustNotImplied, ProductNote, Should, ShouldNot,
        };
        let levels =
            [Must, MustImplied, MustNot, MustNotImplied, Should, ShouldNot, May, ProductNote];
        assert_eq!(listed("level"), levels.map(|level| level.as_str().to_owned()).into());
    }

    #[test]
    fn the_schema_closes_every_object_and_describes_every_property() {
        let schema = schema();
        let paths = paths(&schema);
        let closed =
            paths.iter().filter(|path| schema.pointer(path).unwrap().get("properties").is_some());
        assert!(closed.clone().count() >= 9);
        for path in closed {
            let object = schema.pointer(path).unwrap();
            assert_eq!(object["additionalProperties"], json!(false), "{path}");
            for (name, property) in object["properties"].as_object().unwrap() {
                assert!(property["description"].is_string(), "{path}: {name}");
            }
        }
    }

    #[test]
    fn the_outcomes_of_the_summary_add_up() {
        let summary = document()["summary"].clone();
        let of = |name: &str| summary[name].as_u64().unwrap();
        let sum: u64 = Outcome::ALL.iter().map(|outcome| of(outcome.as_str())).sum();
        assert_eq!(sum, of("selected"));
        assert_eq!(summary.as_object().unwrap().len(), Outcome::ALL.len() + 1);
        assert_eq!(of("broken"), 1);
    }

    #[test]
    fn whatever_the_server_sent_comes_back_unchanged() {
        let results = sample::everything();
        let document = document();
        assert_eq!(document["findings"][0]["actual"], json!(results.findings[0].actual));
        assert_eq!(document["findings"][0]["proof"], json!(results.findings[0].proof));
    }

    #[test]
    fn no_control_character_reaches_a_terminal() {
        let text = render(&sample::everything());
        assert!(text.contains("\\u009b") && text.contains("\\u001b"), "the sample has some");
        assert!(!text.chars().any(|character| character.is_control() && character != '\n'));
    }

    #[test]
    fn a_short_seed_is_filled_up_to_eight_digits() {
        assert_eq!(document()["seed"], json!("5eed0001"));
        let results = Results { seed: 7, ..sample::nothing() };
        assert!(render(&results).contains("\"seed\": \"00000007\""));
    }
}

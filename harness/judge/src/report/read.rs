//! A run as it is read back from its JSON, so that the runs that shared its work become one.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use super::{
    CheckResult, ClauseResult, Fate, FindingResult, Results, ScenarioResult, Totals,
    json::SCHEMA_VERSION,
    results::{EXPECTATION, TARGET_ALIVE},
};
use crate::{
    checks::{self, Cause, Outcome, Sum},
    spec::{self, CLAUSES, Dialect, POINTS, Reading},
};

/// Why a document is no run of this program.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or not of this form.
    #[error("no report of a run in JSON: {0}")]
    Form(#[from] serde_json::Error),
    /// It was written by another version.
    #[error("written by bitscheck {0}; this is {version}", version = env!("CARGO_PKG_VERSION"))]
    Version(String),
    /// It has a format that this program does not know.
    #[error("a report of schema version {0}; this program knows {SCHEMA_VERSION}")]
    Schema(u32),
    /// It names something that there is not.
    #[error("no {what} is called `{name}`")]
    Unknown {
        /// What should have that name.
        what: &'static str,
        /// The name.
        name: String,
    },
}

#[derive(Deserialize)]
struct Document {
    schema_version: u32,
    tool: Tool,
    target: Target,
    dialect: String,
    seed: String,
    interrupted: bool,
    took_ms: u64,
    clauses: Vec<Clause>,
    checks: Vec<Check>,
    totals: Totals,
    requests: Option<String>,
    scenarios: Vec<Scenario>,
    findings: Vec<Finding>,
    causes: Vec<CauseInFront>,
    exit_code: u8,
}

#[derive(Deserialize)]
struct Tool {
    version: String,
}

#[derive(Deserialize)]
struct Target {
    url: String,
    server: Option<String>,
    transport: String,
}

#[derive(Deserialize)]
struct Clause {
    id: String,
}

#[derive(Deserialize)]
struct Check {
    check: String,
    kept: usize,
    broken: usize,
    followed: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    title: String,
    outcome: String,
    reason: Option<String>,
    exchanges: usize,
    took_ms: u64,
    #[serde(default)]
    skipped_steps: Vec<SkippedStep>,
}

#[derive(Deserialize)]
struct SkippedStep {
    line: Option<u32>,
    reason: String,
}

#[derive(Deserialize)]
struct Finding {
    check: String,
    clause: Option<String>,
    reading: Option<String>,
    situation: Option<String>,
    scenario: String,
    line: Option<u32>,
    exchange: usize,
    expected: String,
    actual: String,
    more: usize,
    proof: Vec<String>,
    replay: String,
}

#[derive(Deserialize)]
struct CauseInFront {
    kind: String,
    seen: String,
    advice: String,
}

/// Reads a run back. How its clauses and findings came out is not read: whoever adds runs up grades them anew.
///
/// # Errors
///
/// For what is no run of this version of the program.
pub fn read(text: &str) -> Result<Results, ReadError> {
    let document: Document = serde_json::from_str(text)?;
    if document.schema_version != SCHEMA_VERSION {
        return Err(ReadError::Schema(document.schema_version));
    }
    if document.tool.version != env!("CARGO_PKG_VERSION") {
        return Err(ReadError::Version(document.tool.version));
    }
    let Document { target, dialect, seed, requests, .. } = document;
    let hexadecimal = |what, digits: String| {
        u64::from_str_radix(&digits, 16).map_err(|_| ReadError::Unknown { what, name: digits })
    };
    Ok(Results {
        version: document.tool.version,
        target: target.url,
        server: target.server,
        dialect: found("dialect", &dialect, Dialect::ALL.into_iter(), |one| one.as_str())?,
        transport: target.transport,
        seed: hexadecimal("seed", seed)?,
        clauses: document.clauses.into_iter().map(Clause::result).collect::<Result<_, _>>()?,
        scenarios: document
            .scenarios
            .into_iter()
            .map(Scenario::result)
            .collect::<Result<_, _>>()?,
        totals: document.totals,
        requests: requests.map(|digest| hexadecimal("digest", digest)).transpose()?,
        findings: document.findings.into_iter().map(Finding::result).collect::<Result<_, _>>()?,
        checks: document.checks.into_iter().map(Check::result).collect::<Result<_, _>>()?,
        causes: document.causes.into_iter().map(CauseInFront::cause).collect(),
        readings: Vec::new(),
        interrupted: document.interrupted,
        took: Duration::from_millis(document.took_ms),
        exit_code: document.exit_code,
    })
}

/// The one of this name.
fn found<T>(
    what: &'static str,
    name: &str,
    mut all: impl Iterator<Item = T>,
    name_of: impl Fn(&T) -> &str,
) -> Result<T, ReadError> {
    all.find(|one| name_of(one) == name)
        .ok_or_else(|| ReadError::Unknown { what, name: name.to_owned() })
}

fn clause(id: &str) -> Result<&'static spec::Clause, ReadError> {
    found("clause", id, CLAUSES.iter(), |clause| clause.id)
}

fn reading(id: &str) -> Result<&'static Reading, ReadError> {
    found("reading", id, POINTS.iter().flat_map(|point| point.readings), |reading| reading.id)
}

fn check(name: &str) -> Result<&'static str, ReadError> {
    let names = checks::all().map(|check| check.name).chain([EXPECTATION, TARGET_ALIVE]);
    found("check", name, names, |one| one)
}

impl Clause {
    fn result(self) -> Result<ClauseResult, ReadError> {
        let clause = clause(&self.id)?;
        Ok(ClauseResult { clause, outcome: Outcome::NotExercised, exercised: 0, reason: None })
    }
}

impl Check {
    fn result(self) -> Result<CheckResult, ReadError> {
        let followed = self.followed.iter().map(|(id, times)| Ok((reading(id)?.id, *times)));
        let followed = followed.collect::<Result<_, ReadError>>()?;
        let sum = Sum { kept: self.kept, broken: self.broken, followed };
        Ok(CheckResult { check: check(&self.check)?, sum })
    }
}

impl Scenario {
    fn result(self) -> Result<ScenarioResult, ReadError> {
        let reason = self.reason.unwrap_or_default();
        let fates = [
            Fate::Completed,
            Fate::Skipped(reason.clone()),
            Fate::Unfinished(reason),
            Fate::NotStarted,
        ];
        let steps = self.skipped_steps.into_iter();
        Ok(ScenarioResult {
            fate: found("outcome", &self.outcome, fates.into_iter(), |fate| fate.as_str())?,
            name: self.name,
            title: self.title,
            exchanges: self.exchanges,
            // Only the totals tell.
            uploads: 0,
            took: Duration::from_millis(self.took_ms),
            skipped_steps: steps.map(|step| (step.line.unwrap_or(0), step.reason)).collect(),
        })
    }
}

impl Finding {
    fn result(self) -> Result<FindingResult, ReadError> {
        Ok(FindingResult {
            check: check(&self.check)?,
            clause: self.clause.as_deref().map(clause).transpose()?,
            outcome: Outcome::Broken,
            reading: self.reading.as_deref().map(reading).transpose()?,
            situation: self.situation,
            scenario: self.scenario,
            line: self.line.unwrap_or(0),
            exchange: self.exchange,
            expected: self.expected,
            actual: self.actual,
            more: self.more,
            proof: self.proof,
            replay: self.replay,
        })
    }
}

impl CauseInFront {
    fn cause(self) -> Cause {
        Cause { kind: self.kind.into(), seen: self.seen, advice: self.advice.into() }
    }
}

//! A kill matrix that was written as JSON, read back so that it can be shown in another way.

use std::{collections::BTreeSet, time::Duration};

use bits_judge::checks;
use bits_server::fault::Fault;
use serde::Deserialize;

use super::{Fortune, Matrix, Row, Trial, dialect_of, truth};

/// Why a text is no kill matrix of this version.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is no JSON, or has another form.
    #[error("not a kill matrix: {0}")]
    Form(#[from] serde_json::Error),
    /// It was written by a version that counts otherwise.
    #[error("a kill matrix of schema version {0}, and this program reads 1")]
    Version(u32),
    /// It names what this version does not have.
    #[error("no {0} is called `{1}` here")]
    Unknown(&'static str, String),
}

#[derive(Deserialize)]
struct Document {
    schema_version: u32,
    checks: usize,
    complaints: Vec<String>,
    faults: Vec<OneFault>,
    untripped: Vec<OneCheck>,
}

#[derive(Deserialize)]
struct OneFault {
    fault: String,
    fortune: String,
    found_by: Vec<String>,
    #[serde(default)]
    consequences: Vec<String>,
    #[serde(default)]
    readings: BTreeSet<String>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    surplus: Vec<String>,
    scenario: Option<String>,
    steps: Option<usize>,
    #[serde(default)]
    unfinished: Vec<String>,
}

#[derive(Deserialize)]
struct OneCheck {
    check: String,
}

/// Reads what [`super::json`] wrote. Times are not in it.
///
/// # Errors
///
/// If it is something else, or names faults or checks that this version does not have.
pub fn read(text: &str) -> Result<Matrix, RecordError> {
    let document: Document = serde_json::from_str(text)?;
    if document.schema_version != 1 {
        return Err(RecordError::Version(document.schema_version));
    }
    let rows = document.faults.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let untripped = document.untripped.iter().map(|one| {
        let check = check(&one.check)?;
        Ok((check, truth::never(check)))
    });
    Ok(Matrix {
        whole: rows.len() == Fault::ALL.len(),
        untripped: untripped.collect::<Result<_, RecordError>>()?,
        rows,
        complaints: document.complaints,
        checks: document.checks,
        took: Duration::ZERO,
    })
}

fn row(one: OneFault) -> Result<Row, RecordError> {
    let fault: Fault =
        one.fault.parse().map_err(|_| RecordError::Unknown("fault", one.fault.clone()))?;
    let fortune = match one.fortune.as_str() {
        "killed" => Fortune::Killed,
        "survived" => Fortune::Survived,
        "misnamed" => {
            Fortune::Misnamed { missing: checks(&one.missing)?, surplus: checks(&one.surplus)? }
        }
        _ => return Err(RecordError::Unknown("fortune", one.fortune)),
    };
    let red: BTreeSet<_> = checks(&one.found_by)?.into_iter().collect();
    let trial = Trial {
        tripped: red.iter().copied().chain(checks(&one.consequences)?).collect(),
        red,
        shifted: one.readings,
        first: one.scenario.zip(one.steps),
        unfinished: one.unfinished,
        took: Duration::ZERO,
    };
    Ok(Row { fault, dialect: dialect_of(fault), fortune, trial })
}

fn checks(names: &[String]) -> Result<Vec<&'static str>, RecordError> {
    names.iter().map(|name| check(name)).collect()
}

fn check(name: &str) -> Result<&'static str, RecordError> {
    let known = checks::named(name).map(|check| check.name);
    known.ok_or_else(|| RecordError::Unknown("check", name.to_owned()))
}

//! The kill matrix as JSON. No times are in it, so that two runs can be compared to the byte.

use serde::Serialize;

use super::{Fortune, Matrix, Row, truth};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    sound: bool,
    killed: usize,
    survived: usize,
    misnamed: usize,
    checks: usize,
    complaints: &'a [String],
    faults: Vec<OneFault<'a>>,
    untripped: Vec<OneCheck<'a>>,
}

#[derive(Serialize)]
struct OneFault<'a> {
    fault: &'a str,
    title: &'a str,
    clause: &'a str,
    dialect: &'a str,
    fortune: &'a str,
    found_by: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    readings: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    surplus: Vec<&'a str>,
    scenario: Option<&'a str>,
    steps: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unfinished: Vec<&'a str>,
}

#[derive(Serialize)]
struct OneCheck<'a> {
    check: &'a str,
    reason: Option<&'a str>,
}

/// Renders the matrix as one document.
#[must_use]
pub fn render(matrix: &Matrix) -> String {
    let document = Document {
        schema_version: 1,
        sound: matrix.is_sound(),
        killed: matrix.count("killed"),
        survived: matrix.count("survived"),
        misnamed: matrix.count("misnamed"),
        checks: matrix.checks,
        complaints: &matrix.complaints,
        faults: matrix.rows.iter().map(one).collect(),
        untripped: matrix
            .untripped
            .iter()
            .map(|(check, reason)| OneCheck { check, reason: *reason })
            .collect(),
    };
    let mut text =
        serde_json::to_string_pretty(&document).expect("text, numbers and lists are always JSON");
    text.push('\n');
    text
}

fn one(row: &Row) -> OneFault<'_> {
    let (missing, surplus) = match &row.fortune {
        Fortune::Misnamed { missing, surplus } => (missing.clone(), surplus.clone()),
        _ => (vec![], vec![]),
    };
    let greys = truth::of(row.fault).greys.iter().copied();
    let readings = row.trial.shifted.iter().map(String::as_str);
    OneFault {
        fault: row.fault.name(),
        title: row.fault.title(),
        clause: row.fault.clause(),
        dialect: row.dialect.as_str(),
        fortune: row.fortune.as_str(),
        found_by: row.trial.red.iter().copied().collect(),
        // The others come and go with the order of the answers.
        consequences: greys.filter(|check| row.trial.tripped.contains(check)).collect(),
        // Where checks are red, other readings are what comes along with it.
        readings: readings.filter(|_| row.trial.red.is_empty()).collect(),
        missing,
        surplus,
        scenario: row.trial.first.as_ref().map(|(scenario, _)| scenario.as_str()),
        steps: row.trial.first.as_ref().map(|(_, at)| *at),
        unfinished: row.trial.unfinished.iter().map(String::as_str).collect(),
    }
}

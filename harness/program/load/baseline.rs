//! Compares what was measured with what was measured before.

use serde::{Deserialize, Serialize};

use super::{
    figures::{CellFigures, Figures, SCHEMA_VERSION},
    work::{Cell, Pace},
};

/// A figure that is worse than it was, by more than is allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slower {
    /// The combination.
    #[serde(flatten)]
    pub cell: Cell,
    /// The name of the figure.
    pub figure: String,
    /// What it was.
    pub was: f64,
    /// What it is.
    pub is: f64,
    /// How good it is, one being as good as it was.
    pub ratio: f64,
}

/// Why a file is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// Not a report of `bench`.
    #[error("it is no JSON report of `bench`: {0}")]
    Form(#[from] serde_json::Error),
    /// Of another version.
    #[error("its schema_version is {0}, and this program reads {SCHEMA_VERSION}")]
    Version(u64),
    /// Nothing in common.
    #[error("it has none of the combinations that are to be measured, paced in this way")]
    Nothing,
}

/// Reads a baseline, which must have one of these cells at least.
///
/// # Errors
///
/// For anything else.
pub fn read(text: &str, cells: &[Cell], pace: Pace) -> Result<Figures, BaselineError> {
    let document: serde_json::Value = serde_json::from_str(text)?;
    if let Some(version) =
        document["schema_version"].as_u64().filter(|it| *it != u64::from(SCHEMA_VERSION))
    {
        return Err(BaselineError::Version(version));
    }
    let figures: Figures = serde_json::from_value(document)?;
    let shared = figures.cells.iter().any(|old| cells.contains(&old.cell));
    if figures.pace != pace || !shared {
        return Err(BaselineError::Nothing);
    }
    Ok(figures)
}

/// How many figures could be compared, and which of them are less than `threshold` of what they were.
#[must_use]
pub fn compare(old: &Figures, cells: &[CellFigures], threshold: f64) -> (usize, Vec<Slower>) {
    let mut compared = 0;
    let mut slower = Vec::new();
    for new in cells {
        let Some(old) = old.cells.iter().find(|old| old.cell == new.cell) else { continue };
        for (figure, was, is, ratio) in ratios(old, new) {
            compared += 1;
            if ratio < threshold {
                slower.push(Slower { cell: new.cell, figure, was, is, ratio });
            }
        }
    }
    (compared, slower)
}

/// The figures that both have: rates, where more is better, and latencies, where less is.
fn ratios(old: &CellFigures, new: &CellFigures) -> Vec<(String, f64, f64, f64)> {
    let rates = [
        ("bytes per second", old.rates.bytes, new.rates.bytes),
        ("fragments per second", old.rates.fragments, new.rates.fragments),
        ("sessions per second", old.rates.sessions, new.rates.sessions),
    ];
    let rates = rates.into_iter().filter(|(_, was, _)| *was > 0.0);
    let mut all: Vec<_> =
        rates.map(|(name, was, is)| (name.to_owned(), was, is, is / was)).collect();
    for name in ["create_session", "fragment", "close_session", "published"] {
        let (Some(was), Some(is)) = (old.latencies.get(name), new.latencies.get(name)) else {
            continue;
        };
        for (part, was, is) in [("p50", was.p50, is.p50), ("p99", was.p99, is.p99)] {
            // The tail of a few is an accident.
            if part == "p50" || old.latencies[name].count.min(new.latencies[name].count) >= 1000 {
                let ratio = if is > 0.0 { was / is } else { 1.0 };
                all.push((format!("{name} {part} in µs"), was, is, ratio));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::report::sample;

    #[test]
    fn what_is_as_good_as_before_is_no_breach() {
        let old = sample::figures();
        let (compared, slower) = compare(&old, &old.cells, 0.99);
        assert!(compared > 3);
        assert_eq!(slower, []);
    }

    #[test]
    fn rates_may_not_fall_and_latencies_may_not_rise() {
        let old = sample::figures();
        let mut new = old.cells.clone();
        new[0].rates.bytes *= 0.8;
        new[0].latencies.get_mut("fragment").unwrap().p99 *= 2.0;
        let names = |threshold| {
            let (_, slower) = compare(&old, &new, threshold);
            slower.into_iter().map(|one| one.figure).collect::<Vec<_>>()
        };
        assert_eq!(names(0.9), ["bytes per second", "fragment p99 in µs"]);
        assert_eq!(names(0.7), ["fragment p99 in µs"]);
        assert!(names(0.4).is_empty());
    }

    #[test]
    fn a_file_that_is_no_baseline_says_why() {
        let figures = sample::figures();
        let text = serde_json::to_string(&figures).unwrap();
        let cells: Vec<_> = figures.cells.iter().map(|it| it.cell).collect();
        assert_eq!(read(&text, &cells, figures.pace).unwrap(), figures);
        let told =
            |text: &str, cells: &[Cell]| read(text, cells, figures.pace).unwrap_err().to_string();
        assert!(told("{", &cells).contains("no JSON report"));
        assert!(told("{}", &cells).contains("schema_version"));
        assert!(told("{\"schema_version\": 9}", &cells).contains("is 9"));
        assert!(told(&text, &[]).contains("none of the combinations"));
    }
}

//! The kill matrix as a table.

use std::fmt::Write as _;

use super::{Fortune, Matrix, Row};

/// Renders the matrix for a terminal or a file.
#[must_use]
pub fn render(matrix: &Matrix) -> String {
    let widest = |cell: fn(&Row) -> usize, least: usize| {
        matrix.rows.iter().map(cell).max().unwrap_or_default().max(least)
    };
    let fault = widest(|row| row.fault.name().len(), 5);
    let clause = widest(|row| row.fault.clause().len(), 6);
    let mut text = format!("{:fault$}  {:clause$}  steps    time  found by\n", "fault", "clause");
    for row in &matrix.rows {
        let steps = row.trial.first.as_ref().map_or_else(String::new, |(_, at)| at.to_string());
        let (name, id) = (row.fault.name(), row.fault.clause());
        _ = writeln!(
            text,
            "{name:fault$}  {id:clause$}  {steps:>5}  {:>6}  {}",
            seconds(row).map_or_else(String::new, |seconds| format!("{seconds:.1} s")),
            found(row)
        );
        for reason in &row.trial.unfinished {
            _ = writeln!(text, "  not carried out to its end: {reason}");
        }
    }
    text.push_str(&ending(matrix));
    text
}

/// How long the run with a fault took, in seconds; nothing if that is not known, as of a matrix that was recorded.
pub(super) fn seconds(row: &Row) -> Option<f64> {
    Some(row.trial.took.as_secs_f64()).filter(|seconds| *seconds > 0.0)
}

/// What found a fault, or what is wrong.
pub(super) fn found(row: &Row) -> String {
    let list = |names: &[&str]| names.join(", ");
    match &row.fortune {
        Fortune::Killed if row.trial.red.is_empty() => {
            let shifted: Vec<_> = row.trial.shifted.iter().cloned().collect();
            format!("reading {}", shifted.join(", "))
        }
        Fortune::Killed => list(&row.trial.red.iter().copied().collect::<Vec<_>>()),
        Fortune::Survived if row.trial.shifted.is_empty() => "SURVIVED".into(),
        Fortune::Survived => {
            let shifted: Vec<_> = row.trial.shifted.iter().cloned().collect();
            format!("SURVIVED, readings {}", shifted.join(", "))
        }
        Fortune::Misnamed { missing, surplus } => {
            let part = |word: &str, names: &[&str]| match names {
                [] => String::new(),
                names => format!("; {word} {}", list(names)),
            };
            format!("MISNAMED{}{}", part("missing", missing), part("surplus", surplus))
        }
    }
}

/// The sums, and whatever is wrong with the harness itself.
pub(super) fn ending(matrix: &Matrix) -> String {
    let mut text = String::new();
    for complaint in &matrix.complaints {
        _ = writeln!(text, "\nwrong: {complaint}");
    }
    if !matrix.untripped.is_empty() {
        text.push_str("\nchecks that no fault trips\n");
    }
    for (check, reason) in &matrix.untripped {
        _ = writeln!(text, "  {check}: {}", reason.unwrap_or("NO REASON IS GIVEN"));
    }
    let tripped = matrix.checks - matrix.untripped.len();
    let [killed, survived, misnamed] =
        ["killed", "survived", "misnamed"].map(|word| matrix.count(word));
    _ = write!(
        text,
        "\nfaults {killed} killed · {survived} survived · {misnamed} misnamed = {}\n",
        matrix.rows.len()
    );
    if matrix.whole {
        _ = writeln!(text, "checks {tripped} tripped by some fault of {}", matrix.checks);
    }
    text
}

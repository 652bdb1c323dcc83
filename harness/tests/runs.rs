//! Runs of the real program against its embedded server, for tests of what comes out.

use std::process::Command;

/// What a run came to.
pub(crate) struct Run {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// The clauses that came out as anything but kept, restated, unchecked or not called for, and how.
    pub(crate) red: Vec<(String, String)>,
}

impl Run {
    /// A run with these options.
    pub(crate) fn of(options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bitscheck"));
        let output =
            command.arg("run").args(options).args(["--report", "json=-"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let report: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr))
        });
        let is_red = |outcome: &str| matches!(outcome, "broken" | "warning" | "deviation" | "note");
        let clauses = report["clauses"].as_array().unwrap().iter();
        let word = |clause: &serde_json::Value, key: &str| clause[key].as_str().unwrap().to_owned();
        let red = clauses
            .map(|clause| (word(clause, "id"), word(clause, "outcome")))
            .filter(|(_, outcome)| is_red(outcome));
        Self { code: output.status.code(), red: red.collect() }
    }
}

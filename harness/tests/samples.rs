//! Do the reports read as the samples do?
//!
//! The samples are made from recorded transcripts, so that nothing in them depends on a clock or a port.
//! `UPDATE_EXPECT=1` rewrites them.

use std::{fs, path::Path, process::Command};

/// A sample: its name, the transcripts that it is made of, and the exit code.
const SAMPLES: &[(&str, i32)] = &[("reference", 0), ("wrong-next-offset", 1), ("lost-cancel", 1)];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn judged(sample: &str, format: &str, exit: i32) -> String {
    let folder = root().join("reports/samples").join(sample);
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".transcript"))
        .map(|name| format!("reports/samples/{sample}/{name}"))
        .collect();
    names.sort();
    assert!(names.len() > 3, "{sample} has its transcripts");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bitscheck"));
    let output = command
        .current_dir(root())
        .arg("judge")
        .args(names)
        .args(["--color", "never", "--report", &format!("{format}=-")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(exit), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The recorded kill matrix in this format.
fn matrix(format: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bitscheck"));
    let recorded = ["selftest", "--recorded", "reports/samples/selftest.json", "--format", format];
    let output = command.current_dir(root()).args(recorded).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn compare(format: &str, extension: &str) {
    for (sample, exit) in SAMPLES {
        let path = root().join("reports/samples").join(sample).join(format!("report.{extension}"));
        let text = judged(sample, format, *exit);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        let wanted = wanted.replace("\r\n", "\n");
        assert!(text == wanted, "{} differs; UPDATE_EXPECT=1 rewrites it\n{text}", path.display());
    }
}

#[test]
fn the_text_reads_as_the_samples_do() {
    compare("text", "txt");
}

#[test]
fn the_json_reads_as_the_samples_do_and_keeps_to_its_schema() {
    compare("json", "json");
    let schema = fs::read_to_string(root().join("reports/schema/report-v1.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for (sample, _) in SAMPLES {
        let text =
            fs::read_to_string(root().join("reports/samples").join(sample).join("report.json"))
                .unwrap();
        let report = serde_json::from_str(&text).unwrap();
        let problems: Vec<String> =
            schema.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(problems, [""; 0], "{sample}");
    }
}

#[test]
fn the_junit_reads_as_the_samples_do() {
    compare("junit", "xml");
}

/// The JSON is what a run printed; `.ci/run` compares it with what a run prints now. Here it is printed once more, and in
/// the other two ways.
#[test]
fn the_kill_matrix_reads_as_the_samples_do() {
    for (format, extension) in [("json", "json"), ("text", "txt"), ("html", "html")] {
        let path = root().join("reports/samples/selftest").with_extension(extension);
        let text = matrix(format);
        if std::env::var_os("UPDATE_EXPECT").is_some() && format != "json" {
            fs::write(&path, &text).unwrap();
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(text == wanted, "{} differs; UPDATE_EXPECT=1 rewrites it\n{text}", path.display());
    }
}

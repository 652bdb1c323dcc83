//! What a run keeps when something cannot be written: everything else.

use std::fs;

use super::cli::{bitscheck, code, stderr, stdout};

/// A device that is always full, where there is one.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let [json, text] = [format!("json={}", path("ok.json")), format!("text={}", path("ok.txt"))];
    let reports = ["--report", "junit=/dev/full", "--report", &json, "--report", &text];
    let output = bitscheck(&[&["run", "--select", "ping/*"], &reports[..]].concat());
    assert_eq!(code(&output), 70, "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write the report /dev/full"), "{}", stderr(&output));
    assert!(fs::read_to_string(path("ok.json")).unwrap().contains("\"schema_version\""));
    assert!(fs::read_to_string(path("ok.txt")).unwrap().contains("clauses"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "and nothing is left half");
}

#[test]
fn findings_that_cannot_be_written_take_no_report_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let findings = file.join("findings");
    let what = ["run", "--random", "40", "--seed", "5", "--fault", "close/has-body"];
    let output = bitscheck(&[&what[..], &["--findings", findings.to_str().unwrap()]].concat());
    assert_eq!(code(&output), 70, "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write a finding to"), "{}", stderr(&output));
    assert!(stdout(&output).contains("BROKEN"), "{}", stdout(&output));
}

#[test]
fn transcripts_that_cannot_be_written_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--select", "ping/*", "--seed", "5", "--transcripts"];
    let run = || bitscheck(&[&["run"], &options[..], &[folder.path().to_str().unwrap()]].concat());
    assert_eq!(code(&run()), 0);
    let kept: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    assert!(kept.len() > 1, "{kept:?}");
    for path in &kept {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }
    let output = run();
    assert_eq!(code(&output), 70, "{}", stderr(&output));
    assert_eq!(stderr(&output).matches("cannot write").count(), 1, "{}", stderr(&output));
    assert!(stdout(&output).contains("clauses"), "{}", stdout(&output));
}

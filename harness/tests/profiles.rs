//! Does the reference server keep each dialect in the profile of its name, and differ from the others where the texts do?

use crate::runs::Run;

fn whole(profile: &str) {
    let run = Run::of(&["--profile", profile, "--dialect", profile]);
    assert_eq!((run.code, run.red), (Some(0), vec![]), "{profile}");
}

/// The clauses that come out as something else than kept when a server of this profile is judged by the strict reading.
fn against_strict(profile: &str) -> Vec<(String, String)> {
    // What waits shows nothing of the profiles.
    let themes = [
        "errors",
        "fragment",
        "session",
        "close-session",
        "cancel-session",
        "ping",
        "create-session",
    ];
    let patterns = themes.map(|theme| format!("{theme}/*"));
    let selection = patterns.iter().flat_map(|pattern| ["--select", pattern.as_str()]);
    let mut options = vec!["--profile", profile, "--dialect", "strict"];
    options.extend(selection);
    Run::of(&options).red
}

fn list(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut rows: Vec<_> = rows
        .iter()
        .map(|(clause, outcome)| ((*clause).to_owned(), (*outcome).to_owned()))
        .collect();
    rows.sort();
    rows
}

fn sorted(mut rows: Vec<(String, String)>) -> Vec<(String, String)> {
    rows.sort();
    rows
}

#[test]
fn the_profile_of_mc_bup_keeps_its_dialect() {
    whole("mc-bup");
}

#[test]
fn the_profile_of_w32_keeps_its_dialect() {
    whole("w32");
}

#[test]
fn the_profile_of_iis6_keeps_its_dialect() {
    whole("iis6");
}

#[test]
fn the_profile_of_iis7_keeps_its_dialect() {
    whole("iis7");
}

#[test]
fn the_older_reference_differs_in_error_header_overlap_and_conflict() {
    let wanted = [
        ("BUP-2.2.1.2-17", "deviation"),
        ("BUP-2.2.3.2-13", "deviation"),
        ("BUP-2.2.5.2-02", "deviation"),
        ("BUP-2.2.7.2-03", "deviation"),
        ("BUP-2.2.9.2-03", "deviation"),
        ("BUP-2.2.11.2-03", "deviation"),
        ("BUP-3.2.5.2.6-01", "deviation"),
    ];
    assert_eq!(sorted(against_strict("w32")), list(&wanted));
}

#[test]
fn iis_6_differs_in_session_ids_overlap_and_missing_lengths() {
    let wanted = [
        ("BUP-2.2.7.2-02", "broken"),
        ("BUP-2.2.9.2-02", "broken"),
        ("BUP-2.2.11.2-02", "broken"),
        ("BUP-3.2.5.2.3-06", "deviation"),
        ("BUP-3.2.5.2.6-01", "deviation"),
    ];
    assert_eq!(sorted(against_strict("iis6")), list(&wanted));
}

#[test]
fn iis_7_differs_in_disabled_directories_overlap_and_missing_lengths() {
    let wanted = [
        ("BUP-2.2.1.2-19", "deviation"),
        ("BUP-3.2.5.2.3-06", "deviation"),
        ("BUP-3.2.5.2.6-01", "deviation"),
    ];
    assert_eq!(sorted(against_strict("iis7")), list(&wanted));
}

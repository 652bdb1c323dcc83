//! Does each of these faults turn just its clause red, through real sockets and the real program?
//!
//! The whole catalogue is tried by `bitscheck run --fault NAME`; here stand those that every harness must find.

use std::process::Command;

use bits_server::fault::Fault;

use crate::runs::Run;

/// The exit code of a run against a server with this fault, and the clauses that it turns red.
fn red(fault: &str) -> (Option<i32>, Vec<String>) {
    let Run { code, red } = Run::of(&["--fault", fault]);
    (code, red.into_iter().map(|(clause, _)| clause).collect())
}

fn turns_red(fault: &str, clause: &str) {
    assert_eq!(red(fault), (Some(1), vec![clause.to_owned()]), "{fault}");
    assert_eq!(fault.parse::<Fault>().unwrap().clause(), clause);
}

#[test]
fn a_wrong_next_offset_turns_its_clause_red() {
    turns_red("fragment/next-offset-off-by-one", "BUP-2.2.7.2-07");
}

#[test]
fn a_missing_session_id_turns_its_clause_red() {
    turns_red("fragment/omits-session-id", "BUP-2.2.7.2-02");
}

#[test]
fn success_for_an_unknown_session_turns_its_clause_red() {
    turns_red("session/unknown-is-200", "BUP-2.2.1.2-15");
}

#[test]
fn an_accepted_gap_turns_its_clause_red() {
    turns_red("fragment/accepts-gap", "BUP-3.2.5.2.6-01");
}

#[test]
fn publishing_before_the_close_turns_its_clause_red() {
    turns_red("publish/before-close", "BUP-3.2.5.2.7-01");
}

#[test]
fn keeping_data_after_a_cancel_turns_its_clause_red() {
    turns_red("cancel/keeps-data", "BUP-3.2.5.2.8-01");
}

#[test]
fn a_file_replaced_against_the_setting_turns_its_clause_red() {
    turns_red("create/ignores-overwrite-setting", "BUP-3.2.1.1-10");
}

#[test]
fn merged_ranges_turn_their_clause_red() {
    turns_red("download/merges-parts", "BUP-3.5.5.1-05");
}

#[test]
fn a_time_stamp_that_a_replacement_does_not_change_turns_its_clause_red() {
    turns_red("download/keeps-last-modified", "BUP-3.5.4.1-02");
}

#[test]
fn an_if_range_that_is_ignored_turns_its_clause_red() {
    turns_red("download/ignores-if-range", "BUP-3.5.5-01");
}

#[test]
fn each_fault_of_the_named_host_turns_its_clause_red_in_the_older_dialect_as_well() {
    for (fault, code, clause) in [
        ("host-id/omitted", 1, "BUP-2.2.3.2-05"),
        // The text that demands the timeout calls it optional, too: a deviation, which is no failure.
        ("host-id/timeout-omitted", 0, "BUP-2.2.3.2-07"),
        ("host-id/is-url", 1, "BUP-2.2.3.2-04"),
        ("host-id/other", 1, "BUP-3.2.1.1-09"),
        ("create/names-host", 1, "BUP-2.2.3.2-06"),
        ("create/names-host-timeout", 1, "BUP-2.2.3.2-08"),
    ] {
        for dialect in ["strict", "w32"] {
            let run = Run::of(&["--fault", fault, "--dialect", dialect, "--select", "host-id/*"]);
            let red: Vec<_> = run.red.into_iter().map(|(clause, _)| clause).collect();
            assert_eq!((run.code, red), (Some(code), vec![clause.to_owned()]), "{fault} {dialect}");
            assert_eq!(fault.parse::<Fault>().unwrap().clause(), clause);
        }
    }
}

#[test]
fn a_named_host_that_is_left_out_is_a_warning_where_the_duty_is_read_as_a_should() {
    let options = ["--fault", "host-id/omitted", "--dialect", "mc-bup", "--select", "host-id/*"];
    let Run { code, red } = Run::of(&options);
    assert_eq!((code, red), (Some(0), vec![("BUP-3.2.5.2.4-06".into(), "warning".into())]));
}

#[test]
fn a_clean_server_has_nothing_red() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bitscheck"));
    let output = command.args(["run", "--report", "json=-"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"], serde_json::json!([]));
    assert_eq!(output.status.code(), Some(0));
}

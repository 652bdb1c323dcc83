//! Seeded faults and seeded sessions, through the real program.

use bits_judge::{
    model::{plan, session},
    plan::{Action, Delivery, DirectoryRole, Step},
};
use serde_json::Value;

use super::cli::{bitscheck, code, outcomes, report, stderr, stdout};

#[test]
fn random_sessions_are_the_same_for_a_seed_and_what_they_find_can_be_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let findings = folder.path().to_str().unwrap();
    let last_line = |jobs: &str| {
        let output = bitscheck(&[
            "run",
            "--random",
            "40",
            "--seed",
            "5",
            "-j",
            jobs,
            "--findings",
            findings,
        ]);
        assert_eq!(code(&output), 0, "{}", stdout(&output));
        stderr(&output).lines().last().unwrap_or_default().to_owned()
    };
    let requests = |line: &str| line.split_once("seed ").unwrap().1.to_owned();
    let completed = |line: &str| {
        let (_, rest) = line.split_once("random sessions: 40 · ").unwrap();
        rest.split_once(" completed").unwrap().0.parse::<u32>().unwrap()
    };
    let (one, eight) = (last_line("1"), last_line("8"));
    assert_eq!(requests(&one), requests(&eight));
    // Clients meet in one of them; whether its close was due depends on who was first.
    for line in [one, eight] {
        assert!((16..=17).contains(&completed(&line)), "{line}");
    }
    let fault = ["--fault", "close/has-body"];
    let found =
        [&["run", "--random", "40", "--seed", "5", "--findings", findings], &fault[..]].concat();
    let found = bitscheck(&found);
    assert_eq!(code(&found), 1);
    assert!(stderr(&found).contains("→ 2 steps"), "{}", stderr(&found));
    let again = ["run", "--scenarios", findings, "--select", "*no-body*", "--report", "json=-"];
    let again = bitscheck(&[&again[..], &fault].concat());
    let broken = [("BUP-2.2.9.3-01".to_owned(), "broken".to_owned())];
    let outcomes: Vec<_> =
        outcomes(&report(&again)).into_iter().filter(|(_, outcome)| outcome == "broken").collect();
    assert_eq!(outcomes, broken, "{}", stderr(&again));
}

#[test]
fn what_random_sessions_find_of_a_fault_is_made_small_and_shows_it_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let findings = folder.path().to_str().unwrap();
    let fault = "download/several-ranges-are-200";
    let what = ["selftest", "--random", "400", "--seed", "5", "--fault", fault];
    let output = bitscheck(&[&what[..], &["--findings", findings]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("multirange/served · ") && told.contains("20 of 20"), "{told}");
    assert!(told.contains("→ 4 steps"), "an upload and the download: {told}");
    assert!(told.contains("1 written: 1 deterministic, 1 of them"), "{told}");
    let own = folder.path().join("download-several-ranges-are-200");
    assert!(own.read_dir().unwrap().next().is_some());
}

/// The report of a run without what differs from one time to the next.
fn timeless(mut report: Value) -> Value {
    let map = report.as_object_mut().unwrap();
    map.remove("took_ms");
    map.remove("target");
    report
}

/// Whether a session of seed 40 comes to the same however busy the machine is: nobody meets, nothing is cut, nothing
/// has to be done in time, and no disk is shared with others.
fn is_always_the_same(case: u64) -> bool {
    let plan = plan("random/x", &session(0x40, case));
    let quiet = |step: &Step| match &step.action {
        Action::Send(send) => send.delivery == Delivery::default(),
        action => matches!(action, Action::DeleteEntity { .. }),
    };
    use DirectoryRole::{Accounts, HostId, NoOverwrite, Overwrite, Plain};
    let calm = [Plain, Overwrite, NoOverwrite, HostId, Accounts];
    calm.contains(&plan.role) && plan.steps.iter().all(|step| step.lane == 0 && quiet(step))
}

#[test]
fn shards_merged_in_any_order_are_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let quiet = (0..400).filter(|case| is_always_the_same(*case));
    let sessions: Vec<String> = quiet.map(|case| format!("random/{case:06}")).collect();
    let chosen: Vec<&str> = sessions.iter().flat_map(|name| ["--select", name]).collect();
    assert!(sessions.len() > 60, "{sessions:?}");
    let run = |arguments: &[&str]| {
        let what = ["run", "--random", "400", "--seed", "40", "--fault", "close/has-body"];
        let findings = path("findings");
        let files = ["--findings", &findings, "--report", "json=-"];
        let output = bitscheck(&[&what[..], &chosen, &files, arguments].concat());
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        report(&output)
    };
    let whole = run(&[]);
    let shards: Vec<String> = (1..=4)
        .map(|number| {
            let file = path(&format!("{number}.json"));
            let shard = run(&["--shard", &format!("{number}/4")]);
            std::fs::write(&file, shard.to_string()).unwrap();
            file
        })
        .collect();
    for order in [[0, 1, 2, 3], [3, 1, 0, 2]] {
        let files = order.map(|at: usize| shards[at].as_str());
        let merged = bitscheck(&[&["report", "merge", "--report", "json=-"], &files[..]].concat());
        assert_eq!(code(&merged), 1, "{}", stderr(&merged));
        let mut merged = timeless(report(&merged));
        let mut whole = timeless(whole.clone());
        for findings in [&mut merged, &mut whole].map(|it| it["findings"].as_array_mut().unwrap()) {
            for finding in findings {
                // Proofs hold the names of files, and replays the shard.
                for key in ["proof", "replay"] {
                    finding.as_object_mut().unwrap().remove(key);
                }
            }
        }
        for (key, value) in whole.as_object().unwrap() {
            assert_eq!(&merged[key], value, "{key}");
        }
        assert_eq!(merged, whole);
    }
    let twice = bitscheck(&["report", "merge", &shards[0], &shards[1], &shards[0]]);
    assert_eq!(code(&twice), 2);
    let told = "number 1 and number 3 are of the same sessions";
    assert!(stderr(&twice).contains(told), "{}", stderr(&twice));
    let other = bitscheck(&["report", "merge", &shards[0], "Cargo.toml"]);
    assert_eq!(code(&other), 2);
    assert!(stderr(&other).contains("Cargo.toml: no report of a run"), "{}", stderr(&other));
}

#[test]
fn seeded_faults_are_found_and_the_matrix_says_by_what() {
    let matrix = |arguments: &[&str]| {
        let output = bitscheck(&[&["selftest", "--format", "json"], arguments].concat());
        (code(&output), serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default())
    };
    let (code, cancels) = matrix(&["--fault", "cancel/is-*"]);
    assert_eq!(code, 0, "{cancels}");
    assert_eq!(cancels["faults"][0]["found_by"][0], "cancel-session/succeeds");
    assert_eq!(matrix(&["--fault", "no/such"]).0, 4);
    assert_eq!(matrix(&["--output", "/no/such/folder/matrix.json"]).0, 70);
}

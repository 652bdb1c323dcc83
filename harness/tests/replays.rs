//! Does the command that a report gives with a finding show it again?

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use super::cli::{PROGRAM, Server, bitscheck, code, stderr, stdout};

/// The commands of the replays in a report on a terminal.
fn replays(output: &Output) -> Vec<String> {
    let text = stdout(output);
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("replay  "));
    lines.map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn a_replay_is_the_run_again_whatever_it_was_given() {
    let server = Server::start(&["--all-roles", "--fault", "fragment/accepts-gap"]);
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("it's mine {}.yaml");
    fs::write(
        &own,
        "title: x\nfile: { size: 20 }\nsteps:\n  - create-session\n  - fragment: 10-19\n  - cancel-session\n",
    )
    .unwrap();
    let url = format!("{}plain/", server.url);
    let name = own.to_str().unwrap();
    let arguments = ["run", &url, "--scenarios", name, "--select", name, "--dialect", "w32"];
    let more = ["--transport", "http", "--session-store", "a b", "--timeout", "7.5", "--insecure"];
    let rest = ["--read-back", "no", "--role", "overwrite=/$x/"];
    let first = bitscheck(&[&arguments[..], &more, &rest].concat());
    assert_eq!(code(&first), 1, "{}{}", stdout(&first), stderr(&first));
    let told = replays(&first);
    let quoted = format!("'{}'", name.replace('\'', "'\\''"));
    let command = format!(
        "bitscheck run {url} --scenarios {quoted} --dialect w32 --transport http --timeout 7.5 \
         --role 'overwrite=/$x/' --read-back no --session-store 'a b' --insecure --select {quoted}"
    );
    assert_eq!(told.first(), Some(&command), "{}", stdout(&first));
    let path = Path::new(PROGRAM).parent().unwrap();
    let again = Command::new("/bin/sh").args(["-c", &command]).env("PATH", path).output().unwrap();
    assert_eq!((code(&again), replays(&again)), (1, told), "{}", stderr(&again));
}

#[test]
fn a_transcript_is_judged_again_in_the_dialect_that_counted() {
    let folder = tempfile::tempdir().unwrap();
    let transcripts = folder.path().join("a b");
    let run = ["run", "--select", "fragment/gap", "--fault", "fragment/accepts-gap"];
    let record =
        ["--seed", "5eed", "--dialect", "w32", "--transcripts", transcripts.to_str().unwrap()];
    let first = bitscheck(&[&run[..], &record].concat());
    let told = "replay  bitscheck run --fault fragment/accepts-gap --dialect w32 --seed 5eed --select 'fragment/gap'";
    assert!(stdout(&first).contains(told), "{}", stdout(&first));
    let path = transcripts.join("fragment.gap.txt").display().to_string();
    let again = bitscheck(&["judge", &path, "--dialect", "w32"]);
    assert_eq!(replays(&again)[0], format!("bitscheck judge --dialect w32 '{path}'"));
}

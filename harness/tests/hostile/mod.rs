//! Does the program come to an end, and to no pass, whatever answers it?

mod listener;
mod table;
mod trial;

use std::{collections::BTreeSet, fs, path::Path, sync::Mutex, thread};

use serde_json::Value;
use tokio::runtime::Runtime;

use self::{
    listener::{Deed, Reads, Since, Then, listen},
    trial::{Ended, run},
};

/// The most memory that a run may take, in KiB.
const MOST_MEMORY: u64 = 200 << 10;

/// How many runs are under way at once.
const LANES: usize = 16;

/// How long the program waits for an answer, in seconds.
const TIMEOUT: &str = "0.5";

/// What is wrong with a run, whatever it was for.
fn trouble(ended: &Ended) -> Option<String> {
    let told = format!("{}{}", ended.stdout, ended.stderr);
    match ended.code {
        None => Some(format!("it did not end in {:?}", ended.took)),
        Some(1 | 3 | 5) if ended.stderr.contains("panicked") => Some("it panicked".into()),
        Some(1 | 3 | 5) if ended.peak > MOST_MEMORY => Some(format!("it took {} KiB", ended.peak)),
        Some(1 | 3 | 5) => None,
        Some(code) => Some(format!("it ended with {code}")),
    }
    .map(|trouble| format!("{trouble}: {}", told.chars().take(2000).collect::<String>()))
}

/// Does this with each, some at once, and lists the troubles.
fn all<T: Sync>(each: &[T], one: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let next = Mutex::new(each.iter());
    let troubles = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let Some(case) = next.lock().unwrap().next() else { return };
                    let trouble = one(case);
                    troubles.lock().unwrap().extend(trouble);
                }
            });
        }
    });
    troubles.into_inner().unwrap()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// What a run says for which nothing could be judged, or what it found.
fn words(ended: &Ended) -> String {
    let Some(report) = ended.report() else { return ended.stderr.trim().to_owned() };
    let texts = |list: &str, key: &str| -> Vec<String> {
        let all = report[list].as_array().unwrap().iter();
        all.filter_map(|one| one[key].as_str()).map(str::to_owned).collect()
    };
    [texts("findings", "actual"), texts("scenarios", "reason")].concat().join("\n")
}

#[test]
fn whoever_misbehaves_from_the_first_byte_gets_no_pass_in_time_and_room() {
    let runtime = runtime();
    let deeds = table::deeds();
    assert!(deeds.len() >= 40);
    let raw = deeds.iter().map(|deed| (deed, "raw"));
    // What is not tried over the other transport here is in the middle of a run, where it costs no start of the program.
    let http = deeds.iter().filter(|deed| deed.has_no_end()).map(|deed| (deed, "http"));
    let cases: Vec<(&Deed, &str)> = raw.chain(http).collect();
    let troubles = all(&cases, |(deed, transport)| {
        let url = listen(&runtime, Since::TheFirstByte((*deed).clone()));
        let select = ["--select", "ping/alone", "--select", "session/one-fragment"];
        let how = ["--timeout", TIMEOUT, "--transport", transport, "--report", "json=-"];
        let ended = run(&[&["run", &url][..], &select, &how].concat());
        let silent = || words(&ended).is_empty().then(|| "it says nothing".to_owned());
        let trouble = trouble(&ended).or_else(silent)?;
        Some(format!("{} over {transport}: {trouble}", deed.name))
    });
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}

/// Writes a scenario for each deed, runs them all at once, and tells which would have passed.
fn in_the_middle(
    runtime: &Runtime,
    deeds: &[Deed],
    transport: &str,
    timeout: &str,
) -> (Ended, BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    for Deed { name, .. } in deeds {
        let text = format!(
            "title: {name}\nfile: {{ size: 10 }}\nsteps:\n  - create-session\n  - fragment: 0-9\n"
        );
        fs::write(folder.path().join(format!("{name}.yaml")), text).unwrap();
    }
    let url = listen(runtime, Since::TheFirstFragment(deeds.to_vec()));
    let path = folder.path().to_str().unwrap();
    let select = format!("{path}*");
    let which = ["run", &url, "--scenarios", path, "--select", &select, "--read-back", "no"];
    let how = ["--timeout", timeout, "-j", "64", "--transport", transport, "--report", "json=-"];
    let ended = run(&[&which[..], &how].concat());
    let passed = ended.report().as_ref().map(passed).unwrap_or_default();
    (ended, passed)
}

/// The scenarios that alone would end with 0: carried out, and nothing broken in them.
fn passed(report: &Value) -> BTreeSet<String> {
    let stem = |value: &Value| {
        let path = Path::new(value.as_str().unwrap());
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    };
    let list = |what: &str| report[what].as_array().unwrap().clone();
    let broken: BTreeSet<String> = list("findings")
        .iter()
        .filter(|one| matches!(one["outcome"].as_str(), Some("broken" | "consequence")))
        .map(|one| stem(&one["scenario"]))
        .collect();
    let completed = list("scenarios").into_iter().filter(|one| one["outcome"] == "completed");
    completed.map(|one| stem(&one["name"])).filter(|name| !broken.contains(name)).collect()
}

/// Tries each group over both transports, and says what passed or went wrong otherwise.
fn tried_in_the_middle(groups: &[Vec<Deed>]) -> Vec<String> {
    let runtime = runtime();
    let cases: Vec<(&[Deed], &str)> =
        groups.iter().flat_map(|group| ["raw", "http"].map(|how| (&group[..], how))).collect();
    all(&cases, |(deeds, transport)| {
        let (ended, passed) = in_the_middle(&runtime, deeds, transport, TIMEOUT);
        let pass = (!passed.is_empty()).then(|| format!("these passed: {passed:?}"));
        Some(format!("over {transport}: {}", trouble(&ended).or(pass)?))
    })
}

#[test]
fn whoever_misbehaves_in_the_middle_of_a_run_gets_no_pass_in_time_and_room() {
    // Those that never end keep the processor busy, and would make the others slow.
    let (busy, quiet) = table::deeds().into_iter().partition(Deed::has_no_end);
    let troubles = tried_in_the_middle(&[busy, quiet]);
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}

#[test]
fn a_good_answer_cut_off_at_any_byte_is_no_pass() {
    let whole = table::right();
    let ends = [("reset", Then::Resets), ("end", Then::Closes), ("silence", Then::Stalls)];
    let cut = |at: usize| {
        ends.clone().map(|(what, then)| Deed {
            name: format!("cut-at-{at}-{what}"),
            reads: Reads::Request,
            says: whole[..at].to_vec(),
            then,
        })
    };
    let troubles = tried_in_the_middle(&[(0..whole.len()).flat_map(cut).collect()]);
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}

#[test]
fn the_whole_good_answer_passes_so_that_the_others_could_have() {
    let runtime = runtime();
    let then = Then::GoesOn;
    let good = Deed { name: "good".into(), reads: Reads::Request, says: table::right(), then };
    for transport in ["raw", "http"] {
        let (ended, passed) = in_the_middle(&runtime, std::slice::from_ref(&good), transport, "30");
        assert_eq!(passed.len(), 1, "{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, Some(0));
    }
}

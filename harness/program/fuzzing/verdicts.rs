//! What all checks make of all scenarios, played to the reference server in this process: as it is, and with every fault.
//!
//! The unit tests of a check hold what it is for; these two tables hold everything that it says, so that nothing changes in what
//! observes and judges without being seen. `UPDATE_EXPECT=1` rewrites them; read the difference.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::PathBuf,
};

use bits_judge::{
    checks::{Check, Observed, Verdict},
    plan::{Capability, Plan},
};
use bits_server::fault::Fault;

use super::rehearsal;

/// The longest body that is sent, in bytes.
const LONGEST: u64 = 1 << 17;

/// What can be played without a connection.
fn plans() -> Vec<Plan> {
    let library = crate::scenarios::library().unwrap();
    let own = library.iter().filter(|scenario| scenario.theme() != "http");
    own.filter_map(|scenario| scenario.plan(&Capability::ALL, None).ok()).collect()
}

/// What each check says of a plan.
fn verdicts(plan: &Plan, fault: Option<Fault>) -> Vec<(&'static Check, Verdict)> {
    let server = rehearsal::server_with(fault);
    let mut played = rehearsal::play(plan, server, LONGEST);
    played.transcript.facts.directory = rehearsal::directory(plan.role);
    let mut observed = Observed::of(&played.transcript);
    let verdicts = observed.verdicts_by(usize::MAX);
    let parts = observed.verdicts_by(1);
    for ((check, whole), (_, parts)) in verdicts.iter().zip(&parts) {
        assert_eq!(in_order(whole), in_order(parts), "{}, {} in parts", plan.name, check.name);
    }
    verdicts
}

/// What a verdict says, whatever the check looked at first.
fn in_order(verdict: &Verdict) -> (usize, BTreeSet<(usize, &str, &str)>) {
    let followed = verdict
        .followed
        .iter()
        .map(|it| (it.exchange, it.reading.id, it.detail.as_deref().unwrap_or_default()));
    let broken = verdict.broken.iter().map(|it| (it.exchange, &*it.expected, &*it.actual));
    (verdict.kept, followed.chain(broken).collect())
}

/// Holds a table against the one that is kept.
fn hold(name: &str, made: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("harness/program/fuzzing/verdicts")
        .join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    for (kept, made) in kept.lines().zip(made.lines()) {
        assert_eq!(made, kept, "{name}: UPDATE_EXPECT=1 rewrites it");
    }
    assert_eq!(made.lines().count(), kept.lines().count(), "{name}");
}

#[test]
fn every_check_says_of_the_clean_server_what_it_said() {
    let mut table = String::new();
    for plan in plans() {
        let mut said: BTreeMap<&str, String> = BTreeMap::new();
        for (check, verdict) in verdicts(&plan, None) {
            if verdict.exercised() == 0 {
                continue;
            }
            assert!(verdict.broken.is_empty(), "{}, {}: {verdict:?}", plan.name, check.name);
            let mut words = verdict.kept.to_string();
            for followed in &verdict.followed {
                write!(words, " {}@{}", followed.reading.id, followed.exchange).unwrap();
            }
            said.insert(check.name, words);
        }
        writeln!(table, "{}", plan.name).unwrap();
        for (check, words) in said {
            writeln!(table, "  {check} {words}").unwrap();
        }
    }
    hold("clean.txt", &table);
}

/// The findings of a plan, by the checks that found them.
fn findings(plan: &Plan, fault: Fault) -> BTreeMap<&'static str, String> {
    let all = verdicts(plan, Some(fault)).into_iter();
    let broken = all.filter(|(_, verdict)| !verdict.broken.is_empty());
    let words = |verdict: &Verdict| {
        let each = verdict
            .broken
            .iter()
            .map(|one| format!("@{} {:?} for {:?}", one.exchange, one.actual, one.expected));
        each.collect::<Vec<_>>().join(", ")
    };
    broken.map(|(check, verdict)| (check.name, words(&verdict))).collect()
}

/// The scenarios that show a fault, each by a check that none before it did.
fn telling(plans: &[Plan], fault: Fault) -> Vec<&Plan> {
    let mut seen = BTreeSet::new();
    let is_new = |plan: &&Plan| {
        let found = findings(plan, fault);
        found.into_keys().filter(|check| seen.insert(*check)).count() > 0
    };
    plans.iter().filter(is_new).collect()
}

/// The scenarios of each fault, as the kept table has them.
fn kept(plans: &[Plan]) -> BTreeMap<Fault, Vec<&Plan>> {
    let text = include_str!("verdicts/faults.txt");
    let mut all: BTreeMap<Fault, Vec<&Plan>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with(' ')) {
        let (fault, scenario) = line.split_once(' ').unwrap();
        let plan = plans.iter().find(|plan| plan.name == scenario);
        let fault: Fault = fault.parse().unwrap_or_else(|_| panic!("no fault is called {fault}"));
        all.entry(fault).or_default().extend(plan);
    }
    all
}

#[test]
fn every_check_says_of_each_fault_what_it_said() {
    let plans = plans();
    let mut kept = kept(&plans);
    let mut table = String::new();
    for &fault in Fault::ALL {
        let scenarios = match std::env::var_os("UPDATE_EXPECT") {
            Some(_) => telling(&plans, fault),
            None => kept.remove(&fault).unwrap_or_default(),
        };
        for plan in scenarios {
            writeln!(table, "{} {}", fault.name(), plan.name).unwrap();
            for (check, words) in findings(plan, fault) {
                writeln!(table, "  {check} {words}").unwrap();
            }
        }
    }
    hold("faults.txt", &table);
}

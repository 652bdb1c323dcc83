//! The matrix with made-up trials, and the table against the tables of the specification.

use bits_judge::spec::RESTATES;

use super::*;

fn trial(red: &[&'static str]) -> Trial {
    Trial {
        red: red.iter().copied().collect(),
        tripped: red.iter().copied().collect(),
        ..Trial::default()
    }
}

/// Every fault, each found as its row says.
fn found() -> Vec<(Fault, Trial)> {
    let all = Fault::ALL.iter().map(|fault| {
        let truth = truth::of(*fault);
        let shifted = truth.readings.iter().map(|it| (*it).to_owned()).collect();
        let tripped = truth.checks.iter().chain(truth.greys).copied().collect();
        (*fault, Trial { shifted, tripped, ..trial(truth.checks) })
    });
    all.collect()
}

fn matrix(trials: Vec<(Fault, Trial)>) -> Matrix {
    Matrix::of(trials, vec![], Duration::ZERO)
}

#[test]
fn the_first_cause_of_every_fault_is_its_own_clause() {
    for fault in Fault::ALL {
        let own = fault.clause();
        let restated = RESTATES.iter().find(|(clause, _)| *clause == own);
        let wanted = |clause: &str| match restated {
            Some((_, by)) => by.contains(&clause),
            None => clause == own,
        };
        for name in truth::of(*fault).checks {
            let check = checks::named(name).unwrap_or_else(|| panic!("{fault}: {name}"));
            assert!(wanted(check.clause.id), "{fault}: {name} judges {}", check.clause.id);
        }
        let truth = truth::of(*fault);
        assert!(!truth.checks.is_empty() || !truth.readings.is_empty(), "nothing finds {fault}");
    }
}

#[test]
fn a_fault_that_is_not_found_survives_and_one_found_elsewhere_is_misnamed() {
    let (fault, right) = (Fault::FragmentOffsetValue, truth::of(Fault::FragmentOffsetValue).checks);
    let fortune = |red: &[&'static str]| matrix(vec![(fault, trial(red))]).rows[0].fortune.clone();
    assert_eq!(fortune(right), Fortune::Killed);
    assert_eq!(fortune(&[]), Fortune::Survived);
    let other =
        Fortune::Misnamed { missing: right.to_vec(), surplus: vec!["ping/answered-with-200"] };
    assert_eq!(fortune(&["ping/answered-with-200"]), other);
    let more = [right, &["ping/answered-with-200"]].concat();
    let surplus = Fortune::Misnamed { missing: vec![], surplus: vec!["ping/answered-with-200"] };
    assert_eq!(fortune(&more), surplus);
}

/// A check that has to go grey with a fault, and does not, is missing even if the right ones are red.
#[test]
fn what_has_to_come_along_with_a_fault_is_missed() {
    let (fault, truth) = (Fault::FragmentAcceptsGap, truth::of(Fault::FragmentAcceptsGap));
    assert!(!truth.greys.is_empty());
    let wanted = Fortune::Misnamed { missing: truth.greys.to_vec(), surplus: vec![] };
    assert_eq!(matrix(vec![(fault, trial(truth.checks))]).rows[0].fortune, wanted);
}

#[test]
fn whatever_is_wrong_makes_it_unsound() {
    assert!(matrix(found()).is_sound(), "{}", text(&matrix(found())));
    let mut survived = found();
    survived[3].1 = Trial::default();
    assert!(!matrix(survived).is_sound());
    let mut unfinished = found();
    unfinished[3].1.unfinished.push("a/b: no".into());
    assert!(!matrix(unfinished).is_sound());
    assert!(!Matrix::of(found(), vec!["a finding".into()], Duration::ZERO).is_sound());
    let mut untripped = found();
    for (_, trial) in &mut untripped {
        trial.tripped.remove("open/cut");
    }
    assert!(!matrix(untripped).is_sound());
}

/// As if the check had been taken out of the registry: it finds nothing, and nobody knows it.
#[test]
fn no_check_can_be_taken_away_unnoticed() {
    let known: BTreeSet<_> = checks::all().map(|check| check.name).collect();
    for check in &known {
        let named = Fault::ALL.iter().any(|fault| truth::of(*fault).checks.contains(check));
        let others: BTreeSet<_> = known.iter().copied().filter(|other| other != check).collect();
        let told = !truth::complaints(&others).is_empty();
        assert!(told, "{check} can go unnoticed, and a fault names it: {named}");
    }
}

#[test]
fn the_matrix_is_shown_in_three_ways() {
    let mut trials = found();
    trials.truncate(3);
    trials[0].1.first = Some(("a<b/c".into(), 7));
    trials[1].1 = trial(&["ping/answered-with-200"]);
    trials[2].1 = Trial::default();
    let matrix = matrix(trials);
    let shown = text(&matrix);
    assert!(shown.contains("MISNAMED; missing") && shown.contains("SURVIVED"), "{shown}");
    assert!(shown.contains("faults 1 killed · 1 survived · 1 misnamed = 3"), "{shown}");
    let document: serde_json::Value = serde_json::from_str(&json(&matrix)).unwrap();
    assert_eq!(document["faults"][0]["steps"], 7);
    assert_eq!(document["faults"][1]["surplus"][0], "ping/answered-with-200");
    let page = html(&matrix);
    assert!(page.contains("a&lt;b/c") && page.contains("not sound"), "{page}");
}

#[test]
fn what_was_written_as_json_can_be_read_and_shown_again() {
    let mut trials = found();
    trials[0].1.first = Some(("a/b".into(), 7));
    trials[1].1 = trial(&["ping/answered-with-200"]);
    trials[2].1 = Trial::default();
    trials[3].1.unfinished.push("a/b: no".into());
    let whole = Matrix::of(trials, vec!["a finding".into()], Duration::from_secs(9));
    let again = read(&json(&whole)).unwrap();
    assert_eq!(json(&again), json(&whole));
    assert_eq!((text(&again), html(&again)), (text(&whole), html(&whole)));
    for (from, to, problem) in [
        ("\"schema_version\": 1", "\"schema_version\": 2", "version 2"),
        ("\"ack/", "\"nack/", "no fault is called `nack/"),
        ("\"ping/answered", "\"ping/refused", "no check is called `ping/refused"),
        ("\"survived\",", "\"lived\",", "no fortune is called `lived`"),
        ("{", "", "not a kill matrix"),
    ] {
        let error = read(&json(&whole).replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

/// The sample is what the program printed; `.ci/run` compares it with what it prints now.
#[test]
fn the_sample_says_what_the_table_of_truth_says() {
    let sample = include_str!("../../../reports/samples/selftest.json");
    let sample: serde_json::Value = serde_json::from_str(sample).unwrap();
    let wanted: serde_json::Value = serde_json::from_str(&json(&matrix(found()))).unwrap();
    for (told, wanted) in
        sample["faults"].as_array().unwrap().iter().zip(wanted["faults"].as_array().unwrap())
    {
        for key in ["fault", "title", "clause", "dialect", "fortune", "found_by", "consequences"] {
            assert_eq!(told[key], wanted[key], "{}, {key}", wanted["fault"]);
        }
    }
    for key in ["sound", "killed", "checks", "untripped"] {
        assert_eq!(sample[key], wanted[key], "{key}");
    }
}

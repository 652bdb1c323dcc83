//! What is made of seeds.

use super::*;

/// Enough cases for shares to settle.
const CASES: u64 = 400;

fn cases() -> impl Iterator<Item = Vec<Operation>> {
    (0..CASES).map(|case| session(0x5eed, case))
}

#[test]
fn a_case_is_a_function_of_seed_and_number() {
    assert_eq!(session(1, 2), session(1, 2));
    for other in [session(2, 2), session(1, 3)] {
        assert_ne!(session(1, 2), other);
    }
}

#[test]
fn most_of_it_is_legal_and_some_is_not() {
    let mut seen = std::collections::BTreeMap::new();
    for operations in cases() {
        let mut state = State::default();
        for operation in &operations {
            if operation.act.is_request() {
                *seen.entry(state.standing(operation)).or_insert(0_u64) += 1;
            }
            state.apply(operation);
        }
    }
    let all: u64 = seen.values().sum();
    let share = |standing| seen.get(&standing).copied().unwrap_or_default() * 100 / all;
    assert!((65..85).contains(&share(Standing::Legal)), "{seen:?}");
    assert!((8..25).contains(&share(Standing::Odd)), "{seen:?}");
    assert!((5..15).contains(&share(Standing::Illegal)), "{seen:?}");
    assert!(share(Standing::Leftover) < 3, "{seen:?}");
}

#[test]
fn at_least_four_in_ten_sessions_complete_an_upload() {
    let complete = |operations: &Vec<Operation>| {
        let mut state = State::default();
        operations.iter().any(|operation| {
            let closes =
                operation.act == Act::Close && state.standing(operation) < Standing::Illegal;
            state.apply(operation);
            closes
        })
    };
    let completed = cases().filter(complete).count() as u64;
    assert!(completed * 10 >= CASES * 4, "{completed} of {CASES}");
}

#[test]
fn every_operation_becomes_one_step_unless_it_is_a_leftover_or_says_where_all_takes_place() {
    for operations in cases() {
        let mut state = State::default();
        let mut wanted = Vec::new();
        for (line, operation) in (1..).zip(&operations) {
            let leaves = state.standing(operation) == Standing::Leftover;
            if !leaves && !operation.act.is_scene() {
                wanted.push(line);
            }
            state.apply(operation);
        }
        let plan = plan("random/0", &operations);
        let mut lines: Vec<u32> = plan.steps.iter().map(|step| step.line).collect();
        lines.dedup();
        assert_eq!(lines, wanted);
    }
}

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
            *seen.entry(state.standing(operation)).or_insert(0_u64) += 1;
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
fn every_operation_becomes_one_step_unless_it_is_a_leftover() {
    for operations in cases() {
        let mut state = State::default();
        let mut wanted = 0;
        for operation in &operations {
            wanted += usize::from(state.standing(operation) != Standing::Leftover);
            state.apply(operation);
        }
        assert_eq!(plan("random/0", &operations).steps.len(), wanted);
    }
}

/// What there is after some operations.
fn after(operations: &[Operation]) -> State {
    let mut state = State::default();
    operations.iter().for_each(|operation| state.apply(operation));
    state
}

fn fragment(last: Mark, total: Mark) -> Operation {
    let (first, last) = (Point::at(Mark::Have), Point::beside(last, -1));
    let total = Point::at(total);
    Operation::usual(Slot::A, Act::Fragment { first, last, total, body: Body::Whole })
}

#[test]
fn the_first_fragment_says_how_large_the_file_is_and_no_other_one() {
    let create = Operation::usual(Slot::A, Act::Create { size: 10 });
    let first = fragment(Mark::Ahead(4), Mark::Bits63);
    let state = after(&[create, first]);
    assert_eq!(after(&[create]).standing(&first), Standing::Legal);
    assert_eq!(state.have(Slot::A), 4);
    assert_eq!(state.resolve(Slot::A, Point::at(Mark::Total)), i64::MAX as u64);
    assert_eq!(state.standing(&fragment(Mark::Ahead(4), Mark::Bits64)), Standing::Illegal);
    let too_long = fragment(Mark::Over31(0), Mark::Bits63);
    assert_eq!(state.standing(&too_long), Standing::Illegal, "it cannot be sent");
}

#[test]
fn what_needs_an_earlier_answer_is_a_leftover_without_it() {
    let condition = Condition { field: If::Match, value: Validator::Tag };
    let fetch = Fetch { condition: Some(condition), ..Fetch::of(Ranges::Whole) };
    let fetch = Operation::usual(Slot::A, Act::Fetch(fetch));
    let upload = [
        Operation::usual(Slot::A, Act::Create { size: 10 }),
        fragment(Mark::Total, Mark::Total),
        Operation::usual(Slot::A, Act::Close),
    ];
    let get = Operation::usual(Slot::A, Act::Get);
    assert_eq!(after(&upload).standing(&fetch), Standing::Leftover);
    assert_eq!(after(&[&upload[..], &[get]].concat()).standing(&fetch), Standing::Odd);
    let take = Operation::usual(Slot::A, Act::TakeAway);
    assert_eq!(after(&upload[..1]).standing(&take), Standing::Leftover);
    assert_eq!(after(&upload[..2]).standing(&take), Standing::Odd);
    assert_eq!(after(&upload).standing(&take), Standing::Leftover);
    let named = Operation { twist: Some(Twist::Field(Field::SessionId)), ..upload[0] };
    assert_eq!(after(&[]).standing(&named), Standing::Leftover);
    assert_eq!(after(&upload).standing(&named), Standing::Odd);
}

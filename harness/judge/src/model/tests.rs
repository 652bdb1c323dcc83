//! What is made of seeds.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::plan::{Action, Capability, DirectoryRole, Plan};

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
    let mut seen = BTreeMap::new();
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

/// Enough sessions for what is rare to be among them.
fn plans() -> impl Iterator<Item = (Vec<Operation>, Plan)> {
    (0..3000).map(|case| {
        let operations = session(0x5eed, case);
        let plan = plan("random/0", &operations);
        (operations, plan)
    })
}

#[test]
fn every_role_has_its_share_and_what_it_takes() {
    let mut seen: BTreeMap<DirectoryRole, u64> = BTreeMap::new();
    let mut needs: BTreeSet<Capability> = BTreeSet::new();
    for (_, plan) in plans() {
        *seen.entry(plan.role).or_default() += 1;
        assert_eq!(
            matches!(plan.role, DirectoryRole::ByValue | DirectoryRole::ByReference),
            plan.needs.contains(&Capability::Application)
        );
        let anywhere = plan.needs.iter().all(|need| *need == Capability::SessionStore);
        assert!(plan.role != DirectoryRole::Plain || anywhere, "{plan:?}");
        needs.extend(plan.needs);
    }
    assert_eq!(seen.len(), DirectoryRole::ALL.len(), "{seen:?}");
    assert!(seen[&DirectoryRole::Plain] > 1300, "{seen:?}");
    for need in [
        Capability::SharedFiles,
        Capability::NotificationTimeout,
        Capability::SessionTimeout,
        Capability::Credentials,
        Capability::MaximumUploadSize,
    ] {
        assert!(needs.contains(&need), "{needs:?}");
    }
}

#[test]
fn clients_that_come_at_once_wait_for_each_other_and_the_plan_for_all_of_them() {
    let mut races = 0;
    for (_, plan) in plans().filter(|(_, plan)| plan.lanes() > 0) {
        races += 1;
        for (at, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.lane > 0) {
            let behind = plan.steps[at..].iter().find(|other| other.lane == 0);
            assert!(behind.is_some_and(|step| step.action == Action::Meet), "{plan:?}");
            if let Action::Send(send) = &step.action {
                assert!(!send.fresh && !send.delivery.pipelined);
            }
        }
        for lane in 1..=plan.lanes() {
            let own = plan.steps.iter().filter(|step| step.lane == lane);
            let meetings = own.clone().filter(|step| step.action == Action::Meet).count();
            assert_eq!(meetings * 3, own.count());
        }
    }
    assert!((100..400).contains(&races), "{races}");
}

#[test]
fn no_more_clients_than_four_meet_at_once() {
    let ping = Operation::usual(Slot::A, Act::Ping);
    let plan = plan("random/0", &[Operation { way: Some(Way::AtOnce), ..ping }; 6]);
    assert_eq!(plan.lanes(), 4);
    let in_lanes: Vec<bool> = plan.steps.iter().map(|step| step.lane > 0).collect();
    let blocks: Vec<usize> = in_lanes.split(|inside| !inside).map(<[bool]>::len).collect();
    // Each has a PING, a meeting and what it is about; behind each block all are waited for.
    assert_eq!(blocks, [4 * 3, 2 * 3, 0]);
}

#[test]
fn few_sessions_wait_and_none_for_long() {
    let (mut slow, mut all) = (0, 0);
    for (operations, _) in plans() {
        let waits = |operation: &&Operation| match operation.act {
            Act::Wait(_) => true,
            Act::Play(play) => play.is_slow(),
            _ => false,
        };
        let times = operations.iter().filter(waits).count();
        assert!(times <= 3, "{operations:?}");
        slow += usize::from(times > 0);
        all += 1;
    }
    assert!(slow > 0 && slow * 25 < all, "{slow} of {all}");
}

#[test]
fn an_answer_of_the_application_stays_what_it_is_until_another_comes() {
    let (a, size) = (Slot::A, 10);
    let usual = |act| Operation::usual(a, act);
    let mut operations = vec![
        usual(Act::In(DirectoryRole::ByValue)),
        usual(Act::Play(Play::Status(503))),
        usual(Act::Create { size }),
        usual(role::whole()),
        usual(Act::Play(Play::Reply(5))),
        usual(role::whole()),
        usual(Act::GetReply),
        usual(Act::Close),
    ];
    let mut state = State::default();
    let standings = |state: &mut State, operations: &[Operation]| -> Vec<Standing> {
        let one = |operation: &Operation| {
            let standing = state.standing(operation);
            state.apply(operation);
            standing
        };
        operations.iter().map(one).collect()
    };
    assert_eq!(standings(&mut state, &operations), [Standing::Legal; 8]);
    assert_eq!(plan("random/0", &operations).steps.len(), 7);
    // In the plain directory nobody is called, and there is no other reply than what a fragment may have told.
    operations.remove(0);
    let plain = standings(&mut State::default(), &operations);
    assert_eq!(plain[0], Standing::Leftover);
    assert_eq!(plan("random/0", &operations).needs, []);
    assert_eq!(in_plain(&operations).len(), 5);
}

#[test]
fn where_a_session_takes_place_is_said_first_or_not_at_all() {
    let usual = |act| Operation::usual(Slot::A, act);
    let mut late = vec![usual(Act::Ping), usual(Act::In(DirectoryRole::HostId))];
    assert_eq!(plan("random/0", &late).role, DirectoryRole::Plain);
    in_order(&mut late);
    assert_eq!(plan("random/0", &late).role, DirectoryRole::HostId);
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

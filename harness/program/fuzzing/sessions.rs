//! The session machine against the model: operations are carried out in memory, and each answer is held against what the
//! model says that a right server owes.

use bits_judge::{
    model::{self, Act, Due, Operation, State},
    plan::Plan,
    report::Judged,
    transcript::{Answer, Exchange},
};
use bits_wire::names;

use super::{
    operations,
    rehearsal::{self, Played},
};

/// The longest body that is sent, as long as any that the model makes.
const LONGEST: u64 = 1 << 17;

/// Whatever a client does, the reference server answers what the model says that it owes, and no check finds anything.
pub fn session_machine(data: &[u8]) {
    // What the server in this process has is the plain directory.
    let operations = model::in_plain(&operations::read(data));
    let plan = model::plan("random/fuzzed", &operations);
    let (played, judged) = judged(&plan);
    if let Some(told) = contradiction(&operations, &played) {
        panic!("{told}\n{operations:?}\n{}", played.transcript);
    }
    let breaches: Vec<&str> = judged.breaches().map(|check| check.name).collect();
    assert!(breaches.is_empty(), "{breaches:?}\n{operations:?}\n{}", played.transcript);
}

/// A random session as it went without sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// How many requests it had.
    pub exchanges: usize,
    /// How many checks found something.
    pub broken: usize,
}

/// Makes the random session of this seed and number, plays it to a reference server in this process, and judges it.
#[must_use]
pub fn rehearse(seed: u64, case: u64) -> Rehearsed {
    let operations = model::in_plain(&model::session(seed, case));
    let plan = model::plan("random/rehearsed", &operations);
    let (played, judged) = judged(&plan);
    Rehearsed { exchanges: played.transcript.exchanges.len(), broken: judged.breaches().count() }
}

/// Plays a plan to a reference server in this process, and judges it.
fn judged(plan: &Plan) -> (Played, Judged) {
    let played = rehearsal::play(plan, rehearsal::plain_server(None), LONGEST);
    let judged = Judged::of(&plan.name, &plan.title, &played.transcript, vec![]);
    (played, judged)
}

/// The first answer that is another one than the model says.
fn contradiction(operations: &[Operation], played: &Played) -> Option<String> {
    let mut exchanges = played.transcript.exchanges.iter().peekable();
    let mut state = State::default();
    // Sessions of which the model does not know how the server has them.
    let mut doubted = [false; 3];
    for (line, operation) in (1..).zip(operations) {
        let mut own = None;
        // The last one counts: a PING may come before it.
        while let Some(exchange) = exchanges.next_if(|exchange| exchange.line == line) {
            own = Some(exchange);
        }
        if let Some(exchange) = own {
            let doubt = &mut doubted[operation.slot as usize];
            let due = state.due(operation);
            let is_new = matches!(operation.act, Act::Create { .. }) && due != Due::Undecided;
            *doubt &= !is_new;
            let due = if *doubt { Due::Undecided } else { due };
            if let Some(told) = differs(due, exchange) {
                return Some(format!("operation {line}, owed {due:?}: {told}"));
            }
            let before = state.clone();
            state.apply(operation);
            let changed = state != before || may_have_changed(operation, exchange);
            *doubt |= due == Due::Undecided && changed && !operation.act.is_download();
        } else {
            state.apply(operation);
        }
    }
    None
}

fn differs(due: Due, exchange: &Exchange) -> Option<String> {
    let answer = exchange.answer();
    let (status, next) = (answer.map(|it| it.head.status), answer.and_then(next_of));
    let right = match due {
        Due::Success(None) => status == Some(200),
        Due::Success(next_due) => status == Some(200) && next == next_due,
        Due::Refusal => status.is_some_and(|status| status >= 400),
        Due::Undecided => true,
    };
    (!right).then(|| format!("{status:?} and next {next:?}"))
}

/// The next byte that the server wants.
fn next_of(answer: &Answer) -> Option<u64> {
    answer.head.headers.first(names::RECEIVED_CONTENT_RANGE)?.parse().ok()
}

/// Whether the server may have done more than the model thinks.
fn may_have_changed(operation: &Operation, exchange: &Exchange) -> bool {
    let harmless = operation.act == Act::Ping || operation.act.is_download();
    let cut = operation.is_cut();
    let taken = exchange.answer().is_some_and(|answer| answer.head.status < 400);
    !harmless && (cut || taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bits_server::fault::Fault;

    #[test]
    fn random_sessions_hold() {
        for case in 0..200 {
            session_machine(&operations::write(&model::session(1, case)));
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_done_holds(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..1500)
        ) {
            session_machine(&bytes);
        }
    }

    #[test]
    fn a_server_that_counts_otherwise_contradicts_the_model() {
        let told = |fault| {
            (0..20).find_map(|case| {
                let operations = model::in_plain(&model::session(1, case));
                let plan = model::plan("random/x", &operations);
                let server = rehearsal::plain_server(fault);
                contradiction(&operations, &rehearsal::play(&plan, server, LONGEST))
            })
        };
        assert_eq!(told(None), None);
        for name in ["fragment/next-offset-off-by-one", "fragment/omits-offset"] {
            let fault: Fault = name.parse().unwrap();
            assert!(told(Some(fault)).unwrap().contains("owed Success(Some("));
        }
    }
}

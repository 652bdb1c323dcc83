//! A session that shows something becomes a shorter one that shows it too.

use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::{
    fetch::{Fetch, Method, Ranges, What},
    made::plan,
    operation::{Act, Body, Connection, Mark, Operation, Point, Slot},
    state::{Standing, State},
};

/// Proposes shorter and simpler sessions, the boldest first, until none is left that has not been tried.
///
/// Whoever tries them says what came of each: after [`Shrinker::keep`] it goes on from there. What differs from an earlier
/// proposal only in operations that send nothing is not proposed again.
#[derive(Clone, Debug)]
pub struct Shrinker {
    best: Vec<Operation>,
    waiting: VecDeque<Vec<Operation>>,
    tried: HashSet<u64>,
}

impl Shrinker {
    /// Begins with a session that shows it.
    #[must_use]
    pub fn new(operations: Vec<Operation>) -> Self {
        let best = without_leftovers(&operations);
        let waiting = proposals(&best);
        let tried = HashSet::from([fingerprint(&best)]);
        Self { best, waiting, tried }
    }

    /// The shortest that is known to show it.
    #[must_use]
    pub fn best(&self) -> &[Operation] {
        &self.best
    }

    /// The next one to try; `None` if nothing smaller is left.
    pub fn propose(&mut self) -> Option<Vec<Operation>> {
        loop {
            let next = without_leftovers(&self.waiting.pop_front()?);
            if !next.is_empty() && self.tried.insert(fingerprint(&next)) {
                return Some(next);
            }
        }
    }

    /// This one shows it, too.
    pub fn keep(&mut self, operations: Vec<Operation>) {
        self.waiting = proposals(&operations);
        self.best = operations;
    }
}

fn without_leftovers(operations: &[Operation]) -> Vec<Operation> {
    let mut state = State::default();
    let mut left = Vec::new();
    for operation in operations {
        if state.standing(operation) != Standing::Leftover {
            let way = operation
                .way
                .filter(|way| way.applies_to(operation.act, left.is_empty(), &state.scene));
            left.push(Operation { way, ..*operation });
        }
        state.apply(operation);
    }
    left
}

/// What would be sent.
fn fingerprint(operations: &[Operation]) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{:?}", plan("", operations).steps).hash(&mut hasher);
    hasher.finish()
}

/// Everything that is smaller by one stroke.
fn proposals(operations: &[Operation]) -> VecDeque<Vec<Operation>> {
    let mut all = VecDeque::new();
    let mut length = operations.len().div_ceil(2);
    while length > 0 {
        for at in (0..operations.len()).rev().step_by(length) {
            let from = (at + 1).saturating_sub(length);
            let mut less = operations.to_vec();
            less.drain(from..=at);
            all.push_back(less);
        }
        length /= 2;
    }
    for (at, operation) in operations.iter().enumerate() {
        for simpler in simpler(operation) {
            let mut less = operations.to_vec();
            less[at] = simpler;
            all.push_back(less);
        }
    }
    // All sessions in one slot.
    let mut merged = operations.to_vec();
    merged.iter_mut().for_each(|operation| operation.slot = Slot::A);
    all.push_back(merged);
    all.retain(|less| less != operations);
    all
}

/// The same operation with one thing less about it.
fn simpler(operation: &Operation) -> Vec<Operation> {
    let mut all = Vec::new();
    let mut add = |simpler: Operation| {
        if simpler != *operation {
            all.push(simpler);
        }
    };
    add(Operation { twist: None, ..*operation });
    add(Operation { connection: Connection::Main, ..*operation });
    add(Operation { way: None, ..*operation });
    let with = |act| Operation { act, ..*operation };
    match operation.act {
        Act::Create { size } => {
            for smaller in [1, 2, 3, size / 2] {
                if smaller < size {
                    add(with(Act::Create { size: smaller }));
                }
            }
        }
        Act::Fragment { first, last, total, body } => {
            let usual =
                [Point::at(Mark::Have), Point::beside(Mark::Total, -1), Point::at(Mark::Total)];
            let [start, end, size] = usual;
            add(with(Act::Fragment { first: start, last: end, total: size, body }));
            add(with(Act::Fragment { first: start, last, total, body }));
            add(with(Act::Fragment { first, last: end, total, body }));
            add(with(Act::Fragment { first, last, total: size, body }));
            add(with(Act::Fragment { first, last, total, body: Body::Whole }));
            if let Body::Cut(sent) = body {
                add(with(Act::Fragment { first, last, total, body: Body::Cut(sent / 2) }));
            }
            if let Mark::Ahead(bytes) = last.mark
                && bytes > 1
            {
                let last = Point { mark: Mark::Ahead(bytes / 2), ..last };
                add(with(Act::Fragment { first, last, total, body }));
            }
        }
        Act::GetRange { .. } | Act::Head => add(with(Act::Get)),
        Act::Fetch(fetch) => {
            add(with(Act::Get));
            add(with(Act::Fetch(Fetch { condition: None, ..fetch })));
            add(with(Act::Fetch(Fetch { ranges: Ranges::Whole, ..fetch })));
            add(with(Act::Fetch(Fetch { method: Method::Get, ..fetch })));
            add(with(Act::Fetch(Fetch { what: What::File, ..fetch })));
        }
        Act::Play(play) => {
            play.simpler().into_iter().for_each(|play| add(with(Act::Play(play))));
        }
        Act::Ping | Act::Close | Act::Cancel | Act::Get | Act::GetReply | Act::TakeAway => {}
        Act::In(_) | Act::Rivals | Act::Wait(_) => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::session;

    /// Shrinks by a rule instead of a server.
    fn shrunk(operations: Vec<Operation>, shows: impl Fn(&[Operation]) -> bool) -> Vec<Operation> {
        let mut shrinker = Shrinker::new(operations);
        while let Some(next) = shrinker.propose() {
            if shows(&next) {
                shrinker.keep(next);
            }
        }
        shrinker.best().to_vec()
    }

    #[test]
    fn what_has_no_part_in_it_goes() {
        let closes_complete = |operations: &[Operation]| {
            let mut state = State::default();
            operations.iter().any(|operation| {
                let legal = state.standing(operation) == Standing::Legal;
                state.apply(operation);
                legal && operation.act == Act::Close
            })
        };
        let mut count = 0;
        for case in 0..100 {
            let operations = session(3, case);
            if closes_complete(&operations) {
                let least = shrunk(operations, closes_complete);
                assert_eq!(least.len(), 3, "{least:?}");
                assert_eq!(least[0], Operation::usual(Slot::A, Act::Create { size: 1 }));
                count += 1;
            }
        }
        assert!(count > 30, "{count}");
    }

    #[test]
    fn a_role_an_answer_and_a_race_go_where_they_have_no_part_in_it() {
        let published = |operations: &[Operation]| {
            let plan = plan("random/0", operations);
            let closes = operations.iter().any(|operation| operation.act == Act::Close);
            closes && !plan.steps.is_empty()
        };
        let special = |operation: &Operation| {
            let scene = operation.act.is_scene() || matches!(operation.act, Act::Play(_));
            scene || operation.is_at_once()
        };
        let mut count = 0;
        for case in 0..400 {
            let operations = session(3, case);
            if operations.iter().any(special) && published(&operations) {
                let least = shrunk(operations, published);
                assert!(!least.iter().any(special), "{least:?}");
                count += 1;
            }
        }
        assert!(count > 50, "{count}");
    }

    #[test]
    fn what_takes_a_race_keeps_it_and_what_takes_an_answer_keeps_a_simple_one() {
        let lanes = |operations: &[Operation]| plan("random/0", operations).lanes() >= 2;
        let called = |operations: &[Operation]| {
            let plan = plan("random/0", operations);
            plan.steps.iter().any(|step| matches!(step.action, crate::plan::Action::Play(_)))
        };
        for case in 0..300 {
            let operations = session(3, case);
            if lanes(&operations) {
                let least = shrunk(operations.clone(), lanes);
                assert!(least.len() <= 3, "{least:?}");
            }
            if called(&operations) {
                let least = shrunk(operations, called);
                assert_eq!(least.len(), 2, "{least:?}");
                assert!(!least[1].act.is_request() && least[1].act != Act::Wait(1));
            }
        }
    }

    #[test]
    fn nothing_is_proposed_twice_and_it_ends() {
        let mut shrinker = Shrinker::new(session(3, 5));
        let mut seen = HashSet::new();
        while let Some(next) = shrinker.propose() {
            assert!(seen.insert(next.clone()), "{next:?}");
        }
        assert!(seen.len() > 10);
    }
}

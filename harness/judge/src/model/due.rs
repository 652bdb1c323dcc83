//! What a server owes a request, given what went before it.

use super::{
    operation::{Act, Operation},
    state::{Phase, Standing, State},
    way::Way,
};
use crate::plan::DirectoryRole;

/// What a server that does what it should says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It does what is asked; after a fragment it has so many bytes.
    Success(Option<u64>),
    /// It refuses, and nothing changes.
    Refusal,
    /// No text decides it, or what the server knows is not known.
    Undecided,
}

impl State {
    /// What the server owes an operation now.
    #[must_use]
    pub fn due(&self, operation: &Operation) -> Due {
        let standing = self.standing(operation);
        match operation.act {
            _ if self.scene.role != DirectoryRole::Plain || is_apart(operation) => Due::Undecided,
            Act::Get | Act::GetRange { .. } | Act::Head | Act::GetReply | Act::Fetch(_) => {
                Due::Undecided
            }
            Act::TakeAway => Due::Undecided,
            Act::Fragment { .. } if operation.is_cut() => Due::Undecided,
            _ if standing == Standing::Leftover => Due::Undecided,
            Act::Ping | Act::Create { .. } if standing < Standing::Illegal => Due::Success(None),
            _ if self.session(operation.slot).phase == Phase::Unsure => Due::Undecided,
            _ if standing == Standing::Illegal => self.due_to_illegal(operation),
            Act::Fragment { first, last, .. } => {
                let [first, last] = [first, last].map(|it| self.resolve(operation.slot, it));
                let overlaps = first < self.session(operation.slot).have;
                // Some texts have the rest of an overlap taken, and some have all of it refused (D5).
                if overlaps { Due::Undecided } else { Due::Success(last.checked_add(1)) }
            }
            _ => Due::Success(None),
        }
    }

    /// Much that no client may do has no answer that a text prescribes; what is about no session has, and what leaves a
    /// gap.
    fn due_to_illegal(&self, operation: &Operation) -> Due {
        let session = self.session(operation.slot);
        let needs_session =
            matches!(operation.act, Act::Fragment { .. } | Act::Close | Act::Cancel);
        let leaves_gap = match operation.act {
            Act::Fragment { first, last, total, .. } => {
                let [first, last, total] =
                    [first, last, total].map(|point| self.resolve(operation.slot, point));
                session.have < first && first <= last && last < total && total == session.size
            }
            _ => false,
        };
        match operation.twist {
            None if needs_session && session.phase == Phase::Ended => Due::Refusal,
            None if leaves_gap => Due::Refusal,
            _ => Due::Undecided,
        }
    }
}

/// Whether others come at once with it, or it sends nothing.
fn is_apart(operation: &Operation) -> bool {
    operation.way == Some(Way::AtOnce) || !operation.act.is_request()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Mark, Slot, Twist};

    fn fragment(first: Mark, last: Mark) -> Operation {
        Operation::usual(Slot::A, Act::bytes(first, last))
    }

    #[test]
    fn what_is_owed_follows_what_went_before() {
        let usual = |act| Operation::usual(Slot::A, act);
        let steps = [
            (usual(Act::Create { size: 9 }), Due::Success(None)),
            (fragment(Mark::Ahead(1), Mark::Total), Due::Refusal),
            (fragment(Mark::Have, Mark::Ahead(4)), Due::Success(Some(4))),
            (fragment(Mark::Zero, Mark::Have), Due::Undecided),
            (usual(Act::Close), Due::Undecided),
            (fragment(Mark::Have, Mark::Total), Due::Success(Some(9))),
            (Operation { twist: Some(Twist::OtherId), ..usual(Act::Close) }, Due::Undecided),
            (usual(Act::Get), Due::Undecided),
            (usual(Act::Close), Due::Success(None)),
            (usual(Act::Close), Due::Refusal),
        ];
        let mut state = State::default();
        for (operation, due) in steps {
            assert_eq!(state.due(&operation), due, "{operation:?} after {state:?}");
            state.apply(&operation);
        }
    }

    #[test]
    fn after_a_fragment_that_was_cut_only_the_server_knows() {
        let mut state = State::default();
        state.apply(&Operation::usual(Slot::A, Act::Create { size: 9 }));
        let mut cut = fragment(Mark::Have, Mark::Total);
        if let Act::Fragment { body, .. } = &mut cut.act {
            *body = Body::Cut(3);
        }
        state.apply(&cut);
        assert_eq!(state.due(&fragment(Mark::Have, Mark::Total)), Due::Undecided);
        assert_eq!(state.due(&Operation::usual(Slot::A, Act::Ping)), Due::Success(None));
    }
}

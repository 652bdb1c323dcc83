//! Faults to order: each breaks one clause, so that the harness can be asked to find it.

use super::{
    machine::{Refusal, Reply},
    paths::Place,
};
use crate::wire::{ContentRange, Guid, PacketType, names};

/// A way to break one clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The Ack to a fragment omits the session id.
    FragmentOmitsSessionId,
}

impl Fault {
    pub(super) fn on_session_id(self, fresh: Guid) -> Guid {
        fresh
    }

    pub(super) fn on_fragment(self, next: u64, _range: ContentRange) -> u64 {
        next
    }

    pub(super) fn on_received(self, _place: &Place) -> Option<Place> {
        None
    }

    pub(super) fn on_cancel_keeps(self) -> bool {
        false
    }

    pub(super) fn on_reply(self, packet: &PacketType, refusal: Option<Refusal>, reply: &mut Reply) {
        if refusal.is_none() && *packet == PacketType::Fragment {
            reply.headers.remove(names::SESSION_ID);
        }
    }
}

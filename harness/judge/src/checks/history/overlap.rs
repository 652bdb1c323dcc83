//! Which exchanges overlap with others that matter to them.

use bits_wire::{BITS_POST, PacketType, SessionId, names};

use crate::{checks::path::path_of, transcript::Exchange};

/// For each exchange whether another one that touches the same session or destination was under way at the same time.
/// Pings touch nothing, and what only reads does not touch what only reads.
pub(in crate::checks) fn concurrent(exchanges: &[Exchange]) -> Vec<bool> {
    let mut concurrent = vec![false; exchanges.len()];
    let begins = |at: usize| exchanges[at].order.began;
    for one in 0..exchanges.len() {
        let end = exchanges[one].order.ended;
        let others = (one + 1..exchanges.len()).take_while(|other| begins(*other) < end);
        for other in others.filter(|other| touch(&exchanges[one], &exchanges[*other])) {
            concurrent[one] = true;
            concurrent[other] = true;
        }
    }
    concurrent
}

fn touch(one: &Exchange, other: &Exchange) -> bool {
    let (heads, writes) = ([&one.request.head, &other.request.head], [writes(one), writes(other)]);
    let [Some(one_writes), Some(other_writes)] = writes else { return false };
    let path = |at: usize| path_of(&heads[at].target);
    let id = |at: usize| heads[at].headers.first(names::SESSION_ID).map(SessionId::new);
    let same_session = id(0).zip(id(1)).is_some_and(|(one, other)| one.same_as(&other));
    (one_writes || other_writes) && (path(0) == path(1) || same_session)
}

/// Whether it can change something; none if it does not even look.
fn writes(exchange: &Exchange) -> Option<bool> {
    let head = &exchange.request.head;
    if head.method != BITS_POST {
        return Some(false);
    }
    let packet = head.headers.first(names::PACKET_TYPE).map(PacketType::read);
    (packet != Some(PacketType::Ping)).then_some(true)
}

//! Second readers: slow, as plain as can be, and written without a look at the first ones.

mod answer;
mod chunks;
mod head;
mod parts;
mod ranges;

pub(super) use answer::{Answer, Frame, Plain, answer};
pub(super) use chunks::{End, chunks};
pub(super) use head::{Faults, Head, head, is_token, trimmed};
pub(super) use parts::parts;
pub(super) use ranges::{Asked, asked};

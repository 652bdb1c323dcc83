//! Finds out by measurement how much a target takes at once, what it answers beyond, and whether it recovers.
//!
//! - `search` opens one more until no more are taken, and proves that it is a limit; it knows no sockets.
//! - `sessions`, `connections` and `fragments` are what is opened; `users` tells the limit of all sessions from that of
//!   one user.
//! - `ground` is the target's side: who asks, what names there are, and what has to be put back.
//! - [`figures`] is what it came to, and [`report`] shows it.

mod connections;
pub mod figures;
mod fragments;
mod ground;
mod measure;
mod packets;
pub mod report;
mod search;
mod sessions;
mod users;

pub use self::{
    ground::Live,
    measure::{Conditions, Place, measure},
};

//! Random sessions: what a client could do next, chosen by a seed and a model of what the server has acknowledged. No I/O.
//!
//! Sequences that are random through and through complete no upload in millions; these are led by a [`State`], so that most
//! steps are legal and boundaries lie where the server's own are. What is chosen is an [`Operation`], which says *where the
//! server is now* and not *byte 4711*: when others are taken away before it, it still means what it meant.

mod dice;
mod due;
mod fetch;
mod generate;
mod lanes;
mod made;
mod odd;
mod operation;
mod play;
mod race;
mod role;
mod scene;
mod sequel;
mod shrink;
mod state;
mod twists;
mod vary;
mod way;

pub use due::Due;
pub use fetch::{Condition, Fetch, If, Method, Ranges, Validator, What};
pub use generate::{MOST_OPERATIONS, session};
pub use made::{TITLE, plan};
pub use odd::{Field, Place, RangeForm, RangeText};
pub use operation::{Act, Body, Connection, Mark, Operation, Point, Slot, Twist};
pub use play::{Play, Word};
pub use role::{ROLES, in_order, in_plain};
pub use shrink::Shrinker;
pub use state::{Standing, State};
pub use vary::variation;
pub use way::Way;

#[cfg(test)]
mod tests;

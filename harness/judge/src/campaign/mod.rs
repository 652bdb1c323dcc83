//! Long random runs: what a session shows of a server, and which sessions are worth keeping for it. No I/O, no clock.
//!
//! Nothing is known of the server's inside. What counts as new is a *feature*: a situation of the client's together with how
//! the server answered in it.

mod corpus;
mod feature;

pub use corpus::{Corpus, EntryError, name, read, text};
pub use feature::features;

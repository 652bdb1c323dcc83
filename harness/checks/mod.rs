//! The judges: each a pure function of a transcript, pointing at the clause that it judges. No I/O, no clock.

mod grade;
mod verdict;

pub use grade::Outcome;
pub use verdict::{Finding, Followed, Judgement, Verdict};

//! What a run came to, and how it is shown. Renderers are functions from [`Results`] to text; they read no clock.

pub mod catalog;
pub mod curl;
mod format;
pub mod har;
pub mod json;
pub mod junit;
pub mod progress;
pub mod read;
mod replay;
mod results;
#[cfg(test)]
mod sample;
mod tally;
pub mod terminal;
mod theme;
mod visible;

pub use format::{Format, UnknownFormat, render};
pub use replay::{Again, Replay};
pub use results::{
    CheckResult, ClauseResult, Fate, FindingResult, ReadingResult, Results, ScenarioResult,
    Summary, TARGET_ALIVE, Totals,
};
pub use tally::{Circumstances, Judged, MergeError, Rows, Selection, Tally, normal};

/// The seed as people type it: hexadecimal, at least eight digits.
fn seed(seed: u64) -> String {
    format!("{seed:08x}")
}

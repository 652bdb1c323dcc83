//! The generator behind `bitscheck bench`: whole uploads, as many at a time as wanted, and what they cost.
//!
//! - [`work`] says what is measured: how many connections and sessions, which sizes, how paced.
//! - `generator` sends: threads with connections of their own, payload bytes that are made once, and no allocation for a
//!   fragment.
//! - [`sink`] takes the same bytes and does nothing with them; what the generator reaches there is the *ceiling*.
//! - `subject` finds the target and looks whether it takes uploads.
//! - [`record`] counts and keeps latencies; [`usage`] asks the system what threads and processes used.
//! - [`figures`] is what a measurement came to, [`baseline`] compares two, and [`report`] shows them.

pub mod baseline;
pub mod bench;
pub mod figures;
mod generator;
pub mod record;
pub mod report;
pub mod sink;
pub mod size;
pub(crate) mod subject;
pub mod usage;
pub mod work;

pub use bench::{Conditions, bench_cell, payload};
pub use generator::{Stop, greet};
pub use work::{Cell, Extent, Manner, Names, Pace, Paced, Target};

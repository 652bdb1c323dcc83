//! bitscheck: conformance testing for BITS servers ([MC-BUP]).
//!
//! The modules stand in the order in which data passes: a scenario becomes a plan, a plan is driven and becomes a
//! transcript, a transcript is judged by the checks, and verdicts become reports.

pub mod wire;

pub mod spec;

pub mod plan;

pub mod scenario;

pub mod model;

pub mod transcript;

pub mod checks;

pub mod report;

pub mod campaign;

pub mod refserver;

pub mod drive;

pub mod selftest;

pub mod load;

pub mod limits;

pub mod cli;

pub mod fuzzing;

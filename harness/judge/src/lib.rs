//! What bitscheck judges and how, without I/O and without a clock: the clauses of [MC-BUP], plans and scenarios, random
//! sessions, transcripts, checks and reports.
//!
//! The modules stand in the order in which data passes: a scenario or a seed becomes a plan; a transcript of what happened
//! is judged by the checks; verdicts become reports.

pub mod spec;

pub mod plan;

pub mod scenario;

pub mod model;

pub mod transcript;

pub mod checks;

pub mod report;

pub mod campaign;

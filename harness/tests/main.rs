//! What must hold of the whole: a file for each question.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod cli;
mod faults;
mod fronts;
mod fuzzing;
mod profiles;
mod registry;
mod runs;
mod samples;
mod targets;
mod tls;

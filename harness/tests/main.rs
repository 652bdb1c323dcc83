//! What must hold of the whole: a file for each question.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod astray;
mod bench;
mod campaigns;
mod cli;
mod documents;
mod durable;
mod faults;
mod fronts;
mod fuzzing;
mod hostile;
mod keeping;
mod limits;
mod profiles;
mod races;
mod registry;
mod replays;
mod runs;
mod samples;
mod seeded;
mod settings;
mod targets;
mod tls;

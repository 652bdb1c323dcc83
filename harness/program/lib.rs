//! bitscheck: conformance testing for BITS servers ([MC-BUP]).
//!
//! What is judged and how stands in `bits_judge`, the reference server in `bits_server`. This package drives plans against
//! a server, and is the command line.

pub mod scenarios;

pub mod drive;

pub mod selftest;

pub mod load;

pub mod limits;

pub mod cli;

mod error;

pub use self::error::{Error, ErrorKind};

mod replace;

mod campaign;

mod config;

mod runner;

pub use self::runner::event::{Event, Finding, Hindrance, Progress};

mod subject;

mod term;

mod triage;

pub mod fuzzing;

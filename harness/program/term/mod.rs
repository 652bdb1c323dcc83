//! What is written to the terminal and to files, signals, and exit codes.

pub(crate) mod exit;
pub(crate) mod file;
pub(crate) mod print;
pub(crate) mod signals;

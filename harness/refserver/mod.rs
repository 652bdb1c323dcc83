//! The reference server: a BITS upload server for any system, strict [MC-BUP] unless it is told otherwise.
//!
//! [`machine`] holds the rules, without I/O and without a clock; [`paths`] and [`config`] are plain values.

pub mod config;
pub mod fault;
pub mod machine;
pub mod paths;

//! The reference server: a BITS upload server for any system, strict [MC-BUP] unless it is told otherwise.
//!
//! - [`machine`] holds the rules of the protocol, without I/O and without a clock.
//! - [`paths`], [`config`] and [`download`] are plain values and functions.
//! - [`store`] keeps entities, in memory or as files.
//! - [`service`] joins machine and store: a whole server as a function.
//! - [`listen`] puts it on a socket.
//! - [`fault`] lists the clauses that it can be told to break.

pub mod config;
pub mod download;
pub mod fault;
pub mod listen;
pub mod machine;
pub mod paths;
pub mod service;
pub mod store;

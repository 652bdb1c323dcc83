//! The commands, each in a module of its own.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod corpus;
pub(crate) mod fuzz;
pub(crate) mod init;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod selftest;
pub(crate) mod serve;

//! What can be said on the command line.

pub(crate) mod bench;
pub(crate) mod command;
pub(crate) mod config;
pub(crate) mod fuzz;
pub(crate) mod init;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod offline;
pub(crate) mod reproduce;
pub(crate) mod run;
pub(crate) mod selftest;
pub(crate) mod serve;
pub(crate) mod target;
pub(crate) mod validate;
pub(crate) mod values;

//! Random sessions for hours, led by what is new about the answers.

pub(crate) mod config;
pub(crate) mod crash;
pub(crate) mod explore;
pub(crate) mod run;
pub(crate) mod state;
pub(crate) mod store;

//! Carries plans out against a target and brings judged results back.

pub(crate) mod cleanup;
pub(crate) mod executor;
pub(crate) mod filter;
pub(crate) mod library;
pub(crate) mod outcome;
pub(crate) mod queue;
pub(crate) mod retry;
pub(crate) mod run;
pub(crate) mod workload;

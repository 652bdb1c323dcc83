//! Carries plans out against a target and brings judged results back.

pub(crate) mod cleanup;
pub(crate) mod event;
pub(crate) mod executor;
pub(crate) mod filter;
pub(crate) mod interrupts;
pub(crate) mod library;
pub(crate) mod options;
pub(crate) mod outcome;
pub(crate) mod queue;
pub(crate) mod request;
pub(crate) mod retry;
pub(crate) mod run;
pub(crate) mod shard;
pub(crate) mod workload;

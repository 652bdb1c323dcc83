//! What is judged: a target, or the embedded server.

pub(crate) mod allow;
pub(crate) mod commands;
pub(crate) mod credentials;
pub(crate) mod discovery;
pub(crate) mod embedded;
pub(crate) mod preflight;
pub(crate) mod resolve;
pub(crate) mod restartable;

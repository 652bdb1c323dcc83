//! What random sessions find is confirmed, made small, and written down.

pub(crate) mod bundle;
pub(crate) mod finding;
pub(crate) mod run;
pub(crate) mod trial;

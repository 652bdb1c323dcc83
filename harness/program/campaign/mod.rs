//! Random sessions for hours.

pub(crate) mod crash;
pub(crate) mod explore;
pub(crate) mod state;

//! Which directories a target seems to have, and a first target file that says so.

pub(crate) mod file;
pub(crate) mod probe;

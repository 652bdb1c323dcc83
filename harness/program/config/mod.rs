//! The target file: what is known of a target beforehand.

pub(crate) mod diagnostic;
pub(crate) mod document;
pub(crate) mod error;
pub(crate) mod secrets;
pub(crate) mod target;
pub(crate) mod values;
pub(crate) use self::{
    secrets::Secrets,
    target::{DEFAULT_NAME, RoleSettings, Target, accounts},
    values::{ReadBack, directory_path},
};

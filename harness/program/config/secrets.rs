//! Where the passwords come from that a target file speaks of.

use std::{fs, io, path::Path};

/// Gives the passwords that a target file does not hold itself.
pub(crate) trait Secrets {
    /// The value of an environment variable, if it has one.
    fn variable(&self, name: &str) -> Option<String>;

    /// The text of a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn file(&self, path: &Path) -> io::Result<String>;
}

/// The environment and the files of this machine.
pub(crate) struct System;

impl Secrets for System {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }
}

//! Replaces a file all at once.

use std::{fs, io, path::Path};

/// Puts a file in the place of another, all at once: whoever reads it finds the one or the other.
///
/// # Errors
///
/// If it cannot be written; nothing is left of it then.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // What a link leads to is replaced, and not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let half = path.with_added_extension("part");
    let written = fs::write(&half, text).and_then(|()| fs::rename(&half, &path));
    if written.is_err() {
        // It may never have been there.
        let _ = fs::remove_file(&half);
    }
    written
}

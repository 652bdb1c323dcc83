//! One process for one root.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::Path,
};

/// The file that is locked, in the folder for sessions of the root.
pub(super) const LOCK_FILE: &str = "lock";

/// Keeps other processes out for as long as the file is open. The system lets go of it when a process ends, however it
/// ends, so that a file that is left behind means nothing.
pub(super) fn hold(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK_FILE))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "another process keeps its uploads there",
        )),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!(folder = %folder.display(), "the file system has no locks: nothing keeps other servers out");
            Ok(file)
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_once_and_free_again_when_it_is_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let held = hold(folder.path()).unwrap();
        let refused = hold(folder.path()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ResourceBusy);
        assert!(refused.to_string().contains("another process"), "{refused}");
        drop(held);
        assert!(folder.path().join(LOCK_FILE).is_file());
        hold(folder.path()).unwrap();
    }
}

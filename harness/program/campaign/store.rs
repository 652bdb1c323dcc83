//! The folder of a corpus: sessions that showed something new, each in a file of its own.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use bits_judge::{
    campaign::{name, read, text},
    model::Operation,
};

use crate::{error::Error, replace::replace};

/// The sessions of a folder.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// The sessions, by the names of their files.
    pub(crate) sessions: BTreeMap<String, Vec<Operation>>,
    /// Files that hold no session, and why; they are left alone.
    pub(crate) unread: Vec<(PathBuf, String)>,
}

/// Reads the sessions of a folder.
///
/// # Errors
///
/// For a folder that cannot be read.
pub(crate) fn load(folder: &Path) -> Result<Stored, Error> {
    let cannot = |error: io::Error| {
        Error::usage(format!("cannot read the corpus {}: {error}", folder.display()))
    };
    let mut stored = Stored::default();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let is_session = path.extension().is_some_and(|end| end == "json");
        let is_state =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("campaign-"));
        if !is_session || is_state {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(cannot)?;
        match read(&text) {
            // The name follows from the content, whatever somebody called the file.
            Ok(operations) => {
                drop(stored.sessions.insert(name(&self::text(&operations)), operations))
            }
            Err(error) => stored.unread.push((path, error.to_string())),
        }
    }
    Ok(stored)
}

/// Writes a session into a folder.
///
/// # Errors
///
/// If it cannot be written.
pub(crate) fn insert(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let path = folder.join(name);
    replace(&path, text)
        .map_err(|error| Error::internal(format!("cannot write {}: {error}", path.display())))
}

/// Makes a folder, if it is not there.
///
/// # Errors
///
/// If it cannot be made.
pub(crate) fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder)
        .map_err(|error| Error::usage(format!("cannot make {}: {error}", folder.display())))
}

/// Keeps other programs from a corpus for as long as the folder is held, where folders can be locked.
///
/// # Errors
///
/// If one works there already.
pub(crate) fn lock(folder: &Path) -> Result<Option<File>, Error> {
    let Ok(held) = File::open(folder) else { return Ok(None) };
    match held.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::usage(format!(
            "another bitscheck works on the corpus {}; give this one a folder of its own, and put them together with \
             `bitscheck corpus merge`",
            folder.display()
        ))),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(held)),
    }
}

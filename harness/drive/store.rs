//! Taking a session's files away from a store on this machine.

use std::{fs, io, path::Path};

/// Deletes the files of `session` below `folder` and says how many there were. A session's files lie in a folder, or
/// have a name, that is its id with or without braces, in any case.
pub(super) fn delete(folder: &Path, session: &str) -> io::Result<usize> {
    let wanted = plain(session);
    if wanted.is_empty() {
        return Ok(0);
    }
    let mut deleted = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let own = path.file_stem().is_some_and(|name| plain(&name.to_string_lossy()) == wanted);
        // Links are not followed: what is taken away lies in the store itself.
        deleted += match (entry.file_type()?.is_dir(), own) {
            (true, true) => empty(&path)?,
            (true, false) => delete(&path, session)?,
            (false, true) => fs::remove_file(&path).map(|()| 1)?,
            (false, false) => 0,
        };
    }
    Ok(deleted)
}

fn empty(folder: &Path) -> io::Result<usize> {
    let mut deleted = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        deleted += if entry.file_type()?.is_dir() {
            empty(&entry.path())?
        } else {
            fs::remove_file(entry.path()).map(|()| 1)?
        };
    }
    Ok(deleted)
}

fn plain(name: &str) -> String {
    name.trim_matches(['{', '}']).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_files_of_the_session_go() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("up/BITS-Sessions/Requests/{AB}");
        let other = folder.path().join("up/BITS-Sessions/Requests/{CD}");
        for place in [&own, &other] {
            fs::create_dir_all(place).unwrap();
            fs::write(place.join("requestfile.bin"), "x").unwrap();
        }
        assert_eq!(delete(folder.path(), "{ab}").unwrap(), 1);
        assert!(!own.join("requestfile.bin").exists());
        assert!(other.join("requestfile.bin").exists());
        assert_eq!(delete(folder.path(), "").unwrap(), 0);
    }
}

//! Taking a session's files away from a store on this machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Deletes the files of `session` below `folder` and says how many there were. A session's files lie in a folder, or
/// have a name, that is its id with or without braces, in any case.
///
/// Other sessions come and go while this one is looked for, so what vanishes meanwhile is passed over.
pub(super) fn delete(folder: &Path, session: &str) -> io::Result<usize> {
    let wanted = plain(session);
    if wanted.is_empty() {
        return Ok(0);
    }
    let mut deleted = 0;
    for (path, is_folder) in entries(folder)? {
        let own = path.file_stem().is_some_and(|name| plain(&name.to_string_lossy()) == wanted);
        deleted += match (is_folder, own) {
            (true, true) => empty(&path)?,
            (true, false) => delete(&path, session)?,
            (false, true) => remove(&path)?,
            (false, false) => 0,
        };
    }
    Ok(deleted)
}

fn empty(folder: &Path) -> io::Result<usize> {
    let mut deleted = 0;
    for (path, is_folder) in entries(folder)? {
        deleted += if is_folder { empty(&path)? } else { remove(&path)? };
    }
    Ok(deleted)
}

/// What lies in a folder, and whether it is a folder itself. Links are not followed: what is taken away lies in the
/// store.
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let Some(all) = unless_gone(fs::read_dir(folder))? else { return Ok(vec![]) };
    let mut entries = Vec::new();
    for entry in all {
        let Some(entry) = unless_gone(entry)? else { continue };
        if let Some(kind) = unless_gone(entry.file_type())? {
            entries.push((entry.path(), kind.is_dir()));
        }
    }
    Ok(entries)
}

fn remove(path: &Path) -> io::Result<usize> {
    Ok(unless_gone(fs::remove_file(path))?.map_or(0, |()| 1))
}

fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn plain(name: &str) -> String {
    name.trim_matches(['{', '}']).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vanishes_meanwhile_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert_eq!(delete(&gone, "{ab}").unwrap(), 0);
        assert_eq!((empty(&gone).unwrap(), remove(&gone).unwrap()), (0, 0));
    }

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

//! Bringing an entity to its destination, all at once.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::Path,
    time::SystemTime,
};

use super::{check, sync_folder};
use crate::{
    machine::{Replace, Trouble},
    store::Durability,
};

/// From where to where.
pub(super) struct Move<'a> {
    /// The entity.
    pub(super) from: &'a Path,
    /// A name beside the destination, for a copy if the entity lies on another file system.
    pub(super) copy: &'a Path,
    /// The destination.
    pub(super) to: &'a Path,
    /// Whether something may be there.
    pub(super) replace: Replace,
    /// What this has to outlive.
    pub(super) durability: Durability,
}

/// Moves the first `length` bytes of an entity to its destination.
pub(super) fn publish(work: &Move<'_>, length: u64) -> Result<(), Trouble> {
    let file = OpenOptions::new().write(true).open(work.from)?;
    let facts = file.metadata()?;
    if is_there_already(&facts, work.to) {
        // An earlier process was ended between the two halves of the move.
        fs::remove_file(work.from)?;
        return Ok(());
    }
    check(work.to, work.replace)?;
    if facts.len() != length {
        file.set_len(length)?;
    }
    file.set_modified(SystemTime::now())?;
    if work.durability == Durability::Disk {
        file.sync_all()?;
    }
    drop(file);
    match rename(work.from, work.to, work.replace) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy(work)?,
        outcome => outcome?,
    }
    if let Some(folder) = work.to.parent().filter(|_| work.durability == Durability::Disk) {
        sync_folder(folder)?;
    }
    Ok(())
}

/// Copies the entity to a name beside its destination, from where it is renamed. It is deleted only after that.
fn copy(work: &Move<'_>) -> io::Result<()> {
    let made = (|| {
        fs::copy(work.from, work.copy)?;
        let file = OpenOptions::new().write(true).open(work.copy)?;
        file.set_modified(SystemTime::now())?;
        if work.durability == Durability::Disk {
            file.sync_all()?;
        }
        rename(work.copy, work.to, work.replace)
    })();
    if made.is_err() {
        drop(fs::remove_file(work.copy));
        return made;
    }
    fs::remove_file(work.from)
}

fn rename(from: &Path, to: &Path, replace: Replace) -> io::Result<()> {
    match replace {
        Replace::Allowed => fs::rename(from, to),
        Replace::Refused => rename_to_free_name(from, to),
    }
}

/// Moves a file to a name that must not be taken. No system's rename asks that, so the file gets the name as a second
/// one, which fails if it is taken. Where a file can have one name only, the name is reserved by an empty file first.
fn rename_to_free_name(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::AlreadyExists | io::ErrorKind::CrossesDevices
            ) =>
        {
            Err(error)
        }
        Err(_) => {
            File::create_new(to)?;
            fs::rename(from, to).inspect_err(|_| drop(fs::remove_file(to)))
        }
    }
}

/// Whether the destination is this very file, under a second name.
#[cfg(unix)]
fn is_there_already(entity: &Metadata, to: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let same = |there: Metadata| (there.dev(), there.ino()) == (entity.dev(), entity.ino());
    entity.nlink() > 1 && fs::symlink_metadata(to).is_ok_and(same)
}

/// Whether the destination is this very file, which cannot be told here.
#[cfg(not(unix))]
fn is_there_already(_: &Metadata, _: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work<'a>(from: &'a Path, copy: &'a Path, to: &'a Path, replace: Replace) -> Move<'a> {
        Move { from, copy, to, replace, durability: Durability::Os }
    }

    #[test]
    #[cfg(unix)]
    fn a_move_that_was_ended_in_its_middle_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let [from, copy, to] = ["from", "copy", "to"].map(|name| folder.path().join(name));
        fs::write(&from, "abc").unwrap();
        fs::hard_link(&from, &to).unwrap();
        publish(&work(&from, &copy, &to, Replace::Refused), 3).unwrap();
        assert_eq!((fs::read(&to).unwrap(), from.exists()), (b"abc".to_vec(), false));
        fs::write(&from, "abc").unwrap();
        let again = publish(&work(&from, &copy, &to, Replace::Refused), 3);
        assert_eq!(again, Err(Trouble::Exists), "an equal file is not the same file");
    }

    /// Two folders on two file systems, if the machine has such; else there is nothing to show.
    #[cfg(unix)]
    fn two_file_systems() -> Option<(tempfile::TempDir, tempfile::TempDir)> {
        use std::os::unix::fs::MetadataExt as _;
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in("/dev/shm").ok()?);
        let device = |folder: &tempfile::TempDir| fs::metadata(folder.path()).unwrap().dev();
        (device(&one) != device(&other)).then_some((one, other))
    }

    #[test]
    #[cfg(unix)]
    fn an_entity_of_another_file_system_comes_whole_and_leaves_nothing() {
        let Some((there, here)) = two_file_systems() else {
            return;
        };
        for replace in [Replace::Refused, Replace::Allowed] {
            let (from, to) = (there.path().join("from"), here.path().join("to"));
            let copy = here.path().join("copy");
            fs::write(&from, "abcdef").unwrap();
            publish(&work(&from, &copy, &to, replace), 4).unwrap();
            assert_eq!(fs::read(&to).unwrap(), b"abcd");
            assert!(!from.exists() && !copy.exists());
        }
        let (from, to) = (there.path().join("from"), here.path().join("to"));
        fs::write(&from, "other").unwrap();
        let copy = here.path().join("copy");
        let refused = publish(&work(&from, &copy, &to, Replace::Refused), 5);
        assert_eq!(refused, Err(Trouble::Exists));
        assert_eq!((fs::read(&to).unwrap(), from.exists()), (b"abcd".to_vec(), true));
    }
}

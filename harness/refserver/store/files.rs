//! Entities as files.
//!
//! Under the root lies a folder for each virtual directory, and in it, apart from what is published,
//! `BITS-Sessions/Requests/{session}/requestfile.bin` for what is not finished and
//! `BITS-Sessions/Replies/{session}/responsefile.bin` for replies, as IIS 6 has them. All lie on one file system, so that
//! publishing is a rename.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{Document, Paths, Store};
use crate::refserver::{
    config::Config,
    machine::{Entity, Replace, Trouble},
    paths::{Place, REPLY_FILE, REQUEST_FILE, SESSIONS_FOLDER},
};

const REPLIES_FOLDER: &str = "Replies";
const REQUESTS_FOLDER: &str = "Requests";

/// A store of files under one root.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
    /// How many bytes an entity may have, by the folder of its virtual directory.
    rooms: HashMap<String, u64>,
}

/// A file on a disk that has room for so many bytes more.
struct Limited {
    file: File,
    left: u64,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.file.write(&bytes[..room])?;
        self.left -= written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Files {
    /// Opens a store, and makes the folders of the virtual directories.
    ///
    /// # Errors
    ///
    /// If a folder cannot be made.
    pub fn open(root: &Path, config: &Config) -> io::Result<Self> {
        for vdir in &config.vdirs {
            let folder =
                vdir.folder().split('/').fold(root.to_owned(), |path, part| path.join(part));
            for inner in [REQUESTS_FOLDER, REPLIES_FOLDER] {
                fs::create_dir_all(folder.join(SESSIONS_FOLDER).join(inner))?;
            }
        }
        // Paths are told to server applications, which may have another working folder.
        let rooms = config
            .vdirs
            .iter()
            .filter_map(|vdir| Some((vdir.folder().to_owned(), vdir.disk_space?)));
        Ok(Self { root: std::path::absolute(root)?, rooms: rooms.collect() })
    }

    fn destination(&self, place: &Place) -> PathBuf {
        place.from_root().fold(self.root.clone(), |path, name| path.join(name))
    }

    fn folder_of(&self, entity: &Entity, inner: &str) -> PathBuf {
        let folder = entity.folder.split('/').fold(self.root.clone(), |path, part| path.join(part));
        folder.join(SESSIONS_FOLDER).join(inner).join(entity.session.to_string())
    }

    fn request_file(&self, entity: &Entity) -> PathBuf {
        self.folder_of(entity, REQUESTS_FOLDER).join(REQUEST_FILE)
    }

    fn reply_file(&self, entity: &Entity) -> PathBuf {
        self.folder_of(entity, REPLIES_FOLDER).join(REPLY_FILE)
    }
}

/// Whether a destination could be filled as things stand.
fn check(destination: &Path, replace: Replace) -> Result<(), Trouble> {
    let parent = destination.parent().ok_or(Trouble::Directory)?;
    if !parent.is_dir() {
        return Err(Trouble::NoParent);
    }
    // A link that leads nowhere is there, too.
    match fs::symlink_metadata(destination) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) if destination.is_dir() => Err(Trouble::Directory),
        Ok(_) if replace == Replace::Refused => Err(Trouble::Exists),
        Ok(_) => Ok(()),
    }
}

/// Moves a file to a name that must not be taken. No system's rename asks that, so the file gets the name as a second
/// one, which fails if it is taken. Where a file can have one name only, the name is reserved by an empty file first.
fn rename_to_free_name(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            OpenOptions::new().write(true).create_new(true).open(to)?;
            fs::rename(from, to).inspect_err(|_| drop(fs::remove_file(to)))
        }
    }
}

impl Store for Files {
    fn create(&self, entity: &Entity, place: &Place, replace: Replace) -> Result<(), Trouble> {
        check(&self.destination(place), replace)?;
        fs::create_dir_all(self.folder_of(entity, REQUESTS_FOLDER))?;
        File::create(self.request_file(entity))?;
        Ok(())
    }

    fn write(&self, entity: &Entity, offset: u64) -> Result<Box<dyn Write + Send>, Trouble> {
        let mut file = OpenOptions::new().write(true).open(self.request_file(entity))?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(match self.rooms.get(&entity.folder) {
            Some(room) => Box::new(Limited { file, left: room.saturating_sub(offset) }),
            None => Box::new(file),
        })
    }

    fn publish(
        &self,
        entity: &Entity,
        place: &Place,
        length: u64,
        replace: Replace,
    ) -> Result<(), Trouble> {
        let (from, to) = (self.request_file(entity), self.destination(place));
        let file = OpenOptions::new().write(true).open(&from)?;
        check(&to, replace)?;
        file.set_len(length)?;
        file.set_modified(SystemTime::now())?;
        file.sync_all()?;
        drop(file);
        match replace {
            Replace::Allowed => fs::rename(&from, &to)?,
            Replace::Refused => rename_to_free_name(&from, &to)?,
        }
        // The entity is published; an empty folder that stays behind takes nothing from that.
        drop(fs::remove_dir(self.folder_of(entity, REQUESTS_FOLDER)));
        Ok(())
    }

    fn discard(&self, entity: &Entity) -> Result<(), Trouble> {
        let removed = fs::remove_file(self.request_file(entity));
        drop(fs::remove_dir(self.folder_of(entity, REQUESTS_FOLDER)));
        Ok(removed?)
    }

    fn expose(&self, entity: &Entity, place: &Place) -> Result<(), Trouble> {
        fs::copy(self.request_file(entity), self.destination(place))?;
        Ok(())
    }

    fn read(&self, place: &Place) -> Option<Document> {
        if place.slash {
            return None;
        }
        open(&self.destination(place))
    }

    fn request(&self, entity: &Entity) -> Option<Document> {
        open(&self.request_file(entity))
    }

    fn write_reply(&self, entity: &Entity) -> Result<Box<dyn Write + Send>, Trouble> {
        fs::create_dir_all(self.folder_of(entity, REPLIES_FOLDER))?;
        Ok(Box::new(File::create(self.reply_file(entity))?))
    }

    fn reply(&self, entity: &Entity) -> Option<Document> {
        open(&self.reply_file(entity))
    }

    fn discard_reply(&self, entity: &Entity) {
        // As a rule there is none.
        drop(fs::remove_file(self.reply_file(entity)));
        drop(fs::remove_dir(self.folder_of(entity, REPLIES_FOLDER)));
    }

    fn paths(&self, entity: &Entity) -> Option<Paths> {
        fs::create_dir_all(self.folder_of(entity, REPLIES_FOLDER)).ok()?;
        Some(Paths { request: self.request_file(entity), reply: self.reply_file(entity) })
    }
}

fn open(path: &Path) -> Option<Document> {
    let file = File::open(path).ok()?;
    let facts = file.metadata().ok().filter(fs::Metadata::is_file)?;
    let modified = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Some(Document { size: facts.len(), modified, content: Box::new(file) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{refserver::config::VirtualDirectory, wire::Guid};

    #[test]
    fn a_disk_with_little_room_is_full_after_so_many_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let vdir = VirtualDirectory { disk_space: Some(4), ..VirtualDirectory::new("/up/") };
        let store = Files::open(folder.path(), &Config::of(vec![vdir])).unwrap();
        let entity = Entity { folder: "up".into(), session: Guid(1) };
        let place = Place { vdir: 0, folder: "up".into(), names: vec!["a".into()], slash: false };
        store.create(&entity, &place, Replace::Refused).unwrap();
        store.write(&entity, 0).unwrap().write_all(b"abc").unwrap();
        let full = store.write(&entity, 3).unwrap().write_all(b"de").unwrap_err();
        assert_eq!(Trouble::from(full), Trouble::DiskFull);
        store.write(&entity, 3).unwrap().write_all(b"d").unwrap();
    }

    #[test]
    fn unfinished_entities_lie_where_iis_keeps_them_and_leave_nothing() {
        let root = tempfile::tempdir().unwrap();
        let config = Config::of(vec![VirtualDirectory::new("/up/")]);
        let store = Files::open(root.path(), &config).unwrap();
        let place = crate::refserver::paths::resolve(&config, "/up/a").unwrap();
        let entity = Entity { folder: "up".into(), session: Guid(1) };
        store.create(&entity, &place, Replace::Refused).unwrap();
        let requests = root.path().join("up/BITS-Sessions/Requests");
        assert!(requests.join(Guid(1).to_string()).join("requestfile.bin").is_file());
        store.publish(&entity, &place, 0, Replace::Refused).unwrap();
        assert!(root.path().join("up/a").is_file());
        assert_eq!(fs::read_dir(requests).unwrap().count(), 0);
    }

    #[test]
    fn a_destination_is_filled_once_however_many_want_it() {
        let root = tempfile::tempdir().unwrap();
        let store = Files::open(root.path(), &Config::single()).unwrap();
        let place = crate::refserver::paths::resolve(&Config::single(), "/taken").unwrap();
        let publish = |number: u8| {
            let entity = Entity { folder: String::new(), session: Guid(number.into()) };
            store.create(&entity, &place, Replace::Refused)?;
            store.write(&entity, 0)?.write_all(&[number])?;
            store.publish(&entity, &place, 1, Replace::Refused)
        };
        let start = std::sync::Barrier::new(8);
        let won: Vec<u8> = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..8)
                .map(|number| {
                    let (start, publish) = (&start, &publish);
                    scope.spawn(move || {
                        start.wait();
                        publish(number).ok().map(|()| number)
                    })
                })
                .collect();
            tries.into_iter().filter_map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(won.len(), 1);
        assert_eq!(fs::read(root.path().join("taken")).unwrap(), won);
    }

    #[test]
    fn a_name_that_is_too_long_is_told_apart() {
        let root = tempfile::tempdir().unwrap();
        let store = Files::open(root.path(), &Config::single()).unwrap();
        let target = format!("/{}", "x".repeat(300));
        let place = crate::refserver::paths::resolve(&Config::single(), &target).unwrap();
        let entity = Entity { folder: String::new(), session: Guid(1) };
        assert_eq!(store.create(&entity, &place, Replace::Refused), Err(Trouble::Name));
    }
}

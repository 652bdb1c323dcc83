//! Entities as files.
//!
//! Under the root lies a folder for each virtual directory, and in it, apart from what is published,
//! `BITS-Sessions/Requests/{session}/requestfile.bin` for what is not finished and
//! `BITS-Sessions/Replies/{session}/responsefile.bin` for replies, as IIS 6 has them. All lie on one file system as a rule,
//! so that publishing is a rename. Beside an entity lies what is kept of its session (`session.log`), and in the
//! `BITS-Sessions` of the root the file that a process locks as long as it uses the store (`lock`).

mod found;
mod lock;
mod log;
mod publish;

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use super::{Document, Durability, Findings, Paths, Store};
use crate::{
    config::Config,
    machine::{Entity, Replace, Saved, Trouble},
    paths::{COPY_PREFIX, Place, REPLY_FILE, REQUEST_FILE, SESSIONS_FOLDER},
};

const REPLIES_FOLDER: &str = "Replies";
const REQUESTS_FOLDER: &str = "Requests";

/// A store of files under one root, which no other process uses at the same time.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
    durability: Durability,
    /// The folders of the virtual directories.
    folders: Vec<String>,
    /// How many bytes an entity may have, by the folder of its virtual directory.
    rooms: HashMap<String, u64>,
    /// Held as long as any clone is there.
    _lock: Arc<File>,
}

/// A file that is written to: on a disk that has room for so many bytes more, and synced at the end if it has to be.
struct Writer {
    file: File,
    left: u64,
    durability: Durability,
}

impl Write for Writer {
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
        self.file.flush()?;
        if self.durability == Durability::Disk { self.file.sync_data() } else { Ok(()) }
    }
}

impl Files {
    /// Opens a store whose sessions end with the process ([`Durability::None`]), makes the folders of the virtual
    /// directories, and keeps other processes out.
    ///
    /// # Errors
    ///
    /// If a folder cannot be made, or another process uses this root ([`io::ErrorKind::ResourceBusy`]).
    pub fn open(root: &Path, config: &Config) -> io::Result<Self> {
        // Paths are told to server applications, which may have another working folder.
        let root = std::path::absolute(root)?;
        let lock = Arc::new(lock::hold(&root.join(SESSIONS_FOLDER))?);
        for vdir in &config.vdirs {
            let folder = within(&root, vdir.folder().split('/')).join(SESSIONS_FOLDER);
            for inner in [REQUESTS_FOLDER, REPLIES_FOLDER] {
                fs::create_dir_all(folder.join(inner))?;
            }
        }
        let folders = config.vdirs.iter().map(|vdir| vdir.folder().to_owned()).collect();
        let rooms = config
            .vdirs
            .iter()
            .filter_map(|vdir| Some((vdir.folder().to_owned(), vdir.disk_space?)));
        let rooms = rooms.collect();
        Ok(Self { root, durability: Durability::None, folders, rooms, _lock: lock })
    }

    /// The same store, which keeps what is acknowledged as long as this says.
    #[must_use]
    pub const fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    fn destination(&self, place: &Place) -> PathBuf {
        within(&self.root, place.from_root())
    }

    fn sessions_of(&self, folder: &str, inner: &str) -> PathBuf {
        within(&self.root, folder.split('/').chain([SESSIONS_FOLDER, inner]))
    }

    fn folder_of(&self, entity: &Entity, inner: &str) -> PathBuf {
        let mut folder = self.sessions_of(&entity.folder, inner);
        folder.push(entity.session.to_string());
        folder
    }

    fn request_file(&self, entity: &Entity) -> PathBuf {
        let mut file = self.folder_of(entity, REQUESTS_FOLDER);
        file.push(REQUEST_FILE);
        file
    }

    fn reply_file(&self, entity: &Entity) -> PathBuf {
        let mut file = self.folder_of(entity, REPLIES_FOLDER);
        file.push(REPLY_FILE);
        file
    }

    fn make(&self, entity: &Entity) -> io::Result<()> {
        let folder = self.folder_of(entity, REQUESTS_FOLDER);
        fs::create_dir_all(&folder)?;
        File::create(folder.join(REQUEST_FILE))?;
        self.settle(&folder)?;
        self.settle(&self.sessions_of(&entity.folder, REQUESTS_FOLDER))
    }

    /// Makes names that were given or taken in a folder outlive a loss of power, if they have to.
    fn settle(&self, folder: &Path) -> io::Result<()> {
        if self.durability == Durability::Disk { sync_folder(folder) } else { Ok(()) }
    }

    /// Takes the folder of an entity away with all that is in it.
    fn clear(&self, entity: &Entity) {
        let folder = self.folder_of(entity, REQUESTS_FOLDER);
        // As a rule there is nothing else, and to look through the folder takes seven calls more.
        if self.keeps_sessions() {
            drop(fs::remove_file(folder.join(log::LOG_FILE)));
        }
        // What stays behind is found and cleared away by the next start.
        if fs::remove_dir(&folder).is_err() {
            drop(fs::remove_dir_all(&folder));
        }
    }
}

/// The name under which an entity of another file system is copied to the folder of its destination.
fn copy_beside(destination: &Path, entity: &Entity) -> PathBuf {
    let id = entity.session.to_string();
    destination.with_file_name(format!("{COPY_PREFIX}{}", id.trim_start_matches('{')))
}

/// The path of a root and these names. It has room for those of a session's file, as it is made for each fragment.
fn within<'a>(root: &Path, names: impl Iterator<Item = &'a str>) -> PathBuf {
    let mut path = PathBuf::with_capacity(root.as_os_str().len() + 128);
    path.push(root);
    path.extend(names);
    path
}

/// Syncs the names in a folder. Where folders cannot be opened there is no such call, and the file system sees to it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Whether a destination could be filled as things stand.
fn check(destination: &Path, replace: Replace) -> Result<(), Trouble> {
    let parent = destination.parent().ok_or(Trouble::Directory)?;
    if !parent.is_dir() {
        return Err(Trouble::NoParent);
    }
    // A link that leads nowhere is there, too.
    let there = match fs::symlink_metadata(destination) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        there => there?.file_type(),
    };
    if there.is_dir() || there.is_symlink() && destination.is_dir() {
        return Err(Trouble::Directory);
    }
    if replace == Replace::Refused { Err(Trouble::Exists) } else { Ok(()) }
}

impl Store for Files {
    fn waits_for_disk(&self) -> bool {
        self.durability == Durability::Disk
    }

    fn create(&self, entity: &Entity, place: &Place, replace: Replace) -> Result<(), Trouble> {
        check(&self.destination(place), replace)?;
        Ok(self.make(entity).inspect_err(|_| self.clear(entity))?)
    }

    fn write(&self, entity: &Entity, offset: u64) -> Result<Box<dyn Write + Send>, Trouble> {
        let mut file = OpenOptions::new().write(true).open(self.request_file(entity))?;
        file.seek(SeekFrom::Start(offset))?;
        let room = self.rooms.get(&entity.folder);
        let left = room.map_or(u64::MAX, |room| room.saturating_sub(offset));
        Ok(Box::new(Writer { file, left, durability: self.durability }))
    }

    fn publish(
        &self,
        entity: &Entity,
        place: &Place,
        length: u64,
        replace: Replace,
    ) -> Result<(), Trouble> {
        let to = self.destination(place);
        publish::publish(
            &publish::Move {
                from: &self.request_file(entity),
                copy: &copy_beside(&to, entity),
                to: &to,
                replace,
                durability: self.durability,
            },
            length,
        )?;
        self.clear(entity);
        Ok(())
    }

    fn discard(&self, entity: &Entity) -> Result<(), Trouble> {
        let removed = fs::remove_file(self.request_file(entity));
        if removed.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
            return Ok(removed?);
        }
        self.clear(entity);
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
        let folder = self.folder_of(entity, REPLIES_FOLDER);
        fs::create_dir_all(&folder)?;
        let file = File::create(folder.join(REPLY_FILE))?;
        self.settle(&folder)?;
        self.settle(&self.sessions_of(&entity.folder, REPLIES_FOLDER))?;
        Ok(Box::new(Writer { file, left: u64::MAX, durability: self.durability }))
    }

    fn reply(&self, entity: &Entity) -> Option<Document> {
        open(&self.reply_file(entity))
    }

    fn discard_reply(&self, entity: &Entity) {
        // As a rule there is none.
        drop(fs::remove_file(self.reply_file(entity)));
        drop(fs::remove_dir(self.folder_of(entity, REPLIES_FOLDER)));
    }

    fn paths(&self, entity: &Entity, length: u64) -> Option<Paths> {
        fs::create_dir_all(self.folder_of(entity, REPLIES_FOLDER)).ok()?;
        let request = self.request_file(entity);
        let file = OpenOptions::new().write(true).open(&request).ok()?;
        if file.metadata().ok()?.len() > length {
            file.set_len(length).ok()?;
        }
        Some(Paths { request, reply: self.reply_file(entity) })
    }

    fn keeps_sessions(&self) -> bool {
        self.durability != Durability::None
    }

    fn keep(&self, saved: &Saved) -> Result<(), Trouble> {
        if self.durability == Durability::None {
            return Ok(());
        }
        let folder = self.folder_of(&saved.entity(), REQUESTS_FOLDER);
        let changed = log::append(&folder, saved, self.durability)?;
        if changed == log::Names::Changed {
            self.settle(&folder)?;
        }
        Ok(())
    }

    fn find(&self) -> io::Result<Findings> {
        found::find(self)
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
    use crate::config::VirtualDirectory;
    use bits_wire::Guid;

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
        let place = crate::paths::resolve(&config, "/up/a").unwrap();
        let entity = Entity { folder: "up".into(), session: Guid(1) };
        store.create(&entity, &place, Replace::Refused).unwrap();
        let requests = root.path().join("up/BITS-Sessions/Requests");
        assert!(requests.join(Guid(1).to_string()).join("requestfile.bin").is_file());
        store.publish(&entity, &place, 0, Replace::Refused).unwrap();
        assert!(root.path().join("up/a").is_file());
        assert_eq!(fs::read_dir(requests).unwrap().count(), 0);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stands_for_the_folder_that_it_leads_to_and_takes_its_name_if_it_leads_nowhere() {
        let root = tempfile::tempdir().unwrap();
        let store = Files::open(root.path(), &Config::single()).unwrap();
        let entity = Entity { folder: String::new(), session: Guid(1) };
        for (to, found) in [(".", Trouble::Directory), ("nowhere", Trouble::Exists)] {
            let link = root.path().join("link");
            std::os::unix::fs::symlink(to, &link).unwrap();
            let place = crate::paths::resolve(&Config::single(), "/link").unwrap();
            assert_eq!(store.create(&entity, &place, Replace::Refused), Err(found), "{to}");
            fs::remove_file(link).unwrap();
        }
    }

    #[test]
    fn a_destination_is_filled_once_however_many_want_it() {
        let root = tempfile::tempdir().unwrap();
        let store = Files::open(root.path(), &Config::single()).unwrap();
        let place = crate::paths::resolve(&Config::single(), "/taken").unwrap();
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
        let place = crate::paths::resolve(&Config::single(), &target).unwrap();
        let entity = Entity { folder: String::new(), session: Guid(1) };
        assert_eq!(store.create(&entity, &place, Replace::Refused), Err(Trouble::Name));
    }
}

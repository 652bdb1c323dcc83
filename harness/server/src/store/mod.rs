//! Where entities are kept: in memory, or as files.
//!
//! A store knows of sessions their ids and what it is given to keep of them. Its calls block; the shell decides on which
//! thread.

mod durability;
mod files;
mod memory;

use std::{
    io::{self, Read, Seek, Write},
    path::PathBuf,
    time::SystemTime,
};

use super::{
    machine::{Entity, Kept, Replace, Saved, Trouble},
    paths::Place,
};

pub use durability::Durability;
pub use files::Files;
pub use memory::Memory;

/// A place for entities, unfinished and published.
pub trait Store: Send + Sync + 'static {
    /// Makes an empty entity, if its destination could be filled as things stand.
    ///
    /// # Errors
    ///
    /// What stands in the way.
    fn create(&self, entity: &Entity, place: &Place, replace: Replace) -> Result<(), Trouble>;

    /// Opens an entity for writing from `offset` on. What is written is there once [`Write::flush`] has returned.
    ///
    /// # Errors
    ///
    /// [`Trouble::Vanished`] if the entity is not there any more.
    fn write(&self, entity: &Entity, offset: u64) -> Result<Box<dyn Write + Send>, Trouble>;

    /// Moves the first `length` bytes of an entity to its destination, all at once: nobody ever sees a part of them.
    ///
    /// # Errors
    ///
    /// What stands in the way; then the destination is as it was, and so is the entity.
    fn publish(
        &self,
        entity: &Entity,
        place: &Place,
        length: u64,
        replace: Replace,
    ) -> Result<(), Trouble>;

    /// Opens an entity for reading: its first `length` bytes are what was acknowledged.
    fn request(&self, entity: &Entity) -> Option<Document>;

    /// Opens the reply to an entity for writing, empty.
    ///
    /// # Errors
    ///
    /// What stands in the way.
    fn write_reply(&self, entity: &Entity) -> Result<Box<dyn Write + Send>, Trouble>;

    /// Opens the reply to an entity.
    fn reply(&self, entity: &Entity) -> Option<Document>;

    /// Deletes the reply to an entity, if there is one.
    fn discard_reply(&self, entity: &Entity);

    /// Where an entity lies and where its reply belongs, if they are files. Its file holds no more than these first
    /// `length` bytes then, and the folder of the reply is there.
    fn paths(&self, entity: &Entity, length: u64) -> Option<Paths>;

    /// Deletes an entity.
    ///
    /// # Errors
    ///
    /// [`Trouble::Vanished`] if there is nothing to delete.
    fn discard(&self, entity: &Entity) -> Result<(), Trouble>;

    /// Copies what an entity holds so far to its destination. No honest server does this; a seeded fault asks for it.
    ///
    /// # Errors
    ///
    /// What stands in the way.
    fn expose(&self, entity: &Entity, place: &Place) -> Result<(), Trouble>;

    /// Opens what is published at a place.
    fn read(&self, place: &Place) -> Option<Document>;

    /// Whether what it does waits for a disk, and not only for the memory in front of it.
    fn waits_for_disk(&self) -> bool {
        false
    }

    /// Whether sessions outlive the process here.
    fn keeps_sessions(&self) -> bool {
        false
    }

    /// Keeps what a session needs to go on after a restart, in the place of what was kept before. It is there once this
    /// has returned.
    ///
    /// # Errors
    ///
    /// What stands in the way; then a restart finds this or what was kept before, as a whole.
    fn keep(&self, saved: &Saved) -> Result<(), Trouble> {
        let _ = saved;
        Ok(())
    }

    /// What sessions of an earlier process have left. To be called once, before any other call.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn find(&self) -> io::Result<Findings> {
        Ok(Findings::default())
    }
}

/// What sessions of an earlier process have left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Those that can go on.
    pub sessions: Vec<Kept>,
    /// What is left of others: entities that are only half made, or replies without a session.
    pub remains: Vec<Entity>,
}

/// Where an entity lies and where its reply belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The entity.
    pub request: PathBuf,
    /// Its reply.
    pub reply: PathBuf,
}

/// Something published.
pub struct Document {
    /// Its size in bytes.
    pub size: u64,
    /// When it was published.
    pub modified: SystemTime,
    /// Its bytes.
    pub content: Box<dyn Content>,
}

/// Bytes that can be read from any place.
pub trait Content: Read + Seek + Send {}

impl<T: Read + Seek + Send> Content for T {}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::DiskFull,
            io::ErrorKind::NotFound => Self::Vanished,
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::IsADirectory => Self::Directory,
            io::ErrorKind::NotADirectory => Self::NoParent,
            io::ErrorKind::InvalidFilename => Self::Name,
            _ => Self::Store,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use bits_wire::Guid;

    /// All stores have to behave alike; each test runs on each.
    fn on_each(test: impl Fn(&dyn Store)) {
        let memory = Memory::default();
        memory.add_folder("folder");
        test(&memory);
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("folder")).unwrap();
        test(&Files::open(root.path(), &Config::single()).unwrap());
        for durability in [Durability::Os, Durability::Disk] {
            let root = tempfile::tempdir().unwrap();
            std::fs::create_dir(root.path().join("folder")).unwrap();
            let files = Files::open(root.path(), &Config::single()).unwrap();
            test(&files.with_durability(durability));
        }
    }

    fn place(path: &str) -> Place {
        crate::paths::resolve(&Config::single(), path).unwrap()
    }

    fn entity(number: u128) -> Entity {
        Entity { folder: String::new(), session: Guid(number) }
    }

    fn write(store: &dyn Store, number: u128, offset: u64, bytes: &[u8]) {
        let mut writer = store.write(&entity(number), offset).unwrap();
        writer.write_all(bytes).unwrap();
        writer.flush().unwrap();
    }

    fn read(store: &dyn Store, path: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        store.read(&place(path))?.content.read_to_end(&mut bytes).unwrap();
        Some(bytes)
    }

    fn upload(
        store: &dyn Store,
        number: u128,
        path: &str,
        replace: Replace,
    ) -> Result<(), Trouble> {
        store.create(&entity(number), &place(path), replace)?;
        write(store, number, 0, b"content");
        store.publish(&entity(number), &place(path), 7, replace)
    }

    #[test]
    fn an_entity_is_seen_only_once_it_is_published() {
        on_each(|store| {
            store.create(&entity(1), &place("/folder/a"), Replace::Refused).unwrap();
            write(store, 1, 0, b"abc");
            write(store, 1, 3, b"defghi");
            assert_eq!(read(store, "/folder/a"), None);
            store.publish(&entity(1), &place("/folder/a"), 6, Replace::Refused).unwrap();
            assert_eq!(read(store, "/folder/a").unwrap(), b"abcdef");
            assert_eq!(store.discard(&entity(1)), Err(Trouble::Vanished));
        });
    }

    #[test]
    fn the_file_that_is_shown_to_an_application_holds_the_upload_and_no_leftovers() {
        on_each(|store| {
            store.create(&entity(1), &place("/a"), Replace::Refused).unwrap();
            write(store, 1, 0, b"what a cut fragment left");
            write(store, 1, 0, b"upload");
            let Some(paths) = store.paths(&entity(1), 6) else { return };
            assert_eq!(std::fs::read(paths.request).unwrap(), b"upload");
        });
    }

    #[test]
    fn a_repeated_write_takes_the_place_of_the_first() {
        on_each(|store| {
            store.create(&entity(1), &place("/a"), Replace::Refused).unwrap();
            write(store, 1, 0, b"abcdef");
            write(store, 1, 2, b"XY");
            store.publish(&entity(1), &place("/a"), 6, Replace::Refused).unwrap();
            assert_eq!(read(store, "/a").unwrap(), b"abXYef");
        });
    }

    #[test]
    fn what_exists_is_replaced_only_where_that_is_allowed() {
        on_each(|store| {
            upload(store, 1, "/a", Replace::Refused).unwrap();
            assert_eq!(upload(store, 2, "/a", Replace::Refused), Err(Trouble::Exists));
            assert_eq!(upload(store, 3, "/a", Replace::Allowed), Ok(()));
        });
    }

    #[test]
    fn the_later_of_two_uploads_is_refused_at_its_end() {
        on_each(|store| {
            store.create(&entity(1), &place("/a"), Replace::Refused).unwrap();
            upload(store, 2, "/a", Replace::Refused).unwrap();
            write(store, 1, 0, b"second!");
            let late = store.publish(&entity(1), &place("/a"), 7, Replace::Refused);
            assert_eq!(late, Err(Trouble::Exists));
            assert_eq!(read(store, "/a").unwrap(), b"content");
            assert_eq!(store.discard(&entity(1)), Ok(()));
        });
    }

    #[test]
    fn folders_are_no_destinations_and_have_to_exist() {
        on_each(|store| {
            for replace in [Replace::Refused, Replace::Allowed] {
                assert_eq!(upload(store, 1, "/folder", replace), Err(Trouble::Directory));
                assert_eq!(upload(store, 1, "/no/a", replace), Err(Trouble::NoParent));
            }
            assert_eq!(read(store, "/folder"), None);
        });
    }

    #[test]
    fn a_file_is_no_folder() {
        on_each(|store| {
            upload(store, 1, "/a", Replace::Refused).unwrap();
            assert_eq!(upload(store, 2, "/a/b", Replace::Refused), Err(Trouble::NoParent));
            assert_eq!(read(store, "/a/b"), None);
        });
    }

    #[test]
    fn a_discarded_entity_is_gone() {
        on_each(|store| {
            store.create(&entity(1), &place("/a"), Replace::Refused).unwrap();
            store.discard(&entity(1)).unwrap();
            assert_eq!(store.write(&entity(1), 0).err(), Some(Trouble::Vanished));
            let late = store.publish(&entity(1), &place("/a"), 0, Replace::Refused);
            assert_eq!(late, Err(Trouble::Vanished));
            assert_eq!(read(store, "/a"), None);
        });
    }
}

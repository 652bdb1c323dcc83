//! Entities in memory, for tests and for fuzzing.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Cursor, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use super::{Document, Paths, Store};
use crate::{
    machine::{Entity, Replace, Trouble},
    paths::Place,
};

/// A store that is gone with the process.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    shelves: Arc<Mutex<Shelves>>,
    capacity: Option<u64>,
}

#[derive(Debug, Default)]
struct Shelves {
    entities: HashMap<Entity, Vec<u8>>,
    replies: HashMap<Entity, Vec<u8>>,
    published: HashMap<String, Published>,
    folders: HashSet<String>,
}

#[derive(Debug)]
struct Published {
    bytes: Arc<Vec<u8>>,
    modified: SystemTime,
}

impl Memory {
    /// A store whose unfinished entities may have this many bytes each before its disk counts as full.
    #[must_use]
    pub fn with_capacity(bytes: u64) -> Self {
        Self { shelves: Arc::default(), capacity: Some(bytes) }
    }

    /// Adds a folder; `path` has `/` between its parts and none at its ends.
    pub fn add_folder(&self, path: &str) {
        self.lock().folders.insert(path.to_owned());
    }

    /// Puts something where uploads would be published; `path` as for [`Memory::add_folder`].
    pub fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.lock().published.insert(path.to_owned(), Published::now(bytes.into()));
    }

    /// What is published at `path`.
    #[must_use]
    pub fn published(&self, path: &str) -> Option<Arc<Vec<u8>>> {
        self.lock().published.get(path).map(|found| Arc::clone(&found.bytes))
    }

    fn writer(&self, entity: &Entity, shelf: Shelf, at: u64) -> Writer {
        Writer { store: self.clone(), entity: entity.clone(), shelf, at }
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        // A panic elsewhere leaves no shelf half filled: each call changes them in one step.
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Published {
    fn now(bytes: Vec<u8>) -> Self {
        Self { bytes: Arc::new(bytes), modified: SystemTime::now() }
    }
}

impl Shelves {
    fn check(&self, place: &Place, replace: Replace) -> Result<String, Trouble> {
        let path = path_of(place);
        let depth = place.names.len();
        if depth == 0 || self.folders.contains(&path) {
            return Err(Trouble::Directory);
        }
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if depth > 1 && !self.folders.contains(parent) {
            return Err(Trouble::NoParent);
        }
        if replace == Replace::Refused && self.published.contains_key(&path) {
            return Err(Trouble::Exists);
        }
        Ok(path)
    }
}

fn path_of(place: &Place) -> String {
    place.from_root().collect::<Vec<_>>().join("/")
}

impl Store for Memory {
    fn create(&self, entity: &Entity, place: &Place, replace: Replace) -> Result<(), Trouble> {
        let mut shelves = self.lock();
        shelves.check(place, replace)?;
        shelves.entities.insert(entity.clone(), Vec::new());
        Ok(())
    }

    fn write(&self, entity: &Entity, offset: u64) -> Result<Box<dyn Write + Send>, Trouble> {
        if !self.lock().entities.contains_key(entity) {
            return Err(Trouble::Vanished);
        }
        Ok(Box::new(self.writer(entity, Shelf::Entities, offset)))
    }

    fn publish(
        &self,
        entity: &Entity,
        place: &Place,
        length: u64,
        replace: Replace,
    ) -> Result<(), Trouble> {
        let mut shelves = self.lock();
        if !shelves.entities.contains_key(entity) {
            return Err(Trouble::Vanished);
        }
        let path = shelves.check(place, replace)?;
        let mut bytes = shelves.entities.remove(entity).ok_or(Trouble::Vanished)?;
        bytes.resize(usize::try_from(length).map_err(|_| Trouble::DiskFull)?, 0);
        shelves.published.insert(path, Published::now(bytes));
        Ok(())
    }

    fn discard(&self, entity: &Entity) -> Result<(), Trouble> {
        self.lock().entities.remove(entity).map(|_| ()).ok_or(Trouble::Vanished)
    }

    fn expose(&self, entity: &Entity, place: &Place) -> Result<(), Trouble> {
        let mut shelves = self.lock();
        let bytes = shelves.entities.get(entity).cloned().ok_or(Trouble::Vanished)?;
        shelves.published.insert(path_of(place), Published::now(bytes));
        Ok(())
    }

    fn read(&self, place: &Place) -> Option<Document> {
        let shelves = self.lock();
        let found = shelves.published.get(&path_of(place)).filter(|_| !place.slash)?;
        Some(document(Arc::clone(&found.bytes), found.modified))
    }

    fn request(&self, entity: &Entity) -> Option<Document> {
        let bytes = self.lock().entities.get(entity)?.clone();
        Some(document(Arc::new(bytes), SystemTime::now()))
    }

    fn write_reply(&self, entity: &Entity) -> Result<Box<dyn Write + Send>, Trouble> {
        self.lock().replies.insert(entity.clone(), Vec::new());
        Ok(Box::new(self.writer(entity, Shelf::Replies, 0)))
    }

    fn reply(&self, entity: &Entity) -> Option<Document> {
        let bytes = self.lock().replies.get(entity)?.clone();
        Some(document(Arc::new(bytes), SystemTime::UNIX_EPOCH))
    }

    fn discard_reply(&self, entity: &Entity) {
        self.lock().replies.remove(entity);
    }

    fn paths(&self, _: &Entity, _: u64) -> Option<Paths> {
        None
    }
}

/// Bytes as a document.
fn document(bytes: Arc<Vec<u8>>, modified: SystemTime) -> Document {
    let size = bytes.len() as u64;
    Document { size, modified, content: Box::new(Cursor::new(Shared(bytes))) }
}

struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What a writer writes.
#[derive(Clone, Copy)]
enum Shelf {
    Entities,
    Replies,
}

struct Writer {
    store: Memory,
    entity: Entity,
    shelf: Shelf,
    at: u64,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.at.saturating_add(bytes.len() as u64);
        if self.store.capacity.is_some_and(|capacity| end > capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let place = |offset: u64| usize::try_from(offset).map_err(|_| io::ErrorKind::StorageFull);
        let (from, to) = (place(self.at)?, place(end)?);
        let mut shelves = self.store.lock();
        let shelf = match self.shelf {
            Shelf::Entities => &mut shelves.entities,
            Shelf::Replies => &mut shelves.replies,
        };
        let kept = shelf.get_mut(&self.entity).ok_or(io::ErrorKind::NotFound)?;
        if kept.len() < to {
            kept.resize(to, 0);
        }
        kept[from..to].copy_from_slice(bytes);
        self.at = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! The places at which a fault mixes up sessions that are open at once.
//!
//! Only neighbours are mixed up: sessions whose destinations have the same name but for what follows its last dot. So it
//! shows in the scenarios that have several sessions open, and nowhere else, however many scenarios run at a time.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bits_wire::Guid;

use super::{Fault, Rules};
use crate::{
    machine::{Entity, Replace, Saved, Trouble},
    paths::Place,
    store::{Document, Findings, Paths, Store},
};

impl Rules {
    /// What makes the ids of new sessions, `fresh` being right.
    pub(crate) fn ids(
        self,
        fresh: impl Fn() -> Guid + Send + Sync + 'static,
    ) -> Box<dyn Fn() -> Guid + Send + Sync> {
        if self.fault() != Some(Fault::SessionIdsCount) {
            return Box::new(fresh);
        }
        // Not the last digits count, so that an id with another last digit is that of nobody.
        let (start, count) = (fresh().0, AtomicU64::new(0));
        let next = move || u128::from(count.fetch_add(1, Ordering::Relaxed)) << 32;
        Box::new(move || Guid(start.wrapping_add(next())))
    }

    /// The session that a fragment counts for.
    pub(crate) fn counted_for(
        self,
        session: Guid,
        neighbour: impl FnOnce() -> Option<Guid>,
    ) -> Guid {
        let counts = self.fault() == Some(Fault::SessionCountsForAnother);
        counts.then(neighbour).flatten().unwrap_or(session)
    }

    /// The session that loses what it has when another one gets a fragment.
    pub(crate) fn forgotten_with(self, neighbour: impl FnOnce() -> Option<Guid>) -> Option<Guid> {
        (self.fault() == Some(Fault::SessionForgetsAnother)).then(neighbour).flatten()
    }

    /// The session whose reply is shown as that of this one.
    pub(crate) fn reply_of(self, session: Guid, neighbour: impl FnOnce() -> Option<Guid>) -> Guid {
        let mixes = self.fault() == Some(Fault::ReplyOfAnother);
        mixes.then(neighbour).flatten().unwrap_or(session)
    }

    /// The store, or one that keeps entities where they do not belong.
    pub(crate) fn store(self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        match self.fault() {
            Some(Fault::SessionStoresForAnother) => Arc::new(Mixed::of(store, Mixing::Neighbours)),
            Some(Fault::SessionRivalsShare) => Arc::new(Mixed::of(store, Mixing::Rivals)),
            _ => store,
        }
    }
}

/// How a store mixes entities up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mixing {
    /// The bytes of the later of two neighbours go to the earlier.
    Neighbours,
    /// The bytes of two entities for the same place go to both.
    Rivals,
}

/// A store that mixes entities up.
struct Mixed {
    store: Arc<dyn Store>,
    mixing: Mixing,
    /// What is not finished, in the order in which it was begun.
    open: Mutex<Vec<(Entity, Place)>>,
}

impl Mixed {
    fn of(store: Arc<dyn Store>, mixing: Mixing) -> Self {
        Self { store, mixing, open: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, Vec<(Entity, Place)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first other entity that this one is mixed up with.
    fn other(&self, entity: &Entity) -> Option<Entity> {
        let open = self.open();
        let (_, own) = open.iter().find(|(one, _)| one == entity)?;
        let fits = |place: &Place| match self.mixing {
            Mixing::Neighbours => place.stem() == own.stem(),
            Mixing::Rivals => place == own,
        };
        open.iter().find(|(one, place)| one != entity && fits(place)).map(|(one, _)| one.clone())
    }

    fn is_first(&self, entity: &Entity, other: &Entity) -> bool {
        self.open()
            .iter()
            .find(|(one, _)| one == entity || one == other)
            .is_some_and(|(one, _)| one == entity)
    }

    fn end(&self, entity: &Entity) {
        self.open().retain(|(one, _)| one != entity);
    }
}

/// Writes everything twice.
struct Twice(Box<dyn Write + Send>, Box<dyn Write + Send>);

impl Write for Twice {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.0.write(bytes)?;
        self.1.write_all(&bytes[..count])?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        self.1.flush()
    }
}

/// Writes zeros in the place of everything.
struct Blank(Box<dyn Write + Send>);

impl Write for Blank {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(&vec![0; bytes.len()])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Store for Mixed {
    fn waits_for_disk(&self) -> bool {
        self.store.waits_for_disk()
    }

    fn create(&self, entity: &Entity, place: &Place, replace: Replace) -> Result<(), Trouble> {
        self.store.create(entity, place, replace)?;
        self.open().push((entity.clone(), place.clone()));
        Ok(())
    }

    fn write(&self, entity: &Entity, offset: u64) -> Result<Box<dyn Write + Send>, Trouble> {
        let Some(other) = self.other(entity) else { return self.store.write(entity, offset) };
        match self.mixing {
            Mixing::Neighbours if self.is_first(entity, &other) => self.store.write(entity, offset),
            Mixing::Neighbours => {
                let own = Blank(self.store.write(entity, offset)?);
                Ok(Box::new(Twice(self.store.write(&other, offset)?, Box::new(own))))
            }
            Mixing::Rivals => {
                let (own, others) =
                    (self.store.write(entity, offset)?, self.store.write(&other, offset)?);
                Ok(Box::new(Twice(own, others)))
            }
        }
    }

    fn publish(
        &self,
        entity: &Entity,
        place: &Place,
        length: u64,
        replace: Replace,
    ) -> Result<(), Trouble> {
        self.end(entity);
        self.store.publish(entity, place, length, replace)
    }

    fn request(&self, entity: &Entity) -> Option<Document> {
        self.store.request(entity)
    }

    fn write_reply(&self, entity: &Entity) -> Result<Box<dyn Write + Send>, Trouble> {
        self.store.write_reply(entity)
    }

    fn reply(&self, entity: &Entity) -> Option<Document> {
        self.store.reply(entity)
    }

    fn discard_reply(&self, entity: &Entity) {
        self.store.discard_reply(entity);
    }

    fn paths(&self, entity: &Entity, length: u64) -> Option<Paths> {
        self.store.paths(entity, length)
    }

    fn discard(&self, entity: &Entity) -> Result<(), Trouble> {
        self.end(entity);
        self.store.discard(entity)
    }

    fn expose(&self, entity: &Entity, place: &Place) -> Result<(), Trouble> {
        self.store.expose(entity, place)
    }

    fn read(&self, place: &Place) -> Option<Document> {
        self.store.read(place)
    }

    fn keeps_sessions(&self) -> bool {
        self.store.keeps_sessions()
    }

    fn keep(&self, saved: &Saved) -> Result<(), Trouble> {
        self.store.keep(saved)
    }

    fn find(&self) -> io::Result<Findings> {
        self.store.find()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Config,
        store::{Durability, Files},
    };

    #[test]
    fn a_store_that_mixes_entities_up_still_keeps_sessions() {
        let root = tempfile::tempdir().unwrap();
        for durability in [Durability::None, Durability::Os] {
            let files = Files::open(root.path(), &Config::single()).unwrap();
            let mixed = Mixed::of(Arc::new(files.with_durability(durability)), Mixing::Rivals);
            assert_eq!(mixed.keeps_sessions(), durability == Durability::Os);
        }
    }
}

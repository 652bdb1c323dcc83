//! The table of sessions, and how many each user has in all tables of a server.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bits_wire::Guid;

use super::Session;
use crate::limits::Limits;

/// Open sessions.
#[derive(Debug)]
pub(super) struct Table {
    rows: HashMap<Guid, Session>,
    counts: Arc<Counts>,
}

/// What the machines of a server count together.
#[derive(Debug, Default)]
pub(super) struct Counts {
    sessions: Mutex<Taken>,
    /// How many fragments are being received.
    receiving: AtomicU64,
}

/// Sessions that are open or about to be: these count already, so that no two take the last place.
#[derive(Debug, Default)]
struct Taken {
    all: u64,
    of_users: HashMap<Option<String>, u64>,
}

impl Counts {
    /// Counts a session that is about to be opened, if that is within the limits.
    pub(super) fn reserve(&self, owner: Option<&str>, limits: Limits) -> bool {
        let mut taken = self.taken();
        let owner = owner.map(str::to_owned);
        let own = taken.of_users.get(&owner).copied().unwrap_or(0);
        let fits = taken.all < limits.sessions && own < limits.sessions_per_user;
        if fits {
            taken.add(owner);
        }
        fits
    }

    /// Counts a session that there is, whatever the limits are.
    pub(super) fn add(&self, owner: Option<String>) {
        self.taken().add(owner);
    }

    /// A session has ended, or was not opened.
    pub(super) fn release(&self, owner: &Option<String>) {
        let mut taken = self.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(count) = taken.of_users.get_mut(owner) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.of_users.remove(owner);
            }
        }
    }

    /// Counts a fragment that is about to be received, if that is within the limits.
    pub(super) fn receive(&self, limits: Limits) -> bool {
        let next = |receiving| (receiving < limits.fragments).then_some(receiving + 1);
        self.receiving.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }

    /// A fragment has been received, or will not be.
    pub(super) fn received(&self) {
        let next = |receiving: u64| receiving.checked_sub(1);
        let _ = self.receiving.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn add(&mut self, owner: Option<String>) {
        self.all += 1;
        *self.of_users.entry(owner).or_default() += 1;
    }
}

impl Table {
    /// A table without sessions, whose rows are counted there.
    pub(super) fn new(counts: Arc<Counts>) -> Self {
        Self { rows: HashMap::new(), counts }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes up a session that has been counted.
    pub(super) fn insert(&mut self, session: Guid, row: Session) {
        if let Some(before) = self.rows.insert(session, row) {
            self.counts.release(&before.owner);
        }
    }

    pub(super) fn remove(&mut self, session: &Guid) -> Option<Session> {
        let row = self.rows.remove(session)?;
        self.counts.release(&row.owner);
        Some(row)
    }

    /// Takes out the sessions of which this is true.
    pub(super) fn extract_if(
        &mut self,
        mut is_out: impl FnMut(&Guid, &Session) -> bool,
    ) -> Vec<(Guid, Session)> {
        let out: Vec<_> = self.rows.extract_if(|session, row| is_out(session, row)).collect();
        for (_, row) in &out {
            self.counts.release(&row.owner);
        }
        out
    }

    pub(super) fn get(&self, session: &Guid) -> Option<&Session> {
        self.rows.get(session)
    }

    pub(super) fn get_mut(&mut self, session: &Guid) -> Option<&mut Session> {
        self.rows.get_mut(session)
    }

    pub(super) fn contains_key(&self, session: &Guid) -> bool {
        self.rows.contains_key(session)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Guid> {
        self.rows.keys()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Guid, &Session)> {
        self.rows.iter()
    }
}

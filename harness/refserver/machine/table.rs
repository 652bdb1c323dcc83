//! The table of sessions, which knows how many each user has.

use std::collections::HashMap;

use super::Session;
use crate::wire::Guid;

/// Open sessions, and how many each user has of them or is about to have.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: HashMap<Guid, Session>,
    of_users: HashMap<Option<String>, u64>,
    /// Those that are about to be opened; they count already, so that no two take the last place.
    opening: u64,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many sessions are open or about to be.
    pub(super) fn taken(&self) -> u64 {
        self.rows.len() as u64 + self.opening
    }

    /// How many of them are this user's.
    pub(super) fn taken_by(&self, owner: Option<&str>) -> u64 {
        self.of_users.get(&owner.map(str::to_owned)).copied().unwrap_or(0)
    }

    /// Notes that a session is about to be opened.
    pub(super) fn reserve(&mut self, owner: Option<&str>) {
        self.opening += 1;
        self.count(owner.map(str::to_owned));
    }

    /// Takes such a note back.
    pub(super) fn release(&mut self, owner: Option<&str>) {
        self.opening = self.opening.saturating_sub(1);
        self.discount(&owner.map(str::to_owned));
    }

    pub(super) fn insert(&mut self, session: Guid, row: Session) {
        self.count(row.owner.clone());
        if let Some(before) = self.rows.insert(session, row) {
            self.discount(&before.owner);
        }
    }

    pub(super) fn remove(&mut self, session: &Guid) -> Option<Session> {
        let row = self.rows.remove(session)?;
        self.discount(&row.owner);
        Some(row)
    }

    /// Takes out the sessions of which this is true.
    pub(super) fn extract_if(
        &mut self,
        mut is_out: impl FnMut(&Guid, &Session) -> bool,
    ) -> Vec<(Guid, Session)> {
        let out: Vec<_> = self.rows.extract_if(|session, row| is_out(session, row)).collect();
        for (_, row) in &out {
            self.discount(&row.owner);
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

    fn count(&mut self, owner: Option<String>) {
        *self.of_users.entry(owner).or_default() += 1;
    }

    fn discount(&mut self, owner: &Option<String>) {
        if let Some(count) = self.of_users.get_mut(owner) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.of_users.remove(owner);
            }
        }
    }
}

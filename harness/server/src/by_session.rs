//! What is kept for sessions, behind locks that two of them seldom share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bits_wire::Guid;

/// How many parts there are: several for each processor of most machines, and few enough to be made for each random session.
const PARTS: usize = 16;

/// Parts, each for sessions whose ids end alike.
#[derive(Debug)]
pub(super) struct BySession<T>(Vec<Mutex<T>>);

impl<T> BySession<T> {
    /// As many parts as are of use.
    pub(super) fn new(mut part: impl FnMut() -> T) -> Self {
        Self((0..PARTS).map(|_| Mutex::new(part())).collect())
    }

    /// One part, for all sessions.
    pub(super) fn whole(part: T) -> Self {
        Self(vec![Mutex::new(part)])
    }

    /// The part of a session.
    pub(super) fn of(&self, session: Guid) -> MutexGuard<'_, T> {
        // An id is random, and ids that are counted up go round.
        let part = session.0 % self.0.len() as u128;
        lock(&self.0[part as usize])
    }

    /// All parts, one after the other.
    pub(super) fn all(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.0.iter().map(lock)
    }
}

fn lock<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept changes in one step each, so a panic elsewhere cannot have left it in between.
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

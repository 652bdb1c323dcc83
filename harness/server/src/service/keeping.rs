//! What outlives the process: sessions are kept before an answer speaks of them, and taken up by the next start.

use std::{io, time::Duration};

use super::Service;
use crate::{
    machine::{CleanupRuns, Entity, Heard, Kept, NotifyTrouble, Ticket, Trouble},
    store::Findings,
};

/// What came of what an earlier process has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// How many sessions go on.
    pub sessions: usize,
    /// How many others had left something, which is gone now.
    pub remains: usize,
}

impl Service {
    /// Keeps what a session will be once the work for a ticket has succeeded, so that this outlives the process before
    /// anybody is told of it.
    pub(super) fn keep(&self, ticket: &Ticket, now: Duration) -> Result<(), Trouble> {
        if !self.0.store.keeps_sessions() {
            return Ok(());
        }
        let saved = self.machine(ticket.session()).foresee(ticket, now);
        saved.map_or(Ok(()), |saved| self.0.store.keep(&saved))
    }

    /// Takes up what sessions of an earlier process have left: those that can go on do, and of the others nothing stays.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn recover(&self, now: Duration) -> io::Result<Recovered> {
        let Findings { sessions, remains } = self.0.store.find()?;
        *self.cleanup() = CleanupRuns::since(now);
        let take_up = |kept: Kept| self.machine(kept.saved.session).recover(kept, now).err();
        let lost: Vec<Entity> = sessions.into_iter().filter_map(take_up).collect();
        let sessions = self.0.machines.all().map(|machine| machine.sessions()).sum();
        let recovered = Recovered { sessions, remains: lost.len() + remains.len() };
        for entity in lost.iter().chain(&remains) {
            self.0.store.discard_reply(entity);
            if let Err(trouble) = self.0.store.discard(entity)
                && trouble != Trouble::Vanished
            {
                tracing::warn!(session = %entity.session, %trouble, "a half-made entity stays behind");
            }
        }
        Ok(recovered)
    }

    /// Keeps what a session will be once the server application has said this.
    pub(super) fn keep_notified(
        &self,
        ticket: &Ticket,
        outcome: &Result<Heard, NotifyTrouble>,
        now: Duration,
    ) {
        if !self.0.store.keeps_sessions() {
            return;
        }
        let saved = self.machine(ticket.session()).foresee_notified(ticket, outcome, now);
        if let Some(Err(trouble)) = saved.map(|saved| self.0.store.keep(&saved)) {
            tracing::warn!(%trouble, "what the server application said cannot be kept");
        }
    }

    /// A reply goes with its session, and so does what is left of an entity that somebody else took away.
    pub(super) fn discard_remains(&self, entity: &Entity, outcome: Result<(), Trouble>) {
        let forgotten = self.machine(entity.session).has_forgotten(entity.session);
        if forgotten {
            self.0.store.discard_reply(entity);
            if outcome == Err(Trouble::Vanished) {
                // It is gone indeed; this is about its folder.
                let _ = self.0.store.discard(entity);
            }
        }
    }
}

//! Sessions, opened one after the other over one connection.

use std::time::Duration;

use super::{
    ground::{Ground, Session},
    search::{Attempt, Supply},
};
use crate::drive::{Line, pause};

/// The sessions of all guests that are open.
pub(super) struct OpenSessions<'g, 'd> {
    pub(super) ground: &'g mut Ground<'d>,
    line: Line<'d>,
    open: Vec<Session>,
    /// Whose sessions are opened and ended.
    pub(super) who: usize,
}

impl<'g, 'd> OpenSessions<'g, 'd> {
    pub(super) fn new(ground: &'g mut Ground<'d>) -> Self {
        let line = ground.driver.line();
        Self { ground, line, open: Vec::new(), who: 0 }
    }

    /// How many are open.
    pub(super) fn count(&self) -> u64 {
        self.open.len() as u64
    }

    /// Ends a session of this guest.
    pub(super) async fn release_of(&mut self, who: usize) -> Result<(), String> {
        let last = self.open.iter().rposition(|session| session.who == who);
        let Some(last) = last else { return Err("there is none".into()) };
        let session = self.open.swap_remove(last);
        self.ground.cancel(&mut self.line, session).await
    }

    /// Puts everything back, and says how many sessions were gone before they were cancelled so far.
    pub(super) async fn put_back(mut self) -> u64 {
        self.ground.cancel_all(&mut self.line, self.open).await;
        self.line.close().await;
        self.ground.sessions.gone
    }
}

impl Supply for OpenSessions<'_, '_> {
    async fn open(&mut self) -> Attempt {
        match self.ground.create(&mut self.line, self.who).await {
            Ok(session) => {
                self.open.push(session);
                Attempt::Taken
            }
            Err(denied) => denied.into(),
        }
    }

    async fn release(&mut self) -> Result<(), String> {
        self.release_of(self.who).await
    }

    async fn pause(&mut self, time: Duration) {
        pause(time).await;
    }

    fn go_on(&mut self, taken: u64) -> bool {
        self.ground.live.go_on(taken)
    }
}

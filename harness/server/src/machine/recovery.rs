//! Sessions that go on after a restart: what has to be kept of them before each answer, and what comes of it.
//!
//! Nothing here reads or writes: [`Machine::foresee`] says what a session will be once its request is settled, so that a
//! store can keep it before that, and [`Machine::recover`] makes sessions of what a store found.

use std::time::Duration;

use bits_wire::Guid;

use super::{Entity, Heard, Machine, NotifyTrouble, Session, Ticket, Told, Work};
use crate::{
    config::Config,
    paths::{self, Place},
};

/// All that a session needs to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its id.
    pub session: Guid,
    /// The folder of its virtual directory.
    pub folder: String,
    /// The names of its destination from there on.
    pub names: Vec<String>,
    /// The size of the upload, once a fragment has told it.
    pub total: Option<u64>,
    /// The next byte wanted.
    pub received: u64,
    /// When it was opened.
    pub created: Duration,
    /// When the last successful message came.
    pub touched: Duration,
    /// Who opened it.
    pub owner: Option<String>,
    /// What the server application made of the upload.
    pub told: Option<Told>,
}

impl Saved {
    /// Where the bytes of the session are.
    #[must_use]
    pub fn entity(&self) -> Entity {
        Entity { folder: self.folder.clone(), session: self.session }
    }
}

/// A session that a store has kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What was kept last.
    pub saved: Saved,
    /// How many bytes of the upload are stored.
    pub stored: u64,
}

impl Machine {
    /// What a session will be if the work for a ticket succeeds. Nothing if the work ends it.
    #[must_use]
    pub fn foresee(&self, ticket: &Ticket, now: Duration) -> Option<Saved> {
        match &ticket.work {
            Work::Create(place, owner) => {
                let row = Session::new(place.clone(), owner.clone(), now);
                Some(row.saved(ticket.session))
            }
            Work::Receive(range, _) => {
                let row = self.sessions.get(&ticket.session)?;
                let received = row.received.max(range.last + 1);
                let saved = row.saved(ticket.session);
                Some(Saved { total: Some(range.total), received, touched: now, ..saved })
            }
            Work::Notify(_) | Work::Publish | Work::Close | Work::Cancel => None,
        }
    }

    /// What a session will be once the server application has said this of its upload. Nothing if that changes nothing.
    #[must_use]
    pub fn foresee_notified(
        &self,
        ticket: &Ticket,
        outcome: &Result<Heard, NotifyTrouble>,
        now: Duration,
    ) -> Option<Saved> {
        let Work::Notify(origin) = &ticket.work else { return None };
        let outcome = self.rules.heard(outcome.clone());
        let told = match self.understand(ticket.session, origin, outcome) {
            Ok(told) => told,
            Err(blame) if blame.status == 403 => Told::Forbidden(blame.hresult),
            Err(_) => return None,
        };
        let row = self.sessions.get(&ticket.session)?;
        let touched = if matches!(told, Told::Accepted { .. }) { now } else { row.touched };
        Some(Saved { told: Some(told), touched, ..row.saved(ticket.session) })
    }

    /// Takes up a session that a store found.
    ///
    /// # Errors
    ///
    /// What is left of it, if it cannot go on.
    pub fn recover(&mut self, kept: Kept, now: Duration) -> Result<(), Entity> {
        let (session, entity) = (kept.saved.session, kept.saved.entity());
        let row = recovered(&self.config, kept, now).ok_or(entity)?;
        self.counts.add(row.owner.clone());
        self.sessions.insert(session, row);
        Ok(())
    }
}

impl Session {
    /// A session without any byte.
    pub(super) const fn new(place: Place, owner: Option<String>, now: Duration) -> Self {
        Self {
            place,
            total: None,
            received: 0,
            created: now,
            touched: now,
            busy: false,
            told: None,
            owner,
        }
    }

    fn saved(&self, session: Guid) -> Saved {
        Saved {
            session,
            folder: self.place.folder.clone(),
            names: self.place.names.clone(),
            total: self.total,
            received: self.received,
            created: self.created,
            touched: self.touched,
            owner: self.owner.clone(),
            told: self.told.clone(),
        }
    }
}

/// The session of what was found. Nothing if its directory is not there any more, if its destination is none, or if its
/// time is over.
fn recovered(config: &Config, kept: Kept, now: Duration) -> Option<Session> {
    let Kept { saved, stored } = kept;
    let vdir = config.vdirs.iter().position(|vdir| vdir.folder() == saved.folder)?;
    if saved.names.is_empty() || !saved.names.iter().all(|name| paths::is_plain_name(name)) {
        return None;
    }
    // A byte that is not stored is never promised; and a clock that was set back prolongs no session.
    let (received, touched) = (saved.received.min(stored), saved.touched.min(now));
    if now.saturating_sub(touched) >= config.vdirs[vdir].timeout() {
        return None;
    }
    let whole = saved.total == Some(received);
    Some(Session {
        place: Place { vdir, folder: saved.folder, names: saved.names, slash: false },
        total: saved.total,
        received,
        created: saved.created.min(now),
        touched,
        busy: false,
        told: saved.told.filter(|_| whole),
        owner: saved.owner,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::VirtualDirectory;

    const DAY: Duration = Duration::from_secs(86_400);

    fn saved() -> Saved {
        Saved {
            session: Guid(7),
            folder: "up".into(),
            names: vec!["a".into()],
            total: Some(10),
            received: 6,
            created: DAY,
            touched: DAY * 2,
            owner: Some("alice".into()),
            told: None,
        }
    }

    fn recover(saved: Saved, stored: u64, now: Duration) -> Option<Session> {
        let config = Config::of(vec![VirtualDirectory::new("/"), VirtualDirectory::new("/up/")]);
        recovered(&config, Kept { saved, stored }, now)
    }

    #[test]
    fn a_session_goes_on_as_what_was_kept_of_it() {
        let row = recover(saved(), 6, DAY * 3).unwrap();
        assert_eq!((row.place.vdir, row.saved(Guid(7))), (1, saved()));
    }

    #[test]
    fn neither_bytes_that_are_not_stored_nor_bytes_that_did_not_count_are_promised() {
        assert_eq!(recover(saved(), 4, DAY * 3).unwrap().received, 4);
        assert_eq!(recover(saved(), 9, DAY * 3).unwrap().received, 6);
    }

    #[test]
    fn an_answer_of_the_application_counts_for_the_whole_upload_only() {
        let told = Some(Told::Accepted { copy: true, url: None, stored: false });
        let whole = Saved { received: 10, told: told.clone(), ..saved() };
        assert_eq!(recover(whole.clone(), 10, DAY * 3).unwrap().told, told);
        assert_eq!(recover(whole, 9, DAY * 3).unwrap().told, None);
    }

    #[test]
    fn a_session_whose_time_ran_out_meanwhile_does_not_go_on() {
        let end = DAY * 2 + Duration::from_secs(VirtualDirectory::DEFAULT_SESSION_TIMEOUT);
        assert!(recover(saved(), 6, end).is_none());
        assert!(recover(saved(), 6, end - Duration::from_millis(1)).is_some());
    }

    #[test]
    fn a_clock_that_was_set_back_prolongs_no_session() {
        let row = recover(saved(), 6, Duration::ZERO).unwrap();
        assert_eq!((row.created, row.touched), (Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn a_session_without_a_directory_or_a_plain_destination_does_not_go_on() {
        let elsewhere = Saved { folder: "off".into(), ..saved() };
        assert!(recover(elsewhere, 6, DAY * 3).is_none());
        for names in [vec![], vec!["..".to_owned()], vec!["a/b".to_owned()]] {
            assert!(recover(Saved { names, ..saved() }, 6, DAY * 3).is_none());
        }
    }
}

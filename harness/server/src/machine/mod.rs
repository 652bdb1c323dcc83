//! The session machine: sections 7.3 to 7.6 of the digest, without I/O and without a clock.
//!
//! A request is judged on its head alone by [`Machine::admit`]. Either it is answered at once, or the machine says what
//! the store has to do first and hands out a [`Ticket`]; what came of it goes back through [`Machine::commit`], which
//! makes the answer. From a ticket until its commit the session is busy, and every other request that names it is told
//! so ([`Admission::Busy`]): the protocol allows one outstanding request, so the shell lets them take turns.
//!
//! A fragment counts only as a whole. If its body is cut, the next byte wanted stays what it was.

mod admission;
#[cfg(test)]
mod announced;
mod answer;
mod cleanup;
mod message;
mod neighbours;
mod notify;
mod recovery;
mod reply;
mod settle;
mod table;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, sync::Arc, time::Duration};

use bits_wire::{BITS_POST, ContentRange, Guid, Headers, PacketType, SessionId, names};

use self::{
    admission::Work,
    message::{Length, Message},
    notify::Origin,
    table::{Counts, Table},
};
use super::{
    config::{Config, NotificationType, Overlap, VirtualDirectory},
    fault::{End, Fault, Rules},
    paths::{self, PathError, Place},
};

pub use admission::{Admission, Entity, Replace, RequestHead, Ticket, Trouble};
pub use cleanup::CleanupRuns;
pub use notify::{Announcement, Heard, NotifyTrouble, Settled, Stage, Told};
pub use recovery::{Kept, Saved};
pub use reply::{Refusal, Reply};

/// Sessions of a server: all of them, or those for which there is no other machine beside this one.
#[derive(Debug)]
pub struct Machine {
    config: Arc<Config>,
    rules: Rules,
    sessions: Table,
    /// What all machines of the server count together.
    counts: Arc<Counts>,
    /// Replies that are there although their sessions are not; only a seeded fault has any.
    outlived: HashSet<Guid>,
}

#[derive(Debug)]
struct Session {
    place: Place,
    total: Option<u64>,
    received: u64,
    created: Duration,
    touched: Duration,
    busy: bool,
    /// What the server application made of the upload.
    told: Option<Told>,
    /// Who opened it.
    owner: Option<String>,
}

impl Machine {
    /// A machine without sessions, which breaks one clause if it is told to.
    #[must_use]
    pub fn new(config: Config, fault: Option<Fault>) -> Self {
        Self::counting(Arc::new(config), Rules::new(fault), Arc::default())
    }

    /// A machine for other sessions of the same server, whose limits hold for both together. Faults that mix up sessions
    /// know those of their own machine only.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::counting(Arc::clone(&self.config), self.rules, Arc::clone(&self.counts))
    }

    fn counting(config: Arc<Config>, rules: Rules, counts: Arc<Counts>) -> Self {
        let sessions = Table::new(Arc::clone(&counts));
        Self { config, rules, sessions, counts, outlived: HashSet::new() }
    }

    /// What the machine was set up with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How many sessions are open.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Judges a request of this user by its head. `fresh` gives the id for a new session.
    pub fn admit(
        &mut self,
        head: &RequestHead<'_>,
        user: Option<&str>,
        fresh: impl FnOnce() -> Guid,
        now: Duration,
    ) -> Admission {
        let place = paths::resolve(&self.config, &self.rules.target(head.target));
        let packet = packet_of(head.headers);
        self.judge(head, user, &place, fresh, now).unwrap_or_else(|refusal| {
            let named = head.headers.only(names::SESSION_ID).map(SessionId::new);
            let session = named.and_then(|id| self.rules.session(&id)).filter(|id| {
                self.sessions.get(id).is_some_and(|row| place.as_ref() == Ok(&row.place))
            });
            let place = place.ok();
            let told = || self.open_at(place.as_ref().filter(|_| self.rules.tells_strangers())?);
            let session = session.or_else(told);
            let vdir = place.map(|place| place.vdir);
            Admission::Reply(self.refuse(refusal, &packet, session, vdir))
        })
    }

    fn judge(
        &mut self,
        head: &RequestHead<'_>,
        user: Option<&str>,
        place: &Result<Place, PathError>,
        fresh: impl FnOnce() -> Guid,
        now: Duration,
    ) -> Result<Admission, Refusal> {
        if head.method != BITS_POST {
            return Err(Refusal::Method);
        }
        let place = place.as_ref().map_err(|error| match error {
            PathError::Unsafe => Refusal::Path,
            PathError::NoDirectory => Refusal::Disabled,
        })?;
        let vdir = self.vdir(place);
        self.rules.demand(vdir.upload_enabled, Refusal::Disabled)?;
        let announced = head.headers.first(names::CONTENT_LENGTH).and_then(|it| it.parse().ok());
        if vdir.max_allowed_content_length.is_some_and(|most| announced > Some(most)) {
            return Err(Refusal::Filtered);
        }
        let (permitted, execute) = (vdir.permits(user), vdir.execute);
        let (message, length) = message::read(head, self.rules)?;
        let is_ping = matches!(message, Message::Ping);
        let is_exempt = is_ping && !self.rules.asks_at_ping();
        self.rules.demand(permitted || is_exempt, Refusal::Forbidden)?;
        self.rules.demand(!execute || is_ping, Refusal::Executable)?;
        self.rules.demand(length != Length::Missing, Refusal::LengthRequired)?;
        match message {
            Message::Ping if self.rules.pings_need_a_session() => Err(Refusal::UnknownSession),
            Message::Ping => Ok(Admission::Reply(self.acknowledge(&PacketType::Ping, None))),
            Message::Create => {
                let named = head.headers.first(names::SESSION_ID);
                let session = self.rules.session_id(fresh(), named, now);
                self.create(place.clone(), user, session, head.target)
            }
            Message::Fragment { session, range } => {
                let host = head.headers.first(names::HOST).unwrap_or("localhost").to_owned();
                let origin = Origin { scheme: head.scheme, host, target: head.target.to_owned() };
                self.fragment(place, &session, self.rules.understood(range), origin, now)
            }
            Message::Close { session } => self.close(place, &session, head.target, now),
            Message::Cancel { session } => self.cancel(place, &session, head.target, now),
        }
    }

    fn create(
        &mut self,
        place: Place,
        user: Option<&str>,
        session: Guid,
        target: &str,
    ) -> Result<Admission, Refusal> {
        if place.is_directory() {
            return Err(Refusal::Directory);
        }
        if !self.counts.reserve(user, self.config.limits) {
            return Err(Refusal::Sessions);
        }
        Ok(Admission::Create {
            ticket: Ticket { session, work: Work::Create(place.clone(), user.map(str::to_owned)) },
            entity: Entity { folder: place.folder.clone(), session },
            replace: self.replace(&place, target),
            place,
        })
    }

    fn fragment(
        &mut self,
        place: &Place,
        session: &SessionId,
        range: ContentRange,
        origin: Origin,
        now: Duration,
    ) -> Result<Admission, Refusal> {
        let (maximum, overlap, notifies) = {
            let vdir = self.vdir(place);
            let notifies = vdir.notification_type != NotificationType::None;
            (vdir.maximum_upload_size, vdir.profile.overlap(), notifies)
        };
        let rules = self.rules;
        let (session, total, received, is_told) = match self.find(place, session, now)? {
            Found::Busy(session) => return Ok(Admission::Busy(session)),
            Found::Free(session, row) => (session, row.total, row.received, row.told.is_some()),
        };
        let same_total = total.is_none_or(|total| total == range.total);
        rules.demand(same_total, Refusal::TotalChanged)?;
        let fits = rules.fits(range, maximum, || self.neighbour(session).is_none());
        rules.demand(fits, Refusal::TooLarge)?;
        let next = rules.wanted(received, range);
        let finished = total == Some(received);
        let tail = range.first < next && overlap == Overlap::Tail && !finished;
        // The last fragment once more: the application has heard of the upload, or hears of it now (S10, S11).
        let again = notifies && finished && range.is_final() && rules.takes_last_again();
        if again
            && is_told
            && let Some(reply) = self.stored_answer(session)
        {
            return Ok(Admission::Reply(reply));
        }
        let row = self.sessions.get_mut(&session).ok_or(Refusal::UnknownSession)?;
        if range.first != next && !tail && !again {
            row.received = rules.next_after_refusal(row.received);
            return Err(Refusal::Offset);
        }
        if !self.counts.receive(self.config.limits) {
            return Err(Refusal::Sessions);
        }
        row.busy = true;
        let skip = (next - range.first).min(range.length());
        Ok(Admission::Receive {
            ticket: Ticket { session, work: Work::Receive(range, origin) },
            entity: Entity { folder: place.folder.clone(), session },
            length: range.length(),
            skip,
            offset: rules.stored_at(range.first + skip),
            expose: rules.exposed(place),
        })
    }

    /// An entity that is not complete is never published: the session ends and its bytes go (D9).
    fn close(
        &mut self,
        place: &Place,
        session: &SessionId,
        target: &str,
        now: Duration,
    ) -> Result<Admission, Refusal> {
        let (rules, replace) = (self.rules, self.replace(place, target));
        let vdir = self.vdir(place).clone();
        let (session, row) = match self.find(place, session, now)? {
            Found::Busy(session) => return Ok(Admission::Busy(session)),
            Found::Free(session, row) => (session, row),
        };
        row.busy = true;
        let entity = Entity { folder: place.folder.clone(), session };
        let complete = row.total == Some(row.received);
        if !rules.publishes(complete, complete && row.is_wanted(&vdir)) {
            let ticket = Ticket { session, work: Work::Close };
            return Ok(Admission::Discard { ticket, entity });
        }
        Ok(Admission::Publish {
            ticket: Ticket { session, work: Work::Publish },
            entity,
            place: rules.published_as(place.clone()),
            length: row.received,
            replace,
        })
    }

    fn cancel(
        &mut self,
        place: &Place,
        session: &SessionId,
        target: &str,
        now: Duration,
    ) -> Result<Admission, Refusal> {
        let (rules, replace) = (self.rules, self.replace(place, target));
        let (session, row) = match self.find(place, session, now)? {
            Found::Busy(session) => return Ok(Admission::Busy(session)),
            Found::Free(session, row) => (session, row),
        };
        if rules.end_at_cancel() == End::Kept {
            let reply = self.acknowledge(&PacketType::CancelSession, Some(session));
            return Ok(Admission::Reply(reply));
        }
        row.busy = true;
        let ticket = Ticket { session, work: Work::Cancel };
        let entity = Entity { folder: place.folder.clone(), session };
        if rules.publishes_at_cancel(row.received, row.total) {
            let (place, length) = (place.clone(), row.received);
            return Ok(Admission::Publish { ticket, entity, place, length, replace });
        }
        Ok(Admission::Discard { ticket, entity })
    }

    /// Ends the sessions without a successful message for as long as their directory allows, and those that are one too many
    /// ([`CleanupRuns::surplus`]); says what to delete.
    pub fn expire(&mut self, surplus: &HashSet<Guid>, now: Duration) -> Vec<Entity> {
        let (config, rules) = (&self.config, self.rules);
        let has_ended = |session: &Guid, row: &Session| {
            !row.busy && (row.has_expired(config, rules, now) || surplus.contains(session))
        };
        let dead = self.sessions.extract_if(|session, row| has_ended(session, row));
        dead.into_iter()
            .map(|(session, row)| Entity { folder: row.place.folder, session })
            .collect()
    }

    fn find(&mut self, place: &Place, id: &SessionId, now: Duration) -> Result<Found<'_>, Refusal> {
        let named = self.rules.session(id);
        let at_place = || self.open_at(place).filter(|_| self.rules.takes_any_id());
        let known = named.filter(|session| self.sessions.contains_key(session));
        let session = known.or_else(at_place).ok_or(Refusal::UnknownSession)?;
        let row = self.sessions.get_mut(&session).ok_or(Refusal::UnknownSession)?;
        if !row.busy && row.has_expired(&self.config, self.rules, now) {
            return Err(Refusal::UnknownSession);
        }
        self.rules.demand(row.place == *place, Refusal::OtherUrl)?;
        Ok(if row.busy { Found::Busy(session) } else { Found::Free(session, row) })
    }

    fn vdir(&self, place: &Place) -> &VirtualDirectory {
        &self.config.vdirs[place.vdir]
    }

    fn replace(&self, place: &Place, target: &str) -> Replace {
        let allowed = self.vdir(place).allow_overwrites;
        self.rules.replace(if allowed { Replace::Allowed } else { Replace::Refused }, target)
    }
}

impl Session {
    fn has_expired(&self, config: &Config, rules: Rules, now: Duration) -> bool {
        rules.end_at_timeout() == End::Forgotten
            && now.saturating_sub(self.touched)
                >= rules.session_timeout(config.vdirs[self.place.vdir].timeout())
    }
}

enum Found<'a> {
    Busy(Guid),
    Free(Guid, &'a mut Session),
}

/// The packet type that a request names; an unlisted one if it names none.
pub(crate) fn packet_of(headers: &Headers) -> PacketType {
    PacketType::read(headers.first(names::PACKET_TYPE).unwrap_or_default())
}

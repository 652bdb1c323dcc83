//! The second half of a request: what the store made of it, and the answer.

use std::time::Duration;

use bits_wire::{ContentRange, Guid, PacketType, names};

use super::{
    Machine, NotifyTrouble, Refusal, Reply, Session, Settled, Ticket, Trouble, Work, notify::Origin,
};
use crate::{fault::End, paths::Place};

impl Machine {
    /// Settles what was admitted, and makes the answer. Whoever can reach no server application calls this; then an
    /// upload that has to be announced is refused as if the application could not be reached.
    pub fn commit(&mut self, ticket: Ticket, outcome: Result<(), Trouble>, now: Duration) -> Reply {
        match self.settle(ticket, outcome, now) {
            Settled::Reply(reply) => reply,
            Settled::Notify(announcement) => {
                self.notified(announcement.ticket, Err(NotifyTrouble::Unreachable), now)
            }
        }
    }

    /// Settles what was admitted; says what the answer is, or what the server application has to hear first.
    pub fn settle(
        &mut self,
        ticket: Ticket,
        outcome: Result<(), Trouble>,
        now: Duration,
    ) -> Settled {
        let Ticket { session, work } = ticket;
        if let Some(row) = self.sessions.get_mut(&session) {
            row.busy = false;
            if outcome.is_ok() {
                row.touched = now;
            }
        }
        Settled::Reply(match work {
            Work::Create(place, owner) => self.created(session, place, owner, outcome, now),
            Work::Receive(range, origin) => {
                return self.received(session, range, &origin, outcome);
            }
            Work::Notify(_) => self.unknown(&PacketType::Fragment),
            Work::Publish => self.ended(session, &PacketType::CloseSession, outcome),
            Work::Close => self.ended(session, &PacketType::CloseSession, outcome),
            // What is gone already needs no deleting.
            Work::Cancel => {
                let outcome = outcome.or_else(|trouble| match trouble {
                    Trouble::Vanished => Ok(()),
                    trouble => Err(trouble),
                });
                self.ended(session, &PacketType::CancelSession, outcome)
            }
        })
    }

    fn created(
        &mut self,
        session: Guid,
        place: Place,
        owner: Option<String>,
        outcome: Result<(), Trouble>,
        now: Duration,
    ) -> Reply {
        let packet = PacketType::CreateSession;
        if let Err(trouble) = outcome {
            self.counts.release(&owner);
            return self.refuse(trouble.into(), &packet, None, Some(place.vdir));
        }
        self.sessions.insert(session, Session::new(place, owner, now));
        self.welcome(session)
    }

    fn received(
        &mut self,
        session: Guid,
        range: ContentRange,
        origin: &Origin,
        outcome: Result<(), Trouble>,
    ) -> Settled {
        let packet = PacketType::Fragment;
        self.counts.received();
        let vdir = self.sessions.get(&session).map(|row| row.place.vdir);
        Settled::Reply(match outcome {
            Ok(()) => {
                let counted = self.rules.counted_for(session, || self.neighbour(session));
                let forgotten = self.rules.forgotten_with(|| self.neighbour(session));
                if let Some(row) = self.sessions.get_mut(&counted) {
                    row.total = Some(range.total);
                    row.received = row.received.max(range.last + 1);
                }
                if let Some(row) = forgotten.and_then(|other| self.sessions.get_mut(&other)) {
                    row.received = 0;
                }
                if self.rules.announces(range.is_final())
                    && let Some(announcement) = self.announcement(session, origin)
                {
                    if let Some(row) = self.sessions.get_mut(&session) {
                        row.busy = true;
                    }
                    return Settled::Notify(Box::new(announcement));
                }
                let mut reply = self.acknowledge(&packet, Some(session));
                if let Some(url) = self.early_reply_url(session, origin) {
                    reply.headers.push(names::REPLY_URL, url);
                }
                reply
            }
            // The client has to begin again, which is what it does when its session is not known.
            Err(Trouble::Vanished) => {
                self.sessions.remove(&session);
                self.refuse(Refusal::UnknownSession, &packet, None, vdir)
            }
            Err(trouble) => {
                if trouble == Trouble::Cut
                    && let Some(row) = self.sessions.get_mut(&session)
                {
                    row.received = self.rules.held_after_cut(row.received, range);
                }
                self.refuse(trouble.into(), &packet, Some(session), vdir)
            }
        })
    }

    fn ended(&mut self, session: Guid, packet: &PacketType, outcome: Result<(), Trouble>) -> Reply {
        let reply = match outcome {
            Ok(()) => self.acknowledge(packet, Some(session)),
            Err(trouble) => {
                let vdir = self.sessions.get(&session).map(|row| row.place.vdir);
                self.refuse(trouble.into(), packet, Some(session), vdir)
            }
        };
        if matches!(outcome, Ok(()) | Err(Trouble::Vanished))
            && (*packet != PacketType::CloseSession || self.rules.end_at_close() == End::Forgotten)
        {
            self.forget(session, packet);
        }
        reply
    }
}

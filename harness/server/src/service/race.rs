//! What faults do to two requests that are under way at once.

use std::{
    collections::HashMap,
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use bits_wire::{ContentRange, Guid, Headers, PacketType, names};

use super::{Caller, Service, Step};
use crate::{
    download::{Download, Piece},
    fault::{Raced, Side},
    machine::{Entity, Replace, Reply, RequestHead},
    paths,
};

/// What is remembered of the first of two requests.
#[derive(Default)]
pub(super) struct First {
    entity: Option<Entity>,
    headers: Headers,
}

/// What becomes of a fragment.
pub(super) struct Fate {
    raced: Raced,
    side: Side,
    target: String,
    session: Guid,
    asked: Headers,
}

impl Fate {
    /// Whether zeros are stored instead of its bytes.
    pub(super) fn blanks(&self) -> bool {
        self.raced == Raced::Blanked
    }
}

impl Service {
    /// Begins a request that met another.
    pub(super) fn begin_met(
        &self,
        head: &RequestHead<'_>,
        caller: &Caller,
        side: Side,
        now: Duration,
    ) -> Step {
        let raced = self.0.rules.raced(side);
        let mut headers = head.headers.clone();
        match raced {
            Raced::Pretended => return Step::Reply(acknowledgement(head.headers)),
            Raced::Lost => {
                headers.set(names::PACKET_TYPE, PacketType::CancelSession.as_str());
                headers.remove(names::CONTENT_RANGE);
                headers.set(names::CONTENT_LENGTH, "0");
                drop(self.begin_alone(&RequestHead { headers: &headers, ..*head }, caller, now));
                return Step::Reply(acknowledgement(head.headers));
            }
            Raced::Emptying => {
                self.empty(head.target);
                return Step::Reply(acknowledgement(head.headers));
            }
            Raced::Shifted | Raced::ShiftedAndRefused => shift(&mut headers),
            _ => {}
        }
        let step = self.begin_alone(&RequestHead { headers: &headers, ..*head }, caller, now);
        self.begun(step, head, raced, side)
    }

    fn begun(&self, step: Step, head: &RequestHead<'_>, raced: Raced, side: Side) -> Step {
        match step {
            Step::Reply(reply) => Step::Reply(self.told(head.target, raced, side, reply)),
            Step::Receive(mut reception) => {
                let target = head.target.to_owned();
                if let (Raced::Misplaced, Some(other)) = (raced, self.first_entity(&target)) {
                    let offset = offset(head.headers);
                    reception.writer = self.0.store.write(&other, offset);
                }
                let (session, asked) = (reception.session(), head.headers.clone());
                if let (Side::First, Ok(place)) = (side, paths::resolve(&self.0.config, &target)) {
                    let entity = Some(Entity { folder: place.folder, session });
                    self.firsts().entry(target.clone()).or_default().entity = entity;
                }
                reception.race = Some(Fate { raced, side, target, session, asked });
                Step::Receive(reception)
            }
            Step::Download(mut download, content) => match raced {
                Raced::Missing => {
                    let headers = [(names::CONTENT_LENGTH, "0")].into_iter().collect();
                    Step::Reply(Reply { status: 404, headers, body: Vec::new() })
                }
                Raced::Halved => {
                    halve(&mut download);
                    Step::Download(download, content)
                }
                _ => Step::Download(download, content),
            },
            busy @ Step::Busy(_) => busy,
        }
    }

    /// The answer to a fragment that met another request.
    pub(super) fn end_met(&self, fate: Fate, reply: Reply) -> Reply {
        if fate.raced == Raced::ShiftedAndRefused {
            return self.busy(fate.session, &fate.asked);
        }
        self.told(&fate.target, fate.raced, fate.side, reply)
    }

    fn told(&self, target: &str, raced: Raced, side: Side, mut reply: Reply) -> Reply {
        if side == Side::First {
            let mut firsts = self.firsts();
            firsts.entry(target.to_owned()).or_default().headers = reply.headers.clone();
        }
        if let Raced::Swapped(name) = raced
            && let Some(first) = self.firsts().get(target)
            && let Some(value) = first.headers.first(name)
        {
            reply.headers.set(name, value);
        }
        reply
    }

    /// Whether something may be replaced, `setting` being right.
    pub(super) fn replace_of(&self, caller: &Caller, setting: Replace) -> Replace {
        let raced = caller.met.map(|side| self.0.rules.raced(side));
        if raced == Some(Raced::Replacing) { Replace::Allowed } else { setting }
    }

    fn empty(&self, target: &str) {
        let Ok(place) = paths::resolve(&self.0.config, target) else { return };
        let entity = Entity { folder: place.folder.clone(), session: (self.0.fresh)() };
        let store = &self.0.store;
        // Where it cannot be done, the fault does not show.
        let _ = store
            .create(&entity, &place, Replace::Allowed)
            .and_then(|()| store.publish(&entity, &place, 0, Replace::Allowed));
    }

    fn first_entity(&self, target: &str) -> Option<Entity> {
        self.firsts().get(target)?.entity.clone()
    }

    fn firsts(&self) -> MutexGuard<'_, HashMap<String, First>> {
        self.0.firsts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn range_of(headers: &Headers) -> Option<ContentRange> {
    headers.first(names::CONTENT_RANGE)?.parse().ok()
}

fn offset(headers: &Headers) -> u64 {
    range_of(headers).map_or(0, |range| range.first)
}

/// The range right behind the one that is named.
fn shift(headers: &mut Headers) {
    let Some(range) = range_of(headers) else { return };
    let length = range.length();
    let moved = ContentRange { first: range.first + length, last: range.last + length, ..range };
    if moved.last < moved.total {
        headers.set(names::CONTENT_RANGE, moved.to_string());
    }
}

/// What a success says to a message with these headers.
fn acknowledgement(asked: &Headers) -> Reply {
    let mut headers: Headers =
        [(names::PACKET_TYPE, PacketType::Ack.as_str()), (names::CONTENT_LENGTH, "0")]
            .into_iter()
            .collect();
    if let Some(session) = asked.first(names::SESSION_ID) {
        headers.push(names::SESSION_ID, session);
    }
    if let Some(range) = range_of(asked) {
        headers.push(names::RECEIVED_CONTENT_RANGE, (range.last + 1).to_string());
    }
    Reply { status: 200, headers, body: Vec::new() }
}

fn halve(download: &mut Download) {
    let [Piece::Content(range)] = download.body.as_mut_slice() else { return };
    range.end = range.start + (range.end - range.start) / 2;
    download.headers.set(names::CONTENT_LENGTH, (range.end - range.start).to_string());
}

//! The places at which a fault has its say. Without a fault every one of them does what the protocol asks.

use std::time::Duration;

use bits_wire::{ContentRange, Guid, PacketType, SessionId};

use super::{Fault, list::Way, replies::Change};
use crate::{
    machine::{Refusal, Reply},
    paths::Place,
};

/// The rules that a server keeps, all but one if it has a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules(Option<Fault>);

/// What becomes of a session whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It ends, as it should.
    Forgotten,
    /// It goes on.
    Kept,
}

impl Rules {
    pub(crate) const fn new(fault: Option<Fault>) -> Self {
        Self(fault)
    }

    pub(super) const fn fault(self) -> Option<Fault> {
        self.0
    }

    fn has(self, fault: Fault) -> bool {
        self.0 == Some(fault)
    }

    /// Every demand on a request goes through here.
    pub(crate) fn demand(self, kept: bool, refusal: Refusal) -> Result<(), Refusal> {
        let forgiven = self.0.is_some_and(|fault| fault.row().way == Way::Forgives(refusal));
        if kept || forgiven { Ok(()) } else { Err(refusal) }
    }

    /// Whether a header that the protocol does not know may stand in a request.
    pub(crate) fn takes_unknown_headers(self) -> bool {
        !self.has(Fault::RequestUnknownHeaderRefused)
    }

    /// What separates the members of a protocol list.
    pub(crate) fn separators(self) -> &'static [char] {
        if self.has(Fault::CreateKnowsNoComma) { &[' ', '\t'] } else { &[' ', ',', '\t'] }
    }

    /// The id of a new session, opened at this time by a request that named this one.
    pub(crate) fn session_id(self, fresh: Guid, named: Option<&str>, now: Duration) -> Guid {
        match self.0 {
            // The digits in front are any; with none, ids would look as if there had been a mistake.
            Some(Fault::SessionIdsAreTimes) => {
                Guid(0x5e55_10a5_0000_4000_8000 << 48 | now.as_micros())
            }
            Some(Fault::CreateReusesId) => Guid::from_random([7; 16]),
            Some(Fault::CreateTakesId) => named.and_then(|id| id.parse().ok()).unwrap_or(fresh),
            _ => fresh,
        }
    }

    /// Whether a range is read whose unit is written so.
    pub(crate) fn reads_unit(self, range: &str) -> bool {
        let is_bytes = range.get(..5).is_some_and(|unit| unit.eq_ignore_ascii_case("bytes"));
        !self.has(Fault::RangeUnitFails) || !is_bytes || range.starts_with("bytes")
    }

    /// The session that an id names.
    pub(crate) fn session(self, id: &SessionId) -> Option<Guid> {
        if self.has(Fault::CreateIdWithoutBraces) {
            let guid: Guid = format!("{{{id}}}").parse().ok()?;
            return Some(guid)
                .filter(|guid| guid.to_string().trim_matches(['{', '}']) == id.as_str());
        }
        let exact = |guid: &Guid| guid.to_string() == id.as_str();
        id.guid().filter(|guid| !self.has(Fault::SessionExactSpelling) || exact(guid))
    }

    /// Whether a ping has to be told apart by the session that it names.
    pub(crate) fn pings_need_a_session(self) -> bool {
        self.has(Fault::PingAsksForSession)
    }

    /// Where a fragment has to begin, `next` being right.
    pub(crate) fn wanted(self, next: u64, range: ContentRange) -> u64 {
        let takes = (self.has(Fault::FragmentAcceptsGap) && range.first > next)
            || (self.has(Fault::FragmentOverwrites) && range.first < next);
        if takes { range.first } else { next }
    }

    /// What is the next byte wanted after a fragment that was out of step, `next` being right.
    pub(crate) fn next_after_refusal(self, next: u64) -> u64 {
        if self.has(Fault::FragmentRefusalForgets) { 0 } else { next }
    }

    /// Where the bytes of a fragment go, `offset` being right.
    pub(crate) fn stored_at(self, offset: u64) -> u64 {
        match self.0 {
            Some(Fault::FragmentStoredEarly) => offset.saturating_sub(1),
            Some(Fault::FragmentStoredLate) if offset > 0 => offset + 1,
            _ => offset,
        }
    }

    /// The path under which an upload goes to its destination, `names` being right.
    pub(crate) fn published_as(self, mut place: Place) -> Place {
        if self.has(Fault::PublishOtherName)
            && let Some(name) = place.names.last_mut()
        {
            name.push_str(".tmp");
        }
        place
    }

    /// How many bytes of an upload count after a fragment that was cut.
    pub(crate) fn held_after_cut(self, held: u64, range: ContentRange) -> u64 {
        match self.0 {
            Some(Fault::FragmentCutCounts) => held.max(range.last + 1),
            Some(Fault::FragmentCutForgets) => 0,
            Some(Fault::FragmentCutLosesByte) => held.saturating_sub(1),
            _ => held,
        }
    }

    /// How long a session lives without a message, `timeout` being right.
    pub(crate) fn session_timeout(self, timeout: Duration) -> Duration {
        if self.has(Fault::SessionEndsEarly) { timeout / 4 } else { timeout }
    }

    /// Whether permission is asked for at a ping, too.
    pub(crate) fn asks_at_ping(self) -> bool {
        self.has(Fault::PingAsksForPermission)
    }

    /// Where a fragment can be seen at once, which no honest server allows.
    pub(crate) fn exposed(self, place: &Place) -> Option<Place> {
        self.has(Fault::PublishBeforeClose).then(|| place.clone())
    }

    /// Whether an entity is published at its close, `wanted` being right.
    pub(crate) fn publishes(self, complete: bool, wanted: bool) -> bool {
        match self.0 {
            Some(Fault::ClosePublishesNothing) => false,
            Some(Fault::ClosePublishesPart) => wanted || !complete,
            _ => wanted,
        }
    }

    /// What becomes of a session at its close.
    pub(crate) fn end_at_close(self) -> End {
        if self.has(Fault::CloseKeepsSession) { End::Kept } else { End::Forgotten }
    }

    /// Whether what a cancelled session has, which is so much of so much, goes to its destination.
    pub(crate) fn publishes_at_cancel(self, held: u64, total: Option<u64>) -> bool {
        self.has(Fault::CancelPublishes) && held > 0 && total != Some(held)
    }

    /// What becomes of a session that is cancelled.
    pub(crate) fn end_at_cancel(self) -> End {
        if self.has(Fault::CancelKeepsData) { End::Kept } else { End::Forgotten }
    }

    /// What becomes of a session after its time.
    pub(crate) fn end_at_timeout(self) -> End {
        if self.has(Fault::SessionOutlivesTimeout) { End::Kept } else { End::Forgotten }
    }

    /// Whether answers can be marked for a frame that is wrong.
    pub(crate) fn marks_frames(self) -> bool {
        let way = self.0.map(|fault| fault.row().way);
        matches!(way, Some(Way::Replies(_, Change::Framed(_))))
    }

    /// Every answer of the machine goes through here.
    pub(crate) fn reply(self, packet: &PacketType, refusal: Option<Refusal>, reply: &mut Reply) {
        let Some(row) = self.0.map(Fault::row) else { return };
        if let Way::Replies(when, change) = row.way
            && when.fits(packet, refusal)
        {
            change.make(reply);
        }
    }
}

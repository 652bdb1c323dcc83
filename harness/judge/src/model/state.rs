//! What has been sent and what the server should have acknowledged: no more than is needed to choose the next step.

use std::cmp::Ordering;

use super::{
    fetch::What,
    made::LONGEST,
    odd::Field,
    operation::{Act, Body, Mark, Operation, Point, Slot, Twist},
    scene::{Scene, takes_uploads},
    way::Way,
};
use crate::plan::DirectoryRole;

/// What a client knows of its sessions, if the server does what it should.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    sessions: [Session; 3],
    pub(super) scene: Scene,
    files: [File; 3],
}

/// What is at the destination of a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct File {
    /// The size of what was published last, if anything was.
    pub(super) size: Option<u64>,
    /// Whether its validators were told, be they those of what was there before.
    pub(super) looked_at: bool,
    /// Whether an end of a session was asked for, so that the server may have nothing of it any more.
    pub(super) was_ended: bool,
}

/// One session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Session {
    pub(super) phase: Phase,
    /// The size of the file that is being uploaded.
    pub(super) size: u64,
    /// The bytes that the server should have acknowledged.
    pub(super) have: u64,
    /// Whether the total has been told, with the first fragment.
    pub(super) told: bool,
    /// Whether what the server keeps of it was taken away.
    pub(super) lost: bool,
    /// Whether an answer could have told where the reply is.
    pub(super) asked: bool,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// There has been none.
    #[default]
    Absent,
    /// It is open.
    Open,
    /// Its fragment was cut: how much of it counts, the server will say.
    Unsure,
    /// It has ended.
    Ended,
}

/// How an operation stands to the protocol, given what went before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Any client does so.
    Legal,
    /// A client may, and hardly any does.
    Odd,
    /// No client may.
    Illegal,
    /// It is about a session that was never opened, so that nothing can be sent.
    Leftover,
}

impl State {
    pub(super) const fn session(&self, slot: Slot) -> &Session {
        &self.sessions[slot as usize]
    }

    pub(super) const fn file(&self, slot: Slot) -> &File {
        &self.files[slot as usize]
    }

    /// The size of what is at the destination of a slot, or is going to be.
    pub(super) fn size_of_file(&self, slot: Slot) -> u64 {
        self.file(slot).size.unwrap_or_else(|| self.session(slot).size)
    }

    /// The bytes of a session that the server should have acknowledged.
    #[must_use]
    pub const fn have(&self, slot: Slot) -> u64 {
        self.session(slot).have
    }

    /// The number that a point means for a session now.
    #[must_use]
    pub fn resolve(&self, slot: Slot, point: Point) -> u64 {
        let Session { size, have, .. } = *self.session(slot);
        let mark = match point.mark {
            Mark::Zero => 0,
            Mark::Have => have,
            Mark::Ahead(bytes) => have.saturating_add(u64::from(bytes)),
            Mark::Total => size,
            Mark::Bits31 => 1 << 31,
            Mark::Bits32 => 1 << 32,
            Mark::Bits63 => (1 << 63) - 1,
            Mark::Bits64 => u64::MAX,
            Mark::Over31(bytes) => have.saturating_add((1 << 31) + u64::from(bytes)),
            Mark::Over32(bytes) => have.saturating_add((1 << 32) + u64::from(bytes)),
        };
        mark.saturating_add_signed(i64::from(point.beside))
    }

    /// How far the session of an operation is, and where its range lies, in a word each.
    #[must_use]
    pub fn situation(&self, operation: &Operation) -> String {
        let session = self.session(operation.slot);
        let phase = match session.phase {
            Phase::Absent => "absent",
            Phase::Open if session.is_complete() => "complete",
            Phase::Open => "open",
            Phase::Unsure => "unsure",
            Phase::Ended => "ended",
        };
        let act = match operation.act {
            Act::Create { .. } => "create".to_owned(),
            Act::Fragment { first, last, total, .. } => {
                let [first, last, total] =
                    [first, last, total].map(|point| self.resolve(operation.slot, point));
                let place = match first.cmp(&session.have) {
                    Ordering::Less => "overlap",
                    Ordering::Equal => "next",
                    Ordering::Greater => "gap",
                };
                let end = if last < first || last >= total { "outside" } else { "inside" };
                let sum = if total == session.size { "same" } else { "other" };
                let cut = if operation.is_cut() { "cut" } else { "sent" };
                format!("fragment {place} {end} {sum} {cut}")
            }
            Act::Ping => "ping".to_owned(),
            Act::Close => "close".to_owned(),
            Act::Cancel => "cancel".to_owned(),
            Act::Get | Act::GetRange { .. } | Act::Head => "get".to_owned(),
            Act::Fetch(fetch) => format!("{fetch:?}").to_ascii_lowercase(),
            Act::TakeAway => "take-away".to_owned(),
            Act::GetReply => "get reply".to_owned(),
            Act::In(_) | Act::Rivals | Act::Play(_) | Act::Wait(_) => "nothing".to_owned(),
        };
        format!("{}{phase} {act}{}", self.scene.place(), self.scene.answer(operation.act))
    }

    /// How an operation stands to the protocol now.
    #[must_use]
    pub fn standing(&self, operation: &Operation) -> Standing {
        let session = self.session(operation.slot);
        if let Some(standing) = self.scene.standing(operation.act, session) {
            return standing;
        }
        if self.is_leftover(operation) {
            return Standing::Leftover;
        }
        let act = match operation.act {
            Act::Create { .. } if !self.may_create(operation.slot) => Standing::Illegal,
            Act::Create { size: 0 } => Standing::Odd,
            Act::Create { .. } => match session.phase {
                Phase::Absent | Phase::Ended => Standing::Legal,
                Phase::Open | Phase::Unsure => Standing::Odd,
            },
            Act::Fragment { first, last, total, body } => {
                let [first, last, total] =
                    [first, last, total].map(|point| self.resolve(operation.slot, point));
                session.fragment(first, last, total, body)
            }
            Act::Ping | Act::Get | Act::GetReply => Standing::Legal,
            Act::In(_) | Act::Rivals | Act::Play(_) | Act::Wait(_) => Standing::Legal,
            Act::Close if session.is_complete() => Standing::Legal,
            Act::Cancel if session.phase == Phase::Open => Standing::Legal,
            Act::Close | Act::Cancel if session.phase == Phase::Unsure => Standing::Odd,
            Act::Close | Act::Cancel => Standing::Illegal,
            Act::Fetch(fetch) if fetch.is_usual() && self.file(operation.slot).size.is_some() => {
                Standing::Legal
            }
            Act::Head | Act::GetRange { .. } | Act::Fetch(_) | Act::TakeAway => Standing::Odd,
        };
        let is_odd = operation.is_cut() || operation.way == Some(Way::AtOnce);
        let act = if is_odd { act.max(Standing::Odd) } else { act };
        operation.twist.map_or(act, |twist| act.max(twist.standing(operation.act)))
    }

    /// Whether something is missing without which it cannot be carried out.
    fn is_leftover(&self, operation: &Operation) -> bool {
        let (session, file) = (self.session(operation.slot), self.file(operation.slot));
        let absent = session.phase == Phase::Absent;
        if absent && operation.twist == Some(Twist::Field(Field::SessionId)) {
            return true;
        }
        match operation.act {
            Act::Fragment { .. } | Act::Close | Act::Cancel => {
                absent && operation.twist != Some(Twist::NoId)
            }
            Act::Fetch(_) if self.scene.rivals => true,
            Act::Fetch(fetch) => {
                (fetch.needs_validator() && !file.looked_at)
                    || (fetch.what == What::Entity && absent)
            }
            Act::TakeAway if !self.scene.is_simple() => true,
            Act::TakeAway => {
                session.phase != Phase::Open || session.have == 0 || session.lost || file.was_ended
            }
            Act::Create { .. } | Act::Ping => false,
            // What these take, the scene knows.
            _ => false,
        }
    }

    /// What is known after an operation.
    pub fn apply(&mut self, operation: &Operation) {
        let standing = self.standing(operation);
        let slot = operation.slot;
        let (next, total) = match operation.act {
            Act::Fragment { last, total, .. } => {
                (self.resolve(slot, last).saturating_add(1), self.resolve(slot, total))
            }
            _ => (0, 0),
        };
        self.files[slot as usize].was_ended |= matches!(operation.act, Act::Close | Act::Cancel);
        self.scene.apply(operation.act, standing);
        let refuses = self.scene.refuses();
        let at_once = operation.way == Some(Way::AtOnce);
        let is_fragment = matches!(operation.act, Act::Fragment { .. });
        if standing < Standing::Leftover && is_fragment {
            let session = &mut self.sessions[slot as usize];
            session.asked |= operation.twist.is_none() && !at_once;
            if operation.twist.is_some_and(Twist::claims_too_much) {
                session.phase = Phase::Unsure;
            }
        }
        if standing > Standing::Odd {
            return;
        }
        let session = &mut self.sessions[slot as usize];
        let file = &mut self.files[slot as usize];
        // What a lane learns is its own.
        file.looked_at |= file.size.is_some() && !at_once && operation.tells_validators();
        match operation.act {
            // What a lane learns is its own: nobody else knows the id.
            Act::Create { .. } if at_once => {}
            Act::Create { size } => {
                let size = u64::from(size);
                let asked = session.asked;
                *session = Session { phase: Phase::Open, size, asked, ..Session::default() };
            }
            Act::Fragment { .. } if operation.is_cut() => session.phase = Phase::Unsure,
            // It is to be sent again.
            Act::Fragment { .. } if refuses && next == total => {
                (session.told, session.size) = (true, total);
            }
            Act::Fragment { .. } => {
                session.phase = Phase::Open;
                session.told = true;
                session.size = total;
                session.have = session.have.max(next);
            }
            Act::Close if session.is_complete() => {
                session.phase = Phase::Ended;
                file.size = Some(session.size);
            }
            Act::Close | Act::Cancel => session.phase = Phase::Ended,
            Act::TakeAway => (session.phase, session.lost) = (Phase::Unsure, true),
            Act::Wait(time) => self.sessions.iter_mut().for_each(|session| session.wait(time)),
            // These change nothing of a session.
            Act::Ping | Act::Get | Act::GetRange { .. } | Act::Head | Act::Fetch(_) => {}
            Act::GetReply | Act::In(_) | Act::Rivals | Act::Play(_) => {}
        }
    }

    /// Whether a session could be opened.
    fn may_create(&self, slot: Slot) -> bool {
        match self.scene.role {
            DirectoryRole::NoOverwrite => !self.is_taken(slot),
            role => takes_uploads(role),
        }
    }

    /// Whether something was published where an upload in this slot goes.
    pub(super) fn is_taken(&self, slot: Slot) -> bool {
        match self.scene.rivals {
            true => self.files.iter().any(|file| file.size.is_some()),
            false => self.file(slot).size.is_some(),
        }
    }
}

impl Session {
    /// Whatever is open ends when nobody has said anything for a session timeout.
    fn wait(&mut self, hundredths: u8) {
        if hundredths >= 100 && matches!(self.phase, Phase::Open | Phase::Unsure) {
            self.phase = Phase::Ended;
        }
    }

    /// Whether the server should have all of it.
    pub(super) const fn is_complete(&self) -> bool {
        matches!(self.phase, Phase::Open) && self.told && self.have == self.size
    }

    fn fragment(&self, first: u64, last: u64, total: u64, body: Body) -> Standing {
        // The first fragment says how large the file is, whatever the client had in mind; the body is never longer than that.
        let fits = first <= last && last < total && (total == self.size || !self.told);
        let sendable = last.saturating_sub(first) < LONGEST;
        match (self.phase, body) {
            (Phase::Absent | Phase::Ended, _) | (_, Body::Short | Body::Long) => Standing::Illegal,
            _ if !fits || !sendable || first > self.have || self.is_complete() => Standing::Illegal,
            (Phase::Unsure, _) | (_, Body::Cut(_)) => Standing::Odd,
            _ if first < self.have => Standing::Odd,
            _ => Standing::Legal,
        }
    }
}

impl Twist {
    /// How a request stands to the protocol with this, at best.
    #[must_use]
    pub const fn standing(self, act: Act) -> Standing {
        match self {
            Self::LowerNames | Self::UpperNames | Self::Reversed | Self::Unknown => Standing::Odd,
            Self::SeveralProtocols | Self::Query | Self::LowerId => Standing::Odd,
            Self::AtMaximum => Standing::Odd,
            Self::Surplus(_) if matches!(act, Act::Fragment { .. }) => Standing::Odd,
            Self::Place(place) => place.standing(),
            Self::Field(field) => field.standing(),
            Self::RangeForm(form) => form.standing(),
            _ => Standing::Illegal,
        }
    }

    /// Whether the total that is claimed is not that of the upload.
    pub(super) const fn claims_too_much(self) -> bool {
        matches!(self, Self::AtMaximum | Self::OverMaximum | Self::Mebibyte)
    }
}

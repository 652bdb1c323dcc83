//! In which directory a random session takes place, and what is done there that is done nowhere else.

use super::{
    generate::Maker,
    operation::{Act, Body, Mark, Operation, Point, Slot, Twist},
    play::{Play, Word},
    scene::{notifies, takes_uploads},
    state::{Phase, Session},
};
use crate::plan::DirectoryRole;

/// How many of a thousand sessions take place in the directory of each role.
pub const ROLES: [(u64, DirectoryRole); 13] = [
    (545, DirectoryRole::Plain),
    (120, DirectoryRole::ByValue),
    (90, DirectoryRole::ByReference),
    (40, DirectoryRole::Overwrite),
    (40, DirectoryRole::NoOverwrite),
    (40, DirectoryRole::Accounts),
    (30, DirectoryRole::MaxSize),
    (25, DirectoryRole::HostId),
    (15, DirectoryRole::SmallDisk),
    (15, DirectoryRole::ShortTimeout),
    (15, DirectoryRole::Disabled),
    (13, DirectoryRole::Executable),
    (12, DirectoryRole::Protected),
];

/// The same session in the plain directory, for targets that have no other.
#[must_use]
pub fn in_plain(operations: &[Operation]) -> Vec<Operation> {
    let stays = |operation: &&Operation| operation.act.is_request() || operation.act == Act::Rivals;
    operations.iter().filter(stays).copied().collect()
}

/// Puts what says where everything takes place in front, where it counts.
pub fn in_order(operations: &mut [Operation]) {
    operations.sort_by_key(|operation| !operation.act.is_scene());
}

impl Maker {
    /// Chooses the directory, and what is said before anything is sent.
    pub(super) fn enter(&mut self) {
        let role = self.dice.weigh(&ROLES);
        if role != DirectoryRole::Plain {
            self.say(Act::In(role));
        }
        if notifies(role) && self.dice.chance(75) {
            let play = self.play();
            self.say(Act::Play(play));
        }
        if role == DirectoryRole::MaxSize && self.dice.chance(40) {
            self.slots = self.slots.max(2);
        }
    }

    /// How many operations a session has there.
    pub(super) fn length(&mut self, most: u64) -> u64 {
        match self.role() {
            role if !takes_uploads(role) => 2 + self.dice.below(5),
            _ => 4 + self.dice.below(most - 4),
        }
    }

    /// The role of the directory.
    pub(super) const fn role(&self) -> DirectoryRole {
        self.state.scene.role
    }

    /// Adds something that sends nothing.
    pub(super) fn say(&mut self, act: Act) {
        self.push(Operation::usual(Slot::A, act));
    }

    /// What is done in this directory and in no other, now and then.
    pub(super) fn in_role(&mut self, slot: Slot) -> Option<Operation> {
        let session = *self.state.session(slot);
        let usual = |act| Operation::usual(slot, act);
        match self.role() {
            DirectoryRole::ByValue | DirectoryRole::ByReference => self.notified(slot, &session),
            DirectoryRole::Accounts if self.dice.chance(15) => {
                let twist = self.dice.pick(&[Twist::Nobody, Twist::WrongPassword]);
                let act = self.legal(slot);
                let twist = Some(twist).filter(|twist| twist.applies_to(act));
                Some(Operation { twist, ..usual(act) })
            }
            DirectoryRole::MaxSize => self.near_maximum(slot, &session),
            DirectoryRole::SmallDisk if is_fresh(&session) && self.dice.chance(40) => {
                Some(Operation { twist: Some(Twist::Mebibyte), ..usual(whole()) })
            }
            DirectoryRole::ShortTimeout if session.phase == Phase::Open => {
                let waited = self.operations.iter().any(|it| matches!(it.act, Act::Wait(_)));
                let waits = !waited && self.dice.chance(40);
                let time = self.dice.pick(&[40, 60, 120]);
                waits.then(|| usual(Act::Wait(time)))
            }
            DirectoryRole::NoOverwrite if self.is_taken(slot) && self.dice.chance(60) => {
                let other = self.dice.pick(&[Act::Ping, Act::Get, Act::Head]);
                Some(usual(other))
            }
            role if !takes_uploads(role) => self.turned_away(slot),
            _ => None,
        }
    }

    /// Whether nothing can be uploaded any more in the place of a slot.
    fn is_taken(&self, slot: Slot) -> bool {
        self.state.session(slot).phase == Phase::Ended && self.state.is_taken(slot)
    }

    fn notified(&mut self, slot: Slot, session: &Session) -> Option<Operation> {
        let open = session.phase == Phase::Open && !session.is_complete() && session.size > 0;
        match self.dice.below(1000) {
            0..5 if open => {
                let slow = self.dice.pick(&[Play::Silence, Play::Stall]);
                self.say(Act::Play(slow));
                self.push(Operation::usual(slot, whole()));
                let play = self.play();
                Some(Operation::usual(slot, Act::Play(play)))
            }
            0..120 => {
                let play = self.play();
                Some(Operation::usual(slot, Act::Play(play)))
            }
            120..320 if session.asked && session.phase != Phase::Absent => {
                Some(Operation::usual(slot, Act::GetReply))
            }
            // An application that takes nothing is not asked for ever.
            320..520 if self.state.scene.refuses() => {
                Some(Operation::usual(slot, Act::Play(Play::Content)))
            }
            _ => None,
        }
    }

    /// An answer of the application; more than half of them take the upload.
    fn play(&mut self) -> Play {
        let size = 1 + u16::try_from(self.dice.below(3000)).unwrap_or(0);
        let statuses = [201, 202, 204, 302, 400, 402, 403, 403, 404, 409, 413, 500, 501, 503, 599];
        let status = self.dice.pick(&statuses);
        let word = self.dice.pick(&Word::ALL);
        self.dice.weigh(&[
            (10, Play::Content),
            (12, Play::Copy),
            (18, Play::Reply(size)),
            (8, Play::CopyAndReply(size)),
            (6, Play::FileAndBody(size)),
            (4, Play::Static),
            (3, Play::StaticAndBody),
            (3, Play::LongStatic),
            (3, Play::Late),
            (3, Play::TooLongStatic),
            (12, Play::Status(status)),
            (3, Play::Refusal(status.max(400))),
            (3, Play::CutReply(size)),
            (2, Play::HangUp),
            (2, Play::HalfHead),
            (4, Play::Nonsense(word)),
        ])
    }

    /// A first fragment whose total is the largest that there may be, or larger.
    fn near_maximum(&mut self, slot: Slot, session: &Session) -> Option<Operation> {
        if session.phase == Phase::Unsure && self.dice.chance(80) {
            let rest = Act::Fragment {
                first: Point::at(Mark::Total),
                last: Point::at(Mark::Total),
                total: Point::at(Mark::Total),
                body: Body::Whole,
            };
            let rest = Operation { twist: Some(Twist::Mebibyte), ..Operation::usual(slot, rest) };
            let cancel = Operation::usual(slot, Act::Cancel);
            return Some(self.dice.weigh(&[(1, rest), (3, cancel)]));
        }
        if !is_fresh(session) || !self.dice.chance(45) {
            return None;
        }
        let twist = self.dice.weigh(&[
            (2, Twist::AtMaximum),
            (5, Twist::OverMaximum),
            (3, Twist::Mebibyte),
        ]);
        Some(Operation { twist: Some(twist), ..Operation::usual(slot, whole()) })
    }

    /// A client that is told that it cannot upload there, and asks on.
    fn turned_away(&mut self, slot: Slot) -> Option<Operation> {
        let act = match self.dice.below(10) {
            0..6 => Act::Create { size: self.size() },
            6..8 => Act::Ping,
            8 => Act::Get,
            _ => {
                let act = self.dice.pick(&[whole(), Act::Close, Act::Cancel]);
                return Some(Operation { twist: Some(Twist::NoId), ..Operation::usual(slot, act) });
            }
        };
        Some(Operation::usual(slot, act))
    }
}

/// Whether a session is open and has been sent nothing yet.
const fn is_fresh(session: &Session) -> bool {
    matches!(session.phase, Phase::Open) && !session.told && session.size > 0
}

/// All that is left, in one fragment.
pub(super) const fn whole() -> Act {
    Act::until(Mark::Total)
}

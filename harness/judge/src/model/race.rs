//! Requests of several clients that come at once, and what a client does afterwards to see what they came to.

use super::{
    generate::Maker,
    operation::{Act, Mark, Operation, Slot},
    role::whole,
    state::Phase,
    way::Way,
};
use crate::plan::DirectoryRole;

/// How many of a hundred sessions have several clients, in the directories where such sessions are made.
const RACES: u64 = 9;

/// What comes at once.
#[derive(Clone, Copy, Debug)]
enum Race {
    /// The same fragment, by several clients.
    SameFragment,
    /// Fragments from the same byte, of different lengths.
    Lengths,
    /// The last fragment and the close.
    LastAndClose,
    /// A fragment and the cancel.
    FragmentAndCancel,
    /// A close and a cancel, before the end.
    CloseAndCancel,
    /// Two closes.
    TwoCloses,
    /// The close, and somebody who reads.
    CloseAndGet,
    /// Sessions that are opened.
    Creates,
    /// A fragment of each of two sessions for one destination.
    TwoUploads,
    /// A fragment for a destination, and the cancel of another session for it.
    FragmentAndOtherCancel,
    /// The closes of two sessions for one destination.
    ClosesOfTwo,
}

const RACES_OF_ONE: [Race; 8] = [
    Race::SameFragment,
    Race::Lengths,
    Race::LastAndClose,
    Race::FragmentAndCancel,
    Race::CloseAndCancel,
    Race::TwoCloses,
    Race::CloseAndGet,
    Race::Creates,
];

const RACES_OF_TWO: [Race; 4] =
    [Race::TwoUploads, Race::FragmentAndOtherCancel, Race::ClosesOfTwo, Race::Creates];

impl Maker {
    /// Chooses whether several clients meet in this session, or have one destination without that; says whether all of
    /// it has been made then.
    pub(super) fn meet(&mut self) -> bool {
        use DirectoryRole::{NoOverwrite, Overwrite, Plain};
        let percent = match self.role() {
            Plain => RACES,
            Overwrite | NoOverwrite => 3 * RACES,
            _ => return false,
        };
        if !self.dice.chance(percent) {
            return false;
        }
        match self.dice.below(10) {
            0..5 => self.race_of_one(),
            5..8 => self.race_of_two(),
            _ => {
                // One after the other, as any session is.
                self.say(Act::Rivals);
                self.slots = self.slots.max(2);
                return false;
            }
        }
        true
    }

    fn race_of_one(&mut self) {
        let mut race = self.dice.pick(&RACES_OF_ONE);
        // In a directory where files may be replaced, one may be there already, and be read meanwhile.
        if self.role() == DirectoryRole::Overwrite && self.dice.chance(60) {
            race = if self.dice.chance(40) { Race::CloseAndGet } else { race };
            self.open(Slot::A);
            self.in_turn(Slot::A, &[whole(), Act::Close]);
        }
        self.open(Slot::A);
        if self.dice.chance(50) {
            self.in_turn(Slot::A, &[piece(5)]);
        }
        match race {
            Race::SameFragment => self.at_once(&[(Slot::A, piece(10)); 2]),
            Race::Lengths => {
                self.at_once(&[(Slot::A, piece(5)), (Slot::A, piece(10)), (Slot::A, piece(20))]);
            }
            Race::LastAndClose => self.at_once(&[(Slot::A, whole()), (Slot::A, Act::Close)]),
            Race::FragmentAndCancel => {
                self.at_once(&[(Slot::A, piece(10)), (Slot::A, Act::Cancel)]);
                self.in_turn(Slot::A, &[whole(), Act::Cancel]);
            }
            Race::CloseAndCancel => {
                self.at_once(&[(Slot::A, Act::Close), (Slot::A, Act::Cancel)]);
            }
            Race::TwoCloses | Race::CloseAndGet => {
                self.in_turn(Slot::A, &[whole()]);
                let second = if matches!(race, Race::TwoCloses) { Act::Close } else { Act::Get };
                self.at_once(&[(Slot::A, Act::Close), (Slot::A, second)]);
            }
            _ => {
                let size = self.size();
                self.at_once(&[(Slot::A, Act::Create { size }); 2]);
            }
        }
        self.conclude(&[Slot::A]);
    }

    fn race_of_two(&mut self) {
        let race = self.dice.pick(&RACES_OF_TWO);
        let (a, b) = (Slot::A, Slot::B);
        self.say(Act::Rivals);
        self.open(a);
        self.open(b);
        match race {
            Race::TwoUploads => {
                self.in_turn(a, &[piece(5)]);
                self.in_turn(b, &[piece(10)]);
                self.at_once(&[(a, piece(15)), (b, piece(25))]);
            }
            Race::FragmentAndOtherCancel => {
                self.in_turn(a, &[piece(10)]);
                self.in_turn(b, &[piece(10)]);
                self.at_once(&[(a, Act::Cancel), (b, whole())]);
            }
            Race::ClosesOfTwo => {
                self.in_turn(a, &[whole()]);
                self.in_turn(b, &[whole()]);
                self.at_once(&[(a, Act::Close), (b, Act::Close)]);
            }
            _ => {
                let size = self.size();
                self.at_once(&[(a, Act::Create { size }), (b, Act::Create { size })]);
            }
        }
        self.conclude(&[b, a]);
    }

    /// Opens a session for a file of which all pieces are smaller.
    fn open(&mut self, slot: Slot) {
        let size = 40 + u16::try_from(self.dice.below(400)).unwrap_or(0);
        self.in_turn(slot, &[Act::Create { size }]);
    }

    fn in_turn(&mut self, slot: Slot, acts: &[Act]) {
        acts.iter().for_each(|act| self.push(Operation::usual(slot, *act)));
    }

    fn at_once(&mut self, acts: &[(Slot, Act)]) {
        for (slot, act) in acts {
            let way = Some(Way::AtOnce);
            self.push(Operation { way, ..Operation::usual(*slot, *act) });
        }
    }

    /// Goes on with what may be open still, to its end, and looks at the destination.
    fn conclude(&mut self, slots: &[Slot]) {
        for slot in slots {
            let session = *self.state.session(*slot);
            if session.phase == Phase::Open && session.told {
                if session.have < session.size {
                    self.in_turn(*slot, &[whole()]);
                }
                // Wherever the server is, one of them goes on from there.
                if self.dice.chance(30) {
                    self.in_turn(*slot, &[Act::bytes(Mark::Zero, Mark::Total)]);
                }
                self.in_turn(*slot, &[Act::Close]);
            }
            self.in_turn(*slot, &[Act::Get]);
        }
    }
}

/// The next bytes, so many.
const fn piece(bytes: u16) -> Act {
    Act::until(Mark::Ahead(bytes))
}

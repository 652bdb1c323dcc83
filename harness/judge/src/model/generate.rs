//! A session from a seed: about three quarters of its steps are legal, fifteen of a hundred odd, ten illegal.

use std::collections::VecDeque;

use super::{
    dice::Dice,
    operation::{Act, Body, Connection, Mark, Operation, Point, Slot},
    state::{Phase, Session, Standing, State},
    twists::ODD,
    way::Way,
};

/// The most operations of a session, besides those that end what is still open.
pub const MOST_OPERATIONS: usize = 24;

/// The largest file of which pieces are sent.
const LARGEST: u64 = 1 << 20;

/// How the parts of an upload are cut.
#[derive(Clone, Copy, Debug)]
enum Pieces {
    /// All at once.
    Whole,
    /// Each of so many bytes.
    Equal(u16),
    /// Each half of what is left.
    Halves,
    /// Byte after byte.
    Bytes,
}

/// The operations of one case: a pure function of seed and case.
#[must_use]
pub fn session(seed: u64, case: u64) -> Vec<Operation> {
    let mut maker = Maker::with(Dice::of(seed, case));
    maker.begin();
    maker.enter();
    if !maker.meet() {
        for _ in 0..maker.length(MOST_OPERATIONS as u64) {
            let next = maker.next();
            maker.push(next);
        }
    }
    maker.finish()
}

pub(super) struct Maker {
    pub(super) dice: Dice,
    pub(super) state: State,
    pub(super) operations: Vec<Operation>,
    /// How many sessions are open at a time.
    pub(super) slots: usize,
    pieces: Pieces,
    /// Whether each packet has a connection of its own.
    separate: bool,
    /// What has been decided already.
    planned: VecDeque<Operation>,
}

impl Maker {
    pub(super) fn with(dice: Dice) -> Self {
        Self {
            dice,
            state: State::default(),
            operations: Vec::new(),
            slots: 1,
            pieces: Pieces::Whole,
            separate: false,
            planned: VecDeque::new(),
        }
    }

    /// What there is, and the end of what is still open.
    pub(super) fn finish(mut self) -> Vec<Operation> {
        self.end();
        self.operations
    }

    fn begin(&mut self) {
        self.slots = self.dice.weigh(&[(80, 1), (15, 2), (5, 3)]);
        let equal = 1 + u16::try_from(self.dice.below(700)).unwrap_or(0);
        let ways = [Pieces::Whole, Pieces::Equal(equal), Pieces::Halves, Pieces::Bytes];
        self.pieces = self.dice.pick(&ways);
        self.separate = self.dice.chance(10);
    }

    pub(super) fn push(&mut self, operation: Operation) {
        let scene = &self.state.scene;
        let way = operation.way.filter(|way| way.applies_to(operation.act, false, scene));
        let operation = Operation { way, ..operation };
        self.state.apply(&operation);
        self.operations.push(operation);
    }

    /// Gives up what is still open, so that a long run does not fill the server with sessions.
    fn end(&mut self) {
        for slot in Slot::ALL {
            let session = *self.state.session(slot);
            let last = match session.phase {
                Phase::Open if session.is_complete() => Act::Close,
                Phase::Open | Phase::Unsure => Act::Cancel,
                Phase::Absent | Phase::Ended => continue,
            };
            self.push(Operation::usual(slot, last));
        }
    }

    fn next(&mut self) -> Operation {
        let mut operation = self.chosen();
        operation.connection = match self.dice.below(100) {
            _ if self.separate => Connection::Fresh,
            0..4 => Connection::Fresh,
            4..10 => Connection::Other,
            _ => Connection::Main,
        };
        operation.way = operation.way.or_else(|| self.way());
        operation
    }

    fn chosen(&mut self) -> Operation {
        if let Some(planned) = self.planned.pop_front() {
            return planned;
        }
        let slot = self.dice.pick(&Slot::ALL[..self.slots]);
        if let Some(operation) = self.in_role(slot) {
            return operation;
        }
        if self.state.scene.is_simple() {
            self.planned = self.sequel(slot).into();
        }
        if let Some(planned) = self.planned.pop_front() {
            return planned;
        }
        let wanted =
            self.dice.weigh(&[(75, Standing::Legal), (15, Standing::Odd), (10, Standing::Illegal)]);
        match wanted {
            Standing::Legal => Operation::usual(slot, self.legal(slot)),
            Standing::Odd => self.odd(slot),
            Standing::Illegal | Standing::Leftover => self.illegal(slot),
        }
    }

    /// Another way of sending, now and then.
    fn way(&mut self) -> Option<Way> {
        self.dice.chance(6).then(|| self.any_way())
    }

    /// Another way of sending; requests go together more often than clients pause.
    pub(super) fn any_way(&mut self) -> Way {
        let piece = 1 + u8::try_from(self.dice.below(40)).unwrap_or(0);
        match self.dice.chance(30) {
            true => Way::Behind,
            false => self.dice.pick(&Way::alone(piece)),
        }
    }

    pub(super) fn legal(&mut self, slot: Slot) -> Act {
        let session = *self.state.session(slot);
        match session.phase {
            Phase::Absent | Phase::Ended => match self.dice.below(100) {
                0..85 => Act::Create { size: self.size() },
                85..93 => Act::Get,
                _ => Act::Ping,
            },
            _ if session.is_complete() => match self.dice.below(100) {
                0..80 => Act::Close,
                80..88 => Act::Get,
                88..94 => Act::Cancel,
                _ => Act::Ping,
            },
            // It claims more than is ever sent.
            Phase::Open | Phase::Unsure if session.size > LARGEST => Act::Cancel,
            Phase::Open | Phase::Unsure => match self.dice.below(100) {
                0..90 if session.size > 0 => self.piece(&session),
                90..94 => Act::Ping,
                94..96 => Act::Get,
                _ => Act::Cancel,
            },
        }
    }

    /// A size, more often one at a boundary.
    pub(super) fn size(&mut self) -> u16 {
        match self.dice.below(10) {
            0 => self.dice.pick(&[1, 2, 255, 256, 4095, 4096, 4097, 8192]),
            1..8 => 1 + u16::try_from(self.dice.below(2000)).unwrap_or(0),
            _ => 1 + u16::try_from(self.dice.below(30_000)).unwrap_or(0),
        }
    }

    /// The next piece of an upload.
    pub(super) fn piece(&self, session: &Session) -> Act {
        let left = session.size - session.have.min(session.size);
        let bytes = match self.pieces {
            Pieces::Whole => left,
            Pieces::Equal(bytes) => left.min(u64::from(bytes)),
            Pieces::Halves => left.div_ceil(2),
            // Not one by one to the end, which would take too many steps.
            Pieces::Bytes if left > 3 && session.have > 2 => left - 1,
            Pieces::Bytes => left.min(1),
        };
        let bytes = u16::try_from(bytes).unwrap_or(u16::MAX);
        Act::until(match u64::from(bytes) == left {
            true => Mark::Total,
            false => Mark::Ahead(bytes),
        })
    }

    fn odd(&mut self, slot: Slot) -> Operation {
        let session = *self.state.session(slot);
        let act = self.legal(slot);
        let open = matches!(session.phase, Phase::Open | Phase::Unsure);
        match self.dice.below(10) {
            0..5 => {
                let twist = self.fitting(act, ODD);
                Operation { twist, ..Operation::usual(slot, act) }
            }
            5 => Operation::usual(slot, Act::Head),
            6 if open => self.cut(slot, act),
            7 if open && session.have > 0 => Operation::usual(slot, again(act)),
            8 if open && session.size > 0 => {
                Operation::usual(slot, Act::Create { size: self.size() })
            }
            _ => {
                let [first, last] = [self.point(), self.point()];
                Operation::usual(slot, Act::GetRange { first, last })
            }
        }
    }

    /// A fragment whose connection breaks.
    fn cut(&mut self, slot: Slot, act: Act) -> Operation {
        let act = match act {
            Act::Fragment { first, last, total, .. } => {
                let sent = u16::try_from(self.dice.below(500)).unwrap_or(0);
                Act::Fragment { first, last, total, body: Body::Cut(sent) }
            }
            other => other,
        };
        let way = self.dice.weigh(&[(5, None), (3, Some(Way::Reset)), (2, Some(Way::HalfClose))]);
        Operation { way, ..Operation::usual(slot, act) }
    }

    fn illegal(&mut self, slot: Slot) -> Operation {
        let act = self.legal(slot);
        if self.dice.chance(50) {
            let twist = self.twist_of(act);
            return Operation { twist, ..Operation::usual(slot, act) };
        }
        let act = match self.dice.below(10) {
            0 => Act::Close,
            1 => Act::Cancel,
            _ => Act::Fragment {
                first: self.point(),
                last: self.point(),
                total: match self.dice.chance(70) {
                    true => Point::at(Mark::Total),
                    false => self.point(),
                },
                body: self.dice.weigh(&[
                    (6, Body::Whole),
                    (1, Body::Short),
                    (1, Body::Long),
                    (1, Body::Other),
                ]),
            },
        };
        Operation::usual(slot, act)
    }

    /// A number at or beside one that matters.
    pub(super) fn point(&mut self) -> Point {
        let ahead = u16::try_from(self.dice.below(300)).unwrap_or(0);
        let mark = self.dice.weigh(&[
            (3, Mark::Zero),
            (6, Mark::Have),
            (3, Mark::Ahead(ahead)),
            (6, Mark::Total),
            (1, Mark::Bits31),
            (1, Mark::Bits32),
            (1, Mark::Bits63),
            (1, Mark::Bits64),
        ]);
        Point::beside(mark, i8::try_from(self.dice.below(3)).unwrap_or(0) - 1)
    }
}

/// A fragment that begins with bytes that the server has.
fn again(act: Act) -> Act {
    match act {
        Act::Fragment { last, total, body, .. } => {
            Act::Fragment { first: Point::at(Mark::Zero), last, total, body }
        }
        other => other,
    }
}

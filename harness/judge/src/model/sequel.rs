//! Steps that mean something only one after the other: a look at a file from all sides, a file that claims to be huge.

use super::{
    fetch::{Condition, Fetch, If, Method, Ranges, What},
    generate::Maker,
    odd::Field,
    operation::{Act, Body, Mark, Operation, Point, Slot, Twist},
    role::whole,
    state::{Phase, Session},
    twists::ODD,
};

impl Maker {
    /// What is done next in a slot, now and then.
    pub(super) fn sequel(&mut self, slot: Slot) -> Vec<Operation> {
        let session = *self.state.session(slot);
        let published = self.state.file(slot).size.is_some();
        let chance = self.dice.below(100);
        let acts = match session.phase {
            Phase::Absent | Phase::Ended if published && chance < 30 => self.look(),
            Phase::Open if session.is_complete() && chance < 4 => vec![Act::TakeAway, Act::Close],
            Phase::Open if !session.told && chance < 2 => self.huge(),
            Phase::Open if session.have > 0 && chance < 2 => self.overwrite(&session),
            Phase::Open if chance < 4 => vec![Act::Fetch(self.spying())],
            Phase::Open if chance < 5 => {
                let twist = Some(Twist::Field(Field::SessionId));
                let act = Act::Create { size: self.size() };
                return vec![Operation { twist, ..Operation::usual(slot, act) }];
            }
            _ => return Vec::new(),
        };
        let look = |maker: &mut Self, act: Act| match act {
            Act::Fetch(_) if maker.dice.chance(20) => maker.fitting(act, ODD),
            _ => None,
        };
        let twisted = acts.into_iter().map(|act| (act, look(self, act)));
        twisted.map(|(act, twist)| Operation { twist, ..Operation::usual(slot, act) }).collect()
    }

    /// The file as it is, and then on conditions and in parts.
    fn look(&mut self) -> Vec<Act> {
        let first = match self.dice.chance(30) {
            true => vec![Act::Head, Act::Get],
            false => vec![Act::Get],
        };
        let more = 1 + self.dice.below(4);
        let fetches: Vec<Act> = (0..more).map(|_| Act::Fetch(self.fetch())).collect();
        first.into_iter().chain(fetches).collect()
    }

    /// A download of the destination.
    pub(super) fn fetch(&mut self) -> Fetch {
        let ranges = self.dice.pick(&Ranges::ALL);
        let method = self.dice.weigh(&[(7, Method::Get), (1, Method::Head)]);
        let condition = self.dice.chance(45).then(|| {
            let field = self.dice.pick(&If::ALL);
            Condition { field, value: self.dice.pick(field.values()) }
        });
        Fetch { method, condition, ..Fetch::of(ranges) }
    }

    /// A look at what is not for reading.
    fn spying(&mut self) -> Fetch {
        let what = self.dice.pick(&[What::SessionFolder, What::Entity]);
        Fetch { what, ..Fetch::of(Ranges::Whole) }
    }

    /// A total that takes more than 31 or 32 bits, and a fragment that a server with fewer takes for the next one.
    fn huge(&mut self) -> Vec<Act> {
        let total = Point::at(self.dice.pick(&[Mark::Bits63, Mark::Bits64]));
        let bytes = 1 + u16::try_from(self.dice.below(300)).unwrap_or(0);
        let fragment = |first, last| Act::Fragment {
            first: Point::at(first),
            last: Point::beside(last, -1),
            total,
            body: Body::Whole,
        };
        let (zero, end) = self.dice.pick(&[
            (Mark::Over31(0), Mark::Over31(bytes)),
            (Mark::Over32(0), Mark::Over32(bytes)),
        ]);
        vec![fragment(Mark::Have, Mark::Ahead(bytes)), fragment(zero, end), Act::Cancel]
    }

    /// Bytes that the server has, in another version, and the rest.
    fn overwrite(&mut self, session: &Session) -> Vec<Act> {
        let again = Act::Fragment {
            first: Point::at(Mark::Zero),
            last: Point::beside(Mark::Have, -1),
            total: Point::at(Mark::Total),
            body: Body::Other,
        };
        match session.is_complete() {
            true => vec![again, Act::Close, Act::Get],
            false => vec![again, whole(), Act::Close, Act::Get],
        }
    }
}

//! Operations of sessions as bytes: read as `arbitrary` derives them, and written so that they are read as the same.

use arbitrary::Unstructured;
use bits_judge::model::{Act, Body, Fetch, Field, Mark, Operation, Play, Point, Twist, Way};

/// The most operations of an input.
const MOST: usize = 64;

/// The operations that these bytes stand for.
pub(super) fn read(data: &[u8]) -> Vec<Operation> {
    let mut bytes = Unstructured::new(data);
    let mut operations = Vec::new();
    while !bytes.is_empty() && operations.len() < MOST {
        operations.extend(bytes.arbitrary::<Operation>());
    }
    operations
}

/// Bytes that stand for these operations.
pub(super) fn write(operations: &[Operation]) -> Vec<u8> {
    let mut bytes = Bytes::default();
    operations.iter().for_each(|operation| bytes.operation(operation));
    bytes.0
}

#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    /// A variant by its place among so many.
    fn variant(&mut self, place: u64, of: u64) {
        let least = (place << 32).div_ceil(of);
        self.0.extend(u32::try_from(least).unwrap_or(u32::MAX).to_le_bytes());
    }

    fn operation(&mut self, operation: &Operation) {
        let Operation { slot, act, twist, connection, way } = *operation;
        self.variant(slot as u64, 3);
        self.act(act);
        self.0.push(u8::from(twist.is_some()));
        if let Some(twist) = twist {
            self.twist(twist);
        }
        self.variant(connection as u64, 3);
        self.0.push(u8::from(way.is_some()));
        if let Some(way) = way {
            self.way(way);
        }
    }

    fn way(&mut self, way: Way) {
        let all = Way::all(0);
        let is_same = |one: &Way| std::mem::discriminant(one) == std::mem::discriminant(&way);
        let place = all.iter().position(is_same).unwrap_or_default();
        self.variant(place as u64, all.len() as u64);
        if let Way::SplitHead(bytes) = way {
            self.0.push(bytes);
        }
    }

    fn act(&mut self, act: Act) {
        let place = match act {
            Act::Create { .. } => 0,
            Act::Fragment { .. } => 1,
            Act::Ping => 2,
            Act::Close => 3,
            Act::Cancel => 4,
            Act::Get => 5,
            Act::GetRange { .. } => 6,
            Act::Head => 7,
            Act::Fetch(_) => 8,
            Act::TakeAway => 9,
            Act::GetReply => 10,
            Act::In(_) => 11,
            Act::Rivals => 12,
            Act::Play(_) => 13,
            Act::Wait(_) => 14,
        };
        self.variant(place, 15);
        match act {
            Act::Create { size } => self.0.extend(size.to_le_bytes()),
            Act::Fragment { first, last, total, body } => {
                [first, last, total].into_iter().for_each(|point| self.point(point));
                self.body(body);
            }
            Act::GetRange { first, last } => {
                [first, last].into_iter().for_each(|point| self.point(point));
            }
            Act::Fetch(fetch) => self.fetch(fetch),
            Act::In(role) => self.variant(role as u64, 13),
            Act::Play(play) => self.play(play),
            Act::Wait(time) => self.0.push(time),
            Act::Ping | Act::Close | Act::Cancel | Act::Get | Act::Head => {}
            Act::GetReply | Act::Rivals | Act::TakeAway => {}
        }
    }

    fn play(&mut self, play: Play) {
        let place = match play {
            Play::Content => 0,
            Play::Status(_) => 1,
            Play::Copy => 2,
            Play::Reply(_) => 3,
            Play::CopyAndReply(_) => 4,
            Play::FileAndBody(_) => 5,
            Play::Static => 6,
            Play::StaticAndBody => 7,
            Play::LongStatic => 8,
            Play::TooLongStatic => 9,
            Play::Refusal(_) => 10,
            Play::CutReply(_) => 11,
            Play::HangUp => 12,
            Play::HalfHead => 13,
            Play::Nonsense(_) => 14,
            Play::Late => 15,
            Play::Silence => 16,
            Play::Stall => 17,
        };
        self.variant(place, 18);
        match play {
            Play::Status(number)
            | Play::Reply(number)
            | Play::CopyAndReply(number)
            | Play::FileAndBody(number)
            | Play::Refusal(number)
            | Play::CutReply(number) => self.0.extend(number.to_le_bytes()),
            Play::Nonsense(word) => self.variant(word as u64, 4),
            _ => {}
        }
    }

    fn point(&mut self, point: Point) {
        let place = match point.mark {
            Mark::Zero => 0,
            Mark::Have => 1,
            Mark::Ahead(_) => 2,
            Mark::Total => 3,
            Mark::Bits31 => 4,
            Mark::Bits32 => 5,
            Mark::Bits63 => 6,
            Mark::Bits64 => 7,
            Mark::Over31(_) => 8,
            Mark::Over32(_) => 9,
        };
        self.variant(place, 10);
        if let Mark::Ahead(bytes) | Mark::Over31(bytes) | Mark::Over32(bytes) = point.mark {
            self.0.extend(bytes.to_le_bytes());
        }
        self.0.extend(point.beside.to_le_bytes());
    }

    fn fetch(&mut self, fetch: Fetch) {
        self.variant(fetch.what as u64, 3);
        self.variant(fetch.method as u64, 2);
        self.variant(fetch.ranges as u64, 9);
        self.0.push(u8::from(fetch.condition.is_some()));
        if let Some(condition) = fetch.condition {
            self.variant(condition.field as u64, 5);
            self.variant(condition.value as u64, 6);
        }
    }

    fn field(&mut self, field: Field) {
        let place = match field {
            Field::NoLength => 0,
            Field::Coded => 1,
            Field::LongName(_) => 2,
            Field::SessionId => 3,
            Field::Commas => 4,
            Field::Identity => 5,
        };
        self.variant(place, 6);
        if let Field::LongName(beside) = field {
            self.0.extend(beside.to_le_bytes());
        }
    }

    fn body(&mut self, body: Body) {
        let place = match body {
            Body::Whole => 0,
            Body::Cut(_) => 1,
            Body::Short => 2,
            Body::Long => 3,
            Body::Other => 4,
        };
        self.variant(place, 5);
        if let Body::Cut(sent) = body {
            self.0.extend(sent.to_le_bytes());
        }
    }

    fn twist(&mut self, twist: Twist) {
        let place = match twist {
            Twist::LowerNames => 0,
            Twist::UpperNames => 1,
            Twist::Reversed => 2,
            Twist::Unknown => 3,
            Twist::Long(_) => 4,
            Twist::TwicePacketType => 5,
            Twist::TwiceRange => 6,
            Twist::LowerPacketType => 7,
            Twist::UnknownPacketType => 8,
            Twist::NoPacketType => 9,
            Twist::LowerId => 10,
            Twist::BareId => 11,
            Twist::OtherId => 12,
            Twist::NoId => 13,
            Twist::RangeText(_) => 14,
            Twist::NoRange => 15,
            Twist::OtherProtocol => 16,
            Twist::SeveralProtocols => 17,
            Twist::NoProtocol => 18,
            Twist::Surplus(_) => 19,
            Twist::OtherUrl => 20,
            Twist::Query => 21,
            Twist::Place(_) => 22,
            Twist::Field(_) => 23,
            Twist::RangeForm(_) => 24,
            Twist::Post => 25,
            Twist::Nobody => 26,
            Twist::WrongPassword => 27,
            Twist::AtMaximum => 28,
            Twist::OverMaximum => 29,
            Twist::Mebibyte => 30,
        };
        self.variant(place, 31);
        match twist {
            Twist::Long(beside) => self.0.extend(beside.to_le_bytes()),
            Twist::Surplus(bytes) => self.0.push(bytes),
            Twist::RangeText(text) => self.variant(text as u64, 5),
            Twist::Place(place) => self.variant(place as u64, 6),
            Twist::RangeForm(form) => self.variant(form as u64, 4),
            Twist::Field(field) => self.field(field),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bits_judge::model;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for case in 0..500 {
            let operations = model::session(9, case);
            assert_eq!(read(&write(&operations)), operations);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_operations_that_are_written_are_read_as_the_same(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)
        ) {
            let operations = read(&bytes);
            assert_eq!(read(&write(&operations)), operations);
        }
    }
}

//! Which twist a request gets.

use super::{
    generate::Maker,
    odd::{Field, Place, RangeForm, RangeText},
    operation::{Act, Twist},
};

/// How often a twist is looked for that makes a difference.
const MOST_TRIES: usize = 8;

/// The twists of which nothing is wrong.
pub(super) const ODD: &[Twist] = &[
    Twist::LowerNames,
    Twist::UpperNames,
    Twist::Reversed,
    Twist::Unknown,
    Twist::LowerId,
    Twist::Query,
    Twist::SeveralProtocols,
    Twist::Place(Place::Respelled),
    Twist::Field(Field::Identity),
    Twist::Field(Field::SessionId),
    Twist::Field(Field::Commas),
    Twist::RangeForm(RangeForm::Capitals),
];

impl Maker {
    /// Any twist, more often one of those that are many in one.
    pub(super) fn twist(&mut self) -> Twist {
        let long = i8::try_from(self.dice.below(3)).unwrap_or(0) - 1;
        let text = self.dice.pick(&[
            RangeText::Star,
            RangeText::Unit,
            RangeText::Sign,
            RangeText::TooLarge,
            RangeText::Empty,
        ]);
        let surplus = 1 + u8::try_from(self.dice.below(40)).unwrap_or(0);
        let place = self.dice.pick(&Place::ALL);
        let field = self.dice.pick(&Field::all(long));
        let form = self.dice.pick(&RangeForm::ALL);
        self.dice.weigh(&[
            (1, Twist::Long(long)),
            (1, Twist::TwicePacketType),
            (1, Twist::TwiceRange),
            (1, Twist::LowerPacketType),
            (1, Twist::UnknownPacketType),
            (1, Twist::NoPacketType),
            (1, Twist::BareId),
            (1, Twist::OtherId),
            (1, Twist::NoId),
            (1, Twist::RangeText(text)),
            (1, Twist::NoRange),
            (1, Twist::OtherProtocol),
            (1, Twist::NoProtocol),
            (1, Twist::Surplus(surplus)),
            (1, Twist::OtherUrl),
            (6, Twist::Place(place)),
            (6, Twist::Field(field)),
            (8, Twist::RangeForm(form)),
            (1, Twist::Post),
        ])
    }

    /// Any twist that makes a difference to such a request.
    pub(super) fn twist_of(&mut self, act: Act) -> Option<Twist> {
        (0..MOST_TRIES).map(|_| self.twist()).find(|twist| twist.applies_to(act))
    }

    /// One of these that makes a difference to such a request.
    pub(super) fn fitting(&mut self, act: Act, from: &[Twist]) -> Option<Twist> {
        let fitting: Vec<Twist> =
            from.iter().copied().filter(|twist| twist.applies_to(act)).collect();
        (!fitting.is_empty()).then(|| self.dice.pick(&fitting))
    }
}

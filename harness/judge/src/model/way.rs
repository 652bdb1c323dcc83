//! How a request of a random session goes over the wire, where that is not as usual.

use std::{collections::BTreeSet, num::NonZeroU32, time::Duration};

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};

use super::{
    operation::{Act, Body, Operation},
    scene::{Scene, notifies},
};
use crate::plan::{Action, Awaits, Cut, CutBy, Delivery, Head, Pace, Send, Stall, Step, Template};

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A fragment ends in a reset, where it is cut or after its last byte.
    Reset,
    /// The client ends its side of the connection, where a fragment is cut or after its last byte, and listens.
    HalfClose,
    /// The head goes out in pieces of so many bytes.
    SplitHead(u8),
    /// The client pauses in the middle of the head.
    StallHead,
    /// The client pauses in the middle of the body.
    StallBody,
    /// The client pauses before it reads the answer.
    StallAnswer,
    /// The body comes in ten pieces.
    Trickle,
    /// The body is announced, and waits for the word to go on.
    Expect,
    /// The body is announced, and comes at once.
    ExpectAtOnce,
    /// The request goes out with the one before it.
    Behind,
    /// All requests of this kind that stand together go out at once, each by a client of its own.
    AtOnce,
}

/// How long a client of a random session pauses.
const PAUSE: Duration = Duration::from_millis(10);

impl Way {
    /// Those of one request by itself or behind another, pieces being of so many bytes.
    #[must_use]
    pub const fn alone(piece: u8) -> [Self; 10] {
        let [reset, half, split, head, body, answer, trickle, expect, at_once, behind, _] =
            Self::all(piece);
        [reset, half, split, head, body, answer, trickle, expect, at_once, behind]
    }

    /// All of them, pieces being of so many bytes.
    #[must_use]
    pub const fn all(piece: u8) -> [Self; 11] {
        [
            Self::Reset,
            Self::HalfClose,
            Self::SplitHead(piece),
            Self::StallHead,
            Self::StallBody,
            Self::StallAnswer,
            Self::Trickle,
            Self::Expect,
            Self::ExpectAtOnce,
            Self::Behind,
            Self::AtOnce,
        ]
    }
}

impl Way {
    /// Whether it makes a difference to such a request, which may be the first one.
    pub(super) const fn applies_to(self, act: Act, is_first: bool, scene: &Scene) -> bool {
        match self {
            _ if !act.is_request() || matches!(act, Act::TakeAway) => false,
            Self::Reset | Self::HalfClose => match act {
                // A call that comes when the client is gone could be anybody's.
                Act::Fragment { body: Body::Cut(_), .. } => true,
                Act::Fragment { .. } => !notifies(scene.role),
                _ => false,
            },
            Self::Behind => !is_first && scene.lets_go_behind(),
            Self::AtOnce => scene.lets_at_once(),
            _ => true,
        }
    }
}

impl Operation {
    /// Whether it is a fragment of which the server may not get all, or to which it may give no answer.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        let Act::Fragment { body, .. } = self.act else { return false };
        matches!(body, Body::Cut(_)) || matches!(self.way, Some(Way::Reset | Way::HalfClose))
    }

    /// How it is sent, with a body of so many bytes.
    pub(super) fn delivery(&self, length: u64, scene: &Scene) -> Delivery {
        let most = if notifies(scene.role) { length.saturating_sub(1) } else { length };
        let plain = Delivery { cut: self.cut(length, most), ..Delivery::default() };
        let stall = Stall::default();
        match self.way {
            None | Some(Way::Reset | Way::HalfClose | Way::Behind | Way::Expect | Way::AtOnce) => {
                plain
            }
            Some(Way::SplitHead(bytes)) => {
                Delivery { split_head: NonZeroU32::new(u32::from(bytes.max(1))), ..plain }
            }
            Some(Way::StallHead) => Delivery { stall: Stall { head: PAUSE, ..stall }, ..plain },
            Some(Way::StallBody) => Delivery { stall: Stall { body: PAUSE, ..stall }, ..plain },
            Some(Way::StallAnswer) => Delivery { stall: Stall { answer: PAUSE, ..stall }, ..plain },
            Some(Way::Trickle) => Delivery { pace: Some(Pace::Over(PAUSE)), ..plain },
            Some(Way::ExpectAtOnce) => Delivery { expectation: Some(Awaits::AtOnce), ..plain },
        }
    }

    fn cut(&self, length: u64, most: u64) -> Option<Cut> {
        let Act::Fragment { body, .. } = self.act else { return None };
        let by = match self.way {
            Some(Way::Reset) => CutBy::Reset,
            Some(Way::HalfClose) => CutBy::HalfClose,
            _ => CutBy::End,
        };
        match body {
            Body::Cut(sent) => Some(Cut { sent: u64::from(sent).min(most), by }),
            _ if by != CutBy::End => Some(Cut { sent: length, by }),
            _ => None,
        }
    }

    /// The header that announces the body.
    pub(super) fn announcement(&self) -> Option<(String, String)> {
        let (name, value) = Awaits::HEADER;
        matches!(self.way, Some(Way::Expect | Way::ExpectAtOnce))
            .then(|| (name.to_owned(), value.to_owned()))
    }
}

/// What may go on behind the steps that were made last.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    /// The connection of the last one, if something can go behind it.
    connection: Option<String>,
    /// The variables that the answers to those that go together will give values to.
    awaited: BTreeSet<String>,
}

impl Pipe {
    /// Lets a step go behind the one before it, if it wants to and can, and goes on to it.
    pub(super) fn add(&mut self, operation: &Operation, step: &mut Step) {
        let Action::Send(send) = &mut step.action else {
            *self = Self::default();
            return;
        };
        let is_plain = send.delivery == Delivery::default();
        let follows = operation.way == Some(Way::Behind) && is_plain && !self.is_awaited_by(send);
        if let (true, Some(connection)) = (follows, &self.connection) {
            (send.connection, send.fresh) = (connection.clone(), false);
            send.delivery.pipelined = true;
        } else {
            self.awaited.clear();
        }
        self.connection = is_plain.then(|| send.connection.clone());
        self.awaited.extend(step.captures.iter().map(|capture| capture.variable.clone()));
    }

    fn is_awaited_by(&self, send: &Send) -> bool {
        let Head::Made { headers, target, .. } = &send.head else { return false };
        headers
            .iter()
            .map(|(_, value)| value)
            .chain([target])
            .flat_map(Template::variables)
            .any(|it| self.awaited.contains(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mark, Point, Slot, plan};

    fn fragment(body: Body, way: Option<Way>) -> Operation {
        let (first, last) = (Point::at(Mark::Have), Point::beside(Mark::Ahead(9), 0));
        let act = Act::Fragment { first, last, total: Point::at(Mark::Total), body };
        Operation { way, ..Operation::usual(Slot::A, act) }
    }

    fn sent(operations: &[Operation]) -> Vec<Send> {
        let steps = plan("random/x", operations).steps.into_iter();
        steps
            .map(|step| match step.action {
                Action::Send(send) => *send,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_reset_comes_where_the_fragment_is_cut_or_at_its_end() {
        let create = Operation::usual(Slot::A, Act::Create { size: 20 });
        for (body, sent_bytes) in [(Body::Cut(4), 4), (Body::Whole, 10)] {
            let operation = fragment(body, Some(Way::Reset));
            assert!(operation.is_cut());
            let cut = sent(&[create, operation])[1].delivery.cut;
            assert_eq!(cut, Some(Cut { sent: sent_bytes, by: CutBy::Reset }));
        }
        assert!(!fragment(Body::Whole, Some(Way::StallHead)).is_cut());
        let ping = Operation { way: Some(Way::Reset), ..Operation::usual(Slot::A, Act::Ping) };
        assert_eq!(sent(&[ping])[0].delivery, Delivery::default());
    }

    #[test]
    fn nothing_goes_behind_what_it_needs_the_answer_to() {
        let behind = |operation: Operation| Operation { way: Some(Way::Behind), ..operation };
        let create = Operation::usual(Slot::A, Act::Create { size: 20 });
        let ping = Operation::usual(Slot::A, Act::Ping);
        let fragment = fragment(Body::Whole, None);
        let follow = |operations: &[Operation]| -> Vec<bool> {
            sent(operations).iter().map(|send| send.delivery.pipelined).collect()
        };
        assert_eq!(follow(&[create, behind(fragment)]), [false, false]);
        assert_eq!(follow(&[create, behind(ping), behind(fragment)]), [false, true, false]);
        assert_eq!(
            follow(&[create, fragment, behind(fragment), behind(ping)]),
            [false, false, true, true]
        );
        let split = Operation { way: Some(Way::SplitHead(3)), ..fragment };
        assert_eq!(follow(&[create, split, behind(ping)]), [false, false, false]);
        assert_eq!(follow(&[behind(ping)]), [false]);
    }
}

//! The steps of a random session in their lanes: one after the other, or several at once.

use super::{
    operation::{Act, Connection, Operation},
    way::{Pipe, Way},
};
use crate::plan::{Action, Step};

/// The most clients that send at once.
const MOST: u32 = 4;

/// The steps that were made so far.
#[derive(Default)]
pub(super) struct Steps {
    done: Vec<Step>,
    pipe: Pipe,
    /// How many lanes the block has that is being made.
    lanes: u32,
}

impl Steps {
    /// Adds a step of the plan's own lane.
    pub(super) fn add(&mut self, operation: &Operation, mut step: Step) {
        self.join();
        self.pipe.add(operation, &mut step);
        self.done.push(step);
    }

    /// Adds a step that is taken at once with those of its kind before and behind it. A PING comes first, so that
    /// connections are there when it counts.
    pub(super) fn add_at_once(&mut self, ping: Step, step: Step) {
        if self.lanes == MOST {
            self.join();
        }
        self.lanes += 1;
        let (lane, line) = (self.lanes, step.line);
        let meet = Step { line, ..Step::bare(Action::Meet) };
        self.done.extend([ping, meet, step].map(|step| Step { lane, ..step }));
    }

    /// The end of a block, if one is being made.
    fn join(&mut self) {
        if self.lanes > 0 {
            self.lanes = 0;
            let line = self.done.last().map_or(0, |step| step.line);
            self.done.push(Step { line, ..Step::bare(Action::Meet) });
            self.pipe = Pipe::default();
        }
    }

    /// All of them.
    pub(super) fn finish(mut self) -> Vec<Step> {
        self.join();
        self.done
    }
}

impl Operation {
    /// The PING that comes before it in a lane of its own.
    pub(super) const fn herald(&self) -> Self {
        Self::usual(self.slot, Act::Ping)
    }

    /// The same as it is in a lane, which has connections of its own.
    pub(super) fn in_lane(&self) -> Self {
        Self { connection: Connection::Main, ..*self }
    }

    /// Whether it is taken at once with others.
    pub(super) fn is_at_once(&self) -> bool {
        self.way == Some(Way::AtOnce)
    }
}

//! What `run` carries out, in which order, and what it adds up to.

use std::{collections::VecDeque, time::Duration};

use bits_judge::{
    model,
    report::{Circumstances, Fate, Judged, Results, Rows, Tally},
};

use crate::{
    error::Error,
    runner::{
        event::Progress,
        executor::{Ended, Feed, Suite, Turn},
        workload::{Cases, Occasions, digest},
    },
};

/// What is still to be carried out, and what there was.
pub(crate) struct Queue<'s> {
    suite: &'s Suite,
    waiting: Waiting,
    total: usize,
    broken: usize,
    tally: Tally,
}

enum Waiting {
    Written(VecDeque<Turn>),
    Random(Cases),
}

impl<'s> Queue<'s> {
    /// Begins with what can be carried out on this target; what cannot is skipped at once.
    pub(crate) fn of(
        suite: &'s Suite,
        occasions: &Occasions,
        circumstances: Circumstances,
    ) -> Result<Self, Error> {
        let total = occasions.count();
        let (waiting, tally) = match occasions {
            Occasions::Random(cases) => {
                (Waiting::Random(cases.clone()), Tally::new(circumstances, Rows::Unfinished))
            }
            Occasions::Written(scenarios) => {
                let mut tally = Tally::new(circumstances, Rows::Each);
                let mut turns = Vec::new();
                for scenario in scenarios {
                    match suite.written(scenario)? {
                        Ok(turn) => turns.push(turn),
                        Err(skipped) => tally.add(skipped),
                    }
                }
                // What takes longest begins first, so that nobody waits for it alone in the end.
                // Those that take the server away come last.
                turns.sort_by_key(|turn| {
                    (turn.plan.takes_the_server(), std::cmp::Reverse(turn.plan.waits()))
                });
                (Waiting::Written(turns.into()), tally)
            }
        };
        Ok(Self { suite, waiting, total, broken: 0, tally })
    }

    /// What it came to.
    pub(crate) fn results(self, interrupted: Option<u8>, took: Duration) -> Results {
        self.tally.results(interrupted, took)
    }

    /// The next random session that can be carried out on this target; those that cannot are counted.
    fn random(&mut self) -> Option<Turn> {
        loop {
            let Waiting::Random(cases) = &mut self.waiting else { return None };
            let case = cases.next()?;
            let operations = case.operations();
            let plan = model::plan(&case.name(), &operations);
            self.tally.add_requests(digest(&plan));
            match self.suite.random(plan, operations) {
                Ok(turn) => return Some(turn),
                Err(skipped) => self.tally.add(*skipped),
            }
        }
    }
}

impl Feed for Queue<'_> {
    fn next(&mut self) -> Option<Turn> {
        match &mut self.waiting {
            Waiting::Written(turns) => turns.pop_front(),
            Waiting::Random(_) => self.random(),
        }
    }

    fn ended(&mut self, one: Ended) {
        self.broken += usize::from(one.judged.has_breach());
        self.tally.add(one.judged);
    }

    fn stopped(&mut self, cut: Vec<(String, String)>) {
        for (name, title) in cut {
            let fate = Fate::Unfinished("the run was stopped".into());
            self.tally.add(Judged::not_run(&name, &title, fate));
        }
        let mut leave = |name: &str, title: &str| {
            self.tally.add(Judged::not_run(name, title, Fate::NotStarted));
        };
        match &mut self.waiting {
            Waiting::Written(turns) => {
                turns.drain(..).for_each(|turn| leave(&turn.plan.name, &turn.title));
            }
            Waiting::Random(cases) => cases.for_each(|case| leave(&case.name(), model::TITLE)),
        }
    }

    fn progress(&self) -> Progress {
        let done = self.tally.totals().scenarios();
        Progress::Run { done, total: self.total, broken: self.broken }
    }
}

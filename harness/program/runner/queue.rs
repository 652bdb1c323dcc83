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
        executor::{Executor, Job, JobOutcome, JobSource},
        workload::{RandomCases, Workload, digest},
    },
};

/// What is still to be carried out, and what there was.
pub(crate) struct RunQueue<'s> {
    executor: &'s Executor,
    waiting: Waiting,
    total: usize,
    broken: usize,
    tally: Tally,
}

enum Waiting {
    Written(VecDeque<Job>),
    Random(RandomCases),
}

impl<'s> RunQueue<'s> {
    /// Begins with what can be carried out on this target; what cannot is skipped at once.
    pub(crate) fn of(
        executor: &'s Executor,
        workload: &Workload,
        circumstances: Circumstances,
    ) -> Result<Self, Error> {
        let total = workload.count();
        let (waiting, tally) = match workload {
            Workload::Random(cases) => {
                (Waiting::Random(cases.clone()), Tally::new(circumstances, Rows::Unfinished))
            }
            Workload::Written(scenarios) => {
                let mut tally = Tally::new(circumstances, Rows::Each);
                let mut jobs = Vec::new();
                for scenario in scenarios {
                    match executor.written(scenario)? {
                        Ok(job) => jobs.push(job),
                        Err(skipped) => tally.add(skipped),
                    }
                }
                // What takes longest begins first, so that nobody waits for it alone in the end.
                // Those that take the server away come last.
                jobs.sort_by_key(|job| {
                    (job.plan.takes_the_server(), std::cmp::Reverse(job.plan.waits()))
                });
                (Waiting::Written(jobs.into()), tally)
            }
        };
        Ok(Self { executor, waiting, total, broken: 0, tally })
    }

    /// What it came to.
    pub(crate) fn results(self, interrupted: Option<u8>, took: Duration) -> Results {
        self.tally.results(interrupted, took)
    }

    /// The next random session that can be carried out on this target; those that cannot are counted.
    fn random(&mut self) -> Option<Job> {
        loop {
            let Waiting::Random(cases) = &mut self.waiting else { return None };
            let case = cases.next()?;
            let operations = case.operations();
            let plan = model::plan(&case.name(), &operations);
            self.tally.add_requests(digest(&plan));
            match self.executor.random(plan, operations) {
                Ok(job) => return Some(job),
                Err(skipped) => self.tally.add(*skipped),
            }
        }
    }
}

impl JobSource for RunQueue<'_> {
    fn next(&mut self) -> Option<Job> {
        match &mut self.waiting {
            Waiting::Written(jobs) => jobs.pop_front(),
            Waiting::Random(_) => self.random(),
        }
    }

    fn ended(&mut self, one: JobOutcome) {
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
            Waiting::Written(jobs) => {
                jobs.drain(..).for_each(|job| leave(&job.plan.name, &job.title));
            }
            Waiting::Random(cases) => cases.for_each(|case| leave(&case.name(), model::TITLE)),
        }
    }

    fn progress(&self) -> Progress {
        let done = self.tally.totals().scenarios();
        Progress::Run { done, total: self.total, broken: self.broken }
    }
}

//! Carries the session of a finding out again.

use bits_judge::{
    model::{self, Operation},
    spec::Dialect,
};

use crate::{runner::executor::Executor, triage::finding::REPEATS};

/// Tries whether a session shows a finding again.
pub(crate) struct Trial<'a> {
    pub(crate) executor: &'a Executor,
    pub(crate) check: &'static str,
    pub(crate) dialect: Dialect,
}

impl Trial<'_> {
    /// Whether a session shows it, carried out now on files that nobody has touched.
    pub(crate) async fn shows(&self, operations: &[Operation]) -> bool {
        let again = self.executor.rerun(&model::plan("random/again", operations)).await;
        again.judged.breaks(self.check, self.dialect)
    }

    /// How often it shows it alone.
    pub(crate) async fn alone(&self, operations: &[Operation]) -> u32 {
        let mut times = 0;
        for _ in 0..REPEATS {
            times += u32::from(self.shows(operations).await);
        }
        times
    }

    /// How often it shows it several at once, with others beside them.
    pub(crate) async fn under_load(&self, operations: &[Operation], seed: u64) -> u32 {
        let other = |case| model::in_plain(&model::session(seed, case));
        let others = [0, 1].map(|case| model::plan("random/beside", &other(case)));
        let (one, two, three, ..) = tokio::join!(
            self.shows(operations),
            self.shows(operations),
            self.shows(operations),
            self.executor.rerun(&others[0]),
            self.executor.rerun(&others[1]),
        );
        [one, two, three].into_iter().map(u32::from).sum()
    }
}

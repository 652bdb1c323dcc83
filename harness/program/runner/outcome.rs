//! What a run came to, whatever went wrong about writing it down.

use bits_judge::report::Results;

use crate::{
    cli::{
        Outcome,
        commands::run::{Reports, show},
    },
    error::Error,
    term::print,
};

/// The results of a run that reached its target.
pub(crate) struct Done {
    pub(crate) results: Results,
    /// What could not be kept besides. The results count all the same, and the exit code says so.
    pub(crate) trouble: Option<Error>,
}

impl Done {
    /// The results, if everything was kept.
    ///
    /// # Errors
    ///
    /// The trouble.
    pub(crate) fn whole(self) -> Result<Results, Error> {
        self.trouble.map_or(Ok(self.results), Err)
    }

    /// Shows the results and writes the reports.
    ///
    /// # Errors
    ///
    /// What could not be kept, and reports that cannot be written.
    pub(crate) fn show(self, reports: Reports) -> Outcome {
        let shown = show(&self.results, reports);
        let Some(trouble) = self.trouble else { return shown };
        if let Err(also) = shown {
            print::complain(&also.to_string());
        }
        Err(trouble)
    }
}

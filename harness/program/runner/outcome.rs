//! The results of a run, with the error of what could not be kept besides.

use bits_judge::report::Results;

use crate::error::Error;

/// The results of a run that reached its target.
pub(crate) struct RunOutcome {
    pub(crate) results: Results,
    /// What could not be kept besides. The results count all the same, and the exit code says so.
    pub(crate) error: Option<Error>,
}

impl RunOutcome {
    /// The results, if everything was kept.
    ///
    /// # Errors
    ///
    /// The error of what could not be kept.
    pub(crate) fn whole(self) -> Result<Results, Error> {
        self.error.map_or(Ok(self.results), Err)
    }
}

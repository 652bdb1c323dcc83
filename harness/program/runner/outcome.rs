//! The results of a run, with the error of what could not be kept besides.

use bits_judge::report::Results;

use crate::error::Error;

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
}

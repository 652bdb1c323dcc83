//! What can stop a run before its end.

use std::future::pending;

/// Stops runs: by a signal, for example.
pub(crate) trait Interrupts {
    /// Waits until the run is to stop, and gives the exit code for that.
    fn next(&mut self) -> impl Future<Output = u8>;
}

/// Nothing stops the run.
pub(crate) struct Never;

impl Interrupts for Never {
    async fn next(&mut self) -> u8 {
        pending().await
    }
}

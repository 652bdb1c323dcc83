//! The time as the session machine counts it.

use std::time::{Duration, Instant, SystemTime};

/// A clock that agrees with that of the system when it starts, so that times outlive the process, and then goes on evenly
/// whatever happens to that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    began: Duration,
    started: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        // A clock before 1970 is wrong, and no worse than one that starts there.
        let began = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { began, started: Instant::now() }
    }

    /// The time since 1970.
    pub(super) fn now(&self) -> Duration {
        self.began + self.started.elapsed()
    }
}

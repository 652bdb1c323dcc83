//! How many connections there may be, and what becomes of the others.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections beyond the limit are told so at a time. Those beyond that are closed.
const MOST_TURNED_AWAY: usize = 256;
/// How long such a one may take to ask.
const TURN_AWAY_TIMEOUT: Duration = Duration::from_secs(5);

/// All connections.
pub(super) struct Crowd {
    served: Arc<Semaphore>,
    turned_away: Arc<Semaphore>,
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admitted {
    /// Its requests are answered.
    ToBeServed,
    /// Its first request gets 503, and then it is closed.
    ToBeTurnedAway,
}

impl Admitted {
    /// How long such a connection may take for a head, others having `usual`.
    pub(super) fn head_timeout(self, usual: Duration) -> Duration {
        match self {
            Self::ToBeServed => usual,
            Self::ToBeTurnedAway => usual.min(TURN_AWAY_TIMEOUT),
        }
    }
}

impl Crowd {
    /// One of so many at a time.
    pub(super) fn of(most: u64) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self {
            served: Arc::new(Semaphore::new(most)),
            turned_away: Arc::new(Semaphore::new(MOST_TURNED_AWAY)),
        }
    }

    /// Lets one more in, until the slot is dropped; nothing if not even that it is turned away can be told.
    pub(super) fn enter(&self) -> Option<(OwnedSemaphorePermit, Admitted)> {
        let slot = |slots: &Arc<Semaphore>| Arc::clone(slots).try_acquire_owned().ok();
        slot(&self.served)
            .map(|slot| (slot, Admitted::ToBeServed))
            .or_else(|| slot(&self.turned_away).map(|slot| (slot, Admitted::ToBeTurnedAway)))
    }
}

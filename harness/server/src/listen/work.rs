//! Work for the store, and where it is done: beside what serves sockets, or at once.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::{JoinError, spawn_blocking},
};

use crate::store::Store;

/// Where the work for a store is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// At once. A page cache answers sooner than another thread wakes.
    AtOnce,
    /// On a thread for such things, for it waits for a disk.
    Beside,
}

impl Work {
    /// That for this store. Where one thread serves everything all is done at once: whoever chose that has no other.
    pub(super) fn of(store: &dyn Store) -> Self {
        match Handle::current().runtime_flavor() {
            RuntimeFlavor::CurrentThread => Self::AtOnce,
            _ if store.waits_for_disk() => Self::Beside,
            _ => Self::AtOnce,
        }
    }

    /// Does some work.
    ///
    /// # Errors
    ///
    /// If it panicked beside.
    pub(super) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        match self {
            Self::AtOnce => Ok(work()),
            Self::Beside => spawn_blocking(work).await,
        }
    }
}

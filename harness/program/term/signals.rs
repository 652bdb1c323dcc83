//! SIGINT and SIGTERM, heard from the moment that somebody cares.

use crate::term::exit;

/// Hears the signals that end a run.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Begins to hear; from now on the signals do nothing else.
    ///
    /// # Errors
    ///
    /// If the system does not let the program hear them.
    pub(crate) fn hear() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for one of them and gives the exit code for it.
    pub(crate) async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => exit::INTERRUPTED,
            _ = self.terminate.recv() => exit::TERMINATED,
        }
    }
}

/// Hears Ctrl-C, which is what there is on other systems.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Begins to hear.
    ///
    /// # Errors
    ///
    /// None here.
    pub(crate) fn hear() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Waits for Ctrl-C and gives the exit code for it.
    pub(crate) async fn next(&mut self) -> u8 {
        if tokio::signal::ctrl_c().await.is_err() {
            // Where nothing can be heard the run ends by itself.
            std::future::pending::<()>().await;
        }
        exit::INTERRUPTED
    }
}

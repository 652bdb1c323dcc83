//! The embedded server as something that can be stopped and started at one place.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bits_judge::plan::Switch;
use bits_server::{
    config::Config,
    fault::Fault,
    listen::{Options, Running, listen},
    store::{Durability, Files},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

use crate::drive::{Power, Switched};

/// How long a server that is stopped waits for what is under way: hardly, for it is to be broken off.
const BREAK_OFF: Duration = Duration::from_millis(50);

/// How long what was under way may take to let go of the files.
const LET_GO: Duration = Duration::from_secs(5);

/// A server with its files in a folder, at an address that it keeps.
#[derive(Debug)]
pub(crate) struct RestartableServer {
    address: SocketAddr,
    folder: PathBuf,
    config: Config,
    fault: Option<Fault>,
    durability: Durability,
    process: Mutex<Option<Process>>,
}

/// A server while it runs.
#[derive(Debug)]
struct Process {
    running: Running,
    store: Arc<Files>,
}

impl RestartableServer {
    /// Starts the server on a free port of loopback.
    pub(crate) async fn start(
        folder: &Path,
        config: &Config,
        fault: Option<Fault>,
        durability: Durability,
    ) -> io::Result<Self> {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let process = begin(free, folder, config, fault, durability).await?;
        Ok(Self {
            address: process.running.address,
            folder: folder.to_owned(),
            config: config.clone(),
            fault,
            durability,
            process: Mutex::new(Some(process)),
        })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it, if it runs.
    pub(crate) async fn stop(&self) {
        let Some(Process { running, store }) = self.process.lock().await.take() else { return };
        running.stop().await;
        // Requests are settled by tasks of their own, which must not meet the next server at its files.
        let until = Instant::now() + LET_GO;
        while Arc::strong_count(&store) > 1 && Instant::now() < until {
            sleep(Duration::from_millis(1)).await;
        }
    }

    async fn resume(&self) -> io::Result<()> {
        let Self { address, folder, config, fault, durability, .. } = self;
        let process = begin(*address, folder, config, *fault, *durability).await?;
        *self.process.lock().await = Some(process);
        Ok(())
    }
}

async fn begin(
    address: SocketAddr,
    folder: &Path,
    config: &Config,
    fault: Option<Fault>,
    durability: Durability,
) -> io::Result<Process> {
    let store = Arc::new(Files::open(folder, config)?.with_durability(durability));
    let options = Options { fault, stop_patience: BREAK_OFF, ..Options::default() };
    let running = listen(address, config.clone(), Arc::clone(&store) as _, options).await?;
    Ok(Process { running, store })
}

impl Power for RestartableServer {
    fn can(&self, _: Switch) -> bool {
        true
    }

    fn switch(&self, switch: Switch) -> Switched<'_> {
        Box::pin(async move {
            if switch != Switch::Start {
                self.stop().await;
            }
            if switch != Switch::Stop {
                let told = |error| format!("the embedded server does not start: {error}");
                self.resume().await.map_err(told)?;
            }
            Ok(())
        })
    }

    fn has_ended(&self) -> Result<bool, String> {
        Ok(true)
    }
}

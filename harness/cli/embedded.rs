//! The reference server inside this process, for runs without a target.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};

use tempfile::TempDir;

use super::Failure;
use crate::{
    drive::Application,
    plan::DirectoryRole,
    refserver::{
        config::Config,
        fault::Fault,
        listen::{Options, Running, listen},
        store::Files,
    },
};

/// A server on loopback with a virtual directory for each role, its files in a folder of its own.
pub(super) struct Embedded {
    running: Running,
    folder: TempDir,
}

impl Embedded {
    /// Starts the server on a free port.
    pub(super) async fn start(
        fault: Option<Fault>,
        application: &Application,
    ) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::internal(format!("cannot start the embedded server: {error}"))
        };
        let folder = TempDir::with_prefix("bitscheck-").map_err(failed)?;
        let config = Config::all_roles(&application.url());
        let store = Files::open(folder.path(), &config).map_err(failed)?;
        let options = Options { fault, ..Options::default() };
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = listen(address, config, Arc::new(store), options).await.map_err(failed)?;
        Ok(Self { running, folder })
    }

    /// The URL of its plain directory.
    pub(super) fn url(&self) -> String {
        format!("http://{}/plain/", self.running.address)
    }

    /// The paths of its directories.
    pub(super) fn roles() -> BTreeMap<DirectoryRole, String> {
        DirectoryRole::ALL.into_iter().map(|role| (role, format!("/{}/", role.as_str()))).collect()
    }

    /// Where it keeps its sessions.
    pub(super) fn session_store(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Stops it and takes its files away.
    pub(super) async fn stop(self) {
        self.running.stop().await;
    }
}

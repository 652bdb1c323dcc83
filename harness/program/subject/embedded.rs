//! The reference server inside this process, for runs without a target.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use bits_judge::plan::DirectoryRole;
use bits_server::{
    config::{Config, NotificationType, Profile, VirtualDirectory},
    fault::Fault,
    limits::Limits,
    store::Durability,
};
use tempfile::TempDir;

use crate::{
    config::RoleSettings,
    drive::{Application, Power, User},
    error::Error,
    subject::restartable::RestartableServer,
};

/// A server on loopback with a virtual directory for each role, its files in a folder of its own.
pub(crate) struct Embedded {
    server: Arc<RestartableServer>,
    config: Config,
    folder: TempDir,
    /// The URL of its root.
    url: String,
}

/// Where an embedded server has its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folder {
    /// Where the system has such files.
    Usual,
    /// In memory, if the system has a folder there; for a few megabytes at a time only.
    Fast,
}

/// A folder that lies in memory, or else where temporary files usually lie.
fn fast_folder() -> std::io::Result<TempDir> {
    let in_memory = TempDir::with_prefix_in("bitscheck-", "/dev/shm");
    in_memory.or_else(|_| TempDir::with_prefix("bitscheck-"))
}

impl Embedded {
    /// Starts the server on a free port.
    pub(crate) async fn start(
        fault: Option<Fault>,
        profile: Option<Profile>,
        application: &Application,
        folder: Folder,
        durability: Durability,
    ) -> Result<Self, Error> {
        let config = Config::all_roles(&application.url());
        Self::launch(config, fault, profile, folder, durability).await
    }

    /// Starts one that takes on no more than this.
    pub(crate) async fn start_within(
        limits: Limits,
        fault: Option<Fault>,
        profile: Option<Profile>,
        application: &Application,
    ) -> Result<Self, Error> {
        let config = Config { limits, ..Config::all_roles(&application.url()) };
        Self::launch(config, fault, profile, Folder::Usual, Durability::None).await
    }

    async fn launch(
        config: Config,
        fault: Option<Fault>,
        profile: Option<Profile>,
        folder: Folder,
        durability: Durability,
    ) -> Result<Self, Error> {
        let failed = |error: std::io::Error| {
            Error::internal(format!("cannot start the embedded server: {error}"))
        };
        let folder = match folder {
            Folder::Usual => TempDir::with_prefix("bitscheck-"),
            Folder::Fast => fast_folder(),
        };
        let folder = folder.map_err(failed)?;
        let config = match profile {
            Some(profile) => config.with_profile(profile),
            None => config,
        };
        let server = RestartableServer::start(folder.path(), &config, fault, durability)
            .await
            .map_err(failed)?;
        let url = format!("http://{}/", server.address());
        Ok(Self { server: Arc::new(server), config, folder, url })
    }

    /// The URL of its plain directory.
    pub(crate) fn url(&self) -> String {
        format!("{}plain/", self.url)
    }

    /// The URL of the directory in which uploads may replace files.
    pub(crate) fn url_of_overwrites(&self) -> String {
        format!("{}overwrite/", self.url)
    }

    /// Its directories.
    pub(crate) fn roles(&self) -> BTreeMap<DirectoryRole, RoleSettings> {
        let settings = |role: DirectoryRole| {
            let prefix = format!("/{}/", role.as_str());
            let vdir = self.config.vdirs.iter().find(|vdir| vdir.prefix == prefix)?;
            Some((role, self.settings(vdir)))
        };
        DirectoryRole::ALL.into_iter().filter_map(settings).collect()
    }

    fn settings(&self, vdir: &VirtualDirectory) -> RoleSettings {
        let limits = vdir.notification_timeouts;
        let longest = limits.send.max(limits.headers).max(limits.receive);
        let notifies = vdir.notification_type != NotificationType::None;
        let usual = VirtualDirectory::DEFAULT_SESSION_TIMEOUT;
        RoleSettings {
            path: vdir.prefix.clone(),
            maximum_upload_size: vdir.maximum_upload_size,
            session_timeout: (vdir.session_timeout != usual).then(|| vdir.timeout()),
            // Of this server it is known as well where there is none.
            host_id: Some(vdir.host_id.clone().unwrap_or_default()),
            host_id_fallback_timeout: Some(vdir.host_id_fallback_timeout.unwrap_or_default()),
            notification_timeout: notifies.then(|| Duration::from_secs_f64(longest)),
            read_root: notifies.then(|| self.session_store()),
            user: self.user(vdir),
        }
    }

    /// Whom to be there: one who may write, or one who may not where nobody may.
    fn user(&self, vdir: &VirtualDirectory) -> Option<User> {
        if vdir.authentication.is_empty() {
            return None;
        }
        let writers = vdir.writers.as_ref();
        let may = |name: &str| writers.is_none_or(|writers| writers.iter().any(|it| it == name));
        let mut users = self.config.users.iter();
        users.find(|(name, _)| may(name)).map(|(name, password)| User::new(name, password))
    }

    /// Where it keeps its sessions.
    pub(crate) fn session_store(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Stops it and takes its files away.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }

    /// What stops and starts it.
    pub(crate) fn power(&self) -> Arc<dyn Power> {
        Arc::clone(&self.server) as Arc<dyn Power>
    }
}

//! What a run is aimed at: a URL, a target file or the embedded server, and what the command line says besides.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bits_judge::{plan::DirectoryRole, report::Replay};

use crate::{
    config::{self, ReadBack, RoleSettings, accounts},
    drive::{self, Accounts, Application, Power, Target, TlsOptions, Transport},
    error::Error,
    subject::{credentials::GivenCredentials, embedded::Embedded},
};

/// How long to wait for an answer, if nothing is said.
const PATIENCE: Duration = Duration::from_secs(30);

/// The target that a command line names, and the file that describes it.
pub(crate) struct SubjectSpec {
    target: config::Target,
    file: Option<PathBuf>,
    /// Whether nobody named it: there is a file of the usual name.
    is_usual: bool,
}

/// What is said of a target besides its name; it goes before what a target file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// Directories by their roles.
    pub(crate) roles: Vec<(DirectoryRole, String)>,
    pub(crate) read_back: Option<ReadBack>,
    pub(crate) session_store: Option<PathBuf>,
    /// Where to play the server application.
    pub(crate) application: Option<SocketAddr>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) ca_file: Option<PathBuf>,
    /// Whether to trust any certificate.
    pub(crate) insecure: bool,
}

impl SubjectSpec {
    /// The target, if one is named: by its URL, by a file, or by nothing while there is a file of the usual name and the
    /// embedded server is not asked for.
    ///
    /// # Errors
    ///
    /// For what is no URL, for a file that cannot be read, and for both of them.
    pub(crate) fn by(
        url: Option<&str>,
        file: Option<&Path>,
        wants_embedded: bool,
    ) -> Result<Option<Self>, Error> {
        if let Some(url) = url {
            if file.is_some() {
                return Err(Error::usage(
                    "the target is named twice, by a URL and by --target; leave one of them out",
                ));
            }
            let url =
                url.parse().map_err(|error: drive::TargetError| Error::usage(error.to_string()))?;
            return Ok(Some(Self {
                target: config::Target::bare(url),
                file: None,
                is_usual: false,
            }));
        }
        let usual = || Some(PathBuf::from(config::DEFAULT_NAME)).filter(|path| path.is_file());
        let is_usual = file.is_none();
        let file = match file {
            Some(file) => Some(file.to_owned()),
            None if wants_embedded => None,
            None => usual(),
        };
        let Some(file) = file else { return Ok(None) };
        let target = config::Target::load(&file);
        let target = target.map_err(|error| Error::usage(error.to_string()))?;
        Ok(Some(Self { target, file: Some(file), is_usual }))
    }

    /// Its URL.
    pub(crate) const fn url(&self) -> &Target {
        &self.target.url
    }

    /// Adds to a command line what names the target.
    pub(crate) fn name_in(&self, replay: Replay) -> Replay {
        match &self.file {
            Some(file) => replay.option("--target", &file.display().to_string()),
            None => replay.word(self.target.url.url().as_str()),
        }
    }

    /// What to tell the user who has named no target and gets one nevertheless.
    pub(crate) fn remark(&self) -> Option<String> {
        let file = self.file.as_ref().filter(|_| self.is_usual)?;
        Some(format!(
            "the target is that of {} in this folder: {}",
            file.display(),
            self.target.url.url()
        ))
    }
}

/// What a run is aimed at.
pub(crate) struct Subject {
    pub(crate) target: Target,
    /// The target's directories.
    pub(crate) roles: BTreeMap<DirectoryRole, RoleSettings>,
    /// The users whom it knows.
    pub(crate) accounts: Accounts,
    pub(crate) session_store: Option<PathBuf>,
    /// Where uploads go, if they are of no use to anybody.
    pub(crate) uploads: Option<PathBuf>,
    /// The server application, if it is played.
    pub(crate) application: Option<Arc<Application>>,
    /// Whether uploads can be read back, if that is known beforehand.
    pub(crate) reads_back: Option<bool>,
    /// The users whom the target file names.
    pub(crate) given: Option<GivenCredentials>,
    /// Who can stop and start it, if anybody can.
    pub(crate) power: Option<Arc<dyn Power>>,
    timeout: Duration,
    tls: TlsOptions,
}

impl Subject {
    /// The named target.
    pub(crate) async fn at(named: SubjectSpec, options: &Overrides) -> Result<Self, Error> {
        let (path, file) = (named.file, named.target);
        let mut roles = file.roles;
        roles.insert(DirectoryRole::Plain, RoleSettings::at(file.url.base()));
        for (role, path) in &options.roles {
            roles.entry(*role).or_default().path.clone_from(path);
        }
        let accounts = accounts(file.user, &roles);
        let given = |path| GivenCredentials {
            accounts: accounts.clone(),
            file: path,
            lines: file.user_lines,
        };
        let given = path.map(given);
        let application = match options.application.or(file.application) {
            Some(address) => Some(start_backend(address).await?),
            None => None,
        };
        Ok(Self {
            target: file.url,
            roles,
            accounts,
            session_store: options.session_store.clone().or(file.session_store),
            uploads: None,
            application,
            reads_back: match options.read_back.or(file.read_back).unwrap_or_default() {
                ReadBack::Auto => None,
                ReadBack::Yes => Some(true),
                ReadBack::No => Some(false),
            },
            given,
            power: None,
            timeout: options.timeout.or(file.timeout).unwrap_or(PATIENCE),
            tls: TlsOptions {
                // Who trusts anybody needs no authority.
                ca_file: options.ca_file.clone().or(file.ca_file).filter(|_| !options.insecure),
                insecure: options.insecure,
            },
        })
    }

    /// The embedded server.
    pub(crate) fn at_embedded(
        embedded: &Embedded,
        application: Arc<Application>,
        timeout: Option<Duration>,
    ) -> Result<Self, Error> {
        let target = embedded
            .url()
            .parse()
            .map_err(|error: drive::TargetError| Error::internal(error.to_string()))?;
        let roles = embedded.roles();
        Ok(Self {
            target,
            accounts: accounts(None, &roles),
            roles,
            session_store: Some(embedded.session_store()),
            uploads: Some(embedded.session_store()),
            application: Some(application),
            reads_back: Some(true),
            given: None,
            power: Some(embedded.power()),
            timeout: timeout.unwrap_or(PATIENCE),
            tls: TlsOptions::default(),
        })
    }

    /// What a driver has to know of the target.
    pub(crate) fn drive_options(&self, transport: Transport) -> drive::Options {
        let by_reference = self.roles.get(&DirectoryRole::ByReference);
        drive::Options {
            transport,
            timeout: self.timeout,
            tls: self.tls.clone(),
            session_store: self.session_store.clone(),
            application: self.application.clone(),
            read_root: by_reference.and_then(|it| it.read_root.clone()),
            accounts: self.accounts.clone(),
            power: self.power.clone(),
            ..drive::Options::default()
        }
    }
}

/// Plays the server application at `address`.
pub(crate) async fn start_backend(address: SocketAddr) -> Result<Arc<Application>, Error> {
    let application = Application::listen(address).await.map_err(|error| {
        Error::usage(format!(
            "cannot play the server application at {address}: {error}; choose another address with --application"
        ))
    })?;
    Ok(Arc::new(application))
}

//! The settings of `bitscheck serve`: a file, the shipped ones or none, and what the command line says besides.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use bits_server::{
    accounts::Users,
    config::{Config, NotificationType, VirtualDirectory},
    listen::Tls,
    settings::{self, Settings},
};

use crate::{cli::args::serve::ServeOptions, config::diagnostic::Diagnostic, error::Error};

/// What to serve, and where each setting comes from.
pub(crate) struct Served {
    pub(crate) settings: Settings,
    file: String,
    options: BTreeMap<&'static str, String>,
}

impl Served {
    /// The settings that a command line asks for.
    pub(crate) fn by(options: &ServeOptions) -> Result<Self, Error> {
        let (settings, file) = match (&options.config, options.all_roles) {
            (Some(path), _) => (read(path)?, path.display().to_string()),
            (None, true) => (settings::all_roles(), settings::ALL_ROLES.to_owned()),
            (None, false) => {
                let config = Config::single();
                (Settings { config, ..Settings::default() }, String::new())
            }
        };
        let mut served = Self { settings, file, options: BTreeMap::new() };
        served.apply(options);
        served.limit(&options.limit)?;
        served.check_durability(options)?;
        if let Some(path) = &served.settings.users_file {
            served.settings.config.users = users(path)?;
        }
        served.check_users()?;
        served.check_applications()?;
        Ok(served)
    }

    fn apply(&mut self, options: &ServeOptions) {
        let settings = &mut self.settings;
        if let Some(address) = options.listen {
            settings.listen = Some(address);
            self.options.insert("listen", "--listen".into());
        }
        if let Some(durability) = options.durability {
            settings.durability = Some(durability);
            self.options.insert("durability", "--durability".into());
        }
        settings.listen.get_or_insert_with(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        for (name, option, given, field) in [
            ("users", "--users", &options.users, &mut settings.users_file),
            ("root", "--root", &options.root, &mut settings.root),
            (
                "tls-certificate",
                "--tls-certificate",
                &options.tls_certificate,
                &mut settings.tls_certificate,
            ),
            ("tls-key", "--tls-key", &options.tls_key, &mut settings.tls_key),
        ] {
            if let Some(given) = given {
                *field = Some(given.clone());
                self.options.insert(name, option.into());
            }
        }
        for vdir in &mut settings.config.vdirs {
            if let Some(profile) = options.profile {
                vdir.profile = profile.into();
                self.options.insert("profile", "--profile".into());
            }
            if options.allow_overwrites {
                vdir.allow_overwrites = true;
                self.options.insert("BITSAllowOverwrites", "--allow-overwrites".into());
            }
        }
    }

    fn limit(&mut self, limits: &[(String, u64)]) -> Result<(), Error> {
        for (name, value) in limits {
            let set = self.settings.config.limits.set(name, *value);
            let name = set.map_err(|error| Error::usage(error.to_string()))?;
            self.options.insert(name, "--limit".into());
        }
        Ok(())
    }

    /// Memory survives nothing, however much that is asked for.
    fn check_durability(&self, options: &ServeOptions) -> Result<(), Error> {
        if options.durability.is_none() || self.settings.root.is_some() {
            return Ok(());
        }
        Err(Error::usage(
            "--durability needs a folder that stays; name one with --root, or by `root` in the settings",
        ))
    }

    /// A server that speaks TLS can have no application beside its uploads.
    fn check_applications(&self) -> Result<(), Error> {
        if self.settings.tls_key.is_none() {
            return Ok(());
        }
        for vdir in &self.settings.config.vdirs {
            let url = vdir.notification_url.as_deref().unwrap_or_default();
            if vdir.notification_type != NotificationType::None && !url.contains("://") {
                return Err(Error::usage(format!(
                    "the application of {} lies beside its uploads, at `{url}`, and so behind TLS, but a server \
                     application is called by HTTP only; give its whole URL",
                    vdir.prefix
                )));
            }
        }
        Ok(())
    }

    /// What is needed to speak TLS, if it is to be spoken.
    pub(crate) fn tls(&self) -> Result<Option<Tls>, Error> {
        let (certificate, key) = (&self.settings.tls_certificate, &self.settings.tls_key);
        let Some((certificate, key)) = certificate.as_ref().zip(key.as_ref()) else {
            return Ok(None);
        };
        Tls::read(certificate, key).map(Some).map_err(|error| Error::usage(error.to_string()))
    }

    /// The settings as a file that can be read again, wherever it is put: paths in it are whole.
    pub(crate) fn print(&self) -> String {
        let mut settings = self.settings.clone();
        for path in [
            &mut settings.root,
            &mut settings.users_file,
            &mut settings.tls_certificate,
            &mut settings.tls_key,
        ]
        .into_iter()
        .flatten()
        {
            if let Ok(whole) = std::path::absolute(&*path) {
                *path = whole;
            }
        }
        settings::print(&settings, &self.file, &self.options)
    }

    /// Who may write has to be somebody who is known.
    fn check_users(&self) -> Result<(), Error> {
        let config = &self.settings.config;
        for vdir in config.vdirs.iter().filter(|vdir| !vdir.authentication.is_empty()) {
            let writers = vdir.writers.iter().flatten();
            let stranger = writers.clone().find(|name| !config.users.knows(name));
            if let Some(stranger) = stranger {
                return Err(Error::usage(format!(
                    "`{stranger}` may write to {}, and is no user; name a file with lines NAME:PASSWORD by --users, \
                     or by `users` in the settings",
                    vdir.prefix
                )));
            }
        }
        Ok(())
    }

    /// Whether uploads have to lie in files: an application is told where they are, or the disk is to be small.
    pub(crate) fn needs_files(&self) -> bool {
        let in_files = |vdir: &VirtualDirectory| {
            vdir.notification_type == NotificationType::ByReference || vdir.disk_space.is_some()
        };
        self.settings.config.vdirs.iter().any(in_files)
    }
}

fn users(path: &Path) -> Result<Users, Error> {
    let failed = |problem: String| {
        Error::usage(format!("cannot read the users in {}: {problem}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    Users::read(&text).map_err(|error| failed(error.to_string()))
}

fn read(path: &PathBuf) -> Result<Settings, Error> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::usage(format!("cannot read the settings in {file}: {error}")))?;
    let mut settings = settings::read(&text).map_err(|error| {
        let mut told = String::new();
        let diagnostic = Diagnostic::of(&file, &text, error.place, error.problem, error.hint);
        match diagnostic.draw(&mut told) {
            Ok(()) => Error::usage(told),
            Err(_) => Error::usage(diagnostic.to_string()),
        }
    })?;
    let folder = path.parent().unwrap_or(path);
    for field in [
        &mut settings.root,
        &mut settings.users_file,
        &mut settings.tls_certificate,
        &mut settings.tls_key,
    ] {
        *field = field.take().map(|path| folder.join(path));
    }
    Ok(settings)
}

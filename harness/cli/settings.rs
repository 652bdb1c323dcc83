//! The settings of `bitscheck serve`: a file, the shipped ones or none, and what the command line says besides.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use super::{Failure, arguments::ServeOptions, picture::Picture};
use crate::refserver::{
    config::{Config, NotificationType},
    listen::Tls,
    settings::{self, Settings},
};

/// What to serve, and where each setting comes from.
pub(super) struct Served {
    pub(super) settings: Settings,
    file: String,
    options: BTreeMap<&'static str, String>,
}

impl Served {
    /// The settings that a command line asks for.
    pub(super) fn by(options: &ServeOptions) -> Result<Self, Failure> {
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
        served.check()?;
        Ok(served)
    }

    fn apply(&mut self, options: &ServeOptions) {
        let settings = &mut self.settings;
        if let Some(address) = options.listen {
            settings.listen = Some(address);
            self.options.insert("listen", "--listen".into());
        }
        settings.listen.get_or_insert_with(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        for (name, option, given, field) in [
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

    /// Makes sure of what the file and the command line have to be together.
    fn check(&self) -> Result<(), Failure> {
        if self.settings.tls_key.is_none() {
            return Ok(());
        }
        for vdir in &self.settings.config.vdirs {
            let url = vdir.notification_url.as_deref().unwrap_or_default();
            if vdir.notification_type != NotificationType::None && !url.contains("://") {
                return Err(Failure::usage(format!(
                    "the application of {} lies beside its uploads, at `{url}`, and so behind TLS, but a server \
                     application is called by HTTP only; give its whole URL",
                    vdir.prefix
                )));
            }
        }
        Ok(())
    }

    /// What is needed to speak TLS, if it is to be spoken.
    pub(super) fn tls(&self) -> Result<Option<Tls>, Failure> {
        let (certificate, key) = (&self.settings.tls_certificate, &self.settings.tls_key);
        let Some((certificate, key)) = certificate.as_ref().zip(key.as_ref()) else {
            return Ok(None);
        };
        Tls::read(certificate, key).map(Some).map_err(|error| Failure::usage(error.to_string()))
    }

    /// The settings as a file that can be read again.
    pub(super) fn print(&self) -> String {
        settings::print(&self.settings, &self.file, &self.options)
    }

    /// Whether uploads have to lie in files, since an application is told where they are.
    pub(super) fn needs_files(&self) -> bool {
        let by_reference = NotificationType::ByReference;
        self.settings.config.vdirs.iter().any(|vdir| vdir.notification_type == by_reference)
    }
}

fn read(path: &PathBuf) -> Result<Settings, Failure> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read the settings in {file}: {error}")))?;
    let mut settings = settings::read(&text).map_err(|error| {
        let mut told = String::new();
        let picture = Picture::of(&file, &text, error.place, error.problem, error.hint);
        match picture.draw(&mut told) {
            Ok(()) => Failure::usage(told),
            Err(_) => Failure::usage(picture.to_string()),
        }
    })?;
    let folder = path.parent().unwrap_or(path);
    for field in [&mut settings.root, &mut settings.tls_certificate, &mut settings.tls_key] {
        *field = field.take().map(|path| folder.join(path));
    }
    Ok(settings)
}

//! The settings file of a server: TOML with a `[[vdir]]` block for each virtual directory, its keys named as the IIS
//! extension names its properties.

mod check;
mod form;
mod print;

use std::{collections::BTreeMap, net::SocketAddr, ops::Range, path::PathBuf};

use self::form::{Document, UsersForm};
pub use self::print::print;
use super::{
    config::{Config, VirtualDirectory},
    store::Durability,
};

/// What a settings file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// The folder for uploads, as it is written.
    pub root: Option<PathBuf>,
    /// The file with the users, as it is written, if they do not stand here.
    pub users_file: Option<PathBuf>,
    /// The certificate for TLS, and the file of its key, as they are written; both or none.
    pub tls_certificate: Option<PathBuf>,
    /// The file of the private key.
    pub tls_key: Option<PathBuf>,
    /// What acknowledged bytes and sessions survive, if it is said.
    pub durability: Option<Durability>,
    /// The virtual directories, the users and the limits.
    pub config: Config,
    /// The lines of the keys that are set, from 1: of the directory with this number, or of none for those above all.
    pub lines: BTreeMap<(Option<usize>, &'static str), usize>,
}

/// A mistake in a settings file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct SettingsError {
    /// The bytes of the file that are to blame, if any are.
    pub place: Option<Range<usize>>,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl SettingsError {
    fn at(place: Range<usize>, problem: impl Into<String>) -> Self {
        Self { place: Some(place), problem: problem.into(), hint: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The name of the settings that are shipped.
pub const ALL_ROLES: &str = "all-roles.toml";

/// The text of the settings that are shipped.
pub const ALL_ROLES_TEXT: &str = include_str!("../all-roles.toml");

/// The settings that are shipped: a directory for each role that a conformance run asks for.
///
/// # Panics
///
/// Never; a test reads them.
#[must_use]
pub fn all_roles() -> Settings {
    read(ALL_ROLES_TEXT).expect("a test holds that the shipped settings are right")
}

/// Reads a settings file.
///
/// # Errors
///
/// The first mistake in it.
pub fn read(text: &str) -> Result<Settings, SettingsError> {
    let document: Document = toml::from_str(text).map_err(|error| SettingsError {
        place: error.span(),
        problem: error.message().trim().replace('\n', ", "),
        hint: None,
    })?;
    let line = |place: Range<usize>| text[..place.start].matches('\n').count() + 1;
    let mut settings = Settings::default();
    if let Some(listen) = document.listen {
        let address = listen.get_ref().parse().map_err(|_| {
            SettingsError::at(listen.span(), format!("`{}` is no address", listen.get_ref()))
                .hint("an address and a port, such as 127.0.0.1:8080")
        })?;
        settings.lines.insert((None, "listen"), line(listen.span()));
        settings.listen = Some(address);
    }
    if let Some(durability) = document.durability {
        let parsed = durability.get_ref().parse();
        let parsed = parsed.map_err(|told: String| SettingsError::at(durability.span(), told))?;
        settings.lines.insert((None, "durability"), line(durability.span()));
        settings.durability = Some(parsed);
    }
    for (name, value) in document.limits {
        let set = settings.config.limits.set(&name, *value.get_ref());
        let name = set.map_err(|error| SettingsError::at(value.span(), error.to_string()))?;
        settings.lines.insert((None, name), line(value.span()));
    }
    let (certificate, key) = (document.tls_certificate, document.tls_key);
    check::pair(("tls-certificate", certificate.as_ref()), ("tls-key", key.as_ref()))?;
    for (name, value, field) in [
        ("root", document.root, &mut settings.root),
        ("tls-certificate", certificate, &mut settings.tls_certificate),
        ("tls-key", key, &mut settings.tls_key),
    ] {
        let Some(value) = value else { continue };
        settings.lines.insert((None, name), line(value.span()));
        *field = Some(value.into_inner().into());
    }
    if let Some(users) = document.users {
        settings.lines.insert((None, "users"), line(users.span()));
        match users.into_inner() {
            UsersForm::File(path) => settings.users_file = Some(path.into()),
            UsersForm::Table(users) => settings.config.users = users.into_iter().collect(),
        }
    }
    for (at, block) in document.vdir.into_iter().enumerate() {
        let place = block.span();
        let mut vdir = VirtualDirectory::new("");
        let mut places = BTreeMap::new();
        block.into_inner().apply(&mut vdir, &mut places)?;
        check::directory(&vdir, &places, &place, &settings.config)?;
        let lines = places.into_iter().map(|(key, place)| ((Some(at), key), line(place)));
        settings.lines.extend(lines);
        settings.config.vdirs.push(vdir);
    }
    if settings.config.vdirs.is_empty() {
        settings.config.vdirs = Config::single().vdirs;
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{NotificationType, Profile, ReplyUrl};

    fn vdir(block: &str) -> VirtualDirectory {
        let text = format!("[[vdir]]\nprefix = \"/u/\"\n{block}");
        read(&text).unwrap_or_else(|error| panic!("{error}: {text}")).config.vdirs.remove(0)
    }

    fn refused(block: &str) -> (usize, String) {
        let text = format!("[[vdir]]\nprefix = \"/u/\"\n{block}");
        let error = read(&text).expect_err(block);
        let start = error.place.expect("mistakes have a place").start;
        (text[..start].matches('\n').count() + 1, error.problem)
    }

    #[test]
    fn settings_bear_the_names_of_the_iis_properties() {
        let one = vdir(
            "BITSUploadEnabled = false\nBITSMaximumUploadSize = \"7\"\nBITSAllowOverwrites = 1\n\
             BITSSessionTimeout = 60\nBITSServerNotificationType = 2\nBITSServerNotificationURL = \"http://a/\"\n\
             BITSHostId = \"h\"\nBITSHostIdFallbackTimeout = 110\nBITSCleanupUseDefault = false\n\
             BITSCleanupCount = 5\nBITSCleanupUnits = 0\nBITSNumberOfSessionsLimit = 3\nBITSSessionLimitEnable = true\n\
             BITSSessionDirectory = \"BITS-Sessions\"\nmaxAllowedContentLength = 30000000\nprofile = \"iis7\"\n\
             reply-url = \"relative\"\nnotification-timeouts = { headers = 0.5 }\n",
        );
        assert!(!one.upload_enabled && one.allow_overwrites && !one.protected);
        assert_eq!((one.maximum_upload_size, one.session_timeout), (Some(7), 60));
        assert_eq!(
            (one.notification_type, one.profile),
            (NotificationType::ByValue, Profile::Iis7)
        );
        assert_eq!((one.host_id.as_deref(), one.host_id_fallback_timeout), (Some("h"), Some(110)));
        assert_eq!(one.cleanup.interval(), std::time::Duration::from_secs(300));
        assert_eq!((one.session_limit(), one.reply_url), (Some(3), ReplyUrl::Relative));
        assert_eq!(one.max_allowed_content_length, Some(30_000_000));
        assert_eq!(
            (one.notification_timeouts.headers, one.notification_timeouts.send),
            (0.5, 300.0)
        );
    }

    #[test]
    fn an_empty_maximum_is_none() {
        assert_eq!(vdir("BITSMaximumUploadSize = \"\"").maximum_upload_size, None);
        assert_eq!(read("").unwrap().config, Config::single());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (block, line, problem) in [
            ("BITSUploadEnable = true", 3, "unknown field"),
            ("BITSSessionTimeout = 0", 3, "above zero"),
            ("BITSSessionTimeout = \"long\"", 3, "invalid type"),
            ("BITSMaximumUploadSize = \"much\"", 3, "`much`"),
            ("BITSAllowOverwrites = 2", 3, "0 or 1"),
            ("BITSServerNotificationType = 3", 3, "0 (none)"),
            ("BITSServerNotificationType = 1", 3, "BITSServerNotificationURL"),
            ("\nBITSServerNotificationURL = \"https://a/\"", 4, "HTTP only"),
            ("BITSCleanupUnits = 3", 3, "0 (minutes)"),
            ("BITSCleanupCount = 25", 3, "1 to 24"),
            ("BITSSessionDirectory = \"Elsewhere\"", 3, "BITS-Sessions"),
            ("profile = \"iis5\"", 3, "iis5"),
            ("[[vdir]]\nprefix = \"/U/\"", 4, "twice"),
            ("[[vdir]]\nprefix = \"u\"", 4, "slash"),
            ("notification-timeouts = { send = -1.0 }", 3, "above zero"),
            ("authentication = [\"ntlm\"]", 3, "ntlm"),
            ("writers = [\"alice\"]", 3, "authentication"),
        ] {
            let (found, told) = refused(block);
            assert_eq!(found, line, "{block}: {told}");
            assert!(told.contains(problem), "{block}: {told}");
        }
        let long = format!("BITSHostId = \"{}\"", "h".repeat(301));
        assert!(refused(&long).1.contains("300"));
    }

    #[test]
    fn a_certificate_and_its_key_need_each_other() {
        let both = read("tls-certificate = \"a.pem\"\ntls-key = \"b.pem\"\n").unwrap();
        assert_eq!(both.tls_certificate.as_deref(), Some("a.pem".as_ref()));
        assert_eq!(both.tls_key.as_deref(), Some("b.pem".as_ref()));
        let printed = print(&both, "s.toml", &BTreeMap::new());
        assert!(printed.contains("tls-certificate = \"a.pem\" # s.toml:1\n"), "{printed}");
        assert!(printed.contains("tls-key = \"b.pem\" # s.toml:2\n"), "{printed}");
        for (one, other) in [("tls-certificate", "tls-key"), ("tls-key", "tls-certificate")] {
            let error = read(&format!("{one} = \"a.pem\"\n")).unwrap_err();
            assert_eq!(error.place.unwrap().start, one.len() + 3);
            assert!(error.problem.contains(one) && error.problem.contains(other));
            assert!(error.hint.unwrap().starts_with(other));
        }
    }

    #[test]
    fn limits_and_durability_are_set_by_name() {
        let text = "durability = \"disk\"\n[limits]\nsessions = 7\nminimum-rate = 0\n";
        let settings = read(text).unwrap();
        let limits = settings.config.limits;
        assert_eq!((limits.sessions, limits.minimum_rate, limits.headers), (7, 0, 256));
        assert_eq!(settings.durability, Some(Durability::Disk));
        let printed = print(&settings, "s.toml", &BTreeMap::new());
        assert!(printed.contains("durability = \"disk\" # s.toml:1\n"), "{printed}");
        assert!(printed.contains("sessions = 7 # s.toml:3\n"), "{printed}");
        assert!(printed.contains("connections = 4096 # default\n"), "{printed}");
        for (wrong, told) in [
            ("durability = \"memory\"", "none, os and disk"),
            ("[limits]\nsesions = 7", "no limit is called `sesions`"),
            ("[limits]\nsessions = 0", "at least 1"),
        ] {
            let error = read(wrong).expect_err(wrong);
            assert!(error.problem.contains(told) && error.place.is_some(), "{wrong}: {error}");
        }
    }

    #[test]
    fn only_the_passwords_of_the_shipped_users_are_printed() {
        let users = |table: &str| {
            let settings = read(&format!("users = {table}\n")).unwrap();
            print(&settings, "s.toml", &BTreeMap::new())
        };
        let shipped = "{ alice = \"wonderland\", mallory = \"looking-glass\" }";
        assert!(users(shipped).contains(&format!("users = {shipped} # s.toml:1\n")));
        for table in ["{ alice = \"wonderland\" }", "{ alice = \"a\", mallory = \"b\" }"] {
            let printed = users(table);
            assert!(printed.contains("# users are alice"), "{printed}");
            assert!(!printed.contains("users = ") && !printed.contains("wonderland"), "{printed}");
        }
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        let settings = all_roles();
        let printed = print(&settings, ALL_ROLES, &BTreeMap::new());
        let mut wanted = settings.config.clone();
        assert!(wanted.users.knows("alice") && wanted.users.knows("mallory"));
        for vdir in &mut wanted.vdirs {
            // What a profile decides is printed as decided.
            vdir.session_limit_enable = Some(vdir.session_limit().is_some());
        }
        assert_eq!(read(&printed).unwrap().config, wanted);
        assert!(
            printed.contains("BITSMaximumUploadSize = 1048576 # all-roles.toml:36"),
            "{printed}"
        );
        assert!(printed.contains("BITSSessionTimeout = 1209600 # default"), "{printed}");
    }
}

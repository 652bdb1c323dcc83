//! What a server is set up with: virtual directories, each with the properties that the IIS extension knows by these names.

use std::time::Duration;

use super::{accounts::Users, limits::Limits, settings};

pub use super::profile::{Overlap, Profile};

/// Whether a server application learns of finished uploads, and how; the numbers are those of the IIS property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NotificationType {
    /// 0: it does not.
    #[default]
    None,
    /// 1: it is told where the upload is.
    ByReference,
    /// 2: it is sent the upload.
    ByValue,
}

impl TryFrom<u8> for NotificationType {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::None),
            1 => Ok(Self::ByReference),
            2 => Ok(Self::ByValue),
            _ => Err("expected 0 (none), 1 (by reference) or 2 (by value)"),
        }
    }
}

impl From<NotificationType> for u8 {
    fn from(one: NotificationType) -> Self {
        match one {
            NotificationType::None => 0,
            NotificationType::ByReference => 1,
            NotificationType::ByValue => 2,
        }
    }
}

/// The three limits of a notification, in seconds (3.3.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotificationTimeouts {
    /// From before the request until it has been sent.
    pub send: f64,
    /// From the end of the request until all headers of the answer are there.
    pub headers: f64,
    /// From the end of the request until the whole answer is there.
    pub receive: f64,
}

impl Default for NotificationTimeouts {
    /// Five minutes each.
    fn default() -> Self {
        Self { send: 300.0, headers: 300.0, receive: 300.0 }
    }
}

/// When the cleanup run of a directory comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleanup {
    /// Every 12 hours, whatever the others say.
    pub use_default: bool,
    /// How many of the units lie between two runs.
    pub count: u64,
    /// The units.
    pub units: CleanupUnits,
}

/// The units of [`Cleanup`]; their numbers in settings are 0, 1 and 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CleanupUnits {
    /// 1 to 60 of them.
    Minutes,
    /// 1 to 24 of them.
    Hours,
    /// 1 to 360 of them.
    Days,
}

impl CleanupUnits {
    /// The most of them that can lie between two runs.
    #[must_use]
    pub const fn most(self) -> u64 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 24,
            Self::Days => 360,
        }
    }
}

impl Default for Cleanup {
    fn default() -> Self {
        Self { use_default: true, count: 12, units: CleanupUnits::Hours }
    }
}

impl Cleanup {
    /// The time between two runs.
    #[must_use]
    pub const fn interval(self) -> Duration {
        let seconds = match self.units {
            _ if self.use_default => return Duration::from_secs(12 * 3600),
            CleanupUnits::Minutes => 60,
            CleanupUnits::Hours => 3600,
            CleanupUnits::Days => 86_400,
        };
        Duration::from_secs(self.count * seconds)
    }
}

/// A way in which clients can say who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// By their password (RFC 7617).
    Basic,
    /// By a digest of it (RFC 7616).
    Digest,
}

impl Authentication {
    /// Its name in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Digest => "digest",
        }
    }
}

/// How the URL of a reply is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReplyUrl {
    /// As an absolute URL.
    #[default]
    Absolute,
    /// As IIS 6 writes it: relative to the folder of the destination, with backslashes.
    Relative,
}

/// A URL prefix mapped to a folder of the store, with the properties of its uploads.
#[derive(Clone, Debug, PartialEq)]
pub struct VirtualDirectory {
    /// The URL prefix, with a slash at both ends.
    pub prefix: String,
    /// Whether uploads are taken.
    pub upload_enabled: bool,
    /// The most bytes that an entity may have; no limit if absent.
    pub maximum_upload_size: Option<u64>,
    /// Whether an existing entity may be replaced.
    pub allow_overwrites: bool,
    /// Seconds without a successful message after which a session ends.
    pub session_timeout: u64,
    /// Whether a server application learns of finished uploads, and how.
    pub notification_type: NotificationType,
    /// Where the server application listens: an absolute http URL, or a name to resolve against the destination.
    pub notification_url: Option<String>,
    /// The host that clients are told to upload to instead.
    pub host_id: Option<String>,
    /// Seconds without an uploaded byte after which a client returns from that host.
    pub host_id_fallback_timeout: Option<u64>,
    /// Seconds within which a notification has to be sent, answered with headers, and answered whole.
    pub notification_timeouts: NotificationTimeouts,
    /// How the URL of a reply is written.
    pub reply_url: ReplyUrl,
    /// The longest body of one request; a longer one is refused below the BITS layer, as by IIS.
    pub max_allowed_content_length: Option<u64>,
    /// When the data of sessions that have ended by themselves is cleared away.
    pub cleanup: Cleanup,
    /// How many sessions a user may have; the cleanup run ends the most recent ones beyond it.
    pub sessions_limit: u64,
    /// Whether that limit holds; the profile says so if it is not set.
    pub session_limit_enable: Option<bool>,
    /// Whether scripts or programs may be run here; uploads are refused then.
    pub execute: bool,
    /// As if the disk had room for entities of so many bytes and no more.
    pub disk_space: Option<u64>,
    /// Whether nobody may write here.
    pub protected: bool,
    /// How clients have to say who they are; nobody is asked if it is empty.
    pub authentication: Vec<Authentication>,
    /// The users who may write here, of those who are known; all of them if absent.
    pub writers: Option<Vec<String>>,
    /// Which texts it follows.
    pub profile: Profile,
}

impl Default for VirtualDirectory {
    fn default() -> Self {
        Self::new("/")
    }
}

impl VirtualDirectory {
    /// A session ends after 14 days without a message, as with IIS.
    pub const DEFAULT_SESSION_TIMEOUT: u64 = 1_209_600;

    /// A user may have 50 sessions, as with IIS.
    pub const DEFAULT_SESSIONS_LIMIT: u64 = 50;

    /// A directory that takes uploads of any size and replaces nothing.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            upload_enabled: true,
            maximum_upload_size: None,
            allow_overwrites: false,
            session_timeout: Self::DEFAULT_SESSION_TIMEOUT,
            notification_type: NotificationType::None,
            notification_url: None,
            host_id: None,
            host_id_fallback_timeout: None,
            notification_timeouts: NotificationTimeouts::default(),
            reply_url: ReplyUrl::Absolute,
            max_allowed_content_length: None,
            cleanup: Cleanup::default(),
            sessions_limit: Self::DEFAULT_SESSIONS_LIMIT,
            session_limit_enable: None,
            execute: false,
            disk_space: None,
            protected: false,
            authentication: Vec::new(),
            writers: None,
            profile: Profile::McBup,
        }
    }

    /// How many sessions a user may have, if there is a limit.
    #[must_use]
    pub fn session_limit(&self) -> Option<u64> {
        let enabled = self.session_limit_enable.unwrap_or_else(|| self.profile.limits_sessions());
        enabled.then_some(self.sessions_limit)
    }

    /// Whether this user may write here, or nobody in particular where clients are not asked.
    #[must_use]
    pub fn permits(&self, user: Option<&str>) -> bool {
        let may = |user: &str| {
            self.writers.as_ref().is_none_or(|writers| writers.iter().any(|one| one == user))
        };
        !self.protected && (self.authentication.is_empty() || user.is_some_and(may))
    }

    /// The time without a successful message after which a session ends.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.session_timeout)
    }

    /// Whether the URLs of replies are relative, with backslashes.
    #[must_use]
    pub const fn writes_relative_reply_urls(&self) -> bool {
        matches!((self.reply_url, self.profile), (ReplyUrl::Relative, _) | (_, Profile::Iis6))
    }

    /// The folder of the store, relative and with `/` between its parts; empty for the root.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.prefix.trim_matches('/')
    }
}

/// Everything a server is set up with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The virtual directories; the longest prefix that fits decides.
    pub vdirs: Vec<VirtualDirectory>,
    /// The users who are known.
    pub users: Users,
    /// How much the server takes on.
    pub limits: Limits,
}

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("virtual directory `{prefix}`: {kind}")]
pub struct ConfigError {
    /// The prefix as it is written.
    pub prefix: String,
    /// What is wrong with it.
    pub kind: ConfigErrorKind,
}

/// What is wrong with a virtual directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigErrorKind {
    /// The prefix is not a path between slashes.
    #[error("expected a prefix with a slash at both ends and plain names between")]
    Prefix,
    /// Another directory has this prefix.
    #[error("the prefix occurs twice")]
    Twice,
    /// No session could live.
    #[error("expected a session timeout above zero")]
    Timeout,
}

impl Config {
    /// These directories, and no users.
    #[must_use]
    pub fn of(vdirs: Vec<VirtualDirectory>) -> Self {
        Self { vdirs, ..Self::default() }
    }

    /// One directory at the root that takes uploads.
    #[must_use]
    pub fn single() -> Self {
        Self::of(vec![VirtualDirectory::new("/")])
    }

    /// The bytes that `/max-size/` of [`Config::all_roles`] takes.
    pub const ROLE_MAXIMUM: u64 = 1_048_576;

    /// Where [`Config::all_roles`] finds a server application, if nothing else is said.
    pub const APPLICATION: &str = "http://127.0.0.1:9000/";

    /// The same directories, all following this profile.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        for vdir in &mut self.vdirs {
            vdir.profile = profile;
        }
        self
    }

    /// One directory for each role that a conformance run asks for; those that notify do so at `application`, an http
    /// URL.
    #[must_use]
    pub fn all_roles(application: &str) -> Self {
        let mut config = settings::all_roles().config;
        for vdir in &mut config.vdirs {
            if vdir.notification_url.is_some() {
                vdir.notification_url = Some(application.to_owned());
            }
        }
        config
    }

    /// Looks for settings that no server could follow.
    ///
    /// # Errors
    ///
    /// If a prefix is malformed or used twice, or a session timeout is zero.
    pub fn check(&self) -> Result<(), ConfigError> {
        for (at, vdir) in self.vdirs.iter().enumerate() {
            let twice =
                self.vdirs[..at].iter().any(|one| one.prefix.eq_ignore_ascii_case(&vdir.prefix));
            let kind = if !is_prefix(&vdir.prefix) {
                ConfigErrorKind::Prefix
            } else if twice {
                ConfigErrorKind::Twice
            } else if vdir.session_timeout == 0 {
                ConfigErrorKind::Timeout
            } else {
                continue;
            };
            return Err(ConfigError { prefix: vdir.prefix.clone(), kind });
        }
        Ok(())
    }
}

fn is_prefix(prefix: &str) -> bool {
    let inner = prefix.strip_prefix('/').map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    match inner {
        Some("") => prefix == "/",
        Some(names) => prefix.ends_with('/') && names.split('/').all(super::paths::is_plain_name),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_configurations_are_usable() {
        assert_eq!(Config::single().check(), Ok(()));
        assert_eq!(Config::all_roles(Config::APPLICATION).check(), Ok(()));
    }

    #[test]
    fn unusable_prefixes_are_named() {
        for prefix in
            ["", "upload", "/upload", "upload/", "//", "/a//b/", "/../", "/BITS-Sessions/"]
        {
            let config = Config::of(vec![VirtualDirectory::new(prefix)]);
            let error = config.check().unwrap_err();
            assert_eq!((error.prefix.as_str(), error.kind), (prefix, ConfigErrorKind::Prefix));
        }
    }

    #[test]
    fn a_prefix_may_not_occur_twice() {
        let config = Config::of(vec![VirtualDirectory::new("/a/"), VirtualDirectory::new("/A/")]);
        assert_eq!(config.check().unwrap_err().kind, ConfigErrorKind::Twice);
    }
}

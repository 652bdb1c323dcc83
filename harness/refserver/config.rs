//! What a server is set up with: virtual directories, each with the properties that the IIS extension knows by these names.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::wire::names;

/// Which texts a virtual directory follows where they differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// [MC-BUP] to the letter.
    #[default]
    McBup,
    /// The older reference pages.
    W32,
    /// What is known of IIS 6.
    Iis6,
    /// What is known of IIS 7 and later.
    Iis7,
}

/// What becomes of a fragment that begins before the next byte wanted (D5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// It is refused with 416.
    Refuse,
    /// What lies behind the stored bytes is taken, the rest is dropped.
    Tail,
}

impl Profile {
    /// What becomes of an overlapping fragment (D5).
    #[must_use]
    pub const fn overlap(self) -> Overlap {
        match self {
            Self::McBup => Overlap::Refuse,
            Self::W32 | Self::Iis6 | Self::Iis7 => Overlap::Tail,
        }
    }

    /// The status for a missing `Content-Length` (S4).
    #[must_use]
    pub const fn length_required(self) -> u16 {
        match self {
            Self::McBup | Self::W32 => 411,
            Self::Iis6 | Self::Iis7 => 400,
        }
    }

    /// The status for a destination that exists and may not be replaced (D3).
    #[must_use]
    pub const fn exists(self) -> u16 {
        match self {
            Self::W32 => 409,
            Self::McBup | Self::Iis6 | Self::Iis7 => 403,
        }
    }

    /// The header that holds an error value (D1).
    #[must_use]
    pub const fn error_header(self) -> &'static str {
        match self {
            Self::W32 => names::ERROR_CODE,
            Self::McBup | Self::Iis6 | Self::Iis7 => names::ERROR,
        }
    }

    /// Whether the Acks to all messages name the session, and not only that to CREATE-SESSION (D11).
    #[must_use]
    pub const fn names_session_in_every_ack(self) -> bool {
        !matches!(self, Self::Iis6)
    }

    /// The status where uploads are not enabled (D25).
    #[must_use]
    pub const fn disabled(self) -> u16 {
        match self {
            Self::Iis7 => 404,
            Self::McBup | Self::W32 | Self::Iis6 => 501,
        }
    }
}

/// Whether a server application learns of finished uploads, and how; the numbers are those of the IIS property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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

/// How the URL of a reply is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyUrl {
    /// As an absolute URL.
    #[default]
    Absolute,
    /// As IIS 6 writes it: relative to the folder of the destination, with backslashes.
    Relative,
}

/// A URL prefix mapped to a folder of the store, with the properties of its uploads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VirtualDirectory {
    /// The URL prefix, with a slash at both ends.
    pub prefix: String,
    /// Whether uploads are taken.
    #[serde(rename = "BITSUploadEnabled")]
    pub upload_enabled: bool,
    /// The most bytes that an entity may have; no limit if absent.
    #[serde(rename = "BITSMaximumUploadSize", skip_serializing_if = "Option::is_none")]
    pub maximum_upload_size: Option<u64>,
    /// Whether an existing entity may be replaced.
    #[serde(rename = "BITSAllowOverwrites")]
    pub allow_overwrites: bool,
    /// Seconds without a successful message after which a session ends.
    #[serde(rename = "BITSSessionTimeout")]
    pub session_timeout: u64,
    /// Whether a server application learns of finished uploads, and how.
    #[serde(rename = "BITSServerNotificationType")]
    pub notification_type: NotificationType,
    /// Where the server application listens: an absolute http URL, or a name to resolve against the destination.
    #[serde(rename = "BITSServerNotificationURL", skip_serializing_if = "Option::is_none")]
    pub notification_url: Option<String>,
    /// The host that clients are told to upload to instead.
    #[serde(rename = "BITSHostId", skip_serializing_if = "Option::is_none")]
    pub host_id: Option<String>,
    /// Seconds without an uploaded byte after which a client returns from that host.
    #[serde(rename = "BITSHostIdFallbackTimeout", skip_serializing_if = "Option::is_none")]
    pub host_id_fallback_timeout: Option<u64>,
    /// Seconds within which a notification has to be sent, answered with headers, and answered whole.
    pub notification_timeouts: NotificationTimeouts,
    /// How the URL of a reply is written.
    pub reply_url: ReplyUrl,
    /// Whether nobody may write here; stands in for a permission check.
    pub protected: bool,
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
            protected: false,
            profile: Profile::McBup,
        }
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The virtual directories; the longest prefix that fits decides.
    pub vdirs: Vec<VirtualDirectory>,
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
    /// One directory at the root that takes uploads.
    #[must_use]
    pub fn single() -> Self {
        Self { vdirs: vec![VirtualDirectory::new("/")] }
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
        let new = VirtualDirectory::new;
        let notifying = |prefix, notification_type| VirtualDirectory {
            notification_type,
            notification_url: Some(application.to_owned()),
            notification_timeouts: NotificationTimeouts { send: 1.0, headers: 1.0, receive: 1.0 },
            ..new(prefix)
        };
        Self {
            vdirs: vec![
                new("/plain/"),
                new("/no-overwrite/"),
                VirtualDirectory { allow_overwrites: true, ..new("/overwrite/") },
                VirtualDirectory { upload_enabled: false, ..new("/disabled/") },
                VirtualDirectory { protected: true, ..new("/protected/") },
                VirtualDirectory {
                    maximum_upload_size: Some(Self::ROLE_MAXIMUM),
                    ..new("/max-size/")
                },
                notifying("/by-reference/", NotificationType::ByReference),
                notifying("/by-value/", NotificationType::ByValue),
                VirtualDirectory {
                    host_id: Some("127.0.0.1".into()),
                    host_id_fallback_timeout: Some(110),
                    ..new("/host-id/")
                },
                VirtualDirectory { session_timeout: 1, ..new("/short-timeout/") },
            ],
        }
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
            let config = Config { vdirs: vec![VirtualDirectory::new(prefix)] };
            let error = config.check().unwrap_err();
            assert_eq!((error.prefix.as_str(), error.kind), (prefix, ConfigErrorKind::Prefix));
        }
    }

    #[test]
    fn a_prefix_may_not_occur_twice() {
        let config =
            Config { vdirs: vec![VirtualDirectory::new("/a/"), VirtualDirectory::new("/A/")] };
        assert_eq!(config.check().unwrap_err().kind, ConfigErrorKind::Twice);
    }

    #[test]
    fn settings_bear_the_names_of_the_iis_properties() {
        let text = r#"{"vdirs": [{"prefix": "/u/", "BITSUploadEnabled": false, "BITSMaximumUploadSize": 7,
            "BITSAllowOverwrites": true, "BITSSessionTimeout": 60, "profile": "iis6"}]}"#;
        let vdir = serde_json::from_str::<Config>(text).unwrap().vdirs.remove(0);
        assert!(!vdir.upload_enabled && vdir.allow_overwrites && !vdir.protected);
        assert_eq!((vdir.maximum_upload_size, vdir.session_timeout), (Some(7), 60));
        assert_eq!(vdir.profile, Profile::Iis6);
        assert!(serde_json::from_str::<Config>(r#"{"vdirs": [{"prefx": "/u/"}]}"#).is_err());
    }
}

//! The keys of a settings file.

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;
use toml::Spanned;

use super::SettingsError;
use crate::config::{
    Authentication, CleanupUnits, NotificationType, Profile, ReplyUrl, VirtualDirectory,
};

/// A settings file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) listen: Option<Spanned<String>>,
    pub(super) root: Option<Spanned<String>>,
    pub(super) users: Option<Spanned<UsersForm>>,
    #[serde(rename = "tls-certificate")]
    pub(super) tls_certificate: Option<Spanned<String>>,
    #[serde(rename = "tls-key")]
    pub(super) tls_key: Option<Spanned<String>>,
    pub(super) durability: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) limits: BTreeMap<String, Spanned<u64>>,
    #[serde(default)]
    pub(super) vdir: Vec<Spanned<Block>>,
}

/// A users file, or the users themselves.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum UsersForm {
    File(String),
    Table(BTreeMap<String, String>),
}

/// A virtual directory.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Block {
    prefix: Spanned<String>,
    profile: Option<Spanned<ProfileName>>,
    #[serde(rename = "BITSUploadEnabled")]
    upload_enabled: Option<Spanned<bool>>,
    #[serde(rename = "BITSSessionTimeout")]
    session_timeout: Option<Spanned<u64>>,
    #[serde(rename = "BITSMaximumUploadSize")]
    maximum_upload_size: Option<Spanned<Size>>,
    #[serde(rename = "maxAllowedContentLength")]
    max_allowed_content_length: Option<Spanned<u64>>,
    #[serde(rename = "BITSServerNotificationType")]
    notification_type: Option<Spanned<u64>>,
    #[serde(rename = "BITSServerNotificationURL")]
    notification_url: Option<Spanned<String>>,
    #[serde(rename = "BITSHostId")]
    host_id: Option<Spanned<String>>,
    #[serde(rename = "BITSHostIdFallbackTimeout")]
    host_id_fallback_timeout: Option<Spanned<u64>>,
    #[serde(rename = "BITSAllowOverwrites")]
    allow_overwrites: Option<Spanned<Flag>>,
    #[serde(rename = "BITSCleanupUseDefault")]
    cleanup_use_default: Option<Spanned<Flag>>,
    #[serde(rename = "BITSCleanupCount")]
    cleanup_count: Option<Spanned<u64>>,
    #[serde(rename = "BITSCleanupUnits")]
    cleanup_units: Option<Spanned<u64>>,
    #[serde(rename = "BITSNumberOfSessionsLimit")]
    sessions_limit: Option<Spanned<u64>>,
    #[serde(rename = "BITSSessionLimitEnable")]
    session_limit_enable: Option<Spanned<Flag>>,
    #[serde(rename = "BITSSessionDirectory")]
    session_directory: Option<Spanned<String>>,
    #[serde(rename = "notification-timeouts")]
    notification_timeouts: Option<Spanned<Timeouts>>,
    #[serde(rename = "reply-url")]
    reply_url: Option<Spanned<ReplyUrlName>>,
    execute: Option<Spanned<bool>>,
    #[serde(rename = "disk-space")]
    disk_space: Option<Spanned<u64>>,
    protected: Option<Spanned<bool>>,
    authentication: Option<Spanned<Vec<AuthenticationName>>>,
    writers: Option<Spanned<Vec<String>>>,
}

/// A number of bytes, or a text with one; empty for none.
#[derive(Deserialize)]
#[serde(untagged)]
enum Size {
    Number(u64),
    Text(String),
}

/// Yes or no, or a number as in the metabase.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Flag {
    Word(bool),
    Number(u64),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ProfileName {
    McBup,
    W32,
    Iis6,
    Iis7,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ReplyUrlName {
    Absolute,
    Relative,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AuthenticationName {
    Basic,
    Digest,
}

impl From<AuthenticationName> for Authentication {
    fn from(name: AuthenticationName) -> Self {
        match name {
            AuthenticationName::Basic => Self::Basic,
            AuthenticationName::Digest => Self::Digest,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timeouts {
    send: Option<f64>,
    headers: Option<f64>,
    receive: Option<f64>,
}

/// Where the keys of a block stand.
pub(super) type Places = BTreeMap<&'static str, Range<usize>>;

/// Takes a value that is set, and remembers where it stands.
fn set<T, U>(
    places: &mut Places,
    key: &'static str,
    value: Option<Spanned<T>>,
    field: &mut U,
    convert: impl FnOnce(T) -> Result<U, String>,
) -> Result<(), SettingsError> {
    let Some(value) = value else { return Ok(()) };
    let place = value.span();
    *field = convert(value.into_inner()).map_err(|told| SettingsError::at(place.clone(), told))?;
    places.insert(key, place);
    Ok(())
}

fn flag(flag: Flag) -> Result<bool, String> {
    match flag {
        Flag::Word(word) => Ok(word),
        Flag::Number(number @ 0..=1) => Ok(number == 1),
        Flag::Number(number) => Err(format!("{number} is neither 0 or 1 nor true or false")),
    }
}

fn size(size: Size) -> Result<Option<u64>, String> {
    match size {
        Size::Number(number) => Ok(Some(number)),
        Size::Text(text) if text.is_empty() => Ok(None),
        Size::Text(text) => {
            text.parse().map(Some).map_err(|_| format!("`{text}` is no number of bytes"))
        }
    }
}

fn session_directory(name: String) -> Result<(), String> {
    if name.eq_ignore_ascii_case(crate::paths::SESSIONS_FOLDER) {
        return Ok(());
    }
    Err(format!("sessions lie in `BITS-Sessions`; `{name}` is not supported"))
}

impl Block {
    /// Puts what is set into a directory.
    pub(super) fn apply(
        self,
        vdir: &mut VirtualDirectory,
        at: &mut Places,
    ) -> Result<(), SettingsError> {
        set(at, "prefix", Some(self.prefix), &mut vdir.prefix, Ok)?;
        set(at, "profile", self.profile, &mut vdir.profile, |name| {
            Ok(match name {
                ProfileName::McBup => Profile::McBup,
                ProfileName::W32 => Profile::W32,
                ProfileName::Iis6 => Profile::Iis6,
                ProfileName::Iis7 => Profile::Iis7,
            })
        })?;
        set(at, "BITSUploadEnabled", self.upload_enabled, &mut vdir.upload_enabled, Ok)?;
        set(at, "BITSSessionTimeout", self.session_timeout, &mut vdir.session_timeout, Ok)?;
        let maximum = &mut vdir.maximum_upload_size;
        set(at, "BITSMaximumUploadSize", self.maximum_upload_size, maximum, size)?;
        let longest = &mut vdir.max_allowed_content_length;
        let length = self.max_allowed_content_length;
        set(at, "maxAllowedContentLength", length, longest, |length| Ok(Some(length)))?;
        let kind = &mut vdir.notification_type;
        set(at, "BITSServerNotificationType", self.notification_type, kind, |number| {
            let number = u8::try_from(number).unwrap_or(u8::MAX);
            NotificationType::try_from(number).map_err(str::to_owned)
        })?;
        let url = &mut vdir.notification_url;
        set(at, "BITSServerNotificationURL", self.notification_url, url, |url| Ok(Some(url)))?;
        set(at, "BITSHostId", self.host_id, &mut vdir.host_id, |host| Ok(Some(host)))?;
        let fallback = &mut vdir.host_id_fallback_timeout;
        let timeout = self.host_id_fallback_timeout;
        set(at, "BITSHostIdFallbackTimeout", timeout, fallback, |time| Ok(Some(time)))?;
        set(at, "BITSAllowOverwrites", self.allow_overwrites, &mut vdir.allow_overwrites, flag)?;
        let session_folder = self.session_directory;
        set(at, "BITSSessionDirectory", session_folder, &mut (), session_directory)?;
        set(at, "reply-url", self.reply_url, &mut vdir.reply_url, |name| {
            Ok(match name {
                ReplyUrlName::Absolute => ReplyUrl::Absolute,
                ReplyUrlName::Relative => ReplyUrl::Relative,
            })
        })?;
        set(at, "execute", self.execute, &mut vdir.execute, Ok)?;
        let room = &mut vdir.disk_space;
        set(at, "disk-space", self.disk_space, room, |bytes| Ok(Some(bytes)))?;
        set(at, "protected", self.protected, &mut vdir.protected, Ok)?;
        let ways = &mut vdir.authentication;
        set(at, "authentication", self.authentication, ways, |names| {
            Ok(names.into_iter().map(Authentication::from).collect())
        })?;
        set(at, "writers", self.writers, &mut vdir.writers, |names| Ok(Some(names)))?;
        let mut limits = vdir.notification_timeouts;
        set(at, "notification-timeouts", self.notification_timeouts, &mut limits, |given| {
            let mut limits = vdir.notification_timeouts;
            limits.send = given.send.unwrap_or(limits.send);
            limits.headers = given.headers.unwrap_or(limits.headers);
            limits.receive = given.receive.unwrap_or(limits.receive);
            Ok(limits)
        })?;
        vdir.notification_timeouts = limits;
        let cleanup = &mut vdir.cleanup;
        set(at, "BITSCleanupUseDefault", self.cleanup_use_default, &mut cleanup.use_default, flag)?;
        set(at, "BITSCleanupCount", self.cleanup_count, &mut cleanup.count, Ok)?;
        set(
            at,
            "BITSCleanupUnits",
            self.cleanup_units,
            &mut cleanup.units,
            |number| match number {
                0 => Ok(CleanupUnits::Minutes),
                1 => Ok(CleanupUnits::Hours),
                2 => Ok(CleanupUnits::Days),
                _ => Err("expected 0 (minutes), 1 (hours) or 2 (days)".into()),
            },
        )?;
        set(at, "BITSNumberOfSessionsLimit", self.sessions_limit, &mut vdir.sessions_limit, Ok)?;
        let enable = &mut vdir.session_limit_enable;
        set(at, "BITSSessionLimitEnable", self.session_limit_enable, enable, |word| {
            flag(word).map(Some)
        })
    }
}

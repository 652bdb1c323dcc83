//! Settings as a file that can be read again, each with where it comes from.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

use super::{Settings, all_roles};
use crate::{
    accounts::Users,
    config::{CleanupUnits, ReplyUrl, VirtualDirectory},
    limits::Limits,
    paths::SESSIONS_FOLDER,
};

/// Prints settings. `file` is the name of the file that they were read from, and `options` tells which keys the command
/// line decided, by their name, and by which option.
///
/// Passwords are left out, but for those of the shipped users, which are no secret and without which the shipped settings
/// could not be read again.
#[must_use]
pub fn print(settings: &Settings, file: &str, options: &BTreeMap<&str, String>) -> String {
    let mut text = String::new();
    let origin = |vdir: Option<usize>, key: &'static str, usual: String| {
        let option = options.get(key).map(|option| format!("option {option}"));
        let line = settings.lines.get(&(vdir, key)).map(|line| format!("{file}:{line}"));
        option.or(line).unwrap_or(usual)
    };
    let top = [
        ("listen", settings.listen.map(|address| quoted(&address.to_string()))),
        ("users", file_name(settings.users_file.as_ref())),
        ("root", file_name(settings.root.as_ref())),
        ("durability", Some(quoted(settings.durability.unwrap_or_default().as_str()))),
        ("tls-certificate", file_name(settings.tls_certificate.as_ref())),
        ("tls-key", file_name(settings.tls_key.as_ref())),
    ];
    for (key, value) in top.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        _ = writeln!(text, "{key} = {value} # {}", origin(None, key, "default".into()));
    }
    if settings.users_file.is_none() && settings.config.users.iter().next().is_some() {
        let (users, origin) = (&settings.config.users, origin(None, "users", "default".into()));
        _ = match shipped(users) {
            Some(table) => writeln!(text, "users = {table} # {origin}"),
            None => {
                let names: Vec<&str> = users.iter().map(|(name, _)| name).collect();
                let names = names.join(", ");
                writeln!(text, "# users are {names}; passwords are not printed # {origin}")
            }
        };
    }
    _ = writeln!(text, "\n[limits]");
    for row in &Limits::TABLE {
        let value = settings.config.limits.value(row);
        let origin = origin(None, row.name, "default".into());
        _ = writeln!(text, "{} = {value} # {origin}", row.name);
    }
    for (at, vdir) in settings.config.vdirs.iter().enumerate() {
        _ = writeln!(text, "\n[[vdir]]");
        for (key, value) in values(vdir) {
            let usual = match key {
                "BITSSessionLimitEnable" => format!("profile {}", vdir.profile.as_str()),
                _ => "default".into(),
            };
            match value {
                Some(value) => {
                    _ = writeln!(text, "{key} = {value} # {}", origin(Some(at), key, usual));
                }
                None => _ = writeln!(text, "# {key} is not set"),
            }
        }
    }
    text
}

/// The users with their passwords, if they are those that everybody can read in the shipped settings.
fn shipped(users: &Users) -> Option<toml::Value> {
    if *users != all_roles().config.users {
        return None;
    }
    let row = |(name, password): (&str, &str)| (name.to_owned(), password.to_owned().into());
    Some(toml::Value::Table(users.iter().map(row).collect()))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", names.map(quoted).collect::<Vec<_>>().join(", "))
}

fn file_name(path: Option<&PathBuf>) -> Option<String> {
    path.map(|path| quoted(&path.to_string_lossy()))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The keys of a directory in the order in which they are printed, with their values.
fn values(vdir: &VirtualDirectory) -> Vec<(&'static str, Option<String>)> {
    let limits = vdir.notification_timeouts;
    let units = match vdir.cleanup.units {
        CleanupUnits::Minutes => 0,
        CleanupUnits::Hours => 1,
        CleanupUnits::Days => 2,
    };
    let reply_url = match vdir.writes_relative_reply_urls() {
        true => "relative",
        false => "absolute",
    };
    debug_assert!(vdir.reply_url == ReplyUrl::Absolute || reply_url == "relative");
    vec![
        ("prefix", Some(quoted(&vdir.prefix))),
        ("profile", Some(quoted(vdir.profile.as_str()))),
        ("BITSUploadEnabled", Some(vdir.upload_enabled.to_string())),
        ("BITSSessionTimeout", Some(vdir.session_timeout.to_string())),
        ("BITSMaximumUploadSize", vdir.maximum_upload_size.map(|size| size.to_string())),
        ("maxAllowedContentLength", vdir.max_allowed_content_length.map(|size| size.to_string())),
        ("BITSServerNotificationType", Some(u8::from(vdir.notification_type).to_string())),
        ("BITSServerNotificationURL", vdir.notification_url.as_deref().map(quoted)),
        ("BITSHostId", vdir.host_id.as_deref().map(quoted)),
        ("BITSHostIdFallbackTimeout", vdir.host_id_fallback_timeout.map(|time| time.to_string())),
        ("BITSAllowOverwrites", Some(u8::from(vdir.allow_overwrites).to_string())),
        ("BITSCleanupUseDefault", Some(vdir.cleanup.use_default.to_string())),
        ("BITSCleanupCount", Some(vdir.cleanup.count.to_string())),
        ("BITSCleanupUnits", Some(units.to_string())),
        ("BITSNumberOfSessionsLimit", Some(vdir.sessions_limit.to_string())),
        ("BITSSessionLimitEnable", Some(vdir.session_limit().is_some().to_string())),
        ("BITSSessionDirectory", Some(quoted(SESSIONS_FOLDER))),
        (
            "notification-timeouts",
            Some(format!(
                "{{ send = {:?}, headers = {:?}, receive = {:?} }}",
                limits.send, limits.headers, limits.receive
            )),
        ),
        ("reply-url", Some(quoted(reply_url))),
        ("execute", Some(vdir.execute.to_string())),
        ("disk-space", vdir.disk_space.map(|bytes| bytes.to_string())),
        ("protected", Some(vdir.protected.to_string())),
        ("authentication", Some(list(vdir.authentication.iter().map(|one| one.as_str())))),
        ("writers", vdir.writers.as_ref().map(|names| list(names.iter().map(String::as_str)))),
    ]
}

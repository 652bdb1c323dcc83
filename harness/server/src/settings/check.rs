//! What settings have to be.

use std::ops::Range;

use toml::Spanned;

use super::{SettingsError, form::Places};
use crate::config::{Config, ConfigErrorKind, NotificationType, VirtualDirectory};

/// The longest notification URL, in characters.
const LONGEST_URL: usize = 2200;
/// The longest host id, in characters.
const LONGEST_HOST: usize = 300;

/// Makes sure that of two keys either both are set or none.
pub(super) fn pair(
    one: (&str, Option<&Spanned<String>>),
    other: (&str, Option<&Spanned<String>>),
) -> Result<(), SettingsError> {
    let (set, there, missing) = match (one.1, other.1) {
        (Some(set), None) => (set, one.0, other.0),
        (None, Some(set)) => (set, other.0, one.0),
        _ => return Ok(()),
    };
    Err(SettingsError::at(set.span(), format!("`{there}` needs a `{missing}` as well"))
        .hint(format!("{missing} = \"{missing}.pem\"")))
}

/// Makes sure that a directory can be used beside those before it.
pub(super) fn directory(
    vdir: &VirtualDirectory,
    places: &Places,
    block: &Range<usize>,
    before: &Config,
) -> Result<(), SettingsError> {
    let place = |key: &str| places.get(key).cloned().unwrap_or_else(|| block.clone());
    let mistake = |key: &str, problem: String| Err(SettingsError::at(place(key), problem));
    let mut config = before.clone();
    config.vdirs.push(vdir.clone());
    if let Err(error) = config.check() {
        let key = match error.kind {
            ConfigErrorKind::Timeout => "BITSSessionTimeout",
            ConfigErrorKind::Prefix | ConfigErrorKind::Twice => "prefix",
        };
        return mistake(key, error.kind.to_string());
    }
    let url = vdir.notification_url.as_deref().unwrap_or_default();
    if vdir.notification_type != NotificationType::None && url.is_empty() {
        let told = "this type needs a BITSServerNotificationURL".to_owned();
        return Err(SettingsError::at(place("BITSServerNotificationType"), told)
            .hint("BITSServerNotificationURL = \"http://127.0.0.1:9000/\""));
    }
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| !scheme.eq_ignore_ascii_case("http")) {
        return mistake(
            "BITSServerNotificationURL",
            "a server application is called by HTTP only".into(),
        );
    }
    if url.chars().count() > LONGEST_URL {
        let told = format!("a notification URL has at most {LONGEST_URL} characters");
        return mistake("BITSServerNotificationURL", told);
    }
    if vdir.host_id.as_ref().is_some_and(|host| host.chars().count() > LONGEST_HOST) {
        return mistake("BITSHostId", format!("a host id has at most {LONGEST_HOST} characters"));
    }
    let limits = vdir.notification_timeouts;
    let is_time = |seconds: f64| seconds > 0.0 && seconds.is_finite();
    if ![limits.send, limits.headers, limits.receive].into_iter().all(is_time) {
        return mistake("notification-timeouts", "expected seconds above zero".into());
    }
    if vdir.authentication.is_empty() && vdir.writers.is_some() {
        let told = "who may write is told by `authentication`, which is not set".to_owned();
        return Err(SettingsError::at(place("writers"), told)
            .hint("authentication = [\"basic\", \"digest\"]"));
    }
    let most = vdir.cleanup.units.most();
    if !(1..=most).contains(&vdir.cleanup.count) {
        return mistake("BITSCleanupCount", format!("expected 1 to {most} of these units"));
    }
    Ok(())
}

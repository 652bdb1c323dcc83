//! Values that several commands take.

use bits_judge::{plan::DirectoryRole, spec::Dialect};
use bits_server::config::Profile;
use clap::{Args, ValueEnum};

use crate::config::directory_path;

/// What is judged by, and where it is told.
#[derive(Args, Debug)]
pub(crate) struct Reporting {
    /// Which texts count where they contradict each other: strict, mc-bup, w32, iis6 or iis7
    #[arg(long, default_value_t)]
    pub(crate) dialect: Dialect,
    /// Also write a report: json=FILE, junit=FILE or text=FILE; `-` is stdout. May be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(crate) report: Vec<String>,
}

/// The name of a profile of the reference server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// [MC-BUP] to the letter
    McBup,
    /// The older reference pages
    W32,
    /// What is known of IIS 6
    Iis6,
    /// What is known of IIS 7 and later
    Iis7,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::McBup => Self::McBup,
            ProfileName::W32 => Self::W32,
            ProfileName::Iis6 => Self::Iis6,
            ProfileName::Iis7 => Self::Iis7,
        }
    }
}

pub(crate) fn limit(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=NUMBER, such as sessions=100")?;
    let value = value.parse().map_err(|_| format!("`{value}` is no number"))?;
    Ok((name.to_owned(), value))
}

pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.01..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected seconds between 0.01 and 3600".into()),
    }
}

pub(crate) fn seed(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u64::from_str_radix(digits, 16).map_err(|_| "expected up to 16 hexadecimal digits".into())
}

pub(crate) fn role(text: &str) -> Result<(DirectoryRole, String), String> {
    let (name, path) = text.split_once('=').ok_or("expected ROLE=PATH, such as disabled=/off/")?;
    let role =
        DirectoryRole::ALL.into_iter().find(|role| role.as_str() == name).ok_or_else(|| {
            let names = DirectoryRole::ALL.map(DirectoryRole::as_str);
            format!("no role is called `{name}`; there are {}", names.join(", "))
        })?;
    Ok((role, directory_path(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_a_name_and_a_path() {
        assert_eq!(role("disabled=/off"), Ok((DirectoryRole::Disabled, "/off/".into())));
        assert!(role("disabled").unwrap_err().contains("ROLE=PATH"));
        assert!(role("odd=/x/").unwrap_err().contains("plain, no-overwrite"));
        assert!(role("disabled=off").unwrap_err().contains("slash"));
    }

    #[test]
    fn a_seed_is_hexadecimal() {
        assert_eq!(seed("5eed0001"), Ok(0x5eed_0001));
        assert_eq!(seed("0x1"), Ok(1));
        assert!(seed("seed").is_err());
    }
}

//! The form in which a target file is written.

use std::{net::SocketAddr, ops::Range, path::PathBuf};

use bits_judge::plan::DirectoryRole;
use serde::Deserialize;
use toml::Spanned;

use crate::config::values::ReadBack;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) target: TargetForm,
}

/// `[target]` with the tables in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TargetForm {
    pub(crate) url: Spanned<String>,
    pub(crate) application: Option<SocketAddr>,
    pub(crate) read_back: Option<ReadBack>,
    pub(crate) session_store: Option<PathBuf>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) timeout: Option<Spanned<f64>>,
    user: Option<Spanned<String>>,
    password_env: Option<Spanned<String>>,
    password_file: Option<Spanned<PathBuf>>,
    no_overwrite: Option<RoleForm>,
    overwrite: Option<RoleForm>,
    disabled: Option<RoleForm>,
    protected: Option<RoleForm>,
    accounts: Option<RoleForm>,
    executable: Option<RoleForm>,
    max_size: Option<RoleForm>,
    small_disk: Option<RoleForm>,
    by_reference: Option<RoleForm>,
    by_value: Option<RoleForm>,
    host_id: Option<RoleForm>,
    short_timeout: Option<RoleForm>,
}

/// The table of a role. Which keys mean something depends on the role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RoleForm {
    pub(crate) path: Spanned<String>,
    pub(crate) maximum_upload_size: Option<Spanned<u64>>,
    pub(crate) session_timeout: Option<Spanned<f64>>,
    pub(crate) host_id: Option<Spanned<String>>,
    pub(crate) host_id_fallback_timeout: Option<Spanned<u64>>,
    pub(crate) notification_timeout: Option<Spanned<f64>>,
    pub(crate) read_root: Option<Spanned<PathBuf>>,
    user: Option<Spanned<String>>,
    password_env: Option<Spanned<String>>,
    password_file: Option<Spanned<PathBuf>>,
}

/// A user and where the password is.
pub(crate) struct UserForm {
    pub(crate) user: Option<Spanned<String>>,
    pub(crate) password_env: Option<Spanned<String>>,
    pub(crate) password_file: Option<Spanned<PathBuf>>,
}

impl UserForm {
    /// The line of the text in which the user is named, from 1.
    pub(crate) fn line(&self, text: &str) -> Option<usize> {
        let before = text.get(..self.user.as_ref()?.span().start)?;
        Some(before.matches('\n').count() + 1)
    }
}

impl TargetForm {
    /// The user for every request.
    pub(crate) fn take_user(&mut self) -> UserForm {
        UserForm {
            user: self.user.take(),
            password_env: self.password_env.take(),
            password_file: self.password_file.take(),
        }
    }

    /// The tables that there are.
    pub(crate) fn take_roles(&mut self) -> impl Iterator<Item = (DirectoryRole, RoleForm)> + use<> {
        use DirectoryRole::{
            Accounts, ByReference, ByValue, Disabled, Executable, HostId, MaxSize, NoOverwrite,
            Overwrite, Protected, ShortTimeout, SmallDisk,
        };
        let all = [
            (NoOverwrite, self.no_overwrite.take()),
            (Overwrite, self.overwrite.take()),
            (Disabled, self.disabled.take()),
            (Protected, self.protected.take()),
            (Accounts, self.accounts.take()),
            (Executable, self.executable.take()),
            (MaxSize, self.max_size.take()),
            (SmallDisk, self.small_disk.take()),
            (ByReference, self.by_reference.take()),
            (ByValue, self.by_value.take()),
            (HostId, self.host_id.take()),
            (ShortTimeout, self.short_timeout.take()),
        ];
        all.into_iter().filter_map(|(role, form)| Some((role, form?)))
    }
}

impl RoleForm {
    /// The user of the directory.
    pub(crate) fn take_user(&mut self) -> UserForm {
        UserForm {
            user: self.user.take(),
            password_env: self.password_env.take(),
            password_file: self.password_file.take(),
        }
    }

    /// The first key that is there and means nothing to this role, with the place of its value.
    pub(crate) fn pointless(&self, role: DirectoryRole) -> Option<(&'static str, Range<usize>)> {
        let place = |key, span: Option<Range<usize>>| span.map(|span| (key, span));
        let there = [
            place("maximum-upload-size", self.maximum_upload_size.as_ref().map(Spanned::span)),
            place("session-timeout", self.session_timeout.as_ref().map(Spanned::span)),
            place("host-id", self.host_id.as_ref().map(Spanned::span)),
            place(
                "host-id-fallback-timeout",
                self.host_id_fallback_timeout.as_ref().map(Spanned::span),
            ),
            place("notification-timeout", self.notification_timeout.as_ref().map(Spanned::span)),
            place("read-root", self.read_root.as_ref().map(Spanned::span)),
            place("user", self.user.as_ref().map(Spanned::span)),
            place("password-env", self.password_env.as_ref().map(Spanned::span)),
            place("password-file", self.password_file.as_ref().map(Spanned::span)),
        ];
        there.into_iter().flatten().find(|(key, _)| !keys(role).contains(key))
    }
}

/// The keys besides `path` that mean something in the table of a role.
pub(crate) const fn keys(role: DirectoryRole) -> &'static [&'static str] {
    match role {
        DirectoryRole::Plain
        | DirectoryRole::NoOverwrite
        | DirectoryRole::Overwrite
        | DirectoryRole::Disabled
        | DirectoryRole::Executable
        | DirectoryRole::SmallDisk => &[],
        DirectoryRole::Protected | DirectoryRole::Accounts => {
            &["user", "password-env", "password-file"]
        }
        DirectoryRole::MaxSize => &["maximum-upload-size"],
        DirectoryRole::ByReference => &["notification-timeout", "read-root"],
        DirectoryRole::ByValue => &["notification-timeout"],
        DirectoryRole::HostId => &["host-id", "host-id-fallback-timeout"],
        DirectoryRole::ShortTimeout => &["session-timeout"],
    }
}

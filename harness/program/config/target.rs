//! The target file, `bitscheck.toml`: what is known of a target beforehand, besides its URL.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use bits_judge::plan::DirectoryRole;
use toml::Spanned;

use crate::{
    config::{
        document::{Document, RoleForm, UserForm},
        error::{Fault, TargetFileError, TargetFileErrorKind},
        secrets::{Secrets, System},
        values::{ReadBack, directory_path},
    },
    drive::{self, Accounts, User},
};

/// Where a target file is looked for if none is named.
pub(crate) const DEFAULT_NAME: &str = "bitscheck.toml";

/// What a target file says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    /// The URL of the plain directory.
    pub(crate) url: drive::Target,
    /// Where the harness plays the server application.
    pub(crate) application: Option<SocketAddr>,
    /// Whether finished uploads can be read back with GET.
    pub(crate) read_back: Option<ReadBack>,
    /// Where the target keeps its sessions, on this machine.
    pub(crate) session_store: Option<PathBuf>,
    /// The user for every request.
    pub(crate) user: Option<User>,
    /// The lines in which users are named: those of directories by their role, that for every request by none.
    pub(crate) user_lines: BTreeMap<Option<DirectoryRole>, usize>,
    /// Certificates to trust besides those of the system.
    pub(crate) ca_file: Option<PathBuf>,
    /// How long to wait for an answer.
    pub(crate) timeout: Option<Duration>,
    /// The directories besides the plain one.
    pub(crate) roles: BTreeMap<DirectoryRole, RoleSettings>,
}

/// What is known of one virtual directory.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RoleSettings {
    /// Its path, with a slash at both ends.
    pub(crate) path: String,
    /// The most bytes that an entity may have.
    pub(crate) maximum_upload_size: Option<u64>,
    /// How long a session lives without a message.
    pub(crate) session_timeout: Option<Duration>,
    /// The host that clients are sent to.
    pub(crate) host_id: Option<String>,
    /// Seconds after which a client returns from that host.
    pub(crate) host_id_fallback_timeout: Option<u64>,
    /// How long the server waits for the server application.
    pub(crate) notification_timeout: Option<Duration>,
    /// Where the files that notifications name can be found on this machine.
    pub(crate) read_root: Option<PathBuf>,
    /// The user whom the directory permits; for one that permits nobody, a user whom it refuses.
    pub(crate) user: Option<User>,
}

impl RoleSettings {
    /// A directory of which only the path is known.
    pub(crate) fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

impl Target {
    /// A target of which only the URL is known.
    pub(crate) fn bare(url: drive::Target) -> Self {
        Self {
            url,
            application: None,
            read_back: None,
            session_store: None,
            user: None,
            user_lines: BTreeMap::new(),
            ca_file: None,
            timeout: None,
            roles: BTreeMap::new(),
        }
    }

    /// Reads the file at `path`; paths in it are relative to its folder.
    pub(crate) fn load(path: &Path) -> Result<Self, TargetFileError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            TargetFileError::whole(&file, TargetFileErrorKind::Unreadable(error.to_string()))
        })?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        Self::of_text(&text, &file, folder, &System)
    }

    /// Reads the text of a file of this name; paths in it are relative to `folder`, and passwords come from `secrets`.
    pub(crate) fn of_text(
        text: &str,
        file: &str,
        folder: &Path,
        secrets: &impl Secrets,
    ) -> Result<Self, TargetFileError> {
        Self::read(text, folder, secrets).map_err(|fault| fault.in_file(file, text))
    }

    fn read(text: &str, folder: &Path, secrets: &impl Secrets) -> Result<Self, Fault> {
        let document: Document = toml::from_str(text).map_err(|error| Fault::of_form(&error))?;
        let mut form = document.target;
        let url = form.url.get_ref().parse::<drive::Target>();
        let url = url.map_err(|error| Fault::new(form.url.span(), error.into()))?;
        let everywhere = form.take_user();
        let mut user_lines = BTreeMap::new();
        user_lines.extend(everywhere.line(text).map(|line| (None, line)));
        let user = user(everywhere, folder, secrets)?;
        let mut roles = BTreeMap::new();
        for (role, mut table) in form.take_roles() {
            if let Some((key, place)) = table.pointless(role) {
                return Err(Fault::new(place, TargetFileErrorKind::Pointless { key, role }));
            }
            let own = table.take_user();
            user_lines.extend(own.line(text).map(|line| (Some(role), line)));
            roles.insert(role, settings(table, own, folder, secrets)?);
        }
        Ok(Self {
            url,
            application: form.application,
            read_back: form.read_back,
            session_store: form.session_store.map(|path| folder.join(path)),
            user,
            user_lines,
            ca_file: form.ca_file.map(|path| folder.join(path)),
            timeout: form.timeout.map(|it| seconds(&it)).transpose()?,
            roles,
        })
    }
}

/// The users of a target: one for everywhere, and those of its directories.
pub(crate) fn accounts(
    everywhere: Option<User>,
    roles: &BTreeMap<DirectoryRole, RoleSettings>,
) -> Accounts {
    let of_roles = roles.iter().filter_map(|(role, it)| Some((*role, it.user.clone()?)));
    Accounts::new(everywhere, of_roles.collect())
}

fn settings(
    table: RoleForm,
    own: UserForm,
    folder: &Path,
    secrets: &impl Secrets,
) -> Result<RoleSettings, Fault> {
    let wrong = |told| Fault::new(table.path.span(), TargetFileErrorKind::Path(told));
    let path = directory_path(table.path.get_ref()).map_err(wrong)?;
    Ok(RoleSettings {
        path,
        user: user(own, folder, secrets)?,
        maximum_upload_size: table.maximum_upload_size.map(Spanned::into_inner),
        session_timeout: table.session_timeout.map(|it| seconds(&it)).transpose()?,
        host_id: table.host_id.map(Spanned::into_inner),
        host_id_fallback_timeout: table.host_id_fallback_timeout.map(Spanned::into_inner),
        notification_timeout: table.notification_timeout.map(|it| seconds(&it)).transpose()?,
        read_root: table.read_root.map(|path| folder.join(path.into_inner())),
    })
}

/// A time that can be waited for.
fn seconds(written: &Spanned<f64>) -> Result<Duration, Fault> {
    let seconds = *written.get_ref();
    if (0.01..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(Fault::new(written.span(), TargetFileErrorKind::Seconds(seconds)))
    }
}

/// The user that a table names, with the password from where it is said to be.
fn user(form: UserForm, folder: &Path, secrets: &impl Secrets) -> Result<Option<User>, Fault> {
    use TargetFileErrorKind::{NoPassword, NoUser, TwoPasswords, UserName};
    let Some(name) = form.user else {
        let variable = form.password_env.map(|it| it.span());
        let source = variable.or_else(|| form.password_file.map(|it| it.span()));
        return source.map_or(Ok(None), |place| Err(Fault::new(place, NoUser)));
    };
    if name.get_ref().contains(|it: char| it == ':' || it.is_control()) {
        return Err(Fault::new(name.span(), UserName));
    }
    let password = match (form.password_env, form.password_file) {
        (None, None) => return Err(Fault::new(name.span(), NoPassword)),
        (Some(_), Some(file)) => return Err(Fault::new(file.span(), TwoPasswords)),
        (Some(variable), None) => of_environment(&variable, secrets)?,
        (None, Some(file)) => of_file(&file, folder, secrets)?,
    };
    Ok(Some(User::new(name.into_inner(), password)))
}

fn of_environment(variable: &Spanned<String>, secrets: &impl Secrets) -> Result<String, Fault> {
    let name = variable.get_ref();
    // A name that no variable can have would be a fault of the library, not an answer.
    let is_name = !name.is_empty() && !name.contains(['=', '\0']);
    let value = is_name.then(|| secrets.variable(name)).flatten();
    let none = || Fault::new(variable.span(), TargetFileErrorKind::Environment(name.clone()));
    value.filter(|value| !value.is_empty()).ok_or_else(none)
}

fn of_file(
    file: &Spanned<PathBuf>,
    folder: &Path,
    secrets: &impl Secrets,
) -> Result<String, Fault> {
    let path = folder.join(file.get_ref());
    let fault = |reason: String| {
        let kind = TargetFileErrorKind::PasswordFile { path: path.clone(), reason };
        Fault::new(file.span(), kind)
    };
    let text = secrets.file(&path).map_err(|error| fault(error.to_string()))?;
    let first = text.lines().next().filter(|line| !line.is_empty());
    first.map(str::to_owned).ok_or_else(|| fault("its first line is empty".into()))
}

#[cfg(test)]
mod tests;

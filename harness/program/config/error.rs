//! What is wrong with a target file, and where.

use std::{fmt, ops::Range, path::PathBuf};

use bits_judge::plan::DirectoryRole;

use crate::{
    config::{diagnostic::Diagnostic, document::keys},
    drive::TargetError,
};

/// A target file that cannot be used. Printed, it is a picture: file, line, caret and, where there is one, a hint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TargetFileError {
    file: String,
    text: String,
    place: Option<Range<usize>>,
    /// What is wrong.
    pub(crate) kind: Box<TargetFileErrorKind>,
}

/// What can be wrong with a target file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum TargetFileErrorKind {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// It is no TOML, or has not the keys that a target file has.
    #[error("{0}")]
    Form(String),
    /// The URL is none of a target.
    #[error(transparent)]
    Url(#[from] TargetError),
    /// The path is none of a virtual directory.
    #[error("{0}")]
    Path(String),
    /// A time that nobody waits.
    #[error("{0} is not between 0.01 and 3600 seconds")]
    Seconds(f64),
    /// A key that says nothing about directories of this role.
    #[error("`{key}` means nothing in the table of {}", role.as_str())]
    Pointless {
        /// The key.
        key: &'static str,
        /// The role.
        role: DirectoryRole,
    },
    /// A user without a password.
    #[error("this user has no password")]
    NoPassword,
    /// A password without a user.
    #[error("this password has no user")]
    NoUser,
    /// A password from two places.
    #[error("the password is already said to be elsewhere")]
    TwoPasswords,
    /// A name that cannot be sent.
    #[error("a user's name has neither colons nor control characters in it")]
    UserName,
    /// A variable of the environment that has no value.
    #[error("the environment variable `{0}` has no value")]
    Environment(String),
    /// A file without a password.
    #[error("cannot read a password from {path}: {reason}")]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl TargetFileErrorKind {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoPassword | Self::TwoPasswords => {
                "say where it is, either by `password-env = \"VARIABLE\"` or by `password-file = \"FILE\"`".into()
            }
            Self::NoUser => "name the user by `user = \"NAME\"`".into(),
            Self::Pointless { role, .. } => match keys(*role) {
                [] => "there is only `path`".into(),
                keys => format!("there are path, {}", keys.join(", ")),
            },
            Self::Environment(name) => format!("for example `{name}=... bitscheck run`"),
            _ => return None,
        })
    }
}

/// A mistake before it is known which file it is in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    place: Option<Range<usize>>,
    kind: TargetFileErrorKind,
}

impl Fault {
    pub(crate) fn new(place: Range<usize>, kind: TargetFileErrorKind) -> Self {
        Self { place: Some(place), kind }
    }

    pub(crate) fn of_form(error: &toml::de::Error) -> Self {
        let kind = TargetFileErrorKind::Form(error.message().trim().replace('\n', ", "));
        Self { place: error.span(), kind }
    }

    pub(crate) fn in_file(self, file: &str, text: &str) -> TargetFileError {
        let Self { place, kind } = self;
        TargetFileError { file: file.to_owned(), text: scrubbed(text), place, kind: Box::new(kind) }
    }
}

/// The text without passwords that somebody wrote where they do not belong: of a picture of the mistake nobody should
/// learn them. Every byte keeps its place.
fn scrubbed(text: &str) -> String {
    let hidden = |part: &str| "*".repeat(part.len());
    let line = |line: &str| {
        let key = line.split('=').next().unwrap_or_default().trim();
        if let (true, Some((front, rest))) = (key.starts_with("pass"), line.split_once('='))
            && !["password-env", "password-file"].contains(&key)
        {
            return format!("{front}={}", hidden(rest));
        }
        let Some((front, rest)) = line.split_once("://") else { return line.to_owned() };
        let (authority, _) = rest.split_at(rest.find(['/', '"']).unwrap_or(rest.len()));
        let user = authority.rfind('@').unwrap_or(0);
        format!("{front}://{}{}", hidden(&rest[..user]), &rest[user..])
    };
    text.split_inclusive('\n')
        .map(|whole| {
            let own = whole.trim_end_matches(['\r', '\n']);
            line(own) + &whole[own.len()..]
        })
        .collect()
}

impl TargetFileError {
    /// A mistake that has no place.
    pub(crate) fn whole(file: &str, kind: TargetFileErrorKind) -> Self {
        Fault { place: None, kind }.in_file(file, "")
    }

    #[cfg(test)]
    pub(crate) fn rename(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    fn diagnostic(&self) -> Diagnostic {
        let Self { file, text, place, kind } = self;
        Diagnostic::of(file, text, place.clone(), kind.to_string(), kind.hint())
    }

    /// The line of the mistake, from 1.
    #[cfg(test)]
    pub(crate) fn line(&self) -> Option<usize> {
        self.diagnostic().line()
    }
}

impl fmt::Display for TargetFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic().draw(formatter)
    }
}

impl std::error::Error for TargetFileError {}

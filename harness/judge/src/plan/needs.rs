//! What a plan needs of a target and of a run.

/// Which of the target's virtual directories a plan is for.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    arbitrary::Arbitrary,
    serde::Deserialize,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DirectoryRole {
    /// Uploads on, no notification, no alternate host.
    #[default]
    Plain,
    /// As plain, and existing files may not be replaced.
    NoOverwrite,
    /// As plain, and existing files may be replaced.
    Overwrite,
    /// Uploads are switched off.
    Disabled,
    /// The client has no permission, whoever it says it is.
    Protected,
    /// The client is asked who it is, and one user has permission.
    Accounts,
    /// Scripts or programs may be run there.
    Executable,
    /// A maximum upload size is set.
    MaxSize,
    /// There is room for less than a mebibyte.
    SmallDisk,
    /// A server application is told where a finished upload is.
    ByReference,
    /// A server application is sent a finished upload.
    ByValue,
    /// Another host is named for the upload.
    HostId,
    /// Sessions end after seconds.
    ShortTimeout,
}

impl DirectoryRole {
    /// All roles.
    pub const ALL: [Self; 13] = [
        Self::Plain,
        Self::NoOverwrite,
        Self::Overwrite,
        Self::Disabled,
        Self::Protected,
        Self::Accounts,
        Self::Executable,
        Self::MaxSize,
        Self::SmallDisk,
        Self::ByReference,
        Self::ByValue,
        Self::HostId,
        Self::ShortTimeout,
    ];

    /// The role's name in scenarios and options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::NoOverwrite => "no-overwrite",
            Self::Overwrite => "overwrite",
            Self::Disabled => "disabled",
            Self::Protected => "protected",
            Self::Accounts => "accounts",
            Self::Executable => "executable",
            Self::MaxSize => "max-size",
            Self::SmallDisk => "small-disk",
            Self::ByReference => "by-reference",
            Self::ByValue => "by-value",
            Self::HostId => "host-id",
            Self::ShortTimeout => "short-timeout",
        }
    }
}

/// Something that not every target has or not every run can do.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// A finished upload can be read back with GET.
    ReadBack,
    /// The server's session store can be reached on this machine, so that its files can be taken away.
    SessionStore,
    /// The harness plays the server application to which the target posts finished uploads.
    Application,
    /// The files that a notification by reference names can be opened on this machine.
    SharedFiles,
    /// A user is known whom the directory permits.
    Credentials,
    /// The server gives a silent server application up within seconds.
    NotificationTimeout,
    /// It is known how long a session of the directory lives without a message.
    SessionTimeout,
    /// It is known how large an upload to the directory may be.
    MaximumUploadSize,
    /// The server under test can be restarted.
    Restart,
    /// It can be stopped, and started again.
    StopAndStart,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ReadBack,
        Self::SessionStore,
        Self::Application,
        Self::SharedFiles,
        Self::Credentials,
        Self::NotificationTimeout,
        Self::SessionTimeout,
        Self::MaximumUploadSize,
        Self::Restart,
        Self::StopAndStart,
    ];

    /// The capability's name in scenarios and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadBack => "read-back",
            Self::SessionStore => "session-store",
            Self::Application => "application",
            Self::SharedFiles => "shared-files",
            Self::Credentials => "credentials",
            Self::NotificationTimeout => "notification-timeout",
            Self::SessionTimeout => "session-timeout",
            Self::MaximumUploadSize => "maximum-upload-size",
            Self::Restart => "restart",
            Self::StopAndStart => "stop-and-start",
        }
    }
}

//! Which target is measured, whether it may be, and what is known of its users.

use std::time::Duration;

use bits_judge::plan::DirectoryRole;
use bits_server::limits::Limits;

use crate::{
    cli::{
        args::{
            limits::{LimitsOptions, USUAL},
            run::PowerOptions,
            target::TransportName,
            validate,
        },
        commands::serve::find_fault,
    },
    error::Error,
    limits::{Place, figures::Kind},
    load::usage::most_open_files,
    subject::{
        allow::require_allowed_host,
        embedded::Embedded,
        resolve::{Subject, SubjectSpec, start_backend},
    },
};

/// Open files that a process needs besides its connections.
const OTHER_FILES: u64 = 64;

/// The target that a command line names, if it may be measured.
///
/// # Errors
///
/// For another machine that nobody has permitted, and for options that mean nothing.
pub(crate) fn named(options: &LimitsOptions) -> Result<Option<SubjectSpec>, Error> {
    let server = &options.server;
    validate::refuse_with_target(options.url.as_deref(), server)?;
    if server.transport == TransportName::Http {
        return Err(Error::usage(
            "limits are measured with exact bytes over connections of its own; leave --transport out",
        ));
    }
    let named = server.named(options.url.as_deref())?;
    match &named {
        None => validate::refuse_without_target(server, &PowerOptions::default())?,
        Some(_) if !options.limit.is_empty() => {
            return Err(Error::usage(
                "--limit is for the embedded server only, and another server is named; `bitscheck serve` takes it",
            ));
        }
        Some(named) => require_allowed_host(
            named.url(),
            &options.allow_target,
            "a measurement of limits takes all that there is from everybody else",
        )?,
    }
    Ok(named)
}

/// The limits that the embedded server is to have.
///
/// # Errors
///
/// For one that there is not.
pub(crate) fn limits(options: &LimitsOptions) -> Result<Limits, Error> {
    let mut limits = Limits::default();
    for (name, value) in &options.limit {
        limits.set(name, *value).map_err(|error| Error::usage(format!("--limit: {error}")))?;
    }
    Ok(limits)
}

/// How many connections this process may have, if that is known.
///
/// # Errors
///
/// If it may not have as many as are asked for in so many words.
pub(crate) fn room(
    options: &LimitsOptions,
    kinds: &[Kind],
    is_embedded: bool,
) -> Result<Option<u64>, Error> {
    // The embedded server has its ends of the connections in this process as well.
    let ends = if is_embedded { 2 } else { 1 };
    let Some(files) = most_open_files() else { return Ok(None) };
    let room = files.saturating_sub(OTHER_FILES) / ends;
    let by_connections =
        kinds.iter().any(|kind| matches!(kind, Kind::Connections | Kind::Fragments));
    let asked = options.most.filter(|_| by_connections);
    match asked.filter(|most| *most > room) {
        Some(most) => {
            let needed = most * ends + OTHER_FILES;
            Err(Error::usage(format!(
                "{most} connections need {needed} open files, and this process may have {files}; raise the limit with \
                 `ulimit -n {needed}`"
            )))
        }
        None => Ok(Some(room)),
    }
}

/// How far to look.
pub(crate) fn most(options: &LimitsOptions) -> u64 {
    options.most.unwrap_or(USUAL)
}

/// The target with its users, and the embedded server if it is that.
pub(crate) async fn reach(
    named: Option<SubjectSpec>,
    options: &LimitsOptions,
) -> Result<(Subject, Option<Embedded>), Error> {
    let server = &options.server;
    if let Some(named) = named {
        return Ok((Subject::at(named, &server.overrides()).await?, None));
    }
    let application = start_backend(([127, 0, 0, 1], 0).into()).await?;
    let fault = server.fault.as_deref().map(find_fault).transpose()?;
    let profile = server.profile.map(Into::into);
    let embedded = Embedded::start_within(limits(options)?, fault, profile, &application).await?;
    let timeout = server.timeout.map(Duration::from_secs_f64);
    let subject = Subject::at_embedded(&embedded, application, timeout)?;
    Ok((subject, Some(embedded)))
}

/// Where the first user uploads, and where a second one does.
pub(crate) fn places(subject: &Subject) -> Vec<Place> {
    let mut places =
        vec![Place { role: DirectoryRole::Plain, base: subject.target.base().to_owned() }];
    let second = subject.roles.get(&DirectoryRole::Accounts);
    let second = second.filter(|_| subject.accounts.permitted(DirectoryRole::Accounts).is_some());
    places.extend(second.map(|it| Place { role: DirectoryRole::Accounts, base: it.path.clone() }));
    places
}

//! `bitscheck init`: looks at a target and writes a first target file.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    cli::{Outcome, args::init::InitOptions},
    config::DEFAULT_NAME,
    drive::{self, Driver, Target, TlsOptions},
    error::Error,
    runner::options::fresh_seed,
    subject::{
        discovery::{
            file,
            probe::{self, Found},
        },
        preflight,
    },
    term::{exit, print},
};

pub(crate) fn init(options: &InitOptions) -> Outcome {
    let target = options.url.parse::<Target>().map_err(|error| Error::usage(error.to_string()))?;
    let place = Place::of(options)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    let found = runtime.block_on(look_at(target, options))?;
    let ca_file = options.ca_file.as_deref().map(absolute);
    place.write(&file::of(&found, ca_file.as_deref()))?;
    place.tell(&summary(&found, &place, options));
    Ok(exit::KEPT)
}

async fn look_at(target: Target, options: &InitOptions) -> Result<Found, Error> {
    let prefix = format!("bitscheck-{:08x}.", fresh_seed()?);
    let tls = TlsOptions { ca_file: options.ca_file.clone(), insecure: options.insecure };
    let timeout = Duration::from_secs_f64(options.timeout);
    let limits = drive::Options { tls, timeout, ..drive::Options::default() };
    let driver = Driver::new(target.clone(), limits);
    let driver = driver.map_err(|error| Error::usage(error.to_string()))?;
    driver.reach().await.map_err(|error| Error::unreachable(error.to_string()))?;
    let seen = preflight::probe(&driver, target.base(), &format!("{prefix}preflight.")).await?;
    if let Some(refused) = seen.refused {
        return Err(Error::unreachable(refused));
    }
    let roles = probe::roles(&driver, target.base(), &prefix).await;
    Ok(Found { target, seen, roles })
}

/// Where the file goes.
enum Place {
    Stdout,
    File { path: PathBuf, may_replace: bool },
}

impl Place {
    /// The place that was asked for, unless there is something already.
    fn of(options: &InitOptions) -> Result<Self, Error> {
        let path = options.output.clone();
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        if !options.force && path.symlink_metadata().is_ok() {
            return Err(Error::usage(format!(
                "{} is there already; --force replaces it, --output FILE writes another",
                path.display()
            )));
        }
        Ok(Self::File { path, may_replace: options.force })
    }

    fn write(&self, text: &str) -> Result<(), Error> {
        let Self::File { path, may_replace } = self else {
            print::print(text);
            return Ok(());
        };
        let mut how = OpenOptions::new();
        how.write(true).create_new(!may_replace).create(*may_replace).truncate(*may_replace);
        let written = how.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
        written
            .map_err(|error| Error::internal(format!("cannot write {}: {error}", path.display())))
    }

    /// Says something beside the file.
    fn tell(&self, text: &str) {
        match self {
            Self::Stdout => print::note(text.trim_end()),
            Self::File { .. } => print::print(text),
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What was done, and what to do next.
fn summary(found: &Found, place: &Place, options: &InitOptions) -> String {
    let names = |wanted: bool| {
        let them = found.roles.iter().filter(|(_, finding)| finding.is_found() == wanted);
        let names: Vec<&str> = them.map(|(role, _)| role.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let insecure = if options.insecure { " --insecure" } else { "" };
    let (wrote, run) = match place {
        Place::Stdout => ("to stdout".to_owned(), "--target FILE".to_owned()),
        Place::File { path, .. } if path == Path::new(DEFAULT_NAME) => {
            (DEFAULT_NAME.into(), String::new())
        }
        Place::File { path, .. } => {
            (path.display().to_string(), format!("--target {}", path.display()))
        }
    };
    let server =
        found.seen.server.as_ref().map_or_else(String::new, |it| format!(" (Server: {it})"));
    let reads_back = if found.seen.reads_back { "can" } else { "cannot" };
    let run = ["bitscheck run", &run].join(" ");
    format!(
        "{} speaks BITS{server}; finished uploads {reads_back} be read back\n\
         directories found      {}\n\
         directories not found  {}\n\
         sessions were cancelled; one upload stays, {}\n\
         wrote {wrote}; look through it, then: {}{insecure}\n",
        found.target.url(),
        names(true),
        names(false),
        found.seen.destination,
        run.trim_end(),
    )
}

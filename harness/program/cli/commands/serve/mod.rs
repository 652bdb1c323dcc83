//! `bitscheck serve`: the reference server as a program of its own.

mod settings;

use std::{
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bits_server::{
    config::Config,
    fault::{Fault, UnknownFault},
    listen::{Options, Running, listen},
    store::{Durability, Files, Memory, Store},
};
use tempfile::TempDir;

use crate::{
    cli::{
        Outcome,
        args::serve::{LogFormat, ServeOptions},
        commands::serve::settings::Served,
        live::signals,
    },
    error::Error,
    term::{exit, print},
};

pub(crate) fn serve(options: &ServeOptions) -> Outcome {
    if options.fault.as_deref() == Some(LIST) {
        return list_faults();
    }
    let fault = options.fault.as_deref().map(find_fault).transpose()?;
    let served = Served::by(options)?;
    if options.print_config {
        print::print(&served.print());
        return Ok(exit::KEPT);
    }
    log(options)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let mut signals = signals()?;
        let place = Place::of(&served)?;
        let running = start(&served, &place, fault).await?;
        print::print(&format!(
            "serving uploads at {}, {}; Ctrl-C ends it\n",
            running.url(),
            place.describe()
        ));
        if running.recovered.sessions > 0 {
            print::print(&format!(
                "{} sessions of an earlier run go on\n",
                running.recovered.sessions
            ));
        }
        signals.next().await;
        tokio::select! {
            () = running.stop() => {}
            _ = signals.next() => {}
        }
        Ok(exit::KEPT)
    })
}

/// Says on stderr what the server does. `RUST_LOG` goes before the option.
fn log(options: &ServeOptions) -> Result<(), Error> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(filter) if !filter.is_empty() => filter,
        _ => options.log.clone(),
    };
    let filter = tracing_subscriber::EnvFilter::try_new(&filter)
        .map_err(|error| Error::usage(format!("`{filter}` says nothing of a log: {error}")))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match options.log_format {
        LogFormat::Text => log.with_target(false).with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).with_target(false).init(),
    }
    Ok(())
}

/// Where uploads are kept.
enum Place {
    Memory,
    Folder(PathBuf),
    /// A folder that goes with the server.
    Temporary(TempDir),
}

impl Place {
    fn of(served: &Served) -> Result<Self, Error> {
        match &served.settings.root {
            Some(root) => Ok(Self::Folder(root.clone())),
            None if served.needs_files() => {
                let folder = TempDir::with_prefix("bitscheck-serve-");
                folder.map(Self::Temporary).map_err(|error| {
                    Error::internal(format!("cannot make a folder for uploads: {error}"))
                })
            }
            None => Ok(Self::Memory),
        }
    }

    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Memory => None,
            Self::Folder(folder) => Some(folder),
            Self::Temporary(folder) => Some(folder.path()),
        }
    }

    /// What uploads survive here; a folder that goes with the server need keep nothing.
    fn durability(&self, served: &Served) -> Durability {
        match self {
            Self::Folder(_) => served.settings.durability.unwrap_or_default(),
            Self::Memory | Self::Temporary(_) => Durability::None,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Memory => "in memory".into(),
            Self::Folder(folder) => format!("in {}", folder.display()),
            Self::Temporary(folder) => {
                format!("in {}, which goes with the server", folder.path().display())
            }
        }
    }
}

/// What stands in the place of a fault's name if somebody wants to know the names.
pub(crate) const LIST: &str = "list";

/// Says which faults there are.
pub(crate) fn list_faults() -> Outcome {
    print::print(&faults());
    Ok(exit::KEPT)
}

/// The fault of this name. If there is none, those of its group are told.
pub(crate) fn find_fault(name: &str) -> Result<Fault, Error> {
    let group = |name| str::split_once(name, '/').map(|(group, _)| group);
    name.parse().map_err(|unknown: UnknownFault| {
        let near = Fault::ALL.iter().filter(|fault| group(fault.name()) == group(name));
        let near: String = near.map(line).collect();
        let told = if near.is_empty() { "" } else { ", and of its group there are\n" };
        Error::usage(format!("{unknown}; `--fault {LIST}` shows all{told}{near}"))
    })
}

fn faults() -> String {
    Fault::ALL.iter().map(line).collect()
}

/// The name of a fault, the clause that it breaks, and what it does.
fn line(fault: &Fault) -> String {
    format!("{:<40} {:<18} {}\n", fault.name(), fault.clause(), fault.title())
}

async fn start(served: &Served, place: &Place, fault: Option<Fault>) -> Result<Running, Error> {
    let config = served.settings.config.clone();
    let stop_patience = Duration::from_secs(config.limits.drain_timeout);
    let options = Options { fault, tls: served.tls()?, stop_patience, ..Options::default() };
    let durability = place.durability(served);
    let store: Arc<dyn Store> = match place.folder() {
        None => Arc::new(Memory::default()),
        Some(root) => Arc::new(files(root, &config, durability).map_err(|error| {
            Error::usage(format!("cannot keep uploads in {}: {error}", root.display()))
        })?),
    };
    let address = served.settings.listen.unwrap_or_else(|| ([127, 0, 0, 1], 8080).into());
    let running = listen(address, config, store, options).await;
    running.map_err(|error| {
        Error::usage(match error.kind() {
            io::ErrorKind::AddrInUse
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::PermissionDenied => {
                format!("cannot listen on {address}: {error}; choose another address with --listen")
            }
            _ => format!("cannot start at {address}: {error}"),
        })
    })
}

fn files(root: &Path, config: &Config, durability: Durability) -> io::Result<Files> {
    std::fs::create_dir_all(root)?;
    Ok(Files::open(root, config)?.with_durability(durability))
}

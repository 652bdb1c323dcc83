//! `bitscheck serve`: the reference server as a program of its own.

use std::{io, path::Path, sync::Arc};

use super::{Failure, Outcome, arguments::ServeOptions, exit, output, signals::Signals};
use crate::refserver::{
    config::Config,
    fault::Fault,
    listen::{Options, Running, listen},
    store::{Files, Memory, Store},
};

pub(super) fn serve(options: &ServeOptions) -> Outcome {
    let fault = options.fault.as_deref().map(find_fault).transpose()?;
    let config = configuration(options);
    // What RUST_LOG asks for goes to stderr; without it there are warnings only.
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(io::stderr)
        .init();
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::internal(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let mut signals = Signals::hear()
            .map_err(|error| Failure::internal(format!("cannot hear signals: {error}")))?;
        let running = start(options, config, fault).await?;
        let kept = options
            .root
            .as_ref()
            .map_or_else(|| "in memory".to_owned(), |root| format!("in {}", root.display()));
        output::say(&format!(
            "serving uploads at http://{}/, {kept}; Ctrl-C ends it\n",
            running.address
        ));
        signals.next().await;
        running.stop().await;
        Ok(exit::KEPT)
    })
}

/// The fault of this name; `list` lists them all.
pub(super) fn find_fault(name: &str) -> Result<Fault, Failure> {
    name.parse().map_err(|_| {
        let lines = Fault::ALL
            .iter()
            .map(|fault| format!("  {:<40} {} ({})", fault.name(), fault.title(), fault.clause()));
        let table = lines.collect::<Vec<_>>().join("\n");
        let start =
            if name == "list" { String::new() } else { format!("no fault is called `{name}`; ") };
        Failure::usage(format!("{start}the faults are\n{table}"))
    })
}

fn configuration(options: &ServeOptions) -> Config {
    let mut config =
        if options.all_roles { Config::all_roles(Config::APPLICATION) } else { Config::single() };
    if let Some(profile) = options.profile {
        config = config.with_profile(profile.into());
    }
    if options.allow_overwrites {
        for directory in &mut config.vdirs {
            directory.allow_overwrites = true;
        }
    }
    config
}

async fn start(
    options: &ServeOptions,
    config: Config,
    fault: Option<Fault>,
) -> Result<Running, Failure> {
    let store: Arc<dyn Store> = match &options.root {
        None => Arc::new(Memory::default()),
        Some(root) => Arc::new(files(root, &config).map_err(|error| {
            Failure::usage(format!("cannot keep uploads in {}: {error}", root.display()))
        })?),
    };
    let running =
        listen(options.listen, config, store, Options { fault, ..Options::default() }).await;
    running.map_err(|error| {
        let address = options.listen;
        Failure::usage(format!(
            "cannot listen on {address}: {error}; choose another address with --listen"
        ))
    })
}

fn files(root: &Path, config: &Config) -> io::Result<Files> {
    std::fs::create_dir_all(root)?;
    Files::open(root, config)
}

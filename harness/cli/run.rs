//! `bitscheck run`: judge a server.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::Write as _,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Failure, Outcome,
    arguments::{ReadBack, RunOptions, TransportName},
    embedded::Embedded,
    exit, library, output, preflight,
    select::select,
    serve::find_fault,
    signals::Signals,
    suite::Suite,
};
use crate::{
    drive::{self, Application, Driver, Target, TlsOptions, Transport},
    plan::{Capability, DirectoryRole},
    refserver::fault::Fault,
    report::{Circumstances, Format, Results, Selection, render},
};

pub(super) fn run(options: &RunOptions) -> Outcome {
    let fault = options.fault.as_deref().map(find_fault).transpose()?;
    let target = options.url.as_deref().map(|url| url.parse::<Target>()).transpose();
    let target = target.map_err(|error| Failure::usage(error.to_string()))?;
    let mut scenarios = library::own()?;
    scenarios.extend(library::from_disk(&options.scenarios)?);
    let (scenarios, selection) = select(scenarios, &options.select);
    if scenarios.is_empty() {
        let code = exit::NOTHING_SELECTED;
        let patterns = options.select.join("' and '");
        let message = format!(
            "nothing is called '{patterns}'; `bitscheck list scenarios` shows what there is"
        );
        return Err(Failure { code, message });
    }
    let reports = Reports::open(&options.reporting.report)?;
    if let Some(folder) = &options.transcripts {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::internal(format!("cannot write transcripts to {}: {error}", folder.display()))
        })?;
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::internal(format!("cannot start: {error}")))?;
    let results = runtime.block_on(async {
        match target {
            Some(target) => {
                let aim = Aim::at(target, options).await?;
                judge(options, aim, &scenarios, selection).await
            }
            None => {
                let address = SocketAddr::from(([127, 0, 0, 1], 0));
                let application = play_application(address).await?;
                let embedded = Embedded::start(fault, &application).await?;
                let aim = Aim::at_embedded(&embedded, fault, application)?;
                let results = judge(options, aim, &scenarios, selection).await;
                embedded.stop().await;
                results
            }
        }
    })?;
    show(&results, reports)
}

/// What a run is aimed at.
struct Aim {
    target: Target,
    roles: BTreeMap<DirectoryRole, String>,
    session_store: Option<PathBuf>,
    /// The server application, if it is played.
    application: Option<Arc<Application>>,
    /// Where the files lie that notifications name.
    read_root: Option<PathBuf>,
    /// Whether the target gives a silent application up within seconds.
    gives_up: bool,
    /// Whether uploads can be read back, if that is known beforehand.
    reads_back: Option<bool>,
    /// The command that does this run again, for one scenario.
    replay: String,
}

impl Aim {
    async fn at(target: Target, options: &RunOptions) -> Result<Self, Failure> {
        let mut roles = BTreeMap::from([(DirectoryRole::Plain, target.base().to_owned())]);
        roles.extend(options.role.iter().cloned());
        let reads_back = match options.read_back {
            ReadBack::Auto => None,
            ReadBack::Yes => Some(true),
            ReadBack::No => Some(false),
        };
        let mut replay = format!("bitscheck run {} --select '{{}}'", target.url());
        for (role, path) in &options.role {
            replay.push_str(&format!(" --role {}={path}", role.as_str()));
        }
        if let Some(address) = options.application {
            replay.push_str(&format!(" --application {address}"));
        }
        for path in &options.scenarios {
            replay.push_str(&format!(" --scenarios {}", path.display()));
        }
        let application = match options.application {
            Some(address) => Some(play_application(address).await?),
            None => None,
        };
        Ok(Self {
            target,
            roles,
            session_store: options.session_store.clone(),
            application,
            read_root: None,
            gives_up: false,
            reads_back,
            replay,
        })
    }

    fn at_embedded(
        embedded: &Embedded,
        fault: Option<Fault>,
        application: Arc<Application>,
    ) -> Result<Self, Failure> {
        let fault = fault.map_or_else(String::new, |fault| format!(" --fault {}", fault.name()));
        let target = embedded
            .url()
            .parse()
            .map_err(|error: drive::TargetError| Failure::internal(error.to_string()))?;
        Ok(Self {
            target,
            roles: Embedded::roles(),
            session_store: Some(embedded.session_store()),
            application: Some(application),
            read_root: Some(embedded.session_store()),
            gives_up: true,
            reads_back: Some(true),
            replay: format!("bitscheck run{fault} --select '{{}}'"),
        })
    }
}

async fn play_application(address: SocketAddr) -> Result<Arc<Application>, Failure> {
    let application = Application::listen(address).await.map_err(|error| {
        Failure::usage(format!(
            "cannot play the server application at {address}: {error}; choose another address with --application"
        ))
    })?;
    Ok(Arc::new(application))
}

async fn judge(
    options: &RunOptions,
    aim: Aim,
    scenarios: &[library::Loaded],
    selection: Selection,
) -> Result<Results, Failure> {
    let began = Instant::now();
    let seed = options.seed.map_or_else(fresh_seed, Ok)?;
    let url = aim.target.url().to_string();
    let base = aim.target.base().to_owned();
    let driver = Driver::new(aim.target.clone(), drive_options(options, &aim));
    let driver = Arc::new(driver.map_err(|error| Failure::usage(error.to_string()))?);
    let mut signals = Signals::hear()
        .map_err(|error| Failure::internal(format!("cannot hear signals: {error}")))?;
    let prefix = format!("bitscheck-{seed:08x}.");
    let found = tokio::select! {
        found = look_at(&driver, &base, &prefix) => found?,
        code = signals.next() => {
            let message = "stopped before anything was judged".into();
            return Err(Failure { code, message });
        }
    };
    let mut capabilities = Vec::new();
    if aim.reads_back.unwrap_or(found.reads_back) {
        capabilities.push(Capability::ReadBack);
    }
    let others = [
        (aim.session_store.is_some(), Capability::SessionStore),
        (aim.application.is_some(), Capability::Application),
        (aim.read_root.is_some(), Capability::SharedFiles),
        (aim.gives_up, Capability::NotificationTimeout),
    ];
    capabilities.extend(others.into_iter().filter(|(has, _)| *has).map(|(_, one)| one));
    let suite = Suite {
        driver,
        roles: aim.roles,
        capabilities,
        prefix,
        jobs: usize::from(options.jobs),
        transcripts: options.transcripts.clone(),
    };
    let ended = suite.run(scenarios, &mut signals).await?;
    let circumstances = Circumstances {
        target: url,
        replay: aim.replay,
        dialect: options.reporting.dialect,
        transport: transport(options.transport).as_str().into(),
        seed,
        selection,
        interrupted: ended.stopped,
        took: began.elapsed(),
    };
    Ok(Results::of(circumstances, ended.judged))
}

/// Makes sure that a BITS layer answers, and finds out what it can do.
async fn look_at(driver: &Driver, base: &str, prefix: &str) -> Result<preflight::Found, Failure> {
    driver.reach().await.map_err(|error| Failure::unreachable(error.to_string()))?;
    preflight::probe(driver, base, &format!("{prefix}preflight.")).await
}

fn transport(name: TransportName) -> Transport {
    match name {
        TransportName::Raw => Transport::Raw,
        TransportName::Http => Transport::Http,
    }
}

fn drive_options(options: &RunOptions, aim: &Aim) -> drive::Options {
    drive::Options {
        transport: transport(options.transport),
        timeout: Duration::from_secs_f64(options.timeout),
        tls: TlsOptions { ca_file: options.ca_file.clone(), insecure: options.insecure },
        session_store: aim.session_store.clone(),
        application: aim.application.clone(),
        read_root: aim.read_root.clone(),
        ..drive::Options::default()
    }
}

fn fresh_seed() -> Result<u64, Failure> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::internal(format!("no random numbers: {error}")))?;
    Ok(u64::from(u32::from_be_bytes(bytes)))
}

/// The reports that were asked for, their files already open: a run whose result cannot be written is not begun.
pub(super) struct Reports {
    files: Vec<(Format, Sink)>,
}

enum Sink {
    Stdout,
    File(PathBuf, File),
}

impl Reports {
    /// Opens every file.
    ///
    /// # Errors
    ///
    /// For a format that there is not, and for a file that cannot be written.
    pub(super) fn open(wanted: &[String]) -> Result<Self, Failure> {
        let files = wanted.iter().map(|one| open(one)).collect::<Result<_, _>>()?;
        Ok(Self { files })
    }

    fn takes_stdout(&self) -> bool {
        self.files.iter().any(|(_, sink)| matches!(sink, Sink::Stdout))
    }

    fn write(self, results: &Results) -> Result<(), Failure> {
        for (format, sink) in self.files {
            let text = render(format, results);
            match sink {
                Sink::Stdout => output::say(&text),
                Sink::File(path, mut file) => file
                    .set_len(0)
                    .and_then(|()| file.write_all(text.as_bytes()))
                    .and_then(|()| file.sync_data())
                    .map_err(|error| cannot_write(&path, &error))?,
            }
        }
        Ok(())
    }
}

fn open(wanted: &str) -> Result<(Format, Sink), Failure> {
    let (format, path) = wanted.split_once('=').ok_or_else(|| {
        Failure::usage(format!(
            "expected FORMAT=FILE after --report, such as json=result.json, not `{wanted}`"
        ))
    })?;
    let format = format.parse::<Format>().map_err(|error| Failure::usage(error.to_string()))?;
    if path == "-" {
        return Ok((format, Sink::Stdout));
    }
    let path = PathBuf::from(path);
    let file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| cannot_write(&path, &error))?;
    Ok((format, Sink::File(path, file)))
}

fn cannot_write(path: &std::path::Path, error: &std::io::Error) -> Failure {
    Failure::internal(format!("cannot write the report {}: {error}", path.display()))
}

/// Shows results on the terminal and writes the reports; the exit code is that of the results.
pub(super) fn show(results: &Results, reports: Reports) -> Outcome {
    if !reports.takes_stdout() {
        output::say(&render(Format::Terminal, results));
    }
    reports.write(results)?;
    Ok(results.exit_code)
}

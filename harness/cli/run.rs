//! `bitscheck run`: judge a server.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use super::{
    Failure, Outcome,
    aim::{Aim, Named, play_application, transport},
    arguments::RunOptions,
    embedded::Embedded,
    exit, library, output, preflight,
    select::select,
    serve::find_fault,
    signals::Signals,
    suite::Suite,
};
use crate::{
    drive::Driver,
    plan::Capability,
    report::{Circumstances, Format, Results, Selection, render},
};

pub(super) fn run(options: &RunOptions) -> Outcome {
    let profile = options.profile.map(Into::into);
    let fault = options.fault.as_deref().map(find_fault).transpose()?;
    let named = Named::by(options)?;
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
    if let Some(remark) = named.as_ref().and_then(|named| named.remark(options)) {
        reports.say_first(&remark);
    }
    if let Some(folder) = &options.transcripts {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::internal(format!("cannot write transcripts to {}: {error}", folder.display()))
        })?;
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::internal(format!("cannot start: {error}")))?;
    let results = runtime.block_on(async {
        match named {
            Some(named) => {
                let aim = Aim::at(named, options).await?;
                judge(options, aim, &scenarios, selection).await
            }
            None => {
                let address = SocketAddr::from(([127, 0, 0, 1], 0));
                let application = play_application(address).await?;
                let embedded = Embedded::start(fault, profile, &application).await?;
                let aim = Aim::at_embedded(&embedded, fault, application, options)?;
                let results = judge(options, aim, &scenarios, selection).await;
                embedded.stop().await;
                results
            }
        }
    })?;
    show(&results, reports)
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
    let transport = transport(options.transport);
    let driver = Driver::new(aim.target.clone(), aim.drive_options(transport));
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
    let abilities = [
        (aim.reads_back.unwrap_or(found.reads_back), Capability::ReadBack),
        (aim.session_store.is_some(), Capability::SessionStore),
        (aim.application.is_some(), Capability::Application),
    ];
    let capabilities = abilities.into_iter().filter(|(has, _)| *has).map(|(_, one)| one).collect();
    let suite = Suite {
        driver,
        roles: aim.roles,
        accounts: aim.accounts,
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
        transport: transport.as_str().into(),
        seed,
        selection,
        interrupted: ended.stopped,
        took: began.elapsed(),
    };
    Ok(Results::of(circumstances, ended.judged))
}

/// Makes sure that a BITS layer answers, and finds out what it can do.
async fn look_at(driver: &Driver, base: &str, prefix: &str) -> Result<preflight::Seen, Failure> {
    driver.reach().await.map_err(|error| Failure::unreachable(error.to_string()))?;
    preflight::probe(driver, base, &format!("{prefix}preflight.")).await
}

/// A seed that nobody has chosen.
pub(super) fn fresh_seed() -> Result<u64, Failure> {
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

    /// Says something before the results, beside a report on stdout.
    fn say_first(&self, line: &str) {
        if self.takes_stdout() {
            output::remark(line);
        } else {
            output::say(&format!("{line}\n"));
        }
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

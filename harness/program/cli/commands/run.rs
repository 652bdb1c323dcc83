//! `bitscheck run`: judge a server.

use std::{path::Path, sync::Arc};

use bits_judge::report::{Format, Results, Selection, Totals, UnknownFormat, render};

use crate::{
    cli::{
        Outcome,
        args::{config, run::RunOptions, validate},
        commands::serve::{LIST, find_fault, list_faults},
        live::signals,
    },
    error::Error,
    runner::{
        filter::select,
        library,
        options::RunConfig,
        outcome::RunOutcome,
        request::RunRequest,
        run::{PreparedRun, with_embedded},
        shard::Shard,
        workload::{RandomCases, Workload, nothing_selected},
    },
    subject::resolve::Subject,
    term::{file::ReportFile, print},
    triage::run::follow_run,
};

pub(crate) fn run(options: &RunOptions) -> Outcome {
    let server = &options.server;
    if server.fault.as_deref() == Some(LIST) {
        return list_faults();
    }
    let asked = RunRequest::by(&options.what)?;
    validate::refuse_with_target(asked.url.as_deref(), server)?;
    let profile = server.profile.map(Into::into);
    let fault = server.fault.as_deref().map(find_fault).transpose()?;
    let named = server.named(asked.url.as_deref())?;
    if named.is_none() {
        validate::refuse_without_target(server, &options.power)?;
    }
    let config = config::of_run(options, &asked, named.as_ref())?;
    let (workload, selection) = workload(options, &asked, config.seed)?;
    let reports = Reports::open(&options.reporting.report)?;
    if let Some(remark) = named.as_ref().and_then(|named| named.remark()) {
        reports.say_first(&remark);
    }
    if let Some(folder) = &options.transcripts {
        std::fs::create_dir_all(folder).map_err(|error| {
            Error::internal(format!("cannot write transcripts to {}: {error}", folder.display()))
        })?;
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    let findings = options.random.map(|_| options.findings.as_path());
    let work = async |subject| judge(&config, subject, &workload, selection, findings).await;
    let outcome = runtime.block_on(async {
        match named {
            Some(named) => {
                let mut subject = Subject::at(named, &server.overrides()).await?;
                subject.power = options.power.commands().map(|commands| Arc::new(commands) as _);
                work(subject).await
            }
            None => with_embedded(&config, fault, profile, work).await,
        }
    });
    // A task that is still reading what never ends does not hold the end up.
    runtime.shutdown_background();
    let outcome = outcome?;
    let line = options.random.map(|_| random_line(&outcome.results));
    let code = finish(outcome, reports);
    if let Some(line) = line {
        print::note(&line);
    }
    code
}

/// Judges a target, and follows what random sessions found if there is a folder for it.
async fn judge(
    config: &RunConfig,
    subject: Subject,
    workload: &Workload,
    selection: Selection,
    findings: Option<&Path>,
) -> Result<RunOutcome, Error> {
    let mut signals = signals()?;
    let ready = PreparedRun::of(config, subject, &workload.roles(), &mut signals).await?;
    let mut outcome = ready.judge(config, workload, selection, &mut signals).await?;
    if let Some(folder) = findings {
        follow_run(&ready, config, folder, &mut outcome, &mut signals).await;
    }
    Ok(outcome)
}

/// What there is to say of random sessions besides their results.
fn random_line(results: &Results) -> String {
    let Totals { uploading, completed, .. } = results.totals;
    let sessions = results.totals.scenarios();
    let seed = results.seed;
    if results.interrupted {
        return format!(
            "random sessions: stopped after {completed} of {sessions} · {uploading} completed an upload · seed {seed:x}"
        );
    }
    let requests = results.requests.unwrap_or_default();
    format!(
        "random sessions: {sessions} · {uploading} completed an upload · seed {seed:x} · requests {requests:016x}"
    )
}

/// What is to be carried out, and what it is judged for.
fn workload(
    options: &RunOptions,
    asked: &RunRequest,
    seed: u64,
) -> Result<(Workload, Selection), Error> {
    let (workload, selection) = match options.random {
        Some(_) if !asked.files.is_empty() => {
            return Err(Error::usage("--random makes its own sessions; leave the files out"));
        }
        Some(count) => {
            let shard = options.shard.unwrap_or(Shard::ALL);
            let cases = RandomCases::of(seed, u64::from(count), shard, &options.select);
            (Workload::Random(cases), Selection::Everything)
        }
        None => {
            let mut scenarios = match asked.files.is_empty() {
                true => library::own()?,
                false => library::from_disk(&asked.files)?,
            };
            scenarios.extend(library::from_disk(&options.scenarios)?);
            let patterns = match (asked.files.is_empty(), options.select.as_slice()) {
                // Who names a file asks for what that is about.
                (false, []) => &["*".to_owned()],
                (_, patterns) => patterns,
            };
            let (scenarios, selection) = select(scenarios, patterns);
            (Workload::Written(scenarios), selection)
        }
    };
    if workload.count() == 0 {
        return Err(nothing_selected(&options.select));
    }
    Ok((workload, selection))
}

/// The reports that were asked for, their files already open: a run whose result cannot be written is not begun.
pub(crate) struct Reports {
    files: Vec<(Format, ReportFile)>,
}

impl Reports {
    /// Opens every file.
    ///
    /// # Errors
    ///
    /// For a format that there is not, and for a file that cannot be written.
    pub(crate) fn open(wanted: &[String]) -> Result<Self, Error> {
        let files = wanted.iter().map(|one| open(one)).collect::<Result<_, _>>()?;
        Ok(Self { files })
    }

    /// Says something before the results, beside a report on stdout.
    pub(crate) fn say_first(&self, line: &str) {
        if self.takes_stdout() {
            print::note(line);
        } else {
            print::print(&format!("{line}\n"));
        }
    }

    fn takes_stdout(&self) -> bool {
        self.files.iter().any(|(_, file)| matches!(file, ReportFile::Stdout))
    }

    /// Writes each of them, whatever became of the others.
    fn write(self, results: &Results) -> Result<(), Error> {
        let write =
            |(format, file): (Format, ReportFile)| file.write(&render(format, results)).err();
        let mut failures: Vec<Error> = self.files.into_iter().filter_map(write).collect();
        let last = failures.pop();
        failures.iter().for_each(|failure| print::error(&failure.to_string()));
        last.map_or(Ok(()), Err)
    }
}

fn open(wanted: &str) -> Result<(Format, ReportFile), Error> {
    ReportFile::wanted(wanted, "json=result.json", |format| {
        format.parse().map_err(|error: UnknownFormat| Error::usage(error.to_string()))
    })
}

/// Shows results on the terminal and writes the reports; the exit code is that of the results.
pub(crate) fn show(results: &Results, reports: Reports) -> Outcome {
    if !reports.takes_stdout() {
        print::print(&render(Format::Terminal, results));
    }
    reports.write(results)?;
    Ok(results.exit_code)
}

/// Shows the results of a run and writes the reports.
///
/// # Errors
///
/// What could not be kept, and reports that cannot be written.
pub(crate) fn finish(outcome: RunOutcome, reports: Reports) -> Outcome {
    let shown = show(&outcome.results, reports);
    let Some(trouble) = outcome.error else { return shown };
    if let Err(also) = shown {
        print::error(&also.to_string());
    }
    Err(trouble)
}

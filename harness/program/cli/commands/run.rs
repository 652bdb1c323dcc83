//! `bitscheck run`: judge a server.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bits_judge::report::{Format, Results, Selection, Totals, UnknownFormat, render};

use crate::{
    cli::{
        Outcome,
        args::{RunOptions, Shard, validate},
        commands::serve::{LIST, find_fault, list_faults},
    },
    error::Error,
    runner::{
        filter::select,
        library,
        run::{Manner, judge, judge_embedded},
        workload::{Cases, Occasions, nothing_selected},
    },
    subject::{
        commands::Commands,
        resolve::{Aim, Named},
    },
    term::{file::Sink, print},
};

pub(crate) fn run(options: &RunOptions) -> Outcome {
    let server = &options.server;
    if server.fault.as_deref() == Some(LIST) {
        return list_faults();
    }
    let asked = Asked::by(&options.what)?;
    validate::refuse_with_target(asked.url.as_deref(), server)?;
    let profile = server.profile.map(Into::into);
    let fault = server.fault.as_deref().map(find_fault).transpose()?;
    let named = Named::by(asked.url.as_deref(), server)?;
    if named.is_none() {
        validate::refuse_without_target(server, &options.power)?;
    }
    let manner = Manner::of(options, &asked, named.as_ref())?;
    let (occasions, selection) = occasions(options, &asked, manner.seed)?;
    let reports = Reports::open(&options.reporting.report)?;
    if let Some(remark) = named.as_ref().and_then(|named| named.remark(server)) {
        reports.say_first(&remark);
    }
    if let Some(folder) = &options.transcripts {
        std::fs::create_dir_all(folder).map_err(|error| {
            Error::internal(format!("cannot write transcripts to {}: {error}", folder.display()))
        })?;
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    let done = runtime.block_on(async {
        match named {
            Some(named) => {
                let mut aim = Aim::at(named, server).await?;
                aim.power = Commands::of(&options.power).map(|commands| Arc::new(commands) as _);
                judge(&manner, aim, &occasions, selection).await
            }
            None => judge_embedded(&manner, fault, profile, &occasions, selection).await,
        }
    });
    // A task that is still reading what never ends does not hold the end up.
    runtime.shutdown_background();
    let done = done?;
    let line = options.random.map(|_| random_line(&done.results));
    let code = done.show(reports);
    if let Some(line) = line {
        print::remark(&line);
    }
    code
}

/// What a command line names without saying which is which.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Scenarios, or folders of them.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) url: Option<String>,
}

impl Asked {
    /// Tells files and URL apart.
    ///
    /// # Errors
    ///
    /// For a second URL.
    pub(crate) fn by(what: &[String]) -> Result<Self, Error> {
        let mut asked = Self::default();
        for word in what {
            if is_file(word) {
                asked.files.push(word.into());
            } else if let Some(first) = asked.url.replace(word.clone()) {
                let missing = [&first, word].into_iter().find(|word| !word.contains("://"));
                return Err(Error::usage(match missing {
                    Some(word) => format!("there is no file or folder `{word}`"),
                    None => format!("`{first}` and `{word}` cannot both be the target"),
                }));
            }
        }
        Ok(asked)
    }
}

/// Whether a word is about files, and not a URL.
fn is_file(word: &str) -> bool {
    let path = Path::new(word);
    let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    !word.contains("://") && (is_yaml || path.exists())
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
fn occasions(
    options: &RunOptions,
    asked: &Asked,
    seed: u64,
) -> Result<(Occasions, Selection), Error> {
    let (occasions, selection) = match options.random {
        Some(_) if !asked.files.is_empty() => {
            return Err(Error::usage("--random makes its own sessions; leave the files out"));
        }
        Some(count) => {
            let shard = options.shard.unwrap_or(Shard::ALL);
            let cases = Cases::of(seed, u64::from(count), shard, &options.select);
            (Occasions::Random(cases), Selection::Everything)
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
            (Occasions::Written(scenarios), selection)
        }
    };
    if occasions.count() == 0 {
        return Err(nothing_selected(&options.select));
    }
    Ok((occasions, selection))
}

/// The reports that were asked for, their files already open: a run whose result cannot be written is not begun.
pub(crate) struct Reports {
    files: Vec<(Format, Sink)>,
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
            print::remark(line);
        } else {
            print::say(&format!("{line}\n"));
        }
    }

    fn takes_stdout(&self) -> bool {
        self.files.iter().any(|(_, sink)| matches!(sink, Sink::Stdout))
    }

    /// Writes each of them, whatever became of the others.
    fn write(self, results: &Results) -> Result<(), Error> {
        let write = |(format, sink): (Format, Sink)| sink.write(&render(format, results)).err();
        let mut failures: Vec<Error> = self.files.into_iter().filter_map(write).collect();
        let last = failures.pop();
        failures.iter().for_each(|failure| print::complain(&failure.to_string()));
        last.map_or(Ok(()), Err)
    }
}

fn open(wanted: &str) -> Result<(Format, Sink), Error> {
    Sink::wanted(wanted, "json=result.json", |format| {
        format.parse().map_err(|error: UnknownFormat| Error::usage(error.to_string()))
    })
}

/// Shows results on the terminal and writes the reports; the exit code is that of the results.
pub(crate) fn show(results: &Results, reports: Reports) -> Outcome {
    if !reports.takes_stdout() {
        print::say(&render(Format::Terminal, results));
    }
    reports.write(results)?;
    Ok(results.exit_code)
}

//! `bitscheck run`: judge a server.

use super::{
    Failure, Outcome,
    aim::{Aim, Named},
    arguments::RunOptions,
    exit,
    judging::{Manner, judge, judge_embedded},
    library,
    occasion::{Case, Occasion, fingerprint},
    output, pointless,
    select::{is_match, select},
    serve::{LIST, find_fault, list_faults},
    sink::Sink,
};
use crate::report::{Format, Results, Selection, render};

pub(super) fn run(options: &RunOptions) -> Outcome {
    if options.fault.as_deref() == Some(LIST) {
        return list_faults();
    }
    pointless::refuse_with_target(options)?;
    let profile = options.profile.map(Into::into);
    let fault = options.fault.as_deref().map(find_fault).transpose()?;
    let named = Named::by(options)?;
    if named.is_none() {
        pointless::refuse_without_target(options)?;
    }
    let manner = Manner::of(options, named.as_ref())?;
    let (occasions, selection) = occasions(options, manner.seed)?;
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
                judge(&manner, aim, &occasions, selection).await
            }
            None => judge_embedded(&manner, fault, profile, &occasions, selection).await,
        }
    });
    // A task that is still reading what never ends does not hold the end up.
    runtime.shutdown_background();
    let results = results?;
    let code = show(&results, reports)?;
    if options.random.is_some() {
        output::remark(&random_line(&occasions, &results));
    }
    Ok(code)
}

fn nothing_selected(options: &RunOptions) -> Failure {
    let patterns = options.select.join("' and '");
    let message =
        format!("nothing is called '{patterns}'; `bitscheck list scenarios` shows what there is");
    Failure { code: exit::NOTHING_SELECTED, message }
}

/// What there is to say of random sessions besides their results.
fn random_line(occasions: &[Occasion], results: &Results) -> String {
    let completed = results.scenarios.iter().filter(|scenario| scenario.uploads > 0).count();
    let cases = occasions.iter().filter_map(|occasion| match occasion {
        Occasion::Random(case) => Some(*case),
        Occasion::Written(_) => None,
    });
    format!(
        "random sessions: {} · {completed} completed an upload · seed {:x} · requests {}",
        occasions.len(),
        results.seed,
        fingerprint(cases)
    )
}

/// What is to be carried out, and what it is judged for.
fn occasions(options: &RunOptions, seed: u64) -> Result<(Vec<Occasion>, Selection), Failure> {
    if let Some(count) = options.random {
        let cases = (0..u64::from(count)).map(|number| Case { seed, shard: 0, number });
        let chosen = |case: &Case| {
            let name = case.name();
            options.select.is_empty() || options.select.iter().any(|it| is_match(it, &name))
        };
        let chosen: Vec<_> = cases.filter(chosen).map(Occasion::Random).collect();
        return match chosen.is_empty() {
            true => Err(nothing_selected(options)),
            false => Ok((chosen, Selection::Everything)),
        };
    }
    let mut scenarios = library::own()?;
    scenarios.extend(library::from_disk(&options.scenarios)?);
    let (scenarios, selection) = select(scenarios, &options.select);
    if scenarios.is_empty() {
        return Err(nothing_selected(options));
    }
    Ok((scenarios.into_iter().map(Occasion::Written).collect(), selection))
}

/// The reports that were asked for, their files already open: a run whose result cannot be written is not begun.
pub(super) struct Reports {
    files: Vec<(Format, Sink)>,
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
            sink.write(&render(format, results))?;
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
    Ok((format, Sink::open(path.into())?))
}

/// Shows results on the terminal and writes the reports; the exit code is that of the results.
pub(super) fn show(results: &Results, reports: Reports) -> Outcome {
    if !reports.takes_stdout() {
        output::say(&render(Format::Terminal, results));
    }
    reports.write(results)?;
    Ok(results.exit_code)
}

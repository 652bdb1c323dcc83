//! `bitscheck selftest`: the suite against the reference server with one fault after the other.

use std::{fs, path::Path};

use bits_server::fault::Fault;

use crate::{
    cli::{
        Outcome,
        args::selftest::{MatrixFormat, SelftestOptions},
        live,
    },
    error::Error,
    runner::{filter::is_match, library, options::fresh_seed},
    selftest::{
        self, Matrix,
        sessions::SessionTrials,
        trials::{Suites, Trials},
    },
    term::{exit, file::ReportFile, print},
};

pub(crate) fn selftest(options: &SelftestOptions) -> Outcome {
    if let Some(file) = &options.recorded {
        let matrix = recorded(file)?;
        return show(&matrix, options, ReportFile::open(options.output.clone())?);
    }
    let faults: Vec<Fault> = Fault::ALL
        .iter()
        .copied()
        .filter(|fault| {
            options.fault.is_empty()
                || options.fault.iter().any(|pattern| is_match(pattern, fault.name()))
        })
        .collect();
    if faults.is_empty() {
        return Err(Error::nothing_selected(
            "no fault is called so; `bitscheck serve --fault list` shows what there is",
        ));
    }
    let file = ReportFile::open(options.output.clone())?;
    let seed = options.seed.map_or_else(fresh_seed, Ok)?;
    let jobs = usize::from(options.jobs);
    let trials = Trials { seed, jobs, events: live::without_progress() };
    if let Some(most) = options.random {
        let findings = options.findings.as_deref();
        let chances = SessionTrials { trials, most: u64::from(most), findings };
        let found = chances.of_all(&faults)?;
        file.write(&selftest::by_chance(&found, u64::from(most)))?;
        return Ok(exit::KEPT);
    }
    let suites = Suites::of(library::own()?)?;
    let matrix = trials.try_all(&faults, &suites)?;
    let code = show(&matrix, options, file)?;
    print::note(&format!("{} faults in {:.1} s", matrix.rows.len(), matrix.took.as_secs_f64()));
    Ok(code)
}

/// Reads a matrix that was written as JSON.
fn recorded(file: &Path) -> Result<Matrix, Error> {
    let wrong = |problem: String| Error::usage(format!("{}: {problem}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    selftest::read(&text).map_err(|error| wrong(error.to_string()))
}

fn show(matrix: &Matrix, options: &SelftestOptions, file: ReportFile) -> Outcome {
    let text = match options.format {
        MatrixFormat::Text => selftest::text(matrix),
        MatrixFormat::Json => selftest::json(matrix),
        MatrixFormat::Html => selftest::html(matrix),
    };
    file.write(&text)?;
    Ok(if matrix.is_sound() { exit::KEPT } else { exit::BROKEN })
}

//! `bitscheck report`: what can be done with reports that were written before.

use std::fs;

use bits_judge::report::{Results, read::read};

use crate::{
    cli::{
        Outcome,
        args::offline::{MergeOptions, ReportCommand},
        commands::run::{Reports, show},
    },
    error::Error,
};

pub(crate) fn report(command: &ReportCommand) -> Outcome {
    let ReportCommand::Merge(options) = command;
    merge(options)
}

fn merge(options: &MergeOptions) -> Outcome {
    let mut runs = Vec::new();
    for path in &options.paths {
        let name = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| Error::usage(format!("cannot read {name}: {error}")))?;
        let run = read(&text).map_err(|error| Error::usage(format!("{name}: {error}")))?;
        runs.push(run);
    }
    let reports = Reports::open(&options.report)?;
    let merged = Results::merged(runs).map_err(|error| Error::usage(error.to_string()))?;
    show(&merged, reports)
}

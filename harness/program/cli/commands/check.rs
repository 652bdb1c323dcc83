//! `bitscheck check` and `bitscheck judge`: what needs no network.

use std::fs;

use bits_judge::{
    report::{Circumstances, Judged, Results, Selection},
    transcript::Transcript,
};

use crate::{
    cli::{
        Outcome,
        args::{
            offline::{CheckOptions, JudgeOptions},
            reproduce,
        },
        commands::run::{Reports, show},
    },
    error::Error,
    runner::library,
    term::{exit, print},
};

pub(crate) fn check(options: &CheckOptions) -> Outcome {
    let scenarios = library::from_disk(&options.paths)?;
    for loaded in &scenarios {
        let unknown = loaded.scenario.unknown_ids();
        if !unknown.is_empty() {
            let name = loaded.scenario.name();
            return Err(Error::usage(format!(
                "{name}: no clause or point is called {}",
                unknown.join(", ")
            )));
        }
        print::print(&format!("{}: right\n", loaded.scenario.name()));
    }
    Ok(exit::KEPT)
}

pub(crate) fn judge(options: &JudgeOptions) -> Outcome {
    let reports = Reports::open(&options.reporting.report)?;
    let mut judged = Vec::new();
    for path in &options.paths {
        let name = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| Error::usage(format!("cannot read {name}: {error}")))?;
        let transcript: Transcript = text
            .parse()
            .map_err(|error| Error::usage(format!("{name} is no transcript: {error}")))?;
        let title = transcript.facts.scenario.clone();
        judged.push(Judged::of(&name, &title, &transcript, vec![]));
    }
    let exercised = judged.iter().flat_map(Judged::exercised).map(str::to_owned).collect();
    let circumstances = Circumstances {
        target: "recorded transcripts".into(),
        replay: reproduce::of_record(options.reporting.dialect),
        dialect: options.reporting.dialect,
        transport: "recorded".into(),
        seed: 0,
        selection: Selection::Chosen(exercised),
    };
    let results = Results::of(circumstances, judged);
    show(&results, reports)
}

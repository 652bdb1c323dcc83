//! `bitscheck corpus`: the folders of sessions that `fuzz` keeps.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use bits_judge::{
    campaign::text,
    model::{Operation, State},
};

use crate::{
    campaign::store::{self, create, insert, lock},
    cli::{
        Outcome,
        args::fuzz::{CorpusCommand, CorpusMerge, CorpusPrune},
        commands::fuzz::measure_coverage,
    },
    error::Error,
    term::{exit, print},
};

pub(crate) fn corpus(command: &CorpusCommand) -> Outcome {
    match command {
        CorpusCommand::Merge(options) => merge(options),
        CorpusCommand::Stat { folder } => stat(folder),
        CorpusCommand::Prune(options) => prune(options),
    }
}

/// The sessions of a folder. What is no session is told and left alone.
pub(crate) fn load(folder: &Path) -> Result<BTreeMap<String, Vec<Operation>>, Error> {
    let stored = store::load(folder)?;
    for (path, reason) in &stored.unread {
        print::error(&format!("{} is left out: {reason}", path.display()));
    }
    Ok(stored.sessions)
}

fn merge(options: &CorpusMerge) -> Outcome {
    let mut all = BTreeMap::new();
    for folder in &options.from {
        all.extend(load(folder)?);
    }
    create(&options.into)?;
    let _lock = lock(&options.into)?;
    let before = load(&options.into)?;
    for (name, operations) in all.iter().filter(|(name, _)| !before.contains_key(*name)) {
        insert(&options.into, name, &text(operations))?;
    }
    let added = all.keys().filter(|name| !before.contains_key(*name)).count();
    print::print(&format!("{added} sessions added, {} there\n", before.len() + added));
    Ok(exit::KEPT)
}

fn stat(folder: &Path) -> Outcome {
    let sessions = load(folder)?;
    let mut situations: BTreeMap<String, usize> = BTreeMap::new();
    let mut steps = 0;
    for operations in sessions.values() {
        let mut state = State::default();
        for operation in operations {
            *situations.entry(state.situation(operation)).or_default() += 1;
            state.apply(operation);
            steps += 1;
        }
    }
    print::print(&format!(
        "{} sessions · {steps} steps · {} situations\n",
        sessions.len(),
        situations.len()
    ));
    let mut rows: Vec<_> = situations.into_iter().collect();
    rows.sort_by_key(|(situation, times)| (std::cmp::Reverse(*times), situation.clone()));
    for (situation, times) in rows {
        print::print(&format!("{times:>7}  {situation}\n"));
    }
    Ok(exit::KEPT)
}

fn prune(options: &CorpusPrune) -> Outcome {
    let _lock = lock(&options.folder)?;
    let sessions = load(&options.folder)?;
    let (learned, untried) = measure_coverage(options, &sessions)?;
    let least: BTreeSet<&str> = learned.least();
    let gone: Vec<PathBuf> = sessions
        .keys()
        .filter(|name| !least.contains(name.as_str()) && !untried.contains(*name))
        .map(|name| options.folder.join(name))
        .collect();
    for path in &gone {
        fs::remove_file(path).map_err(|error| {
            Error::internal(format!("cannot take {} away: {error}", path.display()))
        })?;
    }
    print::print(&format!(
        "{} sessions kept, which show all {} features; {} taken away\n",
        least.len(),
        learned.features(),
        gone.len()
    ));
    if !untried.is_empty() {
        print::print(&format!(
            "{} more kept, for which the target has no directory\n",
            untried.len()
        ));
    }
    Ok(exit::KEPT)
}

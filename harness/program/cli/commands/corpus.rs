//! `bitscheck corpus`: the folders of sessions that `fuzz` keeps.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use bits_judge::{
    campaign::{name, read, text},
    model::{Operation, State},
};

use crate::{
    cli::{
        Outcome,
        args::{CorpusCommand, CorpusMerge, CorpusPrune},
        commands::fuzz::learn,
    },
    error::Error,
    replace::replace,
    term::{exit, print},
};

pub(crate) fn corpus(command: &CorpusCommand) -> Outcome {
    match command {
        CorpusCommand::Merge(options) => merge(options),
        CorpusCommand::Stat { folder } => stat(folder),
        CorpusCommand::Prune(options) => prune(options),
    }
}

/// The sessions of a folder by the names of their files. What is no session is told and left alone.
///
/// # Errors
///
/// For a folder that cannot be read.
pub(crate) fn load(folder: &Path) -> Result<BTreeMap<String, Vec<Operation>>, Error> {
    let cannot = |error: io::Error| {
        Error::usage(format!("cannot read the corpus {}: {error}", folder.display()))
    };
    let mut sessions = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let is_session = path.extension().is_some_and(|end| end == "json");
        let is_state =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("campaign-"));
        if !is_session || is_state {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(cannot)?;
        match read(&text) {
            // The name follows from the content, whatever somebody called the file.
            Ok(operations) => drop(sessions.insert(name(&self::text(&operations)), operations)),
            Err(error) => print::complain(&format!("{} is left out: {error}", path.display())),
        }
    }
    Ok(sessions)
}

/// Writes a session into a folder.
///
/// # Errors
///
/// If it cannot be written.
pub(crate) fn keep(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let path = folder.join(name);
    replace(&path, text)
        .map_err(|error| Error::internal(format!("cannot write {}: {error}", path.display())))
}

/// Makes a folder, if it is not there.
///
/// # Errors
///
/// If it cannot be made.
pub(crate) fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder)
        .map_err(|error| Error::usage(format!("cannot make {}: {error}", folder.display())))
}

/// Keeps other programs from a corpus for as long as the folder is held, where folders can be locked.
///
/// # Errors
///
/// If one works there already.
pub(crate) fn alone(folder: &Path) -> Result<Option<File>, Error> {
    let Ok(held) = File::open(folder) else { return Ok(None) };
    match held.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::usage(format!(
            "another bitscheck works on the corpus {}; give this one a folder of its own, and put them together with \
             `bitscheck corpus merge`",
            folder.display()
        ))),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(held)),
    }
}

fn merge(options: &CorpusMerge) -> Outcome {
    let mut all = BTreeMap::new();
    for folder in &options.from {
        all.extend(load(folder)?);
    }
    make(&options.into)?;
    let _alone = alone(&options.into)?;
    let before = load(&options.into)?;
    for (name, operations) in all.iter().filter(|(name, _)| !before.contains_key(*name)) {
        keep(&options.into, name, &text(operations))?;
    }
    let added = all.keys().filter(|name| !before.contains_key(*name)).count();
    print::say(&format!("{added} sessions added, {} there\n", before.len() + added));
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
    print::say(&format!(
        "{} sessions · {steps} steps · {} situations\n",
        sessions.len(),
        situations.len()
    ));
    let mut rows: Vec<_> = situations.into_iter().collect();
    rows.sort_by_key(|(situation, times)| (std::cmp::Reverse(*times), situation.clone()));
    for (situation, times) in rows {
        print::say(&format!("{times:>7}  {situation}\n"));
    }
    Ok(exit::KEPT)
}

fn prune(options: &CorpusPrune) -> Outcome {
    let _alone = alone(&options.folder)?;
    let sessions = load(&options.folder)?;
    let (learned, untried) = learn(options, &sessions)?;
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
    print::say(&format!(
        "{} sessions kept, which show all {} features; {} taken away\n",
        least.len(),
        learned.features(),
        gone.len()
    ));
    if !untried.is_empty() {
        print::say(&format!(
            "{} more kept, for which the target has no directory\n",
            untried.len()
        ));
    }
    Ok(exit::KEPT)
}

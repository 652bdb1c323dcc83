//! Scenarios from the program and from disk.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    num::NonZero,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use bits_judge::{
    plan::{Capability, Plan},
    scenario::Scenario,
};
use bits_wire::payload::{Digest, LocalFile};
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// A scenario and the folder that its paths are relative to.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) scenario: Scenario,
    folder: PathBuf,
}

/// No scenario file of a sane person is larger, in bytes.
const LARGEST_SCENARIO: u64 = 4 << 20;

/// The program's own scenarios. Every start reads them, and every processor helps.
pub(crate) fn own() -> Result<Vec<Loaded>, Error> {
    let texts = crate::scenarios::texts();
    let readers = thread::available_parallelism().map_or(1, NonZero::get).min(8);
    let each = texts.len().div_ceil(readers).max(1);
    let read = |(name, text): &(String, &str)| Scenario::read(name, text);
    let parts: Result<Vec<Vec<Scenario>>, _> = thread::scope(|scope| {
        let parts: Vec<_> = texts
            .chunks(each)
            .map(|part| scope.spawn(move || part.iter().map(read).collect()))
            .collect();
        parts
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    let parts = parts.map_err(|error| Error::internal(error.to_string()))?;
    let scenarios = parts.into_iter().flatten();
    Ok(scenarios.map(|scenario| Loaded { scenario, folder: PathBuf::new() }).collect())
}

/// The scenarios in these files and folders; named after their paths.
pub(crate) fn from_disk(paths: &[PathBuf]) -> Result<Vec<Loaded>, Error> {
    let mut files = Vec::new();
    for path in paths {
        gather(path, &mut files)
            .map_err(|error| Error::usage(format!("cannot read {}: {error}", path.display())))?;
    }
    if files.is_empty() && !paths.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Error::usage(format!("no scenario files (*.yaml) in {}", names.join(", "))));
    }
    files.iter().map(|path| load(path)).collect()
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        let is_scenario =
            entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if entry.is_dir() || is_scenario {
            gather(&entry, files)?;
        }
    }
    Ok(())
}

fn load(path: &Path) -> Result<Loaded, Error> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_SCENARIO + 1).read_to_end(&mut bytes))
        .map_err(|error| Error::usage(format!("cannot read {}: {error}", path.display())))?;
    if bytes.len() as u64 > LARGEST_SCENARIO {
        return Err(Error::usage(format!(
            "{} is larger than {LARGEST_SCENARIO} bytes, which no scenario is",
            path.display()
        )));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::usage(format!("{} is not UTF-8", path.display())))?;
    let name = path.display().to_string();
    let scenario = Scenario::read(&name, &text).map_err(|error| Error::usage(error.to_string()))?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok(Loaded { scenario, folder })
}

impl Loaded {
    /// The plan for a run that can do `has`; reads the entity's file, if it is one on disk.
    pub(crate) fn plan(&self, has: &[Capability]) -> Result<Plan, Error> {
        let file =
            self.scenario.file_path().map(|path| describe(&self.folder.join(path))).transpose()?;
        self.scenario.plan(has, file).map_err(|error| Error::usage(error.to_string()))
    }
}

fn describe(path: &Path) -> Result<Arc<LocalFile>, Error> {
    let read = || {
        let mut file = File::open(path)?;
        let mut hash = Sha256::new();
        let size = io::copy(&mut file, &mut hash)?;
        Ok::<_, io::Error>(LocalFile {
            path: path.to_owned(),
            size,
            digest: Digest(hash.finalize().into()),
        })
    };
    read()
        .map(Arc::new)
        .map_err(|error| Error::usage(format!("cannot read {}: {error}", path.display())))
}

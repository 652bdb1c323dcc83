//! Do the fuzz targets hold for everything in their corpora?
//!
//! `UPDATE_CORPUS=1` rewrites the seeds that are made from the scenarios and from random sessions. What else is in a corpus was put there by hand,
//! because it once broke something or because it leads where nothing else does.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use bitscheck::fuzzing::{TARGETS, seeds};

/// What the names of seeds begin with that are made.
const MADE: &str = "scenario.";

/// The most files in all corpora, the most bytes in all of them, and in one.
const MOST: (usize, u64, u64) = (400, 800 * 1024, 16 * 1024);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_target_has_a_program_and_a_corpus_and_nothing_else_has() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets.len(), TARGETS.len(), "no name stands twice");
    let programs: BTreeSet<String> = targets.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names(&folder().join("fuzz_targets")), programs);
    assert_eq!(names(&folder().join("corpus")), targets);
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    for name in &targets {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name} is in no [[bin]]");
        let program = folder().join("fuzz_targets").join(format!("{name}.rs"));
        let program = fs::read_to_string(program).unwrap().replace("\r\n", "\n");
        let line = format!(
            "#![no_main]\nlibfuzzer_sys::fuzz_target!(|data: &[u8]| bitscheck::fuzzing::{name}(data));\n"
        );
        assert_eq!(program, line);
    }
    assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
}

#[test]
fn every_target_holds_for_its_corpus() {
    let (mut files, mut bytes, mut failed) = (0, 0, Vec::new());
    for (target, run) in TARGETS {
        let corpus = folder().join("corpus").join(target);
        let names = names(&corpus);
        assert!(!names.is_empty(), "{target} has no seed");
        for name in names {
            let data = fs::read(corpus.join(&name)).unwrap();
            assert!(data.len() as u64 <= MOST.2, "{target}/{name} is too large for a seed");
            (files, bytes) = (files + 1, bytes + data.len() as u64);
            // All that fail are told, each with what it says on its own.
            if std::panic::catch_unwind(|| run(&data)).is_err() {
                failed.push(format!("{target}/{name}"));
            }
        }
        run(b"");
    }
    assert_eq!(failed, [""; 0]);
    assert!(files <= MOST.0 && bytes <= MOST.1, "{files} files of {bytes} bytes are too many");
}

#[test]
fn the_seeds_are_those_that_are_made() {
    let made: BTreeMap<PathBuf, Vec<u8>> = seeds()
        .unwrap()
        .into_iter()
        .map(|seed| (Path::new(seed.target).join(format!("{MADE}{}", seed.name)), seed.bytes))
        .collect();
    let corpus = folder().join("corpus");
    let is_tracked = || -> BTreeSet<PathBuf> {
        let of = |target: &str| {
            let own = names(&corpus.join(target)).into_iter();
            own.filter(|name| name.starts_with(MADE))
                .map(|name| Path::new(target).join(name))
                .collect::<Vec<_>>()
        };
        TARGETS.iter().flat_map(|(target, _)| of(target)).collect()
    };
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        for path in is_tracked() {
            fs::remove_file(corpus.join(path)).unwrap();
        }
        for (path, bytes) in &made {
            fs::write(corpus.join(path), bytes).unwrap();
        }
    }
    let wanted: BTreeSet<PathBuf> = made.keys().cloned().collect();
    assert_eq!(is_tracked(), wanted, "UPDATE_CORPUS=1 makes the seeds anew");
    for (path, bytes) in made {
        let tracked = fs::read(corpus.join(&path)).unwrap();
        assert!(tracked == bytes, "{} is stale; UPDATE_CORPUS=1 makes it anew", path.display());
    }
}

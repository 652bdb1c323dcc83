//! Do modules only use what they may?

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each module, and the modules that it may name. Data passes from the top to the bottom; nothing points back.
const MAY_USE: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("spec", &[]),
    ("plan", &["wire"]),
    ("scenario", &["plan", "spec", "wire"]),
    ("model", &["plan", "wire"]),
    ("transcript", &["wire"]),
    ("checks", &["plan", "spec", "transcript", "wire"]),
    ("report", &["checks", "spec", "transcript", "wire"]),
    ("campaign", &["model", "transcript", "wire"]),
    ("refserver", &["wire"]),
    ("drive", &["plan", "transcript", "wire"]),
    ("selftest", &["checks", "refserver", "report", "spec"]),
    ("load", &["wire"]),
    ("limits", &["drive", "plan", "transcript", "wire"]),
    (
        "cli",
        &[
            "campaign",
            "checks",
            "drive",
            "limits",
            "load",
            "model",
            "plan",
            "refserver",
            "report",
            "scenario",
            "selftest",
            "spec",
            "transcript",
            "wire",
        ],
    ),
    (
        "fuzzing",
        &[
            "checks",
            "cli",
            "drive",
            "model",
            "plan",
            "refserver",
            "report",
            "scenario",
            "spec",
            "transcript",
            "wire",
        ],
    ),
];

/// The crates that do I/O, and the places that may name them.
const EDGES: &[(&str, &[&str])] = &[
    (
        "tokio",
        &[
            "drive/",
            "refserver/listen/",
            "refserver/store/",
            "load/generator/",
            "load/sink.rs",
            "cli/",
        ],
    ),
    ("hyper", &["refserver/listen/", "drive/http.rs"]),
    ("reqwest", &["drive/http.rs", "drive/mod.rs"]),
    ("rustls", &["drive/", "refserver/listen/"]),
];

/// What reads a file, a clock or a socket; the core may not.
const OUTSIDE: &[&str] =
    &["std::fs", "std::net", "std::process", "std::thread", "Instant::now", "SystemTime"];

/// Modules that do no I/O and read no clock.
const CORE: &[&str] = &[
    "wire",
    "spec",
    "plan",
    "scenario",
    "model",
    "transcript",
    "checks",
    "report",
    "campaign",
    "refserver/machine",
    "load/report",
    "limits",
    "fuzzing",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("harness")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file below the harness but these tests: its path from there, and its text without its own tests.
fn files() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    sources(&root(), &mut paths);
    paths.sort();
    let name =
        |path: &Path| path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
    paths
        .iter()
        .map(|path| (name(path), fs::read_to_string(path).unwrap()))
        .filter(|(name, _)| {
            !name.starts_with("tests/")
                && !name.ends_with("/tests.rs")
                && !name.ends_with("testing.rs")
        })
        .map(|(name, text)| {
            let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            (name, own)
        })
        .collect()
}

/// The modules of this crate that a text names: `crate::name`, alone or in braces.
fn named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => names.push(word(rest)),
            Some(group) => names.extend(first_words(group)),
        }
    }
    names.retain(|name| MAY_USE.iter().any(|(module, _)| module == name));
    names
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|character| character.is_ascii_alphanumeric() || *character == '_')
        .collect()
}

/// The first words of the parts of a group, which may hold groups itself.
fn first_words(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut words) = (0, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                words.push(word(group[start..at].trim_start()));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                words.push(word(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    words
}

#[test]
fn no_module_names_one_that_it_may_not() {
    for (name, text) in files() {
        let Some((module, _)) = name.split_once('/') else { continue };
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(known, _)| *known == module)
            .unwrap_or_else(|| panic!("{name}: the module {module} has no line in MAY_USE"));
        for other in named(&text) {
            assert!(
                other == module || allowed.contains(&other.as_str()),
                "{name} names crate::{other}; {module} may name {allowed:?}"
            );
        }
    }
}

#[test]
fn input_and_output_stay_at_the_edges() {
    for (name, text) in files() {
        for (library, places) in EDGES {
            let uses = text.contains(&format!("{library}::"));
            let allowed = places.iter().any(|place| name.starts_with(place));
            assert!(!uses || allowed, "{name} names {library}, which only {places:?} may");
        }
    }
}

#[test]
fn the_core_reads_no_file_and_no_clock() {
    for (name, text) in files() {
        if CORE.iter().any(|module| name.starts_with(&format!("{module}/"))) {
            for word in OUTSIDE {
                assert!(!text.contains(word), "{name} names {word}");
            }
        }
    }
}

#[test]
fn paths_climb_at_most_once() {
    for (name, text) in files() {
        assert!(!text.contains("super::super"), "{name} climbs twice");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (name, text) in files() {
        assert!(
            text.starts_with("//! "),
            "{name} does not begin with a line that says what it is for"
        );
    }
}

#[test]
fn the_reader_of_names_sees_groups() {
    let text = "use crate::{\n    wire::{Payload, http1::Flaw},\n    spec,\n};\nlet x = crate::plan::Plan;";
    assert_eq!(named(text), ["wire", "spec", "plan"]);
}

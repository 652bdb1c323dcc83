//! Do modules only use what they may?

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The crates: their names here and where their sources are. Cargo holds what a crate may name.
const CRATES: &[(&str, &str)] = &[
    ("wire", "harness/wire/src"),
    ("judge", "harness/judge/src"),
    ("server", "harness/server/src"),
    ("program", "harness/program"),
];

/// The modules of crates that hold several rooms, and the modules of the same crate that each may name. Data passes from the top
/// to the bottom; nothing points back.
const MAY_USE: &[(&str, &[&str])] = &[
    ("judge/spec", &[]),
    ("judge/plan", &[]),
    ("judge/scenario", &["plan", "spec"]),
    ("judge/model", &["plan"]),
    ("judge/transcript", &[]),
    ("judge/checks", &["plan", "spec", "transcript"]),
    ("judge/report", &["checks", "spec", "transcript"]),
    ("judge/campaign", &["model", "transcript"]),
    ("program/scenarios.rs", &[]),
    ("program/error.rs", &[]),
    ("program/replace.rs", &[]),
    ("program/drive", &[]),
    ("program/term", &["error", "replace"]),
    ("program/config", &["drive"]),
    ("program/subject", &["config", "drive", "error"]),
    ("program/runner", &["config", "drive", "error", "scenarios", "subject"]),
    ("program/triage", &["error", "runner"]),
    ("program/campaign", &["error", "replace", "runner", "subject", "triage"]),
    ("program/limits", &["drive"]),
    ("program/load", &["drive", "error", "runner", "subject"]),
    ("program/selftest", &["drive", "error", "runner", "subject", "triage"]),
    (
        "program/cli",
        &[
            "campaign",
            "config",
            "drive",
            "error",
            "limits",
            "load",
            "replace",
            "runner",
            "scenarios",
            "selftest",
            "subject",
            "term",
            "triage",
        ],
    ),
    ("program/fuzzing", &["config", "drive", "scenarios"]),
];

/// The crates that do I/O, and the places that may name them.
const EDGES: &[(&str, &[&str])] = &[
    (
        "tokio",
        &[
            "program/drive/",
            "server/listen/",
            "server/store/",
            "program/load/generator/",
            "program/load/sink.rs",
            "program/load/subject.rs",
            "program/campaign/",
            "program/cli/",
            "program/runner/",
            "program/selftest/trials.rs",
            "program/subject/",
            "program/term/",
            "program/triage/",
        ],
    ),
    ("hyper", &["server/listen/", "program/drive/http.rs"]),
    ("clap", &["program/cli/"]),
    ("reqwest", &["program/drive/http.rs", "program/drive/mod.rs"]),
    ("rustls", &["program/drive/", "server/listen/"]),
];

/// What reads a file, a clock or a socket; the core may not.
const OUTSIDE: &[&str] =
    &["std::fs", "std::net", "std::process", "std::thread", "Instant::now", "SystemTime"];

/// Places that do no I/O and read no clock.
const CORE: &[&str] = &[
    "wire/",
    "judge/",
    "server/machine/",
    "program/load/report/",
    "program/limits/",
    "program/fuzzing/",
];

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

/// Every source file of the crates: its path from its crate's name on, and its text without its own tests.
fn files() -> Vec<(String, String)> {
    CRATES.iter().flat_map(|(name, folder)| files_of(name, folder)).collect()
}

fn files_of(name: &str, folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "{folder} holds no source file");
    let below =
        |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
    paths
        .iter()
        .map(|path| (format!("{name}/{}", below(path)), fs::read_to_string(path).unwrap()))
        .filter(|(name, _)| !name.ends_with("/tests.rs") && !name.ends_with("testing.rs"))
        .map(|(name, text)| {
            let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            (name, own)
        })
        .collect()
}

/// The first names of the paths of this crate in a text: `crate::name`, alone or in braces.
fn named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => names.push(word(rest)),
            Some(group) => names.extend(first_words(group)),
        }
    }
    names.retain(|name| !name.is_empty());
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
        let mut parts = name.splitn(3, '/');
        let (package, module) = (parts.next().unwrap(), parts.next().unwrap());
        let known = |module: &str| {
            let own = format!("{package}/{module}");
            MAY_USE.iter().find(|(it, _)| it.strip_suffix(".rs").unwrap_or(it) == own)
        };
        let module = module.trim_end_matches(".rs");
        let one_room = !MAY_USE.iter().any(|(it, _)| it.starts_with(&format!("{package}/")));
        if one_room || ["lib", "main"].contains(&module) {
            continue;
        }
        let (_, allowed) =
            known(module).unwrap_or_else(|| panic!("{name}: {module} has no line in MAY_USE"));
        for other in named(&text).iter().filter(|other| known(other).is_some()) {
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
        if CORE.iter().any(|module| name.starts_with(module)) {
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

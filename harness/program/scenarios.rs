//! The scenarios that travel inside the program.

use bits_judge::scenario::{LoadError, Scenario};
use include_dir::{Dir, DirEntry, include_dir};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// All scenarios of the library, sorted by name.
///
/// # Errors
///
/// If one of them cannot be read; the tests see to it that none is.
pub fn library() -> Result<Vec<Scenario>, LoadError> {
    texts().iter().map(|(name, text)| Scenario::read(name, text)).collect()
}

/// The names of the scenarios of the library and what is written in their files, sorted by name, for whoever can read
/// several at a time.
#[must_use]
pub fn texts() -> Vec<(String, &'static str)> {
    let mut texts = Vec::new();
    gather(&FILES, &mut texts);
    texts.sort_unstable();
    texts
}

fn gather(folder: &Dir<'static>, texts: &mut Vec<(String, &'static str)>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => gather(folder, texts),
            DirEntry::File(file) => {
                let path = file.path().to_string_lossy().replace('\\', "/");
                if let (Some(name), Some(text)) = (path.strip_suffix(".yaml"), file.contents_utf8())
                {
                    texts.push((name.to_owned(), text));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn the_library_is_the_folder() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut files = Vec::new();
        for theme in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if theme.is_dir() {
                files.extend(std::fs::read_dir(theme).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        let mut names: Vec<String> = files
            .iter()
            .map(|path| path.strip_prefix(&folder).unwrap().with_extension(""))
            .map(|path| path.to_string_lossy().replace('\\', "/"))
            .collect();
        names.sort_unstable();
        let shipped: Vec<_> = library().unwrap().iter().map(|it| it.name().to_owned()).collect();
        assert_eq!(
            shipped, names,
            "touch harness/program/scenarios.rs after adding or removing a file"
        );
    }
}

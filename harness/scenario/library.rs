//! The scenarios that travel inside the program.

use include_dir::{Dir, DirEntry, include_dir};

use super::{LoadError, Scenario};

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

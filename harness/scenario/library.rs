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
    let mut texts = Vec::new();
    gather(&FILES, &mut texts);
    texts.sort_unstable();
    texts.into_iter().map(|(name, text)| Scenario::read(&name, text)).collect()
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

//! What a run is about: files with scenarios, and the URL of a target.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// What a command line names without saying which is which.
#[derive(Debug, Default)]
pub(crate) struct RunRequest {
    /// Scenarios, or folders of them.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) url: Option<String>,
}

impl RunRequest {
    /// Tells files and URL apart.
    ///
    /// # Errors
    ///
    /// For a second URL.
    pub(crate) fn by(what: &[String]) -> Result<Self, Error> {
        let mut request = Self::default();
        for word in what {
            if is_file(word) {
                request.files.push(word.into());
            } else if let Some(first) = request.url.replace(word.clone()) {
                let missing = [&first, word].into_iter().find(|word| !word.contains("://"));
                return Err(Error::usage(match missing {
                    Some(word) => format!("there is no file or folder `{word}`"),
                    None => format!("`{first}` and `{word}` cannot both be the target"),
                }));
            }
        }
        Ok(request)
    }
}

/// Whether a word is about files, and not a URL.
fn is_file(word: &str) -> bool {
    let path = Path::new(word);
    let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    !word.contains("://") && (is_yaml || path.exists())
}

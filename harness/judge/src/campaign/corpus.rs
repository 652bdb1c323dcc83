//! The sessions that showed something first, and the form in which they are kept.

use std::{cmp::Reverse, collections::BTreeSet};

use bits_wire::payload::Digest;

use crate::model::Operation;

/// Why a file is no session of a corpus.
#[derive(Debug, thiserror::Error)]
#[error("no session of a corpus: {0}")]
pub struct EntryError(#[from] serde_json::Error);

/// The form of a session in a corpus: one operation on each line. The same session has the same text.
#[must_use]
pub fn text(operations: &[Operation]) -> String {
    let lines: Vec<String> = operations
        .iter()
        .map(|operation| {
            serde_json::to_string(operation).expect("names and numbers are always JSON")
        })
        .collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// The session of a text.
///
/// # Errors
///
/// If it is none.
pub fn read(text: &str) -> Result<Vec<Operation>, EntryError> {
    Ok(serde_json::from_str(text)?)
}

/// What the file of a text is called: after its content, so that the same session has one name everywhere.
#[must_use]
pub fn name(text: &str) -> String {
    let digest = Digest::of(text.as_bytes()).to_string();
    format!("{}.json", &digest[..16])
}

/// Sessions that showed something that none before them did.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    sessions: Vec<Kept>,
    names: BTreeSet<String>,
    /// All that they showed.
    shown: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Kept {
    name: String,
    operations: Vec<Operation>,
    features: BTreeSet<String>,
}

impl Corpus {
    /// How many sessions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// How many features were shown.
    #[must_use]
    pub fn features(&self) -> usize {
        self.shown.len()
    }

    /// The session that came in as number `at`, from 0.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    #[must_use]
    pub fn session(&self, at: usize) -> &[Operation] {
        &self.sessions[at].operations
    }

    /// Takes a session in if it shows something new; gives the name and the text of its file then.
    pub fn consider(
        &mut self,
        operations: &[Operation],
        features: BTreeSet<String>,
    ) -> Option<(String, String)> {
        if features.is_subset(&self.shown) {
            return None;
        }
        let text = text(operations);
        let name = name(&text);
        if !self.names.insert(name.clone()) {
            return None;
        }
        self.shown.extend(features.iter().cloned());
        self.sessions.push(Kept { name: name.clone(), operations: operations.to_vec(), features });
        Some((name, text))
    }

    /// The names of sessions that show among them all that all of them show; which, does not depend on the order in which
    /// they came in.
    #[must_use]
    pub fn least(&self) -> BTreeSet<&str> {
        let mut missing: BTreeSet<&str> = self.shown.iter().map(String::as_str).collect();
        let mut chosen = BTreeSet::new();
        while !missing.is_empty() {
            let rank = |kept: &&Kept| {
                let shown = kept.features.iter().filter(|it| missing.contains(it.as_str()));
                (Reverse(shown.count()), kept.operations.len(), kept.name.clone())
            };
            let Some(best) = self.sessions.iter().min_by_key(rank) else { break };
            missing.retain(|feature| !best.features.contains(*feature));
            chosen.insert(best.name.as_str());
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::session;

    fn set(features: &[&str]) -> BTreeSet<String> {
        features.iter().map(|&feature| feature.to_owned()).collect()
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for case in 0..200 {
            let operations = session(9, case);
            let written = text(&operations);
            assert_eq!(read(&written).unwrap(), operations);
            assert_eq!(text(&read(&written).unwrap()), written);
        }
        assert!(read("[{\"slot\":\"a\",\"act\":\"ping\",\"surprise\":1}]").is_err());
        assert!(read("").is_err());
    }

    #[test]
    fn sessions_that_were_kept_long_ago_are_still_read() {
        let kept = r#"[
{"slot":"a","act":{"create":{"size":9}},"twist":{"long":-1}},
{"slot":"b","act":{"get-range":{"first":{"mark":{"ahead":3}},"last":{"mark":"total","beside":-1}}},"way":"behind"},
{"slot":"a","act":"head","twist":{"range-text":"star"},"connection":"fresh"}
]
"#;
        let operations = read(kept).unwrap();
        assert_eq!(operations.len(), 3);
        assert_eq!(text(&operations), kept);
    }

    #[test]
    fn only_what_shows_something_new_comes_in() {
        let mut corpus = Corpus::default();
        assert!(corpus.consider(&session(1, 1), set(&["a", "b"])).is_some());
        assert!(corpus.consider(&session(1, 2), set(&["a"])).is_none());
        assert!(corpus.consider(&session(1, 3), set(&["a", "c"])).is_some());
        assert!(corpus.consider(&session(1, 1), set(&["d"])).is_none(), "it is there already");
        assert_eq!((corpus.len(), corpus.features()), (2, 3));
    }

    #[test]
    fn the_least_show_all_in_whatever_order_they_came() {
        let sessions = [
            (session(1, 1), set(&["a"])),
            (session(1, 2), set(&["b", "c"])),
            (session(1, 3), set(&["a", "b", "d"])),
            (session(1, 4), set(&["e"])),
        ];
        let least = |order: &[usize]| {
            let mut corpus = Corpus::default();
            for at in order {
                let (operations, features) = &sessions[*at];
                corpus.consider(operations, features.clone());
            }
            corpus.least().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let wanted = least(&[0, 1, 2, 3]);
        assert_eq!(wanted.len(), 3);
        assert_eq!(least(&[0, 3, 1, 2]), wanted);
    }
}

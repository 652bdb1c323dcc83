//! Do the documents name files that there are?

use std::{fs, path::Path};

const DOCUMENTS: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];

/// The folders from which the documents name files.
const ROOTS: &[&str] =
    &["", "harness", "harness/judge/src", "harness/program", "harness/server/src"];

/// What a document has in back quotes on one line.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether it reads as a path: folders of this project, or a file with an extension of ours.
fn is_path(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let top = word.split_once('/').map(|(top, _)| top);
    let known = ["harness", "scenarios", "benches", "fuzz", "reports", ".ci", ".cargo", ".github"];
    let ours = [".rs", ".md", ".sh", ".yaml"].iter().any(|it| word.ends_with(it));
    let is_inside = top.is_some_and(|top| known.contains(&top) || ours);
    is_inside && word.bytes().all(plain) && !word.starts_with('/')
}

#[test]
fn the_paths_that_the_documents_name_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap();
    let is_made = |word: &str| ignored.lines().any(|line| line.trim_start_matches('/') == word);
    let mut count = 0;
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root.join(document)).unwrap();
        for word in quoted(&text).filter(|word| is_path(word)) {
            count += 1;
            let word = word.strip_suffix("/NAME").unwrap_or(word);
            let exists = ROOTS.iter().any(|folder| root.join(folder).join(word).exists());
            if !exists && !is_made(word) {
                missing.push(format!("{document}: {word}"));
            }
        }
    }
    assert!(count > 30, "only {count} paths are seen");
    assert_eq!(missing, [""; 0]);
}

//! The files that a notification by reference names, as far as they can be reached on this machine.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use bits_judge::transcript::Body;
use bits_wire::http1::Framing;

use crate::drive::intake::Intake;

/// The place of a path that a server names, below `root`; nothing if it has none there. The server may be on another
/// machine and see the folder under another name, so the longest end of the path counts whose folder is there. Nothing
/// outside `root` is ever named.
pub(super) fn locate(root: &Path, named: &str) -> Option<PathBuf> {
    let plain = named.replace('\\', "/");
    let parts: Vec<&str> =
        plain.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.iter().any(|part| *part == ".." || part.contains('\0')) {
        return None;
    }
    let own = Path::new(named);
    if own.is_absolute() && own.starts_with(root) {
        return Some(own.to_owned());
    }
    (0..parts.len())
        .map(|from| parts[from..].iter().fold(root.to_owned(), |path, part| path.join(part)))
        .find(|path| {
            path.starts_with(root)
                && path.parent().is_some_and(|parent| parent.is_dir() && parent != root)
        })
}

/// What a file holds: its length, its digest and its start.
pub(super) fn read(path: &Path) -> io::Result<Body> {
    let mut file = File::open(path)?;
    let mut intake = Intake::new(Framing::UntilClose, Body::MOST_KEPT);
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => {
                intake.done = true;
                return Ok(intake.finish());
            }
            count => {
                intake.take(&piece[..count]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_another_machine_is_found_below_the_root_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let inner = root.join("BITS-Sessions/Replies/{1}");
        std::fs::create_dir_all(&inner).unwrap();
        let wanted = inner.join("responsefile.bin");
        let named = r"C:\bits\web\up\BITS-Sessions\Replies\{1}\responsefile.bin";
        assert_eq!(locate(root, named), Some(wanted.clone()));
        assert_eq!(locate(root, wanted.to_str().unwrap()), Some(wanted));
        assert_eq!(locate(root, "/etc/passwd"), None);
        assert_eq!(locate(root, "BITS-Sessions/../../x"), None);
        assert_eq!(locate(root, "BITS-Sessions/Replies/{2}/x"), None);
    }

    #[test]
    fn a_file_is_counted_and_digested() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, b"abc").unwrap();
        let body = read(&path).unwrap();
        assert_eq!((body.length, body.start.as_slice(), body.complete), (3, &b"abc"[..], true));
        assert_eq!(body.digest, bits_wire::payload::Digest::of(b"abc"));
    }
}

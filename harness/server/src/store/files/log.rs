//! What is kept of a session: a file to which every change appends one record that says all.
//!
//! A record is a line of its own with a checksum in front of it. One that was torn, because the process or the disk ended
//! in the middle of it, is not believed; the one before it counts. When a file has grown it is replaced by its last record.

use std::{
    borrow::Cow,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

use bits_wire::Hresult;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    machine::{Saved, Told},
    store::Durability,
};

/// The file with the records, in the folder of its session.
pub(super) const LOG_FILE: &str = "session.log";
/// The file that takes its place.
const NEXT_FILE: &str = "session.log.next";
/// How large a file may grow before it is replaced.
const MOST_BYTES: u64 = 64 * 1024;

/// Whether names in the folder have changed, which have to be synced apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Same,
    Changed,
}

/// Appends a record; it is there once this has returned.
pub(super) fn append(folder: &Path, saved: &Saved, durability: Durability) -> io::Result<Names> {
    let path = folder.join(LOG_FILE);
    let record = record(saved)?;
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let before = file.metadata()?.len();
    if before >= MOST_BYTES {
        replace(folder, &record, durability)?;
        return Ok(Names::Changed);
    }
    write(&mut file, &record, durability)?;
    Ok(if before == 0 { Names::Changed } else { Names::Same })
}

fn replace(folder: &Path, record: &[u8], durability: Durability) -> io::Result<()> {
    let next = folder.join(NEXT_FILE);
    write(&mut File::create(&next)?, record, durability)?;
    fs::rename(next, folder.join(LOG_FILE))
}

fn write(file: &mut File, record: &[u8], durability: Durability) -> io::Result<()> {
    file.write_all(record)?;
    if durability == Durability::Disk { file.sync_data() } else { Ok(()) }
}

/// What was kept last; nothing if no record is whole.
pub(super) fn read(folder: &Path) -> Option<Saved> {
    last(&fs::read(folder.join(LOG_FILE)).ok()?)
}

/// A record begins with the end of the line before it, so that a torn one spoils none that comes after it.
fn record(saved: &Saved) -> io::Result<Vec<u8>> {
    let line = serde_json::to_string(&Line::from(saved))?;
    Ok(format!("\n{} {line}", checksum(line.as_bytes())).into_bytes())
}

/// The first eight bytes of a digest, as 16 digits.
fn checksum(bytes: &[u8]) -> String {
    let first =
        Sha256::digest(bytes).iter().take(8).fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    format!("{first:016x}")
}

fn last(bytes: &[u8]) -> Option<Saved> {
    let whole = |line: &[u8]| {
        let (sum, text) = line.split_at_checked(17)?;
        if sum.strip_suffix(b" ")? != checksum(text).as_bytes() {
            return None;
        }
        serde_json::from_slice::<Line<'_>>(text).ok()?.saved()
    };
    bytes.rsplit(|byte| *byte == b'\n').find_map(whole)
}

/// What stands in a record.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    session: String,
    folder: Cow<'a, str>,
    names: Cow<'a, [String]>,
    total: Option<u64>,
    received: u64,
    /// Milliseconds since 1970.
    created: u64,
    touched: u64,
    owner: Option<Cow<'a, str>>,
    told: Option<ToldLine>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ToldLine {
    Accepted { copy: bool, url: Option<String>, stored: bool },
    Forbidden(u32),
}

impl<'a> From<&'a Saved> for Line<'a> {
    fn from(saved: &'a Saved) -> Self {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            session: saved.session.to_string(),
            folder: Cow::Borrowed(&saved.folder),
            names: Cow::Borrowed(&saved.names),
            total: saved.total,
            received: saved.received,
            created: millis(saved.created),
            touched: millis(saved.touched),
            owner: saved.owner.as_deref().map(Cow::Borrowed),
            told: saved.told.clone().map(|told| match told {
                Told::Accepted { copy, url, stored } => ToldLine::Accepted { copy, url, stored },
                Told::Forbidden(Hresult(value)) => ToldLine::Forbidden(value),
            }),
        }
    }
}

impl Line<'_> {
    fn saved(self) -> Option<Saved> {
        Some(Saved {
            session: self.session.parse().ok()?,
            folder: self.folder.into_owned(),
            names: self.names.into_owned(),
            total: self.total,
            received: self.received,
            created: Duration::from_millis(self.created),
            touched: Duration::from_millis(self.touched),
            owner: self.owner.map(Cow::into_owned),
            told: self.told.map(|told| match told {
                ToldLine::Accepted { copy, url, stored } => Told::Accepted { copy, url, stored },
                ToldLine::Forbidden(value) => Told::Forbidden(Hresult(value)),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bits_wire::Guid;

    fn saved(received: u64) -> Saved {
        Saved {
            session: Guid(7),
            folder: "up".into(),
            names: vec!["a\nb".into(), "ä".into()],
            total: Some(1000),
            received,
            created: Duration::from_millis(5),
            touched: Duration::from_millis(6),
            owner: Some("alice".into()),
            told: None,
        }
    }

    #[test]
    fn what_was_kept_last_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), None);
        let accepted = Told::Accepted { copy: true, url: Some("http://a/".into()), stored: true };
        for told in [None, Some(accepted), Some(Told::Forbidden(Hresult(5)))] {
            let one = Saved { told, ..saved(3) };
            append(folder.path(), &one, Durability::Os).unwrap();
            assert_eq!(read(folder.path()), Some(one));
        }
    }

    /// A server that is updated finds the sessions of the one before.
    #[test]
    fn what_an_earlier_version_kept_is_read() {
        let kept = r#"
91ac190d0d3b3f79 {"session":"{00000000-0000-0000-0000-000000000007}","folder":"up","names":["a\nb","ä"],"total":1000,"received":3,"created":5,"touched":6,"owner":"alice","told":null}"#;
        assert_eq!(last(kept.as_bytes()), Some(saved(3)));
        assert_eq!(String::from_utf8(record(&saved(3)).unwrap()).unwrap(), kept);
    }

    #[test]
    fn a_record_that_is_torn_anywhere_is_not_believed_and_spoils_no_other() {
        let (one, two) = (record(&saved(1)).unwrap(), record(&saved(2)).unwrap());
        for length in 0..two.len() {
            let torn = [&one[..], &two[..length]].concat();
            assert_eq!(last(&torn), Some(saved(1)), "{length}");
            let went_on = [&torn[..], &record(&saved(3)).unwrap()].concat();
            assert_eq!(last(&went_on), Some(saved(3)), "{length}");
        }
        assert_eq!(last(&two[..two.len() - 1]), None);
    }

    #[test]
    fn a_record_in_which_one_bit_is_wrong_is_not_believed() {
        let one = record(&saved(1)).unwrap();
        for at in 1..one.len() {
            let mut wrong = one.clone();
            wrong[at] ^= 1;
            assert_eq!(last(&wrong), None, "{at}");
        }
    }

    #[test]
    fn a_file_does_not_grow_beyond_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        for received in 0..1000 {
            append(folder.path(), &saved(received), Durability::Os).unwrap();
        }
        assert_eq!(read(folder.path()), Some(saved(999)));
        let size = fs::metadata(folder.path().join(LOG_FILE)).unwrap().len();
        assert!(size < MOST_BYTES + 1024, "{size}");
        assert!(!folder.path().join(NEXT_FILE).exists());
    }
}

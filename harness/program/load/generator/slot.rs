//! One session at a time, from Create-Session to its end, and then the next one.

use std::time::Instant;

use bits_wire::ContentRange;

use super::draft::Draft;
use crate::load::work::{Manner, Names, Target};

/// A place for a session.
#[derive(Debug)]
pub(super) struct Slot {
    /// Which one it is of all, for the names of files.
    number: usize,
    /// Uploads so far.
    uploads: u64,
    pub(super) draft: Draft,
    pub(super) stage: Stage,
    /// From when the time of the upload counts.
    pub(super) began: Instant,
    /// Whether its file lies on the target already, and would only be overwritten.
    pub(super) published: bool,
    /// Whether its upload counts at all.
    pub(super) counts: bool,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// There is none.
    Free,
    /// The next byte wanted.
    At(u64),
    /// All bytes are acknowledged.
    Full,
}

impl Slot {
    pub(super) fn new(number: usize) -> Self {
        Self {
            number,
            uploads: 0,
            draft: Draft::new(),
            stage: Stage::Free,
            began: Instant::now(),
            published: false,
            counts: true,
        }
    }

    /// Prepares the requests of the next upload.
    pub(super) fn begin(&mut self, target: &Target, manner: &Manner) {
        let path = match manner.names {
            Names::Again => format!("{}{}{}", target.base, manner.prefix, self.number),
            Names::Fresh => {
                format!("{}{}{}.{}", target.base, manner.prefix, self.number, self.uploads)
            }
        };
        self.uploads += 1;
        self.draft.begin(target, &path);
    }

    /// The fragment that begins at `next`.
    pub(super) fn range(next: u64, fragment: u64, total: u64) -> ContentRange {
        ContentRange { first: next, last: next.saturating_add(fragment).min(total) - 1, total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_fragment_ends_with_the_file() {
        let range = |next| Slot::range(next, 4, 10).to_string();
        assert_eq!(range(0), "bytes 0-3/10");
        assert_eq!(range(8), "bytes 8-9/10");
    }
}

//! What one check makes of one transcript.

use std::collections::BTreeMap;

use crate::spec::{self, Dialect, Reading};

/// What one check makes of one transcript. Empty, it says that nothing called for the clause, which is not a pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How often the clause was called for and kept.
    pub kept: usize,
    /// Where the server followed one of several readings.
    pub followed: Vec<Followed>,
    /// Where the clause was broken.
    pub broken: Vec<Finding>,
}

/// One place where the clause was called for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The clause was kept.
    Kept,
    /// The server did what one reading asks.
    Followed(Followed),
    /// The clause was broken.
    Broken(Finding),
}

/// One place where a server followed a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The reading.
    pub reading: &'static Reading,
    /// The exchange that shows it, from 1.
    pub exchange: usize,
    /// What shows it, where that is more than the answer as [`described`](super::described) puts it.
    pub detail: Option<String>,
}

/// One place where a clause was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The exchange that shows it, from 1.
    pub exchange: usize,
    /// What the clause asks there.
    pub expected: String,
    /// What came instead.
    pub actual: String,
    /// The reading by which it is right after all, in the dialects that accept it.
    pub unless: Option<&'static Reading>,
}

impl Verdict {
    /// How often the clause was called for.
    #[must_use]
    pub fn exercised(&self) -> usize {
        self.kept + self.followed.len() + self.broken.len()
    }

    /// Adds what another part of the transcript showed.
    pub(super) fn add(&mut self, other: Self) {
        self.kept += other.kept;
        self.followed.extend(other.followed);
        self.broken.extend(other.broken);
    }

    /// The verdict in a dialect, where a breach by one text can be a reading that another accepts.
    #[must_use]
    pub fn in_dialect(mut self, dialect: Dialect) -> Self {
        for finding in std::mem::take(&mut self.broken) {
            match finding.unless.filter(|reading| reading.is_accepted(dialect)) {
                None => self.broken.push(finding),
                Some(reading) => {
                    let Finding { exchange, actual, .. } = finding;
                    self.followed.push(Followed { reading, exchange, detail: Some(actual) });
                }
            }
        }
        self
    }
}

/// How often a clause was called for in any number of transcripts, and what came of it each time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How often it was kept.
    pub kept: usize,
    /// How often it was broken.
    pub broken: usize,
    /// How often each reading was followed, by its id.
    pub followed: BTreeMap<&'static str, usize>,
}

impl Sum {
    /// How often the clause was called for.
    #[must_use]
    pub fn exercised(&self) -> usize {
        self.kept + self.broken + self.followed.values().sum::<usize>()
    }

    /// The readings that were followed.
    pub fn readings(&self) -> impl Iterator<Item = &'static Reading> {
        self.followed.keys().map(|id| spec::reading(id))
    }

    /// Adds what one transcript showed.
    pub fn see(&mut self, verdict: &Verdict) {
        self.kept += verdict.kept;
        self.broken += verdict.broken.len();
        for followed in &verdict.followed {
            *self.followed.entry(followed.reading.id).or_default() += 1;
        }
    }

    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.kept += other.kept;
        self.broken += other.broken;
        for (reading, times) in &other.followed {
            *self.followed.entry(reading).or_default() += times;
        }
    }
}

impl From<&Verdict> for Sum {
    fn from(verdict: &Verdict) -> Self {
        let mut sum = Self::default();
        sum.see(verdict);
        sum
    }
}

impl FromIterator<Judgement> for Verdict {
    fn from_iter<I: IntoIterator<Item = Judgement>>(judgements: I) -> Self {
        let mut verdict = Self::default();
        for judgement in judgements {
            match judgement {
                Judgement::Kept => verdict.kept += 1,
                Judgement::Followed(followed) => verdict.followed.push(followed),
                Judgement::Broken(finding) => verdict.broken.push(finding),
            }
        }
        verdict
    }
}

//! Runs that shared the work become one.

use std::{collections::BTreeSet, time::Duration};

use super::{Circumstances, Rows, Selection, Tally};
use crate::{
    report::{Again, Replay, Results},
    spec::CLAUSES,
};

/// Why runs cannot be added up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There are none.
    #[error("there is nothing to merge")]
    Nothing,
    /// They were judged in different ways.
    #[error("they differ in their {0}, so that no one result can be made of them")]
    Differ(&'static str),
    /// The same sessions are in two of them, which have these numbers.
    #[error("number {0} and number {1} are of the same sessions, which would count twice")]
    Twice(usize, usize),
}

impl Results {
    /// What several runs come to together, in whatever order they stand.
    ///
    /// # Errors
    ///
    /// If there are none, if they were not judged by the same texts or not sent in the same way, and if one shard of random
    /// sessions is there twice.
    pub fn merged(runs: Vec<Self>) -> Result<Self, MergeError> {
        let first = runs.first().ok_or(MergeError::Nothing)?;
        let differ = |of: fn(&Self) -> String| runs.iter().any(|one| of(one) != of(first));
        if differ(|one| one.dialect.as_str().to_owned()) {
            return Err(MergeError::Differ("dialect"));
        }
        if differ(|one| one.transport.clone()) {
            return Err(MergeError::Differ("transport"));
        }
        if let Some((one, other)) = twice(&runs) {
            return Err(MergeError::Twice(one + 1, other + 1));
        }
        let targets: BTreeSet<&str> = runs.iter().map(|one| one.target.as_str()).collect();
        let circumstances = Circumstances {
            target: targets.into_iter().collect::<Vec<_>>().join(", "),
            // The findings have theirs already.
            replay: Replay::new(Again::Run),
            dialect: first.dialect,
            transport: first.transport.clone(),
            seed: runs.iter().map(|one| one.seed).min().unwrap_or_default(),
            selection: selection(&runs),
        };
        let interrupted = runs.iter().filter(|one| one.interrupted).map(|one| one.exit_code).max();
        let took: Duration = runs.iter().map(|one| one.took).sum();
        // Rows that are there were wanted.
        let mut tally = Tally::new(circumstances, Rows::Each);
        runs.into_iter().for_each(|one| tally.add_results(one));
        tally.causes.sort_by(|one, other| (&one.kind, &one.seen).cmp(&(&other.kind, &other.seen)));
        tally.causes.dedup_by(|one, other| one.kind == other.kind);
        Ok(tally.results(interrupted, took))
    }
}

/// Two runs that sent the same random sessions, if there are such.
fn twice(runs: &[Results]) -> Option<(usize, usize)> {
    let sent = |run: &Results| run.requests.map(|digest| (run.seed, digest, run.target.clone()));
    let sent: Vec<_> = runs.iter().map(sent).collect();
    sent.iter().enumerate().find_map(|(other, key)| {
        let one = sent[..other].iter().position(|it| key.is_some() && it == key)?;
        Some((one, other))
    })
}

fn selection(runs: &[Results]) -> Selection {
    let clauses = runs.iter().flat_map(|one| &one.clauses);
    let ids: BTreeSet<String> = clauses.map(|result| result.clause.id.to_owned()).collect();
    if ids.len() == CLAUSES.len() { Selection::Everything } else { Selection::Chosen(ids) }
}

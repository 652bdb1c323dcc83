//! Checks tried on a few lines of transcript.

use super::{Observed, Verdict, named};
use crate::{spec::POINTS, transcript::Transcript};

/// What the check of this name makes of a transcript whose directory is `/upload/`.
pub(crate) fn verdict(check: &str, lines: &str) -> Verdict {
    let mut transcript: Transcript = lines.parse().unwrap_or_else(|error| panic!("{error}"));
    if transcript.facts.base.is_empty() {
        transcript.facts.base = "/upload/".into();
    }
    let check = named(check).unwrap_or_else(|| panic!("no check is called {check}"));
    (check.judge)(&Observed::of(&transcript))
}

/// Asserts that the clause is kept, and called for: without a choice, or by the first reading of its point.
pub(crate) fn kept(check: &str, lines: &str) {
    let verdict = verdict(check, lines);
    assert!(verdict.exercised() > 0, "{check} is not exercised by {lines}");
    let is_first = |reading| POINTS.iter().any(|point| point.readings[0] == reading);
    assert!(
        verdict.broken.is_empty() && verdict.followed.iter().all(|it| is_first(*it.reading)),
        "{check} on {lines}: {verdict:?}"
    );
}

/// Asserts that the clause is broken once, at `exchange`, by what contains `actual`.
pub(crate) fn broken(check: &str, lines: &str, exchange: usize, actual: &str) {
    let verdict = verdict(check, lines);
    let [finding] = verdict.broken.as_slice() else { panic!("{check} on {lines}: {verdict:?}") };
    assert_eq!(finding.exchange, exchange, "{check} on {lines}");
    assert!(finding.actual.contains(actual), "{check}: `{}` lacks `{actual}`", finding.actual);
}

/// Asserts that the server follows this reading, once.
pub(crate) fn follows(check: &str, lines: &str, reading: &str) {
    let verdict = verdict(check, lines);
    let [followed] = verdict.followed.as_slice() else { panic!("{check} on {lines}: {verdict:?}") };
    assert_eq!(followed.reading.id, reading, "{check} on {lines}");
}

/// Asserts that nothing calls for the clause.
pub(crate) fn unexercised(check: &str, lines: &str) {
    let verdict = verdict(check, lines);
    assert_eq!(verdict.exercised(), 0, "{check} on {lines}: {verdict:?}");
}

/// A file of 20 bytes uploaded in four exchanges, and what follows.
pub(crate) fn published(more: &str) -> String {
    let id = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
    format!(
        "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {id}\n\
         > Fragment; {id}; Content-Range: bytes 0-11/20\n< 200 Ack\n> Fragment; {id}; Content-Range: bytes 12-19/20\n< 200 Ack\n\
         > Close-Session; {id}\n< 200 Ack\n{more}"
    )
}

//! The judges: each a pure function of a transcript, pointing at the clause that it judges. No I/O, no clock.
//!
//! A check reads the server's headers itself and tracks sessions by itself ([`Observed`]); it shares no parser and no
//! session machine with the reference server, so that one misreading cannot make both agree.

mod ack;
mod answered;
mod application;
mod breach;
pub mod byteranges;
mod cancel_session;
mod close_session;
mod conditional;
mod content;
mod create_session;
mod created_id;
mod date;
mod download;
mod errors;
mod expectation;
mod fragment;
mod fragment_range;
mod grade;
mod history;
mod host_id;
mod http;
mod in_front;
#[cfg(test)]
mod interruptions;
mod judge;
mod lifetime;
mod multirange;
mod notify;
mod observed;
mod open;
mod outages;
mod path;
mod ping;
mod publication;
mod replacement;
mod reply;
mod restart;
mod said;
mod session;
#[cfg(test)]
mod testing;
mod track;
mod verdict;

pub use expectation::{UnmetExpectation, unmet};
pub use grade::Outcome;
pub use in_front::{Cause, InFront};
pub use judge::described;
pub use observed::Observed;
pub use verdict::{Finding, Followed, Judgement, Sum, Verdict};

use std::sync::LazyLock;

use crate::spec::Clause;

/// A way to judge one clause.
#[derive(Debug)]
pub struct Check {
    /// A short name that never changes, `message/what-is-judged`.
    pub name: &'static str,
    /// The clause that it judges; title and level come from here, said once.
    pub clause: &'static Clause,
    /// The judgement: a pure function of what was observed.
    pub judge: fn(&Observed<'_>) -> Verdict,
}

/// Every check.
pub fn all() -> impl ExactSizeIterator<Item = &'static Check> {
    ALL.iter().copied()
}

/// Put together once: each transcript is judged by all of them.
static ALL: LazyLock<Vec<&'static Check>> = LazyLock::new(|| {
    let files = [
        ping::CHECKS,
        create_session::CHECKS,
        created_id::CHECKS,
        host_id::CHECKS,
        fragment::CHECKS,
        fragment_range::CHECKS,
        close_session::CHECKS,
        cancel_session::CHECKS,
        session::CHECKS,
        errors::CHECKS,
        publication::CHECKS,
        http::CHECKS,
        download::CHECKS,
        multirange::CHECKS,
        conditional::CHECKS,
        replacement::CHECKS,
        open::CHECKS,
        lifetime::CHECKS,
        notify::CHECKS,
        application::CHECKS,
        reply::CHECKS,
        history::CHECKS,
    ];
    ack::CHECKS.iter().copied().chain(files).flatten().collect()
});

/// The check of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Check> {
    all().find(|check| check.name == name)
}

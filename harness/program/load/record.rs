//! Counts and latencies of one thread, in memory of a fixed size.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timed {
    /// Create-Session until its Ack.
    Create,
    /// A fragment until its Ack.
    Fragment,
    /// Close-Session until its Ack.
    Close,
    /// Cancel-Session until its Ack.
    Cancel,
    /// From the begin of Create-Session until the Ack of Close-Session: a file is published.
    Published,
    /// A connection until it stands.
    Connect,
    /// A fragment at a wrong offset until the 416.
    Refused,
    /// A broken connection until the next byte wanted is acknowledged: connect, 416, the right fragment.
    Resume,
    /// How late a timer of this machine woke an idle connection of an open loop; no fault of the server.
    Late,
}

impl Timed {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Create,
        Self::Fragment,
        Self::Close,
        Self::Cancel,
        Self::Published,
        Self::Connect,
        Self::Refused,
        Self::Resume,
        Self::Late,
    ];

    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create_session",
            Self::Fragment => "fragment",
            Self::Close => "close_session",
            Self::Cancel => "cancel_session",
            Self::Published => "published",
            Self::Connect => "connect",
            Self::Refused => "refused_416",
            Self::Resume => "resume",
            Self::Late => "timer_late",
        }
    }
}

/// What went wrong with an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Trouble {
    /// No connection.
    #[error("cannot connect: {0}")]
    Connect(std::io::ErrorKind),
    /// The connection broke.
    #[error("connection broke: {0}")]
    Broke(std::io::ErrorKind),
    /// The server closed the connection before it answered.
    #[error("closed before an answer")]
    Closed,
    /// No answer within the time limit.
    #[error("no answer in time")]
    Timeout,
    /// The answer is not HTTP, or its head does not end.
    #[error("an answer that is not HTTP/1.1")]
    NotHttp,
    /// The server refused.
    #[error("status {0}")]
    Status(u16),
    /// An Ack that does not name the byte after the fragment.
    #[error("an Ack that names another offset")]
    Offset,
    /// An Ack to Create-Session without a session.
    #[error("an Ack without a session id")]
    NoSession,
}

impl Trouble {
    /// Whether the connection is of no use any more.
    #[must_use]
    pub const fn ends_connection(self) -> bool {
        !matches!(self, Self::Status(_) | Self::Offset | Self::NoSession)
    }
}

/// The longest time that is told apart, in nanoseconds: ten minutes.
const LONGEST: u64 = 600_000_000_000;

/// Counts and latencies.
#[derive(Debug)]
pub struct Recorder {
    histograms: Vec<Histogram<u64>>,
    /// Bytes of acknowledged fragments.
    pub bytes: u64,
    /// Acknowledged fragments.
    pub fragments: u64,
    /// Uploads that were closed with success.
    pub uploads: u64,
    /// Uploads that had all bytes and were cancelled, so that the target's disk does not fill.
    pub cancelled: u64,
    /// Sessions that were given up.
    pub abandoned: u64,
    /// How often each thing went wrong.
    pub errors: BTreeMap<Trouble, u64>,
    /// When the last thing was recorded.
    pub last: Option<Instant>,
}

impl Default for Recorder {
    fn default() -> Self {
        // One microsecond is told apart from the next, and three digits of everything longer.
        let histogram = Histogram::new_with_bounds(1_000, LONGEST, 3)
            .expect("the bounds are in order and three digits are allowed");
        Self {
            histograms: vec![histogram; Timed::ALL.len()],
            bytes: 0,
            fragments: 0,
            uploads: 0,
            cancelled: 0,
            abandoned: 0,
            errors: BTreeMap::new(),
            last: None,
        }
    }
}

impl Recorder {
    /// Keeps a latency. Does not allocate.
    pub fn time(&mut self, what: Timed, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.histograms[what as usize].saturating_record(nanoseconds);
    }

    /// Counts something that went wrong.
    pub fn fail(&mut self, trouble: Trouble) {
        *self.errors.entry(trouble).or_default() += 1;
    }

    /// The latencies of one kind, in nanoseconds.
    #[must_use]
    pub fn of(&self, what: Timed) -> &Histogram<u64> {
        &self.histograms[what as usize]
    }

    /// Adds what another thread recorded.
    pub fn add(&mut self, other: &Self) {
        for (mine, more) in self.histograms.iter_mut().zip(&other.histograms) {
            mine.add(more).expect("all histograms have the same bounds");
        }
        self.bytes += other.bytes;
        self.fragments += other.fragments;
        self.uploads += other.uploads;
        self.cancelled += other.cancelled;
        self.abandoned += other.abandoned;
        self.last = self.last.max(other.last);
        for (trouble, count) in &other.errors {
            *self.errors.entry(*trouble).or_default() += count;
        }
    }
}

/// How far a measurement is, for whoever watches it.
#[derive(Debug, Default)]
pub struct Live {
    /// Bytes acknowledged, warm-up included.
    pub bytes: AtomicU64,
    /// Fragments acknowledged.
    pub fragments: AtomicU64,
    /// Uploads that ended.
    pub uploads: AtomicU64,
    /// What went wrong.
    pub errors: AtomicU64,
}

impl Live {
    /// Adds to one of the numbers.
    pub(super) fn count(number: &AtomicU64, more: u64) {
        number.fetch_add(more, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_threads_recorded_adds_up() {
        let (mut one, mut two) = (Recorder::default(), Recorder::default());
        one.time(Timed::Fragment, Duration::from_millis(1));
        two.time(Timed::Fragment, Duration::from_millis(3));
        two.fail(Trouble::Status(500));
        two.bytes = 7;
        one.add(&two);
        assert_eq!(one.of(Timed::Fragment).len(), 2);
        assert!(one.of(Timed::Fragment).max().abs_diff(3_000_000) < 3_000);
        assert_eq!((one.bytes, one.errors[&Trouble::Status(500)]), (7, 1));
    }

    #[test]
    fn each_kind_has_the_place_of_its_name() {
        for (at, what) in Timed::ALL.into_iter().enumerate() {
            assert_eq!(what as usize, at);
        }
    }

    #[test]
    fn a_latency_beyond_the_longest_counts_as_the_longest() {
        let mut recorder = Recorder::default();
        recorder.time(Timed::Close, Duration::MAX);
        assert_eq!(recorder.of(Timed::Close).len(), 1);
    }
}

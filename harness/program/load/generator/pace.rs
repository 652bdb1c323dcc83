//! When the next thing of an open loop is due, and from when its latency counts.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// A plan of starts, one after the other in equal distances, from which every connection takes the next.
#[derive(Debug)]
pub(super) struct Schedule {
    begin: Instant,
    per_second: f64,
    next: AtomicU64,
}

/// A start that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// When it was meant to be.
    pub(super) due: Instant,
}

impl Schedule {
    pub(super) fn new(begin: Instant, per_second: f64) -> Self {
        Self { begin, per_second, next: AtomicU64::new(0) }
    }

    /// Takes the next start.
    pub(super) fn take(&self) -> Turn {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let after = Duration::try_from_secs_f64(number as f64 / self.per_second);
        // A start that is further away than time can tell never comes.
        let after = after.unwrap_or(Duration::from_secs(1 << 32));
        Turn { due: self.begin + after }
    }
}

impl Turn {
    /// From when the latency counts, if the connection was free at `free` and sends at `now`, and how late the timer was.
    ///
    /// Whoever was busy when the turn came makes it wait, and that counts, or the worst latencies would be left out
    /// (coordinated omission). Whoever slept until then was woken by a timer of this machine; its lateness is not the
    /// server's.
    pub(super) fn start(self, free: Instant, now: Instant) -> (Instant, Option<Duration>) {
        if free > self.due { (self.due, None) } else { (now, Some(now - self.due)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_as_far_apart_as_the_rate_says() {
        let begin = Instant::now();
        let schedule = Schedule::new(begin, 4.0);
        let due: Vec<_> = (0..3).map(|_| schedule.take().due - begin).collect();
        assert_eq!(due, [0, 250, 500].map(Duration::from_millis));
    }

    #[test]
    fn a_turn_that_had_to_wait_counts_from_when_it_was_meant() {
        let begin = Instant::now();
        let ms = |ms| begin + Duration::from_millis(ms);
        let turn = Turn { due: ms(10) };
        assert_eq!(turn.start(ms(25), ms(25)), (ms(10), None));
        assert_eq!(turn.start(ms(5), ms(11)), (ms(11), Some(Duration::from_millis(1))));
    }

    #[test]
    fn the_slowest_rate_does_not_overflow() {
        let schedule = Schedule::new(Instant::now(), f64::MIN_POSITIVE);
        schedule.take();
        assert!(schedule.take().due > Instant::now());
    }
}

//! Sends: threads, each with connections of its own, each with sessions that take turns.

mod answer;
mod connection;
mod draft;
mod pace;
mod probe;
mod slot;
mod thread;
mod worker;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use self::pace::Schedule;
use super::{
    record::{Live, Recorder},
    work::{Cell, Extent, Manner, Pace, Paced, Target},
};

pub use self::thread::greet;

pub(super) use self::probe::probe;

/// Stops what is under way when it becomes true.
pub type Stop = watch::Receiver<bool>;

/// What all threads share.
struct Shared {
    target: Target,
    cell: Cell,
    manner: Manner,
    /// What every fragment carries; made once.
    payload: Arc<[u8]>,
    live: Arc<Live>,
    fragments: Option<Schedule>,
    sessions: Option<Schedule>,
    /// Uploads that may still begin.
    uploads_left: Option<AtomicU64>,
    /// Bytes that may still be published.
    budget_left: AtomicU64,
    /// What counts begins here.
    from: Instant,
    /// And ends here, if it ends at a time.
    until: Option<Instant>,
}

/// What a measurement was.
pub(super) struct Measured {
    pub(super) recorder: Recorder,
    /// How long it went on, the warm-up left out.
    pub(super) took: Duration,
    /// Processor time of each thread of the generator meanwhile, if the system tells.
    pub(super) cpu: Vec<Option<Duration>>,
    /// Bytes that were published and stay on the target.
    pub(super) left_behind: u64,
}

/// Works a cell, and comes back when it is over or `stop` says so.
///
/// # Errors
///
/// If a thread cannot be started.
pub(super) fn work(
    cell: Cell,
    manner: &Manner,
    target: &Target,
    payload: &Arc<[u8]>,
    live: &Arc<Live>,
    stop: &Stop,
) -> std::io::Result<Measured> {
    let shared = Arc::new(Shared::of(cell, manner, target, payload, live));
    let threads = manner.threads_for(&cell);
    let handles: Vec<_> = (0..threads)
        .map(|number| {
            let (shared, stop) = (Arc::clone(&shared), stop.clone());
            let name = format!("generator-{number}");
            let run = move || thread::run(&shared, number, threads, stop);
            std::thread::Builder::new().name(name).spawn(run)
        })
        .collect::<Result<_, _>>()?;
    let mut recorder = Recorder::default();
    let mut cpu = Vec::new();
    for handle in handles {
        let (one, used) =
            handle.join().map_err(|_| std::io::Error::other("a thread fell over"))??;
        recorder.add(&one);
        cpu.push(used);
    }
    let end = shared.until.map(|until| until.min(Instant::now())).or(recorder.last);
    Ok(Measured {
        took: end.map_or(Duration::ZERO, |end| end.saturating_duration_since(shared.from)),
        left_behind: manner.budget.saturating_sub(shared.budget_left.load(Ordering::Relaxed)),
        recorder,
        cpu,
    })
}

impl Shared {
    fn of(
        cell: Cell,
        manner: &Manner,
        target: &Target,
        payload: &Arc<[u8]>,
        live: &Arc<Live>,
    ) -> Self {
        let begin = Instant::now();
        let from = begin + manner.warm_up;
        let (mut fragments, mut sessions) = (None, None);
        if let Pace::Open { per_second, of } = manner.pace {
            let schedule = Some(Schedule::new(begin, per_second));
            match of {
                Paced::Fragments => fragments = schedule,
                Paced::Sessions => sessions = schedule,
            }
        }
        let (until, uploads) = match manner.extent {
            Extent::For(time) => (Some(from + time), None),
            Extent::Uploads(count) => (None, Some(AtomicU64::new(count))),
        };
        Self {
            target: target.clone(),
            cell,
            manner: manner.clone(),
            payload: Arc::clone(payload),
            live: Arc::clone(live),
            fragments,
            sessions,
            uploads_left: uploads,
            budget_left: AtomicU64::new(manner.budget),
            from,
            until,
        }
    }

    /// Whether what happens now counts.
    fn counts(&self, now: Instant) -> bool {
        now >= self.from && self.until.is_none_or(|until| now <= until)
    }

    fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now >= until)
    }

    /// Whether one more upload may begin; those of the warm-up are not among the uploads that were asked for.
    fn may_begin(&self, now: Instant) -> bool {
        match &self.uploads_left {
            Some(left) if now >= self.from => take(left, 1),
            _ => true,
        }
    }

    /// Whether one more file may stay on the target.
    fn may_publish(&self, bytes: u64) -> bool {
        take(&self.budget_left, bytes)
    }
}

fn take(left: &AtomicU64, count: u64) -> bool {
    let less = |left: u64| left.checked_sub(count);
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
}

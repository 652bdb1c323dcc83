//! One combination after the other: the target, the ceiling, the probes.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use bits_wire::payload::pattern;

use super::{
    figures::{self, Ceiling, CellFigures, Counts, Generator, Rates},
    generator::{self, Measured, Stop},
    record::Live,
    sink::Sink,
    usage::{self, ServerUsage},
    work::{Cell, Extent, Manner, Pace, Target},
};

/// Under which conditions cells are measured.
pub struct Conditions {
    /// How they are worked.
    pub manner: Manner,
    /// Where uploads go.
    pub target: Target,
    /// What fragments carry, as long as the longest of them; see [`payload`].
    pub payload: Arc<[u8]>,
    /// How long the ceiling is measured; zero leaves it out.
    pub ceiling: Duration,
    /// How many refusals and resumes are timed.
    pub probes: u32,
    /// The process of the server, if it is to be watched.
    pub server: Option<u32>,
    /// Where it can be seen how far it is.
    pub live: Arc<Live>,
    /// Ends everything early.
    pub stop: Stop,
}

/// Bytes that no compression makes less, for fragments of up to so many.
#[must_use]
pub fn payload(length: u64) -> Arc<[u8]> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    pattern(0x0B17_5EED, 0, &mut bytes);
    bytes.into()
}

/// Measures one combination.
///
/// # Errors
///
/// If the system gives no threads or sockets.
pub fn bench_cell(cell: Cell, conditions: &Conditions) -> io::Result<CellFigures> {
    let Conditions { manner, target, payload, live, stop, .. } = conditions;
    let watch = conditions.server.map(|pid| Watch::start(pid, manner.warm_up));
    let measured = generator::work(cell, manner, target, payload, live, stop)?;
    let server = watch.and_then(Watch::end);
    let rates = Rates::of(&measured.recorder, measured.took);
    let stopped = || *stop.borrow();
    let ceiling = match conditions.ceiling {
        Duration::ZERO => None,
        _ if stopped() => None,
        time => Some(ceiling(cell, conditions, time)?),
    };
    let ceiling = ceiling.map(|top| Ceiling { rates: top, ratio: rates.part_of(top) });
    let recorder = measured.recorder;
    let mut figures = CellFigures {
        cell,
        seconds: measured.took.as_secs_f64(),
        counts: Counts::of(&recorder, measured.left_behind),
        rates,
        latencies: figures::latencies(&recorder),
        fragment_curve: figures::fragment_curve(&recorder),
        errors: BTreeMap::new(),
        generator: Generator::of(
            &measured.cpu,
            measured.took,
            cores(),
            recorder.fragments,
            ceiling,
        ),
        ceiling,
        server,
    };
    let hopeless = recorder.fragments == 0;
    if conditions.probes > 0 && !stopped() && !hopeless {
        let probed =
            generator::probe(conditions.probes, &cell, manner, target, payload, stop.clone())?;
        figures.latencies.extend(figures::latencies(&probed));
        for (trouble, count) in probed.errors {
            *figures.errors.entry(format!("{trouble} (resume)")).or_default() += count;
        }
    }
    if hopeless && recorder.errors.is_empty() && !stopped() {
        figures.errors.insert("nothing was acknowledged in the time that counts".into(), 1);
    }
    figures.errors.extend(recorder.errors.iter().map(|(it, count)| (it.to_string(), *count)));
    Ok(figures)
}

/// What the generator reaches with the same work on a sink.
fn ceiling(cell: Cell, conditions: &Conditions, time: Duration) -> io::Result<Rates> {
    let threads = conditions.manner.threads_for(&cell);
    let sink = Sink::start(threads)?;
    let target = Target {
        address: sink.address(),
        authority: sink.address().to_string(),
        base: conditions.target.base.clone(),
    };
    let manner = Manner {
        pace: Pace::Closed,
        extent: Extent::For(time),
        warm_up: conditions.manner.warm_up.min(time / 4),
        budget: u64::MAX,
        ..conditions.manner.clone()
    };
    let live = Arc::default();
    let Measured { recorder, took, .. } =
        generator::work(cell, &manner, &target, &conditions.payload, &live, &conditions.stop)?;
    Ok(Rates::of(&recorder, took))
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Watches what a process uses.
struct Watch {
    over: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    pid: u32,
    thread: thread::JoinHandle<Option<(Duration, Duration, bool)>>,
}

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

impl Watch {
    /// Begins after the warm-up.
    fn start(pid: u32, warm_up: Duration) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let most = Arc::new(AtomicU64::new(0));
        let (end, peak) = (Arc::clone(&over), Arc::clone(&most));
        let thread = thread::spawn(move || {
            thread::park_timeout(warm_up);
            let began = std::time::Instant::now();
            let first = usage::of_process(pid)?;
            let mut last = first;
            loop {
                let Some(now) = usage::of_process(pid) else {
                    return Some((last.cpu - first.cpu, began.elapsed(), true));
                };
                last = now;
                peak.fetch_max(now.resident, Ordering::Relaxed);
                if end.load(Ordering::Relaxed) {
                    return Some((last.cpu.saturating_sub(first.cpu), began.elapsed(), false));
                }
                thread::park_timeout(LOOK);
            }
        });
        Self { over, most, pid, thread }
    }

    fn end(self) -> Option<ServerUsage> {
        self.over.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        let (cpu, took, ended) = self.thread.join().ok()??;
        Some(ServerUsage {
            pid: self.pid,
            cpu_seconds: cpu.as_secs_f64(),
            cores: cpu.as_secs_f64() / took.as_secs_f64().max(0.001),
            resident_bytes_max: self.most.load(Ordering::Relaxed),
            ended,
        })
    }
}

//! What a measurement came to: plain figures, which are written as JSON and read again as a baseline.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::{
    baseline::Slower,
    record::{Recorder, Timed},
    usage::ServerUsage,
    work::{Cell, Pace},
};

/// The form of the document; a reader refuses others.
pub const SCHEMA_VERSION: u32 = 1;

/// All that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The form of this document.
    pub schema_version: u32,
    /// What measured.
    pub program: String,
    /// The URL.
    pub target: String,
    /// When things were sent.
    pub pace: Pace,
    /// Seconds at the beginning of each measurement that do not count.
    pub warm_up_seconds: f64,
    /// The exit code of the signal that stopped it, if one did.
    pub interrupted: Option<u8>,
    /// What was compared with, if something was.
    pub baseline: Option<Compared>,
    /// Each combination.
    pub cells: Vec<CellFigures>,
}

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The file.
    pub file: String,
    /// The least part of an old figure that is good enough.
    pub threshold: f64,
    /// Figures that were compared.
    pub compared: usize,
    /// Those that are not good enough.
    pub slower: Vec<Slower>,
}

/// What one combination came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellFigures {
    /// The combination.
    #[serde(flatten)]
    pub cell: Cell,
    /// How long it was measured.
    pub seconds: f64,
    /// What was sent.
    pub counts: Counts,
    /// The same for each second.
    pub rates: Rates,
    /// Latencies by what was timed; what never happened is not there.
    pub latencies: BTreeMap<String, Latency>,
    /// Latencies of fragments in microseconds at these parts of all of them.
    pub fragment_curve: Vec<(f64, f64)>,
    /// What went wrong, how often.
    pub errors: BTreeMap<String, u64>,
    /// What sent it.
    pub generator: Generator,
    /// What the generator reaches with a server that does nothing.
    pub ceiling: Option<Ceiling>,
    /// What the process of the server used.
    pub server: Option<ServerUsage>,
}

/// What was sent and acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Bytes of fragments.
    pub bytes: u64,
    /// Fragments.
    pub fragments: u64,
    /// Sessions that were closed.
    pub sessions: u64,
    /// Sessions that were cancelled with all bytes sent, for want of disk space.
    pub cancelled: u64,
    /// Sessions that were given up after an error.
    pub abandoned: u64,
    /// Bytes of files that stay on the target.
    pub bytes_left_behind: u64,
}

/// So many each second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Bytes.
    pub bytes: f64,
    /// Fragments.
    pub fragments: f64,
    /// Whole uploads.
    pub sessions: f64,
}

/// Latencies in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// How many.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Half of them took less.
    pub p50: f64,
    /// Nine of ten took less.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    #[serde(rename = "p99.9")]
    pub p999: f64,
    /// The longest.
    pub max: f64,
}

/// What the generator used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// Its threads.
    pub threads: usize,
    /// Processor time of all of them, if the system tells.
    pub cpu_seconds: Option<f64>,
    /// The part of the time in which its busiest thread was busy.
    pub busiest_thread: Option<f64>,
    /// Its part of the processor time that the machine had.
    pub share_of_machine: Option<f64>,
    /// Fragments for each second of its processor time.
    pub fragments_per_cpu_second: Option<f64>,
    /// Why the figures say more of the generator than of the server, if they do.
    pub limits: Vec<String>,
}

/// What the generator reaches with a server that does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ceiling {
    /// What it reaches.
    pub rates: Rates,
    /// The part of it that was measured.
    pub ratio: Rates,
}

/// Above this part of the time a thread has nothing left to give.
const BUSY: f64 = 0.9;

/// Above this part of the ceiling it is the ceiling that is measured.
const NEAR: f64 = 0.9;

impl Counts {
    /// The counts of a recorder.
    #[must_use]
    pub fn of(recorder: &Recorder, bytes_left_behind: u64) -> Self {
        Self {
            bytes: recorder.bytes,
            fragments: recorder.fragments,
            sessions: recorder.uploads,
            cancelled: recorder.cancelled,
            abandoned: recorder.abandoned,
            bytes_left_behind,
        }
    }
}

impl Rates {
    /// The rates of what a recorder counted in this time.
    #[must_use]
    pub fn of(recorder: &Recorder, took: Duration) -> Self {
        let seconds = took.as_secs_f64();
        let rate = |count: u64| if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
        Self {
            bytes: rate(recorder.bytes),
            fragments: rate(recorder.fragments),
            sessions: rate(recorder.uploads + recorder.cancelled),
        }
    }

    /// Each as a part of another's.
    #[must_use]
    pub fn part_of(self, other: Self) -> Self {
        let part = |mine: f64, whole: f64| if whole > 0.0 { mine / whole } else { 0.0 };
        Self {
            bytes: part(self.bytes, other.bytes),
            fragments: part(self.fragments, other.fragments),
            sessions: part(self.sessions, other.sessions),
        }
    }
}

impl Latency {
    /// The latencies of a histogram in nanoseconds, if it has any.
    #[must_use]
    pub fn of(histogram: &Histogram<u64>) -> Option<Self> {
        let at = |part: f64| histogram.value_at_quantile(part) as f64 / 1e3;
        (!histogram.is_empty()).then(|| Self {
            count: histogram.len(),
            mean: histogram.mean() / 1e3,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1e3,
        })
    }
}

/// All latencies that were recorded, by name.
#[must_use]
pub fn latencies(recorder: &Recorder) -> BTreeMap<String, Latency> {
    let one = |what: Timed| Some((what.as_str().to_owned(), Latency::of(recorder.of(what))?));
    Timed::ALL.into_iter().filter_map(one).collect()
}

/// The latencies of fragments at more and more of them, closer and closer to all.
#[must_use]
pub fn fragment_curve(recorder: &Recorder) -> Vec<(f64, f64)> {
    let histogram = recorder.of(Timed::Fragment);
    let parts = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1.0];
    let enough = |part: &f64| *part == 1.0 || histogram.len() as f64 * (1.0 - part) >= 1.0;
    let point = |part: f64| (part, histogram.value_at_quantile(part) as f64 / 1e3);
    parts.into_iter().filter(|_| !histogram.is_empty()).filter(enough).map(point).collect()
}

impl Generator {
    /// What the threads used in this time, and whether they were the limit.
    #[must_use]
    pub fn of(
        cpu: &[Option<Duration>],
        took: Duration,
        cores: usize,
        fragments: u64,
        ceiling: Option<Ceiling>,
    ) -> Self {
        let seconds = took.as_secs_f64();
        let used: Option<Vec<f64>> = cpu.iter().map(|one| Some((*one)?.as_secs_f64())).collect();
        let used = used.filter(|_| seconds > 0.0);
        let sum = used.as_ref().map(|used| used.iter().sum::<f64>());
        let busiest = used.map(|used| used.into_iter().fold(0.0, f64::max) / seconds);
        let mut limits = Vec::new();
        if let Some(busy) = busiest.filter(|busy| *busy >= BUSY) {
            limits.push(format!(
                "its busiest thread was busy for {:.0} % of the time; give it more with --threads",
                busy * 100.0
            ));
        }
        let near = ceiling.map(|ceiling| ceiling.ratio.bytes).filter(|ratio| *ratio > NEAR);
        if let Some(ratio) = near {
            limits.push(format!(
                "{:.0} % of what it reaches with a server that does nothing",
                ratio * 100.0
            ));
        }
        Self {
            threads: cpu.len(),
            cpu_seconds: sum,
            busiest_thread: busiest,
            share_of_machine: sum.map(|sum| sum / (seconds * cores.max(1) as f64)),
            fragments_per_cpu_second: sum
                .filter(|sum| *sum > 0.0)
                .map(|sum| fragments as f64 / sum),
            limits,
        }
    }
}

impl Figures {
    /// Whether everything that was sent was answered as it should be.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.cells.iter().any(|cell| !cell.errors.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_does_not_tell_more_than_was_measured() {
        let mut recorder = Recorder::default();
        assert_eq!(fragment_curve(&recorder), []);
        for ms in 1..=100 {
            recorder.time(Timed::Fragment, Duration::from_millis(ms));
        }
        let parts: Vec<_> = fragment_curve(&recorder).into_iter().map(|(part, _)| part).collect();
        assert_eq!(parts, [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0]);
    }

    #[test]
    fn percentiles_are_those_of_the_samples() {
        let mut recorder = Recorder::default();
        for ms in 1..=1000 {
            recorder.time(Timed::Close, Duration::from_millis(ms));
        }
        let latency = latencies(&recorder)["close_session"];
        assert_eq!(latency.count, 1000);
        for (got, ms) in [(latency.p50, 500.0), (latency.p99, 990.0), (latency.max, 1000.0)] {
            assert!((got / 1e3 / ms - 1.0).abs() < 0.002, "{got} is not {ms} ms");
        }
    }

    #[test]
    fn a_generator_at_its_limit_says_so() {
        let second = Duration::from_secs(1);
        let ratio = |bytes| Rates { bytes, ..Rates::default() };
        let ceiling = |bytes| Some(Ceiling { rates: Rates::default(), ratio: ratio(bytes) });
        let limits = |cpu: f64, part| {
            let cpu = [Some(Duration::from_secs_f64(cpu)), Some(Duration::ZERO)];
            Generator::of(&cpu, second, 2, 10, ceiling(part)).limits.len()
        };
        assert_eq!(limits(0.5, 0.5), 0);
        assert_eq!(limits(0.95, 0.5), 1);
        assert_eq!(limits(0.5, 0.95), 1);
        let unknown = Generator::of(&[None], second, 2, 10, None);
        assert_eq!((unknown.cpu_seconds, unknown.limits.len()), (None, 0));
    }
}

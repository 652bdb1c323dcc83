//! Figures as a measurement might give them, for the tests of what shows them.

use crate::load::{
    figures::{
        Ceiling, CellFigures, Compared, Counts, Figures, Generator, Latency, Rates, SCHEMA_VERSION,
    },
    size::Size,
    usage::ServerUsage,
    work::{Cell, Pace},
};

/// Two combinations; the second met errors and was at the generator's limit.
pub(crate) fn figures() -> Figures {
    Figures {
        schema_version: SCHEMA_VERSION,
        program: "bitscheck 0.0.0".into(),
        target: "http://127.0.0.1:8080/upload/".into(),
        pace: Pace::Closed,
        warm_up_seconds: 1.0,
        interrupted: None,
        baseline: None,
        cells: vec![cell(4 << 10, 1.0), troubled()],
    }
}

/// The same, compared with a better one.
pub(crate) fn compared() -> Figures {
    let mut figures = figures();
    let mut better = figures.clone();
    better.cells[0].rates.bytes *= 2.0;
    let (compared, slower) = crate::load::baseline::compare(&better, &figures.cells, 0.9);
    figures.baseline = Some(Compared { file: "old.json".into(), threshold: 0.9, compared, slower });
    figures
}

fn troubled() -> CellFigures {
    let mut troubled = cell(1 << 20, 100.0);
    troubled.errors = [("status 503".to_owned(), 3), ("<closed>".to_owned(), 1)].into();
    troubled.counts.cancelled = 2;
    troubled.counts.abandoned = 4;
    troubled
        .generator
        .limits
        .push("95 % of what it reaches with a server that does nothing".into());
    troubled.server = Some(ServerUsage {
        pid: 7,
        cpu_seconds: 2.5,
        cores: 0.5,
        resident_bytes_max: 9 << 20,
        ended: true,
    });
    troubled.latencies.remove("resume");
    troubled
}

fn cell(fragment: u64, slower: f64) -> CellFigures {
    let rates = Rates { bytes: 4e8, fragments: 4e8 / fragment as f64, sessions: 40.0 };
    let latency = |p50: f64| Latency {
        count: 2000,
        mean: p50 * 1.2 * slower,
        p50: p50 * slower,
        p90: p50 * 2.0 * slower,
        p99: p50 * 5.0 * slower,
        p999: p50 * 9.0 * slower,
        max: p50 * 30.0 * slower,
    };
    let names =
        [("create_session", 50.0), ("fragment", 20.0), ("published", 900.0), ("resume", 150.0)];
    CellFigures {
        cell: Cell {
            connections: 2,
            sessions: 1,
            fragment: Size(fragment),
            file_size: Size(8 << 20),
        },
        seconds: 5.0,
        counts: Counts {
            bytes: 2_000_000_000,
            fragments: 2_000_000_000 / fragment,
            sessions: 200,
            ..Counts::default()
        },
        rates,
        latencies: names.into_iter().map(|(name, p50)| (name.to_owned(), latency(p50))).collect(),
        fragment_curve: vec![
            (0.0, 9.0),
            (0.5, 20.0 * slower),
            (0.99, 100.0 * slower),
            (1.0, 600.0 * slower),
        ],
        errors: std::collections::BTreeMap::new(),
        generator: Generator {
            threads: 2,
            cpu_seconds: Some(4.0),
            busiest_thread: Some(0.42),
            share_of_machine: Some(0.4),
            fragments_per_cpu_second: Some(25_000.0),
            limits: vec![],
        },
        ceiling: Some(Ceiling {
            rates: Rates { bytes: 8e8, fragments: 2e5, sessions: 80.0 },
            ratio: Rates { bytes: 0.5, fragments: 0.5, sessions: 0.5 },
        }),
        server: None,
    }
}

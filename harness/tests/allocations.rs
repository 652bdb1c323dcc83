//! Does a fragment cost the generator an allocation? The allocator of this program counts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{alloc::System, sync::Arc, time::Duration};

use bitscheck::load::{
    Cell, Conditions, Extent, Manner, Names, Pace, Target, bench_cell, payload, sink::Sink,
    size::Size,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::sync::watch;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const FRAGMENT: u64 = 1000;

/// Allocations while one upload of so many fragments is sent to a sink.
fn allocations(fragments: u64) -> usize {
    let sink = Sink::start(1).unwrap();
    let (_stop, stopped) = watch::channel(false);
    let conditions = Conditions {
        manner: Manner {
            pace: Pace::Closed,
            extent: Extent::Uploads(1),
            warm_up: Duration::ZERO,
            threads: 1,
            timeout: Duration::from_secs(30),
            names: Names::Fresh,
            prefix: "x.".into(),
            budget: u64::MAX,
        },
        target: Target {
            address: sink.address(),
            authority: sink.address().to_string(),
            base: "/".into(),
        },
        payload: payload(FRAGMENT),
        ceiling: Duration::ZERO,
        probes: 0,
        server: None,
        live: Arc::default(),
        stop: stopped,
    };
    let cell = Cell {
        connections: 1,
        sessions: 1,
        fragment: Size(FRAGMENT),
        file_size: Size(FRAGMENT * fragments),
    };
    let region = Region::new(ALLOCATOR);
    let figures = bench_cell(cell, &conditions).unwrap();
    let allocations = region.change().allocations;
    assert_eq!((figures.counts.fragments, figures.counts.sessions), (fragments, 1));
    assert!(figures.errors.is_empty(), "{:?}", figures.errors);
    allocations
}

#[test]
fn a_fragment_needs_no_allocation() {
    // What is made once, in the program and in the system's library, is made here.
    allocations(10);
    let (few, many) = (allocations(100), allocations(4100));
    assert!(few > 10, "the allocator does not count");
    // Threads that wake up in another order need a few more or less; 4,000 fragments would need thousands.
    assert!(many < few + 40, "{few} for 100 fragments, {many} for 4100");
}

//! Making random sessions, and making them smaller.

use bits_judge::model::{Shrinker, plan, session};
use bitscheck::fuzzing::rehearse;
use criterion::{Criterion, Throughput, criterion_group};

criterion_group!(benches, generating, shrinking, rehearsing);

const CASES: u64 = 100;

fn generating(criterion: &mut Criterion) {
    let generate = || (0..CASES).map(|case| session(0x5EED, case).len()).sum::<usize>();
    let operations = generate();
    assert!(operations > 500, "{operations} operations are few for {CASES} sessions");
    let planned = || {
        let plans = (0..CASES).map(|case| plan("random", &session(0x5EED, case)));
        plans.map(|plan| plan.steps.len()).sum::<usize>()
    };
    assert!(planned() > 500);
    let mut group = criterion.benchmark_group("sessions");
    group.throughput(Throughput::Elements(CASES));
    group.bench_function("generate 100", |it| it.iter(generate));
    group.bench_function("generate and plan 100", |it| it.iter(planned));
    group.finish();
}

fn rehearsing(criterion: &mut Criterion) {
    let rehearse = || {
        let mut exchanges = 0;
        for case in 0..CASES {
            let rehearsed = rehearse(0x5EED, case);
            assert_eq!(rehearsed.broken, 0, "case {case}");
            exchanges += rehearsed.exchanges;
        }
        exchanges
    };
    assert!(rehearse() as u64 > 5 * CASES, "sessions are longer than five requests");
    let mut group = criterion.benchmark_group("sessions");
    group.sample_size(20).throughput(Throughput::Elements(CASES));
    group.bench_function("generate, play and judge 100 in process", |it| it.iter(rehearse));
    group.finish();
}

fn shrinking(criterion: &mut Criterion) {
    let longest = (0..CASES).map(|case| session(0x5EED, case)).max_by_key(Vec::len);
    let longest = longest.expect("there are cases");
    assert!(longest.len() > 10);
    // Whatever still has three operations shows it: the way is long, and no network is in it.
    let shrink = || {
        let mut shrinker = Shrinker::new(longest.clone());
        let mut tries = 0;
        while let Some(smaller) = shrinker.propose() {
            tries += 1;
            if smaller.len() >= 3 && smaller.len() < shrinker.best().len() {
                shrinker.keep(smaller);
            }
        }
        (shrinker.best().len(), tries)
    };
    let (least, tries) = shrink();
    assert!(least < longest.len() && tries > 3, "{least} operations after {tries} tries");
    let mut group = criterion.benchmark_group("sessions");
    group.throughput(Throughput::Elements(tries));
    group.bench_function("shrink the longest of 100", |it| it.iter(shrink));
    group.finish();
}

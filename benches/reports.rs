//! Rendering results in each format, from a few to very many.

use bits_judge::{
    report::{Again, Circumstances, Format, Judged, Replay, Results, Selection, render},
    spec::Dialect,
    transcript::Transcript,
};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group};

criterion_group!(benches, rendering);

/// A fragment that leaves a gap and is taken.
const BROKEN: &str =
    "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}
< 200 Ack; BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}
> Fragment; BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}; Content-Range: bytes 5-9/20
< 200 Ack; BITS-Received-Content-Range: 10
";

/// Results of so many scenarios, of which each broke something.
fn results(count: usize) -> Results {
    let mut transcript: Transcript = BROKEN.parse().unwrap_or_else(|error| panic!("{error}"));
    transcript.facts.base = "/upload/".into();
    let judged = Judged::of("theme/0", "a gap", &transcript, vec![]);
    let circumstances = Circumstances {
        target: "http://bits.example/upload/".into(),
        replay: Replay::new(Again::Run),
        dialect: Dialect::Strict,
        transport: "raw".into(),
        seed: 1,
        selection: Selection::Everything,
    };
    let mut results = Results::of(circumstances, vec![judged]);
    let finding = results.findings.first().expect("the gap is found").clone();
    let scenario = results.scenarios[0].clone();
    let names = (0..count).map(|number| format!("theme/{number}"));
    let one = |name: String| {
        (
            {
                let mut scenario = scenario.clone();
                scenario.name.clone_from(&name);
                scenario
            },
            {
                let mut finding = finding.clone();
                finding.scenario = name;
                finding
            },
        )
    };
    (results.scenarios, results.findings) = names.map(one).unzip();
    assert_eq!((results.scenarios.len(), results.findings.len()), (count, count));
    results
}

fn rendering(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("report");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for size in [10, 100, 1_000, 10_000] {
        let results = results(size);
        group.throughput(Throughput::Elements(size as u64));
        for format in Format::ALL {
            let text = render(format, &results);
            assert!(text.contains("theme/0"), "{format} names what it is about");
            assert!(format == Format::Terminal || text.contains(&format!("theme/{}", size - 1)));
            group.bench_function(BenchmarkId::new(format.as_str(), size), |it| {
                it.iter(|| render(format, &results));
            });
        }
    }
    group.finish();
}

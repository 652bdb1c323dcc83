//! What coverage-guided targets do with one input of their corpus: the least that a fuzzer spends on an execution.

use std::{fs, path::Path};

use bitscheck::fuzzing::TARGETS;
use criterion::{Criterion, Throughput, criterion_group};

criterion_group!(benches, bodies);

/// The tracked inputs of a target, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort_unstable();
    files.iter().filter_map(|file| fs::read(file).ok()).collect()
}

fn bodies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fuzz");
    group.sample_size(10);
    for (name, body) in TARGETS {
        let inputs = corpus(name);
        let bytes: usize = inputs.iter().map(Vec::len).sum();
        assert!(bytes >= 50, "{name}: {} inputs of {bytes} bytes", inputs.len());
        group.throughput(Throughput::Elements(inputs.len() as u64));
        group.bench_function(*name, |it| it.iter(|| inputs.iter().for_each(|input| body(input))));
    }
    group.finish();
}

//! Judging transcripts: what an exchange costs must not depend on how many there are.

use std::fmt::Write as _;

use bits_judge::{checks, report::Judged, transcript::Transcript};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group};

criterion_group!(benches, judging);

const SIZES: [usize; 3] = [10, 1_000, 100_000];

/// One session, all of it fragments.
fn long_session(exchanges: usize) -> Transcript {
    let fragments = exchanges - 2;
    let mut text = String::new();
    session(&mut text, 1, fragments);
    read(&text, exchanges)
}

/// Sessions of ten exchanges, one after the other, each on a file of its own.
fn short_sessions(exchanges: usize) -> Transcript {
    let mut text = String::new();
    for number in 0..exchanges / 10 {
        session(&mut text, number, 8);
    }
    read(&text, exchanges)
}

fn session(text: &mut String, number: usize, fragments: usize) {
    let id = format!("BITS-Session-Id: {{{number:08X}-4144-45B3-BF27-27AFC8EC8A67}}");
    let path = format!("/upload/{number}");
    let total = fragments * 10;
    _ = writeln!(
        text,
        "> Create-Session {path}; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n\
         < 200 Ack; {id}; BITS-Protocol: {{7df0354d-249b-430f-820d-3d2a9bef4931}}"
    );
    for at in 0..fragments {
        let (first, next) = (at * 10, at * 10 + 10);
        _ = writeln!(
            text,
            "> Fragment {path}; {id}; Content-Range: bytes {first}-{}/{total}\n< 200 Ack; {id}; BITS-Received-Content-Range: {next}",
            next - 1
        );
    }
    _ = writeln!(text, "> Close-Session {path}; {id}\n< 200 Ack; {id}");
}

fn read(text: &str, exchanges: usize) -> Transcript {
    let mut transcript: Transcript = text.parse().unwrap_or_else(|error| panic!("{error}"));
    transcript.facts.base = "/upload/".into();
    assert_eq!(transcript.exchanges.len(), exchanges);
    transcript
}

fn judging(criterion: &mut Criterion) {
    assert!(checks::all().count() > 200, "all checks judge");
    let mut group = criterion.benchmark_group("judge");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (name, make) in [
        ("one session", long_session as fn(usize) -> Transcript),
        ("many sessions", short_sessions),
    ] {
        for size in SIZES {
            let transcript = make(size);
            let judge = || Judged::of("x/y", "a title", &transcript, vec![]);
            assert!(!judge().has_breach() && judge().exercised().count() > 20);
            group.throughput(Throughput::Elements(size as u64));
            group.bench_function(BenchmarkId::new(name, size), |it| it.iter(judge));
        }
    }
    group.finish();
}

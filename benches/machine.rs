//! The reference server without sockets: packets in, answers out, bytes in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bits_server::{
    config::Config,
    machine::{Reply, RequestHead},
    service::Service,
    store::Memory,
};
use bits_wire::{BITS_POST, ContentRange, Guid, Headers, UPLOAD_PROTOCOL, names};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};

criterion_group!(benches, pings, uploads);

const NOW: Duration = Duration::from_secs(1);

const FRAGMENTS: u64 = 16;

struct Server(Service);

impl Server {
    fn new() -> Self {
        let ids = AtomicU64::new(1);
        let fresh = move || Guid(u128::from(ids.fetch_add(1, Ordering::Relaxed)));
        Self(Service::new(Config::single(), Arc::new(Memory::default()), None, fresh))
    }

    fn answer(&self, target: &str, headers: &Headers, body: &[u8]) -> Reply {
        let head =
            RequestHead { method: BITS_POST, target, version: "HTTP/1.1", scheme: "http", headers };
        self.0.answer(&head, body, NOW)
    }

    fn create(&self, target: &str) -> String {
        let mut headers = packet("Create-Session", 0);
        headers.push(names::SUPPORTED_PROTOCOLS, UPLOAD_PROTOCOL);
        let reply = self.answer(target, &headers, &[]);
        assert_eq!(reply.status, 200);
        reply.headers.first(names::SESSION_ID).expect("a session has an id").to_owned()
    }

    /// A session from its begin to its cancellation.
    fn upload(&self, bytes: &[u8]) {
        let session = self.create("/file");
        let total = FRAGMENTS * bytes.len() as u64;
        for number in 0..FRAGMENTS {
            let first = number * bytes.len() as u64;
            let range = ContentRange { first, last: first + bytes.len() as u64 - 1, total };
            let mut headers = packet("Fragment", bytes.len());
            headers.push(names::SESSION_ID, session.clone());
            headers.push(names::CONTENT_RANGE, range.to_string());
            assert_eq!(self.answer("/file", &headers, bytes).status, 200);
        }
        let mut headers = packet("Cancel-Session", 0);
        headers.push(names::SESSION_ID, session);
        assert_eq!(self.answer("/file", &headers, &[]).status, 200);
    }
}

fn packet(kind: &str, length: usize) -> Headers {
    let length = length.to_string();
    let fields = [
        (names::HOST, "bits.example"),
        (names::PACKET_TYPE, kind),
        (names::CONTENT_LENGTH, length.as_str()),
    ];
    fields.into_iter().collect()
}

fn pings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("machine");
    group.throughput(Throughput::Elements(1));
    for open in [0, 1000] {
        let server = Server::new();
        let sessions = (0..open).map(|number| server.create(&format!("/{number}")));
        assert_eq!(sessions.count(), open);
        let ping = packet("Ping", 0);
        assert_eq!(server.answer("/file", &ping, &[]).status, 200);
        group.bench_with_input(
            BenchmarkId::new("ping beside open sessions", open),
            &ping,
            |it, ping| {
                it.iter(|| server.answer("/file", ping, &[]));
            },
        );
    }
    group.finish();
}

fn uploads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("machine");
    group.throughput(Throughput::Elements(FRAGMENTS + 2));
    let bytes = vec![7; 64];
    for open in [0, 1000] {
        let server = Server::new();
        let sessions = (0..open).map(|number| server.create(&format!("/{number}")));
        assert_eq!(sessions.count(), open);
        group.bench_with_input(
            BenchmarkId::new("a session of 18 packets beside open sessions", open),
            &bytes,
            |it, bytes| it.iter(|| server.upload(bytes)),
        );
    }
    group.finish();
}

//! Reading and writing what stands on the wire.

use std::hint::black_box;

use bits_wire::{
    ContentRange, Headers, UPLOAD_PROTOCOL,
    http1::{HeadState, RequestHead, ResponseHead, read_response_head},
    names,
};
use criterion::{Criterion, Throughput, criterion_group};

criterion_group!(benches, ranges, headers, heads);

const RANGE: &str = "bytes 4294967296-4294971391/1099511627776";

fn ranges(criterion: &mut Criterion) {
    let range: ContentRange = RANGE.parse().expect("the range is one");
    assert_eq!(range.length(), 4096);
    assert_eq!(range.to_string(), RANGE);
    let mut group = criterion.benchmark_group("wire");
    group.bench_function("read a range", |it| it.iter(|| black_box(RANGE).parse::<ContentRange>()));
    group.bench_function("write a range", |it| it.iter(|| black_box(range).to_string()));
    group.finish();
}

fn fragment() -> Headers {
    [
        (names::HOST, "bits.example"),
        ("Accept", "*/*"),
        ("User-Agent", "bitscheck/0.1.0"),
        (names::PACKET_TYPE, "Fragment"),
        (names::SUPPORTED_PROTOCOLS, UPLOAD_PROTOCOL),
        (names::SESSION_ID, "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}"),
        (names::CONTENT_RANGE, RANGE),
        (names::CONTENT_LENGTH, "4096"),
        (names::CONNECTION, "Keep-Alive"),
    ]
    .into_iter()
    .collect()
}

fn headers(criterion: &mut Criterion) {
    let headers = fragment();
    assert_eq!(headers.len(), 9);
    assert_eq!(headers.first("content-length"), Some("4096"));
    let mut group = criterion.benchmark_group("wire");
    group.bench_function("find a header of nine", |it| {
        it.iter(|| black_box(&headers).first(black_box("content-length")));
    });
    group.finish();
}

fn heads(criterion: &mut Criterion) {
    let headers = fragment();
    let write = || RequestHead::write("BITS_POST", "/upload/file.bin", "HTTP/1.1", &headers);
    let request = write();
    assert_eq!((request.raw.len(), request.flaws.len()), (356, 0));
    let ack = [
        (names::PACKET_TYPE, "Ack"),
        (names::SESSION_ID, "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}"),
        (names::RECEIVED_CONTENT_RANGE, "4294971392"),
        (names::CONTENT_LENGTH, "0"),
        ("Date", "Sat, 21 Nov 2026 12:00:00 GMT"),
        (names::SERVER, "Microsoft-IIS/10.0"),
    ];
    let ack = ResponseHead::write(200, "OK", &ack.into_iter().collect()).raw;
    let HeadState::Complete(head, length) = read_response_head(&ack) else {
        panic!("the head is whole")
    };
    assert_eq!((head.headers.len(), head.flaws.len(), length), (6, 0, ack.len()));
    let mut group = criterion.benchmark_group("wire");
    group.throughput(Throughput::Bytes(request.raw.len() as u64));
    group.bench_function("write the head of a fragment", |it| it.iter(write));
    group.throughput(Throughput::Bytes(ack.len() as u64));
    group.bench_function("read the head of an Ack strictly", |it| {
        it.iter(|| read_response_head(black_box(&ack)));
    });
    group.finish();
}

//! The strict reader of answers against the plain one, in one piece, in two, and byte by byte.

use bits_judge::transcript::{Answer, Body, Received, Silence};
use bits_wire::{
    http1::{Chunked, ChunkedState, Flaw, Framing},
    payload::Digest,
    text,
};

use super::plain::{self, End, Faults, Plain};
use crate::drive::read_answers;

/// The longest input that is read; beyond it the limits of heads, which depend on how bytes come, decide.
const LONGEST: usize = 32 * 1024;

/// The longest input that is read once for each place where it can be cut in two.
const LONGEST_CUT_EVERYWHERE: usize = 64;

/// The answer on a connection: its first byte says to which method, the rest is what the server sends.
pub fn http_answer(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    if bytes.len() > LONGEST {
        return;
    }
    let method = if *kind == b'h' { "HEAD" } else { "GET" };
    let everywhere = bytes.len() <= LONGEST_CUT_EVERYWHERE;
    let cuts = if everywhere { bytes.len() } else { 8 };
    let in_two = (1..cuts).map(|cut| {
        let (one, other) = bytes.split_at(if everywhere { cut } else { bytes.len() * cut / cuts });
        vec![one, other]
    });
    let ways = [vec![bytes], bytes.chunks(1).collect()].into_iter().chain(in_two);
    let ways: Vec<Vec<&[u8]>> = ways.collect();
    let read = read_answers(&ways, method);
    let read = read.expect("a runtime without sockets takes nothing but memory");
    agree(&read[0], &plain::answer(bytes, method), bytes);
    read.iter().skip(1).for_each(|other| alike(&read[0], other));
}

/// The strict reader understands what the plain one does.
fn agree(strict: &Received, plain: &Plain, bytes: &[u8]) {
    match (strict, plain) {
        (Received::Nothing(Silence::Closed), Plain::Closed)
        | (Received::Nothing(Silence::EndlessHead(_)), Plain::Endless) => {}
        (Received::Nothing(Silence::Garbage(kept)), Plain::Garbage) => {
            assert!(
                bytes.windows(kept.len().max(1)).any(|it| it == kept.as_slice()) || kept.is_empty(),
                "what is kept of garbage came"
            );
        }
        (Received::Answer(answer), Plain::Answer(plain)) => agree_on(answer, plain),
        (strict, plain) => panic!("{strict:?} is not {plain:?}"),
    }
}

fn agree_on(answer: &Answer, plain: &plain::Answer) {
    assert_eq!(answer.head.status, plain.status);
    assert_eq!(answer.interim.len(), plain.interim);
    let fields: Vec<(Vec<u8>, Vec<u8>)> = answer
        .head
        .headers
        .iter()
        .map(|header| (text::to_bytes(&header.name), text::to_bytes(&header.value)))
        .collect();
    assert_eq!(fields, plain.head.fields);
    assert_eq!(faults(&answer.head.flaws), plain.head.faults, "{:?}", answer.head);
    assert_eq!(frame(&answer.body.framing), plain.frame, "{:?}", answer.head);
    assert_eq!(answer.body.length, plain.body.len() as u64);
    assert_eq!(answer.body.digest, Digest::of(&plain.body));
    let kept = plain.body.len().min(Body::most_kept(&answer.head));
    assert_eq!(answer.body.start, plain.body[..kept]);
    assert_eq!(answer.body.complete, plain.complete);
    let kept = plain.rest.len().min(Answer::MOST_SURPLUS);
    assert_eq!(answer.surplus, plain.rest[..kept]);
}

fn faults(flaws: &[Flaw]) -> Faults {
    let mut faults = Faults::default();
    for flaw in flaws {
        let fault = match flaw {
            Flaw::BareLineFeed => &mut faults.bare_line_feed,
            Flaw::ControlCharacter(_) => &mut faults.control,
            Flaw::FoldedLine(_) => &mut faults.folded,
            Flaw::NoColon(_) => &mut faults.no_colon,
            Flaw::FieldName(_) => &mut faults.name,
            Flaw::StatusLine(_) => &mut faults.status_line,
        };
        *fault = true;
    }
    faults
}

const fn frame(framing: &Framing) -> plain::Frame {
    match framing {
        Framing::Nothing => plain::Frame::Nothing,
        Framing::Length(length) => plain::Frame::Length(*length),
        Framing::Chunked => plain::Frame::Chunked,
        Framing::UntilClose => plain::Frame::Close,
        Framing::Unclear(_) => plain::Frame::Unclear,
    }
}

/// How bytes come in pieces changes only how many of the needless ones are seen.
fn alike(one: &Received, other: &Received) {
    match (one, other) {
        (Received::Answer(one), Received::Answer(other)) => {
            assert!(one.surplus.starts_with(&other.surplus));
            assert_eq!((&one.head, &one.interim), (&other.head, &other.interim));
            assert_eq!(one.body, other.body);
        }
        (Received::Nothing(Silence::Garbage(one)), Received::Nothing(Silence::Garbage(other))) => {
            assert!(one.starts_with(other), "{one:?} {other:?}");
        }
        (one, other) => assert_eq!(one, other),
    }
}

/// Chunks in pieces, at once, and by the plain reader.
pub fn chunked_body(data: &[u8]) {
    if data.len() > LONGEST {
        return;
    }
    let wanted = plain::chunks(data);
    assert_eq!(unchunk(&[data]), wanted);
    let single: Vec<&[u8]> = data.chunks(1).collect();
    assert_eq!(unchunk(&single), wanted);
    for cut in (1..data.len()).step_by(data.len() / 64 + 1) {
        let (one, other) = data.split_at(cut);
        assert_eq!(unchunk(&[one, other]), wanted, "cut at {cut}");
    }
}

fn unchunk(pieces: &[&[u8]]) -> (Vec<u8>, usize, End) {
    let (mut body, mut used, mut reader) = (Vec::new(), 0, Chunked::default());
    for piece in pieces {
        let (count, state) = reader.read(piece, |data| body.extend_from_slice(data));
        used += count;
        match state {
            ChunkedState::More => assert_eq!(count, piece.len(), "all is read that can be"),
            ChunkedState::Done => return (body, used, End::Good),
            ChunkedState::Broken => return (body, used, End::Broken),
        }
    }
    (body, used, End::Missing)
}

//! The answer on a connection, from all of its bytes at once.

use super::{End, Faults, Head, chunks, head};

/// What the bytes of a connection come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::fuzzing) enum Plain {
    /// The connection ended before an answer.
    Closed,
    /// No HTTP.
    Garbage,
    /// More answers of status 1xx than anybody reads.
    Endless,
    /// An answer.
    Answer(Answer),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::fuzzing) struct Answer {
    pub(in crate::fuzzing) interim: usize,
    pub(in crate::fuzzing) status: u16,
    pub(in crate::fuzzing) head: Head,
    pub(in crate::fuzzing) frame: Frame,
    pub(in crate::fuzzing) body: Vec<u8>,
    pub(in crate::fuzzing) complete: bool,
    /// What comes behind the body.
    pub(in crate::fuzzing) rest: Vec<u8>,
}

/// What marks the end of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fuzzing) enum Frame {
    Nothing,
    Length(u64),
    Chunked,
    Close,
    Unclear,
}

/// Reads the answer to a request with this method.
pub(in crate::fuzzing) fn answer(bytes: &[u8], method: &str) -> Plain {
    let mut rest = bytes;
    let mut interim = 0;
    loop {
        if !b"HTTP/".starts_with(&rest[..rest.len().min(5)]) {
            return Plain::Garbage;
        }
        let Some(mut head) = head(rest) else { return Plain::Closed };
        let Some(status) = status(&head.first, &mut head.faults) else { return Plain::Garbage };
        rest = &rest[head.length..];
        if (100..=199).contains(&status) && status != 101 {
            interim += 1;
            if interim > 32 {
                return Plain::Endless;
            }
            continue;
        }
        let frame = frame(&head, status, method);
        let (body, used, complete) = body(rest, frame);
        let rest = rest[used..].to_vec();
        return Plain::Answer(Answer { interim, status, head, frame, body, complete, rest });
    }
}

/// The status of `HTTP/d.d ddd reason`, or of what can be taken for it.
fn status(line: &[u8], faults: &mut Faults) -> Option<u16> {
    let words: Vec<&[u8]> = line.splitn(3, |&byte| byte == b' ').collect();
    let digits = words.get(1)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut status: u64 = 0;
    for digit in *digits {
        status = status * 10 + u64::from(digit - b'0');
        if status > 65535 {
            return None;
        }
    }
    let version = words[0];
    let right = version.len() == 8
        && version.starts_with(b"HTTP/")
        && version[5].is_ascii_digit()
        && version[6] == b'.'
        && version[7].is_ascii_digit()
        && digits.len() == 3
        && (100..=599).contains(&status)
        && words.len() == 3;
    faults.status_line |= !right;
    u16::try_from(status).ok()
}

fn frame(head: &Head, status: u16, method: &str) -> Frame {
    if method == "HEAD" || (100..=199).contains(&status) || status == 204 || status == 304 {
        return Frame::Nothing;
    }
    let codings = head.all("Transfer-Encoding");
    let lengths = head.all("Content-Length");
    if codings.is_empty() && lengths.is_empty() {
        return Frame::Close;
    }
    if codings.is_empty() {
        if lengths.iter().any(|one| *one != lengths[0]) {
            return Frame::Unclear;
        }
        return length(&lengths[0]).map_or(Frame::Unclear, Frame::Length);
    }
    let is_chunked = codings.len() == 1 && codings[0].eq_ignore_ascii_case(b"chunked");
    if is_chunked && lengths.is_empty() { Frame::Chunked } else { Frame::Unclear }
}

fn length(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    let mut length: u64 = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        length = length.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    Some(length)
}

/// The body, how many bytes it took, and whether its end is there.
fn body(rest: &[u8], frame: Frame) -> (Vec<u8>, usize, bool) {
    match frame {
        Frame::Nothing => (Vec::new(), 0, true),
        Frame::Length(length) => {
            let there = rest.len() as u64 >= length;
            let count = if there { usize::try_from(length).unwrap_or(0) } else { rest.len() };
            (rest[..count].to_vec(), count, there)
        }
        Frame::Chunked => {
            let (data, used, end) = chunks(rest);
            (data, used, end == End::Good)
        }
        Frame::Close => (rest.to_vec(), rest.len(), true),
        Frame::Unclear => (rest.to_vec(), rest.len(), false),
    }
}

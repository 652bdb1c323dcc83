//! A body in parts.

use super::{Faults, head};

/// A part: what its `Content-Range` says, and its bytes.
pub(in crate::fuzzing) type Part = (Vec<u8>, Vec<u8>);

/// The parts between boundaries, if the body is one that anybody would write: boundaries at the begins of lines, each
/// part a head and bytes.
pub(in crate::fuzzing) fn parts(body: &[u8], boundary: &[u8]) -> Option<Vec<Part>> {
    let mark = [b"--", boundary].concat();
    let mut parts = Vec::new();
    let mut rest = body.strip_prefix(mark.as_slice())?;
    while !rest.starts_with(b"--") {
        rest = rest.strip_prefix(b"\r\n")?;
        let end = [b"\r\n", mark.as_slice()].concat();
        let at = rest.windows(end.len()).position(|window| window == end.as_slice())?;
        parts.push(part(&rest[..at])?);
        rest = &rest[at + end.len()..];
    }
    (rest == b"--\r\n").then_some(parts)
}

fn part(bytes: &[u8]) -> Option<Part> {
    // A head of a part has no first line of its own, so one is put before it.
    let with_first = [b"part\r\n", bytes].concat();
    let head = head(&with_first)?;
    let places = head.all("Content-Range");
    let [place] = places.as_slice() else { return None };
    let right = head.faults == Faults::default();
    right.then(|| (place.clone(), with_first[head.length..].to_vec()))
}

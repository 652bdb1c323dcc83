//! Several ranges in one body: `multipart/byteranges` (RFC 2616, 19.2).

use std::ops::Range;

use bits_wire::{Guid, names};

use super::{MEDIA_TYPE, Piece, place};
use crate::fault::Rules;

/// What parts the parts.
pub(super) fn boundary(fresh: Guid) -> String {
    fresh.to_string().trim_matches(['{', '}']).to_owned()
}

/// The type of a body with this boundary.
pub(super) fn media_type(boundary: &str) -> String {
    format!("multipart/byteranges; boundary={boundary}")
}

/// The body: nothing stands before the first boundary, and the line end before each other one belongs to it.
pub(super) fn body(ranges: &[Range<u64>], size: u64, boundary: &str, rules: Rules) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(2 * ranges.len() + 1);
    let mut before = rules.before_parts();
    for range in ranges {
        let head = format!(
            "{before}--{boundary}\r\nContent-Type: {MEDIA_TYPE}\r\n{}: {}\r\n{}\r\n",
            names::CONTENT_RANGE,
            place(range, size),
            rules.in_parts(),
        );
        pieces.push(Piece::Said(head.into_bytes()));
        pieces.push(Piece::Content(range.clone()));
        before = "\r\n";
    }
    let end = rules.after_parts(format!("\r\n--{boundary}--\r\n"));
    pieces.push(Piece::Said(end.into_bytes()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_its_place_and_type_and_nothing_else() {
        let pieces = body(&[5..7, 0..1], 9, "x", Rules::default());
        let said = |text: &str| Piece::Said(text.into());
        assert_eq!(
            pieces,
            [
                said(
                    "--x\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 5-6/9\r\n\r\n"
                ),
                Piece::Content(5..7),
                said(
                    "\r\n--x\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 0-0/9\r\n\r\n"
                ),
                Piece::Content(0..1),
                said("\r\n--x--\r\n"),
            ]
        );
    }
}

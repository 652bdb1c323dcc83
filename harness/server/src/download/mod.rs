//! What a GET or HEAD of a published entity is answered with: 200, 206 for ranges, 304, 404, 412 or 416.

mod conditions;
mod multipart;
mod ranges;

use std::{
    ops::Range,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bits_wire::{Guid, Headers, names};

use super::fault::Rules;
use conditions::{Condition, condition, is_current};
use ranges::{Wanted, wanted};

/// The head of an answer, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The status.
    pub status: u16,
    /// The header fields, in order.
    pub headers: Headers,
    /// The body, one piece after the other; nothing for HEAD.
    pub body: Vec<Piece>,
}

/// A piece of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These very bytes.
    Said(Vec<u8>),
    /// These bytes of the content.
    Content(Range<u64>),
}

impl Piece {
    /// Bytes in the piece.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::Said(bytes) => bytes.len() as u64,
            Self::Content(range) => range.end - range.start,
        }
    }
}

/// What is known of a published entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its size in bytes.
    pub size: u64,
    /// When it was published.
    pub modified: SystemTime,
}

impl Facts {
    /// A tag that changes whenever the content may have changed.
    #[must_use]
    pub fn tag(self) -> String {
        let age = self.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        format!("\"{:x}-{:x}\"", age.as_nanos(), self.size)
    }
}

/// The answer to a request with these headers, `facts` being nothing if there is no such entity. `fresh` parts the parts
/// of an answer that has several, and must be nothing that the content can hold.
pub(super) fn answer(
    request: &Headers,
    facts: Option<Facts>,
    rules: Rules,
    fresh: impl FnOnce() -> Guid,
) -> Download {
    let Some(facts) = facts else {
        let headers = [(names::CONTENT_LENGTH, "0")].into_iter().collect();
        return Download { status: 404, headers, body: Vec::new() };
    };
    match condition(request, facts) {
        Condition::Met => {}
        Condition::NotModified => return bare(304, facts),
        Condition::Failed => return bare(412, facts),
    }
    if request.first("If-Range").is_some_and(|validator| !is_current(validator, facts)) {
        return whole(facts);
    }
    let wanted = request.only("Range").map_or(Wanted::Whole, |value| wanted(value, facts.size));
    match wanted {
        Wanted::Whole => whole(facts),
        Wanted::Part(range) => part(facts, range),
        Wanted::Parts(ranges) if rules.serves_several_ranges() => {
            parts(facts, &rules.parts(ranges), rules, fresh)
        }
        Wanted::Parts(_) => whole(facts),
        Wanted::Nothing => {
            let mut download = bare(416, facts);
            download.headers.push(names::CONTENT_RANGE, format!("bytes */{}", facts.size));
            download
        }
    }
}

fn whole(facts: Facts) -> Download {
    let mut headers = validators(facts);
    headers.push("Accept-Ranges", "bytes");
    headers.push("Content-Type", MEDIA_TYPE);
    headers.push(names::CONTENT_LENGTH, facts.size.to_string());
    Download { status: 200, headers, body: vec![Piece::Content(0..facts.size)] }
}

fn part(facts: Facts, range: Range<u64>) -> Download {
    let mut download = whole(facts);
    download.status = 206;
    download.headers.set(names::CONTENT_LENGTH, (range.end - range.start).to_string());
    download.headers.push(names::CONTENT_RANGE, place(&range, facts.size));
    download.body = vec![Piece::Content(range)];
    download
}

/// One part alone needs no boundaries around it.
fn parts(
    facts: Facts,
    ranges: &[Range<u64>],
    rules: Rules,
    fresh: impl FnOnce() -> Guid,
) -> Download {
    if let [range] = ranges {
        return part(facts, range.clone());
    }
    let mut download = whole(facts);
    let boundary = multipart::boundary(fresh());
    download.status = 206;
    download.body = multipart::body(ranges, facts.size, &boundary, rules);
    let length: u64 = download.body.iter().map(Piece::length).sum();
    download.headers.set(names::CONTENT_LENGTH, length.to_string());
    download.headers.set("Content-Type", multipart::media_type(&boundary));
    download
}

const MEDIA_TYPE: &str = "application/octet-stream";

fn place(range: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", range.start, range.end - 1)
}

fn bare(status: u16, facts: Facts) -> Download {
    let mut headers = validators(facts);
    if status != 304 {
        headers.push(names::CONTENT_LENGTH, "0");
    }
    Download { status, headers, body: Vec::new() }
}

fn validators(facts: Facts) -> Headers {
    [("Last-Modified", httpdate::fmt_http_date(facts.modified)), ("ETag", facts.tag())]
        .into_iter()
        .collect()
}

/// HTTP dates have whole seconds.
fn seconds(time: SystemTime) -> Duration {
    Duration::from_secs(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts { size: 1000, modified: UNIX_EPOCH + Duration::from_millis(784_111_777_250) }
    }

    fn get(fields: &[(&str, &str)]) -> Download {
        answer(&fields.iter().copied().collect(), Some(facts()), Rules::default(), || Guid(7))
    }

    #[test]
    fn the_whole_content_has_its_validators() {
        let download = get(&[]);
        assert_eq!((download.status, download.body), (200, vec![Piece::Content(0..1000)]));
        let value = |name| download.headers.only(name).map(str::to_owned);
        assert_eq!(value("Content-Length").unwrap(), "1000");
        assert_eq!(value("Last-Modified").unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(value("Accept-Ranges").unwrap(), "bytes");
        assert_eq!(value("ETag").unwrap(), facts().tag());
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let download = answer(&Headers::new(), None, Rules::default(), || Guid(7));
        assert_eq!((download.status, download.headers.only("Content-Length")), (404, Some("0")));
    }

    #[test]
    fn a_single_range_is_cut_out() {
        for (range, bytes, content_range) in [
            ("bytes=0-99", 0..100, "bytes 0-99/1000"),
            ("Bytes=0-0", 0..1, "bytes 0-0/1000"),
            ("bytes=900-", 900..1000, "bytes 900-999/1000"),
            ("bytes=-1", 999..1000, "bytes 999-999/1000"),
            ("bytes=-5000", 0..1000, "bytes 0-999/1000"),
            ("bytes=999-99999999999999999999", 999..1000, "bytes 999-999/1000"),
        ] {
            let download = get(&[("Range", range)]);
            assert_eq!(download.status, 206, "{range}");
            assert_eq!(download.body, [Piece::Content(bytes.clone())], "{range}");
            assert_eq!(download.headers.only("Content-Range"), Some(content_range));
            let length = (bytes.end - bytes.start).to_string();
            assert_eq!(download.headers.only("Content-Length"), Some(length.as_str()));
        }
    }

    #[test]
    fn a_range_beyond_the_end_cannot_be_satisfied() {
        for range in [
            "bytes=1000-",
            "bytes=1000-2000",
            "bytes=-0",
            "bytes=99999999999999999999-",
            "bytes=1000-,2000-3000",
        ] {
            let download = get(&[("Range", range)]);
            assert_eq!((download.status, download.body), (416, vec![]), "{range}");
            assert_eq!(download.headers.only("Content-Range"), Some("bytes */1000"));
        }
    }

    #[test]
    fn several_ranges_come_in_parts_with_the_length_of_all() {
        let download = get(&[("Range", "bytes=500-599,0-9")]);
        assert_eq!(download.status, 206);
        let value = |name| download.headers.only(name).unwrap();
        assert_eq!(
            value("Content-Type"),
            "multipart/byteranges; boundary=00000000-0000-0000-0000-000000000007"
        );
        let length: u64 = download.body.iter().map(Piece::length).sum();
        assert_eq!(value("Content-Length"), length.to_string());
        assert!(!download.headers.has("Content-Range"));
        assert_eq!(download.body[1], Piece::Content(500..600));
        assert_eq!(download.body[3], Piece::Content(0..10));
    }

    #[test]
    fn one_range_that_is_left_of_several_comes_alone() {
        let download = get(&[("Range", "bytes=0-9,5000-5009")]);
        assert_eq!((download.status, download.body), (206, vec![Piece::Content(0..10)]));
        assert_eq!(download.headers.only("Content-Range"), Some("bytes 0-9/1000"));
    }

    #[test]
    fn a_range_that_cannot_be_read_is_ignored() {
        for range in
            ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-0", "lines=0-9", "bytes=0-1,5"]
        {
            assert_eq!(get(&[("Range", range)]).status, 200, "{range}");
        }
    }

    #[test]
    fn conditions_are_judged_by_tag_and_by_date() {
        let tag = facts().tag();
        let (same, before) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT");
        for (fields, status) in [
            ([("If-Match", tag.as_str()), ("X", "")], 200),
            ([("If-Match", "\"other\""), ("X", "")], 412),
            ([("If-None-Match", tag.as_str()), ("X", "")], 304),
            ([("If-Modified-Since", same), ("X", "")], 304),
            ([("If-Modified-Since", before), ("X", "")], 200),
            ([("If-Unmodified-Since", same), ("X", "")], 200),
            ([("If-Unmodified-Since", before), ("X", "")], 412),
            ([("If-Range", same), ("Range", "bytes=0-9")], 206),
            ([("If-Range", before), ("Range", "bytes=0-9")], 200),
            ([("If-Range", tag.as_str()), ("Range", "bytes=0-9")], 206),
        ] {
            assert_eq!(get(&fields).status, status, "{fields:?}");
        }
    }
}

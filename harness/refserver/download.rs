//! What a GET or HEAD of a published entity is answered with: 200, 206 for one range, 304, 404, 412 or 416.
//!
//! Several ranges are answered with the whole content, which HTTP allows.

use std::{
    ops::Range,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::wire::{Headers, names};

/// The head of an answer, and which bytes follow it (none for HEAD).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The status.
    pub status: u16,
    /// The header fields, in order.
    pub headers: Headers,
    /// The bytes of the content that make up the body.
    pub range: Range<u64>,
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

/// The answer to a request with these headers, `facts` being nothing if there is no such entity.
#[must_use]
pub fn answer(request: &Headers, facts: Option<Facts>) -> Download {
    let Some(facts) = facts else {
        let headers = [(names::CONTENT_LENGTH, "0")].into_iter().collect();
        return Download { status: 404, headers, range: 0..0 };
    };
    match condition(request, facts) {
        Condition::Met => {}
        Condition::NotModified => return bare(304, facts),
        Condition::Failed => return bare(412, facts),
    }
    match range(request, facts) {
        Wanted::Whole => whole(facts),
        Wanted::Part(range) => part(facts, range),
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
    headers.push("Content-Type", "application/octet-stream");
    headers.push(names::CONTENT_LENGTH, facts.size.to_string());
    Download { status: 200, headers, range: 0..facts.size }
}

fn part(facts: Facts, range: Range<u64>) -> Download {
    let mut download = whole(facts);
    download.status = 206;
    download.headers.set(names::CONTENT_LENGTH, (range.end - range.start).to_string());
    let place = format!("bytes {}-{}/{}", range.start, range.end - 1, facts.size);
    download.headers.push(names::CONTENT_RANGE, place);
    download.range = range;
    download
}

fn bare(status: u16, facts: Facts) -> Download {
    let mut headers = validators(facts);
    if status != 304 {
        headers.push(names::CONTENT_LENGTH, "0");
    }
    Download { status, headers, range: 0..0 }
}

fn validators(facts: Facts) -> Headers {
    [("Last-Modified", httpdate::fmt_http_date(facts.modified)), ("ETag", facts.tag())]
        .into_iter()
        .collect()
}

enum Condition {
    Met,
    NotModified,
    Failed,
}

/// The order is that of RFC 9110, 13.2.2.
fn condition(request: &Headers, facts: Facts) -> Condition {
    let tag = facts.tag();
    let failed = match (request.first("If-Match"), date(request, "If-Unmodified-Since")) {
        (Some(tags), _) => !lists(tags, &tag),
        (None, Some(since)) => seconds(facts.modified) > seconds(since),
        (None, None) => false,
    };
    if failed {
        return Condition::Failed;
    }
    let unchanged = match (request.first("If-None-Match"), date(request, "If-Modified-Since")) {
        (Some(tags), _) => lists(tags, &tag),
        (None, Some(since)) => seconds(facts.modified) <= seconds(since),
        (None, None) => false,
    };
    if unchanged { Condition::NotModified } else { Condition::Met }
}

fn lists(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|one| one == "*" || one == tag)
}

fn date(request: &Headers, name: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(request.only(name)?).ok()
}

/// HTTP dates have whole seconds.
fn seconds(time: SystemTime) -> Duration {
    Duration::from_secs(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

enum Wanted {
    Whole,
    Part(Range<u64>),
    Nothing,
}

fn range(request: &Headers, facts: Facts) -> Wanted {
    if request.first("If-Range").is_some_and(|validator| !is_current(validator, facts)) {
        return Wanted::Whole;
    }
    let Some((first, last)) = request.only("Range").and_then(single_range) else {
        return Wanted::Whole;
    };
    let range = match (first, last) {
        (Some(first), Some(last)) if last < first => return Wanted::Whole,
        (Some(first), last) => {
            first..last.map_or(facts.size, |last| facts.size.min(last.saturating_add(1)))
        }
        (None, Some(count)) => facts.size.saturating_sub(count)..facts.size,
        (None, None) => return Wanted::Whole,
    };
    if range.is_empty() { Wanted::Nothing } else { Wanted::Part(range) }
}

fn is_current(validator: &str, facts: Facts) -> bool {
    validator == facts.tag()
        || httpdate::parse_http_date(validator)
            .is_ok_and(|date| seconds(date) == seconds(facts.modified))
}

/// The ends of a single range; nothing if there are several or the header is malformed.
fn single_range(value: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, span) = value.split_once('=')?;
    let (first, last) = span.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    Some((offset(first)?, offset(last)?))
}

/// An offset, or none if it is left out. One beyond 64 bits is beyond every end.
fn offset(digits: &str) -> Option<Option<u64>> {
    if digits.is_empty() {
        return Some(None);
    }
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| Some(digits.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts { size: 1000, modified: UNIX_EPOCH + Duration::from_millis(784_111_777_250) }
    }

    fn get(fields: &[(&str, &str)]) -> Download {
        answer(&fields.iter().copied().collect(), Some(facts()))
    }

    #[test]
    fn the_whole_content_has_its_validators() {
        let download = get(&[]);
        assert_eq!((download.status, download.range), (200, 0..1000));
        let value = |name| download.headers.only(name).map(str::to_owned);
        assert_eq!(value("Content-Length").unwrap(), "1000");
        assert_eq!(value("Last-Modified").unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(value("Accept-Ranges").unwrap(), "bytes");
        assert_eq!(value("ETag").unwrap(), facts().tag());
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let download = answer(&Headers::new(), None);
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
            assert_eq!((download.status, &download.range), (206, &bytes), "{range}");
            assert_eq!(download.headers.only("Content-Range"), Some(content_range));
            let length = (bytes.end - bytes.start).to_string();
            assert_eq!(download.headers.only("Content-Length"), Some(length.as_str()));
        }
    }

    #[test]
    fn a_range_beyond_the_end_cannot_be_satisfied() {
        for range in ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999-"] {
            let download = get(&[("Range", range)]);
            assert_eq!((download.status, download.range), (416, 0..0), "{range}");
            assert_eq!(download.headers.only("Content-Range"), Some("bytes */1000"));
        }
    }

    #[test]
    fn a_range_that_cannot_be_read_is_ignored() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=9-0",
            "lines=0-9",
            "bytes=0-1,5-9",
        ] {
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

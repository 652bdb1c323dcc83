//! What a `Range` header asks for (RFC 9110, 14.1.2).

use std::ops::Range;

/// The most ranges that are served in one answer. Who asks for more gets the whole content, which HTTP allows.
const MOST: usize = 64;

/// What is to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything, as the header means nothing or asks for too much.
    Whole,
    /// One range, since one was asked for.
    Part(Range<u64>),
    /// Those of several ranges that hold anything, in the order in which they were asked for; at least one.
    Parts(Vec<Range<u64>>),
    /// Nothing: no range holds a byte of the content.
    Nothing,
}

/// What a header of this value asks of `size` bytes.
pub(super) fn wanted(value: &str, size: u64) -> Wanted {
    let Some((unit, list)) = value.split_once('=') else { return Wanted::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    let members = list.split(',').map(str::trim).filter(|member| !member.is_empty());
    let Some(asked) = members.take(MOST + 1).map(|member| range(member, size)).collect() else {
        return Wanted::Whole;
    };
    let asked: Vec<Range<u64>> = asked;
    let several = asked.len() > 1;
    if asked.is_empty() || asked.len() > MOST {
        return Wanted::Whole;
    }
    let mut held = asked.into_iter().filter(|range| !range.is_empty());
    match (several, held.next()) {
        (_, None) => Wanted::Nothing,
        (false, Some(range)) => Wanted::Part(range),
        (true, Some(first)) => Wanted::Parts([first].into_iter().chain(held).collect()),
    }
}

/// The bytes that one member of the list means, none if it lies outside; nothing if it is malformed.
fn range(member: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = member.split_once('-')?;
    match (offset(first)?, offset(last)?) {
        (Some(first), Some(last)) if last < first => None,
        (Some(first), last) => {
            Some(first..last.map_or(size, |last| size.min(last.saturating_add(1))))
        }
        (None, Some(count)) => Some(size.saturating_sub(count)..size),
        (None, None) => None,
    }
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

    fn parts(ranges: &[(u64, u64)]) -> Wanted {
        Wanted::Parts(ranges.iter().map(|&(first, end)| first..end).collect())
    }

    #[test]
    fn several_ranges_stay_as_they_were_asked() {
        for (value, wanted_parts) in [
            ("bytes=0-1,5-6", parts(&[(0, 2), (5, 7)])),
            ("bytes=5-6, 0-1", parts(&[(5, 7), (0, 2)])),
            ("bytes=0-1,2-3", parts(&[(0, 2), (2, 4)])),
            ("bytes=0-5,3-9,0-5", parts(&[(0, 6), (3, 10), (0, 6)])),
            ("bytes=,0-1,,-2,", parts(&[(0, 2), (8, 10)])),
            ("bytes=8-99,9-", parts(&[(8, 10), (9, 10)])),
        ] {
            assert_eq!(wanted(value, 10), wanted_parts, "{value}");
        }
    }

    #[test]
    fn ranges_that_hold_nothing_are_left_out() {
        assert_eq!(wanted("bytes=10-11,0-1,-0,20-", 10), parts(&[(0, 2)]));
        assert_eq!(wanted("bytes=10-11,-0", 10), Wanted::Nothing);
        assert_eq!(wanted("bytes=0-,-5", 0), Wanted::Nothing);
    }

    #[test]
    fn one_malformed_range_spoils_the_list() {
        for value in ["bytes=0-1,x", "bytes=0-1,5", "bytes=0-1,9-5", "bytes=0-1,-", "bytes=,"] {
            assert_eq!(wanted(value, 10), Wanted::Whole, "{value}");
        }
    }

    #[test]
    fn too_many_ranges_are_not_served() {
        let list = |count: usize| format!("bytes={}", vec!["0-0"; count].join(","));
        assert_eq!(wanted(&list(MOST), 10), Wanted::Parts(vec![0..1; MOST]));
        assert_eq!(wanted(&list(MOST + 1), 10), Wanted::Whole);
    }
}

//! Downloads of several ranges at once (3.5.5, 3.5.5.1, and the older reference on their form).

use bits_wire::{
    ContentRange, Payload, names,
    payload::{Digest, digest_of},
};

use super::{
    Check, Judgement, Verdict,
    byteranges::{Part, Parts, is_in_parts, parts},
    download::{known, slice},
    judge::{broken, kept_if, shown},
    observed::{Kind, Observed, Seen},
};
use crate::{spec::clause, transcript::Answer};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "multirange/form", clause: clause("BUP-3.5.5-01"), judge: form },
    Check { name: "multirange/served", clause: clause("BUP-3.5.5-04"), judge: served },
    Check { name: "multirange/outside", clause: clause("BUP-3.5.5.1-01"), judge: outside },
    Check { name: "multirange/bytes", clause: clause("BUP-3.5.5.1-02"), judge: bytes },
    Check { name: "multirange/order", clause: clause("BUP-3.5.5.1-04"), judge: order },
    Check { name: "multirange/none-merged", clause: clause("BUP-3.5.5.1-05"), judge: none_merged },
    Check {
        name: "multirange/part-headers",
        clause: clause("W32-http-requirements-03"),
        judge: part_headers,
    },
    Check {
        name: "multirange/first-boundary",
        clause: clause("W32-http-requirements-04"),
        judge: first_boundary,
    },
];

/// More ranges than these a server need not serve at once: HTTP lets it be wary of them.
const MANY: usize = 16;
/// The most bytes of other headers in a part.
const MOST_EXTRA: usize = 180;
/// The most line ends before the first boundary.
const MOST_LEAD: usize = 2;

/// A GET of several ranges of a file whose content is known.
struct Several<'o, 't> {
    seen: &'o Seen<'t>,
    answer: &'t Answer,
    /// The ranges that hold anything, cut at the end of the file, in the order in which they were asked for.
    wanted: Vec<ContentRange>,
    /// How many were asked for.
    asked: usize,
}

fn several<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = Several<'o, 't>> {
    known(seen.each()).filter(|(seen, ..)| seen.kind == Kind::Get).filter_map(
        |(seen, answer, total)| {
            let value = seen.exchange.request.head.headers.only("Range")?;
            let members: Vec<&str> =
                value.strip_prefix("bytes=")?.split(',').map(str::trim).collect();
            let ranges: Option<Vec<_>> =
                members.iter().map(|member| range(member, total)).collect();
            let wanted = ranges?.into_iter().flatten().collect();
            (members.len() > 1).then_some(Several { seen, answer, wanted, asked: members.len() })
        },
    )
}

/// One member of the list: nothing if it is malformed, `Some(None)` if it lies outside.
fn range(member: &str, total: u64) -> Option<Option<ContentRange>> {
    let (first, last) = member.split_once('-')?;
    let number = |digits: &str| -> Option<Option<u64>> {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok())
    };
    let (first, last) = match (number(first)?, number(last)?) {
        (Some(first), Some(last)) if first <= last => (first, last),
        (Some(first), None) if last.is_empty() => (first, u64::MAX),
        (None, Some(count)) if first.is_empty() && count > 0 => {
            (total.saturating_sub(count), u64::MAX)
        }
        (None, Some(_)) if first.is_empty() => (total, u64::MAX),
        _ => return None,
    };
    let inside = first < total;
    Some(inside.then(|| ContentRange { first, last: last.min(total - 1), total }))
}

impl<'t> Several<'_, 't> {
    /// The answer taken apart, if it is in parts, of good form and all at hand.
    fn parts(&self) -> Option<Parts> {
        (self.answer.head.status == 206 && is_in_parts(self.answer))
            .then(|| parts(self.answer)?.ok())
            .flatten()
    }

    /// The places of what came, be it in parts or as one range alone.
    fn places(&self) -> Option<Vec<ContentRange>> {
        if self.answer.head.status == 206 && !is_in_parts(self.answer) {
            let place = self.answer.head.headers.first(names::CONTENT_RANGE)?;
            return Some(vec![place.parse().ok()?]);
        }
        Some(self.parts()?.parts.iter().map(|part| part.place).collect())
    }

    fn content(&self) -> Option<&[Payload]> {
        self.seen.file.content()
    }

    fn kept_if(&self, right: bool, expected: impl Into<String>) -> Judgement {
        kept_if(right, self.seen, expected, || self.describe())
    }

    fn describe(&self) -> String {
        let came = match self.places() {
            Some(places) => list(&places),
            None => shown(self.answer, "Content-Type"),
        };
        format!("{}, {came}", self.answer.head.status_line())
    }
}

/// Ranges for a person.
fn list(ranges: &[ContentRange]) -> String {
    let shown: Vec<_> = ranges
        .iter()
        .take(MANY)
        .map(|range| format!("{}-{}/{}", range.first, range.last, range.total))
        .collect();
    let rest = if ranges.len() > MANY { ", ..." } else { "" };
    format!("bytes {}{rest}", shown.join(", "))
}

fn holds(part: &ContentRange, range: &ContentRange) -> bool {
    part.total == range.total && part.first <= range.first && range.last <= part.last
}

fn form(seen: &Observed<'_>) -> Verdict {
    several(seen)
        .filter(|one| one.answer.head.status == 206 && is_in_parts(one.answer))
        .filter_map(|one| {
            let expected = "multipart/byteranges in good form, Content-Range only in its parts";
            if one.answer.head.headers.has(names::CONTENT_RANGE) {
                return Some(broken(one.seen, expected, "Content-Range in the head of the answer"));
            }
            let flaw = parts(one.answer)?.err();
            Some(kept_if(flaw.is_none(), one.seen, expected, || flaw.unwrap_or_default().into()))
        })
        .collect()
}

/// Every range asked for is in the answer, and nothing else is. Whether each has a part of its own is judged apart.
fn served(seen: &Observed<'_>) -> Verdict {
    several(seen)
        .filter(|one| (2..=MANY).contains(&one.wanted.len()) && one.asked <= MANY)
        .filter_map(|one| {
            let unread = one.answer.head.status == 206 && is_in_parts(one.answer);
            let right = match one.places() {
                None if unread => return None,
                None => false,
                Some(places) => {
                    one.wanted.iter().all(|range| places.iter().any(|part| holds(part, range)))
                        && places
                            .iter()
                            .all(|part| one.wanted.iter().any(|range| holds(part, range)))
                }
            };
            let expected = format!("206 with {}", list(&one.wanted));
            Some(one.kept_if(right, expected))
        })
        .collect()
}

/// Ranges that lie outside count for nothing; only where no other is left there is an error.
fn outside(seen: &Observed<'_>) -> Verdict {
    several(seen)
        .filter(|one| one.wanted.len() < one.asked)
        .filter_map(|one| match one.answer.head.status {
            // A server that does not look at several ranges breaks another clause.
            200 => None,
            status if one.wanted.is_empty() => Some(one.kept_if(status == 416, "416")),
            206 => {
                let places = one.places()?;
                let inside =
                    |part: &ContentRange| one.wanted.iter().any(|range| holds(part, range));
                let right = places.iter().all(inside);
                Some(one.kept_if(right, format!("206 with {}", list(&one.wanted))))
            }
            _ => Some(one.kept_if(false, format!("206 with {}", list(&one.wanted)))),
        })
        .collect()
}

fn bytes(seen: &Observed<'_>) -> Verdict {
    several(seen)
        .filter_map(|one| {
            let parts = one.parts()?.parts;
            let content = one.content()?;
            let total: u64 = content.iter().map(Payload::length).sum();
            let wrong = |part: &&Part| {
                let wanted = digest_of(&slice(content, part.place));
                part.place.total == total && wanted.is_some_and(|it| it != Digest::of(&part.bytes))
            };
            let wrong = parts.iter().find(wrong);
            let place = wrong.or_else(|| parts.first()).map(|part| part.place)?;
            let expected = format!("the bytes of {place} in their part");
            Some(kept_if(wrong.is_none(), one.seen, expected, || {
                format!("{} other bytes", wrong.map_or(0, |part| part.bytes.len()))
            }))
        })
        .collect()
}

fn in_order(ranges: &[ContentRange]) -> Vec<(u64, u64, u64)> {
    let mut sorted: Vec<_> =
        ranges.iter().map(|range| (range.first, range.last, range.total)).collect();
    sorted.sort_unstable();
    sorted
}

/// Judged where just the parts came that were asked for.
fn order(seen: &Observed<'_>) -> Verdict {
    several(seen)
        .filter_map(|one| {
            let places = one.places().filter(|places| places.len() > 1)?;
            (in_order(&places) == in_order(&one.wanted))
                .then(|| one.kept_if(places == one.wanted, list(&one.wanted)))
        })
        .collect()
}

/// Judged where every range asked for is in some part.
fn none_merged(seen: &Observed<'_>) -> Verdict {
    several(seen)
        .filter(|one| one.wanted.len() > 1)
        .filter_map(|one| {
            let places = one.places()?;
            let all = one.wanted.iter().all(|range| places.iter().any(|part| holds(part, range)));
            let count = |ranges: &[ContentRange], one: &ContentRange| {
                ranges.iter().filter(|range| *range == one).count()
            };
            let apart =
                one.wanted.iter().all(|range| count(&places, range) >= count(&one.wanted, range));
            all.then(|| one.kept_if(apart, format!("a part for each of {}", list(&one.wanted))))
        })
        .collect()
}

fn part_headers(seen: &Observed<'_>) -> Verdict {
    several(seen)
        .filter_map(|one| {
            let most = one.parts()?.parts.iter().map(|part| part.extra).max()?;
            Some(kept_if(
                most <= MOST_EXTRA,
                one.seen,
                format!("at most {MOST_EXTRA} bytes of other headers in each part"),
                || format!("{most} bytes of other headers in a part"),
            ))
        })
        .collect()
}

fn first_boundary(seen: &Observed<'_>) -> Verdict {
    several(seen)
        .filter_map(|one| {
            let lead = one.parts()?.lead;
            Some(kept_if(
                lead <= MOST_LEAD,
                one.seen,
                format!("at most {MOST_LEAD} line ends before the first boundary"),
                || format!("{lead} line ends before the first boundary"),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{broken, kept, published, unexercised};

    fn bytes_of(first: u64, last: u64) -> Vec<u8> {
        let length = last - first + 1;
        let mut bytes = vec![0; usize::try_from(length).unwrap()];
        Payload::Pattern { seed: 0x5eed, offset: first, length }.fill(0, &mut bytes).unwrap();
        bytes
    }

    /// An answer with these heads and this body.
    fn answered(asked: &str, heads: &str, body: &[u8]) -> String {
        let (length, digest) = (body.len(), Digest::of(body));
        let text: String = body.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        published(&format!(
            "> GET; Range: bytes={asked}\n< HTTP/1.1 206 Partial Content\n{heads}<\n\
             ~ length={length} digest={digest} framing=length:{length}\n| {text}"
        ))
    }

    const TYPE: &str = "< Content-Type: multipart/byteranges; boundary=b\n";

    /// An answer with these parts, `lead` before them and `more` among their headers.
    fn in_parts_with(asked: &str, lead: &str, more: &str, parts: &[(u64, u64)]) -> String {
        let mut body = lead.as_bytes().to_vec();
        for &(first, last) in parts {
            let head = format!("--b\r\n{more}Content-Range: bytes {first}-{last}/20\r\n\r\n");
            body.extend([head.as_bytes(), &bytes_of(first, last), b"\r\n"].concat());
        }
        body.extend(b"--b--\r\n");
        answered(asked, TYPE, &body)
    }

    fn in_parts(asked: &str, parts: &[(u64, u64)]) -> String {
        in_parts_with(asked, "", "", parts)
    }

    fn alone(asked: &str, first: u64, last: u64) -> String {
        let head = format!("< Content-Range: bytes {first}-{last}/20\n");
        answered(asked, &head, &bytes_of(first, last))
    }

    fn whole(asked: &str) -> String {
        published(&format!("> GET; Range: bytes={asked}\n< 200; Content-Length: 20"))
    }

    #[test]
    fn several_ranges_are_served_in_as_many_parts() {
        for (asked, parts) in [
            ("0-4,10-14", &[(0, 4), (10, 14)][..]),
            ("10-14, 0-4", &[(10, 14), (0, 4)]),
            ("0-4,5-9", &[(0, 4), (5, 9)]),
            ("0-9,5-14", &[(0, 9), (5, 14)]),
            ("0-4,0-4", &[(0, 4), (0, 4)]),
            ("0-0,-1,15-", &[(0, 0), (19, 19), (15, 19)]),
            ("0-0,5-99,20-30", &[(0, 0), (5, 19)]),
        ] {
            let lines = in_parts(asked, parts);
            for check in CHECKS.iter().filter(|check| check.name != "multirange/outside") {
                kept(check.name, &lines);
            }
        }
        for check in CHECKS {
            unexercised(check.name, &published("> GET; Range: bytes=0-4\n< 206"));
            unexercised(check.name, &published("> GET\n< 200"));
        }
    }

    #[test]
    fn less_than_was_asked_for_is_found() {
        let check = "multirange/served";
        broken(check, &whole("0-4,10-14"), 5, "200");
        broken(check, &alone("0-4,10-14", 0, 4), 5, "0-4/20");
        broken(check, &in_parts("0-4,10-14,6-7", &[(0, 4), (10, 14)]), 5, "10-14/20");
        broken(check, &in_parts("0-4,10-14", &[(0, 4), (10, 14), (6, 7)]), 5, "6-7/20");
        kept(check, &in_parts("0-4,3-9,15-19", &[(0, 9), (15, 19)]));
        kept(check, &alone("0-4,5-9", 0, 9));
        unexercised(check, &whole("0-4,20-30"));
        unexercised(check, &whole(&["0-0"; MANY + 1].join(",")));
    }

    #[test]
    fn ranges_outside_count_for_nothing() {
        let check = "multirange/outside";
        let refused = |asked| published(&format!("> GET; Range: bytes={asked}\n< 416"));
        kept(check, &alone("0-4,20-30", 0, 4));
        kept(check, &in_parts("0-4,-0,6-7", &[(0, 4), (6, 7)]));
        kept(check, &refused("20-30,40-"));
        broken(check, &refused("0-4,20-30"), 5, "416");
        broken(check, &alone("20-30,40-", 0, 4), 5, "206");
        broken(check, &alone("0-4,20-30", 5, 6), 5, "5-6/20");
        unexercised(check, &whole("0-4,20-30"));
        unexercised(check, &refused("0-4,6-7"));
    }

    #[test]
    fn other_bytes_in_a_part_are_found() {
        let body = |bytes: &str| {
            format!("--b\r\nContent-Range: bytes 0-1/20\r\n\r\n{bytes}\r\n--b--\r\n").into_bytes()
        };
        broken("multirange/bytes", &answered("0-1,20-", TYPE, &body("zz")), 5, "2 other bytes");
        broken("multirange/bytes", &answered("0-1,20-", TYPE, &body("")), 5, "0 other bytes");
    }

    #[test]
    fn another_order_is_found() {
        let check = "multirange/order";
        broken(check, &in_parts("10-14,0-4", &[(0, 4), (10, 14)]), 5, "0-4/20, 10-14/20");
        unexercised(check, &in_parts("10-14,0-4,5-9", &[(0, 9), (10, 14)]));
        unexercised(check, &whole("10-14,0-4"));
    }

    #[test]
    fn ranges_that_come_as_one_are_found() {
        let check = "multirange/none-merged";
        broken(check, &in_parts("0-4,5-9,15-19", &[(0, 9), (15, 19)]), 5, "0-9/20");
        broken(check, &in_parts("0-9,5-14,19-19", &[(0, 14), (19, 19)]), 5, "0-14/20");
        broken(check, &alone("0-4,5-9", 0, 9), 5, "0-9/20");
        broken(check, &in_parts("0-4,0-4,6-7", &[(0, 4), (6, 7)]), 5, "0-4/20");
        kept(check, &in_parts("10-14,0-4", &[(0, 4), (10, 14)]));
        unexercised(check, &alone("0-4,10-14", 0, 4));
    }

    #[test]
    fn long_headers_of_a_part_are_found() {
        let check = "multirange/part-headers";
        let with = |length: usize| {
            let more = format!("X-A: {}\r\n", "x".repeat(length - 5));
            in_parts_with("0-4,6-7", "", &more, &[(0, 4), (6, 7)])
        };
        kept(check, &with(180));
        broken(check, &with(181), 5, "181 bytes");
        let long = format!("Content-Type: {}\r\n", "x".repeat(300));
        kept(check, &in_parts_with("0-4,6-7", "", &long, &[(0, 4), (6, 7)]));
    }

    #[test]
    fn empty_lines_before_the_first_boundary_are_counted() {
        let check = "multirange/first-boundary";
        let with = |lead| in_parts_with("0-4,6-7", lead, "", &[(0, 4), (6, 7)]);
        kept(check, &with("\r\n\r\n"));
        broken(check, &with("\r\n\r\n\r\n"), 5, "3 line ends");
    }

    #[test]
    fn a_bad_form_is_found_and_judged_but_once() {
        let lines = answered("0-4,6-7", TYPE, b"--b\r\n\r\nabc\r\n--b--");
        broken("multirange/form", &lines, 5, "Content-Range");
        let head = format!("{TYPE}< Content-Range: bytes 0-0/20\n");
        broken("multirange/form", &answered("0-4,6-7", &head, b""), 5, "head of the answer");
        for check in CHECKS.iter().filter(|check| check.name != "multirange/form") {
            unexercised(check.name, &lines);
        }
    }

    #[test]
    fn a_body_that_is_not_all_at_hand_is_not_judged() {
        let lines = in_parts("0-4,6-7", &[(0, 4), (6, 7)]).replace("~ length=", "~ length=9");
        for check in CHECKS {
            unexercised(check.name, &lines);
        }
    }
}

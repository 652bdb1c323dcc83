//! Downloads of what was uploaded: GET, HEAD, single ranges and headers that mean nothing (2.3, 3.5).

use bits_wire::{ContentRange, Payload, names, payload::digest_of};

use super::{
    Check, Judgement, Verdict,
    judge::{describe, kept_if, shown},
    observed::{Kind, Observed, Seen, is_unknown},
    publication::is_conditional,
    replacement::is_replaced,
};
use crate::{spec::clause, transcript::Answer};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "download/head-as-get", clause: clause("BUP-3.5.5-02"), judge: head_supported },
    Check { name: "download/head-headers", clause: clause("BUP-3.5.5.2-01"), judge: head_headers },
    Check { name: "download/length", clause: clause("BUP-3.5.5-05"), judge: length },
    Check { name: "download/single-range", clause: clause("BUP-3.5.5-03"), judge: single_range },
    Check { name: "download/range-bytes", clause: clause("BUP-3.5.5.1-02"), judge: range_bytes },
    Check {
        name: "download/range-outside",
        clause: clause("BUP-3.5.5.1-01"),
        judge: range_outside,
    },
    Check {
        name: "download/last-modified",
        clause: clause("BUP-3.5.5.1-03"),
        judge: last_modified,
    },
    Check {
        name: "download/session-folder-hidden",
        clause: clause("BUP-3.2.5.2.4-05"),
        judge: temporary_hidden,
    },
    Check { name: "download/unknown-headers", clause: clause("BUP-2.3-02"), judge: unknown },
    Check { name: "download/identity", clause: clause("BUP-2.3-02"), judge: identity },
];

const RANGE: &str = "Range";
const LAST_MODIFIED: &str = "Last-Modified";

/// Unconditional GETs and HEADs of a file whose content is known, with the file's size.
fn told<'o, 't>(all: &'o [Seen<'t>]) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer, u64)> {
    all.iter()
        .filter(|seen| {
            matches!(seen.kind, Kind::Get | Kind::Head)
                && !seen.exchange.request.head.target.contains('?')
        })
        .filter(|seen| !is_conditional(&seen.exchange.request.head.headers))
        .filter_map(|seen| {
            Some((seen, seen.answer()?, seen.file.content()?.iter().map(Payload::length).sum()))
        })
}

/// Those that have nothing in them that a server may stumble over.
pub(super) fn known<'o, 't>(
    all: &'o [Seen<'t>],
) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer, u64)> {
    told(all).filter(|(seen, ..)| seen.is_plain())
}

/// What a `Range` header asks of a file, where it is one simple range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Whole,
    Part {
        first: u64,
        last: u64,
    },
    Outside,
    /// Several ranges, or something else that has rules of its own.
    Odd,
}

fn asked(seen: &Seen<'_>, total: u64) -> Asked {
    let headers = &seen.exchange.request.head.headers;
    let Some(value) = headers.first(RANGE) else { return Asked::Whole };
    let Some((first, last)) = value.strip_prefix("bytes=").and_then(|span| span.split_once('-'))
    else {
        return Asked::Odd;
    };
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if last < first => Asked::Odd,
        (Ok(first), Ok(_)) if first >= total => Asked::Outside,
        (Ok(first), Err(_)) if first >= total && last.is_empty() => Asked::Outside,
        (Ok(first), Ok(last)) => Asked::Part { first, last: last.min(total - 1) },
        (Ok(first), Err(_)) if last.is_empty() => Asked::Part { first, last: total - 1 },
        (Err(_), Ok(length)) if first.is_empty() && length > 0 => {
            Asked::Part { first: total.saturating_sub(length), last: total - 1 }
        }
        _ => Asked::Odd,
    }
}

/// Whether a `Range` header asks for nothing that a file of this size has, or so oddly that it may be none.
pub(super) fn may_be_outside(seen: &Seen<'_>, total: u64) -> bool {
    matches!(asked(seen, total), Asked::Outside | Asked::Odd)
}

/// The whole GET of the same file, as far as there is one.
fn twin<'t>(seen: &Observed<'t>, one: &Seen<'_>) -> Option<&'t Answer> {
    known(&seen.all)
        .filter(|(other, _, _)| {
            other.kind == Kind::Get && !other.exchange.request.head.headers.has(RANGE)
        })
        .find(|(other, _, _)| same_target(other, one) && other.file == one.file)
        .map(|(_, answer, _)| answer)
}

/// The HEADs without a range, beside the whole GET of the same file.
fn heads<'o, 't>(
    seen: &'o Observed<'t>,
) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer, &'t Answer)> {
    known(seen.each())
        .filter(|(seen, _, _)| {
            seen.kind == Kind::Head && !seen.exchange.request.head.headers.has(RANGE)
        })
        .filter_map(|(head, answer, _)| Some((head, answer, twin(seen, head)?)))
}

fn head_supported(seen: &Observed<'_>) -> Verdict {
    heads(seen)
        .map(|(seen, head, get)| {
            kept_if(
                head.head.status == get.head.status,
                seen,
                format!("{}, as for GET", get.head.status),
                || describe(seen),
            )
        })
        .collect()
}

fn head_headers(observed: &Observed<'_>) -> Verdict {
    heads(observed)
        .filter(|(_, head, get)| head.head.status == 200 && get.head.status == 200)
        .map(|(seen, head, get)| {
            // Whether lengths go together after a replacement is judged apart.
            let length = (!is_replaced(observed, seen)).then_some(names::CONTENT_LENGTH);
            let differs = [LAST_MODIFIED, "ETag", "Accept-Ranges"]
                .into_iter()
                .chain(length)
                .find(|name| head.head.headers.first(name) != get.head.headers.first(name));
            let name = differs.unwrap_or_default();
            kept_if(differs.is_none(), seen, format!("{}, as for GET", shown(get, name)), || {
                shown(head, name)
            })
        })
        .collect()
}

fn length(seen: &Observed<'_>) -> Verdict {
    known(seen.each())
        .filter(|(_, answer, _)| matches!(answer.head.status, 200 | 206))
        // How long the parts of several ranges would be only their server knows.
        .filter(|(seen, answer, total)| {
            seen.kind == Kind::Get || answer.head.status == 200 || asked(seen, *total) != Asked::Odd
        })
        .filter(|(one, ..)| !is_replaced(seen, one))
        .map(|(seen, answer, total)| {
            let wanted = match asked(seen, total) {
                Asked::Part { first, last } if answer.head.status == 206 => last - first + 1,
                _ if answer.head.status == 200 => total,
                _ => answer.body.length,
            };
            let right = answer.head.headers.first(names::CONTENT_LENGTH)
                == Some(wanted.to_string().as_str());
            kept_if(right, seen, format!("Content-Length: {wanted}"), || {
                shown(answer, names::CONTENT_LENGTH)
            })
        })
        .collect()
}

/// The GETs of one range within the file.
fn parts<'o, 't>(
    seen: &'o Observed<'t>,
) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer, ContentRange)> {
    known(seen.each()).filter(|(seen, _, _)| seen.kind == Kind::Get).filter_map(
        |(seen, answer, total)| match asked(seen, total) {
            Asked::Part { first, last } => {
                Some((seen, answer, ContentRange { first, last, total }))
            }
            _ => None,
        },
    )
}

fn single_range(seen: &Observed<'_>) -> Verdict {
    parts(seen)
        .map(|(seen, answer, wanted)| {
            let got = answer.head.headers.first(names::CONTENT_RANGE);
            let right =
                answer.head.status == 206 && got.and_then(|got| got.parse().ok()) == Some(wanted);
            let actual = || {
                format!("{}, {}", answer.head.status_line(), shown(answer, names::CONTENT_RANGE))
            };
            kept_if(right, seen, format!("206 with Content-Range: {wanted}"), actual)
        })
        .collect()
}

fn range_bytes(seen: &Observed<'_>) -> Verdict {
    parts(seen)
        .filter(|(_, answer, _)| answer.head.status == 206)
        .filter_map(|(seen, answer, range)| {
            let wanted = digest_of(&slice(seen.file.content()?, range))?;
            let actual = || format!("{} bytes, SHA-256 {}", answer.body.length, answer.body.digest);
            let expected = format!("{} bytes, SHA-256 {wanted}", range.length());
            Some(kept_if(answer.body.digest == wanted, seen, expected, actual))
        })
        .collect()
}

/// The bytes of a range out of an entity in pieces.
pub(super) fn slice(content: &[Payload], range: ContentRange) -> Vec<Payload> {
    let mut at = 0;
    let mut slice = Vec::new();
    for piece in content {
        let end = at + piece.length();
        let (from, until) = (range.first.max(at), (range.last + 1).min(end));
        if from < until {
            slice.push(piece.slice(from - at, until - from));
        }
        at = end;
    }
    slice
}

fn range_outside(seen: &Observed<'_>) -> Verdict {
    known(seen.each())
        .filter(|(seen, _, total)| seen.kind == Kind::Get && asked(seen, *total) == Asked::Outside)
        .map(|(seen, _, _)| kept_if(seen.status() == 416, seen, "416", || describe(seen)))
        .collect()
}

/// Present, and the same for all requests of a file that did not change.
fn last_modified(seen: &Observed<'_>) -> Verdict {
    known(seen.each())
        .filter(|(_, answer, _)| matches!(answer.head.status, 200 | 206))
        .map(|(one, answer, _)| {
            let Some(value) = answer.head.headers.first(LAST_MODIFIED) else {
                return kept_if(false, one, "Last-Modified", || "no Last-Modified".into());
            };
            let first = known(&seen.all)
                .filter(|(other, _, _)| other.file == one.file && same_target(other, one))
                .find_map(|(_, answer, _)| answer.head.headers.first(LAST_MODIFIED));
            let expected = format!("Last-Modified: {}", first.unwrap_or(value));
            kept_if(first.is_none_or(|first| first == value), one, expected, || {
                shown(answer, LAST_MODIFIED)
            })
        })
        .collect()
}

pub(super) fn same_target(one: &Seen<'_>, other: &Seen<'_>) -> bool {
    one.exchange.request.head.target == other.exchange.request.head.target
}

/// The GETs and HEADs with headers that no server can know, beside one without them that asks for the same.
fn unknown(seen: &Observed<'_>) -> Verdict {
    told(seen.each())
        .filter(|(seen, ..)| has_unknown(seen))
        .filter_map(|(one, answer, _)| {
            let (_, twin, _) = known(&seen.all).find(|(other, ..)| {
                other.kind == one.kind
                    && other.file == one.file
                    && same_target(other, one)
                    && same_range(other, one)
            })?;
            let facts = |answer: &Answer| {
                format!(
                    "{}, {}, {}, {} bytes",
                    answer.head.status_line(),
                    shown(answer, names::CONTENT_LENGTH),
                    shown(answer, names::CONTENT_RANGE),
                    answer.body.length,
                )
            };
            let expected = format!("{}, as without them", facts(twin));
            Some(kept_if(facts(answer) == facts(twin), one, expected, || facts(answer)))
        })
        .collect()
}

fn same_range(one: &Seen<'_>, other: &Seen<'_>) -> bool {
    let (one, other) = (&one.exchange.request.head, &other.exchange.request.head);
    one.headers.first(RANGE) == other.headers.first(RANGE)
}

fn has_unknown(seen: &Seen<'_>) -> bool {
    seen.exchange.request.head.headers.iter().any(|header| is_unknown(&header.name))
}

/// Who takes the content only as it is gets it as it is.
fn identity(seen: &Observed<'_>) -> Verdict {
    let accepts = |seen: &Seen<'_>| {
        seen.exchange.request.head.headers.only(names::ACCEPT_ENCODING) == Some("identity")
    };
    told(seen.each())
        .filter(|(seen, answer, _)| accepts(seen) && matches!(answer.head.status, 200 | 206))
        .map(|(seen, answer, _)| {
            let coding = answer.head.headers.first(names::CONTENT_ENCODING);
            let right = coding.is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
            kept_if(right, seen, "no Content-Encoding", || shown(answer, names::CONTENT_ENCODING))
        })
        .collect()
}

/// What a server keeps for a session is not to be had by GET.
fn temporary_hidden(seen: &Observed<'_>) -> Verdict {
    let inside = |seen: &&Seen<'_>| {
        seen.exchange.request.head.target.to_ascii_lowercase().contains("/bits-sessions")
    };
    seen.each()
        .iter()
        .filter(|seen| matches!(seen.kind, Kind::Get | Kind::Head) && seen.answer().is_some())
        .filter(inside)
        // A reply that the server itself named is no secret.
        .filter(|seen| seen.reply.is_none())
        .map(hidden)
        .collect()
}

fn hidden(seen: &Seen<'_>) -> Judgement {
    kept_if(!matches!(seen.status(), 200 | 206), seen, "no access to the session folder", || {
        describe(seen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{broken, kept, published, unexercised};

    fn part(asked: &str, status: u16, range: &str, from: u64, length: u64) -> String {
        let digest = digest_of(&[Payload::Pattern { seed: 0x5eed, offset: from, length }]).unwrap();
        published(&format!(
            "> GET; Range: bytes={asked}\n< {status}; Content-Range: {range}; Content-Length: {length}\n~ length={length} digest={digest} framing=length:{length}"
        ))
    }

    #[test]
    fn a_range_is_answered_with_its_bytes() {
        for (asked, range, from, length) in [
            ("3-14", "bytes 3-14/20", 3, 12),
            ("12-", "bytes 12-19/20", 12, 8),
            ("-1", "bytes 19-19/20", 19, 1),
            ("0-99", "bytes 0-19/20", 0, 20),
        ] {
            for check in ["download/single-range", "download/range-bytes", "download/length"] {
                kept(check, &part(asked, 206, range, from, length));
            }
        }
        broken("download/single-range", &part("3-14", 200, "bytes 3-14/20", 3, 12), 5, "200");
        broken("download/single-range", &part("3-14", 206, "bytes 3-15/20", 3, 12), 5, "3-15");
        broken("download/range-bytes", &part("3-14", 206, "bytes 3-14/20", 4, 12), 5, "12 bytes");
        broken(
            "download/length",
            &part("3-14", 206, "bytes 3-14/20", 3, 11),
            5,
            "Content-Length: 11",
        );
        for check in [
            "download/single-range",
            "download/range-bytes",
            "download/length",
            "download/range-outside",
        ] {
            unexercised(check, &published(""));
        }
    }

    #[test]
    fn a_range_outside_is_refused() {
        let check = "download/range-outside";
        kept(check, &published("> GET; Range: bytes=20-\n< 416"));
        broken(check, &published("> GET; Range: bytes=20-30\n< 200"), 5, "200");
        // What ends before it begins is no range, and is not looked at.
        unexercised(check, &published("> GET; Range: bytes=20-0\n< 200"));
    }

    #[test]
    fn head_is_like_get() {
        let get = "> GET\n< 200; Content-Length: 20; Last-Modified: A\n";
        kept(
            "download/head-as-get",
            &published(&format!("{get}> HEAD\n< 200; Content-Length: 20; Last-Modified: A")),
        );
        broken("download/head-as-get", &published(&format!("{get}> HEAD\n< 403")), 6, "403");
        kept(
            "download/head-headers",
            &published(&format!("{get}> HEAD\n< 200; Content-Length: 20; Last-Modified: A")),
        );
        broken(
            "download/head-headers",
            &published(&format!("{get}> HEAD\n< 200; Last-Modified: A")),
            6,
            "no Content-Length",
        );
        unexercised("download/head-as-get", &published("> HEAD\n< 200"));
        unexercised("download/head-headers", &published("> HEAD\n< 200"));
    }

    #[test]
    fn the_time_stamp_stays() {
        let check = "download/last-modified";
        let get = |stamp: &str| format!("> GET\n< 200; {stamp}\n");
        kept(check, &published(&(get("Last-Modified: A") + &get("Last-Modified: A"))));
        broken(
            check,
            &published(&(get("Last-Modified: A") + &get("Last-Modified: B"))),
            6,
            "Last-Modified: B",
        );
        broken(check, &published("> GET\n< 200"), 5, "no Last-Modified");
        unexercised(check, &published(""));
    }

    #[test]
    fn headers_that_mean_nothing_change_nothing() {
        let check = "download/unknown-headers";
        let plain = "> GET\n< 200; Content-Length: 20\n";
        let odd = |answer: &str| published(&format!("{plain}> GET; X-Unknown: 1\n< {answer}"));
        kept(check, &odd("200; Content-Length: 20"));
        broken(check, &odd("400; Content-Length: 0"), 6, "400");
        broken(check, &odd("200; Content-Length: 19"), 6, "Content-Length: 19");
        unexercised(check, &published(plain));
        unexercised(check, &published("> GET; X-Unknown: 1\n< 400"));
        unexercised(check, &published(&format!("{plain}> HEAD; X-Unknown: 1\n< 400")));
        unexercised("download/length", &published("> GET; X-Unknown: 1\n< 200"));
    }

    #[test]
    fn who_takes_no_coding_gets_none() {
        let check = "download/identity";
        let get =
            |answer: &str| published(&format!("> GET; Accept-Encoding: identity\n< {answer}"));
        kept(check, &get("200"));
        kept(check, &get("206; Content-Encoding: identity"));
        broken(check, &get("200; Content-Encoding: gzip"), 5, "gzip");
        unexercised(check, &get("404"));
        unexercised(check, &published("> GET\n< 200; Content-Encoding: gzip"));
    }

    #[test]
    fn the_session_folder_is_closed() {
        let check = "download/session-folder-hidden";
        kept(check, "> GET /upload/BITS-Sessions/\n< 404");
        broken(check, "> GET /upload/BITS-Sessions/x\n< 200", 1, "200");
        unexercised(check, "> GET\n< 404");
    }
}

//! Downloads by HTTP's own rules: dates, conditions, and what 416 says (3.5.5, RFC 2616 14.18 and 14.24 to 14.28).
//!
//! Where RFC 2616 only advises (304 instead of 200, a range after a good `If-Range`), either answer is right.

use bits_wire::{Headers, Payload, names, text};

use super::{
    Check, Judgement, Verdict, date,
    download::{known, may_be_outside, same_target},
    judge::{describe, kept_if, shown},
    observed::{Kind, Observed, Seen},
};
use crate::{spec::clause, transcript::Answer};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "conditional/kept", clause: clause("BUP-3.5.5-01"), judge: conditions },
    Check { name: "conditional/if-range", clause: clause("BUP-3.5.5-01"), judge: if_range },
    Check { name: "download/dates", clause: clause("BUP-3.5.5-01"), judge: dates },
    Check { name: "download/size-in-416", clause: clause("BUP-3.5.5-01"), judge: size_in_416 },
];

/// What a server tells versions of a content apart by.
struct Validators<'t> {
    stamp: Option<i64>,
    tag: Option<&'t str>,
}

/// Those of the file as it was at `one`, by an answer to a request of the same method without conditions.
fn validators<'t>(seen: &Observed<'t>, one: &Seen<'_>) -> Option<Validators<'t>> {
    known(&seen.all)
        .filter(|(other, ..)| {
            other.kind == one.kind && same_target(other, one) && other.file == one.file
        })
        .find(|(_, answer, _)| matches!(answer.head.status, 200 | 206))
        .map(|(_, answer, _)| Validators {
            stamp: answer.head.headers.first("Last-Modified").and_then(date::seconds),
            tag: answer.head.headers.first("ETag"),
        })
}

/// GETs and HEADs with one condition of this kind, beside the validators of their file.
fn conditional<'o, 't>(
    seen: &'o Observed<'t>,
    kind: fn(&str) -> Option<Field>,
) -> impl Iterator<Item = (&'o Seen<'t>, Field, &'o str, Validators<'t>)> {
    seen.each()
        .iter()
        .filter(|seen| matches!(seen.kind, Kind::Get | Kind::Head) && seen.answer().is_some())
        .filter(|seen| seen.is_plain() && seen.file.content().is_some())
        .filter_map(move |one| {
            let (field, value) = condition(&one.exchange.request.head.headers)?;
            Some((one, kind(field)?, value, validators(seen, one)?))
        })
}

/// The one header that makes a condition, if there is just one.
fn condition(headers: &Headers) -> Option<(&str, &str)> {
    let mut all = headers.iter().filter(|header| text::begins(&header.name, "if-"));
    let first = all.next()?;
    all.next().is_none().then_some((&*first.name, first.value.as_str()))
}

/// A header that makes a condition.
#[derive(Clone, Copy)]
enum Field {
    ModifiedSince,
    UnmodifiedSince,
    Match,
    NoneMatch,
    Range,
}

impl Field {
    fn read(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "if-modified-since" => Self::ModifiedSince,
            "if-unmodified-since" => Self::UnmodifiedSince,
            "if-match" => Self::Match,
            "if-none-match" => Self::NoneMatch,
            "if-range" => Self::Range,
            _ => return None,
        })
    }
}

fn conditions(seen: &Observed<'_>) -> Verdict {
    conditional(seen, |name| Field::read(name).filter(|field| !matches!(field, Field::Range)))
        .filter_map(|(seen, field, value, validators)| {
            let wanted = wanted(field, value, &validators)?;
            Some(judge(seen, wanted))
        })
        .collect()
}

/// The statuses that are right.
fn wanted(field: Field, value: &str, validators: &Validators<'_>) -> Option<&'static [u16]> {
    const SERVED: &[u16] = &[200, 206];
    const FAILED: &[u16] = &[412];
    let is_date = matches!(field, Field::ModifiedSince | Field::UnmodifiedSince);
    if is_date {
        let stamp = validators.stamp?;
        // What is no date in any form of RFC 2616 makes no condition.
        let Some(since) = date::seconds(value) else {
            return (!value.contains("GMT") && !value.contains(':')).then_some(SERVED);
        };
        return Some(match (field, stamp > since) {
            (Field::ModifiedSince, true) | (Field::UnmodifiedSince, false) => SERVED,
            (Field::ModifiedSince, false) => &[304, 200, 206],
            _ => FAILED,
        });
    }
    let tag = validators.tag.filter(|tag| tag.starts_with('"'))?;
    let lists = value.split(',').map(str::trim).any(|one| one == "*" || one == tag);
    Some(match (field, lists) {
        (Field::Match, true) | (Field::NoneMatch, false) => SERVED,
        (Field::Match, false) => FAILED,
        _ => &[304],
    })
}

fn judge(seen: &Seen<'_>, wanted: &[u16]) -> Judgement {
    // A condition that holds does not make a range that lies outside a good one.
    let total = seen.file.content().map(|content| content.iter().map(Payload::length).sum());
    let outside = wanted.contains(&200) && total.is_some_and(|total| may_be_outside(seen, total));
    let wanted: Vec<u16> = wanted.iter().copied().chain(outside.then_some(416)).collect();
    let words: Vec<_> = wanted.iter().map(u16::to_string).collect();
    kept_if(wanted.contains(&seen.status()), seen, words.join(" or "), || describe(seen))
}

/// A range is only for who has the same content; for others, and without a range, the content is whole.
fn if_range(seen: &Observed<'_>) -> Verdict {
    conditional(seen, |name| Field::read(name).filter(|field| matches!(field, Field::Range)))
        .filter(|(seen, ..)| seen.kind == Kind::Get)
        .filter_map(|(seen, _, value, validators)| {
            let headers = &seen.exchange.request.head.headers;
            let wanted: &[u16] = match is_other(value, &validators) {
                _ if !headers.has("Range") => &[200],
                None => return None,
                Some(true) => &[200],
                Some(false) => &[206, 200],
            };
            Some(judge(seen, wanted))
        })
        .collect()
}

/// Whether this is the validator of another content; nothing if that cannot be told.
fn is_other(value: &str, validators: &Validators<'_>) -> Option<bool> {
    if value.starts_with('"') {
        return validators.tag.map(|tag| tag != value);
    }
    let (stamp, date) = (validators.stamp?, date::seconds(value)?);
    // By a date after the last change nothing has changed since, though it is no date that the server told.
    (date <= stamp).then_some(date < stamp)
}

/// `Date` is in every answer, and dates have the one form that may be sent.
fn dates(seen: &Observed<'_>) -> Verdict {
    known(seen.each())
        .filter(|(_, answer, _)| matches!(answer.head.status, 200 | 206))
        .map(|(seen, answer, _)| {
            let bad = |name: &&&str| match answer.head.headers.first(name) {
                Some(value) => date::seconds(value).is_none(),
                None => **name == "Date",
            };
            let name = ["Date", "Last-Modified"].iter().find(bad).copied();
            let expected = "Date, and dates as in `Sun, 06 Nov 1994 08:49:37 GMT`";
            kept_if(name.is_none(), seen, expected, || shown(answer, name.unwrap_or_default()))
        })
        .collect()
}

/// The size of the content, if 416 has a `Content-Range` at all.
fn size_in_416(seen: &Observed<'_>) -> Verdict {
    let told = |answer: &Answer| {
        answer.head.headers.first(names::CONTENT_RANGE).map(|value| value.trim().to_owned())
    };
    known(seen.each())
        .filter(|(_, answer, _)| answer.head.status == 416)
        .filter_map(|(seen, answer, total)| {
            let told = told(answer)?;
            let wanted = format!("bytes */{total}");
            Some(kept_if(told == wanted, seen, format!("Content-Range: {wanted}"), || {
                shown(answer, names::CONTENT_RANGE)
            }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{broken, kept, published, unexercised};

    const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const OLDER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const NEWER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    /// An answer to a condition, after one that tells the validators.
    fn asked(fields: &str, status: u16) -> String {
        published(&format!(
            "> GET\n< 200; Last-Modified: {SAME}; ETag: \"a\"\n> GET; {fields}\n< {status}\n"
        ))
    }

    #[test]
    fn conditions_decide_what_is_served() {
        let check = "conditional/kept";
        for (fields, right, wrong) in [
            (format!("If-Unmodified-Since: {SAME}"), 200, 412),
            (format!("If-Unmodified-Since: {NEWER}"), 200, 412),
            (format!("If-Unmodified-Since: {NEWER}; Range: bytes=0-1"), 206, 412),
            (format!("If-Unmodified-Since: {OLDER}"), 412, 200),
            ("If-Unmodified-Since: yesterday".into(), 200, 412),
            (format!("If-Modified-Since: {OLDER}"), 200, 304),
            (format!("If-Modified-Since: {SAME}"), 304, 412),
            (format!("If-Modified-Since: {SAME}"), 200, 412),
            ("If-Modified-Since: yesterday".into(), 200, 304),
            ("If-Match: \"b\", \"a\"".into(), 200, 412),
            ("If-Match: *".into(), 200, 412),
            ("If-Match: \"b\"".into(), 412, 200),
            ("If-None-Match: \"a\"".into(), 304, 200),
            ("If-None-Match: *".into(), 304, 200),
            ("If-None-Match: \"b\"".into(), 200, 304),
        ] {
            kept(check, &asked(&fields, right));
            broken(check, &asked(&fields, wrong), 6, &wrong.to_string());
        }
        unexercised(check, &asked(&format!("If-Match: \"a\"; If-Modified-Since: {SAME}"), 304));
        unexercised(check, &published(&format!("> GET; If-Modified-Since: {SAME}\n< 412")));
        unexercised(check, &asked("If-Match: \"b\"", 200).replace("> GET; If", "> HEAD; If"));
        unexercised(
            check,
            &published("> GET\n< 200; ETag: W/\"a\"\n> GET; If-Match: \"a\"\n< 412"),
        );
    }

    #[test]
    fn a_range_of_another_content_is_not_cut_out() {
        let check = "conditional/if-range";
        for (fields, right) in [
            (format!("If-Range: {OLDER}; Range: bytes=0-1"), 200),
            ("If-Range: \"b\"; Range: bytes=0-1".into(), 200),
            (format!("If-Range: {OLDER}"), 200),
        ] {
            kept(check, &asked(&fields, right));
            broken(check, &asked(&fields, 206), 6, "206");
        }
        for fields in [
            format!("If-Range: {SAME}; Range: bytes=0-1"),
            "If-Range: \"a\"; Range: bytes=0-1".into(),
        ] {
            kept(check, &asked(&fields, 206));
            kept(check, &asked(&fields, 200));
            broken(check, &asked(&fields, 412), 6, "412");
        }
        unexercised(check, &asked(&format!("If-Range: {NEWER}; Range: bytes=0-1"), 206));
        unexercised(check, &published("> GET; If-Range: \"a\"; Range: bytes=0-1\n< 412"));
    }

    #[test]
    fn a_range_outside_is_refused_although_the_condition_holds() {
        for (check, fields) in [
            ("conditional/kept", "If-Match: \"a\"".to_owned()),
            ("conditional/kept", format!("If-Modified-Since: {OLDER}")),
            ("conditional/if-range", "If-Range: \"a\"".to_owned()),
        ] {
            kept(check, &asked(&format!("{fields}; Range: bytes=20-29"), 416));
            broken(check, &asked(&format!("{fields}; Range: bytes=0-9"), 416), 6, "416");
        }
        broken("conditional/kept", &asked("If-Match: \"b\"; Range: bytes=20-29", 416), 6, "416");
    }

    #[test]
    fn dates_have_one_form() {
        let check = "download/dates";
        let get = |fields: &str| published(&format!("> GET\n< 200; {fields}"));
        kept(check, &get(&format!("Date: {SAME}")));
        kept(check, &get(&format!("Date: {SAME}; Last-Modified: {OLDER}")));
        broken(check, &get(&format!("Last-Modified: {OLDER}")), 5, "no Date");
        broken(check, &get(&format!("Date: {SAME}; Last-Modified: today")), 5, "today");
        broken(check, &get("Date: Sun Nov  6 08:49:37 1994"), 5, "1994");
        unexercised(check, &published("> GET\n< 404"));
    }

    #[test]
    fn a_refused_range_is_told_the_size() {
        let check = "download/size-in-416";
        let get = |field: &str| published(&format!("> GET; Range: bytes=20-\n< 416{field}"));
        kept(check, &get("; Content-Range: bytes */20"));
        broken(check, &get("; Content-Range: bytes 0-19/20"), 5, "0-19/20");
        unexercised(check, &get(""));
    }
}

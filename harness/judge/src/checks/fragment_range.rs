//! The range that a FRAGMENT names (2.2.6.1, 3.2.5.2.6).

use bits_wire::{ContentRangeError, Hresult, names};

use super::{
    Check, Judgement, Verdict,
    breach::Breach,
    fragment::{fragments, with_only},
    judge::{describe, followed, kept_as, kept_if, refused},
    observed::{Observed, Seen},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "fragment/range-missing",
        clause: clause("BUP-2.2.6.1-06"),
        judge: range_missing,
    },
    Check {
        name: "fragment/range-malformed",
        clause: clause("BUP-2.2.1.2-21"),
        judge: range_malformed,
    },
    Check { name: "fragment/range-unit", clause: clause("BUP-2.2.6.1-05"), judge: range_unit },
    Check {
        name: "fragment/length-not-range",
        clause: clause("BUP-2.2.6.1-04"),
        judge: length_not_range,
    },
    Check {
        name: "fragment/total-changed",
        clause: clause("BUP-2.2.1.2-22"),
        judge: total_changed,
    },
    Check { name: "fragment/too-large", clause: clause("BUP-2.2.1.2-29"), judge: too_large },
    Check {
        name: "fragment/over-the-maximum",
        clause: clause("BUP-3.2.1.1-01"),
        judge: over_maximum,
    },
    Check { name: "fragment/coded", clause: clause("BUP-2.2.6.1-07"), judge: coded },
];

fn range_missing(seen: &Observed<'_>) -> Verdict {
    with_only(seen, Breach::NoRange)
        .map(|seen| refused(seen, 400, Hresult::INVALID_ARGUMENT))
        .collect()
}

fn range_malformed(seen: &Observed<'_>) -> Verdict {
    fragments(seen)
        .filter_map(|seen| {
            let [Breach::Range(error)] = seen.breaches.as_slice() else { return None };
            Some(match (error, seen.status()) {
                (ContentRangeError::UnknownTotal, 400) => {
                    followed(seen, const { reading("U19/refused") })
                }
                (ContentRangeError::UnknownTotal, _) => {
                    followed(seen, const { reading("U19/taken") })
                }
                (ContentRangeError::Beyond, 416) => followed(seen, const { reading("U15/416") }),
                (ContentRangeError::Beyond, 200) => followed(seen, const { reading("U15/taken") }),
                (ContentRangeError::Beyond, 400) => {
                    let judgement = refused(seen, 400, Hresult::INVALID_ARGUMENT);
                    kept_as(const { reading("U15/400") }, seen, judgement)
                }
                _ => refused(seen, 400, Hresult::INVALID_ARGUMENT),
            })
        })
        .collect()
}

fn range_unit(seen: &Observed<'_>) -> Verdict {
    fragments(seen)
        .filter(|seen| seen.is_clean() && !seen.usual && seen.answer().is_some())
        .filter_map(|seen| {
            let value = seen.exchange.request.head.headers.first(names::CONTENT_RANGE)?;
            let plain = value.starts_with("bytes");
            Some(match (plain, seen.status()) {
                (true, _) => return None,
                (false, 200) => followed(seen, const { reading("D22/any-case") }),
                (false, 400) => followed(seen, const { reading("D22/lower-case-only") }),
                _ => kept_if(false, seen, "200 or 400", || describe(seen)),
            })
        })
        .collect()
}

fn length_not_range(seen: &Observed<'_>) -> Verdict {
    fragments(seen)
        .filter(|seen| {
            seen.answer().is_some()
                && seen
                    .breaches
                    .iter()
                    .all(|breach| matches!(breach, Breach::LengthNotRange | Breach::CutBody))
        })
        .filter(|seen| seen.breaches.contains(&Breach::LengthNotRange))
        .map(|seen| match seen.status() {
            400 => followed(seen, const { reading("U9/400") }),
            status if status >= 400 => followed(seen, const { reading("U9/other-error") }),
            _ => followed(seen, const { reading("U9/taken") }),
        })
        .collect()
}

fn total_changed(seen: &Observed<'_>) -> Verdict {
    with_only(seen, Breach::TotalChanged)
        .map(|seen| refused(seen, 400, Hresult::INVALID_ARGUMENT))
        .collect()
}

/// In a directory with a maximum, a refusal of a fragment that is right otherwise is one for its size (E15, D18). 413
/// comes from HTTP and makes clients send less.
fn too_large(seen: &Observed<'_>) -> Verdict {
    let larger = [Breach::Limited, Breach::TotalOverMaximum, Breach::OverMaximum];
    let from_below = |seen: &Seen<'_>| {
        seen.status() == 413
            && seen.answer().is_some_and(|answer| !answer.head.headers.has(names::PACKET_TYPE))
    };
    larger
        .into_iter()
        .flat_map(|breach| with_only(seen, breach))
        .filter(|seen| seen.status() >= 400 && !from_below(seen))
        .map(|seen| {
            let refusal = refused(seen, 500, Hresult::TOO_LARGE);
            let first = seen.session.as_ref().is_some_and(|session| session.next == 0);
            match refusal {
                Judgement::Kept if first => followed(seen, const { reading("D18/first-fragment") }),
                Judgement::Kept => followed(seen, const { reading("D18/crossing-fragment") }),
                other => other,
            }
        })
        .collect()
}

/// A fragment that goes over the maximum is refused in some way.
fn over_maximum(seen: &Observed<'_>) -> Verdict {
    with_only(seen, Breach::OverMaximum)
        .filter(|seen| seen.answer().is_some())
        .map(|seen| kept_if(seen.status() >= 400, seen, "a refusal", || describe(seen)))
        .collect()
}

/// What a server does with coded bytes is its own affair; most refuse them.
fn coded(seen: &Observed<'_>) -> Verdict {
    with_only(seen, Breach::Coded)
        .filter(|seen| seen.answer().is_some())
        .map(|seen| {
            kept_if(seen.status() >= 400, seen, "a refusal, as from Windows", || describe(seen))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::{
        fragment::tests::{TEN, session},
        testing::{broken, follows, kept, unexercised},
    };

    #[test]
    fn a_bad_range_must_be_refused() {
        let bad = "400 Ack; BITS-Error: 0x80070057";
        kept("fragment/range-malformed", &session(&[("10-9/20", bad)]));
        broken("fragment/range-malformed", &session(&[("10-9/20", "200 Ack")]), 2, "200");
        follows("fragment/range-malformed", &session(&[("0-20/20", "416 Ack")]), "U15/416");
        follows("fragment/range-malformed", &session(&[("0-20/20", "200 Ack")]), "U15/taken");
        follows("fragment/range-malformed", &session(&[("0-20/20", bad)]), "U15/400");
        follows("fragment/range-malformed", &session(&[("0-9/*", bad)]), "U19/refused");
        unexercised("fragment/range-malformed", &session(&[TEN]));
        kept("fragment/range-missing", &session(&[("", bad)]));
        broken("fragment/range-missing", &session(&[("", "500 Ack")]), 2, "500");
        unexercised("fragment/range-missing", &session(&[TEN]));
    }

    #[test]
    fn the_unit_in_capitals_is_a_matter_of_reading() {
        let check = "fragment/range-unit";
        follows(check, &session(&[("Content-Range: Bytes 0-9/20", "200 Ack")]), "D22/any-case");
        follows(
            check,
            &session(&[("Content-Range: Bytes 0-9/20", "400 Ack")]),
            "D22/lower-case-only",
        );
        broken(check, &session(&[("Content-Range: Bytes 0-9/20", "500 Ack")]), 2, "500");
        unexercised(check, &session(&[TEN]));
    }

    #[test]
    fn a_length_that_is_not_the_range_must_be_refused() {
        let check = "fragment/length-not-range";
        let odd = "Content-Length: 9; Content-Range: bytes 0-9/20";
        follows(check, &session(&[(odd, "400 Ack")]), "U9/400");
        follows(check, &session(&[(odd, "500 Ack")]), "U9/other-error");
        follows(check, &session(&[(odd, "200 Ack")]), "U9/taken");
        unexercised(check, &session(&[TEN]));
    }

    #[test]
    fn a_changed_total_must_be_refused() {
        let check = "fragment/total-changed";
        kept(check, &session(&[TEN, ("10-19/30", "400 Ack")]));
        broken(check, &session(&[TEN, ("10-19/30", "200 Ack")]), 3, "200");
        unexercised(check, &session(&[TEN]));
    }

    #[test]
    fn a_refusal_for_size_has_its_value() {
        let check = "fragment/too-large";
        let limited = |answer| format!("# role max-size\n{}", session(&[("0-9/20", answer)]));
        follows(check, &limited("500 Ack; BITS-Error: 0x80200020"), "D18/first-fragment");
        broken(check, &limited("500 Ack; BITS-Error: 0x80070057"), 2, "0x80070057");
        unexercised(check, &limited("200 Ack"));
        unexercised(check, &session(&[("0-9/20", "500 Ack")]));
    }

    #[test]
    fn coded_bytes_that_are_taken_are_noted() {
        let check = "fragment/coded";
        let coded = "Content-Encoding: gzip; Content-Range: bytes 0-9/20";
        kept(check, &session(&[(coded, "415 Ack")]));
        broken(check, &session(&[(coded, "200 Ack")]), 2, "200");
        unexercised(check, &session(&[TEN]));
    }
}

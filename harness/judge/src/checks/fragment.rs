//! FRAGMENT and its Ack (2.2.6, 2.2.7, 3.2.5.2.6).

use bits_wire::{Hresult, PacketType, names};

use super::{
    Check, Judgement, Verdict,
    breach::Breach,
    judge::{broken, describe, followed, is_session_not_found, kept_if, shown, success},
    observed::{Observed, Seen, Session},
    restart::after_a_restart,
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "fragment/answered", clause: clause("BUP-2.2.7-01"), judge: answered },
    Check {
        name: "fragment/first-taken",
        clause: clause("BUP-3.2.5.1.1-02"),
        judge: |seen| taken(seen, Place::First),
    },
    Check {
        name: "fragment/next-taken",
        clause: clause("BUP-3.2.5.1.2-07"),
        judge: |seen| taken(seen, Place::Middle),
    },
    Check {
        name: "fragment/last-taken",
        clause: clause("BUP-3.2.5.1.3-08"),
        judge: |seen| taken(seen, Place::Last),
    },
    Check {
        name: "fragment/received-range-present",
        clause: clause("BUP-2.2.7.2-08"),
        judge: received_present,
    },
    Check {
        name: "fragment/received-range-is-next",
        clause: clause("BUP-2.2.7.2-07"),
        judge: received_is_next,
    },
    Check {
        name: "fragment/sessions-kept-apart",
        clause: clause("BUP-3.2.5.2.2-03"),
        judge: kept_apart,
    },
    Check {
        name: "session/rows-kept-apart",
        clause: clause("BUP-3.2.1.3.1-01"),
        judge: rows_apart,
    },
    Check { name: "fragment/gap-refused", clause: clause("BUP-3.2.5.2.6-01"), judge: out_of_step },
    Check {
        name: "fragment/416-names-offset",
        clause: clause("BUP-3.2.5.2.6-02"),
        judge: offset_in_416,
    },
    Check {
        name: "fragment/416-error-value",
        clause: clause("BUP-2.2.1.2-20"),
        judge: error_in_416,
    },
    Check { name: "fragment/no-reply-url", clause: clause("BUP-2.2.7.2-09"), judge: no_reply_url },
    Check {
        name: "fragment/offset-after-a-cut",
        clause: clause("BUP-3.2.5.2.6-02"),
        judge: offset_after_a_cut,
    },
    Check { name: "open/cut", clause: clause("BUP-3.2.5.2.6-02"), judge: cut },
    Check {
        name: "fragment/after-the-end",
        clause: clause("BUP-3.2.5.1.4-02"),
        judge: after_the_end,
    },
];

pub(super) fn fragments<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    seen.packets(&PacketType::Fragment)
}

/// Fragments with exactly this wrong, and an answer.
pub(super) fn with_only<'o, 't>(
    seen: &'o Observed<'t>,
    breach: Breach,
) -> impl Iterator<Item = &'o Seen<'t>> {
    fragments(seen).filter(move |seen| seen.has_only(&breach))
}

fn answered(seen: &Observed<'_>) -> Verdict {
    fragments(seen)
        .filter(|seen| {
            !seen.breaches.iter().any(Breach::is_http) && !seen.breaches.contains(&Breach::CutBody)
        })
        .map(|seen| kept_if(seen.answer().is_some(), seen, "an Ack", || describe(seen)))
        .collect()
}

/// Where a fragment stands in its entity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Middle,
    Last,
}

/// Answered fragments in their turn. That their session is known, and that there is an answer, is the matter of other
/// clauses.
fn in_turn<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    fragments(seen)
        .filter(|seen| seen.is_plain() && seen.answer().is_some() && !is_session_not_found(seen))
        // Too large for HTTP (413) is an answer to which clients send less; no clause of a server speaks of it.
        .filter(|seen| !seen.is_below_bits())
}

/// Whether no other session was open at any time of this one.
fn is_alone(seen: &Seen<'_>) -> bool {
    !seen.session.as_ref().is_some_and(|session| session.accompanied)
}

/// A fragment in its turn is taken, as far as no other session is open that could be in its way.
fn taken(seen: &Observed<'_>, place: Place) -> Verdict {
    in_turn(seen)
        .filter(|seen| is_alone(seen))
        .filter(|seen| seen.range.is_some_and(|range| place_of(range) == place))
        .map(success)
        .collect()
}

/// A fragment in its turn is taken whatever other sessions are open.
fn rows_apart(seen: &Observed<'_>) -> Verdict {
    in_turn(seen).filter(|seen| !is_alone(seen)).map(success).collect()
}

fn place_of(range: bits_wire::ContentRange) -> Place {
    match range {
        range if range.is_final() => Place::Last,
        range if range.first == 0 => Place::First,
        _ => Place::Middle,
    }
}

/// Fragments in their turn that were acknowledged with 200, and the offset that the Ack has to name.
fn acknowledged<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, u64)> {
    fragments(seen).filter(|seen| seen.status() == 200).filter_map(|seen| {
        let overlap = seen.has_only(&Breach::Overlap);
        let range = seen.range.filter(|_| seen.is_clean() || overlap)?;
        let known = seen.session.as_ref()?.next;
        Some((seen, known.max(range.last + 1)))
    })
}

fn received<'t>(seen: &Seen<'t>) -> Option<&'t str> {
    seen.answer()?.head.headers.first(names::RECEIVED_CONTENT_RANGE)
}

fn received_present(seen: &Observed<'_>) -> Verdict {
    acknowledged(seen)
        .map(|(seen, next)| match received(seen) {
            Some(_) => Judgement::Kept,
            None => broken(
                seen,
                format!("BITS-Received-Content-Range: {next}"),
                "no BITS-Received-Content-Range",
            ),
        })
        .collect()
}

fn received_is_next(seen: &Observed<'_>) -> Verdict {
    acknowledged(seen)
        .filter(|(seen, _)| is_alone(seen))
        .filter_map(|(seen, next)| Some(offset(seen, next, received(seen)?)))
        .collect()
}

/// With several sessions open, the offset of an Ack is that of its own session.
fn kept_apart(seen: &Observed<'_>) -> Verdict {
    acknowledged(seen)
        .filter(|(seen, _)| !is_alone(seen))
        .filter_map(|(seen, next)| Some(offset(seen, next, received(seen)?)))
        .collect()
}

fn offset(seen: &Seen<'_>, next: u64, value: &str) -> Judgement {
    // Most offsets are right, and words for what was expected take longer than to see that.
    if is_number(value, next) {
        return Judgement::Kept;
    }
    let told = |offset: &dyn std::fmt::Display| format!("BITS-Received-Content-Range: {offset}");
    broken(seen, told(&next), told(&value))
}

fn is_number(value: &str, number: u64) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit()) && value.parse() == Ok(number)
}

fn out_of_step(seen: &Observed<'_>) -> Verdict {
    let gaps = with_only(seen, Breach::Gap)
        .map(|seen| kept_if(seen.status() == 416, seen, "416", || describe(seen)));
    let overlaps = with_only(seen, Breach::Overlap).map(|seen| match seen.status() {
        416 => followed(seen, const { reading("D5/refuse") }),
        200 => followed(seen, const { reading("D5/tail") }),
        _ => kept_if(false, seen, "416", || describe(seen)),
    });
    gaps.chain(overlaps).collect()
}

/// The answers 416 to fragments whose only fault is their place, and the offset wanted there.
fn refusals<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, u64)> {
    let misplaced = |seen: &&Seen<'_>| {
        [Breach::Gap, Breach::Overlap, Breach::AfterEnd].iter().any(|breach| seen.has_only(breach))
            && seen.status() == 416
    };
    fragments(seen).filter(misplaced).filter_map(|seen| Some((seen, seen.session.as_ref()?.next)))
}

fn offset_in_416(seen: &Observed<'_>) -> Verdict {
    refusals(seen)
        .filter(|(seen, _)| is_alone(seen))
        .map(|(seen, next)| match received(seen) {
            Some(value) => offset(seen, next, value),
            None => kept_if(false, seen, format!("BITS-Received-Content-Range: {next}"), || {
                "no BITS-Received-Content-Range".into()
            }),
        })
        .collect()
}

/// The answers to the first fragment after one that was cut, with the offset that they name.
fn after_cuts<'o, 't>(
    seen: &'o Observed<'t>,
) -> impl Iterator<Item = (&'o Seen<'t>, &'o Session, u64)> {
    with_only(seen, Breach::AfterCut)
        .filter_map(|seen| Some((seen, seen.session.as_ref()?, received(seen)?.parse().ok()?)))
}

/// Whatever became of the cut fragment: no byte is promised that was not sent, and none is lost that was acknowledged.
fn offset_after_a_cut(seen: &Observed<'_>) -> Verdict {
    after_cuts(seen)
        .filter(|(seen, _, _)| seen.status() == 416)
        .map(|(seen, session, told)| {
            let (least, most) = (session.next, session.next + session.unsure);
            kept_if(
                (least..=most).contains(&told),
                seen,
                format!("an offset from {least} to {most}"),
                || format!("BITS-Received-Content-Range: {told}"),
            )
        })
        .collect()
}

/// Whether the bytes of a fragment count whose connection breaks is left open (U10), and so is what is left of a session
/// whose server breaks (I3).
fn cut(seen: &Observed<'_>) -> Verdict {
    let cuts = after_cuts(seen)
        .filter(|(_, session, _)| {
            session.cut.as_ref().is_some_and(|it| it.length() > session.unsure)
        })
        .filter(|(_, session, _)| session.unsure > 0)
        .filter_map(|(seen, session, told)| {
            let first = seen.range?.first;
            let held = if seen.status() == 200 { first } else { told };
            let kept = held > session.next;
            Some(followed(seen, if kept { reading("U10/kept") } else { reading("U10/dropped") }))
        });
    cuts.chain(after_a_restart(seen)).collect()
}

fn error_in_416(seen: &Observed<'_>) -> Verdict {
    refusals(seen)
        .map(|(seen, _)| match seen.error {
            None => followed(seen, const { reading("S6/416-absent") }),
            Some(Some(Hresult::NONE)) => followed(seen, const { reading("S6/416-zero") }),
            Some(_) => kept_if(false, seen, "no BITS-Error, or 0", || describe(seen)),
        })
        .collect()
}

fn no_reply_url(seen: &Observed<'_>) -> Verdict {
    if seen.notifies() {
        return Verdict::default();
    }
    fragments(seen)
        .filter_map(|seen| Some((seen, seen.answer()?)))
        .map(|(seen, answer)| {
            kept_if(!answer.head.headers.has(names::REPLY_URL), seen, "no BITS-Reply-URL", || {
                shown(answer, names::REPLY_URL)
            })
        })
        .collect()
}

/// The state stays as it is; what the answer is, the texts do not say with one voice (S11, U5).
fn after_the_end(seen: &Observed<'_>) -> Verdict {
    with_only(seen, Breach::AfterEnd)
        .filter(|seen| seen.answer().is_some())
        .map(|seen| match seen.status() {
            416 => followed(seen, const { reading("U5/416") }),
            200 => followed(seen, const { reading("U5/200") }),
            _ if is_session_not_found(seen) => {
                kept_if(false, seen, "the session until it is closed", || describe(seen))
            }
            _ => followed(seen, const { reading("U5/error") }),
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use crate::checks::testing::{broken, follows, kept, unexercised};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    /// A session with these fragments: range or header, and answer.
    pub(in crate::checks) fn session(fragments: &[(&str, &str)]) -> String {
        let mut lines = format!(
            "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n"
        );
        for (range, answer) in fragments {
            let range = if range.starts_with('!') || range.contains(':') || range.is_empty() {
                (*range).to_owned()
            } else {
                format!("Content-Range: bytes {range}")
            };
            lines.push_str(&format!("> Fragment; {ID}; {range}\n< {answer}\n"));
        }
        lines
    }

    pub(in crate::checks) const TEN: (&str, &str) =
        ("0-9/20", "200 Ack; BITS-Received-Content-Range: 10");

    #[test]
    fn nothing_is_said_of_a_place_that_depends_on_a_lost_answer() {
        let lost = ("0-9/20", "!closed");
        unexercised("fragment/gap-refused", &session(&[lost, ("15-19/20", "400 Ack")]));
        unexercised(
            "fragment/416-names-offset",
            &session(&[lost, ("15-19/20", "416 Ack; BITS-Received-Content-Range: 10")]),
        );
    }

    #[test]
    fn a_fragment_without_an_answer_is_found() {
        let check = "fragment/answered";
        kept(check, &session(&[TEN]));
        broken(check, &session(&[("0-9/20", "!reset")]), 2, "reset");
        unexercised(check, &session(&[]));
    }

    #[test]
    fn fragments_in_their_turn_are_taken() {
        let last = ("10-19/20", "200 Ack; BITS-Received-Content-Range: 20");
        kept("fragment/first-taken", &session(&[TEN]));
        broken("fragment/first-taken", &session(&[("0-9/20", "400 Ack")]), 2, "400");
        unexercised(
            "fragment/first-taken",
            &session(&[("0-9/20", "500 Ack; BITS-Error: 0x8020001F")]),
        );
        unexercised(
            "fragment/first-taken",
            &session(&[("Content-Range: BYTES 0-9/20", "400 Ack")]),
        );
        kept("fragment/next-taken", &session(&[TEN, ("10-11/20", "200 Ack")]));
        broken("fragment/next-taken", &session(&[TEN, ("10-11/20", "416 Ack")]), 3, "416");
        unexercised("fragment/next-taken", &session(&[TEN, last]));
        kept("fragment/last-taken", &session(&[TEN, last]));
        broken("fragment/last-taken", &session(&[TEN, ("10-19/20", "500 Ack")]), 3, "500");
        unexercised("fragment/last-taken", &session(&[TEN]));
    }

    #[test]
    fn a_wrong_next_offset_is_found_once() {
        let check = "fragment/received-range-is-next";
        kept(check, &session(&[TEN]));
        let late = ("0-9/20", "200 Ack; BITS-Received-Content-Range: 11");
        broken(check, &session(&[late]), 2, ": 11");
        kept("fragment/received-range-present", &session(&[late]));
        broken(
            check,
            &session(&[("0-9/20", "200 Ack; BITS-Received-Content-Range: 0-9")]),
            2,
            "0-9",
        );
        unexercised(check, &session(&[("0-9/20", "200 Ack")]));
        broken(
            "fragment/received-range-present",
            &session(&[("0-9/20", "200 Ack")]),
            2,
            "no BITS-Received",
        );
        unexercised("fragment/received-range-present", &session(&[("0-9/20", "400 Ack")]));
    }

    #[test]
    fn two_sessions_are_kept_apart() {
        let check = "fragment/sessions-kept-apart";
        let other = ID.replace("A0FF", "B0FF");
        let second = format!(
            "> Create-Session /upload/b; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {other}\n"
        );
        let fragment = |next| {
            format!(
                "> Fragment; {ID}; Content-Range: bytes 10-14/20\n< 200 Ack; BITS-Received-Content-Range: {next}"
            )
        };
        kept(check, &format!("{}{second}{}", session(&[TEN]), fragment(15)));
        broken(check, &format!("{}{second}{}", session(&[TEN]), fragment(5)), 4, ": 5");
        unexercised(check, &session(&[TEN]));
    }

    #[test]
    fn a_repeated_fragment_does_not_move_the_offset_back() {
        let again = ("0-4/20", "200 Ack; BITS-Received-Content-Range: 5");
        broken("fragment/received-range-is-next", &session(&[TEN, again]), 3, ": 5");
    }

    #[test]
    fn a_gap_that_is_taken_is_found() {
        let check = "fragment/gap-refused";
        kept(check, &session(&[TEN, ("11-19/20", "416 Ack; BITS-Received-Content-Range: 10")]));
        broken(
            check,
            &session(&[TEN, ("11-19/20", "200 Ack; BITS-Received-Content-Range: 20")]),
            3,
            "200",
        );
        follows(
            check,
            &session(&[TEN, ("5-14/20", "200 Ack; BITS-Received-Content-Range: 15")]),
            "D5/tail",
        );
        broken(check, &session(&[TEN, ("5-14/20", "400 Ack")]), 3, "400");
        unexercised(check, &session(&[TEN]));
    }

    #[test]
    fn a_416_names_the_offset_and_no_error() {
        let gap = |answer| session(&[TEN, ("11-19/20", answer)]);
        kept("fragment/416-names-offset", &gap("416 Ack; BITS-Received-Content-Range: 10"));
        broken(
            "fragment/416-names-offset",
            &gap("416 Ack; BITS-Received-Content-Range: 0"),
            3,
            ": 0",
        );
        broken("fragment/416-names-offset", &gap("416 Ack"), 3, "no BITS-Received");
        unexercised("fragment/416-names-offset", &session(&[TEN]));
        follows("fragment/416-error-value", &gap("416 Ack"), "S6/416-absent");
        follows("fragment/416-error-value", &gap("416 Ack; BITS-Error: 0x0"), "S6/416-zero");
        broken(
            "fragment/416-error-value",
            &gap("416 Ack; BITS-Error: 0x80070057"),
            3,
            "0x80070057",
        );
        unexercised("fragment/416-error-value", &session(&[TEN]));
    }

    #[test]
    fn a_simple_upload_has_no_reply() {
        let check = "fragment/no-reply-url";
        kept(check, &session(&[TEN]));
        broken(
            check,
            &session(&[("0-9/10", "200 Ack; BITS-Reply-URL: x")]),
            2,
            "BITS-Reply-URL: x",
        );
        unexercised(check, &session(&[]));
    }

    #[test]
    fn a_finished_session_stays_until_it_is_closed() {
        let check = "fragment/after-the-end";
        let whole = ("0-9/10", "200 Ack");
        follows(check, &session(&[whole, ("0-9/10", "416 Ack")]), "U5/416");
        broken(check, &session(&[whole, ("0-9/10", "500 Ack; BITS-Error: 0x8020001F")]), 3, "500");
        unexercised(check, &session(&[TEN]));
    }

    #[test]
    fn sessions_at_once_are_judged_apart() {
        let create = "> Create-Session /upload/b; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n< 200 Ack; BITS-Session-Id: {B0FF5911-4144-45B3-BF27-27AFC8EC8A67}\n";
        let two = |answer: &str| format!("{create}{}", session(&[("0-9/20", answer)]));
        let next = "200 Ack; BITS-Received-Content-Range: ";
        kept("session/rows-kept-apart", &two(&format!("{next}10")));
        broken("session/rows-kept-apart", &two("416 Ack"), 3, "416");
        unexercised("fragment/first-taken", &two("416 Ack"));
        unexercised("session/rows-kept-apart", &session(&[("0-9/20", "416 Ack")]));
        kept("fragment/sessions-kept-apart", &two(&format!("{next}10")));
        broken("fragment/sessions-kept-apart", &two(&format!("{next}0")), 3, "0");
        unexercised("fragment/received-range-is-next", &two(&format!("{next}0")));
    }
}

//! The session id that the Ack to CREATE-SESSION gives (2.2.1.2, 2.2.3.2).

use std::collections::HashMap;

use bits_wire::{PacketType, SessionId, SessionKey, names, text};

use super::{
    Check, Verdict,
    create_session::{failures, successes},
    judge::{describe, followed, is_session_not_found, kept_if, shown},
    observed::{Observed, Seen, is_success},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "create-session/session-id",
        clause: clause("BUP-2.2.3.2-03"),
        judge: session_id,
    },
    Check {
        name: "create-session/session-id-form",
        clause: clause("BUP-2.2.1.2-03"),
        judge: session_id_form,
    },
    Check {
        name: "create-session/session-id-string",
        clause: clause("W32-ack-for-create-session-04"),
        judge: session_id_string,
    },
    Check {
        name: "create-session/session-id-unique",
        clause: clause("BUP-2.2.1.2-04"),
        judge: session_id_unique,
    },
    Check {
        name: "create-session/session-ids-apart",
        clause: clause("BUP-2.2.1.2-04"),
        judge: session_ids_apart,
    },
    Check {
        name: "create-session/session-known-afterwards",
        clause: clause("BUP-3.2.5.2.2-01"),
        judge: known_afterwards,
    },
];

fn session_id(seen: &Observed<'_>) -> Verdict {
    let with_success = successes(seen).map(|(seen, answer)| {
        let there = answer.head.headers.only(names::SESSION_ID).is_some_and(|id| !id.is_empty());
        kept_if(there, seen, "BITS-Session-Id", || shown(answer, names::SESSION_ID))
    });
    let with_failure = failures(seen)
        .filter(|(seen, _)| !seen.exchange.request.head.headers.has(names::SESSION_ID))
        .map(|(seen, answer)| match answer.head.headers.has(names::SESSION_ID) {
            true => followed(seen, const { reading("D10/present") }),
            false => followed(seen, const { reading("D10/absent") }),
        });
    with_success.chain(with_failure).collect()
}

/// The ids that the server gave.
fn given<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, SessionId)> {
    successes(seen).filter_map(|(seen, _)| id_of(seen))
}

/// All of them, of those that are not being judged, too.
fn all_given<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, SessionId)> {
    let successes = |seen: &&Seen<'_>| is_success(seen.status());
    seen.all_packets(&PacketType::CreateSession).filter(successes).filter_map(id_of)
}

fn id_of<'o, 't>(seen: &'o Seen<'t>) -> Option<(&'o Seen<'t>, SessionId)> {
    Some((seen, SessionId::new(seen.answer()?.head.headers.first(names::SESSION_ID)?)))
}

fn session_id_form(seen: &Observed<'_>) -> Verdict {
    given(seen)
        .filter(|(_, id)| !id.as_str().is_empty())
        .map(|(seen, id)| match id.guid() {
            Some(_) => followed(seen, const { reading("D6/guid") }),
            None if is_string_id(id.as_str()) => {
                followed(seen, const { reading("D6/other-string") })
            }
            None => kept_if(false, seen, "a GUID in braces", || text::excerpt(id.as_str(), 120)),
        })
        .collect()
}

fn is_string_id(id: &str) -> bool {
    (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn session_id_string(seen: &Observed<'_>) -> Verdict {
    given(seen)
        .map(|(seen, id)| {
            let right = is_string_id(id.as_str());
            kept_if(right, seen, "1 to 100 visible characters", || text::excerpt(id.as_str(), 120))
        })
        .collect()
}

fn session_id_unique(seen: &Observed<'_>) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    let mut first = HashMap::new();
    all_given(seen)
        .map(|(seen, id)| {
            let number = seen.exchange.number;
            let before = *first.entry(SessionKey::of(id.as_str())).or_insert(number);
            kept_if(before == number, seen, "an id that was not given before", || {
                format!("{id}, as in exchange {before}")
            })
        })
        // Before the first one none was given.
        .skip(1)
        .collect()
}

/// Of two random GUIDs about sixty bits differ; fewer than this differ once in a hundred thousand million pairs, and
/// always if they are counted or made of the time.
const CLOSE: u32 = 24;

/// Whether ids can be guessed from others is left open (I1). Who knows an id may use its session.
fn session_ids_apart(seen: &Observed<'_>) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    let ids: Vec<_> = all_given(seen).filter_map(|(seen, id)| Some((seen, id.guid()?))).collect();
    ids.windows(2)
        .filter(|pair| pair[0].1 != pair[1].1)
        .map(|pair| {
            let differ = (pair[0].1.0 ^ pair[1].1.0).count_ones();
            followed(
                pair[1].0,
                if differ < CLOSE { reading("I1/close") } else { reading("I1/apart") },
            )
        })
        .collect()
}

/// The first message of a new session must find it.
fn known_afterwards(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| {
            seen.session
                .as_ref()
                .is_some_and(|session| session.next == 0 && session.total.is_none())
        })
        .filter(|seen| {
            seen.is_clean()
                && seen.answer().is_some()
                && seen.kind != super::observed::Kind::Packet(PacketType::Ping)
        })
        .map(|seen| {
            kept_if(!is_session_not_found(seen), seen, "the session of this id", || describe(seen))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::{
        create_session::tests::{ID, plain},
        testing::{broken, follows, kept, unexercised},
    };

    #[test]
    fn success_gives_an_id_and_failure_does_not() {
        let check = "create-session/session-id";
        kept(check, &plain(&format!("200 Ack; {ID}")));
        broken(check, &plain("200 Ack"), 1, "no BITS-Session-Id");
        follows(check, &plain(&format!("400 Ack; {ID}")), "D10/present");
        follows(check, &plain("400 Ack"), "D10/absent");
        unexercised(
            check,
            &plain("400 Ack").replace("> Create-Session", "> Create-Session; BITS-Session-Id: {1}"),
        );
    }

    #[test]
    fn an_id_is_a_guid_or_by_the_older_text_a_short_string() {
        let check = "create-session/session-id-form";
        kept(check, &plain(&format!("200 Ack; {ID}")));
        follows(check, &plain("200 Ack; BITS-Session-Id: abc-1"), "D6/other-string");
        broken(check, &plain("200 Ack; BITS-Session-Id: a b"), 1, "a b");
        unexercised(check, &plain("200 Ack"));
        let check = "create-session/session-id-string";
        kept(check, &plain("200 Ack; BITS-Session-Id: abc-1"));
        broken(check, &plain(&format!("200 Ack; BITS-Session-Id: {}", "a".repeat(101))), 1, "aaa");
        unexercised(check, &plain("200 Ack"));
    }

    #[test]
    fn an_id_given_twice_is_found_in_any_case() {
        let check = "create-session/session-id-unique";
        let again = plain(&format!("200 Ack; {}", ID.replace("A0FF", "a0ff")));
        broken(check, &(plain(&format!("200 Ack; {ID}")) + &again), 2, "as in exchange 1");
        kept(
            check,
            &(plain(&format!("200 Ack; {ID}"))
                + &plain(&format!("200 Ack; {}", ID.replace("A0FF", "B0FF")))),
        );
        unexercised(check, &plain(&format!("200 Ack; {ID}")));
    }

    #[test]
    fn a_new_session_that_is_forgotten_is_found() {
        let check = "create-session/session-known-afterwards";
        let created = plain(&format!("200 Ack; {ID}"));
        let fragment = format!("> Fragment; {ID}; Content-Range: bytes 0-9/20\n< ");
        kept(check, &format!("{created}{fragment}200 Ack"));
        broken(check, &format!("{created}{fragment}500 Ack; BITS-Error: 0x8020001F"), 2, "500");
        unexercised(check, &created);
    }

    #[test]
    fn ids_that_follow_each_other_are_noted() {
        let check = "create-session/session-ids-apart";
        let then = |id: &str| {
            plain(&format!("200 Ack; {ID}")) + &plain(&format!("200 Ack; BITS-Session-Id: {id}"))
        };
        follows(check, &then("{A0FF5911-4144-45B3-BF27-27AFC8EC8A68}"), "I1/close");
        follows(check, &then("{A0FF6023-4144-45B3-BF27-27AFC8EC8A67}"), "I1/close");
        follows(check, &then("{5F00A6EE-BEBB-4A4C-80D8-D85037137598}"), "I1/apart");
        unexercised(check, &plain(&format!("200 Ack; {ID}")));
        // One that is given twice has a clause of its own.
        unexercised(check, &then("{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}"));
    }
}

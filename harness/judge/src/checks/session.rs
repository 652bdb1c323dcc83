//! Session ids in requests and Acks, and what spans messages.

use bits_wire::{Hresult, PacketType, SessionId, SessionKey, names};

use super::{
    Check, Judgement, Verdict,
    breach::Breach,
    judge::{broken, broken_unless, describe, followed, is_session_not_found, kept_if, shown},
    observed::{Observed, Seen, SessionState, is_success},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "session/unknown-is-500",
        clause: clause("BUP-2.2.1.2-15"),
        judge: unknown_status,
    },
    Check {
        name: "session/unknown-error-value",
        clause: clause("BUP-2.2.1.2-16"),
        judge: unknown_value,
    },
    Check { name: "session/id-missing", clause: clause("BUP-3.2.5.2.2-04"), judge: id_missing },
    Check {
        name: "session/id-in-fragment-ack",
        clause: clause("BUP-2.2.7.2-02"),
        judge: |seen| id_in_ack(seen, &PacketType::Fragment),
    },
    Check {
        name: "session/id-in-close-ack",
        clause: clause("BUP-2.2.9.2-02"),
        judge: |seen| id_in_ack(seen, &PacketType::CloseSession),
    },
    Check {
        name: "session/id-in-cancel-ack",
        clause: clause("BUP-2.2.11.2-02"),
        judge: |seen| id_in_ack(seen, &PacketType::CancelSession),
    },
    Check { name: "session/id-equals-request", clause: clause("BUP-2.2.1.2-08"), judge: id_equals },
    Check {
        name: "session/unknown-never-taken",
        clause: clause("BUP-3.2.5.2.3-08"),
        judge: unknown_never_taken,
    },
    Check { name: "session/id-spelling", clause: clause("BUP-3.2.5.2.3-08"), judge: id_spelling },
    Check { name: "session/other-url", clause: clause("BUP-3.2.5.2.2-03"), judge: other_url },
    Check {
        name: "session/two-on-one-destination",
        clause: clause("BUP-3.2.5.2.2-01"),
        judge: two_on_one,
    },
    Check {
        name: "session/create-with-an-id",
        clause: clause("BUP-3.2.5.1.1-01"),
        judge: create_with_id,
    },
];

/// Answered messages whose only fault is a session that was never given.
fn unknown<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    seen.each()
        .iter()
        .filter(|seen| seen.has_only(&Breach::UnknownSession) && seen.answer().is_some())
}

fn unknown_status(seen: &Observed<'_>) -> Verdict {
    unknown(seen)
        .map(|seen| match seen.status() {
            500 => followed(seen, const { reading("D12/500") }),
            status if status >= 400 && is_session_not_found(seen) => {
                followed(seen, const { reading("D12/other-status") })
            }
            _ => kept_if(false, seen, "500", || describe(seen)),
        })
        .collect()
}

/// A client starts the upload again on this value only. Whether there is a value at all is another clause's matter.
fn unknown_value(seen: &Observed<'_>) -> Verdict {
    unknown(seen)
        .filter(|seen| seen.status() >= 400)
        .filter_map(|seen| Some((seen, seen.error??)))
        .map(|(seen, value)| {
            let right = value == Hresult::SESSION_NOT_FOUND;
            kept_if(right, seen, "BITS-Error: 0x8020001F (BG_E_SESSION_NOT_FOUND)", || {
                describe(seen)
            })
        })
        .collect()
}

fn id_missing(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| seen.has_only(&Breach::NoSession))
        .map(|seen| {
            let right = matches!(seen.status(), 400 | 500);
            kept_if(right, seen, "400 with BITS-Error 0x80070057, or 500 with 0x8020001F", || {
                describe(seen)
            })
        })
        .collect()
}

fn id_in_ack(seen: &Observed<'_>, packet: &PacketType) -> Verdict {
    seen.packets(packet)
        .filter(|seen| is_success(seen.status()) && is_open(seen))
        .filter_map(|seen| Some((seen, seen.answer()?)))
        .map(|(seen, answer)| match answer.head.headers.has(names::SESSION_ID) {
            true => followed(seen, const { reading("D11/present") }),
            // The traces of IIS 6 leave it out (D11); no dialect but those of IIS takes that.
            false => broken_unless(
                seen,
                "BITS-Session-Id",
                "no BITS-Session-Id",
                const { reading("D11/absent") },
            ),
        })
        .collect()
}

/// Whether the request names a session that is open, as it was given.
fn is_open(seen: &Seen<'_>) -> bool {
    let open = seen.session.as_ref().is_some_and(|session| session.state == SessionState::Open);
    open && !seen.breaches.contains(&Breach::RespelledSession)
}

fn id_equals(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter_map(|(seen, answer)| {
            let asked = seen.exchange.request.head.headers.only(names::SESSION_ID)?;
            if seen.kind == super::observed::Kind::Packet(PacketType::CreateSession) {
                return None;
            }
            let told = answer.head.headers.first(names::SESSION_ID)?;
            if asked == told || SessionKey::of(asked) == SessionKey::of(told) {
                return Some(Judgement::Kept);
            }
            let expected = format!("BITS-Session-Id: {asked}");
            Some(broken(seen, expected, shown(answer, names::SESSION_ID)))
        })
        .collect()
}

/// No message may act on a session that was never given.
fn unknown_never_taken(seen: &Observed<'_>) -> Verdict {
    unknown(seen)
        .map(|seen| kept_if(!is_success(seen.status()), seen, "a refusal", || describe(seen)))
        .collect()
}

/// Whether a GUID in other letters or without braces names the same session is left open (U14).
fn id_spelling(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| seen.has_only(&Breach::RespelledSession) && seen.answer().is_some())
        .map(|seen| {
            followed(
                seen,
                if is_success(seen.status()) {
                    const { reading("U14/taken") }
                } else {
                    const { reading("U14/refused") }
                },
            )
        })
        .collect()
}

/// What a session id means on another URL is left open (U2).
fn other_url(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| seen.has_only(&Breach::ForeignUrl) && seen.answer().is_some())
        .map(|seen| {
            followed(
                seen,
                if is_success(seen.status()) {
                    const { reading("U2/accepted") }
                } else {
                    const { reading("U2/refused") }
                },
            )
        })
        .collect()
}

/// What a second session on a destination gets is left open (U3).
fn two_on_one(seen: &Observed<'_>) -> Verdict {
    seen.packets(&PacketType::CreateSession)
        .filter(|seen| seen.is_clean() && seen.rivals > 0 && seen.answer().is_some())
        .map(|seen| {
            followed(
                seen,
                if is_success(seen.status()) { reading("U3/both") } else { reading("U3/one") },
            )
        })
        .collect()
}

/// What a CREATE-SESSION with a session id gets is left open (U4), but not the id of somebody's session.
fn create_with_id(seen: &Observed<'_>) -> Verdict {
    seen.packets(&PacketType::CreateSession)
        .filter(|seen| seen.is_clean())
        .filter_map(|seen| {
            Some((
                seen,
                seen.exchange.request.head.headers.first(names::SESSION_ID)?,
                seen.answer()?,
            ))
        })
        .map(|(seen, asked, answer)| {
            let told = answer.head.headers.first(names::SESSION_ID);
            let same =
                told.is_some_and(|told| SessionId::new(asked).same_as(&SessionId::new(told)));
            match is_success(answer.head.status) {
                true if same => kept_if(false, seen, "a new session id, or a refusal", || {
                    format!("the id of the request, {asked}")
                }),
                true => followed(seen, const { reading("U4/new-session") }),
                false => followed(seen, const { reading("U4/refused") }),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        checks::testing::{broken, follows, kept, unexercised, verdict},
        spec::Dialect,
    };

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
    const NONE: &str =
        "> Cancel-Session; BITS-Session-Id: {00000000-0000-0000-0000-000000000000}\n< ";
    const OPEN: &str =
        "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";

    fn created(more: &str) -> String {
        format!("{OPEN}\n< 200 Ack; {ID}\n{more}")
    }

    #[test]
    fn an_unknown_session_must_be_told() {
        let told = format!("{NONE}500 Ack; BITS-Error: 0x8020001F");
        kept("session/unknown-is-500", &told);
        kept("session/unknown-error-value", &told);
        broken("session/unknown-is-500", &format!("{NONE}200 Ack"), 1, "200");
        unexercised("session/unknown-error-value", &format!("{NONE}200 Ack"));
        kept("session/unknown-never-taken", &told);
        broken("session/unknown-never-taken", &format!("{NONE}200 Ack"), 1, "200");
        unexercised("session/unknown-never-taken", "> Ping\n< 200 Ack");
        broken(
            "session/unknown-error-value",
            &format!("{NONE}500 Ack; BITS-Error: 0x80070057"),
            1,
            "0x80070057",
        );
        follows(
            "session/unknown-is-500",
            &format!("{NONE}404 Ack; BITS-Error: 0x8020001F"),
            "D12/other-status",
        );
        unexercised(
            "session/unknown-is-500",
            &created(&format!("> Cancel-Session; {ID}\n< 200 Ack")),
        );
    }

    #[test]
    fn a_message_without_an_id_must_be_refused() {
        let check = "session/id-missing";
        kept(check, "> Close-Session\n< 400 Ack");
        broken(check, "> Close-Session\n< 200 Ack", 1, "200");
        broken(check, "> Close-Session\n< !closed", 1, "closed");
        unexercised(check, "> Ping\n< 200 Ack");
    }

    #[test]
    fn a_missing_id_in_an_ack_is_found_but_in_the_dialects_of_iis() {
        let cases = [
            ("session/id-in-fragment-ack", "Fragment"),
            ("session/id-in-close-ack", "Close-Session"),
            ("session/id-in-cancel-ack", "Cancel-Session"),
        ];
        for (check, packet) in cases {
            let message = created(&format!("> {packet}; {ID}; Content-Range: bytes 0-0/1\n< "));
            kept(check, &format!("{message}200 Ack; {ID}"));
            broken(check, &format!("{message}200 Ack"), 2, "no BITS-Session-Id");
            let lenient = verdict(check, &format!("{message}200 Ack")).in_dialect(Dialect::Iis6);
            assert_eq!(lenient.followed[0].reading.id, "D11/absent");
            unexercised(check, &format!("{message}500 Ack"));
        }
    }

    #[test]
    fn an_answer_for_another_session_is_found() {
        let check = "session/id-equals-request";
        kept(check, &format!("> Close-Session; {ID}\n< 200 Ack; {}", ID.to_ascii_lowercase()));
        broken(
            check,
            &format!("> Close-Session; {ID}\n< 200 Ack; BITS-Session-Id: {{1}}"),
            1,
            "{1}",
        );
        unexercised(check, &format!("> Close-Session; {ID}\n< 200 Ack"));
    }

    #[test]
    fn other_spellings_are_only_noted() {
        let check = "session/id-spelling";
        let close = |id: &str, status| {
            created(&format!("> Cancel-Session; BITS-Session-Id: {id}\n< {status} Ack"))
        };
        follows(check, &close("{a0ff5911-4144-45b3-bf27-27afc8ec8a67}", 200), "U14/taken");
        follows(check, &close("A0FF5911-4144-45B3-BF27-27AFC8EC8A67", 500), "U14/refused");
        unexercised(check, &close("{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}", 200));
    }

    #[test]
    fn open_points_of_sessions_are_only_noted() {
        let elsewhere = format!("> Cancel-Session /upload/other; {ID}\n< ");
        follows("session/other-url", &created(&format!("{elsewhere}400 Ack")), "U2/refused");
        follows("session/other-url", &created(&format!("{elsewhere}200 Ack")), "U2/accepted");
        unexercised("session/other-url", &created(""));
        follows(
            "session/two-on-one-destination",
            &created(&format!("{OPEN}\n< 200 Ack")),
            "U3/both",
        );
        unexercised("session/two-on-one-destination", &created(""));
        follows("session/create-with-an-id", &format!("{OPEN}; {ID}\n< 400 Ack"), "U4/refused");
        follows(
            "session/create-with-an-id",
            &format!("{OPEN}; {ID}\n< 200 Ack; BITS-Session-Id: {{1}}"),
            "U4/new-session",
        );
        broken(
            "session/create-with-an-id",
            &format!("{OPEN}; {ID}\n< 200 Ack; {ID}"),
            1,
            "A0FF5911",
        );
        unexercised("session/create-with-an-id", &created(""));
    }
}

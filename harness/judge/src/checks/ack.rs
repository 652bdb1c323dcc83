//! What the Acks to all five messages have in common, judged for each message by its own clauses.

use bits_wire::{PacketType, names};

use super::{
    Check, Judgement, Verdict,
    judge::{broken, error_text, followed, is_ack_of_success, is_error, kept_as, kept_if, shown},
    observed::{Observed, Seen},
};
use crate::{
    spec::{clause, reading},
    transcript::Answer,
};

/// The checks on the form of one message's Ack: the module, the packet, the check names' first word and the clauses.
macro_rules! forms {
    ($($module:ident: $packet:ident, $word:literal, $length:literal, $kind:literal, $error:literal, $no_error:literal,
       $context:literal, $no_context:literal, $body:literal;)*) => {
        $(
            mod $module {
                use super::*;

                pub(super) const CHECKS: &[Check] = &[
                    Check { name: concat!($word, "/length-zero"), clause: clause($length), judge: |seen| length_zero(seen, &PacketType::$packet) },
                    Check { name: concat!($word, "/packet-type"), clause: clause($kind), judge: |seen| packet_type(seen, &PacketType::$packet) },
                    Check { name: concat!($word, "/error-on-failure"), clause: clause($error), judge: |seen| error_on_failure(seen, &PacketType::$packet) },
                    Check { name: concat!($word, "/no-error-on-success"), clause: clause($no_error), judge: |seen| absent_on_success(seen, &PacketType::$packet, &[names::ERROR, names::ERROR_CODE]) },
                    Check { name: concat!($word, "/context-on-failure"), clause: clause($context), judge: |seen| context_on_failure(seen, &PacketType::$packet) },
                    Check { name: concat!($word, "/no-context-on-success"), clause: clause($no_context), judge: |seen| absent_on_success(seen, &PacketType::$packet, &[names::ERROR_CONTEXT]) },
                    Check { name: concat!($word, "/no-body"), clause: clause($body), judge: |seen| no_body(seen, &PacketType::$packet) },
                ];
            }
        )*

        /// The checks on the form of every message's Ack.
        pub(super) const CHECKS: &[&[Check]] = &[$($module::CHECKS),*];
    };
}

forms! {
    ping: Ping, "ack-ping", "BUP-2.2.5.1-01", "BUP-2.2.5.2-01", "BUP-2.2.5.2-02", "BUP-2.2.5.2-03", "BUP-2.2.5.2-04", "BUP-2.2.5.2-05", "BUP-2.2.5.3-01";
    create: CreateSession, "ack-create-session", "BUP-2.2.3.1-02", "BUP-2.2.3.2-12", "BUP-2.2.3.2-13", "BUP-2.2.3.2-14", "BUP-2.2.3.2-15", "BUP-2.2.3.2-16", "BUP-2.2.3.3-01";
    fragment: Fragment, "ack-fragment", "BUP-2.2.7.1-01", "BUP-2.2.7.2-01", "BUP-2.2.7.2-03", "BUP-2.2.7.2-04", "BUP-2.2.7.2-05", "BUP-2.2.7.2-06", "BUP-2.2.7.3-01";
    close: CloseSession, "ack-close-session", "BUP-2.2.9.1-01", "BUP-2.2.9.2-01", "BUP-2.2.9.2-03", "BUP-2.2.9.2-04", "BUP-2.2.9.2-05", "BUP-2.2.9.2-06", "BUP-2.2.9.3-01";
    cancel: CancelSession, "ack-cancel-session", "BUP-2.2.11.1-01", "BUP-2.2.11.2-01", "BUP-2.2.11.2-03", "BUP-2.2.11.2-04", "BUP-2.2.11.2-05", "BUP-2.2.11.2-06", "BUP-2.2.11.3-01";
}

/// The answers of the BITS layer to one kind of message.
fn answers<'o, 't>(
    seen: &'o Observed<'t>,
    packet: &'o PacketType,
) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer)> {
    seen.packets(packet)
        .filter(|seen| !seen.is_below_bits())
        .filter_map(|seen| Some((seen, seen.answer()?)))
}

fn length_zero(seen: &Observed<'_>, packet: &PacketType) -> Verdict {
    answers(seen, packet)
        .map(|(seen, answer)| {
            let right = answer.head.headers.only(names::CONTENT_LENGTH) == Some("0");
            let judgement =
                kept_if(right, seen, "Content-Length: 0", || shown(answer, names::CONTENT_LENGTH));
            kept_as(const { reading("D24/zero") }, seen, judgement)
        })
        .collect()
}

fn packet_type(seen: &Observed<'_>, packet: &PacketType) -> Verdict {
    answers(seen, packet).map(|(seen, answer)| is_ack(seen, answer)).collect()
}

/// The answer says that it is an Ack.
pub(super) fn is_ack(seen: &Seen<'_>, answer: &Answer) -> Judgement {
    let told = answer.head.headers.only(names::PACKET_TYPE);
    let right = told.map(PacketType::read) == Some(PacketType::Ack);
    let judgement =
        kept_if(right, seen, "BITS-Packet-Type: Ack", || shown(answer, names::PACKET_TYPE));
    match told {
        Some("Ack") => kept_as(const { reading("S2/ack-mixed") }, seen, judgement),
        Some("ACK") => kept_as(const { reading("S2/ack-capitals") }, seen, judgement),
        _ => judgement,
    }
}

fn error_on_failure(seen: &Observed<'_>, packet: &PacketType) -> Verdict {
    answers(seen, packet)
        .filter(|(_, answer)| is_error(answer) && answer.head.status != 416)
        .map(|(seen, answer)| match error_text(&answer.head.headers) {
            Some((names::ERROR, _)) if answer.head.headers.has(names::ERROR_CODE) => {
                followed(seen, const { reading("D1/both") })
            }
            Some((names::ERROR, _)) => followed(seen, const { reading("D1/bits-error") }),
            Some(_) => followed(seen, const { reading("D1/bits-error-code") }),
            None => absent_error(seen, answer),
        })
        .collect()
}

/// Products leave the error out where the status says the same (note 4). That cannot hold for the one error on which
/// clients act.
fn absent_error(seen: &Seen<'_>, answer: &Answer) -> Judgement {
    if matches!(answer.head.status, 403 | 404 | 411 | 501) {
        return followed(seen, const { reading("S6/error-absent") });
    }
    kept_if(false, seen, "BITS-Error with an HRESULT", || {
        format!("{}, no BITS-Error", answer.head.status_line())
    })
}

fn absent_on_success(seen: &Observed<'_>, packet: &PacketType, unwanted: &[&str]) -> Verdict {
    answers(seen, packet)
        .filter(|(_, answer)| is_ack_of_success(answer))
        .map(|(seen, answer)| {
            let there = unwanted.iter().find(|name| answer.head.headers.has(name));
            match there {
                None => Judgement::Kept,
                Some(name) => broken(seen, format!("no {}", unwanted[0]), shown(answer, name)),
            }
        })
        .collect()
}

fn context_on_failure(seen: &Observed<'_>, packet: &PacketType) -> Verdict {
    answers(seen, packet)
        .filter(|(_, answer)| is_error(answer) && answer.head.status != 416)
        // Without an error value there is nothing to give a context to.
        .filter(|(_, answer)| error_text(&answer.head.headers).is_some())
        .map(|(seen, answer)| {
            let right = answer.head.headers.has(names::ERROR_CONTEXT);
            kept_if(right, seen, "BITS-Error-Context", || shown(answer, names::ERROR_CONTEXT))
        })
        .collect()
}

fn no_body(seen: &Observed<'_>, packet: &PacketType) -> Verdict {
    answers(seen, packet)
        .map(|(seen, answer)| {
            kept_if(answer.body.length == 0, seen, "no body", || {
                format!("{} bytes of body", answer.body.length)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{broken, follows, kept, unexercised};

    #[test]
    fn a_length_other_than_zero_is_found() {
        let check = "ack-ping/length-zero";
        kept(check, "> Ping\n< 200 Ack");
        broken(check, "> Ping\n< 200 Ack; !Content-Length", 1, "no Content-Length");
        broken(check, "> Ping\n< 200 Ack; Content-Length: 1", 1, "Content-Length: 1");
        unexercised(check, "> Create-Session\n< 200 Ack; !Content-Length");
    }

    #[test]
    fn an_answer_that_is_no_ack_is_found() {
        let check = "ack-close-session/packet-type";
        let close = "> Close-Session; BITS-Session-Id: {1}";
        follows(check, &format!("{close}\n< 200 Ack"), "S2/ack-mixed");
        follows(check, &format!("{close}\n< 200 ACK"), "S2/ack-capitals");
        kept(check, &format!("{close}\n< 200 aCK"));
        broken(
            check,
            &format!("{close}\n< 200 Close-Session"),
            1,
            "BITS-Packet-Type: Close-Session",
        );
        broken(check, &format!("{close}\n< 404"), 1, "no BITS-Packet-Type");
        unexercised(check, "> Ping\n< 200");
    }

    #[test]
    fn what_http_itself_refuses_needs_no_ack() {
        unexercised("ack-fragment/packet-type", "> Fragment; Content-Length: x\n< 400");
    }

    #[test]
    fn an_error_without_a_value_is_found() {
        let check = "ack-create-session/error-on-failure";
        kept(check, "> Create-Session\n< 400 Ack; BITS-Error: 0x80070057");
        broken(check, "> Create-Session\n< 400 Ack", 1, "400, no BITS-Error");
        unexercised(check, "> Create-Session\n< 200 Ack");
        let verdict = crate::checks::testing::verdict(check, "> Create-Session\n< 501 Ack");
        assert_eq!(verdict.followed[0].reading.id, "S6/error-absent");
    }

    #[test]
    fn an_error_with_success_is_found() {
        let check = "ack-fragment/no-error-on-success";
        let fragment = "> Fragment; Content-Range: bytes 0-0/1";
        kept(check, &format!("{fragment}\n< 200 Ack"));
        broken(check, &format!("{fragment}\n< 200 Ack; BITS-Error: 0x0"), 1, "BITS-Error: 0x0");
        unexercised(check, &format!("{fragment}\n< 416 Ack; BITS-Error: 0x0"));
    }

    #[test]
    fn a_missing_context_is_found() {
        let check = "ack-cancel-session/context-on-failure";
        let cancel = "> Cancel-Session; BITS-Session-Id: {1}";
        kept(
            check,
            &format!("{cancel}\n< 500 Ack; BITS-Error: 0x8020001F; BITS-Error-Context: 0x5"),
        );
        broken(
            check,
            &format!("{cancel}\n< 500 Ack; BITS-Error: 0x8020001F"),
            1,
            "no BITS-Error-Context",
        );
        unexercised(check, &format!("{cancel}\n< 200 Ack"));
    }

    #[test]
    fn a_context_with_success_is_found() {
        let check = "ack-ping/no-context-on-success";
        kept(check, "> Ping\n< 200 Ack");
        broken(check, "> Ping\n< 200 Ack; BITS-Error-Context: 0x5", 1, "BITS-Error-Context: 0x5");
        unexercised(check, "> Ping\n< 500 Ack; BITS-Error-Context: 0x5");
    }

    #[test]
    fn a_body_is_found() {
        let check = "ack-create-session/no-body";
        let digest = bits_wire::payload::Digest::of(b"x");
        kept(check, "> Create-Session\n< 200 Ack");
        let body = format!(
            "> Create-Session\n< 400 Ack\n~ length=1 digest={digest} framing=length:1\n| x"
        );
        broken(check, &body, 1, "1 bytes of body");
        unexercised(check, "> Ping\n< 200 Ack");
    }
}

//! CREATE-SESSION and its Ack (2.2.2, 2.2.3, 3.2.5.2.4).

use bits_wire::{Hresult, PacketType, UPLOAD_PROTOCOL, names, text};

use super::{
    Check, Judgement, Verdict,
    breach::Breach,
    judge::{describe, followed, is_error, kept_as, kept_if, refused, shown, success},
    observed::{Observed, Seen, is_success},
};
use crate::{
    spec::{clause, reading},
    transcript::Answer,
};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "create-session/succeeds", clause: clause("BUP-3.2.5.2.4-01"), judge: succeeds },
    Check { name: "create-session/answered", clause: clause("BUP-3.2.5.2.4-08"), judge: answered },
    Check {
        name: "create-session/protocol-list-forms",
        clause: clause("BUP-2.2.2.2-02"),
        judge: list_forms,
    },
    Check {
        name: "create-session/protocol-list-missing",
        clause: clause("BUP-2.2.2.2-04"),
        judge: list_missing,
    },
    Check {
        name: "create-session/no-common-protocol",
        clause: clause("BUP-2.2.1.2-24"),
        judge: no_common_protocol,
    },
    Check {
        name: "create-session/chosen-protocol",
        clause: clause("BUP-2.2.3.2-01"),
        judge: chosen_protocol,
    },
    Check {
        name: "create-session/no-protocol-on-failure",
        clause: clause("BUP-2.2.3.2-02"),
        judge: no_protocol_on_failure,
    },
    Check {
        name: "create-session/accept-encoding",
        clause: clause("BUP-2.2.3.1-01"),
        judge: accept_encoding,
    },
    Check {
        name: "create-session/accept-encoding-on-failure",
        clause: clause("W32-ack-for-create-session-07"),
        judge: accept_encoding_on_failure,
    },
    Check {
        name: "create-session/faulty-gives-no-session",
        clause: clause("BUP-3.2.5.1.1-01"),
        judge: faulty,
    },
    Check {
        name: "create-session/missing-folder",
        clause: clause("W32-ack-for-create-session-02"),
        judge: missing_folder,
    },
];

fn creates<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    seen.packets(&PacketType::CreateSession)
}

/// The Acks that report success.
pub(super) fn successes<'o, 't>(
    seen: &'o Observed<'t>,
) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer)> {
    creates(seen)
        .filter_map(|seen| Some((seen, seen.answer()?)))
        .filter(|(_, answer)| is_success(answer.head.status))
}

/// The Acks that report an error.
pub(super) fn failures<'o, 't>(
    seen: &'o Observed<'t>,
) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer)> {
    creates(seen)
        .filter_map(|seen| Some((seen, seen.answer()?)))
        .filter(|(_, answer)| is_error(answer))
}

fn offer<'t>(seen: &Seen<'t>) -> &'t str {
    seen.exchange.request.head.headers.first(names::SUPPORTED_PROTOCOLS).unwrap_or_default()
}

fn succeeds(seen: &Observed<'_>) -> Verdict {
    creates(seen)
        .filter(|seen| seen.is_plain() && offer(seen) == UPLOAD_PROTOCOL && seen.answer().is_some())
        // Whether a destination can have two sessions is left open (U3).
        .filter(|seen| seen.rivals == 0)
        .map(|seen| match seen.status() {
            201 => followed(seen, const { reading("D2/201") }),
            _ => kept_as(const { reading("D2/200") }, seen, success(seen)),
        })
        .collect()
}

fn answered(seen: &Observed<'_>) -> Verdict {
    creates(seen)
        .filter(|seen| !seen.breaches.iter().any(Breach::is_http))
        .map(|seen| kept_if(seen.answer().is_some(), seen, "an Ack", || describe(seen)))
        .collect()
}

fn list_forms(seen: &Observed<'_>) -> Verdict {
    creates(seen)
        .filter(|seen| seen.is_clean() && offer(seen) != UPLOAD_PROTOCOL && seen.answer().is_some())
        .map(|seen| match seen.status() {
            200 | 201 if offer(seen).contains(',') => {
                followed(seen, const { reading("D14/space-and-comma") })
            }
            200 | 201 => Judgement::Kept,
            400 if offer(seen).contains(',') => followed(seen, const { reading("D14/space-only") }),
            _ => kept_if(false, seen, "200", || describe(seen)),
        })
        .collect()
}

fn list_missing(seen: &Observed<'_>) -> Verdict {
    creates(seen)
        .filter(|seen| seen.has_only(&Breach::NoProtocols))
        .map(|seen| refused(seen, 400, Hresult::INVALID_ARGUMENT))
        .collect()
}

fn no_common_protocol(seen: &Observed<'_>) -> Verdict {
    creates(seen)
        .filter(|seen| seen.has_only(&Breach::ForeignProtocols))
        .map(|seen| refused(seen, 400, Hresult::INVALID_ARGUMENT))
        .collect()
}

fn chosen_protocol(seen: &Observed<'_>) -> Verdict {
    successes(seen)
        .filter(|(seen, _)| seen.is_clean())
        .map(|(seen, answer)| {
            let chosen = answer.head.headers.only(names::PROTOCOL);
            let offered = |chosen: &str| {
                offer(seen).split([' ', ',', '\t']).any(|one| one.eq_ignore_ascii_case(chosen))
            };
            kept_if(
                chosen.is_some_and(offered),
                seen,
                "BITS-Protocol with one of the offered GUIDs",
                || shown(answer, names::PROTOCOL),
            )
        })
        .collect()
}

fn no_protocol_on_failure(seen: &Observed<'_>) -> Verdict {
    failures(seen)
        .map(|(seen, answer)| {
            kept_if(!answer.head.headers.has(names::PROTOCOL), seen, "no BITS-Protocol", || {
                shown(answer, names::PROTOCOL)
            })
        })
        .collect()
}

fn accept_encoding(seen: &Observed<'_>) -> Verdict {
    successes(seen)
        .filter_map(|(seen, answer)| {
            Some((seen, answer, answer.head.headers.first(names::ACCEPT_ENCODING)?))
        })
        .map(|(seen, answer, value)| {
            let right = value.split(',').all(|coding| {
                let name = coding.split(';').next().unwrap_or_default().trim();
                name == "*" || text::is_token(name)
            });
            kept_if(right, seen, "a list of content codings", || {
                shown(answer, names::ACCEPT_ENCODING)
            })
        })
        .collect()
}

fn accept_encoding_on_failure(seen: &Observed<'_>) -> Verdict {
    failures(seen)
        .filter(|(seen, _)| !seen.is_below_bits())
        .map(|(seen, answer)| {
            let there = answer.head.headers.has(names::ACCEPT_ENCODING);
            followed(
                seen,
                if there { reading("D20/any-time") } else { reading("D20/only-on-success") },
            )
        })
        .collect()
}

/// A request that must be refused makes no session.
fn faulty(seen: &Observed<'_>) -> Verdict {
    let wrong = |breach: &Breach| {
        matches!(
            breach,
            Breach::NoProtocols
                | Breach::ForeignProtocols
                | Breach::NoLength
                | Breach::Body
                | Breach::LongKnownValue
        )
    };
    creates(seen)
        .filter(|seen| seen.breaches.iter().any(wrong) && seen.answer().is_some())
        .map(|seen| kept_if(!is_success(seen.status()), seen, "a refusal", || describe(seen)))
        .collect()
}

fn missing_folder(seen: &Observed<'_>) -> Verdict {
    creates(seen)
        .filter(|seen| seen.has_only(&Breach::MissingFolder) && seen.answer().is_some())
        .map(|seen| {
            followed(
                seen,
                if seen.status() == 404 { reading("D4/at-create") } else { reading("D4/later") },
            )
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use crate::checks::testing::{broken, follows, kept, unexercised};

    const PLAIN: &str =
        "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n< ";
    pub(in crate::checks) const ID: &str =
        "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    pub(in crate::checks) fn plain(answer: &str) -> String {
        format!("{PLAIN}{answer}\n")
    }

    #[test]
    fn a_good_request_that_fails_is_found() {
        let check = "create-session/succeeds";
        kept(check, &plain("200 Ack"));
        follows(check, &plain("201 Ack"), "D2/201");
        broken(check, &plain("500 Ack"), 1, "500");
        unexercised(check, "> Create-Session\n< 400 Ack");
    }

    #[test]
    fn a_request_without_an_answer_is_found() {
        let check = "create-session/answered";
        kept(check, &plain("500"));
        broken(check, &plain("!closed"), 1, "closed");
        unexercised(check, "> Ping\n< 200 Ack");
    }

    #[test]
    fn other_forms_of_the_list_must_do() {
        let check = "create-session/protocol-list-forms";
        let list = |list: &str, answer: &str| {
            format!("> Create-Session; BITS-Supported-Protocols: {list}\n< {answer}")
        };
        let known = "{7DF0354D-249B-430F-820D-3D2A9BEF4931}";
        kept(check, &list(&format!("{{0}} {known}"), "200 Ack"));
        follows(check, &list(&format!("{{0}},{known}"), "400 Ack"), "D14/space-only");
        broken(check, &list(known, "400 Ack"), 1, "400");
        unexercised(check, &plain("200 Ack"));
    }

    #[test]
    fn a_list_without_the_protocol_must_be_refused() {
        let list = |list: &str, answer: &str| format!("> Create-Session{list}\n< {answer}");
        let foreign = "; BITS-Supported-Protocols: {0}";
        kept(
            "create-session/no-common-protocol",
            &list(foreign, "400 Ack; BITS-Error: 0x80070057"),
        );
        broken("create-session/no-common-protocol", &list(foreign, "200 Ack"), 1, "200");
        broken(
            "create-session/no-common-protocol",
            &list(foreign, "400 Ack; BITS-Error: 0x80070005"),
            1,
            "0x80070005",
        );
        unexercised("create-session/no-common-protocol", &plain("200 Ack"));
        kept("create-session/protocol-list-missing", &list("", "400 Ack"));
        broken("create-session/protocol-list-missing", &list("", "500 Ack"), 1, "500");
        unexercised("create-session/protocol-list-missing", &plain("200 Ack"));
    }

    #[test]
    fn the_chosen_protocol_must_be_an_offered_one() {
        let check = "create-session/chosen-protocol";
        kept(check, &plain("200 Ack; BITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}"));
        broken(check, &plain("200 Ack; BITS-Protocol: {0}"), 1, "{0}");
        broken(check, &plain("200 Ack"), 1, "no BITS-Protocol");
        unexercised(check, &plain("400 Ack"));
    }

    #[test]
    fn a_failure_names_no_protocol() {
        let check = "create-session/no-protocol-on-failure";
        kept(check, &plain("400 Ack"));
        broken(check, &plain("400 Ack; BITS-Protocol: {0}"), 1, "{0}");
        unexercised(check, &plain("200 Ack"));
    }

    #[test]
    fn codings_are_tokens() {
        let check = "create-session/accept-encoding";
        kept(check, &plain("200 Ack; Accept-Encoding: identity, gzip"));
        broken(check, &plain("200 Ack; Accept-Encoding: iden tity"), 1, "iden tity");
        unexercised(check, &plain("200 Ack"));
        follows(
            "create-session/accept-encoding-on-failure",
            &plain("400 Ack; Accept-Encoding: identity"),
            "D20/any-time",
        );
        unexercised("create-session/accept-encoding-on-failure", &plain("200 Ack"));
    }

    #[test]
    fn a_faulty_request_makes_no_session() {
        let check = "create-session/faulty-gives-no-session";
        kept(check, "> Create-Session\n< 400 Ack");
        broken(check, "> Create-Session\n< 200 Ack", 1, "200");
        unexercised(check, &plain("200 Ack"));
    }

    #[test]
    fn a_missing_folder_is_reported_at_once_or_later() {
        let check = "create-session/missing-folder";
        let deep = PLAIN.replace("Create-Session;", "Create-Session /upload/x/y;");
        follows(check, &format!("{deep}404 Ack"), "D4/at-create");
        follows(check, &format!("{deep}200 Ack"), "D4/later");
        unexercised(check, &plain("200 Ack"));
    }
}

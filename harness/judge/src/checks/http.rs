//! What HTTP itself asks of answers (2.1, 2.2, 2.2.1, 3.2.5.2.1).

use bits_wire::{BITS_POST, MAX_HEADER_VALUE, authorization::Bearer, http1::Framing, names, text};

use super::{
    Check, Judgement, Verdict,
    ack::is_ack,
    breach::Breach,
    judge::{describe, kept_if},
    observed::{Kind, Observed, Seen, is_success, is_unknown},
};
use crate::{
    spec::clause,
    transcript::{Answer, Fate},
};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "http/authentication", clause: clause("BUP-2.1-01"), judge: authentication },
    Check { name: "http/version", clause: clause("BUP-2.2.1-02"), judge: version },
    Check { name: "http/well-formed", clause: clause("BUP-2.2.1-05"), judge: well_formed },
    Check { name: "http/value-length", clause: clause("BUP-2.2.1-06"), judge: value_length },
    Check {
        name: "http/packet-type-of-other-answers",
        clause: clause("BUP-2.2.1-07"),
        judge: other_answers,
    },
    Check {
        name: "http/header-names-in-any-case",
        clause: clause("BUP-2.2.1-03"),
        judge: any_case,
    },
    Check {
        name: "http/unknown-headers-ignored",
        clause: clause("BUP-2.2-03"),
        judge: unknown_headers,
    },
    Check { name: "http/connection-close", clause: clause("BUP-2.2-02"), judge: connection_close },
    Check {
        name: "http/content-length-form",
        clause: clause("BUP-2.2.1.1-04"),
        judge: length_form,
    },
    Check {
        name: "http/answers-below-bits",
        clause: clause("BUP-3.2.5.2.1-01"),
        judge: below_bits,
    },
    Check {
        name: "http/empty-answers-below-bits",
        clause: clause("BUP-3.2.5.2.1-02"),
        judge: below_bits_empty,
    },
];

/// Who asks for credentials says which; who asked and got the right ones takes them; wrong ones open nothing.
fn authentication(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter_map(|seen| Some((seen, seen.answer()?)))
        .flat_map(|(seen, answer)| [asks_properly(seen, answer), takes_properly(seen, answer)])
        .flatten()
        .collect()
}

fn asks_properly(seen: &Seen<'_>, answer: &Answer) -> Option<Judgement> {
    let name = match answer.head.status {
        _ if seen.kind != Kind::Challenged => return None,
        401 => names::WWW_AUTHENTICATE,
        407 => names::PROXY_AUTHENTICATE,
        _ => return None,
    };
    Some(kept_if(answer.head.headers.has(name), seen, name, || {
        format!("{}, no {name}", answer.head.status_line())
    }))
}

/// A nonce that has become too old is replaced, which refuses nobody.
fn takes_properly(seen: &Seen<'_>, answer: &Answer) -> Option<Judgement> {
    let status = answer.head.status;
    let is_stale = || {
        let mut asked = answer.head.headers.all(names::WWW_AUTHENTICATE);
        asked.any(|value| value.to_ascii_lowercase().replace(['"', ' '], "").contains("stale=true"))
    };
    match Bearer::of(&seen.exchange.request.head)? {
        Bearer::Right => {
            let taken = seen.kind != Kind::Challenged || status == 407 || is_stale();
            Some(kept_if(taken, seen, "the right credentials taken", || describe(seen)))
        }
        Bearer::Wrong => {
            let refused = !(200..300).contains(&status);
            Some(kept_if(refused, seen, "the wrong credentials refused", || describe(seen)))
        }
        Bearer::Written => None,
    }
}

/// Answers whose head is as it was on the wire.
fn exact<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer)> {
    seen.each()
        .iter()
        .filter_map(|seen| Some((seen, seen.answer()?)))
        .filter(|(_, answer)| answer.exact)
}

fn version(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter(|(seen, answer)| answer.exact && !seen.breaches.contains(&Breach::Version))
        .map(|(seen, answer)| {
            kept_if(answer.head.version == "HTTP/1.1", seen, "HTTP/1.1", || {
                answer.head.version.clone()
            })
        })
        .collect()
}

fn well_formed(seen: &Observed<'_>) -> Verdict {
    exact(seen)
        .filter(|(seen, _)| !seen.is_below_bits())
        .map(|(seen, answer)| form(seen, answer))
        .collect()
}

fn below_bits(seen: &Observed<'_>) -> Verdict {
    exact(seen)
        .filter(|(seen, _)| seen.is_below_bits())
        .map(|(seen, answer)| form(seen, answer))
        .collect()
}

/// One status line, proper lines, a body of the length that was said, and nothing after it.
fn form(seen: &Seen<'_>, answer: &Answer) -> Judgement {
    let expected = "a well-formed response and nothing after it";
    if let Some(flaw) = answer.head.flaws.first() {
        return kept_if(false, seen, expected, || flaw.to_string());
    }
    if let Framing::Unclear(what) = &answer.body.framing {
        return kept_if(false, seen, expected, || format!("a body of unclear length, {what}"));
    }
    if !answer.body.complete {
        return kept_if(false, seen, expected, || {
            format!("a body that broke off after {} bytes", answer.body.length)
        });
    }
    let stray = &answer.surplus;
    // Bytes behind a head that announces none are another request to HTTP, and may be answered so.
    let is_asked = seen.breaches.contains(&Breach::NoLength) && seen.exchange.request.sent > 0;
    kept_if(is_asked || stray.is_empty(), seen, expected, || {
        format!("stray bytes after it: {}", text::excerpt(&text::from_bytes(stray), 60))
    })
}

fn value_length(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .map(|(seen, answer)| {
            let long =
                answer.head.headers.iter().find(|header| header.value.len() > MAX_HEADER_VALUE);
            let actual = || {
                long.map_or_else(String::new, |header| {
                    format!("{} with {} bytes", header.name, header.value.len())
                })
            };
            kept_if(long.is_none(), seen, "no value over 4,096 bytes", actual)
        })
        .collect()
}

/// The five messages have clauses of their own for this; here are the answers to everything else that came as BITS_POST.
fn other_answers(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter(|(seen, _)| seen.kind == Kind::NoPacket && !seen.is_below_bits())
        .map(|(seen, answer)| is_ack(seen, answer))
        .collect()
}

/// The answer to a request that is right must not depend on what the server may not look at.
fn as_ever(seen: &Seen<'_>) -> Judgement {
    kept_if(is_success(seen.status()), seen, "200, as without it", || describe(seen))
}

fn any_case(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter(|(seen, answer)| {
            answer.exact && seen.has_its_way() && has_odd_name(seen, names::is_respelled)
        })
        .map(|(seen, _)| as_ever(seen))
        .collect()
}

fn has_odd_name(seen: &Seen<'_>, odd: impl Fn(&str) -> bool) -> bool {
    !seen.usual && seen.exchange.request.head.headers.iter().any(|header| odd(&header.name))
}

fn unknown_headers(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter(|(seen, _)| seen.has_its_way() && has_odd_name(seen, is_unknown))
        .map(|(seen, _)| as_ever(seen))
        .collect()
}

fn connection_close(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter(|(seen, answer)| {
            answer.exact && seen.exchange.fate != Fate::Hidden && asks_to_close(seen)
        })
        .map(|(seen, _)| {
            kept_if(
                seen.exchange.fate != Fate::Open,
                seen,
                "the connection closed after the answer",
                || "it stayed open".into(),
            )
        })
        .collect()
}

fn asks_to_close(seen: &Seen<'_>) -> bool {
    let headers = &seen.exchange.request.head.headers;
    headers.first(names::CONNECTION).is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

/// A length that is no number is never taken for one.
fn length_form(seen: &Observed<'_>) -> Verdict {
    let malformed = |seen: &&Seen<'_>| seen.breaches.contains(&Breach::LengthForm);
    seen.each()
        .iter()
        .filter(malformed)
        .map(|seen| {
            kept_if(!is_success(seen.status()), seen, "a refusal, or the connection closed", || {
                describe(seen)
            })
        })
        .collect()
}

fn below_bits_empty(seen: &Observed<'_>) -> Verdict {
    exact(seen)
        .filter(|(seen, _)| seen.is_below_bits() && seen.exchange.request.head.method == BITS_POST)
        .map(|(seen, answer)| {
            kept_if(answer.body.length == 0, seen, "no body", || {
                format!("{} bytes of body", answer.body.length)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{broken, kept, unexercised};

    fn exact(head: &str) -> String {
        format!("> Ping\n{head}\n<\n")
    }

    const BASIC: &str = "WWW-Authenticate: Basic realm=\"x\"";
    const RIGHT: &str = "> Ping; Authorization: Basic <redacted>";
    const WRONG: &str = "> Ping; Authorization: Basic <redacted: wrong>";

    #[test]
    fn a_file_that_a_session_in_doubt_may_have_left_is_no_matter_of_spelling() {
        let id = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let create =
            "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";
        let lines = format!(
            "{create}\n< 200 Ack; {id}\n> Fragment; {id}; Content-Range: bytes 0-9/10\n< 200 Ack\n\
             > Close-Session; {id}\n< !closed\n{create}; ACCEPT: */*\n< 403 Ack"
        );
        unexercised("http/header-names-in-any-case", &lines);
    }

    #[test]
    fn a_close_over_an_older_file_may_be_refused_however_it_is_spelled() {
        let id = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let upload = |id: &str| {
            format!(
                "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {id}\n\
                 > Fragment; {id}; Content-Range: bytes 0-9/10\n< 200 Ack\n"
            )
        };
        let check = "http/header-names-in-any-case";
        let refused = |id: &str| format!("> Close-Session; {id}; ACCEPT: */*\n< 403 Ack\n");
        broken(check, &(upload(id) + &refused(id)), 3, "403");
        let closed = format!("{}> Close-Session; {id}\n< 200 Ack\n", upload(id));
        let other = id.replace("A0FF", "B0FF");
        unexercised(check, &(closed + &upload(&other) + &refused(&other)));
    }

    #[test]
    fn who_asks_for_credentials_says_which() {
        let check = "http/authentication";
        kept(check, &format!("> Ping\n< 401; {BASIC}"));
        kept(check, "> GET\n< 407; Proxy-Authenticate: Basic realm=\"x\"");
        broken(check, "> Ping\n< 401 Ack", 1, "401, no WWW-Authenticate");
        broken(check, &format!("> Ping\n< 407; {BASIC}"), 1, "no Proxy-Authenticate");
        unexercised(check, "> Ping\n< 403 Ack");
        let relayed = "401 Ack; BITS-Error: 0x80190191; BITS-Error-Context: 0x7";
        unexercised(check, &format!("> Fragment\n< {relayed}"));
    }

    #[test]
    fn right_credentials_are_taken_and_wrong_ones_are_not() {
        let check = "http/authentication";
        kept(check, &format!("{RIGHT}\n< 200 Ack"));
        broken(check, &format!("{RIGHT}\n< 401; {BASIC}"), 1, "401");
        kept(
            check,
            &format!("{RIGHT}\n< 401; WWW-Authenticate: Digest nonce=\"x\", stale=\"TRUE\""),
        );
        kept(check, &format!("{WRONG}\n< 401; {BASIC}"));
        kept(check, &format!("{WRONG}\n< 403 Ack"));
        broken(check, &format!("{WRONG}\n< 401"), 1, "no WWW-Authenticate");
        broken(check, &format!("{WRONG}\n< 200 Ack"), 1, "200");
        unexercised(check, "> Ping; Authorization: Basic YTpi\n< 200 Ack");
    }

    #[test]
    fn a_challenge_is_no_occasion_for_what_bits_asks() {
        let challenge =
            format!("# role protected\n> Create-Session\n< 401; {BASIC}\n> Ping\n< 401");
        for check in crate::checks::all().filter(|check| check.name != "http/authentication") {
            let verdict = crate::checks::testing::verdict(check.name, &challenge);
            assert!(verdict.broken.is_empty(), "{}: {verdict:?}", check.name);
        }
        let upload = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let protocols = "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";
        let right = "Authorization: Basic <redacted>";
        let authorised = format!(
            "# role accounts\n> Create-Session; {protocols}; {right}\n< 200 Ack; {upload}\n\
             > Fragment; {upload}; Content-Range: bytes 0-9/10\n< 401; {BASIC}\n\
             > Fragment; {upload}; Content-Range: bytes 0-9/10; {right}\n< 400 Ack"
        );
        unexercised("errors/not-permitted", &authorised);
        broken("fragment/last-taken", &authorised, 3, "400");
    }

    #[test]
    fn another_version_is_found() {
        let check = "http/version";
        kept(check, &exact("< HTTP/1.1 200 OK"));
        broken(check, &exact("< HTTP/1.0 200 OK"), 1, "HTTP/1.0");
        unexercised(check, "> GET\n< 200");
    }

    #[test]
    fn a_malformed_answer_is_found() {
        let check = "http/well-formed";
        kept(check, &exact("< HTTP/1.1 200 OK\n< A: b"));
        broken(check, &exact("< HTTP/1.1 200 OK\\n\n< A: b"), 1, "LF without CR");
        broken(check, &exact("< HTTP/1.1 200 OK\n<  b"), 1, "folded");
        broken(check, "> Ping\n< 200 Ack\n+ HTTP/1.1", 1, "stray bytes");
        broken(check, "> Ping\n< 200; Transfer-Encoding: odd", 1, "unclear length");
        unexercised(check, "> Ping\n< !closed");
        unexercised(check, "> Ping; Content-Length: x\n< 400\n+ more");
        broken(
            "http/answers-below-bits",
            "> Ping; Content-Length: x\n< 400\n+ more",
            1,
            "stray bytes",
        );
        kept("http/answers-below-bits", "> Ping; Content-Length: x\n< 400");
        unexercised("http/answers-below-bits", "> Ping\n< 200 Ack");
    }

    #[test]
    fn an_error_page_is_found() {
        let check = "http/empty-answers-below-bits";
        let digest = bits_wire::payload::Digest::of(b"x");
        kept(check, "> Ping; Content-Length: x\n< 400; Content-Length: 0");
        broken(
            check,
            &format!("> Ping; Content-Length: x\n< 400\n~ length=1 digest={digest} framing=close"),
            1,
            "1 bytes",
        );
        unexercised(check, "> Ping\n< 200 Ack");
    }

    #[test]
    fn a_long_value_is_found() {
        let check = "http/value-length";
        kept(check, &format!("> Ping\n< 200 Ack; A: {}", "x".repeat(4096)));
        broken(check, &format!("> Ping\n< 200 Ack; A: {}", "x".repeat(4097)), 1, "4097");
        unexercised(check, "> Ping\n< !closed");
    }

    #[test]
    fn answers_to_unknown_packets_are_acks_too() {
        let check = "http/packet-type-of-other-answers";
        kept(check, "> Nonsense\n< 400 Ack");
        broken(check, "> Nonsense\n< 400", 1, "no BITS-Packet-Type");
        unexercised(check, "> Ping\n< 400");
    }

    #[test]
    fn what_must_be_ignored_changes_nothing() {
        for (check, header) in [
            ("http/header-names-in-any-case", "ACCEPT: */*"),
            ("http/unknown-headers-ignored", "BITS-Future: x"),
        ] {
            kept(check, &format!("> Ping; {header}\n< 200 Ack"));
            broken(check, &format!("> Ping; {header}\n< 400 Ack"), 1, "400");
            unexercised(check, "> Ping\n< 200 Ack");
        }
    }

    #[test]
    fn a_connection_that_stays_open_is_found() {
        let check = "http/connection-close";
        kept(check, "> Ping; Connection: close\n< 200 Ack\n! closed");
        broken(check, "> Ping; Connection: close\n< 200 Ack\n! open", 1, "stayed open");
        unexercised(check, "> Ping\n< 200 Ack\n! open");
    }

    #[test]
    fn a_length_that_is_no_number_is_no_success() {
        let check = "http/content-length-form";
        kept(check, "> Ping; Content-Length: +1\n< 400");
        kept(check, "> Ping; Content-Length: +1\n< !closed");
        broken(check, "> Ping; Content-Length: +1\n< 200 Ack", 1, "200");
        unexercised(check, "> Ping\n< 200 Ack");
    }
}

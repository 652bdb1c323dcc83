//! Replies to uploads: where they are named, and how long they can be read (2.2.7.2, 3.3.5.2, 3.2.5.2.7, 3.2.5.2.8).

use std::collections::BTreeSet;

use bits_wire::{ContentRange, PacketType, Payload, names, payload::digest_of, text};

use super::{
    Check, Judgement, Verdict,
    answered::Answered,
    breach::Breach,
    judge::{describe, followed, kept_as, kept_if, shown},
    observed::{Kind, Observed, Reply, Seen, SessionState, is_success},
};
use crate::{
    spec::{clause, reading},
    transcript::Answer,
};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "reply/named-with-the-last-ack", clause: clause("BUP-2.2.7.2-10"), judge: named },
    Check {
        name: "reply/not-named-before",
        clause: clause("BUP-2.2.7.2-11"),
        judge: not_named_before,
    },
    Check { name: "reply/none-to-name", clause: clause("BUP-3.3.5.2.6-03"), judge: none_to_name },
    Check {
        name: "reply/not-without-a-call",
        clause: clause("BUP-3.2-02"),
        judge: not_without_a_call,
    },
    Check {
        name: "reply/static-as-it-stands",
        clause: clause("BUP-3.3.5.2.4-01"),
        judge: static_as_it_stands,
    },
    Check { name: "reply/can-be-fetched", clause: clause("BUP-3.3.5.2.6-02"), judge: fetched },
    Check {
        name: "reply/body-is-the-applications",
        clause: clause("BUP-3.3.5.2.5-01"),
        judge: |seen| content(seen, true),
    },
    Check {
        name: "reply/file-is-the-applications",
        clause: clause("BUP-3.3.5.2.4-03"),
        judge: |seen| content(seen, false),
    },
    Check { name: "reply/in-ranges", clause: clause("W32-http-requirements-06"), judge: in_ranges },
    Check {
        name: "reply/gone-after-close",
        clause: clause("BUP-3.2.5.2.7-04"),
        judge: |seen| gone(seen, SessionState::Closed),
    },
    Check {
        name: "reply/gone-after-cancel",
        clause: clause("BUP-3.2.5.2.8-02"),
        judge: |seen| gone(seen, SessionState::Cancelled),
    },
    Check {
        name: "reply/static-stays",
        clause: clause("W32-notification-protocol-01"),
        judge: static_stays,
    },
];

/// Acknowledged fragments of a directory that notifies.
fn acks<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer)> {
    let notifies = seen.notifies();
    seen.packets(&PacketType::Fragment)
        .filter(move |seen| notifies && is_success(seen.status()))
        .filter_map(|seen| Some((seen, seen.answer()?)))
}

/// Those that completed an upload and whose call succeeded, with what the application asked for.
fn completed<'o, 't>(
    seen: &'o Observed<'t>,
) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer, &'o super::answered::Success)> {
    acks(seen).filter_map(|(seen, answer)| {
        Some((seen, answer, seen.answered.as_deref().and_then(Answered::asked)?))
    })
}

fn url(answer: &Answer) -> Option<&str> {
    answer.head.headers.first(names::REPLY_URL).filter(|url| !url.is_empty())
}

fn named(seen: &Observed<'_>) -> Verdict {
    completed(seen)
        .filter(|(_, _, asked)| asked.reply.is_some() || asked.static_url.is_some())
        .map(|(seen, answer, _)| {
            kept_if(url(answer).is_some(), seen, "BITS-Reply-URL", || {
                shown(answer, names::REPLY_URL)
            })
        })
        .collect()
}

fn not_named_before(seen: &Observed<'_>) -> Verdict {
    acks(seen)
        .filter(|(seen, _)| {
            seen.range.is_some_and(|range| !range.is_final())
                && !seen.breaches.contains(&Breach::AfterEnd)
        })
        .map(|(seen, answer)| {
            kept_if(url(answer).is_none(), seen, "no BITS-Reply-URL yet", || {
                shown(answer, names::REPLY_URL)
            })
        })
        .collect()
}

/// Without a reply there is none to name; one text makes a URL in any case (S16).
fn none_to_name(seen: &Observed<'_>) -> Verdict {
    completed(seen)
        .filter(|(_, _, asked)| asked.reply.is_none() && asked.static_url.is_none())
        .map(|(seen, answer, _)| match url(answer) {
            None => followed(seen, const { reading("S16/absent") }),
            Some(_) => followed(seen, const { reading("S16/present") }),
        })
        .collect()
}

/// Where the harness plays the application, a reply without a call comes from nowhere.
fn not_without_a_call(seen: &Observed<'_>) -> Verdict {
    acks(seen)
        .filter(|(seen, answer)| {
            // What the session has been through may have brought a call before.
            url(answer).is_some() && seen.is_clean()
        })
        .filter(|_| seen.transcript.facts.application)
        .filter(|(seen, _)| seen.range.is_some_and(|range| range.is_final()))
        .map(|(seen, answer)| {
            kept_if(!seen.calls.is_empty(), seen, "a call before a reply is named", || {
                shown(answer, names::REPLY_URL)
            })
        })
        .collect()
}

fn static_as_it_stands(seen: &Observed<'_>) -> Verdict {
    completed(seen)
        .filter_map(|(seen, answer, asked)| {
            Some((seen, answer, asked.static_url.as_deref()?, url(answer)?))
        })
        .map(|(seen, answer, wanted, url)| {
            let expected = format!("BITS-Reply-URL: {}", text::excerpt(wanted, 80));
            kept_if(url == wanted, seen, expected, || shown(answer, names::REPLY_URL))
        })
        .collect()
}

/// Answered GETs of replies that the server keeps itself.
fn gets<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, &'o Reply)> {
    seen.each()
        .iter()
        .filter(|seen| seen.kind == Kind::Get && seen.answer().is_some())
        .filter_map(|seen| Some((seen, seen.reply.as_deref()?)))
        .filter(|(_, reply)| reply.asked.static_url.is_none())
}

fn is_part(seen: &Seen<'_>) -> bool {
    seen.exchange.request.head.headers.has("Range")
}

fn fetched(seen: &Observed<'_>) -> Verdict {
    gets(seen)
        .filter(|(seen, reply)| reply.state == SessionState::Open && !is_part(seen))
        .filter(|(_, reply)| reply.asked.reply.is_some())
        .map(|(seen, _)| kept_if(seen.status() == 200, seen, "the reply", || describe(seen)))
        .collect()
}

fn content(observed: &Observed<'_>, by_value: bool) -> Verdict {
    gets(observed)
        .filter(|(seen, reply)| {
            observed.by_value() == by_value
                && reply.state == SessionState::Open
                && seen.status() == 200
        })
        .filter_map(|(seen, reply)| Some((seen, reply.asked.reply.as_ref()?)))
        .filter_map(|(seen, reply)| is_reply(observed, seen, reply))
        .collect()
}

fn is_reply(observed: &Observed<'_>, seen: &Seen<'_>, reply: &Payload) -> Option<Judgement> {
    let body = &seen.answer()?.body;
    let wanted = digest_of(std::slice::from_ref(reply))?;
    let taken = |payload: &Payload| digest_of(std::slice::from_ref(payload)) == Some(body.digest);
    let bodies = observed.transcript.notifications.iter().map(|call| &call.played.body);
    // By reference a body is no reply, and one text takes it for one (S13).
    let from_body = bodies.filter(|body| **body != Payload::Empty).any(taken);
    if body.digest != wanted && from_body && !observed.by_value() {
        return Some(followed(seen, const { reading("S13/taken") }));
    }
    let judgement = kept_if(
        body.digest == wanted && body.complete,
        seen,
        format!("the reply: {} bytes, SHA-256 {wanted}", reply.length()),
        || format!("{} bytes, SHA-256 {}", body.length, body.digest),
    );
    let ignores = !observed.by_value()
        && observed.transcript.notifications.iter().any(|call| call.played.body != Payload::Empty);
    Some(if ignores {
        kept_as(const { reading("S13/ignored") }, seen, judgement)
    } else {
        judgement
    })
}

/// A reply can be fetched as every download: with ranges.
fn in_ranges(seen: &Observed<'_>) -> Verdict {
    gets(seen)
        .filter(|(seen, reply)| reply.state == SessionState::Open && is_part(seen))
        .filter(|(_, reply)| reply.asked.reply.is_some())
        .filter_map(|(seen, _)| Some((seen, seen.answer()?)))
        .map(|(seen, answer)| {
            let range = answer.head.headers.first(names::CONTENT_RANGE);
            let told = range.and_then(|range| range.parse::<ContentRange>().ok());
            let right = answer.head.status == 206
                && told.is_some_and(|range| range.length() == answer.body.length);
            kept_if(right, seen, "206 with the part that was asked for", || {
                format!("{}, {}", describe(seen), shown(answer, names::CONTENT_RANGE))
            })
        })
        .collect()
}

fn gone(seen: &Observed<'_>, state: SessionState) -> Verdict {
    gets(seen)
        .filter(|(_, reply)| reply.state == state)
        .map(|(seen, _)| {
            let gone = !matches!(seen.status(), 200 | 206);
            kept_if(gone, seen, "no reply any more", || describe(seen))
        })
        .collect()
}

/// A static reply is not the server's to delete.
fn static_stays(seen: &Observed<'_>) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    let fetches = seen
        .all
        .iter()
        .filter(|seen| seen.kind == Kind::Get && seen.answer().is_some() && !is_part(seen));
    // An application can name a place where nothing is.
    let mut there = BTreeSet::new();
    let of_static = fetches.filter_map(|seen| {
        let reply = seen.reply.as_deref()?;
        let target = &seen.exchange.request.head.target;
        let was_there = there.contains(target);
        if seen.status() == 200 {
            there.insert(target);
        }
        let is_there = was_there || seen.status() == 200 || seen.file.content().is_some();
        let is_static = reply.asked.static_url.is_some() && reply.state == SessionState::Closed;
        (is_static && is_there).then_some(seen)
    });
    of_static
        .map(|seen| kept_if(seen.status() == 200, seen, "the static reply", || describe(seen)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::{
        notify::tests::{ID, created, last},
        testing::{broken, follows, kept, unexercised, verdict},
    };
    use bits_wire::payload::{Payload, digest_of};

    const URL: &str = "BITS-Reply-URL: http://server/upload/reply";
    /// What the application replies: ten bytes of a pattern.
    const REPLY: &str = "<< 200; Content-Length: 10\n== pattern 7 0 10";

    fn session(role: &str, call: &str, answer: &str) -> String {
        created(role) + &last(&format!(">> POST\n{call}"), answer)
    }

    /// A GET of the reply whose body is this part of the pattern.
    fn get(status: u16, length: u64) -> String {
        let reply = Payload::Pattern { seed: 7, offset: 0, length };
        let digest = digest_of(&[reply]).unwrap();
        format!(
            "> GET /upload/reply\n< {status}; Content-Length: {length}\n~ length={length} digest={digest} framing=length:{length}\n"
        )
    }

    #[test]
    fn a_reply_is_named_with_the_last_ack_and_not_before() {
        let check = "reply/named-with-the-last-ack";
        kept(check, &session("by-value", REPLY, &format!("200 Ack; {URL}")));
        broken(check, &session("by-value", REPLY, "200 Ack"), 2, "no BITS-Reply-URL");
        unexercised(check, &session("by-value", "<< 200", "200 Ack"));
        let check = "reply/not-named-before";
        let early = |answer: &str| {
            let fragment = format!("> Fragment; {ID}; Content-Range: bytes 0-4/10\n< {answer}\n");
            created("by-value") + &fragment
        };
        kept(check, &early("200 Ack"));
        broken(check, &early(&format!("200 Ack; {URL}")), 2, "http://server");
        unexercised(check, &session("by-value", REPLY, "200 Ack"));
    }

    #[test]
    fn without_a_reply_there_is_none_to_name() {
        let check = "reply/none-to-name";
        follows(check, &session("by-value", "<< 200", "200 Ack"), "S16/absent");
        follows(check, &session("by-value", "<< 200", &format!("200 Ack; {URL}")), "S16/present");
        unexercised(check, &session("by-value", REPLY, "200 Ack"));
        let check = "reply/not-without-a-call";
        kept(check, &session("by-value", REPLY, &format!("200 Ack; {URL}")));
        let uncalled = created("by-value") + &last("", &format!("200 Ack; {URL}"));
        broken(check, &uncalled, 2, "http://server");
        unexercised(check, &session("by-value", "<< 200", "200 Ack"));
        // Behind a repetition that was cut nobody knows whether the call has been.
        let told = session("by-value", REPLY, &format!("200 Ack; {URL}"));
        let cut = last("= pattern 5eed 0 10 sent=4", "!closed");
        let again = last("", &format!("200 Ack; {URL}"));
        let said = verdict(check, &(told + &cut + &again));
        assert_eq!((said.kept, said.broken.len()), (1, 0), "{said:?}");
    }

    #[test]
    fn a_static_reply_stays_as_it_is_and_where_it_is() {
        let there = "<< 200; BITS-Static-Response-URL: http://server/upload/reply";
        let named = session("by-value", there, &format!("200 Ack; {URL}"));
        let check = "reply/static-as-it-stands";
        kept(check, &named);
        let other = session("by-value", there, "200 Ack; BITS-Reply-URL: http://server/upload/");
        broken(check, &other, 2, "http://server/upload/");
        unexercised(check, &session("by-value", REPLY, &format!("200 Ack; {URL}")));
        let check = "reply/static-stays";
        let closed = format!("{named}> Close-Session; {ID}\n< 200 Ack\n");
        kept(check, &(closed.clone() + &get(200, 10)));
        unexercised(check, &(closed + &get(404, 0)));
        let fetched = named.clone() + &get(200, 10);
        let closed = format!("{fetched}> Close-Session; {ID}\n< 200 Ack\n");
        broken(check, &(closed + &get(404, 0)), 5, "404");
        unexercised(check, &(named + &get(200, 10)));
    }

    #[test]
    fn a_reply_can_be_fetched_as_it_was_given() {
        let named = session("by-value", REPLY, &format!("200 Ack; {URL}"));
        kept("reply/can-be-fetched", &(named.clone() + &get(200, 10)));
        broken("reply/can-be-fetched", &(named.clone() + &get(404, 0)), 3, "404");
        let check = "reply/body-is-the-applications";
        kept(check, &(named.clone() + &get(200, 10)));
        broken(check, &(named.clone() + &get(200, 9)), 3, "9 bytes");
        let check = "reply/in-ranges";
        let part = |answer: &str| {
            format!(
                "{named}> GET /upload/reply; Range: bytes=0-3\n< {answer}\n~ length=4 digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 framing=length:4\n"
            )
        };
        kept(check, &part("206; Content-Range: bytes 0-3/10; Content-Length: 4"));
        broken(check, &part("200; Content-Length: 4"), 3, "200");
        for check in ["reply/can-be-fetched", "reply/body-is-the-applications", "reply/in-ranges"] {
            unexercised(check, &named);
        }
    }

    #[test]
    fn by_reference_the_file_is_the_reply() {
        let check = "reply/file-is-the-applications";
        let file = "%= pattern 7 0 10\n<< 200; Content-Length: 4\n== pattern 7 0 4";
        let named = session("by-reference", file, &format!("200 Ack; {URL}"));
        kept(check, &(named.clone() + &get(200, 10)));
        follows(check, &(named.clone() + &get(200, 4)), "S13/taken");
        broken(check, &(named.clone() + &get(200, 9)), 3, "9 bytes");
        unexercised(check, &named);
    }

    #[test]
    fn a_reply_ends_with_its_session() {
        let named = session("by-value", REPLY, &format!("200 Ack; {URL}"));
        for (check, packet) in [
            ("reply/gone-after-close", "Close-Session"),
            ("reply/gone-after-cancel", "Cancel-Session"),
        ] {
            let ended = format!("{named}> {packet}; {ID}\n< 200 Ack\n");
            kept(check, &(ended.clone() + &get(404, 0)));
            broken(check, &(ended.clone() + &get(200, 10)), 4, "200");
            unexercised(check, &(named.clone() + &get(200, 10)));
        }
    }
}

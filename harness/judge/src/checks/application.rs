//! What the answers of the server application lead to (2.2.13, 3.2.5.1.3, 3.3.5, 3.3.6).

use bits_wire::{Hresult, PacketType, names};

use super::{
    Check, Judgement, Verdict,
    answered::{Answered, Stalled},
    breach::Breach,
    judge::{broken, describe, followed, is_session_not_found, kept_if, refused, shown},
    notify::succeeded,
    observed::{File, Kind, Observed, Seen, Session, SessionState, is_success},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "application/lost-ack",
        clause: clause("W32-preventing-multiple-uploads-01"),
        judge: after_a_lost_ack,
    },
    Check {
        name: "application/status-passed-on",
        clause: clause("BUP-3.2.5.1.3-05"),
        judge: status_passed_on,
    },
    Check { name: "application/context", clause: clause("BUP-2.2.1.2-13"), judge: context },
    Check {
        name: "application/no-answer-is-an-error",
        clause: clause("BUP-3.2.5.1.3-04"),
        judge: |seen| error_on(seen, |seen| is_broken_off(seen) && !is_in_a_body(seen)),
    },
    Check {
        name: "application/session-stays",
        clause: clause("BUP-3.2.5.1.3-03"),
        judge: session_stays,
    },
    Check {
        name: "application/cut-call-is-an-error",
        clause: clause("BUP-3.3.5.2.3-02"),
        judge: |seen| error_on(seen, |seen| is_broken_off(seen) && is_in_a_call(seen)),
    },
    Check {
        name: "application/cut-reply-is-an-error",
        clause: clause("BUP-3.3.5.2.5-02"),
        judge: |seen| error_on(seen, |seen| is_broken_off(seen) && is_in_a_reply(seen)),
    },
    Check {
        name: "application/failure-has-no-reply",
        clause: clause("BUP-3.3.5.2.6-01"),
        judge: failure_has_no_reply,
    },
    Check {
        name: "application/called-again-after-failure",
        clause: clause("BUP-3.2.5.1.2-05"),
        judge: called_again,
    },
    Check {
        name: "application/stored-after-success",
        clause: clause("BUP-3.2.5.1.2-04"),
        judge: stored,
    },
    Check {
        name: "application/not-called-again-after-403",
        clause: clause("W32-handling-server-application-errors-02"),
        judge: not_after_403,
    },
    Check {
        name: "application/only-200-is-success",
        clause: clause("W32-handling-server-application-errors-01"),
        judge: only_200,
    },
    Check {
        name: "application/slow-to-read",
        clause: clause("BUP-3.3.6.1-01"),
        judge: |seen| too_slow(seen, Stalled::Reading),
    },
    Check {
        name: "application/slow-in-a-body",
        clause: clause("BUP-3.3.6.2-01"),
        judge: |seen| too_slow(seen, Stalled::Body),
    },
    Check {
        name: "application/slow-to-answer",
        clause: clause("BUP-3.3.6.3-01"),
        judge: |seen| too_slow(seen, Stalled::Head),
    },
    Check {
        name: "application/version-checked",
        clause: clause("BUP-3.3.5.3.2-01"),
        judge: |seen| malformed_refused(seen, Form::Version),
    },
    Check {
        name: "application/form-checked",
        clause: clause("BUP-3.3.5.3.2-02"),
        judge: |seen| malformed_refused(seen, Form::Other),
    },
    Check {
        name: "application/malformed-is-411",
        clause: clause("BUP-3.3.5.3.2-03"),
        judge: malformed_status,
    },
    Check { name: "application/long-reply-url", clause: clause("BUP-2.2.1.2-28"), judge: long_url },
    Check {
        name: "application/copied-when-asked",
        clause: clause("BUP-3.3.5.2.4-02"),
        judge: copied,
    },
    Check {
        name: "application/not-copied-unasked",
        clause: clause("BUP-2.2.13.2-02"),
        judge: not_copied,
    },
    Check {
        name: "application/nothing-left-over",
        clause: clause("BUP-3.3.3-01"),
        judge: nothing_left_over,
    },
];

/// Answered fragments during which the server application was called and did not succeed.
fn failures<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, &'o Answered)> {
    seen.packets(&PacketType::Fragment)
        .filter(|seen| seen.answer().is_some() && seen.breaches.contains(&Breach::Application))
        .filter_map(|seen| Some((seen, seen.answered.as_deref()?)))
}

fn status_passed_on(seen: &Observed<'_>) -> Verdict {
    failures(seen)
        .filter_map(|(seen, answered)| match answered {
            Answered::Refused(status) => Some((seen, *status)),
            _ => None,
        })
        .map(|(seen, status)| {
            kept_if(seen.status() == status, seen, format!("the application's {status}"), || {
                describe(seen)
            })
        })
        .collect()
}

/// An error of the application, or of the way to it, is told as such. For a reply URL that is too long the texts do not say.
fn context(seen: &Observed<'_>) -> Verdict {
    failures(seen)
        .filter(|(seen, answered)| {
            seen.status() >= 400 && !matches!(answered, Answered::LongUrl | Answered::Doubtful)
        })
        .filter_map(|(seen, _)| Some((seen, seen.answer()?)))
        .filter_map(|(seen, answer)| {
            Some((seen, answer, answer.head.headers.first(names::ERROR_CONTEXT)?))
        })
        .map(|(seen, answer, value)| {
            kept_if(
                Hresult::read(value) == Some(Hresult(7)),
                seen,
                "BITS-Error-Context: 0x7",
                || shown(answer, names::ERROR_CONTEXT),
            )
        })
        .collect()
}

fn is_broken_off(seen: &Seen<'_>) -> bool {
    seen.answered.as_deref() == Some(&Answered::BrokenOff)
}

/// Whether the connection ended before the call had been read.
fn is_in_a_call(seen: &Seen<'_>) -> bool {
    seen.calls.last().is_some_and(|call| !call.body.complete)
}

/// Whether the connection ended within the answer's body.
fn is_in_a_reply(seen: &Seen<'_>) -> bool {
    seen.calls.last().is_some_and(|call| call.played.head.is_some())
}

fn is_in_a_body(seen: &Seen<'_>) -> bool {
    is_in_a_call(seen) || is_in_a_reply(seen)
}

fn error_on(seen: &Observed<'_>, when: fn(&Seen<'_>) -> bool) -> Verdict {
    failures(seen)
        .filter(|(seen, _)| when(seen))
        .map(|(seen, _)| kept_if(seen.status() >= 400, seen, "an error", || describe(seen)))
        .collect()
}

/// After a failure the session is there as before.
fn session_stays(seen: &Observed<'_>) -> Verdict {
    let failed = |seen: &Seen<'_>| {
        let session = seen.session.as_ref()?;
        let answered =
            session.answered.as_deref().filter(|_| session.state == SessionState::Open)?;
        answered.asked().is_none().then_some(())
    };
    seen.acks()
        .filter(|(seen, _)| failed(seen).is_some())
        .map(|(seen, _)| {
            kept_if(!is_session_not_found(seen), seen, "the session until it ends", || {
                describe(seen)
            })
        })
        .collect()
}

/// Whatever headers come with it: a failure leads to no reply and to no file.
fn failure_has_no_reply(seen: &Observed<'_>) -> Verdict {
    failures(seen)
        .filter(|(_, answered)| matches!(answered, Answered::Refused(_) | Answered::BrokenOff))
        .filter_map(|(seen, _)| Some((seen, seen.answer()?)))
        .filter(|(seen, _)| seen.status() >= 400)
        .map(|(seen, answer)| {
            kept_if(!answer.head.headers.has(names::REPLY_URL), seen, "no BITS-Reply-URL", || {
                shown(answer, names::REPLY_URL)
            })
        })
        .collect()
}

/// Answered repetitions of the last fragment, and what the latest call before had come to.
fn repetitions<'o, 't>(
    seen: &'o Observed<'t>,
) -> impl Iterator<Item = (&'o Seen<'t>, &'o Answered)> {
    seen.packets(&PacketType::Fragment)
        .filter(|seen| {
            let right = |breach: &Breach| matches!(breach, Breach::LastAgain | Breach::Application);
            seen.breaches.contains(&Breach::LastAgain) && seen.breaches.iter().all(right)
        })
        .filter(|seen| seen.answer().is_some())
        .filter_map(|seen| Some((seen, seen.session.as_ref()?.answered.as_deref()?)))
}

/// A repeated last fragment is the only way to announce an upload again (S11).
fn called_again(seen: &Observed<'_>) -> Verdict {
    repetitions(seen)
        // What the server had the time to give up proves nothing.
        .filter(|(one, _)| !seen.had_time_to_give_up(one))
        .filter(|(_, before)| {
            !matches!(before, Answered::Success(_) | Answered::Doubtful | Answered::Refused(403))
        })
        .map(|(seen, _)| match seen.status() {
            416 => followed(seen, const { reading("S11/lost") }),
            _ if is_session_not_found(seen) => {
                broken(seen, "the session until it is closed", describe(seen))
            }
            _ if seen.calls.is_empty() => {
                broken(seen, "another call of the application", describe(seen))
            }
            status => {
                let right = is_success(status) == succeeded(seen);
                kept_if(right, seen, "an answer that fits the application's", || describe(seen))
            }
        })
        .collect()
}

/// The last fragment once more after the connection broke behind its last byte, before the Ack was there: the upload is
/// finished, and the client has to learn that.
fn after_a_lost_ack(seen: &Observed<'_>) -> Verdict {
    seen.packets(&PacketType::Fragment)
        .filter(|_| seen.notifies() && seen.transcript.facts.application)
        .filter(|seen| seen.has_only(&Breach::AfterCut) && seen.answer().is_some())
        .filter(|seen| {
            let whole = |session: &Session| {
                let cut = session.cut.as_ref().is_some_and(|cut| cut.length() == session.unsure);
                cut && seen.range.is_some_and(|it| it.is_final() && it.first == session.next)
            };
            seen.session.as_ref().is_some_and(whole)
        })
        .map(|seen| match seen.status() {
            200 => Judgement::Kept,
            416 => followed(seen, const { reading("S11/416") }),
            _ => broken(seen, "200 with the reply URL, or 416", describe(seen)),
        })
        .collect()
}

/// After success the answer is stored (S10), or the fragment is out of step (S11).
fn stored(seen: &Observed<'_>) -> Verdict {
    repetitions(seen)
        .filter(|(_, before)| matches!(before, Answered::Success(_)))
        .map(|(seen, _)| match seen.status() {
            416 => followed(seen, const { reading("S11/416") }),
            200 if seen.calls.is_empty() => followed(seen, const { reading("S10/stored") }),
            200 => followed(seen, const { reading("S10/notifies-again") }),
            _ => broken(seen, "200 with the same reply URL, or 416", describe(seen)),
        })
        .collect()
}

fn not_after_403(seen: &Observed<'_>) -> Verdict {
    repetitions(seen)
        .filter(|(_, before)| **before == Answered::Refused(403))
        .map(|(seen, _)| {
            let right = seen.calls.is_empty() && !is_success(seen.status());
            kept_if(right, seen, "a failure, and no second call", || {
                format!("{}, {} calls", describe(seen), seen.calls.len())
            })
        })
        .collect()
}

fn only_200(seen: &Observed<'_>) -> Verdict {
    let other = |seen: &Seen<'_>| {
        seen.calls.last().is_some_and(|call| (201..300).contains(&call.played.status()))
    };
    failures(seen)
        .filter(|(seen, answered)| **answered == Answered::Doubtful && other(seen))
        .map(|(seen, _)| kept_if(seen.status() >= 400, seen, "a failure", || describe(seen)))
        .collect()
}

/// The status is 408 (D26); the error value is one that the text prints wrongly (S5), so any will do.
fn too_slow(seen: &Observed<'_>, stalled: Stalled) -> Verdict {
    failures(seen)
        .filter(|(_, answered)| **answered == Answered::TooSlow(stalled))
        .map(|(seen, _)| {
            let value = seen.error.flatten();
            match seen.status() {
                408 if value == Some(Hresult::NONE) => {
                    broken(seen, "408 with an error value", describe(seen))
                }
                408 => followed(seen, const { reading("D26/408") }),
                400.. => followed(seen, const { reading("D26/other") }),
                _ => broken(seen, "408", describe(seen)),
            }
        })
        .collect()
}

/// What is wrong with the form of the application's answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Version,
    Other,
}

fn malformed<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    failures(seen).filter(|(_, answered)| **answered == Answered::Malformed).map(|(seen, _)| seen)
}

fn malformed_refused(seen: &Observed<'_>, form: Form) -> Verdict {
    let form_of = |seen: &Seen<'_>| {
        let head = seen.calls.last().and_then(|call| call.played.head.as_ref());
        match head {
            Some(head) if head.version != "HTTP/1.1" => Form::Version,
            _ => Form::Other,
        }
    };
    malformed(seen)
        .filter(|seen| form_of(seen) == form)
        .map(|seen| kept_if(seen.status() >= 400, seen, "a failure", || describe(seen)))
        .collect()
}

/// Which status it is, is only a SHOULD, and products have several (S21).
fn malformed_status(seen: &Observed<'_>) -> Verdict {
    malformed(seen)
        .filter(|seen| seen.status() >= 400)
        .map(|seen| match seen.status() {
            411 if seen.error.flatten().is_none_or(|it| it == Hresult::INVALID_ARGUMENT) => {
                followed(seen, const { reading("S21/411") })
            }
            411 => broken(seen, "BITS-Error: 0x80070057 (E_INVALIDARG)", describe(seen)),
            _ => followed(seen, const { reading("S21/other") }),
        })
        .collect()
}

fn long_url(seen: &Observed<'_>) -> Verdict {
    failures(seen)
        .filter(|(_, answered)| **answered == Answered::LongUrl)
        .map(|(seen, _)| refused(seen, 400, Hresult::INVALID_ARGUMENT))
        .collect()
}

/// Whole GETs of a destination.
fn gets<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    seen.each().iter().filter(|seen| {
        seen.kind == Kind::Get
            && seen.answer().is_some()
            && !seen.exchange.request.head.headers.has("Range")
    })
}

fn copied(seen: &Observed<'_>) -> Verdict {
    gets(seen)
        .filter_map(|seen| match &seen.file {
            File::Copied(content) => super::publication::holds(seen, content),
            _ => None,
        })
        .collect()
}

fn not_copied(seen: &Observed<'_>) -> Verdict {
    uncopied(seen).filter(|(_, leaked)| !leaked).map(|(judgement, _)| judgement).collect()
}

/// What one answer asked for is not done for the next upload.
fn nothing_left_over(seen: &Observed<'_>) -> Verdict {
    uncopied(seen).filter(|(_, leaked)| *leaked).map(|(judgement, _)| judgement).collect()
}

/// GETs of uploads that the application has not asked to be copied, and whether it had asked so for an earlier one.
fn uncopied(seen: &Observed<'_>) -> impl Iterator<Item = (Judgement, bool)> {
    let asks = |one: &&Seen<'_>| {
        one.answered.as_deref().and_then(Answered::asked).is_some_and(|asked| asked.copy)
    };
    let all = if seen.notifies() { seen.all.as_slice() } else { &[] };
    let first = all.iter().find(asks).map(|one| one.exchange.number);
    let asked_before = move |one: &Seen<'_>| first.is_some_and(|first| first < one.exchange.number);
    gets(seen).filter_map(move |seen| match &seen.file {
        File::Uncopied(None) => {
            let absent = !matches!(seen.status(), 200 | 206);
            let judgement = kept_if(absent, seen, "no file at the destination", || describe(seen));
            Some((judgement, asked_before(seen)))
        }
        File::Uncopied(Some(before)) => {
            Some((super::publication::holds(seen, before)?, asked_before(seen)))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::checks::{
        notify::tests::{ID, created, last},
        testing::{broken, follows, kept, unexercised},
    };

    const APPLICATION: &str = "BITS-Error: 0x801901F7; BITS-Error-Context: 0x7";

    /// A session whose last fragment leads to this call, and to this answer.
    fn session(call: &str, answer: &str) -> String {
        created("by-value") + &last(&format!(">> POST\n{call}"), answer)
    }

    #[test]
    fn whether_a_refused_last_fragment_counts_is_for_the_server_to_say() {
        let refused = session("<< 503", &format!("503 Ack; {APPLICATION}"));
        for (check, range) in
            [("fragment/416-names-offset", "1-3/10"), ("fragment/gap-refused", "10-11/178")]
        {
            let next = format!("> Fragment; {ID}; Content-Range: bytes {range}\n");
            unexercised(
                check,
                &format!("{refused}{next}< 416 Ack; BITS-Received-Content-Range: 7\n"),
            );
            unexercised(check, &format!("{refused}{next}< 400 Ack\n"));
        }
    }

    #[test]
    fn the_status_of_the_application_is_passed_on() {
        let check = "application/status-passed-on";
        kept(check, &session("<< 503", &format!("503 Ack; {APPLICATION}")));
        broken(check, &session("<< 503", &format!("500 Ack; {APPLICATION}")), 2, "500");
        broken(check, &session("<< 404", "200 Ack"), 2, "200");
        unexercised(check, &session("<< 200", "200 Ack"));
    }

    #[test]
    fn an_error_of_the_application_is_told_as_such() {
        let check = "application/context";
        kept(check, &session("<< 503", &format!("503 Ack; {APPLICATION}")));
        let wrong = "503 Ack; BITS-Error: 0x801901F7; BITS-Error-Context: 0x5";
        broken(check, &session("<< 503", wrong), 2, "0x5");
        unexercised(check, &session("<< 503", "503 Ack"));
    }

    #[test]
    fn a_connection_that_ends_too_early_is_an_error() {
        let error = format!("502 Ack; {APPLICATION}");
        for (check, call) in [
            ("application/no-answer-is-an-error", "!! dropped"),
            ("application/no-answer-is-an-error", "<< !odd HTTP/1.1 2\n!! dropped"),
            (
                "application/cut-call-is-an-error",
                "~~ length=5 digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 framing=length:10 incomplete\n!! dropped",
            ),
            (
                "application/cut-reply-is-an-error",
                "<< 200; Content-Length: 10\n== pattern 1 0 10 sent=5\n!! dropped",
            ),
        ] {
            kept(check, &session(call, &error));
            broken(check, &session(call, "200 Ack"), 2, "200");
            unexercised(check, &session("<< 200", "200 Ack"));
        }
    }

    #[test]
    fn a_session_outlives_a_failure() {
        let check = "application/session-stays";
        let failed = session("<< 503", &format!("503 Ack; {APPLICATION}"));
        let cancel = |answer: &str| format!("{failed}> Cancel-Session; {ID}\n< {answer}\n");
        kept(check, &cancel("200 Ack"));
        broken(check, &cancel("500 Ack; BITS-Error: 0x8020001F"), 3, "0x8020001F");
        unexercised(check, &session("<< 200", "200 Ack"));
    }

    #[test]
    fn a_failure_has_no_reply() {
        let check = "application/failure-has-no-reply";
        kept(check, &session("<< 500", &format!("500 Ack; {APPLICATION}")));
        let answer = format!("500 Ack; {APPLICATION}; BITS-Reply-URL: r");
        broken(check, &session("<< 500", &answer), 2, "BITS-Reply-URL: r");
        unexercised(check, &session("<< 200", "200 Ack; BITS-Reply-URL: r"));
    }

    #[test]
    fn a_failed_call_is_repeated_with_the_last_fragment() {
        let check = "application/called-again-after-failure";
        let failed = session("<< 503", &format!("503 Ack; {APPLICATION}"));
        let again = |call: &str, answer: &str| failed.clone() + &last(call, answer);
        kept(check, &again(">> POST\n<< 200", "200 Ack"));
        kept(check, &again(">> POST\n<< 503", &format!("503 Ack; {APPLICATION}")));
        broken(check, &again(">> POST\n<< 503", "200 Ack"), 3, "200");
        broken(check, &again("", "200 Ack"), 3, "200");
        broken(check, &again("", "500 Ack; BITS-Error: 0x8020001F"), 3, "0x8020001F");
        follows(check, &again("", "416 Ack"), "S11/lost");
        unexercised(check, &failed);
        // The last fragment of another file is no repetition.
        let longer = last("", "400 Ack").replace("0-9/10", "0-10/11");
        unexercised(check, &(failed + &longer));
    }

    #[test]
    fn a_stored_answer_is_given_again() {
        let check = "application/stored-after-success";
        let done = session("<< 200", "200 Ack");
        let again = |call: &str, answer: &str| done.clone() + &last(call, answer);
        follows(check, &again("", "200 Ack"), "S10/stored");
        follows(check, &again(">> POST\n<< 200", "200 Ack"), "S10/notifies-again");
        follows(check, &again("", "416 Ack"), "S11/416");
        broken(check, &again("", "400 Ack"), 3, "400");
        unexercised(check, &done);
    }

    #[test]
    fn after_403_there_is_no_second_call() {
        let check = "application/not-called-again-after-403";
        let error = format!("403 Ack; {APPLICATION}");
        let forbidden = session("<< 403", &error);
        kept(check, &(forbidden.clone() + &last("", &error)));
        broken(check, &(forbidden.clone() + &last(">> POST\n<< 200", "200 Ack")), 3, "1 calls");
        unexercised(check, &forbidden);
    }

    #[test]
    fn only_200_is_success() {
        let check = "application/only-200-is-success";
        kept(check, &session("<< 204", &format!("502 Ack; {APPLICATION}")));
        broken(check, &session("<< 201", "200 Ack"), 2, "200");
        unexercised(check, &session("<< 200", "200 Ack"));
    }

    #[test]
    fn a_slow_application_is_given_up_with_408() {
        let unread = "~~ length=5 digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 framing=length:10 incomplete\n!! closed";
        for (check, call) in [
            ("application/slow-to-answer", "!! closed"),
            (
                "application/slow-in-a-body",
                "<< 200; Content-Length: 10\n== pattern 1 0 10 sent=5\n!! closed",
            ),
            ("application/slow-to-read", unread),
        ] {
            let answer = |status: u16| format!("{status} Ack; BITS-Error: 0x80070112");
            follows(check, &session(call, &answer(408)), "D26/408");
            follows(check, &session(call, &answer(500)), "D26/other");
            broken(check, &session(call, "408 Ack; BITS-Error: 0x0"), 2, "408");
            broken(check, &session(call, "200 Ack"), 2, "200");
            unexercised(check, &session("<< 200", "200 Ack"));
        }
    }

    #[test]
    fn an_answer_that_is_none_is_refused() {
        let old = "<< HTTP/1.0 200 OK\n<<";
        let odd = "<< !odd SSH-2.0\n!! dropped";
        let bad = "411 Ack; BITS-Error: 0x80070057; BITS-Error-Context: 0x7";
        for (check, call) in
            [("application/version-checked", old), ("application/form-checked", odd)]
        {
            kept(check, &session(call, bad));
            broken(check, &session(call, "200 Ack"), 2, "200");
            unexercised(check, &session("<< 200", "200 Ack"));
        }
        let check = "application/malformed-is-411";
        follows(check, &session(odd, bad), "S21/411");
        follows(check, &session(odd, "500 Ack; BITS-Error: 0x80070057"), "S21/other");
        broken(check, &session(odd, "411 Ack; BITS-Error: 0x80070005"), 2, "0x80070005");
        unexercised(check, &session(odd, "200 Ack"));
    }

    #[test]
    fn a_reply_url_that_is_too_long_is_refused() {
        let check = "application/long-reply-url";
        let long = format!("<< 200; BITS-Static-Response-URL: http://a/{}", "x".repeat(2192));
        kept(check, &session(&long, "400 Ack; BITS-Error: 0x80070057; BITS-Error-Context: 0x5"));
        broken(check, &session(&long, "200 Ack"), 2, "200");
        unexercised(check, &session(&long[..long.len() - 1], "200 Ack"));
    }

    #[test]
    fn an_upload_is_copied_when_asked_and_only_then() {
        let close = format!("> Close-Session; {ID}\n< 200 Ack\n");
        let copy = "<< 200; BITS-Copy-File-To-Destination: 0";
        let asked = session(copy, "200 Ack") + &close;
        let unasked = session("<< 200", "200 Ack") + &close;
        broken("application/copied-when-asked", &format!("{asked}> GET\n< 404\n"), 4, "404");
        unexercised("application/copied-when-asked", &format!("{unasked}> GET\n< 404\n"));
        let check = "application/not-copied-unasked";
        kept(check, &format!("{unasked}> GET\n< 404\n"));
        broken(check, &format!("{unasked}> GET\n< 200\n"), 4, "200");
        unexercised(check, &format!("{asked}> GET\n< 404\n"));
    }

    #[test]
    fn what_was_asked_for_one_upload_is_not_done_for_the_next() {
        let check = "application/nothing-left-over";
        let other = |text: &str| {
            text.replace("A0FF", "B0FF")
                .replace("# role by-value\n# application played\n", "")
                .replace("> Create-Session", "> Create-Session /upload/other")
                .replace("> Fragment", "> Fragment /upload/other")
                .replace("> GET", "> GET /upload/other")
        };
        let first = session("<< 200; BITS-Copy-File-To-Destination: 1", "200 Ack");
        let second =
            |status: u16| other(&format!("{}> GET\n< {status}\n", session("<< 200", "200 Ack")));
        kept(check, &(first.clone() + &second(404)));
        broken(check, &(first + &second(200)), 5, "200");
        unexercised(check, &second(404));
    }
}

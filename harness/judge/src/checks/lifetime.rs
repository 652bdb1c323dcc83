//! How long a session lives without a message (3.2.2.1, 3.2.6.1).

use bits_wire::Hresult;

use super::{
    Check, Verdict,
    breach::Breach,
    judge::{describe, followed, is_session_not_found, kept_if},
    observed::{File, Kind, Observed, Seen, SessionState, Span, is_success},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "lifetime/ends", clause: clause("BUP-3.2.6.1-01"), judge: ends },
    Check { name: "lifetime/lasts", clause: clause("BUP-3.2.2.1-01"), judge: lasts },
    Check { name: "open/refusals-and-timeout", clause: clause("BUP-3.2.2.1-01"), judge: refusals },
];

/// A session that has had no message for longer than the timeout is unknown, and nothing of it is left.
fn ends(seen: &Observed<'_>) -> Verdict {
    let messages = seen
        .each()
        .iter()
        .filter(|seen| seen.has_only(&Breach::ExpiredSession) && seen.answer().is_some())
        .map(|seen| {
            let right = seen.status() >= 400
                && seen.error.flatten().is_none_or(|it| it == Hresult::SESSION_NOT_FOUND);
            kept_if(right, seen, "the answer for an unknown session", || describe(seen))
        });
    let files = seen
        .each()
        .iter()
        .filter(|seen| seen.kind == Kind::Get && seen.file == File::Expired)
        .filter(|seen| seen.answer().is_some())
        .map(|seen| {
            let absent = !matches!(seen.status(), 200 | 206);
            kept_if(absent, seen, "no file of a session that timed out", || describe(seen))
        });
    messages.chain(files).collect()
}

/// Messages that come well within the timeout, after a good part of it.
fn lasts(seen: &Observed<'_>) -> Verdict {
    let Some(timeout) = seen.transcript.facts.directory.session_timeout else {
        return Verdict::default();
    };
    let waited = |seen: &Seen<'_>| {
        let session = seen.session.as_ref().filter(|it| it.state == SessionState::Open);
        session.is_some_and(|session| {
            let idle = Span::of(seen.exchange).from.saturating_sub(session.touched.until);
            idle > timeout / 3
        })
    };
    seen.acks()
        .filter(|(seen, _)| seen.is_clean() && waited(seen))
        .map(|(seen, _)| {
            kept_if(!is_session_not_found(seen), seen, "the session until its timeout", || {
                describe(seen)
            })
        })
        .collect()
}

/// Whether a refused message starts the timeout anew is left open (U18).
fn refusals(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| seen.has_only(&Breach::ExpiredUnlessRefusalsCount))
        .filter_map(|seen| match is_success(seen.status()) {
            true => Some(followed(seen, const { reading("U18/resets") })),
            false if is_session_not_found(seen) => {
                Some(followed(seen, const { reading("U18/runs-on") }))
            }
            false => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{broken, follows, kept, unexercised};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
    const GONE: &str = "500 Ack; BITS-Error: 0x8020001F";

    /// A session in a directory whose sessions live a second, and messages: milliseconds since the last one, packet and
    /// answer.
    fn session(messages: &[(u64, &str, &str)]) -> String {
        let mut lines = format!(
            "# session-timeout 1000000\n@ 1 started=0 took=1000\n\
             > BITS_POST /upload/file HTTP/1.1\n> Host: h\n> BITS-Packet-Type: Create-Session\n> Content-Length: 0\n\
             > BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n>\n< 200 Ack; {ID}\n"
        );
        let mut now = 0;
        for (number, (pause, packet, answer)) in messages.iter().enumerate() {
            now += pause * 1000;
            let (method, rest) = match *packet {
                "GET" => ("GET", String::new()),
                packet => (
                    "BITS_POST",
                    format!("> {ID}\n> Content-Length: 0\n> BITS-Packet-Type: {packet}\n"),
                ),
            };
            lines.push_str(&format!(
                "@ {} started={now} took=1000\n> {method} /upload/file HTTP/1.1\n> Host: h\n{rest}>\n< {answer}\n",
                number + 2
            ));
        }
        lines
    }

    #[test]
    fn a_session_ends_when_its_time_is_over() {
        let check = "lifetime/ends";
        kept(check, &session(&[(1200, "Cancel-Session", GONE)]));
        broken(check, &session(&[(1200, "Cancel-Session", "200 Ack")]), 2, "200");
        kept(check, &session(&[(1200, "Close-Session", GONE), (1, "GET", "404")]));
        let file = session(&[(1200, "Close-Session", GONE), (1, "GET", "200")]);
        broken(check, &file, 3, "200");
        unexercised(check, &session(&[(1020, "Cancel-Session", GONE)]));
        unexercised(check, &session(&[(500, "Cancel-Session", "200 Ack")]));
    }

    #[test]
    fn a_session_lasts_until_its_time_is_over() {
        let check = "lifetime/lasts";
        kept(check, &session(&[(600, "Cancel-Session", "200 Ack")]));
        broken(check, &session(&[(600, "Cancel-Session", GONE)]), 2, "0x8020001F");
        unexercised(check, &session(&[(100, "Cancel-Session", "200 Ack")]));
        unexercised(check, &session(&[(980, "Cancel-Session", GONE)]));
    }

    #[test]
    fn whether_refusals_count_is_noted() {
        let check = "open/refusals-and-timeout";
        let after =
            |answer| session(&[(600, "Fragment", "400 Ack"), (600, "Cancel-Session", answer)]);
        follows(check, &after("200 Ack"), "U18/resets");
        follows(check, &after(GONE), "U18/runs-on");
        unexercised(check, &session(&[(600, "Cancel-Session", "200 Ack")]));
    }
}

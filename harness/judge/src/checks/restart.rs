//! What a restart of the server leaves of its sessions.
//!
//! No text speaks of it. Clients can go on with a session that is kept, and begin again with one that is unknown; and they
//! go back to an offset that a 416 names.

use bits_wire::names;

use super::{
    Judgement,
    judge::{followed, is_session_not_found},
    observed::{Kind, Observed, Seen, SessionState, is_success},
};
use crate::spec::{Reading, reading};

/// What each session tells after a restart (I3).
pub(super) fn after_a_restart<'o>(
    seen: &'o Observed<'_>,
) -> impl Iterator<Item = Judgement> + use<'o> {
    seen.each().iter().filter_map(|seen| Some(followed(seen, left(seen)?)))
}

/// What is left of a session that had acknowledged bytes, by the first answer that tells.
fn left(seen: &Seen<'_>) -> Option<&'static Reading> {
    let session = seen.session.as_ref().filter(|session| session.restarted && session.next > 0)?;
    if session.state != SessionState::Open || !matches!(seen.kind, Kind::Packet(_)) {
        return None;
    }
    let answer = seen.answer()?;
    if is_session_not_found(seen) {
        return Some(const { reading("I3/forgotten") });
    }
    let told = answer.head.headers.first(names::RECEIVED_CONTENT_RANGE);
    let told: Option<u64> = told.and_then(|offset| offset.parse().ok());
    match (seen.status(), told, seen.range) {
        (416, Some(told), _) if told < session.next => Some(const { reading("I3/less") }),
        (416, Some(_), _) => Some(const { reading("I3/kept") }),
        (status, _, Some(range)) if is_success(status) && range.first == session.next => {
            Some(const { reading("I3/kept") })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{broken, follows, kept, unexercised, verdict};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    const UNKNOWN: &str = "500 Ack; BITS-Error: 0x8020001F; BITS-Error-Context: 0x5";

    /// Ten bytes are acknowledged, this is done to the server, and the next ten are answered so.
    fn session(done: &str, answer: &str) -> String {
        format!(
            "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n\
             > Fragment; {ID}; Content-Range: bytes 0-9/20\n< 200 Ack; BITS-Received-Content-Range: 10\n{done}\n\
             > Fragment; {ID}; Content-Range: bytes 10-19/20\n< {answer}\n"
        )
    }

    #[test]
    fn what_is_left_of_a_session_is_noted_and_breaks_nothing() {
        for done in ["^ restarted", "^ stopped\n^ started"] {
            let after = |answer| session(done, answer);
            let next = "200 Ack; BITS-Received-Content-Range: 20";
            follows("open/cut", &after(next), "I3/kept");
            follows("open/cut", &after(UNKNOWN), "I3/forgotten");
            let less = "416 Ack; BITS-Received-Content-Range: 4";
            follows("open/cut", &after(less), "I3/less");
            for answer in [UNKNOWN, less, "503", "!closed", "!reset"] {
                unexercised("fragment/last-taken", &after(answer));
                unexercised("fragment/416-names-offset", &after(answer));
            }
            for silence in ["!closed", "!reset"] {
                let verdict = verdict("fragment/answered", &after(silence));
                assert!(verdict.broken.is_empty(), "{verdict:?}");
            }
            kept("fragment/last-taken", &after(next));
        }
        unexercised("open/cut", &session("", UNKNOWN));
        broken("fragment/answered", &session("", "!closed"), 3, "closed");
    }

    #[test]
    fn what_is_in_order_again_is_judged_again() {
        let next = "200 Ack; BITS-Received-Content-Range: 20";
        let close =
            |answer| format!("{}> Close-Session; {ID}\n< {answer}\n", session("^ restarted", next));
        unexercised("open/cut", &session("^ restarted", "503"));
        broken("close-session/answered", &close("!closed"), 4, "closed");
        let create = "> Create-Session /upload/b; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n";
        let other = |answer: &str| format!("{create}< {answer}\n");
        let after = |answer| format!("{}{}", session("^ restarted", UNKNOWN), other(answer));
        broken("create-session/answered", &after("!closed"), 4, "closed");
    }

    #[test]
    fn what_was_under_way_when_the_server_went_may_have_no_answer() {
        let create =
            "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";
        let during = |points: &str| {
            format!(
                "{create}\n< 200 Ack; {ID}\n@ 2 line=0 step=1 lane=1 began=3 ended=8 connection=2 started=0 took=0\n\
                 > BITS_POST /upload/a HTTP/1.1\n> Host: server\n> BITS-Packet-Type: Fragment\n> {ID}\n\
                 > Content-Range: bytes 0-9/20\n> Content-Length: 10\n>\n= pattern 5eed 0 10 sent=10\n< !reset\n! reset\n\
                 ^ restarted {points}\n"
            )
        };
        unexercised("fragment/answered", &during("began=4 ended=7"));
        broken("fragment/answered", &during("began=9 ended=10"), 2, "reset");
    }
}

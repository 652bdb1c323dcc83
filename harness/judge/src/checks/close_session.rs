//! CLOSE-SESSION and its Ack (2.2.8, 2.2.9, 3.2.5.2.7).

use bits_wire::{Hresult, PacketType};

use super::{
    Check, Judgement, Verdict,
    breach::Breach,
    judge::{describe, followed, is_session_not_found, kept_if, refusal, success},
    observed::{File, Kind, Observed, Seen, Session},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "close-session/answered", clause: clause("BUP-3.2.5.2.7-05"), judge: answered },
    Check {
        name: "close-session/complete-succeeds",
        clause: clause("BUP-3.2.5.1.4-01"),
        judge: complete_succeeds,
    },
    Check { name: "close-session/early", clause: clause("BUP-3.2.5.1.2-01"), judge: early },
    Check {
        name: "close-session/ends-the-session",
        clause: clause("BUP-3.2.5.1.5-03"),
        judge: ends,
    },
    Check {
        name: "close-session/entity-deleted",
        clause: clause("BUP-3.2.5.2.7-03"),
        judge: entity_deleted,
    },
];

fn closes<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    seen.packets(&PacketType::CloseSession)
}

fn is_complete(seen: &Seen<'_>) -> bool {
    seen.session.as_ref().is_some_and(Session::is_complete)
}

fn answered(seen: &Observed<'_>) -> Verdict {
    closes(seen)
        .filter(|seen| !seen.breaches.iter().any(Breach::is_http))
        .map(|seen| kept_if(seen.answer().is_some(), seen, "an Ack", || describe(seen)))
        .collect()
}

/// Refusals of what already exists are the matter of the error table, since the texts do not say when they come (U16).
fn complete_succeeds(seen: &Observed<'_>) -> Verdict {
    closes(seen)
        .filter(|seen| seen.is_plain() && is_complete(seen) && seen.answer().is_some())
        .filter(|seen| matches!(seen.file, File::Unclosed(_, None)))
        .map(success)
        .collect()
}

/// A close before all bytes are there ends the session. What becomes of the bytes is a matter of reading (D9), as long
/// as nothing looks like the whole file.
fn early(seen: &Observed<'_>) -> Verdict {
    let started = |seen: &&Seen<'_>| seen.session.as_ref().is_some_and(|session| session.next > 0);
    let closed = closes(seen)
        .filter(|seen| seen.is_clean() && !is_complete(seen) && seen.answer().is_some())
        .map(|seen| match (started(&seen), seen.status()) {
            (true, _) => success(seen),
            (false, 200) => followed(seen, const { reading("U1/accepted") }),
            (false, _) => followed(seen, const { reading("U1/refused") }),
        });
    let looked_at = seen.each().iter().filter(|seen| seen.kind == Kind::Get).filter_map(|seen| {
        let File::ClosedEarly(total) = seen.file else { return None };
        let length = seen.answer()?.body.length;
        Some(match seen.status() {
            404 | 410 => followed(seen, const { reading("D9/deletes") }),
            200 if total > 0 && length >= total => {
                kept_if(false, seen, "no file that looks complete", || {
                    format!("200 with {length} bytes")
                })
            }
            200 => followed(seen, const { reading("D9/publishes-partial") }),
            _ => return None,
        })
    });
    closed.chain(looked_at).collect()
}

/// Once closed, a session is unknown to every message (U6).
fn ends(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| seen.has_only(&Breach::ClosedSession) && seen.answer().is_some())
        .map(not_found)
        .collect()
}

/// The answer says that there is no such session.
pub(super) fn not_found(seen: &Seen<'_>) -> Judgement {
    // The exact status and value of such an answer are the matter of the error table.
    let right = seen.status() == 500 || is_session_not_found(seen);
    kept_if(right, seen, refusal(500, Hresult::SESSION_NOT_FOUND), || describe(seen))
}

fn entity_deleted(seen: &Observed<'_>) -> Verdict {
    closes(seen)
        .filter(|seen| {
            seen.has_only(&Breach::EntityDeleted) && is_complete(seen) && seen.answer().is_some()
        })
        .map(|seen| kept_if(seen.status() == 404, seen, "404", || describe(seen)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{broken, follows, kept, unexercised, verdict};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    /// A session of 20 bytes of which `sent` have come, and more lines.
    fn session(sent: u64, more: &str) -> String {
        let mut lines = format!(
            "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n"
        );
        if sent > 0 {
            lines.push_str(&format!(
                "> Fragment; {ID}; Content-Range: bytes 0-{}/20\n< 200 Ack\n",
                sent - 1
            ));
        }
        lines + more
    }

    fn close(answer: &str) -> String {
        format!("> Close-Session; {ID}\n< {answer}\n")
    }

    #[test]
    fn a_close_without_an_answer_is_found() {
        let check = "close-session/answered";
        kept(check, &session(20, &close("500")));
        broken(check, &session(20, &close("!timed-out")), 3, "no answer");
        unexercised(check, &session(20, ""));
    }

    #[test]
    fn a_complete_upload_can_be_closed() {
        let check = "close-session/complete-succeeds";
        kept(check, &session(20, &close("200 Ack")));
        broken(check, &session(20, &close("500 Ack")), 3, "500");
        unexercised(check, &session(10, &close("200 Ack")));
    }

    #[test]
    fn an_early_close_leaves_nothing_that_looks_complete() {
        let check = "close-session/early";
        let digest = bits_wire::payload::Digest::of(b"");
        kept(check, &session(10, &close("200 Ack")));
        broken(check, &session(10, &close("400 Ack")), 3, "400");
        follows(check, &session(0, &close("400 Ack")), "U1/refused");
        let get = |length| {
            format!(
                "{}> GET\n< 200\n~ length={length} digest={digest} framing=length:{length}",
                close("200 Ack")
            )
        };
        broken(check, &session(10, &get(20)), 4, "20 bytes");
        follows(check, &session(10, &get(10)), "D9/publishes-partial");
        follows(check, &session(10, &(close("200 Ack") + "> GET\n< 404")), "D9/deletes");
        unexercised(check, &session(20, &close("200 Ack")));
    }

    #[test]
    fn an_early_close_beside_a_rival_leaves_the_place_in_doubt() {
        let ids = ["A", "B"]
            .map(|one| format!("BITS-Session-Id: {{{one}0FF5911-4144-45B3-BF27-27AFC8EC8A67}}"));
        let create =
            "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n";
        let [a, b] = &ids;
        let lines = format!(
            "{create}< 200 Ack; {a}\n{create}< 200 Ack; {b}\n> Fragment; {b}; Content-Range: bytes 0-9/10\n< 200 Ack\n\
             > Close-Session; {b}\n< 200 Ack\n> Close-Session; {a}\n< 200 Ack\n{create}< 403 Ack; BITS-Error: 0x80070005"
        );
        assert_eq!(verdict("create-session/succeeds", &lines).broken, []);
    }

    #[test]
    fn an_early_close_over_an_older_file_says_nothing_of_what_is_there() {
        let digest = bits_wire::payload::Digest::of(b"");
        let before = crate::checks::testing::published("");
        let id = "BITS-Session-Id: {B0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let again = format!(
            "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {id}\n\
             > Fragment; {id}; Content-Range: bytes 0-1/3\n< 200 Ack\n> Close-Session; {id}\n< 200 Ack\n"
        );
        let old = format!("> GET\n< 200\n~ length=20 digest={digest} framing=length:20");
        kept("close-session/early", &format!("{before}{again}{old}"));
    }

    /// Which of two faults is told is for the server to say.
    #[test]
    fn a_malformed_range_in_a_closed_session_says_nothing_of_its_end() {
        let again = format!("> Fragment; {ID}; Content-Range: bytes 9-1/20\n< 400 Ack\n");
        unexercised("close-session/ends-the-session", &session(20, &(close("200 Ack") + &again)));
    }

    #[test]
    fn a_session_that_outlives_its_close_is_found() {
        let check = "close-session/ends-the-session";
        kept(check, &session(20, &(close("200 Ack") + &close("500 Ack; BITS-Error: 0x8020001F"))));
        broken(check, &session(20, &(close("200 Ack") + &close("200 Ack"))), 4, "200");
        unexercised(check, &session(20, &(close("500 Ack") + &close("200 Ack"))));
    }

    #[test]
    fn a_vanished_entity_is_told_by_404() {
        let check = "close-session/entity-deleted";
        let gone = "x {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}\n".to_owned();
        kept(check, &session(20, &(gone.clone() + &close("404 Ack"))));
        broken(check, &session(20, &(gone + &close("200 Ack"))), 3, "200");
        unexercised(check, &session(20, &close("200 Ack")));
    }
}

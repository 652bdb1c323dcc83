//! CANCEL-SESSION and its Ack (2.2.10, 2.2.11, 3.2.5.2.8).

use bits_wire::PacketType;

use super::{
    Check, Verdict,
    breach::Breach,
    close_session::not_found,
    judge::{describe, followed, kept_if, success},
    observed::{File, Kind, Observed, Seen, Session},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "cancel-session/succeeds", clause: clause("BUP-3.2.5.2.8-03"), judge: succeeds },
    Check { name: "cancel-session/deletes", clause: clause("BUP-3.2.5.2.8-01"), judge: deletes },
    Check {
        name: "cancel-session/after-the-last-fragment",
        clause: clause("W32-cancel-session-02"),
        judge: after_the_last,
    },
];

/// After the last fragment the texts part ways (D8); before it, and with nothing wrong, the answer is 200.
fn succeeds(seen: &Observed<'_>) -> Verdict {
    seen.packets(&PacketType::CancelSession)
        .filter(|seen| seen.is_plain() && !seen.session.as_ref().is_some_and(Session::is_complete))
        .map(success)
        .collect()
}

/// A cancelled session is unknown, and what it had is gone.
fn deletes(seen: &Observed<'_>) -> Verdict {
    let unknown = seen
        .each()
        .iter()
        .filter(|seen| {
            seen.has_only(&Breach::CancelledSession)
                && seen.answer().is_some()
                && !was_complete(seen)
        })
        .map(not_found);
    let gone = seen
        .each()
        .iter()
        .filter(|seen| seen.kind == Kind::Get && seen.file == File::Cancelled)
        .map(|seen| {
            kept_if(seen.status() != 200 && seen.status() != 206, seen, "no file", || {
                describe(seen)
            })
        });
    unknown.chain(gone).collect()
}

fn was_complete(seen: &Seen<'_>) -> bool {
    seen.session.as_ref().is_some_and(Session::is_complete)
}

fn after_the_last(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| seen.kind == Kind::Get && matches!(seen.file, File::CancelledComplete(_)))
        .filter_map(|seen| match seen.status() {
            200 => Some(followed(seen, const { reading("D8/keeps") })),
            404 | 410 => Some(followed(seen, const { reading("D8/deletes") })),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{broken, follows, kept, unexercised};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    fn session(total: u64, answer: &str, more: &str) -> String {
        format!(
            "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n\
             > Fragment; {ID}; Content-Range: bytes 0-9/{total}\n< 200 Ack\n> Cancel-Session; {ID}\n< {answer}\n{more}"
        )
    }

    #[test]
    fn a_cancel_that_fails_is_found() {
        let check = "cancel-session/succeeds";
        kept(check, &session(20, "200 Ack", ""));
        broken(check, &session(20, "400 Ack", ""), 3, "400");
        unexercised(check, &session(10, "400 Ack", ""));
    }

    #[test]
    fn data_that_outlives_its_cancel_is_found() {
        let check = "cancel-session/deletes";
        let again = format!("> Fragment; {ID}; Content-Range: bytes 10-19/20\n< ");
        kept(check, &session(20, "200 Ack", &format!("{again}500 Ack; BITS-Error: 0x8020001F")));
        broken(check, &session(20, "200 Ack", &format!("{again}200 Ack")), 4, "200");
        kept(check, &session(20, "200 Ack", "> GET\n< 404"));
        broken(check, &session(20, "200 Ack", "> GET\n< 200"), 4, "200");
        unexercised(check, &session(20, "400 Ack", "> GET\n< 200"));
        // Which of two faults is told is for the server to say.
        let malformed = format!("> Fragment; {ID}; Content-Range: bytes 9-1/20\n< 400 Ack");
        unexercised(check, &session(20, "200 Ack", &malformed));
    }

    #[test]
    fn after_the_last_fragment_both_fates_are_right() {
        let check = "cancel-session/after-the-last-fragment";
        follows(check, &session(10, "200 Ack", "> GET\n< 404"), "D8/deletes");
        follows(check, &session(10, "200 Ack", "> GET\n< 200"), "D8/keeps");
        unexercised(check, &session(20, "200 Ack", "> GET\n< 404"));
    }
}

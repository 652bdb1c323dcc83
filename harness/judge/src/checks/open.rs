//! Points that the texts leave open: what this server does, as a note.

use std::collections::HashSet;

use bits_wire::{PacketType, names, text};

use super::{
    Check, Verdict,
    breach::Breach,
    judge::{followed, is_session_not_found},
    observed::{File, Kind, Observed, Seen, is_success},
};
use crate::spec::{Reading, clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "open/other-method",
        clause: clause("BUP-2.2.1-04"),
        judge: |seen| {
            with(
                seen,
                &Breach::Method,
                const { reading("U7/taken") },
                const { reading("U7/refused") },
            )
        },
    },
    Check {
        name: "open/chunked",
        clause: clause("BUP-2.2.1.1-05"),
        judge: |seen| {
            with(
                seen,
                &Breach::Chunked,
                const { reading("U8/taken") },
                const { reading("U8/refused") },
            )
        },
    },
    Check { name: "open/duplicate-header", clause: clause("BUP-3.2.5.2.3-02"), judge: duplicates },
    Check {
        name: "open/packet-type-case",
        clause: clause("BUP-2.2.1.2-01"),
        judge: packet_type_case,
    },
    Check {
        name: "open/second-end",
        clause: clause("W32-ack-for-close-session-01"),
        judge: second_end,
    },
    Check { name: "open/content-name", clause: clause("BUP-2.2.1.1-03"), judge: content_name },
    Check {
        name: "open/other-sessions-told",
        clause: clause("BUP-2.2.1.2-08"),
        judge: others_told,
    },
    Check {
        name: "open/climbing-path",
        clause: clause("BUP-3.2.5.2.3-03"),
        judge: |seen| created_at(seen, climbs, reading("P1/taken"), reading("P1/refused")),
    },
    Check {
        name: "open/session-folder-as-destination",
        clause: clause("BUP-3.2.5.2.3-03"),
        judge: |seen| created_at(seen, enters, reading("P2/taken"), reading("P2/refused")),
    },
    Check { name: "open/query", clause: clause("BUP-3.2.5.2.7-01"), judge: query },
];

/// Requests with this and nothing else wrong, and an answer.
fn with(
    seen: &Observed<'_>,
    breach: &Breach,
    taken: &'static Reading,
    refused: &'static Reading,
) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| seen.has_only(breach) && seen.answer().is_some())
        .map(|seen| followed(seen, if is_success(seen.status()) { taken } else { refused }))
        .collect()
}

fn duplicates(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| {
            matches!(seen.breaches.as_slice(), [Breach::Duplicate(_)]) && seen.answer().is_some()
        })
        .map(|seen| {
            followed(
                seen,
                if is_success(seen.status()) {
                    const { reading("U13/taken") }
                } else {
                    const { reading("U13/refused") }
                },
            )
        })
        .collect()
}

/// Packet types in other letters than those of the traces (D21).
fn packet_type_case(seen: &Observed<'_>) -> Verdict {
    let respelled = |seen: &&Seen<'_>| {
        let Kind::Packet(kind) = &seen.kind else { return false };
        seen.exchange.request.head.headers.first(names::PACKET_TYPE) != Some(kind.as_str())
    };
    seen.each()
        .iter()
        .filter(|seen| seen.has_its_way() && seen.answer().is_some())
        .filter(respelled)
        .map(|seen| {
            followed(
                seen,
                if is_success(seen.status()) {
                    const { reading("D21/any-case") }
                } else {
                    const { reading("D21/exact-case") }
                },
            )
        })
        .collect()
}

/// A client that repeats an end until it hears that the session does not exist must hear it (D19); so for the second
/// of any two ends (U6).
fn second_end(seen: &Observed<'_>) -> Verdict {
    let ends = |seen: &&Seen<'_>| {
        matches!(&seen.kind, Kind::Packet(PacketType::CloseSession | PacketType::CancelSession))
    };
    let ended = |seen: &&Seen<'_>| {
        seen.has_only(&Breach::ClosedSession) || seen.has_only(&Breach::CancelledSession)
    };
    seen.each()
        .iter()
        .filter(ends)
        .filter(|seen| seen.answer().is_some())
        .filter(ended)
        .map(|seen| {
            let repeats = seen.kind == Kind::Packet(PacketType::CloseSession)
                && seen.has_only(&Breach::ClosedSession);
            followed(
                seen,
                match (repeats, is_session_not_found(seen)) {
                    (true, true) => const { reading("D19/session-not-found") },
                    (true, false) => const { reading("D19/other") },
                    (false, true) => const { reading("U6/session-not-found") },
                    (false, false) => const { reading("U6/other") },
                },
            )
        })
        .collect()
}

/// Whether `Content-Name` has any effect (D15): as far as an answer shows, none if a good message with it is taken.
fn content_name(seen: &Observed<'_>) -> Verdict {
    seen.each()
        .iter()
        .filter(|seen| seen.exchange.request.head.headers.has(names::CONTENT_NAME))
        .filter(|seen| seen.is_plain() && seen.has_its_way() && seen.answer().is_some())
        .map(|seen| match is_success(seen.status()) {
            true => followed(seen, const { reading("D15/ignored") }),
            false => followed(seen, const { reading("D15/used") }),
        })
        .collect()
}

/// Whether a query string belongs to the name of a file (U20): it was uploaded with one and asked for without.
fn query(seen: &Observed<'_>) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    let closed = seen.all_packets(&PacketType::CloseSession);
    let uploaded: HashSet<_> = closed
        .filter_map(|one| Some(one.exchange.request.head.target.split_once('?')?.0))
        .collect();
    seen.all
        .iter()
        .filter(|seen| {
            seen.kind == Kind::Get
                && matches!(seen.file, File::Published(_))
                && uploaded.contains(seen.exchange.request.head.target.as_str())
        })
        .filter_map(|seen| match seen.status() {
            200 => Some(followed(seen, const { reading("U20/ignored") })),
            404 => Some(followed(seen, const { reading("U20/kept") })),
            _ => None,
        })
        .collect()
}

/// Whether an answer holds the id of a session that its request did not name (I2), other than that of a new session or in
/// the header whose value has a clause of its own.
fn others_told(seen: &Observed<'_>) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    let mut known: Vec<String> = vec![];
    let mut verdict = vec![];
    for one in &seen.all {
        let Some(answer) = one.answer() else { continue };
        if !answer.body.start.is_empty() && tells_of(&known, one, &answer.body.start) {
            verdict.push(followed(one, reading("I2/told")));
        }
        if one.kind == Kind::Packet(PacketType::CreateSession)
            && let Some(id) = answer.head.headers.first(names::SESSION_ID)
        {
            let id = id.trim_matches(['{', '}']).to_ascii_lowercase();
            known.extend(Some(id).filter(|id| !id.is_empty()));
        }
    }
    verdict.into_iter().collect()
}

/// Whether a body holds one of these ids that its request did not name.
fn tells_of(known: &[String], one: &Seen<'_>, body: &[u8]) -> bool {
    let head = &one.exchange.request.head;
    let asked = head.headers.first(names::SESSION_ID).unwrap_or_default().to_ascii_lowercase();
    let target = head.target.to_ascii_lowercase();
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    let told = |id: &String| text.contains(id) && !asked.contains(id) && !target.contains(id);
    known.iter().any(told)
}

/// What becomes of sessions for destinations of a kind, as far as nothing but the path is wrong.
fn created_at(
    seen: &Observed<'_>,
    kind: fn(&str) -> bool,
    taken: &'static Reading,
    refused: &'static Reading,
) -> Verdict {
    seen.packets(&PacketType::CreateSession)
        .filter(|seen| seen.answer().is_some())
        .filter(|seen| {
            let path = |breach: &Breach| {
                matches!(breach, Breach::OddPath | Breach::Directory | Breach::MissingFolder)
            };
            seen.breaches.iter().all(path) && kind(&seen.exchange.request.head.target)
        })
        .map(|seen| followed(seen, if is_success(seen.status()) { taken } else { refused }))
        .collect()
}

/// Whether a path has a way up in it, in whatever letters.
fn climbs(path: &str) -> bool {
    let goes_up = |path: &str| path.split(['/', '\\']).any(|part| part == "..");
    let unescaped = || {
        let plain = path.to_ascii_lowercase().replace("%2e", ".");
        plain.replace("%5c", "/").replace("%2f", "/")
    };
    goes_up(path) || (path.contains('%') && goes_up(&unescaped()))
}

/// What the folder is called in which IIS keeps its sessions.
const SESSIONS: &str = "BITS-Sessions";

/// Whether a path leads to where IIS keeps its sessions.
fn enters(path: &str) -> bool {
    path.split('/').skip(1).any(|part| text::begins(part, SESSIONS))
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{follows, unexercised};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    #[test]
    fn other_methods_and_chunks_are_noted() {
        follows(
            "open/other-method",
            "> POST; BITS-Packet-Type: Ping; Content-Length: 0\n< 405",
            "U7/refused",
        );
        follows(
            "open/other-method",
            "> POST; BITS-Packet-Type: Ping; Content-Length: 0\n< 200",
            "U7/taken",
        );
        unexercised("open/other-method", "> Ping\n< 200 Ack");
        follows(
            "open/chunked",
            "> Ping; !Content-Length; Transfer-Encoding: chunked\n< 411 Ack",
            "U8/refused",
        );
        unexercised("open/chunked", "> Ping\n< 200 Ack");
    }

    #[test]
    fn duplicates_and_spellings_are_noted() {
        let list = "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";
        follows(
            "open/duplicate-header",
            &format!("> Create-Session; {list}; {list}\n< 400 Ack"),
            "U13/refused",
        );
        unexercised("open/duplicate-header", &format!("> Create-Session; {list}\n< 200 Ack"));
        follows(
            "open/packet-type-case",
            "> Ping; BITS-Packet-Type: PING\n< 200 Ack",
            "D21/any-case",
        );
        unexercised("open/packet-type-case", "> Ping\n< 200 Ack");
        // A rival has published there meanwhile, so that the close may be refused whatever its letters are.
        let ids = ["A", "B"]
            .map(|it| format!("BITS-Session-Id: {{{it}0FF5911-4144-45B3-BF27-27AFC8EC8A67}}"));
        let create =
            "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n";
        let mut lines = String::new();
        ids.iter().for_each(|id| lines += &format!("{create}< 200 Ack; {id}\n"));
        for id in &ids {
            lines += &format!("> Fragment; {id}; Content-Range: bytes 0-9/10\n< 200 Ack\n");
        }
        let [a, b] = &ids;
        lines += &format!(
            "> Close-Session; {b}\n< 200 Ack\n> Close-Session; BITS-Packet-Type: close-session; {a}\n< 403 Ack; BITS-Error: 0x80070005"
        );
        unexercised("open/packet-type-case", &lines);
    }

    #[test]
    fn a_second_end_is_noted() {
        let create = format!(
            "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n"
        );
        let gone = "500 Ack; BITS-Error: 0x8020001F";
        let close = format!("> Close-Session; {ID}\n< ");
        let cancel = format!("> Cancel-Session; {ID}\n< ");
        let closed = format!("{create}{close}200 Ack\n");
        let cancelled = format!("{create}{cancel}200 Ack\n");
        let check = "open/second-end";
        follows(check, &format!("{closed}{close}{gone}"), "D19/session-not-found");
        follows(check, &format!("{closed}{close}200 Ack"), "D19/other");
        follows(check, &format!("{closed}{cancel}{gone}"), "U6/session-not-found");
        follows(check, &format!("{cancelled}{close}{gone}"), "U6/session-not-found");
        follows(check, &format!("{cancelled}{cancel}200 Ack"), "U6/other");
        unexercised(check, &closed);
    }

    #[test]
    fn a_content_name_that_matters_is_noted() {
        let create = "> Create-Session; Content-Name: x; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n< ";
        follows("open/content-name", &format!("{create}200 Ack; {ID}"), "D15/ignored");
        follows("open/content-name", &format!("{create}400 Ack"), "D15/used");
        unexercised(
            "open/content-name",
            &format!("{}200 Ack", create.replace("Content-Name", "X")),
        );
    }

    #[test]
    fn a_query_is_noted_when_the_file_is_asked_for_without() {
        let at = "/upload/file?x=1";
        let upload = format!(
            "> Create-Session {at}; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n\
             > Fragment {at}; {ID}; Content-Range: bytes 0-9/10\n< 200 Ack\n> Close-Session {at}; {ID}\n< 200 Ack\n"
        );
        follows("open/query", &format!("{upload}> GET\n< 200"), "U20/ignored");
        follows("open/query", &format!("{upload}> GET\n< 404"), "U20/kept");
        unexercised("open/query", &upload);
    }

    /// A body of 39 bytes, whatever they are.
    const BODY: &str = "~ length=39 digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 framing=length:39";

    #[test]
    fn who_is_told_of_sessions_that_nobody_asked_for_is_noted() {
        let check = "open/other-sessions-told";
        let create = format!(
            "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n"
        );
        let page = |id: &str| format!("{create}> GET\n< 404\n{BODY}\n| {id}");
        follows(check, &page("<p>a0ff5911-4144-45b3-bf27-27afc8ec8a67"), "I2/told");
        unexercised(check, &page("<p>b0ff5911-4144-45b3-bf27-27afc8ec8a67"));
        let own = "> GET /upload/BITS-Sessions/Replies/{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}/x";
        let answer = "| <p>a0ff5911-4144-45b3-bf27-27afc8ec8a67";
        unexercised(check, &format!("{create}{own}\n< 404\n{BODY}\n{answer}"));
    }

    #[test]
    fn destinations_that_climb_or_lie_in_the_session_folder_are_noted() {
        let at = |path: &str, status| {
            format!(
                "> Create-Session {path}; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< {status} Ack; {ID}"
            )
        };
        for path in ["/upload/../x", "/upload/%2E%2e/x", "/upload/..%5cx", "/upload/a/%2e.%2Fx"] {
            follows("open/climbing-path", &at(path, 200), "P1/taken");
            follows("open/climbing-path", &at(path, 400), "P1/refused");
        }
        unexercised("open/climbing-path", &at("/upload/a..b", 200));
        let check = "open/session-folder-as-destination";
        follows(check, &at("/upload/BITS-Sessions/x", 200), "P2/taken");
        follows(check, &at("/upload/bits-sessions", 403), "P2/refused");
        unexercised(check, &at("/upload/x", 200));
    }
}

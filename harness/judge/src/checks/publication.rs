//! When an upload appears at its destination, and with what content (3.2.5.2.4, 3.2.5.2.7, 3.2.1.1).

use std::collections::HashSet;

use bits_wire::{
    Headers, PacketType, Payload,
    payload::{Digest, digest_of},
    text,
};

use super::{
    Check, Judgement, Verdict,
    judge::{describe, followed, kept_if},
    observed::{File, Kind, Observed, Seen, is_success},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "publication/content-after-close",
        clause: clause("BUP-3.2.5.2.7-01"),
        judge: after_close,
    },
    Check {
        name: "publication/nothing-before-the-last-byte",
        clause: clause("BUP-3.2.5.2.7-01"),
        judge: before_the_last_byte,
    },
    Check {
        name: "publication/sessions-kept-apart",
        clause: clause("BUP-3.2.1.3.1-01"),
        judge: kept_apart,
    },
    Check {
        name: "publication/before-close",
        clause: clause("W32-cancel-session-01"),
        judge: before_close,
    },
    Check { name: "publication/overwriting", clause: clause("BUP-3.2.1.1-10"), judge: overwriting },
    Check {
        name: "publication/content-name-unused",
        clause: clause("BUP-2.2.1.1-03"),
        judge: content_name,
    },
];

/// Whole GETs that have an answer.
fn gets<'o, 't>(all: &'o [Seen<'t>]) -> impl Iterator<Item = &'o Seen<'t>> {
    all.iter().filter(|seen| seen.kind == Kind::Get && seen.answer().is_some()).filter(|seen| {
        let target = &seen.exchange.request.head.target;
        let headers = &seen.exchange.request.head.headers;
        !headers.has("Range")
            && !is_conditional(headers)
            && !target.contains('?')
            && seen.is_plain()
    })
}

/// Whether a request asks for a file only if something holds.
pub(super) fn is_conditional(headers: &Headers) -> bool {
    headers.iter().any(|header| text::begins(&header.name, "if-"))
}

/// The digest of the whole body of a 200.
pub(super) fn body(seen: &Seen<'_>) -> Option<Digest> {
    let answer =
        seen.answer().filter(|answer| answer.head.status == 200 && answer.body.complete)?;
    Some(answer.body.digest)
}

/// The body is exactly this content.
pub(super) fn holds(seen: &Seen<'_>, content: &[Payload]) -> Option<Judgement> {
    let wanted = digest_of(content)?;
    let length: u64 = content.iter().map(Payload::length).sum();
    let actual = || match seen.answer() {
        Some(answer) if answer.head.status == 200 => {
            let rest = if answer.body.complete { "" } else { ", cut off" };
            format!("200 with {} bytes, SHA-256 {}{rest}", answer.body.length, answer.body.digest)
        }
        _ => describe(seen),
    };
    Some(kept_if(
        body(seen) == Some(wanted),
        seen,
        format!("200 with {length} bytes, SHA-256 {wanted}"),
        actual,
    ))
}

/// What was uploaded while no other session was open: if other sessions leave traces in a file, that has a clause of its own.
fn after_close(seen: &Observed<'_>) -> Verdict {
    gets(seen.each())
        .filter(|seen| !seen.accompanied)
        .filter_map(|seen| match &seen.file {
            File::Published(content) => holds(seen, content),
            _ => None,
        })
        .collect()
}

/// Of several sessions at once each ends in its own file; of those for one place, one does (U3).
fn kept_apart(seen: &Observed<'_>) -> Verdict {
    gets(seen.each())
        .filter_map(|seen| match &seen.file {
            File::Published(content) if seen.accompanied => holds(seen, content),
            File::Rivals(contents) => {
                let body = body(seen)?;
                let whole = contents.iter().any(|content| digest_of(content) == Some(body));
                Some(kept_if(whole, seen, "the whole of what one session sent", || appears(seen)))
            }
            _ => None,
        })
        .collect()
}

/// Neither text lets a part of an upload appear: by one it appears at the close, by the other at the last fragment (D7).
fn before_the_last_byte(seen: &Observed<'_>) -> Verdict {
    gets(seen.each())
        .filter_map(|seen| match &seen.file {
            File::Partial(None) => {
                let hidden = !matches!(seen.status(), 200 | 206);
                Some(kept_if(hidden, seen, "no file before the last byte", || appears(seen)))
            }
            File::Partial(Some(before)) => holds(seen, before),
            _ => None,
        })
        .collect()
}

fn appears(seen: &Seen<'_>) -> String {
    let length = seen.answer().map_or(0, |answer| answer.body.length);
    format!("{} with {length} bytes", describe(seen))
}

fn before_close(seen: &Observed<'_>) -> Verdict {
    gets(seen.each())
        .filter_map(|seen| {
            let File::Unclosed(content, before) = &seen.file else { return None };
            let is = |content: &[Payload]| body(seen).is_some() && body(seen) == digest_of(content);
            Some(match before {
                None if seen.status() == 404 => followed(seen, const { reading("D7/at-close") }),
                Some(before) if is(before) => followed(seen, const { reading("D7/at-close") }),
                _ if is(content) => followed(seen, const { reading("D7/at-last-fragment") }),
                _ => kept_if(false, seen, "the whole file, or the one before", || appears(seen)),
            })
        })
        .collect()
}

/// After a second upload the new content is there; after a refused one, the old. Where the setting forbids replacing, the
/// second upload must not succeed.
fn overwriting(seen: &Observed<'_>) -> Verdict {
    let contents = gets(seen.each()).filter_map(|seen| match &seen.file {
        File::Settled(content) => holds(seen, content),
        _ => None,
    });
    let forbidden = seen.transcript.facts.role == "no-overwrite";
    let replaced = seen
        .packets(&PacketType::CloseSession)
        .filter(|seen| {
            forbidden && seen.is_clean() && matches!(seen.file, File::Unclosed(_, Some(_)))
        })
        .map(|seen| {
            kept_if(!is_success(seen.status()), seen, "the existing file kept", || describe(seen))
        });
    contents.chain(replaced).collect()
}

/// The upload is where the URL says, whatever `Content-Name` said.
fn content_name(seen: &Observed<'_>) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    let heads = seen.all.iter().map(|one| &one.exchange.request.head);
    let named: HashSet<_> = heads
        .filter(|head| head.headers.has(bits_wire::names::CONTENT_NAME))
        .map(|head| head.target.as_str())
        .collect();
    gets(&seen.all)
        .filter(|seen| named.contains(seen.exchange.request.head.target.as_str()))
        .filter_map(|seen| match &seen.file {
            File::Published(_) => {
                Some(kept_if(seen.status() == 200, seen, "the file at its URL", || describe(seen)))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{broken, follows, kept, unexercised};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    fn content(length: u64) -> Payload {
        Payload::Pattern { seed: 0x5eed, offset: 0, length }
    }

    fn get(length: u64) -> String {
        let digest = digest_of(&[content(length)]).unwrap();
        format!(
            "> GET\n< 200; Content-Length: {length}\n~ length={length} digest={digest} framing=length:{length}\n"
        )
    }

    fn upload(sent: u64, more: &str) -> String {
        format!(
            "> Create-Session; Content-Name: a; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n\
             > Fragment; {ID}; Content-Range: bytes 0-{}/20\n< 200 Ack\n{more}",
            sent - 1
        )
    }

    fn close() -> String {
        format!("> Close-Session; {ID}\n< 200 Ack\n")
    }

    #[test]
    fn what_a_lost_close_has_left_is_nobodys_fault() {
        let id = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let create = "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n< 200 Ack; ";
        let other = id.replace("A0FF", "B0FF");
        let lines = format!(
            "{create}{id}\n> Fragment; {id}; Content-Range: bytes 0-9/10\n< 200 Ack\n> Close-Session; {id}\n< !closed\n\
             {create}{other}\n> GET\n< 200\n"
        );
        unexercised("publication/nothing-before-the-last-byte", &lines);
        let cancel = format!(
            "{}> Cancel-Session; {other}\n< 200 Ack\n> GET\n< 200\n",
            lines.replace("> GET\n< 200\n", "")
        );
        unexercised("cancel-session/deletes", &cancel);
    }

    #[test]
    fn the_published_file_is_what_was_sent() {
        let check = "publication/content-after-close";
        kept(check, &upload(20, &(close() + &get(20))));
        broken(check, &upload(20, &(close() + &get(19))), 4, "200 with 19 bytes");
        broken(check, &upload(20, &(close() + "> GET\n< 404")), 4, "404");
        unexercised(check, &upload(20, &get(20)));
    }

    #[test]
    fn a_part_that_can_be_read_is_found() {
        let check = "publication/nothing-before-the-last-byte";
        kept(check, &upload(10, "> GET\n< 404"));
        broken(check, &upload(10, &get(10)), 3, "200 with 10 bytes");
        unexercised(check, &upload(20, "> GET\n< 404"));
    }

    #[test]
    fn a_whole_file_may_appear_with_the_last_fragment_or_the_close() {
        let check = "publication/before-close";
        follows(check, &upload(20, "> GET\n< 404"), "D7/at-close");
        follows(check, &upload(20, &get(20)), "D7/at-last-fragment");
        broken(check, &upload(20, &get(19)), 3, "19 bytes");
        unexercised(check, &upload(10, "> GET\n< 404"));
    }

    #[test]
    fn a_refused_second_upload_leaves_the_first() {
        let check = "publication/overwriting";
        let again = "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n< 403 Ack\n";
        kept(check, &upload(20, &(close() + again + &get(20))));
        broken(check, &upload(20, &(close() + again + "> GET\n< 404")), 5, "404");
        unexercised(check, &upload(20, &(close() + &get(20))));
    }

    #[test]
    fn a_refusal_tells_nothing_of_what_other_uploads_have_left() {
        let check = "publication/overwriting";
        let again = "> Create-Session; !Content-Length\n< 411 Ack\n".to_owned() + &get(20);
        kept(check, &upload(20, &(close() + &again)));
        let replaced = |second: &str| upload(20, &close()) + second;
        unexercised(check, &replaced(&two("/upload/file", &again)));
        // It may be there from its last byte on (D7).
        unexercised(check, &replaced(&upload(20, &again)));
    }

    #[test]
    fn a_file_that_may_not_be_replaced_and_is_is_found() {
        let twice = upload(20, &close()) + &upload(20, &close());
        broken("publication/overwriting", &format!("# role no-overwrite\n{twice}"), 6, "200");
        unexercised("publication/overwriting", &twice);
    }

    #[test]
    fn the_url_decides_where_a_file_goes() {
        let check = "publication/content-name-unused";
        kept(check, &upload(20, &(close() + &get(20))));
        broken(check, &upload(20, &(close() + "> GET\n< 404")), 4, "404");
        unexercised(check, &upload(20, &get(20)));
    }

    /// Two sessions at once, both of twenty bytes: the second at `path` and with a pattern of its own.
    fn two(path: &str, more: &str) -> String {
        let other = ID.replace("A0FF", "B0FF");
        let create = |path: &str, id: &str| {
            format!(
                "> Create-Session {path}; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {id}\n"
            )
        };
        let fragment = |path: &str, id: &str, from: u64, seed: &str| {
            let last = from + 9;
            format!(
                "> Fragment {path}; {id}; Content-Range: bytes {from}-{last}/20\n= pattern {seed} {from} 10\n< 200 Ack\n"
            )
        };
        create("/upload/file", ID)
            + &create(path, &other)
            + &fragment("/upload/file", ID, 0, "5eed")
            + &fragment(path, &other, 0, "beef")
            + &fragment("/upload/file", ID, 10, "5eed")
            + &close()
            + more
    }

    #[test]
    fn a_file_beside_which_others_were_uploaded_holds_its_own_bytes() {
        let check = "publication/sessions-kept-apart";
        kept(check, &two("/upload/other", &get(20)));
        broken(check, &two("/upload/other", &get(19)), 7, "200 with 19 bytes");
        unexercised("publication/content-after-close", &two("/upload/other", &get(20)));
        unexercised(check, &upload(20, &(close() + &get(20))));
    }

    #[test]
    fn of_two_uploads_to_one_place_one_is_there() {
        let check = "publication/sessions-kept-apart";
        kept(check, &two("/upload/file", &get(20)));
        broken(check, &two("/upload/file", &get(19)), 7, "19 bytes");
        // Whether the one that ended first is there is left open.
        unexercised(check, &two("/upload/file", "> GET\n< 404"));
    }
}

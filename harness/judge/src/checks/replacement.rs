//! Contents that take the place of others: their length and their time stamp (3.5.4.1).

use std::borrow::Cow;

use bits_wire::{PacketType, Payload, names, payload::digest_of};

use super::{
    Check, Judgement, Verdict, date,
    download::known,
    judge::{kept_if, shown},
    observed::{File, Kind, Observed, Seen, is_success},
    path::path_of,
};
use crate::{spec::clause, transcript::Answer};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "replacement/bytes-with-length",
        clause: clause("BUP-3.5.4.1-01"),
        judge: bytes_with_length,
    },
    Check { name: "replacement/dated", clause: clause("BUP-3.5.4.1-02"), judge: dated },
];

const LAST_MODIFIED: &str = "Last-Modified";

/// How far the clock of a file system may be from that which writes `Date`, in seconds. A wrong time zone is off by more.
const SLACK: i64 = 60;

/// A close that put one content in the place of another.
struct Replacement<'o, 't> {
    close: &'o Seen<'t>,
    old: &'o [Payload],
    new: &'o [Payload],
}

fn replacements<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = Replacement<'o, 't>> {
    seen.all_packets(&PacketType::CloseSession).filter(|seen| is_success(seen.status())).filter_map(
        |close| match &close.file {
            File::Unclosed(new, Some(old)) if new != old => Some(Replacement { close, old, new }),
            _ => None,
        },
    )
}

fn path<'s>(seen: &'s Seen<'_>) -> Cow<'s, str> {
    path_of(&seen.exchange.request.head.target)
}

impl<'o, 't> Replacement<'o, 't> {
    fn is_before(&self, seen: &Seen<'_>) -> bool {
        path(seen) == path(self.close)
            && self.close.exchange.number < seen.exchange.number
            && seen.file.content() == Some(self.new)
    }

    /// What was asked of the file after it was replaced.
    fn after(&self, seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer)> {
        known(&seen.all)
            .filter(|(seen, ..)| self.is_before(seen))
            .map(|(seen, answer, _)| (seen, answer))
    }

    /// The time stamp that the file had before.
    fn stamp_before(&self, seen: &Observed<'_>) -> Option<i64> {
        known(&seen.all)
            .filter(|(seen, ..)| path(seen) == path(self.close))
            .filter(|(seen, ..)| seen.exchange.number < self.close.exchange.number)
            .filter_map(|(_, answer, _)| stamp(answer))
            .last()
    }

    /// The times of the session, by the server's own clock: from its start to its end.
    fn session(&self, seen: &Observed<'_>) -> Option<(i64, i64)> {
        let id = &self.close.session.as_ref()?.id;
        let start = seen.all_packets(&PacketType::CreateSession).find(|create| {
            create.answer().and_then(|answer| answer.head.headers.first(names::SESSION_ID))
                == Some(id)
        })?;
        Some((time(start.answer()?)?, time(self.close.answer()?)?))
    }
}

/// Whether a file has the place of an older one.
pub(super) fn is_replaced(observed: &Observed<'_>, seen: &Seen<'_>) -> bool {
    replacements(observed).any(|replacement| replacement.is_before(seen))
}

fn stamp(answer: &Answer) -> Option<i64> {
    date::seconds(answer.head.headers.first(LAST_MODIFIED)?)
}

fn time(answer: &Answer) -> Option<i64> {
    date::seconds(answer.head.headers.first("Date")?)
}

fn length(content: &[Payload]) -> u64 {
    content.iter().map(Payload::length).sum()
}

/// Which content is there is judged elsewhere; here, that its bytes and its length are those of one content.
fn bytes_with_length(seen: &Observed<'_>) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    replacements(seen)
        .flat_map(|replacement| {
            let (old, new) = (replacement.old, replacement.new);
            let mut shown = new;
            let whole = |(seen, answer): &(&Seen<'_>, &Answer)| {
                answer.head.status == 200 && !seen.exchange.request.head.headers.has("Range")
            };
            let after: Vec<_> = replacement.after(seen).filter(whole).collect();
            after.into_iter().filter_map(move |(seen, answer)| {
                if seen.kind == Kind::Head {
                    return has_length(seen, answer, shown);
                }
                let is = |content: &[Payload]| digest_of(content) == Some(answer.body.digest);
                digest_of(new)?;
                if !is(new) && !is(old) {
                    return Some(mixture(seen, answer));
                }
                shown = if is(new) { new } else { old };
                has_length(seen, answer, shown)
            })
        })
        .collect()
}

fn has_length(seen: &Seen<'_>, answer: &Answer, content: &[Payload]) -> Option<Judgement> {
    let told = answer.head.headers.first(names::CONTENT_LENGTH)?;
    let wanted = length(content).to_string();
    let expected = format!("Content-Length: {wanted}, as the bytes are many");
    Some(kept_if(told == wanted, seen, expected, || shown(answer, names::CONTENT_LENGTH)))
}

fn mixture(seen: &Seen<'_>, answer: &Answer) -> Judgement {
    kept_if(false, seen, "the bytes of one content", || {
        format!("{} bytes that are neither the old content nor the new", answer.body.length)
    })
}

/// Not before the stamp of the older content, and at the time of the session by the server's own clock.
fn dated(seen: &Observed<'_>) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    replacements(seen)
        .flat_map(|replacement| {
            let before = replacement.stamp_before(seen);
            let session = replacement.session(seen);
            replacement
                .after(seen)
                .filter(|(_, answer)| matches!(answer.head.status, 200 | 206))
                .filter_map(|(seen, answer)| stamped(seen, answer, before, session))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn stamped(
    seen: &Seen<'_>,
    answer: &Answer,
    before: Option<i64>,
    session: Option<(i64, i64)>,
) -> Option<Judgement> {
    answer.head.headers.first(LAST_MODIFIED)?;
    if before.is_none() && session.is_none() {
        return None;
    }
    let expected =
        "Last-Modified in GMT, not before that of the older content, and when the upload was made";
    let right = stamp(answer).is_some_and(|stamp| {
        before.is_none_or(|before| stamp >= before)
            && session.is_none_or(|(from, to)| (from - SLACK..=to + SLACK).contains(&stamp))
    });
    Some(kept_if(right, seen, expected, || shown(answer, LAST_MODIFIED)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{broken, kept, unexercised};

    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
    const OTHER: &str = "BITS-Session-Id: {B0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    /// An upload of so many bytes, begun and ended at these seconds of a certain minute.
    fn upload(id: &str, length: u64, from: u32, to: u32) -> String {
        let date = |second: u32| format!("Date: Sun, 06 Nov 1994 08:49:{second:02} GMT");
        format!(
            "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {id}; {}\n\
             > Fragment; {id}; Content-Range: bytes 0-{}/{length}\n< 200 Ack\n> Close-Session; {id}\n< 200 Ack; {}\n",
            date(from),
            length - 1,
            date(to)
        )
    }

    fn get(content: u64, told: u64) -> String {
        let pattern = Payload::Pattern { seed: 0x5eed, offset: 0, length: content };
        let digest = digest_of(&[pattern]).unwrap();
        format!(
            "> GET\n< 200; Content-Length: {told}\n~ length={content} digest={digest} framing=length:{told}\n"
        )
    }

    /// The second upload is exchanges 4 to 6.
    fn replaced(more: &str) -> String {
        upload(ID, 20, 10, 10) + &upload(OTHER, 12, 20, 30) + more
    }

    #[test]
    fn length_and_bytes_change_together() {
        let check = "replacement/bytes-with-length";
        kept(check, &replaced(&get(12, 12)));
        kept(check, &replaced(&get(20, 20)));
        kept(check, &replaced("> HEAD\n< 200; Content-Length: 12"));
        kept(check, &replaced(&(get(20, 20) + "> HEAD\n< 200; Content-Length: 20")));
        broken(check, &replaced(&get(12, 20)), 7, "Content-Length: 20");
        broken(check, &replaced(&get(20, 12)), 7, "Content-Length: 12");
        broken(check, &replaced(&get(16, 16)), 7, "neither");
        broken(check, &replaced("> HEAD\n< 200; Content-Length: 20"), 7, "Content-Length: 20");
        unexercised(check, &replaced("> HEAD\n< 404"));
        unexercised(check, &(upload(ID, 20, 10, 10) + &get(20, 20)));
    }

    fn stamped_get(stamp: &str) -> String {
        format!("> GET\n< 200; Last-Modified: {stamp}\n")
    }

    #[test]
    fn a_new_content_has_the_time_of_its_upload() {
        let check = "replacement/dated";
        for stamp in ["08:49:20", "08:49:30", "08:48:20", "08:50:30"] {
            kept(check, &replaced(&stamped_get(&format!("Sun, 06 Nov 1994 {stamp} GMT"))));
        }
        for stamp in ["08:48:19", "08:50:31", "09:49:20"] {
            let lines = replaced(&stamped_get(&format!("Sun, 06 Nov 1994 {stamp} GMT")));
            broken(check, &lines, 7, stamp);
        }
        broken(check, &replaced(&stamped_get("Sunday, 06-Nov-94 08:49:20 GMT")), 7, "Sunday");
        unexercised(check, &replaced("> GET\n< 200"));
        unexercised(check, &(upload(ID, 20, 10, 10) + &stamped_get("x")));
    }

    #[test]
    fn a_stamp_never_goes_back() {
        let check = "replacement/dated";
        let stamp = |time: &str| stamped_get(&format!("Sun, 06 Nov 1994 {time} GMT"));
        let lines = |before: &str, after: &str| {
            upload(ID, 20, 10, 10) + &stamp(before) + &upload(OTHER, 12, 20, 30) + &stamp(after)
        };
        kept(check, &lines("08:49:25", "08:49:25"));
        broken(check, &lines("08:49:25", "08:49:24"), 8, "08:49:24");
        let dateless = lines("08:49:25", "10:00:00").replace("; Date:", "; X-Date:");
        kept(check, &dateless);
    }

    #[test]
    fn the_length_after_a_replacement_is_judged_but_once() {
        let lines = replaced("> HEAD\n< 200; Content-Length: 20\n");
        unexercised("download/length", &lines);
    }
}

//! What the server posts to the server application (2.2.12, 3.3), judged by whoever plays the application.

use bits_wire::{Headers, PacketType, Payload, names, payload::digest_of, text};

use super::{
    Check, Judgement, Verdict,
    answered::Answered,
    breach::Breach,
    judge::{broken, describe, followed, kept_if},
    observed::{Observed, Seen, is_success},
};
use crate::{
    spec::{clause, reading},
    transcript::{Fate, Notification},
};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "notify/called", clause: clause("BUP-2.2.12-01"), judge: called },
    Check {
        name: "notify/none-without-type",
        clause: clause("BUP-3.2.1.1-03"),
        judge: none_without_type,
    },
    Check {
        name: "notify/with-the-last-fragment",
        clause: clause("BUP-3.2.5.1.2-06"),
        judge: in_time,
    },
    Check { name: "notify/method", clause: clause("BUP-2.2.12-02"), judge: method },
    Check { name: "notify/form", clause: clause("BUP-3.3.5.3.1-01"), judge: form },
    Check { name: "notify/length", clause: clause("BUP-2.2.12.1-01"), judge: length },
    Check { name: "notify/url-present", clause: clause("BUP-2.2.12.2-01"), judge: url_present },
    Check {
        name: "notify/url-is-the-destination",
        clause: clause("BUP-2.2.12.2-02"),
        judge: url_is_destination,
    },
    Check {
        name: "notify/path-of-the-upload",
        clause: clause("BUP-2.2.12.2-03"),
        judge: |seen| path_present(seen, &UPLOAD),
    },
    Check {
        name: "notify/no-path-of-the-upload",
        clause: clause("BUP-2.2.12.2-04"),
        judge: |seen| path_absent(seen, &UPLOAD),
    },
    Check {
        name: "notify/path-for-the-reply",
        clause: clause("BUP-2.2.12.2-05"),
        judge: |seen| path_present(seen, &REPLY),
    },
    Check {
        name: "notify/no-path-for-the-reply",
        clause: clause("BUP-2.2.12.2-06"),
        judge: |seen| path_absent(seen, &REPLY),
    },
    Check {
        name: "notify/body-is-the-upload",
        clause: clause("BUP-2.2.12.3-01"),
        judge: body_is_upload,
    },
    Check { name: "notify/no-body", clause: clause("BUP-2.2.12.3-02"), judge: no_body },
    Check {
        name: "notify/file-is-the-upload",
        clause: clause("BUP-3.2.1.1-06"),
        judge: file_is_upload,
    },
    Check {
        name: "notify/query-appended",
        clause: clause("W32-bits-iis-extension-properties-01"),
        judge: query_appended,
    },
];

/// The two spellings of a path header (D23), that of the traces first.
type Spellings = [&'static str; 2];

const UPLOAD: Spellings = [names::REQUEST_DATA_FILE, names::REQUEST_DATA_ENTITY];
const REPLY: Spellings = [names::RESPONSE_DATA_FILE, names::RESPONSE_DATA_ENTITY];

/// Each call in a directory that notifies, with the exchange during which it came.
fn calls<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, &'t Notification)> {
    let all = if seen.notifies() { seen.each() } else { &[] };
    all.iter().flat_map(|seen| seen.calls.iter().map(move |call| (seen, *call)))
}

/// Whether the server may have given up the call before it had sent all of it, as 3.3.6.1 allows.
fn may_be_given_up(observed: &Observed<'_>, seen: &Seen<'_>, call: &Notification) -> bool {
    let cut = call.fate == Fate::Closed && !call.body.complete;
    cut && observed.had_time_to_give_up(seen)
}

/// The fragments that complete an upload, all bytes being in turn.
fn completing<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    seen.packets(&PacketType::Fragment).filter(|seen| {
        let right = |breach: &Breach| matches!(breach, Breach::Application);
        seen.range.is_some_and(|range| range.is_final()) && seen.breaches.iter().all(right)
    })
}

fn called(seen: &Observed<'_>) -> Verdict {
    let played = seen.notifies() && seen.transcript.facts.application;
    completing(seen)
        .filter(|seen| played && seen.answer().is_some())
        .filter(|seen| is_success(seen.status()) || !seen.calls.is_empty())
        .map(|seen| {
            kept_if(!seen.calls.is_empty(), seen, "a call of the server application", || {
                format!("{}, and no call", describe(seen))
            })
        })
        .collect()
}

fn none_without_type(seen: &Observed<'_>) -> Verdict {
    let silent = !seen.notifies() && seen.transcript.facts.application;
    completing(seen)
        .filter(|seen| silent && is_success(seen.status()))
        .map(|seen| {
            kept_if(seen.calls.is_empty(), seen, "no call of the server application", || {
                format!("{} calls", seen.calls.len())
            })
        })
        .collect()
}

/// A call comes while the fragment that completes the upload is under way, or a repetition of it, and at no other time.
fn in_time(seen: &Observed<'_>) -> Verdict {
    let is_late = |call: &Notification| call.during == 0;
    let last = seen.all.last().filter(|_| seen.notifies() && !seen.is_later_part());
    // A call that the server gave up unheard may reach a busy harness afterwards.
    let last = last.filter(|_| !seen.all.iter().any(|one| seen.had_time_to_give_up(one)));
    let of_none = last.into_iter().flat_map(|last| {
        let late = seen.transcript.notifications.iter().filter(|call| is_late(call));
        late.map(|_| {
            broken(last, "a call before the Ack to the last fragment", "a call at another time")
        })
    });
    let last = |seen: &Seen<'_>| {
        seen.kind == super::observed::Kind::Packet(PacketType::Fragment)
            && seen.range.is_some_and(|range| range.is_final())
    };
    let under_way = calls(seen).map(|(seen, _)| {
        kept_if(last(seen), seen, "no call before the last fragment", || "a call".into())
    });
    of_none.chain(under_way).collect()
}

fn method(seen: &Observed<'_>) -> Verdict {
    calls(seen)
        .map(|(seen, call)| match call.head.method.as_str() {
            "POST" => followed(seen, const { reading("S20/post") }),
            "BITS_POST" => followed(seen, const { reading("S20/bits-post") }),
            other => kept_if(false, seen, "POST", || text::excerpt(other, 40)),
        })
        .collect()
}

fn form(seen: &Observed<'_>) -> Verdict {
    calls(seen)
        .map(|(seen, call)| {
            let head = &call.head;
            let hosts = head.headers.all(names::HOST).count();
            let right = head.flaws.is_empty() && head.version == "HTTP/1.1" && hosts == 1;
            kept_if(right, seen, "a well-formed request of HTTP/1.1", || {
                let flaw = head.flaws.first().map(ToString::to_string);
                flaw.unwrap_or_else(|| format!("{}, {hosts} Host headers", head.version))
            })
        })
        .collect()
}

/// Where the harness read the call to its end, its length is that of its body.
fn length(observed: &Observed<'_>) -> Verdict {
    calls(observed)
        .filter(|(seen, call)| !call.stopped && !may_be_given_up(observed, seen, call))
        .map(|(seen, call)| {
            let told = call.head.headers.only(names::CONTENT_LENGTH);
            let right = call.body.complete
                && told.and_then(|told| told.parse().ok()) == Some(call.body.length);
            kept_if(right, seen, "Content-Length with the size of the body", || match told {
                None => "no Content-Length".into(),
                Some(told) => {
                    format!("Content-Length: {told} and {} bytes", call.body.length)
                }
            })
        })
        .collect()
}

fn url(call: &Notification) -> Option<&str> {
    call.head.headers.first(names::ORIGINAL_REQUEST_URL)
}

fn url_present(seen: &Observed<'_>) -> Verdict {
    calls(seen)
        .map(|(seen, call)| {
            kept_if(url(call).is_some(), seen, "BITS-Original-Request-URL", || {
                "no BITS-Original-Request-URL".into()
            })
        })
        .collect()
}

/// The host is as the server is configured; path and query are those of the upload.
fn url_is_destination(seen: &Observed<'_>) -> Verdict {
    calls(seen)
        .filter_map(|(seen, call)| Some((seen, url(call)?)))
        .map(|(seen, url)| {
            let target = &seen.exchange.request.head.target;
            let rest = ["http://", "https://"].iter().find_map(|scheme| {
                let start = url.get(..scheme.len())?;
                start.eq_ignore_ascii_case(scheme).then(|| &url[scheme.len()..])
            });
            let path = rest.and_then(|rest| rest.find('/').map(|at| &rest[at..]));
            let same = path.is_some_and(|path| is_same_path(path, target));
            kept_if(same, seen, format!("an absolute URL that ends in {target}"), || {
                format!("BITS-Original-Request-URL: {}", text::excerpt(url, 120))
            })
        })
        .collect()
}

/// Whether two paths are the same but for the case of the virtual directory's name and of escapes.
fn is_same_path(one: &str, other: &str) -> bool {
    one == other || one.eq_ignore_ascii_case(other)
}

fn path_header<'h>(headers: &'h Headers, spellings: &Spellings) -> Option<(usize, &'h str)> {
    spellings.iter().enumerate().find_map(|(at, name)| Some((at, headers.first(name)?)))
}

fn path_present(seen: &Observed<'_>, spellings: &Spellings) -> Verdict {
    calls(seen)
        .filter(|_| !seen.by_value())
        .map(|(seen, call)| match path_header(&call.head.headers, spellings) {
            Some((0, path)) if !path.is_empty() => {
                followed(seen, const { reading("D23/data-file") })
            }
            Some((_, path)) if !path.is_empty() => {
                followed(seen, const { reading("D23/data-entity") })
            }
            _ => broken(seen, spellings[0], format!("no {}", spellings[0])),
        })
        .collect()
}

fn path_absent(seen: &Observed<'_>, spellings: &Spellings) -> Verdict {
    calls(seen)
        .filter(|_| seen.by_value())
        .map(|(seen, call)| {
            let there = path_header(&call.head.headers, spellings);
            kept_if(there.is_none(), seen, format!("no {}", spellings[0]), || {
                there.map_or_else(String::new, |(at, path)| format!("{}: {path}", spellings[at]))
            })
        })
        .collect()
}

/// What has been uploaded when this fragment has been taken.
fn upload(seen: &Seen<'_>) -> Option<Vec<Payload>> {
    let session = seen.session.as_ref().filter(|session| session.certain)?;
    let mut content = session.content.to_vec();
    let range = seen.range?;
    if range.last >= session.next {
        content.push(session.added(range, &seen.exchange.request.body)?);
    }
    let length: u64 = content.iter().map(Payload::length).sum();
    (length == range.total).then_some(content)
}

fn body_is_upload(observed: &Observed<'_>) -> Verdict {
    calls(observed)
        .filter(|_| observed.by_value())
        .filter(|(seen, call)| !call.stopped && !may_be_given_up(observed, seen, call))
        .filter_map(|(seen, call)| Some((seen, &call.body, upload(seen)?)))
        .filter_map(|(seen, body, content)| is_content(seen, body, &content))
        .collect()
}

fn is_content(
    seen: &Seen<'_>,
    body: &crate::transcript::Body,
    content: &[Payload],
) -> Option<Judgement> {
    let wanted = digest_of(content)?;
    let length: u64 = content.iter().map(Payload::length).sum();
    Some(kept_if(
        body.digest == wanted,
        seen,
        format!("the upload: {length} bytes, SHA-256 {wanted}"),
        || format!("{} bytes, SHA-256 {}", body.length, body.digest),
    ))
}

fn no_body(seen: &Observed<'_>) -> Verdict {
    calls(seen)
        .filter(|_| !seen.by_value())
        .map(|(seen, call)| {
            kept_if(call.body.length == 0, seen, "a call without a body", || {
                format!("{} bytes of body", call.body.length)
            })
        })
        .collect()
}

fn file_is_upload(seen: &Observed<'_>) -> Verdict {
    calls(seen)
        .filter(|_| !seen.by_value())
        .filter_map(|(seen, call)| Some((seen, call.entity.as_ref()?, upload(seen)?)))
        .filter_map(|(seen, entity, content)| is_content(seen, entity, &content))
        .collect()
}

/// The older text appends the query of the destination to the notification URL; the other says nothing of it.
fn query_appended(seen: &Observed<'_>) -> Verdict {
    calls(seen)
        .filter_map(|(seen, call)| {
            let (_, query) = seen.exchange.request.head.target.split_once('?')?;
            let told = call.head.target.split_once('?').map(|(_, query)| query);
            Some(kept_if(
                told == Some(query),
                seen,
                format!("a call with the query ?{query}"),
                || call.head.target.clone(),
            ))
        })
        .collect()
}

/// Whether the call was a success by what the harness played.
pub(super) fn succeeded(seen: &Seen<'_>) -> bool {
    seen.answered.as_deref().is_some_and(|answered| matches!(answered, Answered::Success(_)))
}

#[cfg(test)]
pub(super) mod tests;

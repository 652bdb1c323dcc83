//! Notifications, as the judge sees them.

use std::time::Duration;

use bits_wire::payload::{Payload, digest_of};

use crate::{
    checks::testing::{broken, follows, kept, unexercised, verdict},
    transcript::Transcript,
};

pub(in crate::checks) const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

/// A session in a directory of this role, up to its last fragment.
pub(in crate::checks) fn created(role: &str) -> String {
    format!(
        "# role {role}\n# application played\n\
         > Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {ID}\n"
    )
}

/// The last fragment, with this call of the application and these lines behind it.
pub(in crate::checks) fn last(call: &str, answer: &str) -> String {
    format!("> Fragment; {ID}; Content-Range: bytes 0-9/10\n{call}\n< {answer}\n")
}

const URL: &str = "BITS-Original-Request-URL: http://server/upload/file";
const PATHS: &str = "BITS-Request-DataFile-Name: /r; BITS-Response-DataFile-Name: /a";

/// The digest of the ten bytes that short fragments carry.
fn body(length: u64) -> String {
    let upload = Payload::Pattern { seed: 0x5eed, offset: 0, length };
    let digest = digest_of(&[upload]).unwrap();
    format!("length={length} digest={digest} framing=length:{length}")
}

#[test]
fn an_application_that_is_not_called_is_found() {
    let called = |role: &str, call: &str| created(role) + &last(call, "200 Ack");
    kept("notify/called", &called("by-value", ">> POST\n<< 200"));
    broken("notify/called", &called("by-value", ""), 2, "no call");
    unexercised("notify/called", &called("plain", ""));
    kept("notify/none-without-type", &called("plain", ""));
    broken("notify/none-without-type", &called("plain", ">> POST\n<< 200"), 2, "1 calls");
    unexercised("notify/none-without-type", &called("by-value", ""));
}

#[test]
fn a_call_before_the_last_fragment_is_found() {
    let check = "notify/with-the-last-fragment";
    let call = ">> POST\n<< 200";
    kept(check, &(created("by-value") + &last(call, "200 Ack")));
    let early = format!("> Fragment; {ID}; Content-Range: bytes 0-4/10\n{call}\n< 200 Ack\n");
    broken(check, &(created("by-value") + &early), 2, "a call");
    broken(check, &format!("{}{call}\n", created("by-value")), 1, "another time");
    unexercised(check, &(created("by-value") + &last("", "200 Ack")));
}

/// What follows a Create-Session, in a directory by value that waits a second for its application; each exchange took so long.
fn within(micros: u64, rest: &str) -> String {
    let mut transcript: Transcript = (created("by-value") + rest).parse().unwrap();
    transcript.facts.directory.notification_timeout = Some(Duration::from_secs(1));
    for exchange in &mut transcript.exchanges {
        exchange.took = Duration::from_micros(micros);
    }
    transcript.to_string()
}

#[test]
fn what_the_server_had_the_time_to_give_up_proves_nothing() {
    let cut = last(&format!(">> POST\n~~ {} incomplete\n!! closed", body(4)), "408 Ack");
    let refused = last(">> POST\n<< 200", "200 Ack") + &last("", "408 Ack");
    let again = last(">> POST\n<< 500", "500 Ack") + &last(">> POST\n<< 200", "408 Ack");
    let late = format!("{}>> POST\n<< 200\n", last("", "408 Ack"));
    for (check, rest, at, actual) in [
        ("notify/length", &cut, 2, "0 and 4 bytes"),
        ("notify/body-is-the-upload", &cut, 2, "4 bytes"),
        ("notify/with-the-last-fragment", &late, 2, "another time"),
        ("application/stored-after-success", &refused, 3, "408"),
        ("application/called-again-after-failure", &again, 3, "408"),
    ] {
        broken(check, &within(999_999, rest), at, actual);
        unexercised(check, &within(1_000_000, rest));
    }
}

#[test]
fn the_form_of_a_call_is_judged() {
    let with = |role: &str, call: &str| created(role) + &last(call, "200 Ack");
    follows("notify/method", &with("by-value", ">> POST\n<< 200"), "S20/post");
    follows("notify/method", &with("by-value", ">> BITS_POST\n<< 200"), "S20/bits-post");
    broken("notify/method", &with("by-value", ">> PUT\n<< 200"), 2, "PUT");
    kept("notify/form", &with("by-value", ">> POST\n<< 200"));
    broken("notify/form", &with("by-value", ">> POST; !Host\n<< 200"), 2, "0 Host");
    let value = |length: u64| format!(">> POST; Content-Length: 10\n~~ {}\n<< 200", body(length));
    kept("notify/length", &with("by-value", &value(10)));
    broken("notify/length", &with("by-value", &value(9)), 2, "10 and 9 bytes");
    broken("notify/length", &with("by-value", ">> POST; !Content-Length\n<< 200"), 2, "no Co");
    for check in ["notify/method", "notify/form", "notify/length"] {
        unexercised(check, &with("by-value", ""));
    }
}

#[test]
fn the_destination_is_named_as_it_is() {
    let with =
        |url: &str| created("by-value") + &last(&format!(">> POST; {url}\n<< 200"), "200 Ack");
    kept("notify/url-present", &with(URL));
    broken("notify/url-present", &with(""), 2, "no BITS-Original");
    kept("notify/url-is-the-destination", &with(URL));
    for wrong in ["/upload/file", "http://server/upload/other", "ftp://server/upload/file"] {
        let url = format!("BITS-Original-Request-URL: {wrong}");
        broken("notify/url-is-the-destination", &with(&url), 2, wrong);
    }
    unexercised("notify/url-is-the-destination", &with(""));
}

#[test]
fn paths_are_named_by_reference_only() {
    let with = |role: &str, paths: &str| {
        created(role) + &last(&format!(">> POST; {paths}\n<< 200"), "200 Ack")
    };
    for (present, absent) in [
        ("notify/path-of-the-upload", "notify/no-path-of-the-upload"),
        ("notify/path-for-the-reply", "notify/no-path-for-the-reply"),
    ] {
        follows(present, &with("by-reference", PATHS), "D23/data-file");
        let entity = PATHS.replace("DataFile", "DataEntity");
        follows(present, &with("by-reference", &entity), "D23/data-entity");
        broken(present, &with("by-reference", ""), 2, "no BITS-Re");
        unexercised(present, &with("by-value", ""));
        kept(absent, &with("by-value", ""));
        broken(absent, &with("by-value", PATHS), 2, "BITS-Re");
        unexercised(absent, &with("by-reference", PATHS));
    }
}

#[test]
fn the_upload_comes_as_it_was_sent() {
    let with = |role: &str, lines: &str| {
        created(role) + &last(&format!(">> POST\n{lines}\n<< 200"), "200 Ack")
    };
    let (whole, other) = (body(10), body(9));
    kept("notify/body-is-the-upload", &with("by-value", &format!("~~ {whole}")));
    broken("notify/body-is-the-upload", &with("by-value", &format!("~~ {other}")), 2, "9 bytes");
    unexercised("notify/body-is-the-upload", &with("by-reference", ""));
    kept("notify/no-body", &with("by-reference", ""));
    broken("notify/no-body", &with("by-reference", &format!("~~ {whole}")), 2, "10 bytes");
    unexercised("notify/no-body", &with("by-value", ""));
    kept("notify/file-is-the-upload", &with("by-reference", &format!("%% {whole}")));
    broken("notify/file-is-the-upload", &with("by-reference", &format!("%% {other}")), 2, "9 b");
    unexercised("notify/file-is-the-upload", &with("by-reference", ""));
}

#[test]
fn which_bytes_count_where_others_were_refused_is_not_for_the_transcript_to_say() {
    let fragment = |seed: &str, range: &str, outcome: &str| {
        let lines = format!("> Content-Range: bytes {range}/10\n> Content-Length: 10\n>\n");
        let packet =
            format!("> BITS_POST /upload/file HTTP/1.1\n> BITS-Packet-Type: Fragment\n> {ID}\n");
        format!("{packet}{lines}= pattern {seed} 0 10 sent=10\n{outcome}\n")
    };
    let told = format!(">> POST\n~~ {}\n<< 403", body(10));
    let taken = format!(">> POST\n~~ {}\n<< 200", body(10));
    let first = fragment("5eed", "0-9", &format!("{told}\n< 403 Ack"));
    let again = |seed: &str, call: &str| {
        created("by-value") + &first + &fragment(seed, "0-9", &format!("{call}\n< 200 Ack"))
    };
    let check = "notify/body-is-the-upload";
    let judged = |seed: &str| {
        let verdict = verdict(check, &again(seed, &taken));
        (verdict.kept, verdict.broken)
    };
    assert_eq!(judged("5eed"), (2, vec![]));
    assert_eq!(judged("5eee"), (1, vec![]));
    let wrong = again("5eed", &taken.replace(&body(10), &body(9)));
    broken(check, &wrong, 3, "9 bytes");
}

#[test]
fn a_query_is_appended() {
    let with = |target: &str, call: &str| {
        let lines = created("by-value") + &last(call, "200 Ack");
        lines
            .replace("> Create-Session", &format!("> Create-Session {target}"))
            .replace("> Fragment", &format!("> Fragment {target}"))
    };
    let check = "notify/query-appended";
    kept(check, &with("/upload/file?x=1", ">> POST /app?x=1\n<< 200"));
    broken(check, &with("/upload/file?x=1", ">> POST /app\n<< 200"), 2, "/app");
    unexercised(check, &with("/upload/file", ">> POST /app\n<< 200"));
    assert_eq!(verdict(check, &created("by-value")).exercised(), 0);
}

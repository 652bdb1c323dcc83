//! A whole connection in memory: bytes of a client, and what the reference server makes of them.

use bits_server::listen::converse;

use super::{
    plain::{self, Head},
    rehearsal,
};

/// The longest conversation, in bytes.
const LONGEST: usize = 16 * 1024;

/// A client sends these bytes on one connection: the server answers in well-formed HTTP or closes, and says the same
/// however the bytes come, but for what it still says when the client has gone.
pub fn server_connection(data: &[u8]) {
    if data.len() > LONGEST {
        return;
    }
    let said = say(&[data]);
    let mut answers = Vec::new();
    let asks_for_heads = data.windows(5).any(|it| it == b"HEAD ");
    let right = well_formed(&said, asks_for_heads, &mut answers);
    assert!(right, "{:?}", String::from_utf8_lossy(&said));
    let asked = data.iter().filter(|&&byte| byte == b'\n').count() / 2 + 1;
    let last = answers.iter().filter(|head| !head.first.starts_with(b"HTTP/1.1 1")).count();
    assert!(last <= asked, "{last} answers to {asked} requests");
    let (one, other) = data.split_at(data.len() / 2);
    let (said, in_two) = (lasting(&said), lasting(&say(&[one, other])));
    // A malformed head is answered or not, as the end of the connection is noticed later or sooner.
    assert!(said.starts_with(&in_two) || in_two.starts_with(&said), "{said:?} {in_two:?}");
}

fn say(pieces: &[&[u8]]) -> Vec<u8> {
    let said = converse(&rehearsal::server(), pieces);
    said.unwrap_or_else(|error| panic!("the conversation does not end: {error}"))
}

/// Whether `said` is nothing but answers, each whole. An answer to HEAD announces a body and has none.
fn well_formed(said: &[u8], asks_for_heads: bool, answers: &mut Vec<Head>) -> bool {
    if said.is_empty() {
        return true;
    }
    let Some(head) = plain::head(said) else { return false };
    if head.faults != plain::Faults::default() || !is_status_line(&head.first) {
        return false;
    }
    let rest = &said[head.length..];
    let lengths = head.all("Content-Length");
    let is_bodiless = ["1", "204", "304"]
        .iter()
        .any(|status| head.first[b"HTTP/1.1 ".len()..].starts_with(status.as_bytes()));
    let length = match lengths.as_slice() {
        [] if is_bodiless => 0,
        [length] => String::from_utf8_lossy(length).parse().unwrap_or(usize::MAX),
        _ => return false,
    };
    answers.push(head);
    let count = answers.len();
    if rest.len() >= length && well_formed(&rest[length..], asks_for_heads, answers) {
        return true;
    }
    answers.truncate(count);
    asks_for_heads && length > 0 && well_formed(rest, asks_for_heads, answers)
}

fn is_status_line(line: &[u8]) -> bool {
    let right = |version: &[u8]| {
        line.strip_prefix(version).is_some_and(|rest| {
            rest.len() > 4 && rest[..3].iter().all(u8::is_ascii_digit) && rest[3] == b' '
        })
    };
    right(b"HTTP/1.1 ") || right(b"HTTP/1.0 ")
}

/// What was said, without what the clock decides.
fn lasting(said: &[u8]) -> Vec<String> {
    const PASSING: [&str; 4] = ["date:", "etag:", "last-modified:", "www-authenticate: digest"];
    let text = String::from_utf8_lossy(said).into_owned();
    let stays = |line: &&str| {
        let line = line.to_ascii_lowercase();
        !PASSING.iter().any(|passing| line.starts_with(passing))
    };
    text.lines().filter(stays).map(str::to_owned).collect()
}

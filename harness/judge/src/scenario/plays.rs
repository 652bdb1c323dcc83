//! Answers of the server application, as they are written in a scenario.

use bits_wire::{Payload, names};

use super::write::{line, quoted};
use crate::plan::{Play, Template, Then, reason};

/// The step after which calls are answered so. `None` if a body is none that can be said in a word; `seed` is that of
/// replies.
pub(super) fn step(plays: &[Play], seed: u64) -> Option<String> {
    let written = |play: &Play| Some(format!("{{ {} }}", options(play, seed)?.join(", ")));
    match plays {
        [only] => Some(format!("application: {}", written(only)?)),
        several => {
            let several: Option<Vec<String>> = several.iter().map(written).collect();
            Some(format!("application-in-turn: [{}]", several?.join(", ")))
        }
    }
}

fn options(play: &Play, seed: u64) -> Option<Vec<String>> {
    let mut options = match &play.head {
        None => vec!["silent: true".to_owned()],
        Some(head) => {
            usual(head, play).unwrap_or_else(|| vec![format!("raw: {}", quoted(&head.to_string()))])
        }
    };
    if play.body != Payload::Empty {
        options.push(format!("body: {}", body(&play.body, seed)?));
    }
    if let Some(file) = &play.file {
        options.push(format!("reply-file: {}", body(file, seed)?));
    }
    options.extend(play.take.map(|bytes| format!("take: {bytes}")));
    if !play.wait.is_zero() {
        options.push(format!("wait: {}", play.wait.as_secs_f64()));
    }
    options.extend(play.cut.map(|bytes| format!("cut: {bytes}")));
    if play.then != Then::Keep {
        options.push(format!("then: {}", play.then.as_str()));
    }
    Some(options)
}

/// A head in the words that make it: a status, and headers besides the length of the body.
fn usual(head: &Template, play: &Play) -> Option<Vec<String>> {
    // A connection that is closed is said to be, in those words.
    if play.then == Then::Close {
        return None;
    }
    let text = head.to_string();
    let mut lines = text.strip_suffix("\r\n\r\n")?.split("\r\n");
    let status: u16 = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let length = format!("{}: {}", names::CONTENT_LENGTH, play.body.length());
    let begins = format!("HTTP/1.1 {status} {}\r\n{length}\r\n", reason(status));
    if !text.starts_with(&begins) || lines.next() != Some(length.as_str()) {
        return None;
    }
    let mut headers = Vec::new();
    for written in lines {
        let (name, value) = written.split_once(": ")?;
        headers.push(line(name, &[value.to_owned()]));
    }
    let mut options = Vec::new();
    if status != 200 {
        options.push(format!("status: {status}"));
    }
    if !headers.is_empty() {
        options.push(format!("headers: {{ {} }}", headers.join(", ")));
    }
    Some(options)
}

fn body(body: &Payload, seed: u64) -> Option<String> {
    match body {
        Payload::Empty => Some("{ size: 0 }".to_owned()),
        Payload::Pattern { seed: own, offset: 0, length } if *own == seed => {
            Some(format!("{{ size: {length} }}"))
        }
        _ => None,
    }
}

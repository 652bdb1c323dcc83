//! Calls of the server application, line by line.

use std::time::Duration;

use bits_wire::{
    Payload,
    http1::{Framing, HeadState, RequestHead, read_response_head},
};

use super::{
    escape::{bytes, unescape},
    read::{body, fate, payload},
    short,
};
use crate::transcript::{Body, Fate, Notification, Played};

/// A call of which not all lines have been read.
pub(super) struct CallDraft {
    call: Notification,
    request: Vec<u8>,
    response: Vec<u8>,
    /// Whether it began in the exact form, in which any line can stand in a head.
    exact: bool,
}

const MARKS: [&str; 9] = ["@@", ">>", "<<", "~~", "||", "%%", "%=", "==", "!!"];

impl CallDraft {
    pub(super) fn new(number: usize, during: usize) -> Self {
        Self {
            call: Notification {
                number,
                during,
                started: Duration::ZERO,
                took: Duration::ZERO,
                head: RequestHead::default(),
                body: Body::of(Framing::Length(0), b""),
                stopped: false,
                entity: None,
                played: Played::default(),
                fate: Fate::Open,
            },
            request: Vec::new(),
            response: Vec::new(),
            exact: false,
        }
    }

    /// The mark and the rest of a line of this lane.
    pub(super) fn line(line: &str) -> Option<(&'static str, &str)> {
        let mark = MARKS.into_iter().find(|mark| line.starts_with(mark))?;
        let rest = &line[mark.len()..];
        Some((mark, rest.strip_prefix(' ').unwrap_or(rest)))
    }

    pub(super) fn is_answered(&self) -> bool {
        self.call.played.head.is_some()
            || !self.response.is_empty()
            || !self.call.played.odd.is_empty()
    }

    pub(super) fn take(&mut self, mark: &str, rest: &str) -> Result<(), String> {
        match mark {
            "@@" => self.begin(rest)?,
            ">>" if !self.exact && self.request.is_empty() && !rest.contains(" HTTP/") => {
                self.call.head = short::call(rest)?;
            }
            ">>" => self.request.extend(bytes(rest).ok_or("malformed escape")?),
            "~~" => self.call.body = body(rest)?.0,
            "||" => self.call.body.start = unescape(rest).ok_or("malformed escape")?,
            "%%" => self.call.entity = Some(body(rest)?.0),
            "%=" => self.call.played.file = Some(payload(rest)?),
            "==" => self.answer_body(rest)?,
            "!!" => self.call.fate = fate(rest)?,
            _ => self.answer(rest)?,
        }
        Ok(())
    }

    fn begin(&mut self, rest: &str) -> Result<(), String> {
        self.exact = true;
        let mut words = rest.split(' ');
        let number = words.next().and_then(|word| word.parse().ok());
        self.call.number = number.ok_or("expected the call's number after `@@`")?;
        for word in words {
            if word == "stopped" {
                self.call.stopped = true;
                continue;
            }
            let (key, value) =
                word.split_once('=').ok_or_else(|| format!("expected key=value, got `{word}`"))?;
            let value: u64 = value.parse().map_err(|_| format!("expected a number in `{word}`"))?;
            match key {
                "during" => {
                    self.call.during =
                        usize::try_from(value).map_err(|_| format!("`{word}` is too large"))?;
                }
                "started" => self.call.started = Duration::from_micros(value),
                "took" => self.call.took = Duration::from_micros(value),
                _ => return Err(format!("`{key}` is not one of during, started, took")),
            }
        }
        Ok(())
    }

    fn answer(&mut self, rest: &str) -> Result<(), String> {
        if let Some(odd) = rest.strip_prefix("!odd ") {
            self.call.played.odd = unescape(odd).ok_or("malformed escape")?;
        } else if self.response.is_empty() && !rest.starts_with("HTTP/") {
            self.call.played.head = Some(short::answer(rest)?.head);
        } else {
            self.response.extend(bytes(rest).ok_or("malformed escape")?);
        }
        Ok(())
    }

    fn answer_body(&mut self, rest: &str) -> Result<(), String> {
        let (words, sent) =
            rest.split_once(" sent=").map_or((rest, None), |(words, sent)| (words, Some(sent)));
        let body = payload(words)?;
        self.call.played.sent = match sent {
            None => body.length(),
            Some(sent) => sent.parse().map_err(|_| "expected a number after sent=")?,
        };
        self.call.played.body = body;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Notification {
        if !self.request.is_empty() {
            self.call.head = RequestHead::read(&self.request);
        }
        if let HeadState::Complete(head, _) = read_response_head(&self.response) {
            self.call.played.head = Some(*head);
        } else if !self.response.is_empty() {
            self.call.played.head = None;
            self.call.played.odd = self.response;
        }
        // An answer is one of the two.
        if self.call.played.head.is_some() {
            self.call.played.odd.clear();
        }
        if self.call.played.body == Payload::Empty {
            self.call.played.sent = 0;
        }
        self.call
    }
}

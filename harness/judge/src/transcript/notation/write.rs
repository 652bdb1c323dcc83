//! Transcripts as text.

use std::{fmt, time::Duration};

use bits_wire::{Payload, http1::Framing, text};

use super::{
    escape::{escape, lines},
    sending,
};
use crate::transcript::{
    Answer, Body, Directory, Exchange, Fate, Notification, Order, Outage, Received, Silence,
    Transcript,
};

impl fmt::Display for Transcript {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "# bitscheck transcript 1")?;
        writeln!(out, "# scenario {}", self.facts.scenario)?;
        writeln!(out, "# base {}", self.facts.base)?;
        writeln!(out, "# role {}", self.facts.role)?;
        if self.facts.application {
            writeln!(out, "# application played")?;
        }
        self.write_directory(out)?;
        if let Some(reason) = &self.unfinished {
            writeln!(out, "# unfinished {}", one_line(reason))?;
        }
        let mut last = 0;
        let mut outages = self.outages.iter().peekable();
        for (at, exchange) in self.exchanges.iter().enumerate() {
            self.deletions_after(at, out)?;
            let before = |outage: &&Outage| outage.order.began < exchange.order.began;
            while let Some(outage) = outages.next_if(before) {
                write_outage(*outage, &mut last, out)?;
            }
            write_exchange(exchange, last, out)?;
            last = last.max(exchange.order.ended);
        }
        self.deletions_after(self.exchanges.len(), out)?;
        outages.try_for_each(|outage| write_outage(*outage, &mut last, out))?;
        self.notifications.iter().try_for_each(|call| write_notification(call, out))?;
        for skipped in &self.skipped {
            let reason = one_line(&skipped.reason);
            writeln!(out, "- line={} step={} {reason}", skipped.line, skipped.step)?;
        }
        Ok(())
    }
}

impl Transcript {
    fn write_directory(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Directory {
            maximum_upload_size,
            session_timeout,
            host_id,
            host_id_fallback_timeout,
            notification_timeout,
        } = &self.facts.directory;
        let micros = |time: &Option<Duration>| time.map(|time| time.as_micros().to_string());
        let facts = [
            ("maximum-upload-size", maximum_upload_size.map(|bytes| bytes.to_string())),
            ("session-timeout", micros(session_timeout)),
            ("host-id", host_id.clone()),
            ("host-id-fallback-timeout", host_id_fallback_timeout.map(|time| time.to_string())),
            ("notification-timeout", micros(notification_timeout)),
        ];
        let mut known = facts.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        known.try_for_each(|(name, value)| match value.as_str() {
            "" => writeln!(out, "# {name}"),
            value => writeln!(out, "# {name} {value}"),
        })
    }

    fn deletions_after(&self, at: usize, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let here = self.deletions.iter().filter(|deletion| deletion.after == at);
        here.into_iter().try_for_each(|deletion| writeln!(out, "x {}", deletion.session))
    }
}

/// A text that ends where its line does.
fn one_line(text: &str) -> String {
    text.replace('\n', " ").trim_end_matches('\r').to_owned()
}

fn write_outage(outage: Outage, last: &mut u64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(out, "\n^ {}", outage.kind.as_str())?;
    write_order(outage.order, *last, out)?;
    *last = outage.order.ended.max(*last);
    writeln!(out)
}

/// Nothing, for what begins and ends right after the others.
fn write_order(order: Order, last: u64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    if order == Order::after(last) {
        return Ok(());
    }
    write!(out, " began={} ended={}", order.began, order.ended)
}

/// `last` is the latest end of those before: what begins and ends right after it does not say so.
fn write_exchange(exchange: &Exchange, last: u64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let order = exchange.order;
    write!(out, "\n@ {} line={} step={}", exchange.number, exchange.line, exchange.step)?;
    if exchange.lane > 0 {
        write!(out, " lane={}", exchange.lane)?;
    }
    write_order(order, last, out)?;
    writeln!(
        out,
        " connection={} started={} took={}",
        exchange.connection,
        exchange.started.as_micros(),
        exchange.took.as_micros(),
    )?;
    write_head(">", &exchange.request.head.raw, out)?;
    if exchange.request.body != Payload::Empty {
        writeln!(out, "= {} sent={}", payload(&exchange.request.body), exchange.request.sent)?;
    }
    sending::write(exchange.request.sending, out)?;
    match &exchange.received {
        Received::Answer(answer) => write_answer(answer, out)?,
        Received::Nothing(silence) => writeln!(out, "< {}", silence_word(silence))?,
    }
    writeln!(out, "! {}", fate_word(exchange.fate))
}

fn write_notification(call: &Notification, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        out,
        "\n@@ {} during={} started={} took={}{}",
        call.number,
        call.during,
        call.started.as_micros(),
        call.took.as_micros(),
        if call.stopped { " stopped" } else { "" },
    )?;
    write_head(">>", &call.head.raw, out)?;
    writeln!(out, "~~ {}", body_words(&call.body))?;
    if !call.body.start.is_empty() {
        writeln!(out, "|| {}", escape(&call.body.start))?;
    }
    if let Some(entity) = &call.entity {
        writeln!(out, "%% {}", body_words(entity))?;
    }
    let played = &call.played;
    if let Some(file) = &played.file {
        writeln!(out, "%= {}", payload(file))?;
    }
    if let Some(head) = &played.head {
        write_head("<<", &head.raw, out)?;
    } else if !played.odd.is_empty() {
        writeln!(out, "<< !odd {}", escape(&played.odd))?;
    }
    if played.body != Payload::Empty {
        writeln!(out, "== {} sent={}", payload(&played.body), played.sent)?;
    }
    writeln!(out, "!! {}", fate_word(call.fate))
}

fn write_head(mark: &str, raw: &[u8], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    lines(raw).iter().try_for_each(|line| match line.strip_prefix('!') {
        None if line.is_empty() => writeln!(out, "{mark}"),
        None => writeln!(out, "{mark} {line}"),
        // Else it would be read as the word for a silence.
        Some(rest) => writeln!(out, "{mark} \\x21{rest}"),
    })
}

fn write_answer(answer: &Answer, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    answer.interim.iter().try_for_each(|head| write_head("<", &head.raw, out))?;
    write_head("<", &answer.head.raw, out)?;
    let body = &answer.body;
    write!(out, "~ {}", body_words(body))?;
    if !answer.exact {
        write!(out, " inexact")?;
    }
    writeln!(out)?;
    if !body.start.is_empty() {
        writeln!(out, "| {}", escape(&body.start))?;
    }
    if !answer.surplus.is_empty() {
        writeln!(out, "+ {}", escape(&answer.surplus))?;
    }
    Ok(())
}

fn body_words(body: &Body) -> String {
    let framing = framing_word(&body.framing);
    let end = if body.complete { "" } else { " incomplete" };
    format!("length={} digest={} framing={framing}{end}", body.length, body.digest)
}

fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Empty => "empty".into(),
        Payload::Bytes(bytes) => format!("bytes {}", escape(bytes).replace(' ', "\\x20")),
        Payload::Pattern { seed, offset, length } => format!("pattern {seed:x} {offset} {length}"),
        Payload::File { file, offset, length } => {
            let path = text::from_bytes(file.path.to_string_lossy().as_bytes());
            let path = escape(&text::to_bytes(&path)).replace(' ', "\\x20");
            format!("file {path} {} {} {offset} {length}", file.size, file.digest)
        }
    }
}

fn framing_word(framing: &Framing) -> String {
    match framing {
        Framing::Nothing => "nothing".into(),
        Framing::Length(length) => format!("length:{length}"),
        Framing::Chunked => "chunked".into(),
        Framing::UntilClose => "close".into(),
        Framing::Unclear(what) => {
            format!("unclear:{}", escape(&text::to_bytes(what)).replace(' ', "\\x20"))
        }
    }
}

fn silence_word(silence: &Silence) -> String {
    match silence {
        Silence::TimedOut => "!timed-out".into(),
        Silence::Closed => "!closed".into(),
        Silence::Reset => "!reset".into(),
        Silence::Garbage(bytes) => format!("!garbage {}", escape(bytes)),
        Silence::EndlessHead(bytes) => format!("!endless-head {bytes}"),
    }
}

fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Open => "open",
        Fate::Closed => "closed",
        Fate::Reset => "reset",
        Fate::Dropped => "dropped",
        Fate::Hidden => "hidden",
    }
}

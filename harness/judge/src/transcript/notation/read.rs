//! Text as transcripts.

use std::{collections::BTreeMap, str::FromStr, sync::Arc, time::Duration};

use bits_wire::{
    Payload,
    http1::{Framing, HeadState, RequestHead, ResponseHead, read_response_head},
    payload::{Digest, LocalFile},
    text,
};

use super::{
    call::CallDraft,
    escape::{bytes, unescape},
    sending, short,
};
use crate::transcript::{
    Answer, Body, Deletion, Exchange, Fate, Order, Outage, OutageKind, Received, Request, Sending,
    Silence, Skipped, Transcript,
};

/// Why text is no transcript.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ReadError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl FromStr for Transcript {
    type Err = ReadError;

    fn from_str(text: &str) -> Result<Self, ReadError> {
        let mut reader = Reader::default();
        for (at, line) in text.lines().enumerate() {
            reader.line = at + 1;
            reader
                .take(line.trim_start().trim_end_matches('\r'))
                .map_err(|problem| ReadError { line: at + 1, problem })?;
        }
        reader.finish_all().map_err(|problem| ReadError { line: reader.line, problem })?;
        reader.finish_call();
        reader.done.sort_by_key(|exchange| exchange.number);
        Ok(Self { exchanges: reader.done, ..reader.transcript })
    }
}

/// A problem of the line being read.
type Taken = Result<(), String>;

#[derive(Default)]
struct Reader {
    transcript: Transcript,
    line: usize,
    /// What has been read to its end, in the order of the ends.
    done: Vec<Exchange>,
    /// What is being read of each lane.
    drafts: BTreeMap<u32, Draft>,
    /// The lane of the latest line.
    lane: u32,
    /// How many exchanges have begun.
    begun: usize,
    /// The latest point of the order.
    point: u64,
    call: Option<CallDraft>,
}

/// An exchange of which not all lines have been read.
#[derive(Default)]
struct Draft {
    number: usize,
    order: Order,
    meta: Option<Exchange>,
    request: Vec<u8>,
    short_request: Option<Request>,
    body: Payload,
    sent: Option<u64>,
    sending: Sending,
    response: Vec<u8>,
    short_answer: Option<Answer>,
    silence: Option<Silence>,
    answer_body: Option<(Body, bool)>,
    surplus: Vec<u8>,
    fate: Fate,
}

impl Reader {
    fn take(&mut self, line: &str) -> Taken {
        if let Some((mark, rest)) = CallDraft::line(line) {
            return self.call_line(mark, rest);
        }
        let (mark, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        if let (">" | "<", Some((lane, rest))) = (mark, numbered(rest)) {
            return self.line_of_lane(lane, mark, rest);
        }
        if matches!(mark, "@" | ">" | "<") {
            self.lane = 0;
        }
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "" => Ok(()),
            "#" => self.fact(rest),
            "@" => self.begin(rest),
            ">" => self.request(rest),
            "=" => self.payload(rest),
            "*" => {
                self.draft()?.sending = sending::read(rest)?;
                Ok(())
            }
            "<" => self.response(rest),
            "~" => self.body(rest),
            "|" => {
                let start = unescape(rest).ok_or("malformed escape")?;
                self.draft()?.answer_body.as_mut().ok_or("`|` without `~` before it")?.0.start =
                    start;
                Ok(())
            }
            "+" => {
                self.draft()?.surplus = unescape(rest).ok_or("malformed escape")?;
                Ok(())
            }
            "!" => {
                self.draft()?.fate = fate(rest)?;
                Ok(())
            }
            "x" => {
                self.finish_all()?;
                let after = self.begun;
                self.transcript.deletions.push(Deletion { after, session: rest.to_owned() });
                Ok(())
            }
            "^" => self.outage(rest),
            "-" => self.skipped(rest),
            _ => Err("expected one of # @ > = * < ~ | + ! x ^ - in front".into()),
        }
    }

    fn fact(&mut self, rest: &str) -> Taken {
        let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
        let facts = &mut self.transcript.facts;
        match name {
            "scenario" => facts.scenario = value.to_owned(),
            "base" => facts.base = value.to_owned(),
            "role" => facts.role = value.to_owned(),
            "maximum-upload-size" => facts.directory.maximum_upload_size = Some(number(value)?),
            "session-timeout" => {
                facts.directory.session_timeout = Some(Duration::from_micros(number(value)?));
            }
            "host-id" => facts.directory.host_id = Some(value.to_owned()),
            "host-id-fallback-timeout" => {
                facts.directory.host_id_fallback_timeout = Some(number(value)?);
            }
            "notification-timeout" => {
                facts.directory.notification_timeout = Some(Duration::from_micros(number(value)?));
            }
            "application" => facts.application = value == "played",
            "unfinished" => self.transcript.unfinished = Some(value.to_owned()),
            "bitscheck" if value != "transcript 1" => {
                return Err(format!("this program reads `bitscheck transcript 1`, not `{rest}`"));
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, rest: &str) -> Taken {
        self.finish_all()?;
        let mut words = rest.split(' ');
        let number = words
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or("expected the exchange's number after `@`")?;
        let mut meta = blank(number);
        meta.order = Order::after(self.point);
        for word in words {
            let (key, value) =
                word.split_once('=').ok_or_else(|| format!("expected key=value, got `{word}`"))?;
            let value: u64 = value.parse().map_err(|_| format!("expected a number in `{word}`"))?;
            let small = || u32::try_from(value).map_err(|_| format!("`{word}` is too large"));
            match key {
                "line" => meta.line = small()?,
                "step" => meta.step = small()? as usize,
                "lane" => meta.lane = small()?,
                "began" => meta.order.began = value,
                "ended" => meta.order.ended = value,
                "connection" => meta.connection = small()?,
                "started" => meta.started = Duration::from_micros(value),
                "took" => meta.took = Duration::from_micros(value),
                _ => {
                    return Err(format!(
                        "`{key}` is not one of line, step, lane, began, ended, connection, started, took"
                    ));
                }
            }
        }
        if meta.order.ended <= meta.order.began {
            return Err("an exchange ends after it began".into());
        }
        let order = meta.order;
        self.point = self.point.max(order.ended);
        self.open(Draft { order, meta: Some(meta), ..Draft::default() });
        Ok(())
    }

    /// A draft of the present lane, the next in number.
    fn open(&mut self, draft: Draft) {
        self.begun += 1;
        self.drafts.insert(self.lane, Draft { number: self.begun, ..draft });
    }

    fn draft(&mut self) -> Result<&mut Draft, String> {
        self.drafts.get_mut(&self.lane).ok_or_else(|| "no request before this line".into())
    }

    /// A line of the short form with the number of a lane at its mark.
    fn line_of_lane(&mut self, lane: u32, mark: &str, rest: &str) -> Taken {
        self.lane = lane;
        if mark == ">" {
            self.finish_exchange()?;
            self.point += 1;
            let order = Order { began: self.point, ended: 0 };
            let short_request = Some(short::request(rest)?);
            self.open(Draft { order, short_request, ..Draft::default() });
            return Ok(());
        }
        self.point += 1;
        let point = self.point;
        self.draft()?.order.ended = point;
        self.response(rest)
    }

    fn request(&mut self, rest: &str) -> Taken {
        let opens = self
            .drafts
            .get(&self.lane)
            .is_none_or(|draft| draft.is_answered() || draft.short_request.is_some());
        if opens {
            self.finish_exchange()?;
            let order = Order::after(self.point);
            self.point = order.ended;
            self.open(Draft { order, ..Draft::default() });
        }
        let draft = self.draft()?;
        let is_short = draft.request.is_empty() && draft.meta.is_none() && !rest.contains(" HTTP/");
        if is_short {
            draft.short_request = Some(short::request(rest)?);
        } else {
            draft.request.extend(bytes(rest).ok_or("malformed escape")?);
        }
        Ok(())
    }

    fn payload(&mut self, rest: &str) -> Taken {
        let (words, sent) =
            rest.split_once(" sent=").map_or((rest, None), |(words, sent)| (words, Some(sent)));
        let payload = payload(words)?;
        let draft = self.draft()?;
        draft.sent = sent
            .map(|sent| sent.parse().map_err(|_| "expected a number after sent="))
            .transpose()?
            .filter(|_| payload != Payload::Empty);
        draft.body = payload;
        Ok(())
    }

    fn response(&mut self, rest: &str) -> Taken {
        let draft = self.draft()?;
        if let Some(word) = rest.strip_prefix('!') {
            draft.silence = Some(silence(word)?);
        } else if draft.response.is_empty() && !rest.starts_with("HTTP/") {
            draft.short_answer = Some(short::answer(rest)?);
        } else {
            draft.response.extend(bytes(rest).ok_or("malformed escape")?);
        }
        Ok(())
    }

    fn body(&mut self, rest: &str) -> Taken {
        self.draft()?.answer_body = Some(body(rest)?);
        Ok(())
    }

    /// A line of the other lane.
    fn call_line(&mut self, mark: &str, rest: &str) -> Taken {
        if mark == "@@" || (mark == ">>" && self.call.as_ref().is_none_or(CallDraft::is_answered)) {
            let draft = self.drafts.get(&self.lane).filter(|draft| !draft.is_answered());
            let during = draft.map_or(0, |draft| draft.number);
            self.finish_call();
            if mark == "@@" {
                self.finish_all()?;
            }
            self.call = Some(CallDraft::new(self.transcript.notifications.len() + 1, during));
        }
        let call = self.call.as_mut().ok_or("no call before this line")?;
        call.take(mark, rest)
    }

    fn finish_call(&mut self) {
        let done = self.call.take().map(CallDraft::finish);
        self.transcript.notifications.extend(done);
    }

    fn skipped(&mut self, rest: &str) -> Taken {
        self.finish_all()?;
        let mut words = rest.splitn(3, ' ');
        let mut number = |key: &str| {
            let word = words.next().unwrap_or_default();
            word.strip_prefix(key)
                .and_then(|value| value.parse::<u32>().ok())
                .ok_or_else(|| format!("expected {key} and a number"))
        };
        let (line, step) = (number("line=")?, number("step=")? as usize);
        let reason = words.next().unwrap_or_default().to_owned();
        self.transcript.skipped.push(Skipped { line, step, reason });
        Ok(())
    }

    fn outage(&mut self, rest: &str) -> Taken {
        self.finish_all()?;
        let (word, points) = rest.split_once(' ').unwrap_or((rest, ""));
        let kind = OutageKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        let kind =
            kind.ok_or_else(|| format!("`{word}` is not one of restarted, stopped, started"))?;
        let mut order = Order::after(self.point);
        for word in points.split_whitespace() {
            match word.split_once('=') {
                Some(("began", value)) => order.began = number(value)?,
                Some(("ended", value)) => order.ended = number(value)?,
                _ => return Err(format!("`{word}` is not one of began=, ended=")),
            }
        }
        if order.ended <= order.began {
            return Err("what is done to a server ends after it began".into());
        }
        self.point = self.point.max(order.ended);
        self.transcript.outages.push(Outage { kind, order });
        Ok(())
    }

    fn finish_all(&mut self) -> Taken {
        let present = self.lane;
        for lane in self.drafts.keys().copied().collect::<Vec<_>>() {
            self.lane = lane;
            self.finish_exchange()?;
        }
        self.lane = present;
        Ok(())
    }

    /// Ends what is being read of the present lane.
    fn finish_exchange(&mut self) -> Taken {
        let Some(draft) = self.drafts.remove(&self.lane) else { return Ok(()) };
        let lane = self.lane;
        let mut exchange =
            draft.meta.clone().unwrap_or_else(|| Exchange { lane, ..blank(draft.number) });
        exchange.number = draft.number;
        exchange.order = draft.order;
        exchange.request = draft.finish_request();
        exchange.fate = draft.fate;
        exchange.received = draft.finish_answer()?;
        self.done.push(exchange);
        Ok(())
    }
}

impl Draft {
    fn is_answered(&self) -> bool {
        self.silence.is_some() || !self.response.is_empty() || self.short_answer.is_some()
    }

    fn finish_request(&self) -> Request {
        if let Some(request) = &self.short_request {
            let mut request = request.clone();
            request.sending = self.sending;
            if self.body != Payload::Empty {
                request.sent = self.sent.unwrap_or_else(|| self.body.length());
                request.body = self.body.clone();
            }
            return request;
        }
        let sent = self.sent.unwrap_or_else(|| self.body.length());
        let (head, body) = (RequestHead::read(&self.request), self.body.clone());
        Request { head, body, sent, sending: self.sending }
    }

    fn finish_answer(self) -> Result<Received, String> {
        if let Some(silence) = self.silence {
            return Ok(Received::Nothing(silence));
        }
        if let Some(mut answer) = self.short_answer {
            answer.surplus = self.surplus;
            if let Some((body, exact)) = self.answer_body {
                answer.body = body;
                answer.exact = exact;
            }
            return Ok(Received::Answer(Box::new(answer)));
        }
        let mut heads = heads(&self.response)?;
        let head = heads.pop().ok_or("a request without an answer")?;
        let (body, exact) =
            self.answer_body.unwrap_or_else(|| (Body::of(Framing::Nothing, b""), true));
        Ok(Received::Answer(Box::new(Answer {
            head,
            exact,
            interim: heads,
            body,
            surplus: self.surplus,
        })))
    }
}

/// The words about a body: what came, and whether a transport that hides nothing saw it.
pub(super) fn body(rest: &str) -> Result<(Body, bool), String> {
    let mut body = Body::of(Framing::Nothing, b"");
    let mut exact = true;
    for word in rest.split(' ') {
        match word.split_once('=') {
            Some(("length", value)) => {
                body.length = value.parse().map_err(|_| "expected a number after length=")?
            }
            Some(("digest", value)) => {
                body.digest = Digest::read(value).ok_or("expected 64 hexadecimal digits")?
            }
            Some(("framing", value)) => body.framing = framing(value)?,
            None if word == "incomplete" => body.complete = false,
            None if word == "inexact" => exact = false,
            _ => {
                return Err(format!(
                    "`{word}` is not one of length=, digest=, framing=, incomplete, inexact"
                ));
            }
        }
    }
    Ok((body, exact))
}

/// The heads that stand one after the other in `raw`.
fn heads(raw: &[u8]) -> Result<Vec<ResponseHead>, String> {
    let mut heads = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        match read_response_head(&raw[at..]) {
            HeadState::Complete(head, length) => {
                heads.push(*head);
                at += length;
            }
            HeadState::Incomplete => return Err("the head of a response has no end".into()),
            HeadState::NotHttp => return Err("the head of a response is no HTTP".into()),
        }
    }
    Ok(heads)
}

/// The number of a lane right after a mark, and what follows it.
fn numbered(rest: &str) -> Option<(u32, &str)> {
    let (lane, rest) = rest.split_once(' ')?;
    Some((lane.parse().ok().filter(|lane| *lane > 0)?, rest))
}

fn blank(number: usize) -> Exchange {
    Exchange {
        number,
        line: 0,
        step: number.saturating_sub(1),
        lane: 0,
        order: Order::default(),
        connection: 1,
        started: Duration::ZERO,
        took: Duration::ZERO,
        request: Request::default(),
        received: Received::Nothing(Silence::Closed),
        fate: Fate::Open,
    }
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("expected a number, got `{word}`"))
}

pub(super) fn payload(words: &str) -> Result<Payload, String> {
    let words: Vec<&str> = words.split(' ').collect();
    let slice = |offset: &str, length: &str| {
        let (offset, length) = (number(offset)?, number(length)?);
        let end = offset.checked_add(length);
        end.map(|_| (offset, length))
            .ok_or("the body ends beyond every offset")
            .map_err(str::to_owned)
    };
    Ok(match words.as_slice() {
        ["empty"] => Payload::Empty,
        ["bytes", bytes] => Payload::Bytes(unescape(bytes).ok_or("malformed escape")?),
        ["pattern", seed, offset, length] => {
            let seed = u64::from_str_radix(seed, 16)
                .map_err(|_| format!("expected hexadecimal digits, got `{seed}`"))?;
            let (offset, length) = slice(offset, length)?;
            Payload::Pattern { seed, offset, length }
        }
        ["file", path, size, digest, offset, length] => {
            let path = unescape(path).ok_or("malformed escape")?;
            let digest = Digest::read(digest).ok_or("expected 64 hexadecimal digits")?;
            let file = LocalFile {
                path: String::from_utf8_lossy(&path).into_owned().into(),
                size: number(size)?,
                digest,
            };
            let (offset, length) = slice(offset, length)?;
            Payload::File { file: Arc::new(file), offset, length }
        }
        _ => return Err(
            "expected `empty`, `bytes TEXT`, `pattern SEED OFFSET LENGTH` or `file ...` after `=`"
                .into(),
        ),
    })
}

fn framing(word: &str) -> Result<Framing, String> {
    Ok(match word.split_once(':') {
        None if word == "nothing" => Framing::Nothing,
        None if word == "chunked" => Framing::Chunked,
        None if word == "close" => Framing::UntilClose,
        Some(("length", value)) => {
            Framing::Length(value.parse().map_err(|_| "expected a number after length:")?)
        }
        Some(("unclear", what)) => {
            Framing::Unclear(text::from_bytes(&unescape(what).ok_or("malformed escape")?))
        }
        _ => return Err(format!("`{word}` is no framing")),
    })
}

fn silence(word: &str) -> Result<Silence, String> {
    let (name, rest) = word.split_once(' ').unwrap_or((word, ""));
    Ok(match name {
        "timed-out" => Silence::TimedOut,
        "closed" => Silence::Closed,
        "reset" => Silence::Reset,
        "garbage" => Silence::Garbage(unescape(rest).ok_or("malformed escape")?),
        "endless-head" => {
            Silence::EndlessHead(rest.parse().map_err(|_| "expected a number after !endless-head")?)
        }
        _ => {
            return Err(format!(
                "`!{name}` is not one of !timed-out, !closed, !reset, !garbage, !endless-head"
            ));
        }
    })
}

pub(super) fn fate(word: &str) -> Result<Fate, String> {
    Ok(match word {
        "open" => Fate::Open,
        "closed" => Fate::Closed,
        "reset" => Fate::Reset,
        "dropped" => Fate::Dropped,
        "hidden" => Fate::Hidden,
        _ => return Err(format!("`{word}` is not one of open, closed, reset, dropped, hidden")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "\
# bitscheck transcript 1
# scenario fragment/gap
# base /upload/
# role plain
# application played
# maximum-upload-size 100
# session-timeout 1000000
# host-id other
# host-id-fallback-timeout 110

@ 1 line=7 step=0 connection=1 started=1200 took=310
> BITS_POST /upload/x HTTP/1.1
> BITS-Packet-Type: Fragment
>
= pattern 5eed 0 10 sent=4
< HTTP/1.1 100 Continue
<
< HTTP/1.1 200 OK\\n
< A: b
<
~ length=2 digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 framing=unclear:x\\x20y incomplete inexact
| ab
+ more\\x00
! closed
x {1}

@ 2 line=9 step=1 connection=2 started=1300 took=0
> \\x00garbage\\z
< !garbage SSH-2.0
! reset

@@ 1 during=2 started=1400 took=77 stopped
>> POST /app HTTP/1.1
>> BITS-Original-Request-URL: http://h/upload/x
>>
~~ length=2 digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 framing=length:2
|| ab
%% length=2 digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 framing=close incomplete
%= pattern 5eed 0 10
<< HTTP/1.1 200 OK
<<
== pattern 5eed 0 10 sent=4
!! dropped

@@ 2 during=0 started=1500 took=0
>> POST / HTTP/1.1
>>
~~ length=0 digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 framing=nothing
<< !odd HTTP/1.1 2
!! closed
- line=11 step=2 no answer gave ${session} a value
";

    #[test]
    fn what_is_written_is_read_again() {
        let transcript: Transcript = SAMPLE.parse().unwrap();
        assert_eq!(transcript.to_string(), SAMPLE);
        assert_eq!(transcript.deletions, [Deletion { after: 1, session: "{1}".into() }]);
        assert_eq!(transcript.exchanges[0].answer().unwrap().interim.len(), 1);
    }

    #[test]
    fn a_line_that_looks_like_a_mark_or_like_the_short_form_is_read_as_it_was() {
        let text = SAMPLE
            .replace("< A: b\n", "< \\x21closed: b\n")
            .replace(">> POST /app HTTP/1.1\n", ">> garbage\n");
        let transcript: Transcript = text.parse().unwrap();
        assert_eq!(
            transcript.exchanges[0].answer().unwrap().head.headers.first("!closed"),
            Some("b")
        );
        assert_eq!(transcript.notifications[0].head.method, "garbage");
        assert_eq!(transcript.to_string(), text);
    }

    #[test]
    fn that_there_is_no_host_id_is_something_known() {
        let text = SAMPLE.replace("# host-id other\n", "# host-id\n");
        let transcript: Transcript = text.parse().unwrap();
        assert_eq!(transcript.facts.directory.host_id.as_deref(), Some(""));
        assert_eq!(transcript.to_string(), text);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, line, problem) in [
            ("# bitscheck transcript 9", 1, "transcript 9"),
            ("hello", 1, "expected one of"),
            ("\n< 200", 2, "no request before"),
            ("> Ping\n", 1, "without an answer"),
            ("> Ping\n= pattern x", 2, "after `=`"),
            ("> Ping\n= pattern 1 18446744073709551610 10", 2, "beyond every offset"),
            ("> Ping\n< !tired", 2, "!tired"),
        ] {
            let error = text.parse::<Transcript>().unwrap_err();
            assert_eq!(error.line, line, "{text}");
            assert!(error.problem.contains(problem), "{error}");
        }
    }
}

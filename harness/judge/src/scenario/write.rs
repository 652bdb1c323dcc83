//! A plan is written as a scenario file, in the short words where these say the same.

use std::{collections::BTreeMap, fmt::Write as _};

use bits_wire::{BITS_POST, ContentRange, PacketType, Payload, names};

use super::{delivery, plays};
use crate::plan::{
    Action, Awaits, Credentials, Delivery, DirectoryRole, Head, Plan, Send, Step, Template, Usual,
    Wait, capture, seed_of, variables,
};

/// A scenario file that carries this plan out, with these lines as a comment in front. `None` for a plan that does more
/// than a random session: requests that are no words, expectations, power switched off.
#[must_use]
pub fn write(plan: &Plan, remarks: &[String], clauses: &[&str]) -> Option<String> {
    let mut text = String::new();
    for remark in remarks {
        _ = writeln!(text, "# {remark}");
    }
    _ = writeln!(text, "title: {}", quoted(&plan.title));
    if !clauses.is_empty() {
        _ = writeln!(text, "clauses: [{}]", clauses.join(", "));
    }
    if plan.role != DirectoryRole::Plain {
        _ = writeln!(text, "role: {}", plan.role.as_str());
    }
    if !plan.needs.is_empty() {
        let needs: Vec<&str> = plan.needs.iter().map(|need| need.as_str()).collect();
        _ = writeln!(text, "needs: [{}]", needs.join(", "));
    }
    let writer = Writer { name: &plan.name, size: usual_size(plan) };
    if let Some(size) = writer.size {
        _ = writeln!(text, "file: {{ size: {size} }}");
    }
    text.push_str("steps:\n");
    let mut at = 0;
    while let Some(step) = plan.steps.get(at) {
        if step.lane > 0 {
            let block = plan.steps[at..].iter().take_while(|step| step.lane > 0).count();
            text.push_str(&writer.lanes(&plan.steps[at..at + block])?);
            // The meeting behind a block is part of it.
            at += block + 1;
            continue;
        }
        let goes_on = plan.steps.get(at + 1).is_some_and(is_pipelined);
        if goes_on && !is_pipelined(step) {
            text.push_str("  - pipeline:\n");
        }
        let indent = if goes_on || is_pipelined(step) { "      " } else { "  " };
        _ = writeln!(text, "{indent}- {}", writer.step(step)?);
        at += 1;
    }
    Some(text)
}

fn is_pipelined(step: &Step) -> bool {
    matches!(&step.action, Action::Send(send) if send.delivery.pipelined)
}

/// The total that most fragments claim.
fn usual_size(plan: &Plan) -> Option<u64> {
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    for step in &plan.steps {
        if let Action::Send(send) = &step.action
            && let Some(range) = range_of(send)
            && range.total > 0
        {
            *seen.entry(range.total).or_default() += 1;
        }
    }
    let most = seen.iter().max_by_key(|(total, count)| (**count, std::cmp::Reverse(**total)));
    most.map(|(total, _)| *total).filter(|total| *total <= super::LARGEST_FILE)
}

fn range_of(send: &Send) -> Option<ContentRange> {
    let Head::Made { headers, .. } = &send.head else { return None };
    let (_, value) =
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(names::CONTENT_RANGE))?;
    let value = value.to_string();
    let (span, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = span.split_once('-')?;
    let number = |digits: &str| digits.parse::<u64>().ok().filter(|it| it.to_string() == digits);
    let range = ContentRange { first: number(first)?, last: number(last)?, total: number(total)? };
    // What ends before it begins, or at the last number that there is, cannot be written as a range.
    (range.first <= range.last && range.last < u64::MAX).then_some(range)
}

/// The range that a body would be of, for a request that has none.
fn range_of_body(body: &Payload) -> ContentRange {
    match body {
        Payload::Pattern { offset, length, .. } if *length > 0 => ContentRange {
            first: (*offset).min(u64::MAX - 1),
            last: offset.saturating_add(length - 1).min(u64::MAX - 1),
            total: offset.saturating_add(*length),
        },
        _ => ContentRange { first: 0, last: 0, total: 1 },
    }
}

struct Writer<'a> {
    name: &'a str,
    size: Option<u64>,
}

/// The words of a step and what it would be without options.
struct Short {
    word: &'static str,
    range: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Payload,
    extra: Vec<String>,
}

impl Writer<'_> {
    /// Steps that are taken at once.
    fn lanes(&self, steps: &[Step]) -> Option<String> {
        let mut text = "  - lanes:\n      named:\n".to_owned();
        let mut lane = 0;
        for step in steps {
            if step.lane != lane {
                lane = step.lane;
                _ = writeln!(text, "        lane-{lane}:");
            }
            _ = writeln!(text, "          - {}", self.step(step)?);
        }
        Some(text)
    }

    fn step(&self, step: &Step) -> Option<String> {
        if step.expect.is_some() {
            return None;
        }
        match &step.action {
            Action::Send(send) => self.request(step, send),
            Action::Play(plays) => plays::step(plays, seed_of(self.name, "reply")),
            Action::Wait(Wait::SessionTimeout(hundredths)) => {
                let times = f64::from(*hundredths) / 100.0;
                Some(format!("wait: {{ session-timeouts: {times} }}"))
            }
            Action::Meet => Some("barrier".to_owned()),
            Action::DeleteEntity { session } => {
                let session = session.variables().next()?;
                Some(format!("delete-entity: {{ session: {session} }}"))
            }
            Action::Wait(_) | Action::Switch(_) => None,
        }
    }

    fn request(&self, step: &Step, send: &Send) -> Option<String> {
        let Head::Made { method, target, version, headers } = &send.head else { return None };
        let headers = without_expectation(headers, &send.delivery);
        let reply = reply_to(target);
        let session = reply.clone().unwrap_or_else(|| session_of(step, headers));
        let (to, path) = if reply.is_some() { (None, None) } else { place_of(target, &session) };
        let seed = seed_of(self.name, to.as_deref().unwrap_or(&session));
        let short = self.short(&method.to_string(), headers, send, &session, seed);
        let short = if reply.is_some() { short.map(of_reply) } else { short };
        // What cannot be said as a change of the usual headers is said with none that are usual.
        let short = short.and_then(|it| differences(&it.headers, headers).map(|more| (it, more)));
        let mut options = Vec::new();
        let (word, own_body, overrides) = match short {
            Some((short, overrides)) => {
                options.extend(short.range.map(|range| format!("range: {range}")));
                options.extend(short.extra);
                (short.word, short.body, overrides)
            }
            None => {
                options.push(format!("method: {}", quoted(&method.to_string())));
                let captures = step.captures.iter().filter(|it| it.header == names::SESSION_ID);
                options.extend(
                    captures.map(|it| format!("capture: {{ {}: {} }}", it.variable, it.header)),
                );
                options
                    .extend(reply.iter().map(|_| format!("path: {}", quoted(&target.to_string()))));
                ("send", Payload::Empty, differences(&[], headers)?)
            }
        };
        if send_is_download(&method.to_string()) && !step.captures.is_empty() {
            let captured = step.captures.iter();
            let all: Vec<String> = captured
                .map(|it| format!("{}: {}", it.variable, quoted(&ours(&it.header))))
                .collect();
            options.push(format!("capture: {{ {} }}", all.join(", ")));
        }
        if session != "session" {
            options.push(format!("session: {session}"));
        }
        options.extend(to.filter(|to| *to != session).map(|to| format!("to: {}", quoted(&to))));
        options.extend(path.map(|path| format!("path: {}", quoted(&path))));
        if version != "HTTP/1.1" {
            options.push(format!("version: {}", quoted(&ours(version))));
        }
        if send.body != own_body {
            options.extend(body(&send.body, seed, matches!(word, "fragment" | "send"))?);
        }
        if !overrides.is_empty() {
            options.push(format!("headers: {{ {} }}", overrides.join(", ")));
        }
        options.extend(manner_of(send));
        Some(match options.as_slice() {
            [] => word.to_owned(),
            [only] if only.starts_with("range: ") => {
                format!("{word}: {}", only.trim_start_matches("range: "))
            }
            _ => format!("{word}: {{ {} }}", options.join(", ")),
        })
    }

    /// What the step is without options.
    fn short(
        &self,
        method: &str,
        headers: &[(String, Template)],
        send: &Send,
        session: &str,
        seed: u64,
    ) -> Option<Short> {
        let first = |name: &str| {
            let found = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_string())
        };
        let length = send.body.length();
        let simple = |word, usual: Usual<'_>, range| Short {
            word,
            range,
            headers: usual.headers(length),
            body: Payload::Empty,
            extra: Vec::new(),
        };
        if method != BITS_POST {
            let word = match method {
                "GET" => "get",
                "HEAD" => "head",
                _ => return None,
            };
            let range =
                first("Range").and_then(|range| range.strip_prefix("bytes=").map(str::to_owned));
            return Some(simple(
                word,
                Usual::Download(range.as_deref()),
                range.as_deref().map(quoted),
            ));
        }
        let kind = PacketType::read(&first(names::PACKET_TYPE)?);
        let word = match kind {
            PacketType::CreateSession => "create-session",
            PacketType::Ping => "ping",
            PacketType::CloseSession => "close-session",
            PacketType::CancelSession => "cancel-session",
            PacketType::Fragment => return self.fragment(send, session, seed),
            _ => return None,
        };
        Some(simple(word, Usual::Packet(&kind, session), None))
    }

    fn fragment(&self, send: &Send, session: &str, seed: u64) -> Option<Short> {
        let range = range_of(send).unwrap_or_else(|| range_of_body(&send.body));
        let mut extra = Vec::new();
        match self.size {
            Some(size) if range.total == size && range.last < size => {}
            Some(size) if range.total == size => extra.push("beyond: true".to_owned()),
            _ => extra.push(format!("total: {}", range.total)),
        }
        Some(Short {
            word: "fragment",
            range: Some(format!("{}-{}", range.first, range.last)),
            headers: Usual::Fragment(session, range).headers(send.body.length()),
            body: Payload::Pattern { seed, offset: range.first, length: range.length() },
            extra,
        })
    }
}

/// The session to whose reply this leads, if it leads to one.
fn reply_to(target: &Template) -> Option<String> {
    let text = target.to_string();
    let variable = text.strip_prefix("${")?.strip_suffix("}")?;
    variable.strip_suffix("-reply").map(str::to_owned)
}

/// The same for the reply to an upload.
fn of_reply(short: Short) -> Short {
    let word = if short.word == "head" { "head-reply" } else { "get-reply" };
    Short { word, ..short }
}

/// How a request goes out, and as whose, where that is not as usual.
fn manner_of(send: &Send) -> Vec<String> {
    let mut options = Vec::new();
    if send.connection != "main" {
        options.push(format!("connection: {}", quoted(&ours(&send.connection))));
    }
    if send.fresh {
        options.push("new-connection: true".to_owned());
    }
    options.extend(delivery::written(&send.delivery));
    options.extend(match send.credentials {
        Credentials::None => None,
        Credentials::Right => Some("credentials: yes".to_owned()),
        Credentials::Wrong => Some("credentials: wrong".to_owned()),
    });
    options
}

fn send_is_download(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

/// The headers but the one that an option adds.
fn without_expectation<'h>(
    headers: &'h [(String, Template)],
    delivery: &Delivery,
) -> &'h [(String, Template)] {
    match headers.split_last() {
        Some(((name, _), rest)) if delivery.expectation.is_some() && name == Awaits::HEADER.0 => {
            rest
        }
        _ => headers,
    }
}

/// The session that a step is about: the variable of the id that it shows or gets.
fn session_of(step: &Step, headers: &[(String, Template)]) -> String {
    let own = capture(&PacketType::CreateSession, "").map(|own| own.header);
    let captured = step.captures.iter().find(|it| Some(&it.header) == own.as_ref());
    let shown = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(names::SESSION_ID));
    let shown = shown.and_then(|(_, value)| value.variables().next().map(str::to_owned));
    let replied = step.captures.iter().find_map(|it| it.variable.strip_suffix("-reply"));
    let name = captured.map(|it| it.variable.clone()).or(shown);
    name.or_else(|| replied.map(str::to_owned)).unwrap_or_else(|| "session".to_owned())
}

/// The end of the file's name, or else the whole target.
fn place_of(target: &Template, session: &str) -> (Option<String>, Option<String>) {
    let text = target.to_string();
    let prefix = format!("${{{}}}${{{}}}", variables::BASE, variables::PREFIX);
    match text.strip_prefix(&prefix) {
        Some(end) if !end.contains(['$', '?', '/']) => (Some(end.to_owned()), None),
        _ => (Some(session.to_owned()), Some(text)),
    }
}

/// What has to be written besides these headers, so that those come of them; `None` if that cannot be said.
fn differences(
    usual: &[(&'static str, String)],
    wanted: &[(String, Template)],
) -> Option<Vec<String>> {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for (name, value) in wanted {
        match groups.iter_mut().find(|(other, _)| other == name) {
            Some((_, values)) => values.push(value.to_string()),
            None => groups.push((name, vec![value.to_string()])),
        }
    }
    let mut written = Vec::new();
    let mut made: Vec<(&str, &str)> = Vec::new();
    for (name, value) in usual {
        let group = groups.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        match group {
            None => written.push(format!("{name}: null")),
            Some((other, values)) => {
                if other != name || values.as_slice() != std::slice::from_ref(value) {
                    written.push(line(&ours(other), values));
                }
                made.extend(values.iter().map(|value| (*other, value.as_str())));
            }
        }
    }
    for (name, values) in &groups {
        if !usual.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            written.push(line(&ours(name), values));
            made.extend(values.iter().map(|value| (*name, value.as_str())));
        }
    }
    let wanted = wanted.iter().map(|(name, value)| (name.as_str(), value.to_string()));
    let same = wanted.eq(made.iter().map(|(name, value)| (*name, (*value).to_owned())));
    same.then_some(written)
}

/// Text that is ours, as it is written where it might name variables.
fn ours(text: &str) -> String {
    Template::said(text).to_string()
}

pub(super) fn line(name: &str, values: &[String]) -> String {
    match values {
        [one] => format!("{}: {}", quoted(name), value(one)),
        several => {
            let all: Vec<String> = several.iter().map(|one| quoted(one)).collect();
            format!("{}: [{}]", quoted(name), all.join(", "))
        }
    }
}

/// A value; a long one of the same character as that character, so many times.
fn value(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if text.len() > 100 && characters.all(|other| other == first) => {
            format!("{{ text: {}, times: {} }}", quoted(&first.to_string()), text.chars().count())
        }
        _ => quoted(text),
    }
}

fn body(body: &Payload, seed: u64, may_seed: bool) -> Option<Vec<String>> {
    Some(match body {
        Payload::Empty => vec!["body: { size: 0 }".to_owned()],
        Payload::Pattern { seed: other, offset, length } if may_seed || *other == seed => {
            let last = offset.checked_add(length - 1)?;
            let range = format!("body: {{ pattern: {offset}-{last} }}");
            match *other == seed {
                true => vec![range],
                false => vec![format!("seed: {other}"), range],
            }
        }
        Payload::Bytes(bytes) => {
            let digits = bytes.iter().fold(String::new(), |mut text, byte| {
                _ = write!(text, "{byte:02x}");
                text
            });
            vec![format!("body: {{ hex: \"{digits}\" }}")]
        }
        Payload::Pattern { .. } | Payload::File { .. } => return None,
    })
}

/// Text as YAML reads it back, without quotes where it needs none.
pub(super) fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./".contains(character);
    let word =
        text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.chars().all(plain);
    let reserved = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    if word && !reserved.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model, scenario::Scenario};

    /// Without what a file adds or leaves out: lines, and where a reply is, which nobody asks for here.
    fn bare(plan: &Plan) -> Vec<Step> {
        let mut steps = plan.steps.clone();
        for step in &mut steps {
            step.line = 0;
            step.captures.retain(|it| it.header != names::REPLY_URL);
        }
        steps
    }

    #[test]
    fn a_random_session_is_the_same_when_it_is_read_from_its_file() {
        for case in 0..500 {
            let plan = model::plan("random/x", &model::session(7, case));
            let text = write(&plan, &["a remark".into()], &[]).unwrap();
            let read =
                Scenario::read("random/x", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            let read = read.plan(&[], None).unwrap();
            assert_eq!(bare(&read), bare(&plan), "case {case}\n{text}");
            assert_eq!((read.role, read.needs), (plan.role, plan.needs));
        }
    }

    proptest::proptest! {
        // What fails is printed, and gets a test of its own.
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]
        #[test]
        fn whatever_is_done_can_be_written_and_is_the_same_when_it_is_read(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)
        ) {
            let mut source = arbitrary::Unstructured::new(&bytes);
            let mut operations = Vec::new();
            while !source.is_empty() && operations.len() < 30 {
                operations.extend(source.arbitrary::<model::Operation>());
            }
            let plan = model::plan("random/x", &operations);
            let text = write(&plan, &[], &[]).unwrap_or_else(|| panic!("{operations:?}"));
            if !plan.steps.is_empty() {
                let read = Scenario::read("random/x", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
                assert_eq!(bare(&read.plan(&[], None).unwrap()), bare(&plan), "{text}");
            }
        }
    }

    #[test]
    fn what_is_usual_is_written_in_short_words() {
        let text = "title: a\nfile: { size: 9 }\nsteps:\n  - create-session\n  - fragment: 0-8\n  - close-session\n  - get\n";
        let plan = Scenario::read("a", text).unwrap().plan(&[], None).unwrap();
        assert_eq!(write(&plan, &[], &[]).unwrap(), text);
    }
}

//! Operations become a plan.

use bits_wire::{BITS_POST, ContentRange, PacketType, Payload, names};

use super::{
    lanes::Steps,
    odd::{Field, OTHER_PROTOCOL},
    operation::{Act, Body, Connection, Operation, Twist},
    scene::{Scene, needs},
    state::{Standing, State},
};
use crate::plan::{
    Action, Credentials, DirectoryRole, Head, Plan, Send, Step, Template, Usual, Wait, capture,
    reply_of, seed_of, variables,
};

/// What every random session is.
pub const TITLE: &str = "a random session";

/// The longest body that is sent; ranges may claim more.
pub(super) const LONGEST: u64 = 64 * 1024;

/// The size of an upload for which a small disk has no room.
const MEBIBYTE: u64 = 1 << 20;

/// A plan of this name that carries the operations out; the line of a step is the number of its operation, from 1. What is about a session that was never opened is left out.
#[must_use]
pub fn plan(name: &str, operations: &[Operation]) -> Plan {
    let mut state = State::default();
    let mut steps = Steps::default();
    for (line, operation) in (1..).zip(operations) {
        if state.standing(operation) != Standing::Leftover {
            add(&mut steps, line, name, (operation, operations), &state);
        }
        state.apply(operation);
    }
    let (role, steps) = (state.scene.role, steps.finish());
    let needs = needs(role, &steps);
    Plan { name: name.to_owned(), title: TITLE.to_owned(), role, needs, steps }
}

fn add(
    steps: &mut Steps,
    line: u32,
    name: &str,
    (operation, all): (&Operation, &[Operation]),
    state: &State,
) {
    let step = |operation: &Operation| {
        let mut step = Step { line, ..step(name, operation, state) };
        step.captures.extend(operation.remembered(all));
        step
    };
    match operation.act {
        Act::In(_) | Act::Rivals => {}
        Act::Play(play) => {
            let play = play.plan(name, state.scene.role);
            steps.add(operation, Step { line, ..Step::bare(Action::Play(vec![play])) });
        }
        Act::Wait(hundredths) => {
            let wait = Wait::SessionTimeout(hundredths.into());
            steps.add(operation, Step { line, ..Step::bare(Action::Wait(wait)) });
        }
        _ if operation.is_at_once() && state.scene.lets_at_once() => {
            steps.add_at_once(step(&operation.herald()), step(&operation.in_lane()));
        }
        _ => {
            let way =
                operation.way.filter(|way| way.applies_to(operation.act, false, &state.scene));
            let operation = Operation { way, ..*operation };
            steps.add(&operation, step(&operation));
        }
    }
}

fn step(name: &str, operation: &Operation, state: &State) -> Step {
    let slot = operation.slot.as_str();
    if operation.act == Act::TakeAway {
        return Step::bare(Action::DeleteEntity { session: Template::variable(slot) });
    }
    let kind = kind(operation.act);
    let range = range(operation, state);
    let asked = match operation.act {
        Act::Fetch(fetch) => fetch.ranges.text(state.size_of_file(operation.slot)),
        _ => range.map(|range| format!("{}-{}", range.first, range.last)),
    };
    let usual = match (operation.act, range) {
        (Act::Fragment { .. }, Some(range)) => Usual::Fragment(slot, range),
        (act, _) if act.is_download() => Usual::Download(asked.as_deref()),
        _ => Usual::Packet(&kind, slot),
    };
    let body = body(name, operation, range, &state.scene);
    let mut headers: Vec<(String, String)> = usual
        .headers(body.length())
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    if let Act::Fetch(fetch) = operation.act {
        headers.extend(fetch.header(operation.slot));
    }
    if let Some(twist) = operation.twist {
        twist.turn(&mut headers, operation);
        if let (DirectoryRole::MaxSize, Some(range)) = (state.scene.role, range) {
            twist.claim(range, &mut headers);
        }
    }
    headers.extend(operation.announcement());
    let (connection, fresh) = match operation.connection {
        Connection::Main => ("main", false),
        Connection::Other => ("other", false),
        Connection::Fresh => ("main", true),
    };
    let is_packet = !matches!(usual, Usual::Download(_));
    let captures = capture(&kind, slot).filter(|_| is_packet).into_iter().collect();
    let head = Head::Made {
        method: Template::said(method(operation)),
        target: template(&target(operation, &state.scene)),
        version: "HTTP/1.1".to_owned(),
        headers: headers.into_iter().map(|(name, value)| (name, template(&value))).collect(),
    };
    let delivery = operation.delivery(body.length(), &state.scene);
    let connection = connection.to_owned();
    let credentials = credentials(operation, &state.scene);
    let send = Send { connection, fresh, delivery, credentials, ..Send::plain(head, body) };
    Step { captures, ..Step::bare(send.into()) }
}

const fn method(operation: &Operation) -> &'static str {
    match (operation.act, operation.twist) {
        (Act::Get | Act::GetRange { .. } | Act::GetReply, _) => "GET",
        (Act::Head, _) => "HEAD",
        (Act::Fetch(fetch), _) => fetch.method.as_str(),
        (_, Some(Twist::Post)) => "POST",
        _ => BITS_POST,
    }
}

const fn kind(act: Act) -> PacketType {
    match act {
        Act::Create { .. } => PacketType::CreateSession,
        Act::Fragment { .. } => PacketType::Fragment,
        Act::Close => PacketType::CloseSession,
        Act::Cancel => PacketType::CancelSession,
        // What is no packet has no type.
        _ => PacketType::Ping,
    }
}

/// The range of a fragment, or the one that is asked for.
fn range(operation: &Operation, state: &State) -> Option<ContentRange> {
    let at = |point| state.resolve(operation.slot, point);
    if operation.twist == Some(Twist::Mebibyte) && matches!(operation.act, Act::Fragment { .. }) {
        return Some(mebibyte(operation, state));
    }
    match operation.act {
        Act::Fragment { first, last, total, .. } => {
            Some(ContentRange { first: at(first), last: at(last), total: at(total) })
        }
        Act::GetRange { first, last } => {
            Some(ContentRange { first: at(first), last: at(last), total: 0 })
        }
        _ => None,
    }
}

/// All of a mebibyte, or where uploads may not be larger one byte more, from where a fragment begins.
fn mebibyte(operation: &Operation, state: &State) -> ContentRange {
    let more = u64::from(state.scene.role == DirectoryRole::MaxSize);
    let first = match operation.act {
        Act::Fragment { first, .. } => state.resolve(operation.slot, first),
        _ => 0,
    };
    let total = MEBIBYTE + more;
    ContentRange { first: first.min(total - 1), last: total - 1, total }
}

fn body(name: &str, operation: &Operation, range: Option<ContentRange>, scene: &Scene) -> Payload {
    let seed = seed_of(name, operation.slot.as_str());
    let pattern = |seed, offset, length| match length {
        0 => Payload::Empty,
        length => Payload::Pattern { seed, offset, length },
    };
    match (operation.act, operation.twist, range) {
        (_, Some(Twist::Field(Field::NoLength)), _) => Payload::Empty,
        (Act::Fragment { body, .. }, twist, Some(range)) => {
            let longest = if twist == Some(Twist::Mebibyte) { MEBIBYTE + 1 } else { LONGEST };
            let length = (range.last.saturating_sub(range.first).saturating_add(1)).min(longest);
            let length = if range.last < range.first { 0 } else { length };
            // Bytes at the end of all numbers cannot be written down in a scenario.
            let first = range.first.min(1 << 62);
            match body {
                Body::Whole | Body::Cut(_) => pattern(seed, first, length),
                Body::Short => pattern(seed, first, length.saturating_sub(1)),
                Body::Long => pattern(seed, first, length + 1),
                Body::Other => pattern(!seed, first, length),
            }
        }
        (act, Some(Twist::Surplus(bytes)), _) if !act.is_download() => {
            let seed = seed_of(name, destination(operation, scene));
            pattern(seed, 0, u64::from(bytes))
        }
        _ => Payload::Empty,
    }
}

fn target(operation: &Operation, scene: &Scene) -> String {
    let own = destination(operation, scene);
    match (operation.act, operation.twist) {
        (Act::GetReply, _) => format!("${{{}}}", reply_of(operation.slot.as_str())),
        (Act::Fetch(fetch), _) => fetch.target(operation.slot),
        (_, Some(Twist::Place(place))) => place.target(operation.slot),
        (_, Some(Twist::OtherUrl)) => file("other"),
        (_, Some(Twist::Query)) => format!("{}?query", file(own)),
        _ => file(own),
    }
}

/// The end of the name of the file that is uploaded.
const fn destination(operation: &Operation, scene: &Scene) -> &'static str {
    if scene.rivals { "same" } else { operation.slot.as_str() }
}

/// Whose credentials it shows where clients are asked who they are.
fn credentials(operation: &Operation, scene: &Scene) -> Credentials {
    match (scene.role, operation.twist) {
        (DirectoryRole::Accounts, Some(Twist::Nobody)) => Credentials::None,
        (DirectoryRole::Accounts, Some(Twist::WrongPassword)) => Credentials::Wrong,
        (DirectoryRole::Accounts, _) => Credentials::Right,
        _ => Credentials::None,
    }
}

fn file(end: &str) -> String {
    format!("${{{}}}${{{}}}{end}", variables::BASE, variables::PREFIX)
}

/// Text of our own making, whose variables are written as they should be.
fn template(text: &str) -> Template {
    Template::read(text).unwrap_or_else(|_| Template::said(text))
}

impl Twist {
    /// Whether it makes a difference to such a request.
    pub(super) const fn applies_to(self, act: Act) -> bool {
        let fragment = matches!(act, Act::Fragment { .. });
        let create = matches!(act, Act::Create { .. });
        let download = act.is_download();
        match self {
            _ if matches!(act, Act::TakeAway) => false,
            Self::TwiceRange | Self::RangeText(_) | Self::NoRange | Self::RangeForm(_) => fragment,
            Self::Place(place) => place.applies_to(act),
            Self::Field(field) => field.applies_to(act),
            Self::OtherProtocol | Self::SeveralProtocols | Self::NoProtocol => create,
            Self::LowerId | Self::BareId | Self::OtherId | Self::NoId => {
                fragment || matches!(act, Act::Close | Act::Cancel)
            }
            Self::Surplus(_) => !fragment && !download,
            Self::TwicePacketType | Self::LowerPacketType => !download,
            Self::UnknownPacketType | Self::NoPacketType | Self::OtherUrl | Self::Post => !download,
            Self::LowerNames | Self::UpperNames | Self::Reversed | Self::Unknown => true,
            Self::Long(_) => true,
            Self::Query => !matches!(act, Act::Fetch(_)),
            Self::Nobody | Self::WrongPassword => !download,
            Self::AtMaximum | Self::OverMaximum | Self::Mebibyte => fragment,
        }
    }

    fn turn(self, headers: &mut Vec<(String, String)>, operation: &Operation) {
        match self {
            Self::LowerNames => {
                headers.iter_mut().for_each(|(name, _)| name.make_ascii_lowercase())
            }
            Self::UpperNames => {
                headers.iter_mut().for_each(|(name, _)| name.make_ascii_uppercase())
            }
            Self::Reversed => headers.reverse(),
            Self::Unknown => headers.push(("X-Unknown".into(), "1".into())),
            Self::Long(beside) => {
                let length = 4096_usize.saturating_add_signed(isize::from(beside.clamp(-1, 1)));
                headers.push(("X-Long".into(), "x".repeat(length)));
            }
            Self::TwicePacketType => twice(headers, names::PACKET_TYPE),
            Self::TwiceRange => twice(headers, names::CONTENT_RANGE),
            Self::LowerPacketType => {
                alter(headers, names::PACKET_TYPE, |value| value.make_ascii_lowercase())
            }
            Self::UnknownPacketType => set(headers, names::PACKET_TYPE, "Pong"),
            Self::NoPacketType => leave_out(headers, names::PACKET_TYPE),
            Self::LowerId => alter(headers, names::SESSION_ID, |value| altered(value, "lower")),
            Self::BareId => alter(headers, names::SESSION_ID, |value| altered(value, "bare")),
            Self::OtherId => alter(headers, names::SESSION_ID, |value| altered(value, "other")),
            Self::NoId => leave_out(headers, names::SESSION_ID),
            Self::RangeText(text) => set(headers, names::CONTENT_RANGE, text.as_str()),
            Self::NoRange => leave_out(headers, names::CONTENT_RANGE),
            Self::OtherProtocol => set(headers, names::SUPPORTED_PROTOCOLS, OTHER_PROTOCOL),
            Self::SeveralProtocols => alter(headers, names::SUPPORTED_PROTOCOLS, |value| {
                *value = format!("{OTHER_PROTOCOL} {value}");
            }),
            Self::NoProtocol => leave_out(headers, names::SUPPORTED_PROTOCOLS),
            Self::RangeForm(form) => alter(headers, names::CONTENT_RANGE, |value| {
                *value = form.of(value).unwrap_or_default();
            }),
            Self::Field(field) if field.applies_to(operation.act) => {
                field.turn(headers, operation.slot);
            }
            Self::Surplus(_) | Self::OtherUrl | Self::Query => {}
            Self::Place(_) | Self::Field(_) | Self::Post => {}
            Self::Nobody | Self::WrongPassword => {}
            Self::AtMaximum | Self::OverMaximum | Self::Mebibyte => {}
        }
    }

    /// Claims a total that is known only when the directory is.
    fn claim(self, range: ContentRange, headers: &mut [(String, String)]) {
        let total = match self {
            Self::AtMaximum => variables::MAXIMUM,
            Self::OverMaximum => variables::OVER_MAXIMUM,
            _ => return,
        };
        let ContentRange { first, last, .. } = range;
        set(headers, names::CONTENT_RANGE, &format!("bytes {first}-{last}/${{{total}}}"));
    }
}

fn twice(headers: &mut Vec<(String, String)>, name: &str) {
    if let Some(at) = headers.iter().position(|(other, _)| other == name) {
        headers.insert(at, headers[at].clone());
    }
}

fn leave_out(headers: &mut Vec<(String, String)>, name: &str) {
    headers.retain(|(other, _)| other != name);
}

fn set(headers: &mut [(String, String)], name: &str, value: &str) {
    alter(headers, name, |old| value.clone_into(old));
}

fn alter(headers: &mut [(String, String)], name: &str, change: impl Fn(&mut String)) {
    headers.iter_mut().filter(|(other, _)| other == name).for_each(|(_, value)| change(value));
}

/// `${a}` becomes `${a:lower}`.
fn altered(value: &mut String, how: &str) {
    *value = value.replace('}', &format!(":{how}}}"));
}

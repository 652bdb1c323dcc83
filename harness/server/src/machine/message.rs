//! The rules of 2.2: what a request has to look like, before anything is known of its session.

use bits_wire::{
    ContentRange, Headers, MAX_HEADER_VALUE, PacketType, SessionId, UPLOAD_PROTOCOL, names, text,
};

use super::{RequestHead, reply::Refusal};
use crate::fault::Rules;

/// A request that keeps the rules of its message.
#[derive(Debug)]
pub(super) enum Message {
    Ping,
    Create,
    Fragment { session: SessionId, range: ContentRange },
    Close { session: SessionId },
    Cancel { session: SessionId },
}

/// The length that a request declares for its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// It declares none, or sends chunks (U8).
    Missing,
    Bytes(u64),
}

/// The most GUIDs of a protocol list that are looked at.
const MOST_PROTOCOLS: usize = 100;

/// Reads a request by the rules of 2.2. A missing length is no breach here: it has a place of its own in the order
/// of the checks.
pub(super) fn read(head: &RequestHead<'_>, rules: Rules) -> Result<(Message, Length), Refusal> {
    let headers = head.headers;
    // Only what is long in bytes can be long in characters.
    let is_long =
        |value: &str| value.len() > MAX_HEADER_VALUE && value.chars().count() > MAX_HEADER_VALUE;
    let is_long = headers.iter().any(|header| is_long(&header.value));
    rules.demand(!is_long, Refusal::LongHeader)?;
    let is_sound = head.version == "HTTP/1.1" && !has_duplicates(headers);
    rules.demand(is_sound, Refusal::Malformed)?;
    if !rules.takes_unknown_headers() && headers.iter().any(|header| is_foreign(&header.name)) {
        return Err(Refusal::Malformed);
    }
    let length = length(headers)?;
    let packet = headers.only(names::PACKET_TYPE).ok_or(Refusal::PacketType)?;
    let message = match PacketType::read(packet) {
        PacketType::Ping => Message::Ping,
        PacketType::CreateSession => create(headers, rules)?,
        PacketType::Fragment => fragment(headers, length, rules)?,
        PacketType::CloseSession => Message::Close { session: session(headers)? },
        PacketType::CancelSession => Message::Cancel { session: session(headers)? },
        PacketType::Ack | PacketType::Unlisted(_) => return Err(Refusal::PacketType),
    };
    let has_body = !matches!(length, Length::Missing | Length::Bytes(0));
    let may_have_body = matches!(message, Message::Fragment { .. });
    rules.demand(may_have_body || !has_body, Refusal::Malformed)?;
    Ok((message, length))
}

/// No header that the protocol reads may stand in two lines (U13); what it does not know it ignores (2.2).
fn has_duplicates(headers: &Headers) -> bool {
    let read = [
        names::PACKET_TYPE,
        names::SESSION_ID,
        names::SUPPORTED_PROTOCOLS,
        names::CONTENT_RANGE,
        names::CONTENT_LENGTH,
    ];
    read.iter().any(|name| headers.all(name).nth(1).is_some())
}

/// Whether a header is plainly none of HTTP and none that a request of the protocol has.
fn is_foreign(name: &str) -> bool {
    let known = [names::PACKET_TYPE, names::SESSION_ID, names::SUPPORTED_PROTOCOLS];
    let is_known = known.iter().any(|known| known.eq_ignore_ascii_case(name));
    text::begins(name, "X-") || (text::begins(name, "BITS-") && !is_known)
}

fn length(headers: &Headers) -> Result<Length, Refusal> {
    if headers.has(names::TRANSFER_ENCODING) {
        return Ok(Length::Missing);
    }
    let Some(digits) = headers.first(names::CONTENT_LENGTH) else { return Ok(Length::Missing) };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Malformed);
    }
    digits.parse().map(Length::Bytes).map_err(|_| Refusal::Malformed)
}

fn create(headers: &Headers, rules: Rules) -> Result<Message, Refusal> {
    let offered = headers.first(names::SUPPORTED_PROTOCOLS).ok_or(Refusal::Protocol)?;
    let known = offered
        .split(rules.separators())
        .filter(|guid| !guid.is_empty())
        .take(MOST_PROTOCOLS)
        .any(|guid| guid.eq_ignore_ascii_case(UPLOAD_PROTOCOL));
    rules.demand(known, Refusal::Protocol)?;
    Ok(Message::Create)
}

fn fragment(headers: &Headers, length: Length, rules: Rules) -> Result<Message, Refusal> {
    let session = session(headers)?;
    let range = headers.first(names::CONTENT_RANGE).ok_or(Refusal::ContentRange)?;
    rules.demand(rules.reads_unit(range), Refusal::Store)?;
    let range = rules.range(range).map_err(|_| Refusal::ContentRange)?;
    if matches!(length, Length::Bytes(bytes) if bytes != range.length()) {
        return Err(Refusal::ContentRange);
    }
    let coding = headers.first(names::CONTENT_ENCODING).unwrap_or("identity");
    rules.demand(coding.eq_ignore_ascii_case("identity"), Refusal::Coded)?;
    Ok(Message::Fragment { session, range })
}

/// The session that a request names. Whatever is not a GUID is the name of no session (U14).
fn session(headers: &Headers) -> Result<SessionId, Refusal> {
    let id = headers.first(names::SESSION_ID).filter(|id| !id.is_empty());
    id.map(SessionId::new).ok_or(Refusal::NoSession)
}

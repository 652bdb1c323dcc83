//! What is wrong with a request, by the harness's own reading of section 2.2.
//!
//! The reference server has its own reading elsewhere; they share only the vocabulary of the wire.

use bits_wire::{
    BITS_POST, ContentRangeError, Headers, Hresult, MAX_HEADER_VALUE, PacketType, UPLOAD_PROTOCOL,
    authorization::Bearer, http1::RequestHead, names,
};

use super::{
    judge::error_text,
    observed::{Session, SessionState},
    said::Said,
    track::Track,
};
use crate::transcript::{Ending, Exchange, Fate, Received, Request, Silence};

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Breach {
    /// The head itself is malformed HTTP.
    Head,
    /// Not HTTP/1.1.
    Version,
    /// BITS headers on a method other than `BITS_POST` (U7).
    Method,
    /// `Content-Length` is not a decimal number of 64 bits, or says two things.
    LengthForm,
    /// Chunks instead of a length (U8).
    Chunked,
    /// No `Content-Length` (E11).
    NoLength,
    /// No packet type (E13).
    NoPacketType,
    /// A packet type that is not a request's (E12).
    UnknownPacketType,
    /// A header that must be single is there more than once (U13).
    Duplicate(&'static str),
    /// A value of more than 4 KB in a header that the protocol knows (E8).
    LongKnownValue,
    /// A value of more than 4 KB in another header (E8 or ignored).
    LongUnknownValue,
    /// A body on a message that has none (E13).
    Body,
    /// No protocol list (E13).
    NoProtocols,
    /// No protocol of the list is the one that exists (E9).
    ForeignProtocols,
    /// The URL is that of a directory (E10).
    Directory,
    /// The URL lies in a folder that was never made (D4).
    MissingFolder,
    /// The URL tries to leave its directory or is not a name.
    OddPath,
    /// No session id, or an empty one (E13).
    NoSession,
    /// A session id that was never given (E1).
    UnknownSession,
    /// The id of a session that was closed with success (E1).
    ClosedSession,
    /// The id of a session that was cancelled with success (E1).
    CancelledSession,
    /// The id of a session that has had no message for longer than the directory's timeout (3.2.6.1).
    ExpiredSession,
    /// A session that has timed out unless a refused message counts, too (U18).
    ExpiredUnlessRefusalsCount,
    /// A session of which the transcript cannot tell whether it still is.
    UncertainSession,
    /// An open session, its id spelled otherwise (U14).
    RespelledSession,
    /// An open session that was created for another URL (U2).
    ForeignUrl,
    /// No `Content-Range` (E6).
    NoRange,
    /// A `Content-Range` that cannot be read (E6).
    Range(ContentRangeError),
    /// The body is not as long as the range (U9).
    LengthNotRange,
    /// Fewer body bytes were sent than announced, or the client did otherwise what lets a server give no answer.
    CutBody,
    /// The total is not that of an earlier fragment (E7).
    TotalChanged,
    /// The fragment leaves a gap (E5).
    Gap,
    /// The fragment repeats bytes that the server has (D5).
    Overlap,
    /// A fragment after all bytes were acknowledged (U5).
    AfterEnd,
    /// The server's store lost the entity (E17).
    EntityDeleted,
    /// The destination exists (E2, if overwriting is off).
    Exists,
    /// A session in doubt may have left a file at the destination, or not.
    PerhapsExists,
    /// The directory does not take uploads (E4).
    Disabled,
    /// The directory may run scripts or programs.
    Executable,
    /// The fragment needs more room than the disk has (E16).
    NoRoom,
    /// The client is not permitted here (E3).
    Forbidden,
    /// Credentials that are wrong on purpose.
    WrongCredentials,
    /// Credentials were asked for.
    Challenged,
    /// The bytes are coded, which no server has to take (2.2.6.1).
    Coded,
    /// More protocols than a server has to read (2.2.2.2).
    ManyProtocols,
    /// The last fragment once more, where a server application is to be called or has been (S10, S11).
    LastAgain,
    /// The server application refused the upload, or its answer cannot be used (E14, E18 to E20).
    Application,
    /// The directory has a maximum that the transcript does not know (E15).
    Limited,
    /// The total is over the directory's maximum, the fragment itself does not cross it (D18).
    TotalOverMaximum,
    /// The fragment crosses the directory's maximum (E15).
    OverMaximum,
    /// Whether the fragment is the next one depends on what became of one that was cut (U10).
    AfterCut,
    /// Another message of the session or for its destination was under way, so that no sequence tells what was so then.
    Concurrent,
}

impl Breach {
    /// Whether it lies in HTTP itself, so that the answer may come from below the BITS layer.
    pub(crate) fn is_http(&self) -> bool {
        matches!(
            self,
            Self::Head
                | Self::Version
                | Self::Method
                | Self::LengthForm
                | Self::Chunked
                | Self::OddPath
                | Self::LongKnownValue
                | Self::LongUnknownValue
                | Self::Duplicate(_)
                | Self::Challenged
                | Self::CutBody
        )
    }
}

/// Beyond this many bytes in one value the limits of HTTP servers in general come first, and no clause speaks.
const MOST_OF_HTTP: usize = 16 * 1024;

/// There is less room than this many bytes in a directory of the role `small-disk`.
const SMALL_DISK: u64 = 1 << 20;

/// The headers that a request may have once only.
const SINGLE: [&str; 4] =
    [names::PACKET_TYPE, names::SESSION_ID, names::CONTENT_RANGE, names::SUPPORTED_PROTOCOLS];

/// The headers of requests that the protocol knows.
const KNOWN: [&str; 8] = [
    names::PACKET_TYPE,
    names::SESSION_ID,
    names::CONTENT_RANGE,
    names::SUPPORTED_PROTOCOLS,
    names::CONTENT_NAME,
    names::CONTENT_ENCODING,
    names::CONTENT_LENGTH,
    names::HOST,
];

/// Everything that is wrong with the upload message of `exchange`, given the session that it names and what had passed before.
pub(super) fn of(
    exchange: &Exchange,
    said: &Said<'_>,
    named: Option<&Session>,
    track: &Track<'_>,
) -> Vec<Breach> {
    let head = &exchange.request.head;
    let mut found = Vec::new();
    of_http(head, &mut found);
    of_values(&head.headers, &mut found);
    let kind = said.request();
    if kind.is_none() {
        let none = said.packet.is_none();
        found.push(if none { Breach::NoPacketType } else { Breach::UnknownPacketType });
    }
    let body = exchange.request.body.length();
    of_place(head, said, track, &mut found);
    match kind {
        Some(PacketType::CreateSession) => of_create(&head.headers, &mut found),
        Some(PacketType::Fragment) => of_fragment(exchange, said, named, track, &mut found),
        Some(PacketType::CloseSession | PacketType::CancelSession) => {
            let session = of_session(exchange, said, named, track, &mut found);
            if session.is_some_and(|session| session.unsure > 0) {
                found.push(Breach::AfterCut);
            }
        }
        _ => {}
    }
    if body > 0 && kind.is_some_and(|kind| *kind != PacketType::Fragment) {
        found.push(Breach::Body);
    }
    if is_cut(exchange) || track.outages.excuse(exchange) {
        found.push(Breach::CutBody);
    }
    found
}

/// Whether the client gave the server no whole message, or a reason not to answer it.
fn is_cut(exchange: &Exchange) -> bool {
    let Request { body, sent, sending, .. } = &exchange.request;
    let cut = *sent < body.length();
    let Some(answer) = exchange.answer() else {
        let hung_up = exchange.fate == Fate::Dropped
            && exchange.received == Received::Nothing(Silence::Closed);
        // Who closes before a byte of the body could be sent was not cut off by the client.
        return (cut && *sent > 0) || hung_up || sending.excuses_silence();
    };
    // To a client that pauses a server may say that it took too long (408).
    let gave_up = !sending.paused.is_zero() && answer.head.status == 408 && !answer.speaks_bits();
    gave_up || (cut && sending.ending == Some(Ending::HalfClosed))
}

fn of_http(head: &RequestHead, found: &mut Vec<Breach>) {
    let is_host = |host: &str| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic());
    let has_host = head.headers.only(names::HOST).is_some_and(is_host);
    if !head.flaws.is_empty() || !has_host {
        found.push(Breach::Head);
    }
    if head.version != "HTTP/1.1" {
        found.push(Breach::Version);
    }
    if head.method != BITS_POST {
        found.push(Breach::Method);
    }
    let mut lengths = head.headers.all(names::CONTENT_LENGTH);
    let (first, second) = (lengths.next(), lengths.next());
    let agree = second.is_none_or(|second| Some(second) == first)
        && lengths.all(|another| Some(another) == first);
    if second.is_some() && agree {
        found.push(Breach::Duplicate(names::CONTENT_LENGTH));
    }
    match first {
        _ if head.headers.has(names::TRANSFER_ENCODING) => found.push(Breach::Chunked),
        None => found.push(Breach::NoLength),
        Some(length) if agree && is_decimal(length) => {}
        Some(_) => found.push(Breach::LengthForm),
    }
}

fn is_decimal(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u64>().is_ok()
}

fn of_values(headers: &Headers, found: &mut Vec<Breach>) {
    for name in SINGLE {
        if headers.all(name).count() > 1 {
            found.push(Breach::Duplicate(name));
        }
    }
    for header in headers.iter().filter(|header| header.value.len() > MAX_HEADER_VALUE) {
        if header.value.len() > MOST_OF_HTTP {
            found.push(Breach::Head);
            continue;
        }
        let known = KNOWN.iter().any(|known| header.name.eq_ignore_ascii_case(known));
        found.push(if known { Breach::LongKnownValue } else { Breach::LongUnknownValue });
    }
}

/// Whether the total of a fragment is more than a directory of the role `small-disk` has room for.
fn needs_room(said: &Said<'_>) -> bool {
    said.readable_range().is_some_and(|range| range.total >= SMALL_DISK)
}

fn of_place(head: &RequestHead, said: &Said<'_>, track: &Track<'_>, found: &mut Vec<Breach>) {
    let kind = said.request();
    let bearer = Bearer::of(head);
    match track.role {
        "disabled" => found.push(Breach::Disabled),
        _ if bearer == Some(Bearer::Wrong) => found.push(Breach::WrongCredentials),
        "executable" => found.push(Breach::Executable),
        "protected" => found.push(Breach::Forbidden),
        "accounts" if bearer != Some(Bearer::Right) => found.push(Breach::Forbidden),
        "max-size"
            if kind == Some(&PacketType::Fragment)
                && track.directory.maximum_upload_size.is_none() =>
        {
            found.push(Breach::Limited);
        }
        "small-disk" if kind == Some(&PacketType::Fragment) && needs_room(said) => {
            found.push(Breach::NoRoom);
        }
        _ => {}
    }
    let path = &*said.path;
    let is_odd = is_odd(path);
    if is_odd {
        found.push(Breach::OddPath);
    }
    // A ping is about no file; but what is no path at all may be refused whatever it is about.
    if kind == Some(&PacketType::Ping) || is_odd {
        return;
    }
    if path.ends_with('/') || track.base.strip_suffix('/') == Some(path) {
        found.push(Breach::Directory);
    } else if path.strip_prefix(track.base).is_some_and(|name| name.contains('/')) {
        found.push(Breach::MissingFolder);
    }
    if kind != Some(&PacketType::CreateSession) {
        return;
    }
    if track.published.contains_key(path) {
        found.push(Breach::Exists);
    } else if track.is_unknown(path) {
        found.push(Breach::PerhapsExists);
    }
}

/// Whether a path is one that some system reserves, forbids or reads as another.
fn is_odd(path: &str) -> bool {
    let odd_name = |name: &[u8]| {
        let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default();
        let digits = stem.iter().rev().take_while(|last| last.is_ascii_digit()).count();
        let stem = &stem[..stem.len() - digits];
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.()".contains(byte);
        DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem))
            || name.eq_ignore_ascii_case(b"bits-sessions")
            || name.len() > 200
            || name.ends_with(b".")
            || !name.iter().all(plain)
    };
    let inner = path.as_bytes().strip_prefix(b"/");
    match inner.map(|rest| rest.strip_suffix(b"/").unwrap_or(rest)) {
        None => true,
        Some(b"") => false,
        Some(inner) => {
            inner.split(|byte| *byte == b'/').any(|name| name.is_empty() || odd_name(name))
        }
    }
}

/// Names, without their numbers, that belong to devices on Windows.
const DEVICES: [&[u8]; 6] = [b"con", b"prn", b"aux", b"nul", b"com", b"lpt"];

fn of_create(headers: &Headers, found: &mut Vec<Breach>) {
    match headers.first(names::SUPPORTED_PROTOCOLS) {
        None => found.push(Breach::NoProtocols),
        Some(list) if list.split([' ', ',', '\t']).filter(|one| !one.is_empty()).count() > 100 => {
            found.push(Breach::ManyProtocols);
        }
        Some(list)
            if !list
                .split([' ', ',', '\t'])
                .any(|one| one.eq_ignore_ascii_case(UPLOAD_PROTOCOL)) =>
        {
            found.push(Breach::ForeignProtocols);
        }
        Some(_) => {}
    }
}

/// What is wrong with the session that a request names; the session, if it is open.
fn of_session<'a>(
    exchange: &Exchange,
    said: &Said<'_>,
    named: Option<&'a Session>,
    track: &Track<'_>,
    found: &mut Vec<Breach>,
) -> Option<&'a Session> {
    let Some(id) = said.session.filter(|id| !id.is_empty()) else {
        found.push(Breach::NoSession);
        return None;
    };
    let Some(session) = named else {
        found.push(if track.respells(id) {
            Breach::RespelledSession
        } else {
            Breach::UnknownSession
        });
        return None;
    };
    match session.state {
        SessionState::Open => {}
        SessionState::Closed => found.push(Breach::ClosedSession),
        SessionState::Cancelled => found.push(Breach::CancelledSession),
        SessionState::Expired => found.push(Breach::ExpiredSession),
        SessionState::Uncertain => found.push(Breach::UncertainSession),
    }
    if session.deleted {
        found.push(Breach::EntityDeleted);
    }
    if session.state != SessionState::Open {
        return None;
    }
    found.extend(track.lapse(session, exchange));
    if (session.away || session.restarted) && is_unknown_there(exchange) {
        found.push(Breach::UncertainSession);
    }
    if *session.id != *id {
        found.push(Breach::RespelledSession);
    }
    if *session.path != *said.path {
        found.push(Breach::ForeignUrl);
    }
    Some(session)
}

/// Whether the answer says that there is no such session.
fn is_unknown_there(exchange: &Exchange) -> bool {
    let headers = exchange.answer().map(|answer| &answer.head.headers);
    let error = headers.and_then(error_text).and_then(|(_, value)| Hresult::read(value));
    error == Some(Hresult::SESSION_NOT_FOUND)
}

/// Whether the answer names an offset before one that was acknowledged.
fn falls_back(exchange: &Exchange, acknowledged: u64) -> bool {
    let Some(answer) = exchange.answer().filter(|answer| answer.head.status == 416) else {
        return false;
    };
    let told = answer.head.headers.first(names::RECEIVED_CONTENT_RANGE);
    let told: Option<u64> = told.and_then(|offset| offset.parse().ok());
    told.is_some_and(|told| told < acknowledged)
}

fn of_fragment(
    exchange: &Exchange,
    said: &Said<'_>,
    named: Option<&Session>,
    track: &Track<'_>,
    found: &mut Vec<Breach>,
) {
    let head = &exchange.request.head;
    let session = of_session(exchange, said, named, track, found);
    let coding = head.headers.first(names::CONTENT_ENCODING);
    if coding.is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        found.push(Breach::Coded);
    }
    let range = match said.range {
        None => return found.push(Breach::NoRange),
        Some(Err(error)) => return found.push(Breach::Range(error)),
        Some(Ok(range)) => range,
    };
    let length = head.headers.first(names::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if length.is_some_and(|length: u64| length != range.length()) {
        found.push(Breach::LengthNotRange);
    }
    if let Some(maximum) =
        track.directory.maximum_upload_size.filter(|maximum| range.total > *maximum)
    {
        let crosses = range.last >= maximum;
        found.push(if crosses { Breach::OverMaximum } else { Breach::TotalOverMaximum });
    }
    let Some(session) = session else { return };
    if session.total.is_some_and(|total| total != range.total) {
        found.push(Breach::TotalChanged);
    }
    if session.restarted && falls_back(exchange, session.next) {
        return found.push(Breach::UncertainSession);
    }
    let in_doubt = session.next..=session.next + session.unsure;
    if session.unsure > 0 {
        // What a refused last fragment left is for the server to say.
        let next = in_doubt.contains(&range.first) && !session.is_refused();
        return found.push(if next { Breach::AfterCut } else { Breach::UncertainSession });
    }
    let announced = session.announced.as_ref().filter(|_| session.total.is_none());
    if announced.is_some_and(|announced| announced.total != range.total) {
        // No text says whether the total counts of what the application refused.
        found.push(Breach::UncertainSession);
    } else if track.has_called_for(session) && range.is_final() {
        found.push(Breach::LastAgain);
    } else if !session.is_complete() && session.is_refused() {
        // No text says whether a last fragment counts that the application refused.
        found.push(Breach::UncertainSession);
    } else if session.is_complete() {
        found.push(Breach::AfterEnd);
    } else if range.first > session.next {
        found.push(Breach::Gap);
    } else if range.first < session.next {
        found.push(Breach::Overlap);
    }
}

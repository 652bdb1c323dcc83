//! Answers: the error table of 2.2.1.2 and the headers of each Ack.

use bits_wire::{ErrorContext, Guid, Headers, Hresult, PacketType, UPLOAD_PROTOCOL, names};

use crate::config::Profile;

/// An answer without its status line's words. It has no body, unless a seeded fault puts one in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The header fields, in order.
    pub headers: Headers,
    /// Empty in every answer that keeps the rules.
    pub body: Vec<u8>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A method other than `BITS_POST`, `GET` and `HEAD`.
    Method,
    /// The request breaks a rule of its message that has no row of its own.
    Malformed,
    /// A header value is longer than 4 KB.
    LongHeader,
    /// The request names no session.
    NoSession,
    /// The bytes are coded.
    Coded,
    /// The packet type is not known, or not that of a request.
    PacketType,
    /// `Content-Length` is missing.
    LengthRequired,
    /// `Content-Range` is missing, malformed, or not as long as the body.
    ContentRange,
    /// The total differs from that of an earlier fragment.
    TotalChanged,
    /// None of the protocols offered is known.
    Protocol,
    /// The path is not made of plain names.
    Path,
    /// The destination is a directory.
    Directory,
    /// The session was made for another URL (U2).
    OtherUrl,
    /// The session is not known.
    UnknownSession,
    /// Nobody may write here.
    Forbidden,
    /// Uploads are not enabled here.
    Disabled,
    /// Scripts or programs may be run here.
    Executable,
    /// The destination exists and may not be replaced.
    Exists,
    /// The folder of the destination does not exist (D4).
    NoParent,
    /// The fragment does not begin at the next byte wanted.
    Offset,
    /// The entity is larger than the directory takes.
    TooLarge,
    /// The disk is full.
    DiskFull,
    /// What has been received is not there any more.
    Vanished,
    /// The body ended before its range.
    Cut,
    /// Another request of the session is still being worked on.
    Busy,
    /// More is open than the server takes: sessions, those of a user, or fragments at a time.
    Sessions,
    /// The store failed in a way that has no row of its own.
    Store,
    /// The server application refused the upload, or did not answer; the status is its own.
    Application,
    /// The server application's reply URL is too long.
    ReplyUrl,
    /// The body is longer than what passes to the BITS layer.
    Filtered,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 30] = [
        Self::Method,
        Self::Malformed,
        Self::LongHeader,
        Self::NoSession,
        Self::Coded,
        Self::PacketType,
        Self::LengthRequired,
        Self::ContentRange,
        Self::TotalChanged,
        Self::Protocol,
        Self::Path,
        Self::Directory,
        Self::OtherUrl,
        Self::UnknownSession,
        Self::Forbidden,
        Self::Disabled,
        Self::Executable,
        Self::Exists,
        Self::NoParent,
        Self::Offset,
        Self::TooLarge,
        Self::DiskFull,
        Self::Vanished,
        Self::Cut,
        Self::Busy,
        Self::Sessions,
        Self::Store,
        Self::Application,
        Self::ReplyUrl,
        Self::Filtered,
    ];

    /// The status that goes with it.
    #[must_use]
    pub const fn status(self, profile: Profile) -> u16 {
        match self {
            Self::Method => 405,
            Self::LengthRequired => profile.length_required(),
            // The older reference names the error value alone.
            Self::Forbidden | Self::Executable => 403,
            Self::Disabled => profile.disabled(),
            Self::Exists => profile.exists(),
            Self::NoParent | Self::Vanished | Self::Filtered => 404,
            Self::Offset => 416,
            Self::UnknownSession
            | Self::TooLarge
            | Self::DiskFull
            | Self::Busy
            | Self::Sessions
            | Self::Store
            | Self::Application => 500,
            Self::Malformed
            | Self::LongHeader
            | Self::NoSession
            | Self::Coded
            | Self::PacketType
            | Self::ContentRange
            | Self::TotalChanged
            | Self::Protocol
            | Self::Path
            | Self::Directory
            | Self::OtherUrl
            | Self::ReplyUrl
            | Self::Cut => 400,
        }
    }

    /// The error value that goes with it; none where the table prints zero.
    #[must_use]
    pub const fn hresult(self) -> Option<Hresult> {
        Some(match self {
            Self::Method | Self::Offset | Self::Filtered => return None,
            Self::UnknownSession => Hresult::SESSION_NOT_FOUND,
            Self::Forbidden | Self::Disabled | Self::Exists => Hresult::ACCESS_DENIED,
            Self::Executable => Hresult::SERVER_EXECUTE_ENABLE,
            Self::NoParent => PATH_NOT_FOUND,
            Self::Vanished => FILE_NOT_FOUND,
            Self::TooLarge => Hresult::TOO_LARGE,
            Self::DiskFull => Hresult::DISK_FULL,
            Self::Busy => RESOURCE_BUSY,
            Self::Sessions => OUT_OF_RESOURCES,
            Self::Store => DEVICE_FAILED,
            _ => Hresult::INVALID_ARGUMENT,
        })
    }
}

/// `ERROR_FILE_NOT_FOUND`.
const FILE_NOT_FOUND: Hresult = Hresult(0x8007_0002);
/// `ERROR_PATH_NOT_FOUND`.
const PATH_NOT_FOUND: Hresult = Hresult(0x8007_0003);
/// `ERROR_BUSY`.
const RESOURCE_BUSY: Hresult = Hresult(0x8007_00AA);
/// `ERROR_NO_SYSTEM_RESOURCES`.
const OUT_OF_RESOURCES: Hresult = Hresult(0x8007_05AA);
/// `ERROR_IO_DEVICE`.
const DEVICE_FAILED: Hresult = Hresult(0x8007_045D);

/// What an answer says of the session that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// The session.
    pub(super) session: Guid,
    /// The next byte wanted.
    pub(super) received: u64,
}

/// The Ack of success.
pub(super) fn acknowledge(
    packet: &PacketType,
    standing: Option<Standing>,
    profile: Profile,
) -> Reply {
    let mut headers = ack_headers();
    if *packet == PacketType::CreateSession {
        headers.push(names::PROTOCOL, UPLOAD_PROTOCOL);
    }
    name_session(&mut headers, packet, standing, profile);
    headers.push(names::CONTENT_LENGTH, "0");
    if *packet == PacketType::CreateSession {
        headers.push(names::ACCEPT_ENCODING, "identity");
    }
    name_offset(&mut headers, packet, standing);
    Reply { status: 200, headers, body: Vec::new() }
}

/// The Ack of an error.
pub(super) fn refuse(
    refusal: Refusal,
    packet: &PacketType,
    standing: Option<Standing>,
    profile: Profile,
) -> Reply {
    if refusal == Refusal::Method {
        let headers = [("Allow", "BITS_POST, GET, HEAD"), (names::CONTENT_LENGTH, "0")];
        return Reply { status: 405, headers: headers.into_iter().collect(), body: Vec::new() };
    }
    if refusal == Refusal::Filtered {
        let headers = [(names::CONTENT_LENGTH, "0")].into_iter().collect();
        return Reply { status: 404, headers, body: Vec::new() };
    }
    let mut headers = ack_headers();
    name_session(&mut headers, packet, standing, profile);
    headers.push(names::CONTENT_LENGTH, "0");
    name_offset(&mut headers, packet, standing);
    if let Some(hresult) = refusal.hresult() {
        headers.push(profile.error_header(), hresult.to_string());
        headers.push(names::ERROR_CONTEXT, ErrorContext::Server.as_str());
    }
    Reply { status: refusal.status(profile), headers, body: Vec::new() }
}

fn ack_headers() -> Headers {
    [(names::PACKET_TYPE, PacketType::Ack.as_str())].into_iter().collect()
}

fn name_session(
    headers: &mut Headers,
    packet: &PacketType,
    standing: Option<Standing>,
    profile: Profile,
) {
    let names = *packet == PacketType::CreateSession || profile.names_session_in_every_ack();
    if let Some(standing) = standing.filter(|_| names) {
        headers.push(names::SESSION_ID, standing.session.to_string());
    }
}

fn name_offset(headers: &mut Headers, packet: &PacketType, standing: Option<Standing>) {
    if let (PacketType::Fragment, Some(standing)) = (packet, standing) {
        headers.push(names::RECEIVED_CONTENT_RANGE, standing.received.to_string());
    }
}

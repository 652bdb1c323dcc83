//! Every fault: its name, the clause that it breaks, what it does.

use bits_wire::{
    PacketType::{self, CancelSession, CloseSession, CreateSession, Fragment, Ping},
    names::{
        self, ERROR, ERROR_CONTEXT, HOST_ID, HOST_ID_FALLBACK_TIMEOUT, PACKET_TYPE, PROTOCOL,
        RECEIVED_CONTENT_RANGE, REPLY_URL, SESSION_ID,
    },
};

use super::frames::Frame;
use super::replies::{
    Change::{
        self, Body, Braceless, Framed, LastOne, Long, Misstate, NextButOne, Omit, Pretend,
        ReceivedRange, Say, Status, Wordy,
    },
    When::{self, Accepted, Always, Error, Refused, Row as On, Success},
};
use crate::machine::Refusal;

/// All that is to be said of a fault.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) clause: &'static str,
    pub(super) title: &'static str,
    pub(super) way: Way,
}

/// How a fault works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It changes certain answers.
    Replies(When, Change),
    /// It lets pass what ought to be refused so.
    Forgives(Refusal),
    /// It asks nobody who sends this message for credentials.
    Trusts(PacketType),
    /// It has its say at a hook of its own.
    Hook,
}

use Way::{Forgives, Hook, Replies, Trusts};

macro_rules! faults {
    ($($fault:ident, $name:literal, $clause:literal, $title:literal, $way:expr;)*) => {
        /// A way to break one clause.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $title] $fault,)*
        }

        impl Fault {
            /// Every fault, in the order of the messages.
            pub const ALL: &[Self] = &[$(Self::$fault,)*];

            pub(super) fn row(self) -> Row {
                match self {
                    $(Self::$fault => Row { name: $name, clause: $clause, title: $title, way: $way },)*
                }
            }
        }
    };
}

faults! {
    AckOmitsPacketType, "ack/omits-packet-type", "BUP-2.2.1-07",
        "answers have no packet type", Replies(Always, Omit(PACKET_TYPE));
    AckOmitsSessionId, "ack/omits-session-id", "BUP-2.2.3.2-03",
        "no answer names its session", Replies(Success, Omit(SESSION_ID));
    AckErrorIsNoHresult, "ack/error-is-no-hresult", "BUP-2.2.1.2-11",
        "error values are words", Replies(Error, Wordy);
    AckErrorOnSuccess, "ack/error-on-success", "BUP-2.2.1.2-09",
        "success carries an error value", Replies(Success, Say(ERROR, "0x80004005"));
    AckContextOfApplication, "ack/context-of-application", "BUP-2.2.1.2-12",
        "errors of the server are blamed on an application", Replies(Error, Misstate(ERROR_CONTEXT, "0x7"));
    AckContextWithoutError, "ack/context-without-error", "BUP-2.2.1.2-14",
        "an error context stands alone", Replies(Error, Omit(ERROR));

    AckLongValue, "ack/long-value", "BUP-2.2.1-06",
        "a header of an answer is longer than 4 KB", Replies(Accepted(Ping), Long);
    AckErrorOfNobody, "ack/error-of-nobody", "BUP-1.8-01",
        "an error value is one that nobody has defined, without the vendor's bit",
        Replies(On(Refusal::NoParent), Say(ERROR, "0x81230001"));

    FrameBareLf, "frame/bare-lf", "BUP-2.2.1-05",
        "the lines of answers end in LF alone", Replies(Accepted(Ping), Framed(Frame::BareLf));
    FrameFolded, "frame/folded-header", "BUP-2.2.1-05",
        "a header goes on in a second line", Replies(Accepted(Ping), Framed(Frame::Folded));
    FrameTwoLengths, "frame/two-lengths", "BUP-2.2.1-05",
        "the length is told twice, with two values", Replies(Accepted(Ping), Framed(Frame::TwoLengths));
    FrameLengthTooLong, "frame/length-too-long", "BUP-2.2.1-05",
        "more bytes are announced than come", Replies(Accepted(Ping), Framed(Frame::LengthTooLong));
    FrameNoLength, "frame/no-length", "BUP-2.2.5.1-01",
        "no length is told, and the connection ends", Replies(Accepted(Ping), Framed(Frame::NoLength));
    FrameChunked, "frame/chunked", "BUP-2.2.5.1-01",
        "an answer comes in chunks", Replies(Accepted(Ping), Framed(Frame::Chunked));
    FrameSurplus, "frame/surplus", "BUP-2.2.1-05",
        "an answer follows that nobody asked for", Replies(Accepted(CloseSession), Framed(Frame::Surplus));
    FrameVersion, "frame/version", "BUP-2.2.1-02",
        "an answer is in HTTP/1.0", Replies(Accepted(Ping), Framed(Frame::Version));
    FrameStatus, "frame/status-is-no-number", "BUP-3.2.5.2.5-01",
        "the status is no number", Replies(Accepted(Ping), Framed(Frame::Status));
    FrameInterim, "frame/flood-of-interim", "BUP-3.2.5.2.5-01",
        "a thousand answers of status 102 come before the right one",
        Replies(Accepted(Ping), Framed(Frame::Interim));
    FrameHalf, "frame/half-a-head", "BUP-3.2.5.2.5-01",
        "the connection ends within the head of an answer", Replies(Accepted(Ping), Framed(Frame::Half));
    FrameStale, "frame/answers-the-request-before", "BUP-2.2.1.2-08",
        "a cancel gets the answer to the one before", Replies(Accepted(CancelSession), Framed(Frame::Stale));
    FrameCreateHangsUp, "frame/hangs-up-on-create", "BUP-3.2.5.2.4-08",
        "a good CREATE-SESSION gets no answer", Replies(Accepted(CreateSession), Framed(Frame::HangUp));
    FrameFragmentHangsUp, "frame/hangs-up-on-fragment", "BUP-2.2.7-01",
        "a good fragment gets no answer", Replies(Accepted(Fragment), Framed(Frame::HangUp));
    FrameCloseHangsUp, "frame/hangs-up-on-close", "BUP-3.2.5.2.7-05",
        "a good CLOSE-SESSION gets no answer", Replies(Accepted(CloseSession), Framed(Frame::HangUp));
    FrameBelowBits, "frame/bare-lf-below-bits", "BUP-3.2.5.2.1-01",
        "answers below the BITS layer have lines that end in LF alone",
        Replies(On(Refusal::Method), Framed(Frame::BareLf));

    // An answer that comes slowly, and comes, breaks nothing: no text says how fast one has to be. These two are slower
    // than any patience, so that whoever waits has no answer in the end.
    FrameTrickles, "frame/trickles", "BUP-3.2.5.2.4-08",
        "the answer to a bad destination comes byte by byte, one a second",
        Replies(On(Refusal::Directory), Framed(Frame::Trickle));
    FrameStalls, "frame/stalls", "BUP-2.2.7-01",
        "the answer to a fragment over the maximum stops within its head, and the connection stays",
        Replies(On(Refusal::TooLarge), Framed(Frame::Stall));

    SessionUnknownIs200, "session/unknown-is-200", "BUP-2.2.1.2-15",
        "a session that does not exist is served", Replies(On(Refusal::UnknownSession), Pretend);
    SessionUnknownIs404, "session/unknown-is-404", "BUP-2.2.1.2-15",
        "an unknown session has status 404", Replies(On(Refusal::UnknownSession), Status(404));
    SessionUnknownValue, "session/unknown-has-other-error", "BUP-2.2.1.2-16",
        "an unknown session has the error value of a wrong argument",
        Replies(On(Refusal::UnknownSession), Say(ERROR, "0x80070057"));
    SessionMissingIs404, "session/missing-is-404", "BUP-3.2.5.2.2-04",
        "a request that names no session has status 404", Replies(On(Refusal::NoSession), Status(404));
    SessionAnyUrl, "session/any-url", "BUP-3.2.5.2.2-03",
        "a session can be used at any URL", Forgives(Refusal::OtherUrl);
    SessionExactSpelling, "session/exact-spelling", "BUP-3.2.5.2.2-03",
        "an id is known only in the letters in which it was given", Hook;
    SessionAnyId, "session/any-id", "BUP-2.2.1.2-15",
        "an unknown id is taken for that of the session at the URL", Hook;
    SessionIdsCount, "session/ids-count-up", "BUP-2.2.1.2-04",
        "each session's id is the one before and one more", Hook;
    SessionIdsAreTimes, "session/ids-are-times", "BUP-2.2.1.2-04",
        "a session's id is the time at which it was opened", Hook;
    SessionTold, "session/told-to-strangers", "BUP-2.2.1.2-08",
        "who names an unknown session is told the one at the URL", Hook;
    SessionToldInBodies, "session/told-in-bodies", "BUP-2.2.1.2-08",
        "who asks for a file that is not there yet is told the session that uploads it", Hook;
    SessionCountsForAnother, "session/counts-for-another", "BUP-3.2.5.2.2-03",
        "of two sessions at once, one counts the bytes of the other", Hook;
    SessionForgetsAnother, "session/forgets-another", "BUP-3.2.1.3.1-01",
        "of two sessions at once, one forgets what it has when the other gets a fragment", Hook;
    SessionStoresForAnother, "session/stores-for-another", "BUP-3.2.1.3.1-01",
        "of two sessions at once, the bytes of the later are stored with the earlier", Hook;
    SessionRivalsShare, "session/rivals-share-bytes", "BUP-3.2.1.3.1-01",
        "two sessions for one destination write into each other's file", Hook;
    SessionEndsEarly, "session/ends-early", "BUP-3.2.2.1-01",
        "sessions end after a quarter of their time", Hook;
    SessionOutlivesTimeout, "session/outlives-timeout", "BUP-3.2.6.1-01",
        "sessions never end by themselves", Hook;
    PathClimbs, "path/climbs", "BUP-3.2.5.2.3-03",
        "a destination may climb out of its directory", Hook;
    PathSessionsFolder, "path/enters-session-folder", "BUP-3.2.5.2.3-03",
        "a destination may lie in the folder of sessions", Hook;
    DestinationExistsIs500, "destination/exists-is-500", "BUP-2.2.1.2-17",
        "a destination that may not be replaced has status 500", Replies(On(Refusal::Exists), Status(500));
    DestinationExistsValue, "destination/exists-has-other-error", "BUP-2.2.1.2-17",
        "a destination that may not be replaced has another error value",
        Replies(On(Refusal::Exists), Say(ERROR, "0x80070050"));
    DestinationForbiddenIs500, "destination/forbidden-is-500", "BUP-2.2.1.2-18",
        "missing permission has status 500", Replies(On(Refusal::Forbidden), Status(500));
    DestinationForbiddenValue, "destination/forbidden-has-other-error", "BUP-2.2.1.2-18",
        "missing permission has another error value",
        Replies(On(Refusal::Forbidden), Say(ERROR, "0x80070057"));
    DestinationDisabledValue, "destination/disabled-has-other-error", "BUP-2.2.1.2-19",
        "a directory without uploads has another error value",
        Replies(On(Refusal::Disabled), Say(ERROR, "0x80070057"));
    DestinationDirectoryValue, "destination/directory-has-other-error", "BUP-2.2.1.2-25",
        "the URL of a directory has another error value",
        Replies(On(Refusal::Directory), Say(ERROR, "0x80070005"));
    DestinationNoParentIs403, "destination/missing-folder-is-403", "W32-ack-for-create-session-02",
        "a missing folder has status 403", Replies(On(Refusal::NoParent), Status(403));
    DestinationForbiddenIsAllowed, "destination/forbidden-is-allowed", "BUP-2.2.1.2-18",
        "permission is not checked", Forgives(Refusal::Forbidden);
    DestinationDisabledIs400, "destination/disabled-is-400", "BUP-2.2.1.2-19",
        "a directory without uploads has status 400", Replies(On(Refusal::Disabled), Status(400));
    DestinationDisabledIsEnabled, "destination/disabled-is-enabled", "BUP-2.2.1.2-19",
        "a directory without uploads takes them", Forgives(Refusal::Disabled);
    DestinationDirectoryIs403, "destination/directory-is-403", "BUP-2.2.1.2-25",
        "the URL of a directory has status 403", Replies(On(Refusal::Directory), Status(403));
    RangeIs500, "range/malformed-is-500", "BUP-2.2.1.2-21",
        "a malformed range has status 500", Replies(On(Refusal::ContentRange), Status(500));
    RangeValue, "range/malformed-has-other-error", "BUP-2.2.1.2-21",
        "a malformed range has another error value", Replies(On(Refusal::ContentRange), Say(ERROR, "0x80004005"));
    TotalChangeIs500, "total/change-is-500", "BUP-2.2.1.2-22",
        "a changed total has status 500", Replies(On(Refusal::TotalChanged), Status(500));
    RangeUnitFails, "range/unit-in-capitals-is-500", "BUP-2.2.6.1-05",
        "a range whose unit is in capitals is answered as if the disk had failed", Hook;
    RangeOf32Bits, "range/has-32-bits", "BUP-3.2.5.2.6-01",
        "offsets beyond 4 GiB are cut to 32 bits", Hook;
    RangeOf31Bits, "range/has-31-bits", "BUP-3.2.5.2.6-01",
        "offsets beyond 2 GiB are cut to 31 bits", Hook;
    RangeBackwards, "range/backwards-is-accepted", "BUP-2.2.1.2-21",
        "a range may end before it begins", Hook;
    RangeBeyond, "range/beyond-total-is-accepted", "BUP-2.2.1.2-21",
        "a range may end beyond its total", Hook;
    RangeUnknownTotal, "range/unknown-total-is-accepted", "BUP-2.2.1.2-21",
        "the total of a range may be an asterisk", Hook;
    TotalChangeValue, "total/change-has-other-error", "BUP-2.2.1.2-22",
        "a changed total has another error value",
        Replies(On(Refusal::TotalChanged), Say(ERROR, "0x80004005"));
    TotalChangeIsAccepted, "total/change-is-accepted", "BUP-2.2.1.2-22",
        "the total may change from fragment to fragment", Forgives(Refusal::TotalChanged);
    TooLargeIs413, "size/too-large-is-413", "BUP-2.2.1.2-29",
        "an entity over the maximum has status 413", Replies(On(Refusal::TooLarge), Status(413));
    TooLargeValue, "size/too-large-has-other-error", "BUP-2.2.1.2-29",
        "an entity over the maximum has another error value",
        Replies(On(Refusal::TooLarge), Say(ERROR, "0x80070057"));
    TooLargeIsAccepted, "size/too-large-is-accepted", "BUP-3.2.1.1-01",
        "the maximum size is not heeded", Forgives(Refusal::TooLarge);
    LimitOfFragments, "size/limit-of-fragments", "BUP-3.2.1.1-01",
        "the maximum size is that of a fragment", Hook;
    LimitPlusOne, "size/limit-plus-one", "BUP-3.2.1.1-01",
        "the maximum size may be exceeded by one byte", Hook;
    LimitOfOneSession, "size/limit-of-one-session", "BUP-3.2.1.1-01",
        "the maximum size is heeded while one session is open, and not with two", Hook;
    DestinationExecutableIsAllowed, "destination/executable-is-allowed", "W32-setting-permissions-01",
        "uploads are taken where scripts may be run", Forgives(Refusal::Executable);
    DiskFullIs507, "store/full-is-507", "BUP-2.2.1.2-30",
        "a full disk has status 507", Replies(On(Refusal::DiskFull), Status(507));
    DestinationExecutableValue, "destination/executable-has-other-error", "W32-setting-permissions-01",
        "a directory where scripts may be run has another error value",
        Replies(On(Refusal::Executable), Say(ERROR, "0x80070005"));
    DiskFullValue, "store/full-has-no-error", "BUP-2.2.1.2-30",
        "a full disk has the error value zero", Replies(On(Refusal::DiskFull), Say(ERROR, "0x00000000"));
    HeaderLongValue, "header/long-has-other-error", "BUP-2.2.1.2-23",
        "a header value over 4 KB has another error value",
        Replies(On(Refusal::LongHeader), Say(ERROR, "0x80004005"));
    HeaderLongIs431, "header/long-is-431", "BUP-2.2.1.2-23",
        "a header value over 4 KB has status 431", Replies(On(Refusal::LongHeader), Status(431));
    HeaderLongIsAccepted, "header/long-is-accepted", "BUP-2.2.1.2-23",
        "a header value over 4 KB passes", Forgives(Refusal::LongHeader);
    RequestUnknownHeaderRefused, "header/unknown-is-refused", "BUP-2.2-03",
        "headers that the protocol does not know are refused", Hook;
    LengthMissingIs500, "length/missing-is-500", "BUP-3.2.5.2.3-06",
        "a missing length has status 500", Replies(On(Refusal::LengthRequired), Status(500));
    LengthMissingValue, "length/missing-has-other-error", "BUP-2.2.1.2-26",
        "a missing length has another error value",
        Replies(On(Refusal::LengthRequired), Say(ERROR, "0x80004005"));
    LengthMissingIsAccepted, "length/missing-is-accepted", "BUP-3.2.5.2.3-05",
        "a missing length counts as zero", Forgives(Refusal::LengthRequired);
    PacketTypeUnknownIs501, "packet-type/unknown-is-501", "BUP-2.2.1.2-27",
        "an unknown packet type has status 501", Replies(On(Refusal::PacketType), Status(501));
    PacketTypeUnknownValue, "packet-type/unknown-has-other-error", "BUP-2.2.1.2-27",
        "an unknown packet type has another error value",
        Replies(On(Refusal::PacketType), Say(ERROR, "0x80004005"));
    MalformedValue, "request/malformed-has-other-error", "BUP-3.2.5.2.3-02",
        "a request that breaks the rules of its message has another error value",
        Replies(On(Refusal::Malformed), Say(ERROR, "0x80004005"));
    MalformedIs500, "request/malformed-is-500", "BUP-3.2.5.2.3-02",
        "a request that breaks the rules of its message has status 500",
        Replies(On(Refusal::Malformed), Status(500));
    MalformedIsAccepted, "request/surplus-is-accepted", "BUP-3.2.5.2.3-02",
        "doubled headers and bodies where none belong pass", Forgives(Refusal::Malformed);

    PingPacketType, "ping/echoes-packet-type", "BUP-2.2.5.2-01",
        "the answer to a ping has the packet type of a ping", Replies(Accepted(Ping), Say(PACKET_TYPE, "Ping"));
    PingError, "ping/error-on-success", "BUP-2.2.5.2-03",
        "a good ping carries an error value", Replies(Accepted(Ping), Say(ERROR, "0x00000000"));
    PingContext, "ping/context-on-success", "BUP-2.2.5.2-05",
        "a good ping carries an error context", Replies(Accepted(Ping), Say(ERROR_CONTEXT, "0x5"));
    PingOmitsError, "ping/omits-error", "BUP-2.2.5.2-02",
        "a bad ping carries no error value", Replies(Refused(Ping), Omit(ERROR));
    PingOmitsContext, "ping/omits-context", "BUP-2.2.5.2-04",
        "a bad ping carries no error context", Replies(Refused(Ping), Omit(ERROR_CONTEXT));
    PingBody, "ping/has-body", "BUP-2.2.5.3-01",
        "the answer to a ping has a body", Replies(Accepted(Ping), Body);
    PingIs204, "ping/is-204", "BUP-3.2.5.2.5-01",
        "a ping has status 204", Replies(Accepted(Ping), Status(204));
    PingAsksForSession, "ping/asks-for-session", "BUP-3.2.5.2.5-01",
        "a ping without a session is refused", Hook;

    PingAsksForPermission, "ping/asks-for-permission", "BUP-3.2.5.2.5-01",
        "a ping is refused where the client has no permission", Hook;

    CreatePacketType, "create/echoes-packet-type", "BUP-2.2.3.2-12",
        "the answer has the packet type of the request",
        Replies(Accepted(CreateSession), Say(PACKET_TYPE, "Create-Session"));
    CreateIs201, "create/is-201", "BUP-3.2.5.2.4-01",
        "a new session has status 201", Replies(Accepted(CreateSession), Status(201));
    CreateOmitsSessionId, "create/omits-session-id", "BUP-2.2.3.2-03",
        "a new session is not named", Replies(Accepted(CreateSession), Omit(SESSION_ID));
    CreateIdWithoutBraces, "create/id-without-braces", "BUP-2.2.1.2-03",
        "session ids have no braces", Replies(Always, Braceless);
    CreateReusesId, "create/reuses-id", "BUP-2.2.1.2-04",
        "every session has the same id", Hook;
    CreateTakesId, "create/takes-id-of-request", "BUP-2.2.1.2-04",
        "a session gets the id that its request names", Hook;
    CreateOmitsProtocol, "create/omits-protocol", "BUP-2.2.3.2-01",
        "the protocol is not named", Replies(Accepted(CreateSession), Omit(PROTOCOL));
    CreateForeignProtocol, "create/names-foreign-protocol", "BUP-2.2.3.2-01",
        "a protocol is named that was not offered",
        Replies(Accepted(CreateSession), Say(PROTOCOL, "{00000000-0000-0000-0000-000000000001}"));
    CreateProtocolOnError, "create/protocol-on-error", "BUP-2.2.3.2-02",
        "a protocol is named although there is no session",
        Replies(Refused(CreateSession), Say(PROTOCOL, "{7df0354d-249b-430f-820d-3d2a9bef4931}"));
    CreateAnyProtocol, "create/accepts-any-protocol", "BUP-2.2.1.2-24",
        "a list without a known protocol is accepted", Forgives(Refusal::Protocol);
    CreateProtocolIs500, "create/no-protocol-is-500", "BUP-2.2.1.2-24",
        "a list without a known protocol has status 500", Replies(On(Refusal::Protocol), Status(500));
    CreateKnowsNoComma, "create/knows-no-comma", "BUP-2.2.2.2-02",
        "protocols may be separated by spaces only", Hook;
    CreateHostId, "create/names-host", "BUP-2.2.3.2-06",
        "a host is named although none is set", Replies(Accepted(CreateSession), Say(HOST_ID, "localhost"));
    CreateHostTimeout, "create/names-host-timeout", "BUP-2.2.3.2-08",
        "a time for another host is named although none is set",
        Replies(Accepted(CreateSession), Say(HOST_ID_FALLBACK_TIMEOUT, "110"));
    CreateNoProtocolValue, "create/no-protocol-has-other-error", "BUP-2.2.1.2-24",
        "a list without a known protocol has another error value",
        Replies(On(Refusal::Protocol), Say(ERROR, "0x80004005"));
    CreateOddCoding, "create/odd-accept-encoding", "BUP-2.2.3.1-01",
        "Accept-Encoding is no list of codings",
        Replies(Accepted(CreateSession), Say(names::ACCEPT_ENCODING, "identity deflate;;"));
    CreateCodingOnError, "create/accept-encoding-on-error", "W32-ack-for-create-session-07",
        "Accept-Encoding comes with errors, too",
        Replies(Refused(CreateSession), Say(names::ACCEPT_ENCODING, "identity"));
    CreateOmitsError, "create/omits-error", "BUP-2.2.3.2-13",
        "an error has no value", Replies(Refused(CreateSession), Omit(ERROR));
    CreateOmitsContext, "create/omits-context", "BUP-2.2.3.2-15",
        "an error has no context", Replies(Refused(CreateSession), Omit(ERROR_CONTEXT));
    CreateError, "create/error-on-success", "BUP-2.2.3.2-14",
        "success carries an error value", Replies(Accepted(CreateSession), Say(ERROR, "0x00000000"));
    CreateContext, "create/context-on-success", "BUP-2.2.3.2-16",
        "success carries an error context", Replies(Accepted(CreateSession), Say(ERROR_CONTEXT, "0x5"));
    CreateBody, "create/has-body", "BUP-2.2.3.3-01",
        "the answer has a body", Replies(Accepted(CreateSession), Body);
    CreateOverwritesRespelled, "create/overwrites-respelled", "BUP-3.2.1.1-10",
        "what may not be replaced is, by whoever escapes a letter of its name", Hook;
    CreateIgnoresOverwriteSetting, "create/ignores-overwrite-setting", "BUP-3.2.1.1-10",
        "what exists is replaced although it may not be", Hook;

    FragmentPacketType, "fragment/echoes-packet-type", "BUP-2.2.7.2-01",
        "the answer has the packet type of the request", Replies(Accepted(Fragment), Say(PACKET_TYPE, "Fragment"));
    FragmentOmitsSessionId, "fragment/omits-session-id", "BUP-2.2.7.2-02",
        "the session is not named", Replies(Accepted(Fragment), Omit(SESSION_ID));
    FragmentOtherSessionId, "fragment/names-other-session", "BUP-2.2.1.2-08",
        "another session is named than was asked for",
        Replies(Accepted(Fragment), Say(SESSION_ID, "{0BADF00D-0000-4000-8000-000000000000}"));
    FragmentNextOffsetOffByOne, "fragment/next-offset-off-by-one", "BUP-2.2.7.2-07",
        "the offset named is one too high", Replies(Accepted(Fragment), NextButOne);
    FragmentLastOffset, "fragment/names-last-offset", "BUP-2.2.7.2-07",
        "the offset named is one too low", Replies(Accepted(Fragment), LastOne);
    FragmentNamesRange, "fragment/names-range", "BUP-2.2.7.2-07",
        "the bytes received are named instead of the next one", Replies(Accepted(Fragment), ReceivedRange);
    FragmentOmitsOffset, "fragment/omits-offset", "BUP-2.2.7.2-08",
        "the offset is not named", Replies(Accepted(Fragment), Omit(RECEIVED_CONTENT_RANGE));
    FragmentReplyUrl, "fragment/names-reply-url", "BUP-2.2.7.2-09",
        "a reply is announced although there is none", Replies(Accepted(Fragment), Say(REPLY_URL, "/reply"));
    FragmentOmitsError, "fragment/omits-error", "BUP-2.2.7.2-03",
        "an error has no value", Replies(Refused(Fragment), Omit(ERROR));
    FragmentOmitsContext, "fragment/omits-context", "BUP-2.2.7.2-05",
        "an error has no context", Replies(Refused(Fragment), Omit(ERROR_CONTEXT));
    FragmentError, "fragment/error-on-success", "BUP-2.2.7.2-04",
        "success carries an error value", Replies(Accepted(Fragment), Say(ERROR, "0x00000000"));
    FragmentContext, "fragment/context-on-success", "BUP-2.2.7.2-06",
        "success carries an error context", Replies(Accepted(Fragment), Say(ERROR_CONTEXT, "0x5"));
    FragmentBody, "fragment/has-body", "BUP-2.2.7.3-01",
        "the answer has a body", Replies(Accepted(Fragment), Body);
    FragmentErrorBody, "fragment/error-has-body", "BUP-2.2.7.3-01",
        "an error has a body", Replies(Refused(Fragment), Body);
    FragmentOffsetIs400, "fragment/offset-is-400", "BUP-3.2.5.2.6-01",
        "a fragment out of step has status 400", Replies(On(Refusal::Offset), Status(400));
    FragmentOffsetValue, "fragment/offset-has-error", "BUP-2.2.1.2-20",
        "a fragment out of step has an error value other than zero",
        Replies(On(Refusal::Offset), Say(ERROR, "0x80070057"));
    FragmentRefusalOmitsOffset, "fragment/refusal-omits-offset", "BUP-3.2.5.2.6-02",
        "a fragment out of step is not told the offset", Replies(On(Refusal::Offset), Omit(RECEIVED_CONTENT_RANGE));
    FragmentRefusalOffByOne, "fragment/refusal-off-by-one", "BUP-3.2.5.2.6-02",
        "a fragment out of step is told an offset that is one too high", Replies(On(Refusal::Offset), NextButOne);
    FragmentRefusalForgets, "fragment/refusal-forgets", "BUP-3.2.5.2.6-02",
        "a fragment out of step makes the server forget what it has", Hook;
    FragmentAcceptsGap, "fragment/accepts-gap", "BUP-3.2.5.2.6-01",
        "a fragment may leave a gap", Hook;
    FragmentOverwrites, "fragment/overwrites", "BUP-3.2.5.2.7-01",
        "a fragment may replace stored bytes", Hook;
    FragmentCoded, "fragment/takes-coded-bytes", "BUP-2.2.6.1-07",
        "coded bytes are taken as they are", Forgives(Refusal::Coded);
    FragmentCutCounts, "fragment/cut-counts-whole", "BUP-3.2.5.2.6-02",
        "a fragment counts as a whole although its connection broke", Hook;
    FragmentCutForgets, "fragment/cut-forgets", "BUP-3.2.5.2.6-02",
        "a broken connection makes the server forget what it has", Hook;
    FragmentCutLosesByte, "fragment/cut-loses-a-byte", "BUP-3.2.5.2.6-02",
        "a broken connection makes the server forget the last byte that it has", Hook;
    FragmentStoredLate, "fragment/stored-late", "BUP-3.2.5.2.7-01",
        "every fragment but the first is stored one byte too late", Hook;
    FragmentStoredEarly, "fragment/stored-early", "BUP-3.2.5.2.7-01",
        "every fragment but the first is stored one byte too early", Hook;
    PublishBeforeClose, "publish/before-close", "BUP-3.2.5.2.7-01",
        "the destination shows what was received before the close", Hook;

    ClosePacketType, "close/echoes-packet-type", "BUP-2.2.9.2-01",
        "the answer has the packet type of the request",
        Replies(Accepted(CloseSession), Say(PACKET_TYPE, "Close-Session"));
    CloseOmitsSessionId, "close/omits-session-id", "BUP-2.2.9.2-02",
        "the session is not named", Replies(Accepted(CloseSession), Omit(SESSION_ID));
    CloseOmitsError, "close/omits-error", "BUP-2.2.9.2-03",
        "an error has no value", Replies(Refused(CloseSession), Omit(ERROR));
    CloseOmitsContext, "close/omits-context", "BUP-2.2.9.2-05",
        "an error has no context", Replies(Refused(CloseSession), Omit(ERROR_CONTEXT));
    CloseError, "close/error-on-success", "BUP-2.2.9.2-04",
        "success carries an error value", Replies(Accepted(CloseSession), Say(ERROR, "0x00000000"));
    CloseContext, "close/context-on-success", "BUP-2.2.9.2-06",
        "success carries an error context", Replies(Accepted(CloseSession), Say(ERROR_CONTEXT, "0x5"));
    CloseBody, "close/has-body", "BUP-2.2.9.3-01",
        "the answer has a body", Replies(Accepted(CloseSession), Body);
    CloseVanishedIs200, "close/vanished-is-200", "BUP-3.2.5.2.7-03",
        "the close of an entity that has vanished succeeds", Replies(On(Refusal::Vanished), Pretend);
    PublishOtherName, "publish/other-name", "BUP-3.2.5.2.7-01",
        "an upload goes to a file of another name", Hook;
    CloseVanishedIs500, "close/vanished-is-500", "BUP-3.2.5.2.7-03",
        "the close of an entity that has vanished has status 500",
        Replies(On(Refusal::Vanished), Status(500));
    ClosePublishesNothing, "close/publishes-nothing", "BUP-3.2.5.2.7-01",
        "a complete upload does not reach its destination", Hook;
    ClosePublishesPart, "close/publishes-part", "BUP-3.2.5.1.2-01",
        "an upload that is not complete reaches its destination", Hook;
    CloseKeepsSession, "close/keeps-session", "BUP-3.2.5.1.5-03",
        "a closed session is still known", Hook;

    CancelPacketType, "cancel/echoes-packet-type", "BUP-2.2.11.2-01",
        "the answer has the packet type of the request",
        Replies(Accepted(CancelSession), Say(PACKET_TYPE, "Cancel-Session"));
    CancelOmitsSessionId, "cancel/omits-session-id", "BUP-2.2.11.2-02",
        "the session is not named", Replies(Accepted(CancelSession), Omit(SESSION_ID));
    CancelOmitsError, "cancel/omits-error", "BUP-2.2.11.2-03",
        "an error has no value", Replies(Refused(CancelSession), Omit(ERROR));
    CancelOmitsContext, "cancel/omits-context", "BUP-2.2.11.2-05",
        "an error has no context", Replies(Refused(CancelSession), Omit(ERROR_CONTEXT));
    CancelError, "cancel/error-on-success", "BUP-2.2.11.2-04",
        "success carries an error value", Replies(Accepted(CancelSession), Say(ERROR, "0x00000000"));
    CancelContext, "cancel/context-on-success", "BUP-2.2.11.2-06",
        "success carries an error context", Replies(Accepted(CancelSession), Say(ERROR_CONTEXT, "0x5"));
    CancelBody, "cancel/has-body", "BUP-2.2.11.3-01",
        "the answer has a body", Replies(Accepted(CancelSession), Body);
    CancelIs404, "cancel/is-404", "BUP-3.2.5.2.8-03",
        "a good cancel has status 404", Replies(Accepted(CancelSession), Status(404));
    CancelKeepsData, "cancel/keeps-data", "BUP-3.2.5.2.8-01",
        "a cancelled session goes on", Hook;

    CancelPublishes, "cancel/publishes", "BUP-3.2.5.2.8-01",
        "what a cancelled session has is published", Hook;

    NotifyNever, "notify/never", "BUP-2.2.12-01",
        "the application is not called", Hook;
    NotifyEarly, "notify/with-every-fragment", "BUP-3.2.5.1.2-06",
        "the application is called with every fragment", Hook;
    NotifyByPut, "notify/by-put", "BUP-2.2.12-02",
        "the application is called with PUT", Hook;
    NotifyByOldVersion, "notify/by-old-http", "BUP-3.3.5.3.1-01",
        "the application is called in HTTP/1.0", Hook;
    NotifyOmitsUrl, "notify/omits-url", "BUP-2.2.12.2-01",
        "the application is not told what the upload is for", Hook;
    NotifyRelativeUrl, "notify/relative-url", "BUP-2.2.12.2-02",
        "the application is told a destination without its host", Hook;
    NotifyOtherUrl, "notify/other-url", "BUP-2.2.12.2-02",
        "the application is told another destination", Hook;
    NotifyTellsRequest, "notify/tells-path-by-value", "BUP-2.2.12.2-04",
        "by value the application is told where the upload lies", Hook;
    NotifyTellsReply, "notify/tells-reply-path-by-value", "BUP-2.2.12.2-06",
        "by value the application is told where a reply belongs", Hook;
    NotifyOmitsRequest, "notify/omits-path", "BUP-2.2.12.2-03",
        "by reference the application is not told where the upload lies", Hook;
    NotifyOmitsReply, "notify/omits-reply-path", "BUP-2.2.12.2-05",
        "by reference the application is not told where a reply belongs", Hook;
    NotifySendsBody, "notify/sends-body-by-reference", "BUP-2.2.12.3-02",
        "by reference the application is sent the upload, too", Hook;
    NotifyCutsBody, "notify/cuts-body", "BUP-2.2.12.3-01",
        "by value the last byte of the upload is missing", Hook;
    NotifyOmitsLength, "notify/omits-length", "BUP-2.2.12.1-01",
        "the length of a call is not told", Hook;
    NotifyOtherFile, "notify/names-other-file", "BUP-3.2.1.1-06",
        "by reference the application is told another file", Hook;
    NotifyDropsQuery, "notify/drops-query", "W32-bits-iis-extension-properties-01",
        "the query of the destination does not reach the application", Hook;
    NotifyErrorIsSuccess, "notify/error-is-success", "BUP-3.2.5.1.3-05",
        "an upload that the application refused is acknowledged", Hook;
    NotifyErrorIs500, "notify/error-is-500", "BUP-3.2.5.1.3-05",
        "every error of the application has status 500", Hook;
    NotifyAnySuccess, "notify/any-2xx-is-success", "W32-handling-server-application-errors-01",
        "the application may answer any status of success", Hook;
    NotifyContext, "notify/context-of-server", "BUP-2.2.1.2-13",
        "errors of the application are told as the server's own",
        Replies(On(Refusal::Application), Misstate(ERROR_CONTEXT, "0x5"));
    NotifyFailureEndsSession, "notify/failure-ends-session", "BUP-3.2.5.1.3-03",
        "a session ends when its upload cannot be announced", Hook;
    NotifyNotAgain, "notify/not-again", "BUP-3.2.5.1.2-05",
        "an upload that could not be announced never is", Hook;
    NotifyAgainAfter403, "notify/again-after-403", "W32-handling-server-application-errors-02",
        "an upload that the application forbade is announced again", Hook;
    NotifyNoAnswerIsSuccess, "notify/no-answer-is-success", "BUP-3.2.5.1.3-04",
        "an application that hangs up counts as content", Hook;
    NotifyCutCallIsSuccess, "notify/cut-call-is-success", "BUP-3.3.5.2.3-02",
        "an application that hangs up while it is sent the upload counts as content", Hook;
    NotifyCutReplyIsSuccess, "notify/cut-reply-is-success", "BUP-3.3.5.2.5-02",
        "an application that hangs up within its reply counts as content", Hook;
    NotifyVersionUnchecked, "notify/version-unchecked", "BUP-3.3.5.3.2-01",
        "the application may answer by any version of HTTP", Hook;
    NotifyFormUnchecked, "notify/form-unchecked", "BUP-3.3.5.3.2-02",
        "the application may answer nonsense", Hook;
    NotifyMalformedIs500, "notify/malformed-is-500", "BUP-3.3.5.3.2-03",
        "nonsense of the application has status 500", Hook;
    NotifySlowCallIs500, "notify/slow-call-is-500", "BUP-3.3.6.1-01",
        "an application that does not read in time leads to status 500", Hook;
    NotifySlowBodyIs500, "notify/slow-reply-is-500", "BUP-3.3.6.2-01",
        "an application that does not reply in time leads to status 500", Hook;
    NotifySlowHeadIs500, "notify/slow-answer-is-500", "BUP-3.3.6.3-01",
        "an application that does not answer in time leads to status 500", Hook;
    NotifyLongReplyUrl, "notify/long-reply-url-is-accepted", "BUP-2.2.1.2-28",
        "the URL of a reply may have any length",
        Forgives(Refusal::ReplyUrl);
    NotifyIgnoresCopy, "notify/ignores-copy", "BUP-3.3.5.2.4-02",
        "the application cannot have an upload copied to its destination", Hook;
    NotifyAlwaysCopies, "notify/always-copies", "BUP-2.2.13.2-02",
        "an upload goes to its destination although nobody asked for it", Hook;
    ReplyNotNamed, "reply/not-named", "BUP-2.2.7.2-10",
        "the client is not told of a reply", Hook;
    ReplyNamedEarly, "reply/named-early", "BUP-2.2.7.2-11",
        "every fragment is told of a reply", Hook;
    ReplyNamedOnFailure, "reply/named-on-failure", "BUP-3.3.5.2.6-01",
        "a refusal of the application comes with the URL of a reply",
        Replies(On(Refusal::Application), Say(REPLY_URL, "http://127.0.0.1/reply"));
    ReplyNotServed, "reply/not-served", "BUP-3.3.5.2.6-02",
        "the URL of a reply leads nowhere", Hook;
    ReplyCut, "reply/cut", "BUP-3.3.5.2.5-01",
        "by value the last byte of a reply is missing", Hook;
    ReplyFromBody, "reply/from-body-by-reference", "BUP-3.3.5.2.4-03",
        "by reference a body is taken for the reply", Hook;
    ReplyOfAnother, "reply/of-another-session", "BUP-3.3.5.2.5-01",
        "of two sessions at once, one has the reply of the other", Hook;
    ReplyStaticAltered, "reply/static-altered", "BUP-3.3.5.2.4-01",
        "the URL of a static reply is changed", Hook;
    ReplyOutlivesClose, "reply/outlives-close", "BUP-3.2.5.2.7-04",
        "a reply can be read after the close", Hook;
    ReplyOutlivesCancel, "reply/outlives-cancel", "BUP-3.2.5.2.8-02",
        "a reply can be read after the cancel", Hook;

    AccountsNoChallenge, "accounts/no-challenge", "BUP-2.1-01",
        "who asks for credentials does not say which", Hook;
    AccountsAnyPassword, "accounts/any-password", "BUP-2.1-01",
        "any credentials are taken for those of the user who may", Hook;
    AccountsTrustSessions, "accounts/trusts-sessions", "BUP-2.2.1.2-18",
        "who knows the id of a session is not asked for credentials", Hook;

    AccountsTrustPing, "accounts/trusts-ping", "BUP-3.2.5.2.3-03",
        "PING needs no credentials", Trusts(Ping);
    AccountsTrustCreate, "accounts/trusts-create", "BUP-2.2.1.2-18",
        "CREATE-SESSION needs no credentials", Trusts(CreateSession);
    AccountsTrustFragment, "accounts/trusts-fragment", "BUP-2.2.1.2-18",
        "FRAGMENT needs no credentials", Trusts(Fragment);
    AccountsTrustClose, "accounts/trusts-close", "BUP-2.2.1.2-18",
        "CLOSE-SESSION needs no credentials", Trusts(CloseSession);
    AccountsTrustCancel, "accounts/trusts-cancel", "BUP-2.2.1.2-18",
        "CANCEL-SESSION needs no credentials", Trusts(CancelSession);

    HostIdOmitted, "host-id/omitted", "BUP-2.2.3.2-05",
        "the host for uploads is not told",
        Replies(Accepted(CreateSession), Omit(HOST_ID));
    HostIdTimeoutOmitted, "host-id/timeout-omitted", "BUP-2.2.3.2-07",
        "the time for the host for uploads is not told",
        Replies(Accepted(CreateSession), Omit(HOST_ID_FALLBACK_TIMEOUT));
    HostIdIsUrl, "host-id/is-url", "BUP-2.2.3.2-04",
        "the host for uploads is a URL",
        Replies(Accepted(CreateSession), Misstate(HOST_ID, "http://127.0.0.1/"));
    HostIdOther, "host-id/other", "BUP-3.2.1.1-09",
        "another host for uploads is told than is set",
        Replies(Accepted(CreateSession), Misstate(HOST_ID, "127.0.0.9"));

    DownloadIgnoresRange, "download/ignores-range", "BUP-3.5.5-03",
        "ranges are not looked at", Hook;
    DownloadRangeOffByOne, "download/range-off-by-one", "BUP-3.5.5.1-02",
        "a range holds the bytes one place before it", Hook;
    DownloadIsCoded, "download/is-coded", "BUP-2.3-02",
        "a download says that it is coded", Hook;
    DownloadOddDate, "download/odd-date", "BUP-3.5.5-01",
        "the time of the last change is a word", Hook;
    DownloadOmitsSizeIn416, "download/wrong-size-in-416", "BUP-3.5.5-01",
        "who asks beyond the end is told a size of zero", Hook;
    DownloadOmitsLastBoundary, "download/omits-last-boundary", "BUP-3.5.5-01",
        "several ranges end without the last boundary", Hook;
    DownloadServesSessions, "download/serves-sessions", "BUP-3.2.5.2.4-05",
        "what is not finished can be read by URL", Hook;
    DownloadListsSessions, "download/lists-sessions", "BUP-3.2.5.2.4-05",
        "the folder of sessions tells which are open", Hook;
    DownloadOmitsLastModified, "download/omits-last-modified", "BUP-3.5.5.1-03",
        "the time of the last change is not named", Hook;
    DownloadOmitsLength, "download/omits-length", "BUP-3.5.5-05",
        "a download comes in chunks without a length", Hook;
    DownloadHeadNotFound, "download/head-is-404", "BUP-3.5.5-02",
        "nothing is found by HEAD", Hook;
    DownloadUnknownHeaderRefused, "download/unknown-header-is-refused", "BUP-2.3-02",
        "downloads with headers that the protocol does not know are refused", Hook;
    DownloadKeepsLength, "download/keeps-length", "BUP-3.5.4.1-01",
        "HEAD tells the length of the content before the last", Hook;
    DownloadKeepsLastModified, "download/keeps-last-modified", "BUP-3.5.4.1-02",
        "the time of the last change is the same whatever is changed", Hook;
    DownloadIgnoresIfUnmodified, "download/ignores-if-unmodified-since", "BUP-3.5.5-01",
        "a download on condition of no change is served after a change", Hook;
    DownloadMisreadsIfModified, "download/misreads-if-modified-since", "BUP-3.5.5-01",
        "nothing counts as changed since any time", Hook;
    DownloadIgnoresIfRange, "download/ignores-if-range", "BUP-3.5.5-01",
        "a range of a content that is gone is cut out of the new one", Hook;
    DownloadServesNoSeveralRanges, "download/several-ranges-are-200", "BUP-3.5.5-04",
        "who asks for several ranges gets the whole", Hook;
    DownloadSortsParts, "download/sorts-parts", "BUP-3.5.5.1-04",
        "several ranges come in the order of the content", Hook;
    DownloadMergesParts, "download/merges-parts", "BUP-3.5.5.1-05",
        "ranges that touch come as one", Hook;
    DownloadLongPartHeaders, "download/long-part-headers", "W32-http-requirements-03",
        "each of several ranges has over 180 bytes of headers of its own", Hook;
    DownloadBlankLines, "download/blank-lines-before-parts", "W32-http-requirements-04",
        "three line ends stand before the first of several ranges", Hook;

    RaceBothCounted, "race/both-counted", "BUP-3.2.5.2.6-01",
        "of two equal fragments at once both count", Hook;
    RaceNeitherKept, "race/neither-kept", "BUP-3.2.5.2.6-01",
        "two fragments at once are both acknowledged, and the range received is that before them", Hook;
    RaceRefusalCounts, "race/refusal-counts", "BUP-3.2.5.2.6-01",
        "of two fragments at once one is refused, and it counts", Hook;
    RaceSessionLost, "race/session-lost", "BUP-3.2.5.2.6-01",
        "two fragments at once are acknowledged, and the session is gone", Hook;
    RaceOffsetOfOther, "race/offset-of-the-other", "BUP-3.2.1.3.1-01",
        "of two sessions for one destination one is told the next byte of the other", Hook;
    RaceBytesLost, "race/bytes-lost", "BUP-3.2.5.2.7-01",
        "two equal fragments at once leave a hole", Hook;
    RaceClosePublishesHole, "race/close-publishes-hole", "BUP-3.2.5.2.7-01",
        "a close publishes while the last fragment is still written", Hook;
    RaceMixture, "race/mixture", "BUP-3.2.1.3.1-01",
        "of two sessions for one destination one writes into the other's upload", Hook;
    RaceCancelTakesOther, "race/cancel-takes-the-other", "BUP-3.2.1.3.1-01",
        "a cancel takes the bytes away that another session for the destination is sent", Hook;
    RaceSecondCloseEmpties, "race/second-close-empties", "BUP-3.2.5.2.7-01",
        "two closes at once publish twice, the second time nothing", Hook;
    RaceReadsPart, "race/reads-part", "BUP-3.2.5.2.7-01",
        "a download at once with the close gets half of the file", Hook;
    RaceReplacesLate, "race/replaces-late", "BUP-3.2.5.2.7-01",
        "a download finds nothing while a file is replaced", Hook;
    RaceCloseForgotten, "race/close-forgotten", "BUP-3.2.5.1.5-03",
        "a close at once with a fragment is acknowledged, and the session goes on", Hook;
    RaceCancelForgotten, "race/cancel-forgotten", "BUP-3.2.5.2.8-01",
        "a cancel at once with a fragment is acknowledged, and the fragment revives the session", Hook;
    RaceCloseAndCancel, "race/close-and-cancel", "BUP-3.2.5.2.8-01",
        "a close and a cancel at once both succeed", Hook;
    RaceBothWin, "race/both-win", "BUP-3.2.1.1-10",
        "of two closes at once the second replaces what the first published, which is not allowed", Hook;
    RaceIdTwice, "race/id-twice", "BUP-2.2.1.2-04",
        "two sessions that are opened at once get one id", Hook;
}

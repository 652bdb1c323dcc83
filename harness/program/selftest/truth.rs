//! The table of truth: for each fault the checks that must break, no more and no fewer.
//!
//! A fault without a row does not compile. Where no text speaks, so that nothing can break, the row has the readings that
//! the report names instead.

use std::collections::BTreeSet;

use bits_judge::spec::Dialect;
use bits_server::fault::Fault;

/// What must come of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    /// The dialect in which it is judged.
    pub(super) dialect: Dialect,
    /// The checks that must break.
    pub(super) checks: &'static [&'static str],
    /// Checks that must come out otherwise than on the honest server although the report names another cause, and that no
    /// fault breaks by itself. What else comes out otherwise is not listed: it depends on which answer came first.
    pub(super) greys: &'static [&'static str],
    /// The readings that must appear and, with a `-`, that must go, if no check breaks.
    pub(super) readings: &'static [&'static str],
}

macro_rules! truths {
    ($($fault:ident: [$($check:literal),*] $(greys [$($grey:literal),*])? $(shifts [$($reading:literal),*])? $(in $dialect:ident)?;)*) => {
        /// What must come of this fault.
        pub(super) const fn of(fault: Fault) -> Truth {
            match fault {
                $(Fault::$fault => Truth {
                    dialect: truths!(@dialect $($dialect)?),
                    checks: &[$($check),*],
                    greys: &[$($($grey),*)?],
                    readings: &[$($($reading),*)?],
                },)*
            }
        }
    };
    (@dialect) => { Dialect::Strict };
    (@dialect $dialect:ident) => { Dialect::$dialect };
}

truths! {
    AckOmitsPacketType: ["http/packet-type-of-other-answers"];
    AckOmitsSessionId: ["create-session/session-id"] greys ["open/duplicate-header"];
    AckErrorIsNoHresult: ["errors/value-is-an-hresult"];
    AckErrorOnSuccess: ["ack-cancel-session/no-error-on-success", "ack-close-session/no-error-on-success", "ack-create-session/no-error-on-success", "ack-fragment/no-error-on-success", "ack-ping/no-error-on-success"];
    AckContextOfApplication: ["errors/context-is-server"];
    AckContextWithoutError: ["ack-cancel-session/error-on-failure", "ack-close-session/error-on-failure", "ack-create-session/error-on-failure", "ack-fragment/error-on-failure", "ack-ping/error-on-failure"];
    AckLongValue: ["http/value-length"];
    AckErrorOfNobody: ["errors/vendor-bit"];
    FrameBareLf: ["http/well-formed"];
    FrameFolded: ["http/well-formed"];
    FrameTwoLengths: ["http/well-formed"];
    FrameLengthTooLong: ["http/well-formed"];
    FrameNoLength: ["ack-ping/length-zero"];
    FrameChunked: ["ack-ping/length-zero"];
    FrameSurplus: ["http/well-formed"];
    FrameVersion: ["http/version"];
    FrameStatus: ["ping/answered-with-200"];
    FrameInterim: ["ping/answered-with-200"] greys ["ping/no-session-looked-up"];
    FrameHalf: ["ping/answered-with-200"];
    FrameStale: ["session/id-equals-request"];
    FrameCreateHangsUp: ["create-session/answered"];
    FrameFragmentHangsUp: ["fragment/answered"] greys ["session/id-spelling"];
    FrameCloseHangsUp: ["close-session/answered"];
    FrameBelowBits: ["http/answers-below-bits"];
    SessionUnknownIs200: ["session/unknown-is-500"] greys ["session/unknown-never-taken"];
    SessionUnknownIs404: ["session/unknown-is-500"];
    SessionUnknownValue: ["session/unknown-error-value"];
    SessionMissingIs404: ["session/id-missing"];
    SessionAnyUrl: [] greys ["session/other-url"] shifts ["-U2/refused", "U2/accepted"];
    SessionExactSpelling: [] shifts ["-U14/taken"];
    FrameTrickles: ["create-session/answered"];
    FrameStalls: ["fragment/answered"];
    SessionAnyId: ["session/unknown-is-500"] greys ["session/unknown-never-taken"];
    SessionIdsCount: [] greys ["create-session/session-ids-apart"] shifts ["-I1/apart", "I1/close"];
    SessionIdsAreTimes: [] greys ["create-session/session-ids-apart"] shifts ["-I1/apart", "I1/close"];
    SessionTold: ["session/id-equals-request"];
    SessionToldInBodies: [] greys ["open/other-sessions-told"] shifts ["I2/told"];
    SessionCountsForAnother: ["fragment/sessions-kept-apart"];
    SessionForgetsAnother: ["history/sessions-kept-apart", "publication/sessions-kept-apart", "session/rows-kept-apart"];
    SessionStoresForAnother: ["publication/sessions-kept-apart", "history/sessions-kept-apart"];
    SessionRivalsShare: ["publication/sessions-kept-apart", "history/sessions-kept-apart"];
    SessionEndsEarly: ["lifetime/lasts"] greys ["create-session/session-known-afterwards"];
    SessionOutlivesTimeout: ["lifetime/ends"] greys ["open/refusals-and-timeout"];
    PathClimbs: [] greys ["open/climbing-path"] shifts ["-P1/refused", "P1/taken"];
    PathSessionsFolder: [] greys ["open/session-folder-as-destination"] shifts ["P2/taken"];
    DestinationExistsIs500: ["errors/destination-exists"];
    DestinationExistsValue: ["errors/destination-exists"];
    DestinationForbiddenIs500: ["errors/not-permitted"] greys ["errors/which-of-several-faults"];
    DestinationForbiddenValue: ["errors/not-permitted"];
    DestinationDisabledValue: ["errors/uploads-disabled"];
    DestinationDirectoryValue: ["errors/directory"];
    DestinationNoParentIs403: [] greys ["create-session/missing-folder"] shifts ["-D4/at-create", "D4/later"] in W32;
    DestinationForbiddenIsAllowed: ["errors/not-permitted"];
    DestinationDisabledIs400: ["errors/uploads-disabled"];
    DestinationDisabledIsEnabled: ["errors/uploads-disabled"];
    DestinationDirectoryIs403: ["errors/directory"];
    RangeIs500: ["fragment/range-malformed"] greys ["fragment/length-not-range"];
    RangeValue: ["fragment/range-malformed"] greys ["fragment/range-missing"];
    TotalChangeIs500: ["fragment/total-changed"];
    RangeUnitFails: ["fragment/range-unit"];
    RangeOf32Bits: ["fragment/gap-refused"];
    RangeOf31Bits: ["fragment/gap-refused"];
    RangeBackwards: ["fragment/range-malformed"];
    RangeBeyond: [] shifts ["U15/416", "U15/taken"];
    RangeUnknownTotal: [] shifts ["-U19/refused", "U19/taken"];
    TotalChangeValue: ["fragment/total-changed"];
    TotalChangeIsAccepted: ["fragment/total-changed"];
    TooLargeIs413: ["fragment/too-large"];
    TooLargeValue: ["fragment/too-large"];
    TooLargeIsAccepted: ["fragment/over-the-maximum"];
    LimitOfFragments: ["fragment/over-the-maximum"];
    LimitPlusOne: ["fragment/over-the-maximum"];
    LimitOfOneSession: ["fragment/over-the-maximum"];
    DestinationExecutableIsAllowed: ["errors/executable-directory"] in W32;
    DiskFullIs507: ["errors/disk-full"];
    DestinationExecutableValue: ["errors/executable-directory"] in W32;
    DiskFullValue: ["errors/disk-full"];
    HeaderLongValue: ["errors/value-over-4-kilobytes"];
    HeaderLongIs431: ["errors/value-over-4-kilobytes"];
    HeaderLongIsAccepted: ["errors/value-over-4-kilobytes"];
    RequestUnknownHeaderRefused: ["http/unknown-headers-ignored"];
    LengthMissingIs500: ["errors/length-missing-status"];
    LengthMissingValue: ["errors/length-missing-value"];
    LengthMissingIsAccepted: ["errors/length-missing-refused"] greys ["open/chunked"];
    PacketTypeUnknownIs501: ["errors/packet-type-unknown"];
    PacketTypeUnknownValue: ["errors/packet-type-unknown"] greys ["errors/packet-type-missing"];
    MalformedValue: ["errors/body-on-bodyless"];
    MalformedIs500: ["errors/body-on-bodyless"];
    MalformedIsAccepted: ["errors/body-on-bodyless"];
    PingPacketType: ["ack-ping/packet-type"];
    PingError: ["ack-ping/no-error-on-success"];
    PingContext: ["ack-ping/no-context-on-success"];
    PingOmitsError: ["ack-ping/error-on-failure"];
    PingOmitsContext: ["ack-ping/context-on-failure"];
    PingBody: ["ack-ping/no-body"];
    PingIs204: ["ping/answered-with-200"];
    PingAsksForSession: ["ping/answered-with-200"];
    PingAsksForPermission: [] greys ["ping/permission"] shifts ["-U12/answered"];
    CreatePacketType: ["ack-create-session/packet-type"];
    CreateIs201: ["create-session/succeeds"];
    CreateOmitsSessionId: ["create-session/session-id"];
    CreateIdWithoutBraces: ["create-session/session-id-form"];
    CreateReusesId: ["create-session/session-id-unique"];
    CreateTakesId: ["create-session/session-id-unique"] greys ["session/create-with-an-id"];
    CreateOmitsProtocol: ["create-session/chosen-protocol"];
    CreateForeignProtocol: ["create-session/chosen-protocol"];
    CreateProtocolOnError: ["create-session/no-protocol-on-failure"];
    CreateAnyProtocol: ["create-session/no-common-protocol"] greys ["create-session/faulty-gives-no-session"];
    CreateProtocolIs500: ["create-session/no-common-protocol"];
    CreateKnowsNoComma: ["create-session/protocol-list-forms"];
    CreateHostId: ["create-session/no-host-id"];
    CreateHostTimeout: ["create-session/no-host-id-timeout"];
    CreateNoProtocolValue: ["create-session/no-common-protocol"] greys ["create-session/protocol-list-missing"];
    CreateOddCoding: ["create-session/accept-encoding"];
    CreateCodingOnError: [] greys ["create-session/accept-encoding-on-failure"] shifts ["-D20/only-on-success", "D20/any-time"] in W32;
    CreateOmitsError: ["ack-create-session/error-on-failure"];
    CreateOmitsContext: ["ack-create-session/context-on-failure"];
    CreateError: ["ack-create-session/no-error-on-success"];
    CreateContext: ["ack-create-session/no-context-on-success"];
    CreateBody: ["ack-create-session/no-body"] greys ["ack-create-session/length-zero"];
    CreateOverwritesRespelled: ["publication/overwriting"];
    CreateIgnoresOverwriteSetting: ["publication/overwriting", "history/one-of-two-wins"];
    FragmentPacketType: ["ack-fragment/packet-type"];
    FragmentOmitsSessionId: ["session/id-in-fragment-ack"];
    FragmentOtherSessionId: ["session/id-equals-request"];
    FragmentNextOffsetOffByOne: ["fragment/received-range-is-next"];
    FragmentLastOffset: ["fragment/received-range-is-next"];
    FragmentNamesRange: ["fragment/received-range-is-next"] greys ["fragment/sessions-kept-apart"];
    FragmentOmitsOffset: ["fragment/received-range-present"];
    FragmentReplyUrl: ["fragment/no-reply-url"] greys ["reply/none-to-name"];
    FragmentOmitsError: ["ack-fragment/error-on-failure"];
    FragmentOmitsContext: ["ack-fragment/context-on-failure"];
    FragmentError: ["ack-fragment/no-error-on-success"];
    FragmentContext: ["ack-fragment/no-context-on-success"];
    FragmentBody: ["ack-fragment/no-body"] greys ["ack-fragment/length-zero"];
    FragmentErrorBody: ["ack-fragment/no-body"];
    FragmentOffsetIs400: ["fragment/gap-refused"] greys ["fragment/after-the-end"];
    FragmentOffsetValue: ["fragment/416-error-value"];
    FragmentRefusalOmitsOffset: ["fragment/416-names-offset"];
    FragmentRefusalOffByOne: ["fragment/416-names-offset", "fragment/offset-after-a-cut"] in W32;
    FragmentRefusalForgets: ["fragment/416-names-offset", "fragment/offset-after-a-cut"] greys ["fragment/last-taken", "fragment/next-taken"];
    FragmentAcceptsGap: ["fragment/gap-refused", "history/fragments-in-turn"] greys ["open/cut"];
    FragmentOverwrites: ["publication/content-after-close"] in W32;
    FragmentCoded: ["fragment/coded"];
    FragmentCutCounts: ["fragment/offset-after-a-cut"] greys ["fragment/first-taken"];
    FragmentCutForgets: ["fragment/offset-after-a-cut"];
    FragmentCutLosesByte: ["fragment/offset-after-a-cut"];
    FragmentStoredLate: ["publication/content-after-close"];
    FragmentStoredEarly: ["publication/content-after-close"];
    PublishBeforeClose: ["publication/nothing-before-the-last-byte"] greys ["cancel-session/after-the-last-fragment", "close-session/complete-succeeds", "http/header-names-in-any-case", "open/other-method", "publication/before-close"];
    ClosePacketType: ["ack-close-session/packet-type"];
    CloseOmitsSessionId: ["session/id-in-close-ack"];
    CloseOmitsError: ["ack-close-session/error-on-failure"];
    CloseOmitsContext: ["ack-close-session/context-on-failure"];
    CloseError: ["ack-close-session/no-error-on-success"];
    CloseContext: ["ack-close-session/no-context-on-success"];
    CloseBody: ["ack-close-session/no-body"] greys ["ack-close-session/length-zero"];
    CloseVanishedIs200: ["close-session/entity-deleted"];
    PublishOtherName: ["publication/content-after-close", "publication/nothing-before-the-last-byte"] greys ["errors/existing-destination-noticed"];
    CloseVanishedIs500: ["close-session/entity-deleted"];
    ClosePublishesNothing: ["publication/content-after-close", "publication/nothing-before-the-last-byte"] greys ["multirange/outside", "open/query", "publication/content-name-unused"];
    ClosePublishesPart: ["close-session/early"] in W32;
    CloseKeepsSession: ["close-session/ends-the-session"];
    CancelPacketType: ["ack-cancel-session/packet-type"];
    CancelOmitsSessionId: ["session/id-in-cancel-ack"];
    CancelOmitsError: ["ack-cancel-session/error-on-failure"] greys ["open/second-end"];
    CancelOmitsContext: ["ack-cancel-session/context-on-failure"];
    CancelError: ["ack-cancel-session/no-error-on-success"];
    CancelContext: ["ack-cancel-session/no-context-on-success"];
    CancelBody: ["ack-cancel-session/no-body"] greys ["ack-cancel-session/length-zero"];
    CancelIs404: ["cancel-session/succeeds"] greys ["open/content-name", "open/packet-type-case"];
    CancelKeepsData: ["cancel-session/deletes", "history/cancel-in-turn"];
    CancelPublishes: ["cancel-session/deletes", "history/cancel-in-turn"];
    NotifyNever: ["notify/called"];
    NotifyEarly: ["notify/with-the-last-fragment"];
    NotifyByPut: ["notify/method"];
    NotifyByOldVersion: ["notify/form"];
    NotifyOmitsUrl: ["notify/url-present"];
    NotifyRelativeUrl: ["notify/url-is-the-destination"];
    NotifyOtherUrl: ["notify/url-is-the-destination"];
    NotifyTellsRequest: ["notify/no-path-of-the-upload"];
    NotifyTellsReply: ["notify/no-path-for-the-reply"];
    NotifyOmitsRequest: ["notify/path-of-the-upload"];
    NotifyOmitsReply: ["notify/path-for-the-reply"];
    NotifySendsBody: ["notify/no-body"];
    NotifyCutsBody: ["notify/body-is-the-upload"];
    NotifyOmitsLength: ["notify/length"];
    NotifyOtherFile: ["notify/file-is-the-upload"];
    NotifyDropsQuery: ["notify/query-appended"] in W32;
    NotifyErrorIsSuccess: ["application/status-passed-on"];
    NotifyErrorIs500: ["application/status-passed-on"];
    NotifyAnySuccess: ["application/only-200-is-success"] in W32;
    NotifyContext: ["application/context"];
    NotifyFailureEndsSession: ["application/session-stays"];
    NotifyNotAgain: ["application/called-again-after-failure"] greys ["application/lost-ack", "application/stored-after-success"];
    NotifyAgainAfter403: ["application/not-called-again-after-403"] in W32;
    NotifyNoAnswerIsSuccess: ["application/no-answer-is-an-error"];
    NotifyCutCallIsSuccess: ["application/cut-call-is-an-error"];
    NotifyCutReplyIsSuccess: ["application/cut-reply-is-an-error"];
    NotifyVersionUnchecked: ["application/version-checked"];
    NotifyFormUnchecked: ["application/form-checked"];
    NotifyMalformedIs500: ["application/malformed-is-411"];
    NotifySlowCallIs500: ["application/slow-to-read"];
    NotifySlowBodyIs500: ["application/slow-in-a-body"];
    NotifySlowHeadIs500: ["application/slow-to-answer"];
    NotifyLongReplyUrl: ["application/long-reply-url"];
    NotifyIgnoresCopy: ["application/copied-when-asked"] greys ["reply/static-stays"];
    NotifyAlwaysCopies: ["application/not-copied-unasked"] greys ["application/nothing-left-over"];
    ReplyNotNamed: ["reply/named-with-the-last-ack"];
    ReplyNamedEarly: ["reply/not-named-before"];
    ReplyNamedOnFailure: ["application/failure-has-no-reply"];
    ReplyNotServed: ["reply/can-be-fetched"] greys ["reply/in-ranges"];
    ReplyCut: ["reply/body-is-the-applications"];
    ReplyFromBody: ["reply/file-is-the-applications"];
    ReplyOfAnother: ["reply/body-is-the-applications"];
    ReplyStaticAltered: ["reply/static-as-it-stands"];
    ReplyOutlivesClose: ["reply/gone-after-close"];
    ReplyOutlivesCancel: ["reply/gone-after-cancel"];
    AccountsNoChallenge: ["http/authentication"];
    AccountsAnyPassword: ["http/authentication"];
    AccountsTrustSessions: ["errors/not-permitted"] greys ["errors/permission-is-checked"];
    AccountsTrustPing: [] greys ["ping/credentials"] shifts ["-A1/asked", "A1/answered"];
    AccountsTrustCreate: ["errors/not-permitted"];
    AccountsTrustFragment: ["errors/not-permitted"];
    AccountsTrustClose: ["errors/not-permitted"];
    AccountsTrustCancel: ["errors/not-permitted"];
    HostIdOmitted: ["host-id/announced"] greys ["host-id/sent"];
    HostIdTimeoutOmitted: ["host-id/fallback-timeout"];
    HostIdIsUrl: ["host-id/form"];
    HostIdOther: ["host-id/as-configured"];
    DownloadIgnoresRange: ["download/single-range"] greys ["download/range-outside"];
    DownloadRangeOffByOne: ["download/range-bytes", "multirange/bytes"];
    DownloadIsCoded: ["download/identity"];
    DownloadOddDate: ["download/dates"];
    DownloadOmitsSizeIn416: ["download/size-in-416"];
    DownloadOmitsLastBoundary: ["multirange/form"];
    DownloadServesSessions: ["download/session-folder-hidden"];
    DownloadListsSessions: ["download/session-folder-hidden"];
    DownloadOmitsLastModified: ["download/last-modified"];
    DownloadOmitsLength: ["download/length"] greys ["download/head-headers"];
    DownloadHeadNotFound: ["download/head-as-get"];
    DownloadUnknownHeaderRefused: ["download/unknown-headers"];
    DownloadKeepsLength: ["replacement/bytes-with-length"];
    DownloadKeepsLastModified: ["replacement/dated"];
    DownloadIgnoresIfUnmodified: ["conditional/kept"];
    DownloadMisreadsIfModified: ["conditional/kept"];
    DownloadIgnoresIfRange: ["conditional/if-range"];
    DownloadServesNoSeveralRanges: ["multirange/served"];
    DownloadSortsParts: ["multirange/order"];
    DownloadMergesParts: ["multirange/none-merged"];
    DownloadLongPartHeaders: ["multirange/part-headers"] in W32;
    DownloadBlankLines: ["multirange/first-boundary"] in W32;
    RaceBothCounted: ["history/fragments-in-turn"];
    RaceNeitherKept: ["history/fragments-in-turn"];
    RaceRefusalCounts: ["history/fragments-in-turn"];
    RaceSessionLost: ["history/fragments-in-turn"];
    RaceOffsetOfOther: ["history/sessions-kept-apart"];
    RaceBytesLost: ["history/file-of-one-session"];
    RaceClosePublishesHole: ["history/file-of-one-session"];
    RaceMixture: ["history/sessions-kept-apart"];
    RaceCancelTakesOther: ["history/sessions-kept-apart"];
    RaceSecondCloseEmpties: ["history/file-of-one-session"];
    RaceReadsPart: ["history/file-of-one-session"];
    RaceReplacesLate: ["history/file-of-one-session"];
    RaceCloseForgotten: ["history/close-in-turn"];
    RaceCancelForgotten: ["history/cancel-in-turn"];
    RaceCloseAndCancel: ["history/cancel-in-turn"];
    RaceBothWin: ["history/one-of-two-wins"];
    RaceIdTwice: ["create-session/session-id-unique"];
}

/// Checks that no fault of this server can trip, and why.
const NEVER: &[(&str, &str)] = &[
    (
        "errors/several-faults",
        "a fault lets one mistake of a request pass, and the other one is refused all the same",
    ),
    ("http/connection-close", "the HTTP library closes connections, whatever a fault says"),
    (
        "http/content-length-form",
        "the HTTP library refuses such lengths before a fault has its say",
    ),
    (
        "http/empty-answers-below-bits",
        "packets are answered below the BITS layer by the HTTP library alone",
    ),
    ("notify/none-without-type", "a directory that calls nobody has no URL to call"),
    (
        "reply/not-without-a-call",
        "a server that invents a reply leaves its application uncalled, and that is what the report names",
    ),
    (
        "create-session/session-id-string",
        "the reference server names its sessions by GUIDs, which are never too long",
    ),
    ("session/two-on-one-destination", "it notes an open point (U3), and has no breach to find"),
];

/// Why no fault can trip this check, if none can.
pub(super) fn never(check: &str) -> Option<&'static str> {
    NEVER.iter().find(|(name, _)| *name == check).map(|(_, reason)| *reason)
}

/// What is wrong with the tables, given the checks that there are.
pub(super) fn complaints(known: &BTreeSet<&'static str>) -> Vec<String> {
    let named =
        Fault::ALL.iter().flat_map(|fault| of(*fault).checks.iter().chain(of(*fault).greys));
    let unknown = named
        .chain(NEVER.iter().map(|(check, _)| check))
        .filter(|check| !known.contains(*check))
        .collect::<BTreeSet<_>>();
    let unknown = unknown.into_iter();
    unknown
        .map(|check| format!("the table of truth names {check}, and there is no such check"))
        .collect()
}

//! Rows of the error table that servers are known to keep in more than one way, and what is noted of host ids, of the ids
//! of sessions and of paths.

use super::{ALL, IIS, NONE, Point, Reading};

pub(super) const POINTS: [Point; 9] =
    [HEADER, PORT, ELSEWHERE, CREDENTIALS, GUESSED, TOLD, RESTARTED, CLIMBING, STORE];

const HEADER: Point = Point {
    id: "E8",
    title: "a header value of more than 4 kilobytes",
    readings: &[
        Reading::new("E8/400", "the BITS layer refuses the value with status 400", ALL),
        Reading::new("E8/431", "the HTTP layer refuses the value with status 431", IIS),
        Reading::new(
            "E8/unknown-ignored",
            "a header that is to be ignored may be of any length",
            ALL,
        ),
    ],
};

const PORT: Point = Point {
    id: "H1",
    title: "a port behind the host id",
    readings: &[Reading::new("H1/port", "BITS-Host-Id has a host and a port", NONE)],
};

// Only the administrator knows whether a directory without the role has a host set.
const ELSEWHERE: Point = Point {
    id: "H2",
    title: "a host id of a directory that is not known to have one",
    readings: &[Reading::new("H2/announced", "a directory names another host unexpectedly", NONE)],
};

// Where HTTP asks for credentials, it may ask whoever pings, and need not.
const CREDENTIALS: Point = Point {
    id: "A1",
    title: "PING without credentials where others are asked for them",
    readings: &[
        Reading::new("A1/asked", "whoever pings is asked for credentials", NONE),
        Reading::new("A1/answered", "a PING needs no credentials", NONE),
    ],
};

// A GUID is no secret by itself (RFC 4122 6), and [MC-BUP] asks for one that is unique and no more.
const GUESSED: Point = Point {
    id: "I1",
    title: "whether a session id tells the next one",
    readings: &[
        Reading::new("I1/apart", "session ids have nothing to do with each other", NONE),
        Reading::new(
            "I1/close",
            "session ids follow each other so closely that they can be guessed",
            NONE,
        ),
    ],
};

const TOLD: Point = Point {
    id: "I2",
    title: "an answer that tells of sessions which its request does not name",
    readings: &[Reading::new(
        "I2/told",
        "whoever asks is told ids of sessions that may be somebody else's",
        NONE,
    )],
};

// [MC-BUP] knows no restart; a session that is gone is unknown, and clients begin again.
const RESTARTED: Point = Point {
    id: "I3",
    title: "what a restart of the server leaves of a session",
    readings: &[
        Reading::new("I3/kept", "a restart leaves sessions with all that was acknowledged", NONE),
        Reading::new("I3/forgotten", "a restart makes sessions unknown", NONE),
        Reading::new(
            "I3/less",
            "a restart leaves sessions with fewer bytes than were acknowledged",
            NONE,
        ),
    ],
};

// By RFC 3986 6.2.2.3 a client takes such steps out of a URL before it asks; what a server does with them is not said.
const CLIMBING: Point = Point {
    id: "P1",
    title: "a destination whose path climbs",
    readings: &[
        Reading::new("P1/refused", "a destination with a way up in its path is refused", NONE),
        Reading::new("P1/taken", "an upload begins for a destination with a way up in it", NONE),
    ],
};

const STORE: Point = Point {
    id: "P2",
    title: "a destination in the folder where IIS keeps its sessions",
    readings: &[
        Reading::new("P2/refused", "nothing can be uploaded into BITS-Sessions", NONE),
        Reading::new("P2/taken", "an upload begins for a destination in BITS-Sessions", NONE),
    ],
};

//! Points that no text settles; how a server reads them is only ever a note.

use super::{NONE, Point, Reading};

pub(super) const POINTS: [Point; 20] = [
    Point {
        id: "U1",
        title: "a file of no bytes",
        readings: &[
            Reading::new("U1/accepted", "an empty file can be uploaded", NONE),
            Reading::new("U1/refused", "an empty file cannot be uploaded", NONE),
        ],
    },
    Point {
        id: "U2",
        title: "a session id under another URL",
        readings: &[
            Reading::new("U2/accepted", "a session can be continued under another URL", NONE),
            Reading::new(
                "U2/refused",
                "a session belongs to the URL that it was created for",
                NONE,
            ),
        ],
    },
    Point {
        id: "U3",
        title: "two sessions for one destination",
        readings: &[
            Reading::new("U3/both", "two sessions for one destination both go on", NONE),
            Reading::new("U3/one", "of two sessions for one destination only one goes on", NONE),
        ],
    },
    Point {
        id: "U4",
        title: "CREATE-SESSION with a session id",
        readings: &[
            Reading::new(
                "U4/new-session",
                "an id in CREATE-SESSION is passed over and a session is created",
                NONE,
            ),
            Reading::new("U4/refused", "CREATE-SESSION with a session id is refused", NONE),
        ],
    },
    Point {
        id: "U5",
        title: "a fragment after all bytes have arrived, other than the last one again",
        readings: &[
            Reading::new(
                "U5/416",
                "a fragment after all bytes have arrived is out of step and gets status 416",
                NONE,
            ),
            Reading::new(
                "U5/200",
                "a fragment after all bytes have arrived gets status 200 and changes nothing",
                NONE,
            ),
            Reading::new(
                "U5/error",
                "a fragment after all bytes have arrived gets another failure status",
                NONE,
            ),
        ],
    },
    Point {
        id: "U6",
        title: "a close or a cancel for a session that has ended",
        readings: &[
            Reading::new(
                "U6/session-not-found",
                "a second end of a session is answered as an unknown session",
                NONE,
            ),
            Reading::new("U6/other", "a second end of a session is answered in another way", NONE),
        ],
    },
    Point {
        id: "U7",
        title: "methods other than BITS_POST",
        readings: &[
            Reading::new(
                "U7/refused",
                "packets under other methods are refused or are no packets at all",
                NONE,
            ),
            Reading::new("U7/taken", "packets under other methods act on sessions", NONE),
        ],
    },
    Point {
        id: "U8",
        title: "chunked bodies, Expect, pipelining",
        readings: &[
            Reading::new("U8/taken", "a body in chunks is taken", NONE),
            Reading::new("U8/refused", "a body in chunks is refused", NONE),
        ],
    },
    Point {
        id: "U9",
        title: "a body that is not as long as its range",
        readings: &[
            Reading::new(
                "U9/400",
                "a fragment whose body is not as long as its range is refused with status 400",
                NONE,
            ),
            Reading::new(
                "U9/other-error",
                "a fragment whose body is not as long as its range is refused with another status",
                NONE,
            ),
            Reading::new(
                "U9/taken",
                "a fragment whose body is not as long as its range is taken",
                NONE,
            ),
        ],
    },
    Point {
        id: "U10",
        title: "a connection that breaks inside a fragment",
        readings: &[
            Reading::new(
                "U10/kept",
                "the bytes of a fragment count that arrived before its connection broke",
                NONE,
            ),
            Reading::new(
                "U10/dropped",
                "nothing of a fragment counts whose connection breaks",
                NONE,
            ),
        ],
    },
    Point {
        id: "U11",
        title: "two faults in one request",
        readings: &[
            Reading::new(
                "U11/first-fault",
                "of two faults the one is answered that the text checks first",
                NONE,
            ),
            Reading::new(
                "U11/other",
                "of two faults another is answered than the one that the text checks first",
                NONE,
            ),
        ],
    },
    Point {
        id: "U12",
        title: "PING where uploads are disabled or forbidden",
        readings: &[
            Reading::new("U12/answered", "PING is answered with success nevertheless", NONE),
            Reading::new("U12/refused", "PING is refused like every other packet", NONE),
        ],
    },
    Point {
        id: "U13",
        title: "a header that comes twice",
        readings: &[
            Reading::new("U13/refused", "a request with a doubled header is refused", NONE),
            Reading::new("U13/taken", "one of the two values is taken", NONE),
        ],
    },
    Point {
        id: "U14",
        title: "a session id without braces or in other letter case",
        readings: &[
            Reading::new("U14/refused", "only the id as it was given is known", NONE),
            Reading::new("U14/taken", "the id is known in other spellings too", NONE),
        ],
    },
    Point {
        id: "U15",
        title: "a fragment that runs beyond the total",
        readings: &[
            Reading::new(
                "U15/400",
                "a fragment that runs beyond the total is refused with status 400",
                NONE,
            ),
            Reading::new(
                "U15/416",
                "a fragment that runs beyond the total is refused with status 416",
                NONE,
            ),
            Reading::new(
                "U15/taken",
                "a fragment that runs beyond the total is taken, whole or up to the total",
                NONE,
            ),
        ],
    },
    Point {
        id: "U16",
        title: "when a destination that may not be replaced is noticed",
        readings: &[
            Reading::new(
                "U16/create",
                "a destination that may not be replaced is refused at CREATE-SESSION",
                NONE,
            ),
            Reading::new(
                "U16/fragment",
                "a destination that may not be replaced is refused at a FRAGMENT",
                NONE,
            ),
            Reading::new(
                "U16/close",
                "a destination that may not be replaced is refused at CLOSE-SESSION",
                NONE,
            ),
        ],
    },
    Point {
        id: "U17",
        title: "the digits of an error value",
        readings: &[
            Reading::new("U17/prefixed", "error values are written with 0x in front", NONE),
            Reading::new("U17/plain", "error values are written as bare digits", NONE),
        ],
    },
    Point {
        id: "U18",
        title: "whether a refused fragment keeps a session alive",
        readings: &[
            Reading::new("U18/resets", "a refused fragment starts the session timeout anew", NONE),
            Reading::new(
                "U18/runs-on",
                "a refused fragment leaves the session timeout running",
                NONE,
            ),
        ],
    },
    Point {
        id: "U19",
        title: "a range with an unknown total",
        readings: &[
            Reading::new("U19/refused", "a range whose total is an asterisk is refused", NONE),
            Reading::new("U19/taken", "a range whose total is an asterisk is taken", NONE),
        ],
    },
    Point {
        id: "U20",
        title: "a query in the destination URL",
        readings: &[
            Reading::new("U20/ignored", "the query does not belong to the name of the file", NONE),
            Reading::new("U20/kept", "the query is part of the name of the file", NONE),
        ],
    },
];

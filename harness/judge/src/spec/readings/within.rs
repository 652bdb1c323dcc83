//! Points on which [MC-BUP] contradicts itself, as far as a server shows them.

use super::{ALL, OLDER, Point, Reading};
use crate::spec::Dialect::{Iis6, Iis7, McBup, Strict, W32};

pub(super) const POINTS: [Point; 19] = [
    Point {
        id: "S1",
        title: "the name of the packet type header",
        readings: &[
            Reading::new("S1/packet-type", "answers name their type in BITS-Packet-Type", ALL),
            Reading::new(
                "S1/both",
                "answers name their type in BITS-Packet-Type and once more in BITS-Package-Type",
                ALL,
            ),
        ],
    },
    Point {
        id: "S2",
        title: "how an answer spells its packet type",
        readings: &[
            Reading::new("S2/ack-mixed", "the packet type of an answer is spelt Ack", ALL),
            Reading::new("S2/ack-capitals", "the packet type of an answer is spelt ACK", ALL),
        ],
    },
    Point {
        id: "S3",
        title: "PING and the session id",
        readings: &[
            Reading::new(
                "S3/ping-ignores-id",
                "a PING succeeds whatever session id it carries",
                ALL,
            ),
            Reading::new(
                "S3/ping-checks-id",
                "a PING with an unknown session id is answered as an unknown session",
                &[McBup],
            ),
            Reading::new(
                "S3/ack-with-id",
                "the Ack to a PING that carries a session id repeats it",
                ALL,
            ),
            Reading::new("S3/ack-without-id", "the Ack to a PING carries no session id", ALL),
        ],
    },
    Point {
        id: "S4",
        title: "the status when Content-Length is missing",
        readings: &[
            Reading::new("S4/411", "a request without Content-Length gets status 411", ALL),
            Reading::new(
                "S4/400",
                "a request without Content-Length gets status 400",
                &[McBup, W32, Iis6, Iis7],
            ),
        ],
    },
    Point {
        id: "S5",
        title: "the error value for a full disk and for a slow application",
        readings: &[
            Reading::new("S5/printed", "the value is 0x80070112, as it is printed", ALL),
            Reading::new(
                "S5/disk-full",
                "the value is 0x80070070, which is the code for a full disk",
                ALL,
            ),
            Reading::new("S5/other", "the value is another error that fits", OLDER),
        ],
    },
    Point {
        id: "S6",
        title: "whether a failure always has an error header",
        readings: &[
            Reading::new("S6/error-present", "a failure names its error value", ALL),
            Reading::new(
                "S6/error-absent",
                "a failure leaves the error value to its status",
                &[McBup, Iis6, Iis7],
            ),
            Reading::new("S6/416-absent", "a 416 carries no error header", ALL),
            Reading::new("S6/416-zero", "a 416 carries the error value zero", ALL),
        ],
    },
    Point {
        id: "S7",
        title: "the wanted offset in Acks of failed fragments",
        readings: &[
            Reading::new(
                "S7/range-in-errors",
                "a fragment refused with 400 or 500 is told the wanted offset too",
                ALL,
            ),
            Reading::new(
                "S7/no-range-in-errors",
                "a fragment refused with 400 or 500 is told no offset",
                ALL,
            ),
        ],
    },
    Point {
        id: "S8",
        title: "CANCEL-SESSION while the server waits for the close",
        readings: &[
            Reading::new("S8/deletes", "the cancel ends the session and removes its data", ALL),
            Reading::new(
                "S8/keeps",
                "the cancel is acknowledged and the session goes on waiting for its close",
                &[McBup, W32, Iis6, Iis7],
            ),
        ],
    },
    Point {
        id: "S10",
        title: "a fragment after the server application has answered",
        readings: &[
            Reading::new(
                "S10/stored",
                "the stored result answers it and the application is left alone",
                ALL,
            ),
            Reading::new(
                "S10/notifies-again",
                "the application is called once more",
                &[McBup, W32, Iis6, Iis7],
            ),
        ],
    },
    Point {
        id: "S11",
        title: "the last fragment sent once more",
        readings: &[
            Reading::new(
                "S11/416",
                "a repeated last fragment is out of step and gets status 416",
                ALL,
            ),
            Reading::new(
                "S11/replay",
                "a repeated last fragment gets the answer of the first one again",
                &[McBup, W32, Iis6, Iis7],
            ),
            Reading::new(
                "S11/lost",
                "it is refused with 416 even if the server application has not had the upload",
                &[McBup],
            ),
        ],
    },
    Point {
        id: "S12",
        title: "what a close in the middle of an upload does",
        readings: &[
            Reading::new(
                "S12/publishes",
                "the close puts what has arrived at the destination",
                ALL,
            ),
            Reading::new("S12/deletes", "the close throws away what has arrived", OLDER),
        ],
    },
    Point {
        id: "S13",
        title: "a body in the answer of an application that was called by reference",
        readings: &[
            Reading::new(
                "S13/ignored",
                "such a body is not looked at and the reply comes from the named file",
                ALL,
            ),
            Reading::new("S13/taken", "such a body is taken as the reply", &[McBup]),
        ],
    },
    Point {
        id: "S15",
        title: "a fallback timeout configured without a host id",
        readings: &[
            Reading::new("S15/absent", "a timeout without a host is kept to oneself", ALL),
            Reading::new("S15/present", "a timeout without a host is announced", &[Strict, McBup]),
        ],
    },
    Point {
        id: "S16",
        title: "a reply URL in a simple upload whose application was called",
        readings: &[
            Reading::new("S16/absent", "the last Ack has no reply URL", ALL),
            Reading::new(
                "S16/present",
                "the last Ack has the reply URL that the back end made",
                &[McBup],
            ),
        ],
    },
    Point {
        id: "S17",
        title: "which failures come without BITS headers",
        readings: &[
            Reading::new("S17/ack", "faults of the HTTP layer are answered with an Ack", ALL),
            Reading::new(
                "S17/bare-http",
                "faults of the HTTP layer are answered without BITS headers",
                ALL,
            ),
        ],
    },
    Point {
        id: "S18",
        title: "whether a cancelled session leaves the table",
        readings: &[Reading::new("S18/removed", "a cancelled session is unknown afterwards", ALL)],
    },
    Point {
        id: "S19",
        title: "what the size limit counts",
        readings: &[
            Reading::new("S19/entity", "the limit counts the bytes of the whole upload", ALL),
            Reading::new(
                "S19/fragment",
                "the limit counts the bytes of one fragment",
                &[Strict, McBup],
            ),
        ],
    },
    Point {
        id: "S20",
        title: "the method of a notification",
        readings: &[
            Reading::new("S20/post", "the application is called with POST", ALL),
            Reading::new(
                "S20/bits-post",
                "the application is called with BITS_POST",
                &[Strict, McBup],
            ),
        ],
    },
    Point {
        id: "S21",
        title: "how a bad answer of the application reaches the client",
        readings: &[
            Reading::new("S21/411", "a malformed notification response shows as status 411", ALL),
            Reading::new(
                "S21/other",
                "a malformed notification response shows as another failure status",
                &[McBup, Iis6, Iis7],
            ),
        ],
    },
];

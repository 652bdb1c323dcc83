//! Points on which [MC-BUP] and the older reference contradict each other.

use super::{ALL, IIS, NONE, OLDER, Point, Reading};
use crate::spec::Dialect::{Iis6, Iis7, McBup, Strict, W32};

pub(super) const POINTS: [Point; 26] = [
    Point {
        id: "D1",
        title: "the name of the error header",
        readings: &[
            Reading::new("D1/bits-error", "the error stands in BITS-Error", ALL),
            Reading::new("D1/bits-error-code", "the error stands in BITS-Error-Code", OLDER),
            Reading::new("D1/both", "the error stands in both headers, with one value", ALL),
        ],
    },
    Point {
        id: "D2",
        title: "the status of a session that was created",
        readings: &[
            Reading::new("D2/200", "a new session is announced with status 200", ALL),
            Reading::new("D2/201", "a new session is announced with status 201", OLDER),
        ],
    },
    Point {
        id: "D3",
        title: "the status for a destination that may not be replaced",
        readings: &[
            Reading::new(
                "D3/403",
                "an existing file that has to stay is defended with status 403",
                ALL,
            ),
            Reading::new(
                "D3/409",
                "an existing file that has to stay is defended with status 409",
                OLDER,
            ),
        ],
    },
    Point {
        id: "D4",
        title: "when a destination without a folder is noticed",
        readings: &[
            Reading::new(
                "D4/at-create",
                "a URL in a folder that is not there is refused at CREATE-SESSION",
                ALL,
            ),
            Reading::new(
                "D4/later",
                "a URL in a folder that is not there is refused at a FRAGMENT or at CLOSE-SESSION",
                ALL,
            ),
        ],
    },
    Point {
        id: "D5",
        title: "a fragment that begins inside the stored bytes",
        readings: &[
            Reading::new(
                "D5/refuse",
                "the fragment is refused with status 416 and the wanted offset",
                ALL,
            ),
            Reading::new(
                "D5/tail",
                "the stored bytes stay and only the new tail is taken, status 200",
                OLDER,
            ),
        ],
    },
    Point {
        id: "D6",
        title: "the form of a session id",
        readings: &[
            Reading::new("D6/guid", "session ids are GUIDs in braces", ALL),
            Reading::new(
                "D6/other-string",
                "session ids are other strings of up to 100 characters",
                &[W32],
            ),
        ],
    },
    Point {
        id: "D7",
        title: "when the file reaches its destination",
        readings: &[
            Reading::new(
                "D7/at-close",
                "the file appears at its destination with CLOSE-SESSION",
                ALL,
            ),
            Reading::new(
                "D7/at-last-fragment",
                "the file is at its destination as soon as its last byte is acknowledged",
                OLDER,
            ),
        ],
    },
    Point {
        id: "D8",
        title: "CANCEL-SESSION after the last fragment",
        readings: &[
            Reading::new("D8/deletes", "the finished upload is thrown away with its session", ALL),
            Reading::new(
                "D8/keeps",
                "the finished file is kept and at most the reply is given up",
                &[McBup, W32, Iis6, Iis7],
            ),
        ],
    },
    Point {
        id: "D9",
        title: "CLOSE-SESSION before all bytes are there",
        readings: &[
            Reading::new(
                "D9/publishes-partial",
                "what has arrived is put at the destination as it is",
                &[Strict, McBup],
            ),
            Reading::new(
                "D9/deletes",
                "what has arrived is thrown away and nothing is put at the destination",
                ALL,
            ),
            Reading::new("D9/refuses", "the close is refused and the session goes on", NONE),
        ],
    },
    Point {
        id: "D10",
        title: "a session id in the answer to a CREATE-SESSION that failed",
        readings: &[
            Reading::new(
                "D10/absent",
                "a failed CREATE-SESSION is answered without a session id",
                ALL,
            ),
            Reading::new(
                "D10/present",
                "a failed CREATE-SESSION is answered with a session id",
                NONE,
            ),
        ],
    },
    Point {
        id: "D11",
        title: "the session id in Acks after the first",
        readings: &[
            Reading::new(
                "D11/present",
                "Acks with status 200 to a FRAGMENT, a close or a cancel repeat the session id",
                ALL,
            ),
            Reading::new(
                "D11/absent",
                "only the Ack to CREATE-SESSION carries the session id",
                IIS,
            ),
        ],
    },
    Point {
        id: "D12",
        title: "the status for an unknown session",
        readings: &[
            Reading::new("D12/500", "an unknown session is answered with status 500", ALL),
            Reading::new(
                "D12/other-status",
                "an unknown session is answered with the right error value under another failure status",
                &[W32],
            ),
        ],
    },
    Point {
        id: "D13",
        title: "the status for a packet out of place",
        readings: &[
            Reading::new(
                "D13/400",
                "a packet that the server did not expect is answered with status 400",
                ALL,
            ),
            Reading::new(
                "D13/other",
                "a packet that the server did not expect is answered with another error status",
                &[McBup],
            ),
        ],
    },
    Point {
        id: "D14",
        title: "what separates the offered protocols",
        readings: &[
            Reading::new(
                "D14/space-and-comma",
                "spaces and commas both separate protocol GUIDs",
                ALL,
            ),
            Reading::new("D14/space-only", "only spaces separate protocol GUIDs", OLDER),
        ],
    },
    Point {
        id: "D15",
        title: "what Content-Name is for",
        readings: &[
            Reading::new(
                "D15/ignored",
                "Content-Name changes nothing, whichever packet carries it",
                ALL,
            ),
            Reading::new(
                "D15/used",
                "Content-Name has a say in where the file goes or whether it is taken",
                NONE,
            ),
        ],
    },
    Point {
        id: "D16",
        title: "what the fallback interval measures",
        readings: &[
            Reading::new(
                "D16/no-bytes",
                "the interval measures how long no byte of the upload got through",
                ALL,
            ),
            Reading::new(
                "D16/unreachable",
                "the interval measures how long the host could not be reached",
                OLDER,
            ),
        ],
    },
    Point {
        id: "D17",
        title: "whether a configured host id and its fallback timeout have to be sent",
        // The older reference says when they may be sent, not that a server that has them can keep them to itself.
        readings: &[
            Reading::new("D17/required", "the Ack has the host id and its fallback timeout", ALL),
            Reading::new("D17/optional", "the Ack leaves one of them out", &[McBup]),
        ],
    },
    Point {
        id: "D18",
        title: "when an upload above the size limit is refused",
        readings: &[
            Reading::new(
                "D18/at-create",
                "an upload that is too large is refused at CREATE-SESSION",
                ALL,
            ),
            Reading::new(
                "D18/first-fragment",
                "an upload that is too large is refused at its first fragment, by the announced total",
                ALL,
            ),
            Reading::new(
                "D18/crossing-fragment",
                "an upload that is too large is refused at the fragment that crosses the limit",
                ALL,
            ),
        ],
    },
    Point {
        id: "D19",
        title: "CLOSE-SESSION sent again after it succeeded",
        readings: &[
            Reading::new(
                "D19/session-not-found",
                "a repeated close is answered as an unknown session",
                ALL,
            ),
            Reading::new(
                "D19/other",
                "a repeated close is answered in another way, such as success once more",
                &[McBup],
            ),
        ],
    },
    Point {
        id: "D20",
        title: "when Accept-Encoding is announced",
        readings: &[
            Reading::new("D20/any-time", "Accept-Encoding comes with failures as well", ALL),
            Reading::new("D20/only-on-success", "Accept-Encoding comes with success only", ALL),
        ],
    },
    Point {
        id: "D21",
        title: "letter case of packet types",
        readings: &[
            Reading::new(
                "D21/any-case",
                "packet types are understood in capitals and in mixed case",
                ALL,
            ),
            Reading::new(
                "D21/exact-case",
                "packet types are understood in one spelling only",
                &[McBup],
            ),
        ],
    },
    Point {
        id: "D22",
        title: "letter case of the range unit",
        readings: &[
            Reading::new("D22/any-case", "the range unit is understood as `Bytes` too", ALL),
            Reading::new(
                "D22/lower-case-only",
                "the range unit is understood as `bytes` only",
                &[Strict, McBup, Iis6, Iis7],
            ),
        ],
    },
    Point {
        id: "D23",
        title: "the names of the path headers of a notification",
        readings: &[
            Reading::new("D23/data-file", "the paths stand in the DataFile headers", ALL),
            Reading::new(
                "D23/data-entity",
                "the paths stand in the DataEntity headers",
                &[Strict, McBup],
            ),
        ],
    },
    Point {
        id: "D24",
        title: "Content-Length of an Ack",
        readings: &[Reading::new("D24/zero", "an Ack says Content-Length: 0", ALL)],
    },
    Point {
        id: "D25",
        title: "the status where uploads are disabled",
        readings: &[
            Reading::new(
                "D25/501",
                "uploads to a directory that takes none are answered with status 501",
                ALL,
            ),
            Reading::new(
                "D25/404",
                "uploads to a directory that takes none are answered with status 404",
                &[McBup, W32, Iis7],
            ),
        ],
    },
    Point {
        id: "D26",
        title: "the status when the server application is too slow",
        readings: &[
            Reading::new(
                "D26/408",
                "an application that does not answer in time leads to status 408",
                ALL,
            ),
            Reading::new(
                "D26/other",
                "an application that does not answer in time leads to another failure status",
                OLDER,
            ),
        ],
    },
];

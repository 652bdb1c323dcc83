//! Rows of the error table that servers are known to keep in more than one way, and what is noted of host ids.

use super::{ALL, IIS, NONE, Point, Reading};

pub(super) const POINTS: [Point; 3] = [HEADER, PORT, ELSEWHERE];

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

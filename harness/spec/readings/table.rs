//! Rows of the error table that servers are known to keep in more than one way.

use super::{ALL, IIS, Point, Reading};

pub(super) const POINTS: [Point; 1] = [Point {
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
}];

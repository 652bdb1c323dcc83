//! The points where the texts contradict each other (D), themselves (S) or say nothing (U), and how each can be read.

mod between;
mod open;
mod within;

use super::{Dialect, joined, same};

/// A point that the texts do not settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// `D1` to `D26` between the texts, `S...` within [MC-BUP], `U...` left open.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// The ways in which a server can read it.
    pub readings: &'static [Reading],
}

/// One way to read a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// A short name within the point; `D5/tail` in reports.
    pub id: &'static str,
    /// What a server does that reads it so.
    pub title: &'static str,
    /// The dialects in which this is right; in the others it is a deviation, or a note where no text speaks.
    pub accepted: &'static [Dialect],
}

impl Reading {
    const fn new(id: &'static str, title: &'static str, accepted: &'static [Dialect]) -> Self {
        Self { id, title, accepted }
    }

    /// Whether this reading is right in `dialect`.
    #[must_use]
    pub fn is_accepted(&self, dialect: Dialect) -> bool {
        self.accepted.contains(&dialect)
    }
}

/// The point of this id; for constants, so that a wrong id does not compile.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub const fn point(id: &str) -> &'static Point {
    let mut at = 0;
    while at < POINTS.len() {
        if same(POINTS[at].id.as_bytes(), id.as_bytes()) {
            return &POINTS[at];
        }
        at += 1;
    }
    panic!("no point has this id")
}

/// The reading of this id; for constants, so that a wrong id does not compile.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub const fn reading(id: &str) -> &'static Reading {
    let mut outer = 0;
    while outer < POINTS.len() {
        let mut inner = 0;
        while inner < POINTS[outer].readings.len() {
            if same(POINTS[outer].readings[inner].id.as_bytes(), id.as_bytes()) {
                return &POINTS[outer].readings[inner];
            }
            inner += 1;
        }
        outer += 1;
    }
    panic!("no reading has this id")
}

/// Every point: the D points, the S points, the U points.
pub const POINTS: &[Point] = &joined::<Point, COUNT>(PARTS);

const PARTS: &[&[Point]] = &[&between::POINTS, &within::POINTS, &open::POINTS];
const COUNT: usize = between::POINTS.len() + within::POINTS.len() + open::POINTS.len();

const ALL: &[Dialect] = &Dialect::ALL;
const OLDER: &[Dialect] = &[Dialect::W32, Dialect::Iis6, Dialect::Iis7];
const IIS: &[Dialect] = &[Dialect::Iis6, Dialect::Iis7];
const NONE: &[Dialect] = &[];

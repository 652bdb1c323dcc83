//! The points where the texts contradict each other (D), themselves (S) or say nothing (U), and how each can be read.

mod between;
mod open;
mod table;
mod within;

use super::{Dialect, joined, same};

/// A point that the texts do not settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// `D1` to `D26` between the texts, `S...` within [MC-BUP], `U...` left open; `E...` rows of the error table, `H...` what
    /// is noted of host ids, `A...` of credentials, `I...` of session ids and `P...` of paths.
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

    /// Whether no text speaks on the point, so that this is something to know and nothing more.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.accepted.is_empty()
    }

    /// Whether it is right in some dialects and wrong in others.
    #[must_use]
    pub const fn is_disputed(&self) -> bool {
        !self.accepted.is_empty() && self.accepted.len() < Dialect::ALL.len()
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

/// Every point: the D points, the S points, the U points, rows of the error table that are kept in
/// several ways, and what is noted of host ids, session ids and paths.
pub const POINTS: &[Point] = &joined::<Point, COUNT>(PARTS);

const PARTS: &[&[Point]] = &[&between::POINTS, &within::POINTS, &open::POINTS, &table::POINTS];
const COUNT: usize =
    between::POINTS.len() + within::POINTS.len() + open::POINTS.len() + table::POINTS.len();

const ALL: &[Dialect] = &Dialect::ALL;
const OLDER: &[Dialect] = &[Dialect::W32, Dialect::Iis6, Dialect::Iis7];
const IIS: &[Dialect] = &[Dialect::Iis6, Dialect::Iis7];
const NONE: &[Dialect] = &[];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_point_between_the_texts_is_there_in_order() {
        let ids: Vec<_> = between::POINTS.iter().map(|point| point.id.to_owned()).collect();
        let wanted: Vec<_> = (1..=26).map(|number| format!("D{number}")).collect();
        assert_eq!(ids, wanted);
    }

    #[test]
    fn every_open_point_is_there_in_order() {
        let ids: Vec<_> = open::POINTS.iter().map(|point| point.id.to_owned()).collect();
        let wanted: Vec<_> = (1..=20).map(|number| format!("U{number}")).collect();
        assert_eq!(ids, wanted);
    }

    #[test]
    fn a_point_within_the_text_that_a_server_cannot_show_is_left_out() {
        let ids: Vec<_> = within::POINTS.iter().map(|point| point.id.to_owned()).collect();
        let shown = (1..=23).filter(|number| ![9, 14, 22, 23].contains(number));
        let wanted: Vec<_> = shown.map(|number| format!("S{number}")).collect();
        assert_eq!(ids, wanted);
    }

    #[test]
    fn each_dialect_accepts_a_reading_of_each_point_on_which_a_text_speaks() {
        for point in between::POINTS.iter().chain(&within::POINTS) {
            for dialect in Dialect::ALL {
                let mut readings = point.readings.iter();
                assert!(readings.any(|one| one.is_accepted(dialect)), "{} in {dialect}", point.id);
            }
        }
    }

    #[test]
    fn no_dialect_accepts_a_reading_on_which_no_text_speaks() {
        for point in &open::POINTS {
            assert!(point.readings.iter().all(|one| one.accepted.is_empty()), "{}", point.id);
        }
    }

    #[test]
    fn a_reading_id_is_unique_and_begins_with_its_point() {
        let mut seen = HashSet::new();
        for point in POINTS {
            assert!(!point.readings.is_empty(), "{}", point.id);
            for reading in point.readings {
                let (owner, word) = reading.id.split_once('/').unwrap();
                assert_eq!(owner, point.id);
                assert!(!word.is_empty());
                assert!(seen.insert(reading.id), "{}", reading.id);
            }
        }
    }

    #[test]
    fn the_tail_of_an_overlap_is_taken_in_the_older_and_the_iis_dialects_only() {
        assert_eq!(reading("D5/tail").accepted, OLDER);
        assert_eq!(reading("D5/refuse").accepted, ALL);
    }

    #[test]
    fn a_missing_length_is_refused_with_400_in_every_dialect_but_the_strict_one() {
        let refusing: Vec<_> =
            Dialect::ALL.into_iter().filter(|one| !reading("S4/400").is_accepted(*one)).collect();
        assert_eq!(refusing, [Dialect::Strict]);
    }
}

//! What a verdict is worth: the only place that knows levels and dialects.

use super::Sum;
use crate::spec::{Clause, Dialect, Reading};

/// How a clause came out of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Called for, and kept each time.
    Kept,
    /// A MUST was broken.
    Broken,
    /// A SHOULD was broken.
    Warning,
    /// The server follows a documented reading that this dialect does not accept.
    Deviation,
    /// Something to know that no text forbids.
    Note,
    /// Says the same as another clause, which did not come out as kept: see there.
    Consequence,
    /// A check judges it, and nothing called for it.
    NotExercised,
    /// No check judges it, for a stated reason.
    Unchecked,
}

impl Outcome {
    /// All outcomes, in the order in which reports show them.
    pub const ALL: [Self; 8] = [
        Self::Kept,
        Self::Broken,
        Self::Warning,
        Self::Deviation,
        Self::Note,
        Self::Consequence,
        Self::NotExercised,
        Self::Unchecked,
    ];

    /// The outcome's name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Warning => "warning",
            Self::Deviation => "deviation",
            Self::Note => "note",
            Self::Consequence => "consequence",
            Self::NotExercised => "not_exercised",
            Self::Unchecked => "unchecked",
        }
    }

    /// Grades what verdicts on `clause` add up to.
    #[must_use]
    pub fn of(clause: &Clause, dialect: Dialect, sum: &Sum) -> Self {
        let foreign = clause.is_w32() && !dialect.binds_w32();
        if sum.broken > 0 {
            return Self::of_breach(clause, foreign);
        }
        if sum.exercised() == 0 {
            return Self::NotExercised;
        }
        let deviates = |reading: &Reading| Self::of_reading(dialect, reading) == Self::Deviation;
        if sum.readings().any(deviates) { Self::Deviation } else { Self::Kept }
    }

    fn of_breach(clause: &Clause, foreign: bool) -> Self {
        use crate::spec::Level::{
            May, Must, MustImplied, MustNot, MustNotImplied, ProductNote, Should, ShouldNot,
        };
        match clause.level {
            _ if foreign => Self::Note,
            Must | MustImplied | MustNot | MustNotImplied => Self::Broken,
            Should | ShouldNot => Self::Warning,
            May | ProductNote => Self::Note,
        }
    }

    /// What following a reading is worth by itself: where no text speaks it is something to know, and breaks no clause.
    #[must_use]
    pub fn of_reading(dialect: Dialect, reading: &Reading) -> Self {
        match reading.is_accepted(dialect) {
            true => Self::Kept,
            false if reading.is_open() => Self::Note,
            false => Self::Deviation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checks::{Finding, Followed, Judgement, Verdict},
        spec::{clause, reading},
    };

    fn broken() -> Sum {
        let finding =
            Finding { exchange: 1, expected: "a".into(), actual: "b".into(), unless: None };
        Sum::from(&[Judgement::Kept, Judgement::Broken(finding)].into_iter().collect::<Verdict>())
    }

    fn follows(id: &str) -> Sum {
        let verdict: Verdict = [
            Judgement::Kept,
            Judgement::Followed(Followed { reading: reading(id), exchange: 1, detail: None }),
        ]
        .into_iter()
        .collect();
        Sum::from(&verdict)
    }

    #[test]
    fn a_breach_is_worth_what_the_level_says() {
        let grade = |id: &str| Outcome::of(clause(id), Dialect::Strict, &broken());
        assert_eq!(grade("BUP-2.2.7.2-07"), Outcome::Broken);
        assert_eq!(grade("BUP-2.2.7.2-09"), Outcome::Broken);
        assert_eq!(grade("BUP-3.2.5.2.3-06"), Outcome::Warning);
        assert_eq!(grade("BUP-1.8-01"), Outcome::Note);
        assert_eq!(grade("BUP-2.2.3.1-01"), Outcome::Note);
    }

    #[test]
    fn the_older_reference_binds_only_where_it_is_chosen() {
        let grade = |dialect| Outcome::of(clause("W32-fragment-01"), dialect, &broken());
        assert_eq!(grade(Dialect::Strict), Outcome::Note);
        assert_eq!(grade(Dialect::W32), Outcome::Broken);
    }

    #[test]
    fn a_reading_is_right_in_its_dialects_and_a_deviation_in_others() {
        let grade = |dialect| Outcome::of(clause("BUP-3.2.5.2.6-01"), dialect, &follows("D5/tail"));
        assert_eq!(grade(Dialect::Strict), Outcome::Deviation);
        assert_eq!(grade(Dialect::W32), Outcome::Kept);
    }

    #[test]
    fn an_open_point_breaks_nothing() {
        assert_eq!(
            Outcome::of(clause("BUP-3.2.5.2.3-08"), Dialect::Strict, &follows("U14/taken")),
            Outcome::Kept
        );
    }

    #[test]
    fn no_occasion_is_not_a_pass() {
        assert_eq!(
            Outcome::of(clause("BUP-2.2.7.2-07"), Dialect::Strict, &Sum::default()),
            Outcome::NotExercised
        );
    }
}

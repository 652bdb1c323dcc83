//! What a verdict is worth: the only place that knows levels and dialects.

use super::Verdict;
use crate::spec::{Clause, Dialect};

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

    /// Grades a verdict on `clause`.
    #[must_use]
    pub fn of(clause: &Clause, dialect: Dialect, verdict: &Verdict) -> Self {
        let foreign = clause.is_w32() && !dialect.binds_w32();
        if !verdict.broken.is_empty() {
            return Self::of_breach(clause, foreign);
        }
        let mut outcome = if verdict.kept > 0 { Self::Kept } else { Self::NotExercised };
        for followed in &verdict.followed {
            let one = Self::of_reading(dialect, followed.reading);
            outcome = match (outcome, one) {
                (Self::NotExercised | Self::Kept, one) => one,
                (Self::Note, Self::Deviation) => Self::Deviation,
                (outcome, _) => outcome,
            };
        }
        outcome
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

    /// Grades a server that follows `reading`. A reading that no dialect accepts, or that belongs to a point on which no
    /// text speaks, is only a note.
    #[must_use]
    pub fn of_reading(dialect: Dialect, reading: &crate::spec::Reading) -> Self {
        if reading.is_accepted(dialect) {
            if reading.id.starts_with('U') { Self::Note } else { Self::Kept }
        } else if reading.id.starts_with('U') || reading.accepted.is_empty() {
            Self::Note
        } else {
            Self::Deviation
        }
    }
}

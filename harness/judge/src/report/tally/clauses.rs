//! What became of each clause, with the first cause of what several of them show.

use std::collections::BTreeMap;

use super::Selection;
use crate::report::results::ClauseResult;
use crate::{
    checks::{Check, Outcome, Sum},
    spec::{self, Clause, Dialect},
};

/// The outcome of each judged clause, and how often something called for it.
pub(super) type Outcomes = BTreeMap<&'static str, (Outcome, usize)>;

/// The outcome of each judged clause, with breaches that another clause explains set apart.
pub(super) fn outcomes(checks: &[(&'static Check, Sum)], dialect: Dialect) -> Outcomes {
    let mut sums: BTreeMap<&'static str, (&'static Clause, Sum)> = BTreeMap::new();
    for (check, sum) in checks {
        let entry = sums.entry(check.clause.id).or_insert_with(|| (check.clause, Sum::default()));
        entry.1.add(sum);
    }
    let own: BTreeMap<_, _> = sums
        .iter()
        .map(|(id, (clause, sum))| (*id, (Outcome::of(clause, dialect, sum), sum.exercised())))
        .collect();
    let is_broken =
        |id: &&str| own.get(*id).is_some_and(|(outcome, _)| *outcome == Outcome::Broken);
    let uprooted = spec::ROOTS.iter().any(is_broken);
    own.iter()
        .map(|(id, (outcome, exercised))| {
            let rooted = || uprooted && !spec::ROOTS.contains(id);
            let caused = || spec::causes(sums[id].0).iter().any(is_broken);
            let shaded = is_breach(*outcome) && (rooted() || caused());
            (*id, (if shaded { Outcome::Consequence } else { *outcome }, *exercised))
        })
        .collect()
}

fn is_breach(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Broken | Outcome::Warning | Outcome::Note | Outcome::Deviation)
}

pub(super) fn clause_result(clause: &'static Clause, outcomes: &Outcomes) -> ClauseResult {
    if let Some((outcome, exercised)) = outcomes.get(clause.id) {
        let reason =
            (*outcome == Outcome::Consequence).then(|| first_cause(clause, outcomes).to_owned());
        return ClauseResult { clause, outcome: *outcome, exercised: *exercised, reason };
    }
    let others = spec::restated(clause);
    if !others.is_empty() {
        return restating(clause, others, outcomes);
    }
    let reason =
        spec::reason(clause).map_or_else(|| "no reason is given".into(), spec::Reason::describe);
    ClauseResult { clause, outcome: Outcome::Unchecked, exercised: 0, reason: Some(reason) }
}

fn first_cause(clause: &Clause, outcomes: &Outcomes) -> &'static str {
    let mut causes = spec::ROOTS.iter().chain(spec::causes(clause));
    causes.find_map(|id| behind(id, outcomes)).unwrap_or_default()
}

/// The broken clause behind this one: itself, or the cause of which it is a consequence. No clause is its own cause, not
/// even by way of others.
fn behind(id: &'static str, outcomes: &Outcomes) -> Option<&'static str> {
    match outcomes.get(id)?.0 {
        Outcome::Broken => Some(id),
        Outcome::Consequence => {
            spec::causes(spec::clause(id)).iter().find_map(|id| behind(id, outcomes))
        }
        _ => None,
    }
}

/// A clause that says what others say is kept when they are, and follows them when they are not.
fn restating(clause: &'static Clause, others: &[&str], outcomes: &Outcomes) -> ClauseResult {
    let of = |id: &&str| outcomes.get(*id).copied().unwrap_or((Outcome::NotExercised, 0));
    let exercised = others.iter().map(|id| of(id).1).sum();
    let odd = others.iter().find(|id| !matches!(of(id).0, Outcome::Kept | Outcome::NotExercised));
    let (outcome, reason) = match odd {
        Some(id) => (Outcome::Consequence, (*id).to_owned()),
        None if exercised > 0 => (Outcome::Kept, format!("says the same as {}", others.join(", "))),
        None => (Outcome::NotExercised, format!("says the same as {}", others.join(", "))),
    };
    ClauseResult { clause, outcome, exercised, reason: Some(reason) }
}

pub(super) fn is_selected(result: &ClauseResult, selection: &Selection) -> bool {
    match selection {
        Selection::Everything => true,
        Selection::Chosen(ids) => ids.contains(result.clause.id) || result.exercised > 0,
    }
}

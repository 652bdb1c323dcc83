//! Which scenarios, and which clauses, a run is about.

use std::collections::BTreeSet;

use super::library::Loaded;
use crate::{
    checks,
    report::Selection,
    spec::{self, CLAUSES},
};

/// The scenarios that `patterns` choose, and the clauses that they are chosen for.
///
/// A pattern matches the name of a scenario, or the id of a clause or the name of a check; then it chooses the scenarios
/// that are for that clause. No pattern chooses everything.
pub(super) fn select(scenarios: Vec<Loaded>, patterns: &[String]) -> (Vec<Loaded>, Selection) {
    if patterns.is_empty() {
        return (scenarios, Selection::Everything);
    }
    let clauses = wanted_clauses(patterns);
    let chosen: Vec<Loaded> = scenarios
        .into_iter()
        .filter(|Loaded { scenario, .. }| {
            let named = patterns.iter().any(|pattern| matches(pattern, scenario.name()));
            named || scenario.clauses().any(|id| clauses.contains(id))
        })
        .collect();
    let purposes = chosen.iter().flat_map(|loaded| loaded.scenario.clauses()).map(str::to_owned);
    let ids = if clauses.is_empty() {
        purposes.collect()
    } else {
        purposes.chain(clauses.iter().map(|id| (*id).to_owned())).collect()
    };
    (chosen, Selection::Chosen(ids))
}

/// The ids of the clauses that the patterns name, themselves or through a check, with those that they restate.
fn wanted_clauses(patterns: &[String]) -> BTreeSet<&'static str> {
    let by_id =
        CLAUSES.iter().filter(|clause| patterns.iter().any(|pattern| matches(pattern, clause.id)));
    let by_check =
        checks::all().filter(|check| patterns.iter().any(|pattern| matches(pattern, check.name)));
    let direct: Vec<_> = by_id.chain(by_check.map(|check| check.clause)).collect();
    let others = direct.iter().flat_map(|clause| spec::restated(clause).iter().copied());
    direct.iter().map(|clause| clause.id).chain(others).collect()
}

/// Whether `text` is what `pattern` says, in which `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    loop {
        if matches(rest, text) {
            return true;
        }
        let mut characters = text.chars();
        if characters.next().is_none() {
            return false;
        }
        text = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [
            ("fragment/*", "fragment/gap"),
            ("*", ""),
            ("*gap", "fragment/gap"),
            ("a*b*c", "a-b-b-c"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("fragment/*", "ping/x"), ("fragment", "fragment/gap"), ("a*b", "abc")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}

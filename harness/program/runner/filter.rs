//! Which scenarios, and which clauses, a run is about.

use std::collections::BTreeSet;

use bits_judge::{
    checks,
    plan::DirectoryRole,
    report::Selection,
    spec::{self, CLAUSES},
};

use crate::runner::library::Loaded;

/// The scenarios that `patterns` choose, and the clauses that they are chosen for.
///
/// A pattern is about the names of scenarios. One that no scenario has is about the ids of clauses and the names of
/// checks, and chooses the scenarios that are for those clauses; where none is for them in particular, every scenario
/// in a plain directory is an occasion. No pattern chooses everything.
pub(crate) fn select(scenarios: Vec<Loaded>, patterns: &[String]) -> (Vec<Loaded>, Selection) {
    if patterns.is_empty() {
        return (scenarios, Selection::Everything);
    }
    let named = |pattern: &str, one: &Loaded| is_match(pattern, one.scenario.name());
    let (names, others): (Vec<&String>, Vec<&String>) = patterns
        .iter()
        .partition(|pattern| scenarios.iter().any(|scenario| named(pattern, scenario)));
    let clauses = wanted_clauses(&others);
    let is_for = |one: &Loaded| one.scenario.clauses().any(|id| clauses.contains(id));
    let in_general = !clauses.is_empty() && !scenarios.iter().any(is_for);
    let is_chosen = |one: &Loaded| {
        let occasion = in_general && one.scenario.role() == DirectoryRole::Plain;
        occasion || is_for(one) || names.iter().any(|pattern| named(pattern, one))
    };
    let chosen: Vec<Loaded> = scenarios.iter().filter(|one| is_chosen(one)).cloned().collect();
    let purposes = chosen.iter().filter(|_| !in_general).flat_map(|one| one.scenario.clauses());
    let ids = purposes.chain(clauses.iter().copied()).map(str::to_owned).collect();
    (chosen, Selection::Chosen(ids))
}

/// The ids of the clauses that the patterns name, themselves or through a check, with those that they restate.
fn wanted_clauses(patterns: &[&String]) -> BTreeSet<&'static str> {
    let wanted = |name: &str| patterns.iter().any(|pattern| is_match(pattern, name));
    let by_id = CLAUSES.iter().filter(|clause| wanted(clause.id));
    let by_check = checks::all().filter(|check| wanted(check.name)).map(|check| check.clause);
    let direct: Vec<_> = by_id.chain(by_check).collect();
    let others = direct.iter().flat_map(|clause| spec::restated(clause).iter().copied());
    direct.iter().map(|clause| clause.id).chain(others).collect()
}

/// Whether `text` is what `pattern` says, in which `*` stands for any characters.
pub(crate) fn is_match(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    loop {
        if is_match(rest, text) {
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

    fn chosen(patterns: &[&str]) -> Vec<String> {
        let all =
            crate::runner::library::own().unwrap_or_else(|_| panic!("the library can be read"));
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let (chosen, _) = select(all, &patterns);
        chosen.iter().map(|one| one.scenario.name().to_owned()).collect()
    }

    #[test]
    fn a_pattern_of_scenarios_chooses_no_others() {
        let names = chosen(&["fragment/*"]);
        assert!(
            names.len() > 10 && names.iter().all(|name| name.starts_with("fragment/")),
            "{names:?}"
        );
    }

    #[test]
    fn a_clause_or_a_check_chooses_its_scenarios() {
        assert!(chosen(&["BUP-3.2.5.2.6-01"]).contains(&"fragment/gap".to_owned()));
        assert!(chosen(&["fragment/gap-refused"]).contains(&"fragment/gap".to_owned()));
        assert!(chosen(&["BUP-2.2.7.2-02"]).len() > 100, "every fragment is an occasion");
        assert_eq!(chosen(&["no/such/thing"]), [""; 0]);
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [
            ("fragment/*", "fragment/gap"),
            ("*", ""),
            ("*gap", "fragment/gap"),
            ("a*b*c", "a-b-b-c"),
        ] {
            assert!(is_match(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("fragment/*", "ping/x"), ("fragment", "fragment/gap"), ("a*b", "abc")]
        {
            assert!(!is_match(pattern, text), "{pattern} {text}");
        }
    }
}

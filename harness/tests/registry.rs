//! Are clauses, checks, points and scenarios in order?

use std::collections::BTreeSet;

use bits_judge::{
    checks,
    scenario::Scenario,
    spec::{self, CAUSES, CLAUSES, Dialect, POINTS, RESTATES, ROOTS, UNCHECKED},
};

fn judged() -> BTreeSet<&'static str> {
    checks::all().map(|check| check.clause.id).collect()
}

fn library() -> Vec<Scenario> {
    bitscheck::scenarios::library().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_clause_is_judged_or_restated_or_has_a_reason() {
    let judged = judged();
    for clause in CLAUSES {
        let own = UNCHECKED.iter().any(|(id, _)| *id == clause.id);
        let ways = [judged.contains(clause.id), !spec::restated(clause).is_empty(), own];
        let count = ways.iter().filter(|way| **way).count();
        let by_role = count == 0 && spec::reason(clause).is_some();
        assert!(
            count == 1 || by_role,
            "{} must be judged by a check, stand in RESTATES or stand in UNCHECKED with a reason; one of them",
            clause.id
        );
    }
}

#[test]
fn the_tables_name_clauses_that_there_are_and_that_are_judged() {
    let judged = judged();
    let known: BTreeSet<_> = CLAUSES.iter().map(|clause| clause.id).collect();
    for (id, _) in UNCHECKED {
        assert!(known.contains(id), "UNCHECKED names {id}");
    }
    for (id, others) in RESTATES.iter().chain(CAUSES) {
        assert!(known.contains(id), "{id} is no clause");
        assert!(!others.is_empty() && !others.contains(id), "{id}");
        for other in *others {
            assert!(judged.contains(other), "{id} leans on {other}, which no check judges");
        }
    }
    for (id, _) in CAUSES {
        assert!(judged.contains(id), "CAUSES names {id}, which no check judges");
    }
    assert!(ROOTS.iter().all(|id| judged.contains(id)));
}

#[test]
fn no_clause_is_its_own_cause() {
    fn walk(id: &str, path: &mut Vec<String>) {
        assert!(!path.iter().any(|one| one == id), "{path:?} leads to {id} again");
        path.push(id.to_owned());
        spec::causes(spec::clause(id)).iter().for_each(|cause| walk(cause, path));
        path.pop();
    }
    CAUSES.iter().for_each(|(id, _)| walk(id, &mut Vec::new()));
}

#[test]
fn no_clause_stands_twice_in_a_table() {
    for ids in [
        UNCHECKED.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        RESTATES.iter().map(|(id, _)| *id).collect(),
        CAUSES.iter().map(|(id, _)| *id).collect(),
    ] {
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
    }
}

#[test]
fn the_names_of_checks_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for check in checks::all() {
        assert!(seen.insert(check.name), "{} stands twice", check.name);
        let plain = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let parts: Vec<_> = check.name.split('/').collect();
        assert!(parts.len() == 2 && parts.iter().all(|part| plain(part)), "{}", check.name);
    }
}

#[test]
fn a_server_clause_of_the_client_role_is_judged_only_by_readings_or_reactions() {
    let client: Vec<_> = checks::all()
        .filter(|check| check.clause.role == spec::Role::Client)
        .map(|check| check.name)
        .collect();
    // What a client must do says what a server will meet; these show how it takes the contrary.
    assert_eq!(
        client,
        ["open/other-method", "open/chunked", "open/packet-type-case", "open/second-end"]
    );
}

#[test]
fn every_dialect_has_its_reading_of_every_contradiction() {
    for number in 1..=26 {
        let id = format!("D{number}");
        let point =
            POINTS.iter().find(|point| point.id == id).unwrap_or_else(|| panic!("{id} is missing"));
        for dialect in Dialect::ALL {
            assert!(
                point.readings.iter().any(|reading| reading.is_accepted(dialect)),
                "{id} in {dialect}"
            );
        }
    }
}

#[test]
fn scenarios_name_clauses_and_points_that_there_are() {
    for scenario in library() {
        assert_eq!(scenario.unknown_ids(), [""; 0], "{}", scenario.name());
    }
}

#[test]
fn there_is_a_scenario_for_every_row_and_point_that_shows_without_notification() {
    let visited: BTreeSet<String> = library()
        .iter()
        .flat_map(|one| one.points().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let rows = (1..=13).chain([17]).map(|row| format!("E{row}"));
    // D16 asks of the client.
    let contradictions = (1..=22).filter(|point| *point != 16).map(|point| format!("D{point}"));
    let open = (1..=9).chain([13, 14, 15, 17, 19, 20]).map(|point| format!("U{point}"));
    for id in rows.chain(contradictions).chain(open) {
        assert!(visited.contains(&id), "no scenario visits {id}");
    }
    assert!(library().len() >= 40);
}

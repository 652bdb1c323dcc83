//! `bitscheck list` and `bitscheck explain`: what the program knows.

use bits_judge::{
    checks::{self, Check},
    report::catalog::{self, CheckRow, ClauseDetail, ClauseRow, Row, ScenarioRow},
    spec::{self, CLAUSES, Clause, POINTS},
};

use crate::{
    cli::{
        Outcome,
        args::list::{ExplainOptions, ListFormat, ListOptions, Listing, Standing},
    },
    error::Error,
    runner::library::{self, Loaded},
    term::{exit, print},
};

/// How wide a table is.
const WIDTH: usize = 140;

/// How wide prose is.
const PROSE: usize = 100;

pub(crate) fn list(options: &ListOptions) -> Outcome {
    if options.status.is_some() && options.what != Listing::Clauses {
        return Err(Error::usage("--status is about clauses"));
    }
    let text = match options.what {
        Listing::Clauses => {
            let wanted =
                |row: &ClauseRow| options.status.is_none_or(|status| row.status == word(status));
            let rows: Vec<_> = CLAUSES.iter().map(clause_row).filter(wanted).collect();
            let mut text = render(&rows, options.format);
            if options.format == ListFormat::Text {
                text.push_str(&sum(&rows));
            }
            text
        }
        Listing::Checks => {
            render(&checks::all().map(check_row).collect::<Vec<_>>(), options.format)
        }
        Listing::Scenarios => {
            let mut all = library::own()?;
            all.extend(library::from_disk(&options.scenarios)?);
            render(&all.iter().map(scenario_row).collect::<Vec<_>>(), options.format)
        }
    };
    print::print(&text);
    Ok(exit::KEPT)
}

fn render<R: Row>(rows: &[R], format: ListFormat) -> String {
    match format {
        ListFormat::Text => catalog::table(rows, WIDTH),
        ListFormat::Json => catalog::json(rows),
    }
}

/// How many clauses stand how, and why those that nothing judges are so.
fn sum(rows: &[ClauseRow]) -> String {
    let count = |status: &str| rows.iter().filter(|row| row.status == status).count();
    let [checked, restated, unchecked] =
        [Standing::Checked, Standing::Restated, Standing::Unchecked].map(|it| count(word(it)));
    let mut text = format!(
        "{checked} checked · {restated} restated · {unchecked} unchecked = {}\n",
        rows.len()
    );
    for row in rows.iter().filter(|row| row.status == word(Standing::Unchecked)) {
        text.push_str(&format!("{}  {}\n", row.id, row.reason.as_deref().unwrap_or_default()));
    }
    text
}

const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Checked => "checked",
        Standing::Restated => "restated",
        Standing::Unchecked => "unchecked",
    }
}

fn judges(clause: &'static Clause) -> impl Iterator<Item = &'static Check> {
    let others = spec::restated(clause);
    checks::all()
        .filter(move |check| check.clause.id == clause.id || others.contains(&check.clause.id))
}

fn clause_row(clause: &'static Clause) -> ClauseRow {
    let judged = checks::all().any(|check| check.clause.id == clause.id);
    let others = spec::restated(clause);
    let (standing, reason) = match (judged, others) {
        (true, _) => (Standing::Checked, None),
        (false, []) => (Standing::Unchecked, spec::reason(clause).map(spec::Reason::describe)),
        (false, others) => {
            (Standing::Restated, Some(format!("says what {} say", others.join(", "))))
        }
    };
    ClauseRow {
        id: clause.id.into(),
        section: clause.section.into(),
        level: clause.level.as_str().into(),
        role: clause.role.as_str().into(),
        message: clause.message.as_str().into(),
        status: word(standing).into(),
        title: clause.title.into(),
        reason,
        checks: judges(clause).map(|check| check.name.into()).collect(),
        points: clause.points.iter().map(|&point| point.into()).collect(),
    }
}

fn check_row(check: &'static Check) -> CheckRow {
    CheckRow {
        name: check.name.into(),
        clause: check.clause.id.into(),
        level: check.clause.level.as_str().into(),
        title: check.clause.title.into(),
    }
}

fn scenario_row(loaded: &Loaded) -> ScenarioRow {
    let scenario = &loaded.scenario;
    ScenarioRow {
        name: scenario.name().into(),
        title: scenario.title().into(),
        role: scenario.role().as_str().into(),
        needs: scenario.needs().iter().map(|need| need.as_str().into()).collect(),
        clauses: scenario.clauses().map(str::to_owned).collect(),
        points: scenario.points().map(str::to_owned).collect(),
    }
}

pub(crate) fn explain(options: &ExplainOptions) -> Outcome {
    let wanted = options.clause.to_ascii_uppercase();
    let found = CLAUSES.iter().find(|clause| clause.id.to_ascii_uppercase() == wanted);
    let clause = found.ok_or_else(|| Error::usage(unknown(&options.clause)))?;
    let restated = spec::restated(clause);
    let scenarios = library::own()?;
    let workload = scenarios.iter().filter(|loaded| {
        loaded.scenario.clauses().any(|id| id == clause.id || restated.contains(&id))
    });
    let detail = ClauseDetail {
        clause: clause_row(clause),
        points: POINTS.iter().filter(|point| clause.points.contains(&point.id)).collect(),
        checks: judges(clause).map(check_row).collect(),
        scenarios: workload.map(scenario_row).collect(),
    };
    print::print(&catalog::explain(&detail, PROSE));
    Ok(exit::KEPT)
}

/// What to say of an id that no clause has: the clauses of the same section, if it is one.
fn unknown(id: &str) -> String {
    let start = id.rsplit_once('-').map_or(id, |(section, _)| section).to_ascii_uppercase();
    let near: Vec<_> = CLAUSES
        .iter()
        .map(|clause| clause.id)
        .filter(|near| near.to_ascii_uppercase().starts_with(&format!("{start}-")))
        .collect();
    if near.is_empty() {
        return format!("no clause is called `{id}`; `bitscheck list clauses` shows them all");
    }
    format!("no clause is called `{id}`; in that section there are {}", near.join(", "))
}

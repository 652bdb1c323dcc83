//! One clause with all that bears on it.

use super::{CheckRow, ClauseRow, Row, ScenarioRow, table};
use crate::{
    checks::Outcome,
    report::{terminal::wrap, visible::visible},
    spec::{Dialect, Point, Reading},
};

/// A clause and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseDetail {
    /// The clause.
    pub clause: ClauseRow,
    /// The points that bear on it.
    pub points: Vec<&'static Point>,
    /// The checks that judge it.
    pub checks: Vec<CheckRow>,
    /// The scenarios that give an occasion to it.
    pub scenarios: Vec<ScenarioRow>,
}

/// Explains a clause in text of `width` characters.
#[must_use]
pub fn explain(detail: &ClauseDetail, width: usize) -> String {
    let clause = &detail.clause;
    let mut text = format!(
        "{}  {} · {} · {} · section {}\n",
        clause.id, clause.level, clause.role, clause.message, clause.section
    );
    paragraph(&clause.title, 2, width, &mut text);
    if let Some(reason) = &clause.reason {
        paragraph(&format!("{}: {reason}", clause.status), 2, width, &mut text);
    }
    for point in &detail.points {
        explain_point(point, width, &mut text);
    }
    list("judged by", &detail.checks, width, &mut text);
    list("occasions", &detail.scenarios, width, &mut text);
    text
}

fn explain_point(point: &Point, width: usize, text: &mut String) {
    text.push('\n');
    paragraph(&format!("{}  {}", point.id, point.title), 0, width, text);
    if point.readings.is_empty() {
        return;
    }
    let heads: Vec<_> =
        std::iter::once("reading").chain(Dialect::ALL.map(Dialect::as_str)).collect();
    let rows: Vec<_> = point.readings.iter().map(reading_row).collect();
    text.push_str(&table::render(&heads, &rows, 2, width));
    for reading in point.readings {
        paragraph(&format!("{}: {}", reading.id, reading.title), 2, width, text);
    }
}

/// What a server that follows `reading` gets in each dialect.
fn reading_row(reading: &Reading) -> Vec<String> {
    let worth = Dialect::ALL.map(|dialect| match Outcome::of_reading(dialect, reading) {
        Outcome::Kept => "accepted".to_owned(),
        other => other.as_str().to_owned(),
    });
    std::iter::once(reading.id.to_owned()).chain(worth).collect()
}

fn list<R: Row>(name: &str, rows: &[R], width: usize, text: &mut String) {
    if rows.is_empty() {
        return;
    }
    text.push_str(&format!("\n{name}\n"));
    let cells: Vec<_> = rows.iter().map(Row::cells).collect();
    text.push_str(&table::render(R::COLUMNS, &cells, 2, width));
}

fn paragraph(words: &str, indent: usize, width: usize, text: &mut String) {
    for line in wrap(&visible(words), width.saturating_sub(indent)) {
        text.push_str(&format!("{:indent$}{line}\n", ""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static OVERLAP: Point = Point {
        id: "D5",
        title: "a fragment that begins with bytes that came before",
        readings: &[
            Reading {
                id: "D5/tail",
                title: "takes what is new in it and passes over the rest",
                accepted: &[Dialect::Strict, Dialect::McBup],
            },
            Reading {
                id: "D5/refuse",
                title: "refuses the fragment as a whole, and names the byte that it wants next",
                accepted: &[Dialect::W32, Dialect::Iis6],
            },
        ],
    };
    static OPEN: Point = Point {
        id: "U3",
        title: "how long an id is",
        readings: &[Reading { id: "U3/long", title: "more than 38", accepted: &[] }],
    };

    fn detail() -> ClauseDetail {
        ClauseDetail {
            clause: ClauseRow {
                id: "BUP-1.3-02".into(),
                section: "1.3".into(),
                level: "MUST".into(),
                role: "server".into(),
                message: "ACK-FRAGMENT".into(),
                status: "checked".into(),
                title: "bytes that came before are passed over".into(),
                ..ClauseRow::default()
            },
            points: vec![&OVERLAP, &OPEN],
            checks: vec![CheckRow {
                name: "ack-fragment/next-byte".into(),
                clause: "BUP-1.3-02".into(),
                level: "MUST".into(),
                title: "bytes that came before are passed over".into(),
            }],
            scenarios: vec![ScenarioRow {
                name: "fragment/repeated".into(),
                title: "a fragment that comes twice".into(),
                role: "upload".into(),
                clauses: vec!["BUP-1.3-02".into()],
                ..ScenarioRow::default()
            }],
        }
    }

    #[test]
    fn a_clause_is_explained_with_its_readings_in_every_dialect() {
        insta::assert_snapshot!("explain", explain(&detail(), 80));
    }

    #[test]
    fn a_reading_is_worth_what_its_dialects_say() {
        assert_eq!(
            reading_row(&OVERLAP.readings[1]),
            ["D5/refuse", "deviation", "deviation", "accepted", "accepted", "deviation"]
        );
        assert_eq!(reading_row(&OPEN.readings[0])[1..], ["note"; 5]);
    }

    #[test]
    fn an_unchecked_clause_says_why() {
        let clause = ClauseRow {
            status: "unchecked".into(),
            reason: Some("nobody can see it".into()),
            ..detail().clause
        };
        let detail = ClauseDetail { clause, points: vec![], checks: vec![], scenarios: vec![] };
        assert_eq!(
            explain(&detail, 80),
            "BUP-1.3-02  MUST · server · ACK-FRAGMENT · section 1.3\n  bytes that came before are passed over\n  \
             unchecked: nobody can see it\n"
        );
    }

    #[test]
    fn no_line_is_longer_than_the_width() {
        let text = explain(&detail(), 76);
        assert_eq!(text.lines().find(|line| line.chars().count() > 76), None);
    }
}

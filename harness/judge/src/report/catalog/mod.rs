//! What the program knows, listed: clauses, checks and scenarios as tables or JSON, and one clause explained.
//!
//! The rows are plain text, so that this module need not know the registries from which they come.

mod explain;
mod table;

pub use explain::{ClauseDetail, explain};

use serde::Serialize;

/// One clause in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClauseRow {
    /// Its id.
    pub id: String,
    /// Its section.
    pub section: String,
    /// How binding it is.
    pub level: String,
    /// Whose duty it is.
    pub role: String,
    /// The message that it speaks of.
    pub message: String,
    /// Whether something judges it: `checked` or `unchecked`.
    pub status: String,
    /// The demand.
    pub title: String,
    /// Why nothing judges it, if nothing does.
    pub reason: Option<String>,
    /// The names of the checks that judge it.
    pub checks: Vec<String>,
    /// The ids of the points that bear on it.
    pub points: Vec<String>,
}

/// One check in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    /// Its name.
    pub name: String,
    /// The id of the clause that it judges.
    pub clause: String,
    /// How binding that clause is.
    pub level: String,
    /// The demand.
    pub title: String,
}

/// One scenario in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScenarioRow {
    /// Its name, `theme/what-happens`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The role of the virtual directory that it runs in.
    pub role: String,
    /// What the target needs to have.
    pub needs: Vec<String>,
    /// The ids of the clauses to which it gives an occasion.
    pub clauses: Vec<String>,
    /// The ids of the points on which it shows a reading.
    pub points: Vec<String>,
}

/// Something that can be listed.
pub trait Row: Serialize {
    /// The heads of the columns; the last is the title, which is cut to fit.
    const COLUMNS: &'static [&'static str];

    /// The text of each column.
    fn cells(&self) -> Vec<String>;
}

impl Row for ClauseRow {
    const COLUMNS: &'static [&'static str] =
        &["clause", "level", "role", "message", "status", "title"];

    fn cells(&self) -> Vec<String> {
        [&self.id, &self.level, &self.role, &self.message, &self.status, &self.title]
            .map(String::clone)
            .into()
    }
}

impl Row for CheckRow {
    const COLUMNS: &'static [&'static str] = &["check", "clause", "level", "title"];

    fn cells(&self) -> Vec<String> {
        [&self.name, &self.clause, &self.level, &self.title].map(String::clone).into()
    }
}

impl Row for ScenarioRow {
    const COLUMNS: &'static [&'static str] = &["scenario", "role", "needs", "clauses", "title"];

    fn cells(&self) -> Vec<String> {
        let needs = if self.needs.is_empty() { "-".into() } else { self.needs.join(", ") };
        let clauses = self.clauses.len().to_string();
        vec![self.name.clone(), self.role.clone(), needs, clauses, self.title.clone()]
    }
}

/// Lists rows as a table with a line of heads, in `width` characters.
#[must_use]
pub fn table<R: Row>(rows: &[R], width: usize) -> String {
    let cells: Vec<_> = rows.iter().map(Row::cells).collect();
    table::render(R::COLUMNS, &cells, 0, width)
}

/// Lists rows as a JSON array, with everything that is known of them.
#[must_use]
pub fn json<R: Row>(rows: &[R]) -> String {
    let mut text = super::json::pretty(&rows);
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clauses() -> Vec<ClauseRow> {
        let clause = ClauseRow {
            id: "BUP-1.1-01".into(),
            section: "1.1".into(),
            level: "MUST".into(),
            role: "server".into(),
            message: "PING".into(),
            status: "checked".into(),
            title: "a ping is answered".into(),
            checks: vec!["ping/answered".into()],
            ..ClauseRow::default()
        };
        let other = ClauseRow {
            id: "W32-ack-01".into(),
            level: "MUST NOT (implied)".into(),
            message: "ANY".into(),
            status: "unchecked".into(),
            title: "an answer is no secret, and whoever sees one may tell everybody else of it"
                .into(),
            reason: Some("nobody can see it".into()),
            checks: vec![],
            points: vec!["D5".into()],
            ..clause.clone()
        };
        vec![clause, other]
    }

    #[test]
    fn clauses_are_listed_in_columns() {
        let expected = "\
clause      level               role    message  status     title
BUP-1.1-01  MUST                server  PING     checked    a ping is answered
W32-ack-01  MUST NOT (implied)  server  ANY      unchecked  an answer is no secret, and whoever s…
";
        assert_eq!(table(&clauses(), 98), expected);
    }

    #[test]
    fn checks_and_scenarios_are_listed_in_columns() {
        let check = CheckRow {
            name: "ping/answered".into(),
            clause: "BUP-1.1-01".into(),
            level: "MUST".into(),
            title: "a ping is answered".into(),
        };
        assert_eq!(
            table(&[check], 80),
            "check          clause      level  title\nping/answered  BUP-1.1-01  MUST   a ping is answered\n"
        );
        let scenario = ScenarioRow {
            name: "ping/alone".into(),
            role: "upload".into(),
            title: "a ping and nothing else".into(),
            clauses: vec!["BUP-1.1-01".into()],
            ..ScenarioRow::default()
        };
        let notified =
            ScenarioRow { needs: vec!["notify".into(), "store".into()], ..scenario.clone() };
        assert_eq!(
            table(&[scenario, notified], 80),
            "scenario    role    needs          clauses  title\n\
             ping/alone  upload  -              1        a ping and nothing else\n\
             ping/alone  upload  notify, store  1        a ping and nothing else\n"
        );
    }

    #[test]
    fn json_has_everything() {
        let value: serde_json::Value = serde_json::from_str(&json(&clauses())).unwrap();
        assert_eq!(
            value[1],
            serde_json::json!({
                "id": "W32-ack-01",
                "section": "1.1",
                "level": "MUST NOT (implied)",
                "role": "server",
                "message": "ANY",
                "status": "unchecked",
                "title": "an answer is no secret, and whoever sees one may tell everybody else of it",
                "reason": "nobody can see it",
                "checks": [],
                "points": ["D5"],
            })
        );
        assert_eq!(value[0]["reason"], serde_json::Value::Null);
        assert_eq!(json::<CheckRow>(&[]), "[]\n");
    }
}

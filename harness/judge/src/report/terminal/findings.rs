//! What is not simply kept: a block each, and a line each for mere notes.

use super::page::{PLAIN, Page, QUIET, STRONG, Span, colour, cut};
use crate::{
    checks::Outcome,
    report::{FindingResult, Results},
};

/// Where the text of a finding begins; labels stand before it.
const TEXT: usize = 11;
/// Where the values of a finding begin.
const VALUE: usize = TEXT + 8;
/// How much of what came a note shows, in characters.
const MOST_OF_A_NOTE: usize = 40;
/// Stands for the title of a clause where there is none.
const EXPECTATION: &str = "what the scenario itself expects";

/// How many other places of one kind of finding are named.
const MOST_PLACES: usize = 4;

pub(super) fn write(results: &Results, page: &mut Page) {
    let brief =
        |finding: &&FindingResult| matches!(finding.outcome, Outcome::Note | Outcome::Consequence);
    let (briefs, others): (Vec<_>, Vec<_>) = results.findings.iter().partition(brief);
    for alike in others.chunk_by(|one, other| is_alike(one, other)) {
        page.blank();
        block(alike[0], &alike[1..], page);
    }
    if !briefs.is_empty() {
        page.blank();
    }
    for alike in briefs.chunk_by(|one, other| is_alike(one, other)) {
        note(alike[0], page);
    }
}

/// Whether two findings are the same thing in two scenarios.
fn is_alike(one: &FindingResult, other: &FindingResult) -> bool {
    one.clause.is_some() && one.check == other.check && one.outcome == other.outcome
}

fn block(finding: &FindingResult, others: &[&FindingResult], page: &mut Page) {
    page.entry(&label(finding), TEXT, &Span::new(STRONG, headline(finding)));
    page.paragraph(TEXT, &Span::new(PLAIN, finding.place()));
    value("wanted", &finding.expected, page);
    value("got", &finding.actual, page);
    if finding.outcome == Outcome::Broken {
        for line in &finding.proof {
            page.paragraph(VALUE, &Span::new(QUIET, line));
        }
    }
    page.line(&[Span::new(PLAIN, format!("{:TEXT$}replay  {}", "", finding.replay))]);
    if let Some(more) = finding.elsewhere() {
        page.paragraph(TEXT, &Span::new(PLAIN, more));
    }
    if !others.is_empty() {
        page.paragraph(TEXT, &Span::new(PLAIN, also(others)));
    }
}

/// Where else the same was found.
fn also(others: &[&FindingResult]) -> String {
    let places: Vec<String> = others
        .iter()
        .take(MOST_PLACES)
        .map(|other| format!("{}:{}", other.scenario, other.line))
        .collect();
    let rest = match others.len().saturating_sub(MOST_PLACES) {
        0 => String::new(),
        1 => " and 1 more scenario".into(),
        more => format!(" and {more} more scenarios"),
    };
    format!("also in {}{rest}", places.join(", "))
}

fn value(name: &str, text: &str, page: &mut Page) {
    page.entry(&Span::new(PLAIN, format!("{:TEXT$}{name}", "")), VALUE, &Span::new(PLAIN, text));
}

/// What came stands first, because the line is cut at its end.
fn note(finding: &FindingResult, page: &mut Page) {
    let name = finding.clause.map_or(finding.check, |clause| clause.id);
    let came = cut(&finding.actual, MOST_OF_A_NOTE);
    let title = finding.clause.map_or(EXPECTATION, |clause| clause.title);
    let text = format!("{name}  got {came} · {title} · {}", finding.place());
    page.cut(&label(finding), TEXT, &Span::new(PLAIN, text));
}

fn label(finding: &FindingResult) -> Span {
    let name = match finding.outcome {
        // The word of the sums has no room before the text.
        Outcome::Consequence => "FOLLOWS".to_owned(),
        outcome => outcome.as_str().to_ascii_uppercase(),
    };
    Span::new(colour(finding.outcome), name)
}

fn headline(finding: &FindingResult) -> String {
    match finding.clause {
        Some(clause) => format!("{} {}  {}", clause.id, clause.level, clause.title),
        None => format!("{}  {EXPECTATION}", finding.check),
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample;

    fn text() -> String {
        let mut page = Page::new(100);
        write(&sample::everything(), &mut page);
        strip_str(&page.finish()).to_string()
    }

    #[test]
    fn a_broken_clause_is_told_with_its_proof() {
        let text = text();
        let block = text.split("\n\n").next().unwrap();
        let expected = "
BROKEN     BUP-1.3-01 MUST  the answer to a fragment names the next byte that the server wants
           fragment/in-order:14 · exchange 4
           wanted  BITS-Received-Content-Range: 4096 or more
           got     BITS-Received-Content-Range: \\u{1b}]0;owned\\u{7}\\u{9b}2J<&\">]]>\\r\\n0
                   > BITS_POST /upload/a.bin HTTP/1.1
";
        assert!(block.starts_with(expected), "{block}");
        assert!(block.ends_with("/upload/\n           and 2 more places"), "{block}");
    }

    #[test]
    fn a_finding_that_is_no_breach_shows_no_proof() {
        let mut results = sample::everything();
        results.findings.iter_mut().for_each(|finding| finding.proof = vec!["PROOF".into()]);
        let mut page = Page::new(100);
        write(&results, &mut page);
        // One broken clause and one failed expectation.
        assert_eq!(page.finish().matches("PROOF").count(), 2);
    }

    #[test]
    fn a_note_takes_one_line() {
        let text = text();
        let notes: Vec<_> = text.lines().filter(|line| line.contains("BUP-1.3-03")).collect();
        assert_eq!(notes.len(), 1);
        assert!(
            notes[0].starts_with("NOTE       BUP-1.3-03  got 200 OK · a fragment past the end")
        );
        assert_eq!(text.lines().last(), Some(notes[0]));
    }

    #[test]
    fn the_same_finding_in_other_scenarios_is_one_block() {
        let mut results = sample::everything();
        let first = results.findings[0].clone();
        let again = (1..=6).map(|at| FindingResult { line: at, ..first.clone() });
        results.findings.splice(1..1, again);
        let mut page = Page::new(100);
        write(&results, &mut page);
        let text = strip_str(&page.finish()).to_string();
        assert_eq!(text.matches("BUP-1.3-01 MUST").count(), 1);
        assert!(text.contains("also in fragment/in-order:1, fragment/in-order:2,"), "{text}");
        assert!(text.contains("and 2 more scenarios"), "{text}");
    }

    #[test]
    fn an_expectation_of_a_scenario_needs_no_clause() {
        assert!(
            text().contains("BROKEN     scenario/expectation  what the scenario itself expects")
        );
    }
}

//! What follows the findings: scenarios that did not come to their end, readings, sums and the exit code.

use super::{
    count,
    page::{BAD, GOOD, PLAIN, Page, QUIET, STRONG, Span, colour},
};
use crate::{
    checks::Outcome,
    report::{Fate, Results, ScenarioResult, Totals},
};

pub(super) fn write(results: &Results, page: &mut Page) {
    causes(results, page);
    scenarios(results, page);
    readings(results, page);
    page.blank();
    scenario_sum(results, page);
    clause_sum(results, page);
    if results.interrupted {
        page.paragraph(0, &Span::new(BAD, "the run was interrupted: this report is partial"));
    }
    let style = if results.exit_code == 0 { GOOD } else { BAD };
    let meaning = exit_meaning(results.exit_code);
    page.paragraph(0, &Span::new(style, format!("exit {}: {meaning}", results.exit_code)));
}

/// What an exit code says.
#[must_use]
pub const fn exit_meaning(code: u8) -> &'static str {
    match code {
        0 => "all that was selected is kept",
        1 => "something is broken",
        2 => "the command, the configuration or a scenario is wrong, and nothing was sent",
        3 => "the target cannot be reached or is not ready",
        4 => "nothing was selected",
        5 => "something that was selected has no verdict",
        6 => "a threshold of the benchmark is missed",
        70 => "the program itself failed",
        130 | 143 => "interrupted",
        _ => "unknown",
    }
}

fn causes(results: &Results, page: &mut Page) {
    let Some(longest) = results.causes.iter().map(|cause| cause.kind.len()).max() else { return };
    page.blank();
    page.paragraph(0, &Span::new(STRONG, "what may be behind the findings"));
    for cause in &results.causes {
        let label = Span::new(BAD, format!("  {}", cause.kind));
        page.entry(&label, longest + 4, &Span::new(PLAIN, &cause.seen));
        page.paragraph(longest + 4, &Span::new(QUIET, &*cause.advice));
    }
}

fn scenarios(results: &Results, page: &mut Page) {
    // One reason has often many scenarios, a directory that is missing for instance.
    let mut told: Vec<(&str, String, Vec<String>)> = Vec::new();
    for (word, name, reason) in results.scenarios.iter().filter_map(incompleteness) {
        match told.iter_mut().find(|(other, because, _)| *other == word && *because == reason) {
            Some((.., names)) => names.push(name),
            None => told.push((word, reason, vec![name])),
        }
    }
    if told.is_empty() {
        return;
    }
    page.blank();
    page.paragraph(0, &Span::new(STRONG, "scenarios that did not run in full"));
    for (word, reason, names) in told {
        let text = match names.as_slice() {
            [only] => format!("{only}  {reason}"),
            several => format!("{}  {reason}", count(several.len(), "scenario")),
        };
        page.entry(&Span::new(PLAIN, format!("  {word}")), 14, &Span::new(PLAIN, text));
        if names.len() > 1 {
            page.paragraph(14, &Span::new(QUIET, named(&names)));
        }
    }
}

/// Names for a person: all of them, or the first and how many more.
fn named(names: &[String]) -> String {
    match names.split_at_checked(NAMED) {
        Some((first, rest)) if rest.len() > 1 => {
            format!("{} and {} more", first.join(", "), rest.len())
        }
        _ => names.join(", "),
    }
}

/// How many scenarios of one reason are named.
const NAMED: usize = 4;

/// A word for a scenario that has a reason, its name and the reason; those not started are only counted.
fn incompleteness(scenario: &ScenarioResult) -> Option<(&'static str, String, String)> {
    let name = scenario.name.clone();
    match (&scenario.fate, scenario.skipped_steps.as_slice()) {
        (Fate::Skipped(reason), _) => Some(("skipped", name, reason.clone())),
        (Fate::Unfinished(reason), _) => Some(("unfinished", name, reason.clone())),
        (Fate::Completed, [(line, reason), others @ ..]) => {
            let steps = count(others.len() + 1, "step");
            let place = if *line == 0 { String::new() } else { format!(":{line}") };
            Some(("in part", format!("{name}{place}"), format!("{steps} not taken: {reason}")))
        }
        (Fate::Completed, []) | (Fate::NotStarted, _) => None,
    }
}

fn readings(results: &Results, page: &mut Page) {
    let Some(longest) = results.readings.iter().map(|reading| reading.reading.len()).max() else {
        return;
    };
    page.blank();
    page.paragraph(0, &Span::new(STRONG, "how this server reads the specification"));
    for reading in &results.readings {
        let seen = count(reading.seen, "time");
        let text = match reading.outcome {
            Outcome::Kept => format!("{} ({seen})", reading.title),
            other => format!("{} ({}, {seen})", reading.title, other.as_str()),
        };
        let label = Span::new(colour(reading.outcome), format!("  {}", reading.reading));
        page.entry(&label, longest + 4, &Span::new(PLAIN, text));
    }
}

fn scenario_sum(results: &Results, page: &mut Page) {
    let Totals { completed, skipped, unfinished, not_started, exchanges, .. } = results.totals;
    let mut units = vec![Span::new(PLAIN, format!("scenarios {completed} completed"))];
    let others = [(skipped, "skipped"), (unfinished, "unfinished"), (not_started, "not started")];
    for (times, word) in others.into_iter().filter(|(times, _)| *times > 0) {
        units.push(Span::new(PLAIN, format!("{times} {word}")));
    }
    let seconds = results.took.as_secs_f64();
    let last = format!("{} in {seconds:.1} s", count(exchanges, "exchange"));
    units.push(Span::new(QUIET, last));
    page.listing(&[], 0, &units);
}

/// Every outcome that occurs, and the sum, which is the number of clauses selected.
fn clause_sum(results: &Results, page: &mut Page) {
    let summary = results.summary();
    let shown = |outcome: &Outcome| {
        matches!(outcome, Outcome::Kept | Outcome::Broken) || summary.of(*outcome) > 0
    };
    let mut units: Vec<_> = Outcome::ALL
        .into_iter()
        .filter(shown)
        .map(|outcome| {
            (outcome, format!("{} {}", summary.of(outcome), outcome.as_str().replace('_', " ")))
        })
        .collect();
    if let Some((_, first)) = units.first_mut() {
        first.insert_str(0, "clauses ");
    }
    if let Some((_, last)) = units.last_mut() {
        last.push_str(&format!(" = {}", summary.selected));
    }
    let spans: Vec<_> = units
        .into_iter()
        .map(|(outcome, text)| {
            let style = if summary.of(outcome) > 0 { colour(outcome) } else { PLAIN };
            Span::new(style, text)
        })
        .collect();
    page.listing(&[], 0, &spans);
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample;

    fn text(results: &Results) -> String {
        let mut page = Page::new(120);
        write(results, &mut page);
        strip_str(&page.finish()).to_string()
    }

    #[test]
    fn the_sum_line_adds_up() {
        let text = text(&sample::everything());
        let line = text.lines().find(|line| line.starts_with("clauses")).unwrap();
        assert_eq!(
            line,
            "clauses 2 kept · 1 broken · 1 warning · 1 deviation · 1 note · 1 consequence · 1 not exercised · \
             1 unchecked = 9"
        );
    }

    #[test]
    fn good_news_is_short() {
        assert_eq!(
            text(&sample::all_kept()),
            "\nscenarios 1 completed · 1 exchange in 12.3 s\nclauses 2 kept · 0 broken = 2\n\
             exit 0: all that was selected is kept\n"
        );
    }

    #[test]
    fn a_partial_report_says_so() {
        assert!(
            text(&sample::everything())
                .contains("this report is partial\nexit 1: something is broken\n")
        );
    }

    #[test]
    fn scenarios_with_a_reason_are_named_and_the_others_counted() {
        let text = text(&sample::everything());
        assert!(text.contains("  skipped     notify/reply  the target has no directory"));
        assert!(text.contains("  unfinished  session/slow  no connection: refused \\u{0}"));
        assert!(text.contains("  in part     fragment/in-order:21  2 steps not taken: `session`"));
        assert!(!text.contains("session/many"));
        assert!(text.contains(
            "scenarios 3 completed · 1 skipped · 1 unfinished · 1 not started · 14 exchanges"
        ));
    }

    #[test]
    fn scenarios_of_one_reason_are_told_together() {
        let mut results = sample::all_kept();
        let one = results.scenarios[0].clone();
        let skipped = |name: &str, reason: &str| ScenarioResult {
            name: name.into(),
            fate: Fate::Skipped(reason.into()),
            ..one.clone()
        };
        for number in 1..=6 {
            results.scenarios.push(skipped(&format!("host-id/{number}"), "no such role"));
        }
        results.scenarios.push(skipped("notify/one", "another reason"));
        let text = text(&results);
        let together = "  skipped     6 scenarios  no such role\n              host-id/1, host-id/2, host-id/3, host-id/4 and 2 more\n";
        assert!(text.contains(together), "{text}");
        assert!(text.contains("  skipped     notify/one  another reason\n"));
    }

    #[test]
    fn readings_take_a_line_each() {
        let text = text(&sample::everything());
        assert!(text.contains(
            "\n  D5/tail  takes the new bytes of a fragment that begins with old ones (3 times)\n"
        ));
        assert!(text.contains("both sides know (deviation, 4 times)\n"));
    }
}

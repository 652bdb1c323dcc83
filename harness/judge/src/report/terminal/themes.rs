//! One row a theme: how much of what was judged was kept.

use super::page::{BAD, GOOD, PLAIN, Page, QUIET, Span, colour};
use crate::{
    checks::Outcome,
    report::{ClauseResult, Results, theme},
};

const CELLS: usize = 20;

/// What counts as judged, and is named in the row when it occurs.
const TROUBLES: [Outcome; 4] =
    [Outcome::Broken, Outcome::Warning, Outcome::Deviation, Outcome::Note];

pub(super) fn write(results: &Results, page: &mut Page) {
    let groups = theme::group(results);
    let longest = groups.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let has_verdict = |result: &&ClauseResult| {
        result.outcome == Outcome::Kept || TROUBLES.contains(&result.outcome)
    };
    for (name, clauses) in groups {
        if clauses.iter().any(has_verdict) {
            row(name, longest, &clauses, page);
        }
    }
}

fn row(name: &str, longest: usize, clauses: &[&ClauseResult], page: &mut Page) {
    let of = |outcome| clauses.iter().filter(|result| result.outcome == outcome).count();
    let kept = of(Outcome::Kept);
    let judged = kept + TROUBLES.into_iter().map(of).sum::<usize>();
    let filled = cells(kept, judged);
    let style = if of(Outcome::Broken) > 0 { BAD } else { GOOD };
    let troubles: Vec<_> = TROUBLES
        .into_iter()
        .filter(|outcome| of(*outcome) > 0)
        .map(|outcome| Span::new(colour(outcome), format!("{} {}", of(outcome), outcome.as_str())))
        .collect();
    let share = format!("{kept}/{judged}");
    let label = [
        Span::new(PLAIN, format!("  {name:<longest$} ")),
        Span::new(style, "█".repeat(filled)),
        Span::new(QUIET, "░".repeat(CELLS - filled)),
        Span::new(PLAIN, format!(" {share}")),
    ];
    if troubles.is_empty() {
        page.line(&label);
    } else {
        page.listing(&label, 2 + longest + 1 + CELLS + 1 + 10, &troubles);
    }
}

/// Cells for `kept` of `judged`. All of them only for all, none only for none.
fn cells(kept: usize, judged: usize) -> usize {
    if judged == 0 || kept == 0 {
        return 0;
    }
    (kept * CELLS / judged).max(1)
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample;

    #[test]
    fn a_bar_is_full_only_if_all_is_kept_and_empty_only_if_nothing_is() {
        assert_eq!(cells(999, 1000), 19);
        assert_eq!(cells(1000, 1000), 20);
        assert_eq!(cells(1, 1000), 1);
        assert_eq!(cells(0, 1000), 0);
        assert_eq!(cells(0, 0), 0);
    }

    #[test]
    fn what_has_no_verdict_counts_neither_as_kept_nor_as_judged() {
        let mut page = Page::new(100);
        write(&sample::everything(), &mut page);
        let text = strip_str(&page.finish()).to_string();
        let rows: Vec<_> = text.lines().map(|line| line.replace(['█', '░'], "")).collect();
        assert_eq!(
            rows,
            [
                "  ping            2/2",
                "  create-session  0/2       1 warning · 1 deviation",
                "  fragment        0/2       1 broken · 1 note",
            ]
        );
    }
}

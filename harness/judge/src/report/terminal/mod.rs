//! A run for a person at a terminal. Colours are always written; `anstream` takes them away where nobody sees them.

mod ending;
mod findings;
mod page;
mod themes;

pub(super) use page::{cut, wrap};

pub use ending::exit_meaning;

use self::page::{PLAIN, Page, STRONG, Span};
use super::{Results, seed};

/// How to lay the report out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Characters in a line. Fewer than [`Style::LEAST_WIDTH`] count as that many.
    pub width: usize,
}

impl Style {
    /// The narrowest layout that still can be read.
    pub const LEAST_WIDTH: usize = 60;
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 100 }
    }
}

/// Renders a run as text. Only the command of a replay may be longer than a line, so that it can be copied whole.
#[must_use]
pub fn render(results: &Results, style: Style) -> String {
    let mut page = Page::new(style.width.max(Style::LEAST_WIDTH));
    head(results, &mut page);
    themes::write(results, &mut page);
    findings::write(results, &mut page);
    ending::write(results, &mut page);
    page.finish()
}

fn head(results: &Results, page: &mut Page) {
    let target = match &results.server {
        Some(server) => format!("target {} (Server: {server})", results.target),
        None => format!("target {}", results.target),
    };
    let units = [
        Span::new(STRONG, format!("bitscheck {}", results.version)),
        Span::new(PLAIN, count(results.clauses.len(), "clause")),
        Span::new(PLAIN, count(results.totals.scenarios(), "scenario")),
        Span::new(PLAIN, format!("dialect {}", results.dialect)),
        Span::new(PLAIN, format!("seed {}", seed(results.seed))),
        Span::new(PLAIN, format!("transport {}", results.transport)),
        Span::new(PLAIN, target),
    ];
    page.listing(&[], 0, &units);
}

/// `1 clause`, `2 clauses`.
fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample;

    fn plain(results: &Results, width: usize) -> String {
        strip_str(&render(results, Style { width })).to_string()
    }

    #[test]
    fn the_first_line_says_what_was_run() {
        assert_eq!(
            plain(&sample::all_kept(), 200).lines().next(),
            Some(
                "bitscheck 0.1.0 · 2 clauses · 1 scenario · dialect strict · seed 5eed0001 · transport raw · \
                 target http://127.0.0.1:8080/upload/"
            )
        );
    }

    #[test]
    fn no_line_but_a_replay_is_longer_than_the_width() {
        for width in [0, 60, 61, 75, 80, 100, 140] {
            let text = plain(&sample::everything(), width);
            for line in text.lines().filter(|line| !line.trim_start().starts_with("replay")) {
                let least = width.max(Style::LEAST_WIDTH);
                assert!(line.chars().count() <= least, "{width}: {line}");
            }
        }
    }

    #[test]
    fn only_our_own_escapes_reach_the_terminal() {
        let text = render(&sample::everything(), Style::default());
        assert!(text.contains('\u{1b}'), "colours are written");
        let ours = strip_str(&text).to_string();
        assert!(ours.contains("\\u{1b}[2J"), "the server's escape is shown");
        assert!(!ours.chars().any(|character| character.is_control() && character != '\n'));
        let colours = text.matches('\u{1b}').count();
        assert_eq!(text.matches("\u{1b}[").count(), colours);
        assert!(!text.contains("\u{1b}[2J") && !text.contains("\u{1b}]"));
    }

    #[test]
    fn no_line_ends_in_spaces() {
        let text = plain(&sample::everything(), 100);
        assert_eq!(text.lines().find(|line| line.ends_with(' ')), None);
    }
}

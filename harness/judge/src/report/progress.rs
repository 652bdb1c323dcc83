//! How far a run has come, as one line that is written over the last one.

use super::{terminal::cut, visible::visible};

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Scenarios that are over.
    pub done: usize,
    /// Scenarios selected.
    pub total: usize,
    /// Findings so far that break a clause or an expectation.
    pub broken: usize,
    /// The scenario that began last, if one did.
    pub current: Option<String>,
}

/// Renders the line without colours and without an end, in at most `width` characters.
#[must_use]
pub fn line(progress: &Progress, width: usize) -> String {
    let digits = progress.total.to_string().len();
    let mut text = format!("[{:>digits$}/{}]", progress.done, progress.total);
    if progress.broken > 0 {
        text.push_str(&format!(" {} broken", progress.broken));
    }
    if let Some(current) = &progress.current {
        text.push_str(&format!(" {}", visible(current)));
    }
    cut(&text, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_keeps_its_shape_while_the_numbers_grow() {
        let mut progress = Progress { done: 7, total: 74, ..Progress::default() };
        assert_eq!(line(&progress, 80), "[ 7/74]");
        progress.done = 12;
        progress.broken = 2;
        progress.current = Some("fragment/gap".into());
        assert_eq!(line(&progress, 80), "[12/74] 2 broken fragment/gap");
    }

    #[test]
    fn the_line_never_fills_more_than_one_row() {
        let progress =
            Progress { total: 74, current: Some("fragment/\n".repeat(9)), ..Progress::default() };
        let text = line(&progress, 30);
        assert_eq!(text.chars().count(), 30);
        assert!(!text.contains('\n'));
    }
}

//! Lines of a given width, in colour. Widths are counted in characters; colours take none.

use anstyle::{AnsiColor, Style};

use crate::{checks::Outcome, report::visible::visible};

pub(super) const PLAIN: Style = Style::new();
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const QUIET: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const ODD: Style = AnsiColor::Cyan.on_default();

const SEPARATOR: &str = " · ";

/// The colour of an outcome.
pub(super) const fn colour(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Kept => GOOD,
        Outcome::Broken => BAD,
        Outcome::Warning => DOUBTFUL,
        Outcome::Deviation | Outcome::Note => ODD,
        Outcome::Consequence | Outcome::NotExercised | Outcome::Unchecked => QUIET,
    }
}

/// A piece of text in one colour.
pub(super) struct Span {
    style: Style,
    text: String,
}

impl Span {
    /// Whatever is in `text`, it is shown and never obeyed.
    pub(super) fn new(style: Style, text: impl AsRef<str>) -> Self {
        Self { style, text: visible(text.as_ref()) }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// A page that is written from top to bottom.
pub(super) struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self { text: String::new(), width }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// One line of pieces, however long.
    pub(super) fn line(&mut self, spans: &[Span]) {
        spans.iter().for_each(|span| self.push(span));
        self.text.push('\n');
    }

    /// A label, then text from `column` on in as many lines as it needs.
    pub(super) fn entry(&mut self, label: &Span, column: usize, text: &Span) {
        let room = self.width.saturating_sub(column);
        self.label(std::slice::from_ref(label), column);
        for (at, line) in wrap(&text.text, room).into_iter().enumerate() {
            if at > 0 {
                self.indent(column);
            }
            self.line(&[Span::new(text.style, line)]);
        }
    }

    /// Text from `column` on.
    pub(super) fn paragraph(&mut self, column: usize, text: &Span) {
        self.entry(&Span::new(PLAIN, ""), column, text);
    }

    /// A label, then pieces from `column` on with dots between them; a line ends between two pieces.
    pub(super) fn listing(&mut self, label: &[Span], column: usize, units: &[Span]) {
        self.label(label, column);
        let mut used = column;
        for (at, unit) in units.iter().enumerate() {
            let last = at + 1 == units.len();
            let tail = if last { 0 } else { SEPARATOR.trim_end().chars().count() };
            if at > 0 && used + SEPARATOR.chars().count() + unit.width() + tail > self.width {
                self.text.push_str(SEPARATOR.trim_end());
                self.text.push('\n');
                self.indent(column);
                used = column;
            } else if at > 0 {
                self.text.push_str(SEPARATOR);
                used += SEPARATOR.chars().count();
            }
            used = self.unit(unit, column, used, tail);
        }
        self.text.push('\n');
    }

    /// Writes one piece of a listing, over several lines if it is longer than one, and says how far the last reaches.
    fn unit(&mut self, unit: &Span, column: usize, used: usize, tail: usize) -> usize {
        let room = self.width.saturating_sub(column + tail);
        if used + unit.width() + tail <= self.width {
            self.push(unit);
            return used + unit.width();
        }
        let mut reach = column;
        for (at, line) in wrap(&unit.text, room).into_iter().enumerate() {
            if at > 0 {
                self.text.push('\n');
                self.indent(column);
            }
            reach = column + line.chars().count();
            self.push(&Span::new(unit.style, line));
        }
        reach
    }

    /// One line, cut at the edge.
    pub(super) fn cut(&mut self, label: &Span, column: usize, text: &Span) {
        let room = self.width.saturating_sub(column);
        self.label(std::slice::from_ref(label), column);
        self.line(&[Span::new(text.style, cut(&text.text, room))]);
    }

    fn label(&mut self, label: &[Span], column: usize) {
        label.iter().for_each(|span| self.push(span));
        let used: usize = label.iter().map(Span::width).sum();
        self.indent(column.saturating_sub(used));
    }

    fn indent(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }

    fn push(&mut self, span: &Span) {
        let Span { style, text } = span;
        self.text.push_str(&format!("{style}{text}{style:#}"));
    }
}

/// Text in lines of at most `room` characters, broken at spaces where there are any.
pub(in crate::report) fn wrap(text: &str, room: usize) -> Vec<&str> {
    let room = room.max(1);
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((edge, beyond)) = rest.char_indices().nth(room) {
        // A space just past the edge is a good place, too.
        let space = rest[..edge + beyond.len_utf8()].rfind(' ').filter(|at| *at > 0);
        let (end, next) = space.map_or((edge, edge), |at| (at, at + 1));
        lines.push(&rest[..end]);
        rest = &rest[next..];
    }
    lines.push(rest);
    lines
}

/// At most `room` characters of `text`; dots say that there was more.
pub(in crate::report) fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(room.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_lose_nothing_else() {
        assert_eq!(wrap("one two  three", 7), ["one two", " three"]);
        assert_eq!(wrap("one two", 6), ["one", "two"]);
        assert_eq!(wrap("", 6), [""]);
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken() {
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("äöü", 2), ["äö", "ü"]);
    }

    #[test]
    fn a_cut_shows_that_it_is_one() {
        assert_eq!(cut("one two", 7), "one two");
        assert_eq!(cut("one two", 6), "one t…");
        assert_eq!(cut("one two", 5), "one…");
    }

    #[test]
    fn a_listing_breaks_between_its_pieces() {
        let mut page = Page::new(12);
        let units = ["aaa", "bbb", "ccc"].map(|text| Span::new(PLAIN, text));
        page.listing(&[Span::new(PLAIN, "x")], 2, &units);
        assert_eq!(page.finish(), "x aaa ·\n  bbb · ccc\n");
    }

    #[test]
    fn a_piece_longer_than_the_line_is_wrapped() {
        let mut page = Page::new(8);
        let units = ["aa", "one two three", "b"].map(|text| Span::new(PLAIN, text));
        page.listing(&[], 0, &units);
        let text = page.finish();
        assert_eq!(text, "aa ·\none\ntwo\nthree ·\nb\n");
    }
}

//! A mistake in a file of TOML as a picture: file, line, caret and, where there is one, a hint.

use std::{fmt, ops::Range};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

/// A mistake, and the file that it is in.
#[derive(Debug)]
pub(crate) struct Diagnostic {
    file: String,
    source: NamedSource<String>,
    text: String,
    place: Option<Range<usize>>,
    problem: String,
    hint: Option<String>,
}

impl Diagnostic {
    /// A mistake at these bytes of a text.
    pub(crate) fn of(
        file: &str,
        text: &str,
        place: Option<Range<usize>>,
        problem: String,
        hint: Option<String>,
    ) -> Self {
        let source = NamedSource::new(file, text.to_owned());
        Self { file: file.to_owned(), source, text: text.to_owned(), place, problem, hint }
    }

    /// The picture for a terminal without colours.
    pub(crate) fn draw(&self, out: &mut impl fmt::Write) -> fmt::Result {
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_width(110)
            .with_context_lines(1)
            .render_report(out, self)
    }

    /// The line of the mistake, from 1.
    pub(crate) fn line(&self) -> Option<usize> {
        let before = self.text.get(..self.place.as_ref()?.start)?;
        Some(before.matches('\n').count() + 1)
    }

    /// The place to underline: never more than what is left of its first line.
    fn underlined(&self) -> Option<(usize, usize)> {
        let place = self.place.clone()?;
        let rest = self.text.get(place.start..)?;
        let line = rest.find(['\r', '\n']).unwrap_or(rest.len());
        Some((place.start, place.len().min(line)))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, problem, .. } = self;
        match self.line() {
            Some(line) => write!(formatter, "{file}:{line}: {problem}"),
            None => write!(formatter, "{file}: {problem}"),
        }
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn help<'h>(&'h self) -> Option<Box<dyn fmt::Display + 'h>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.is_some().then_some(&self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.underlined()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some("here".into()), span))))
    }
}

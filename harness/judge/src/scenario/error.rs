//! What is wrong with a scenario file, and where.

use std::{fmt, sync::Arc};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
    SourceSpan,
};

use super::value::Place;
use crate::plan::{Capability, TemplateError};

/// A scenario that cannot be used.
///
/// Printed, it is a picture for a terminal without colours: file, line, caret and, where there is one, a hint. As a
/// `miette` diagnostic it can be printed with colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The file, or the scenario's name.
    pub file: String,
    /// Where in the file; `None` where no place is to blame.
    pub place: Option<Place>,
    /// What is wrong.
    pub kind: Box<LoadErrorKind>,
    text: Arc<str>,
}

/// What can be wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadErrorKind {
    /// It is no YAML, or not of the shape that a scenario has.
    #[error("{0}")]
    Shape(String),
    /// A clause's id does not have the form of one.
    #[error("`{0}` is no id of a clause")]
    ClauseId(String),
    /// A point's id does not have the form of one.
    #[error("`{0}` is no id of a point or of a row of the error table")]
    PointId(String),
    /// The file is too large.
    #[error("a file of {0} bytes is too large")]
    FileSize(u64),
    /// A fragment without a file to take it from.
    #[error("there is no file to take these bytes from")]
    NoFile,
    /// The scenario is about a file on disk, and none was given.
    #[error("the file `{0}` has not been read")]
    FileNotRead(String),
    /// A text that is no range.
    #[error("`{0}` is no range")]
    RangeForm(String),
    /// A range that leaves the file.
    #[error("the range {range} does not lie in the file, which has {size} bytes")]
    OutsideFile {
        /// The range as it is written.
        range: String,
        /// The size of the file.
        size: u64,
    },
    /// There are no steps.
    #[error("there are no steps here")]
    NoSteps,
    /// Too many steps.
    #[error("with its loops written out the scenario has {0} steps, more than {most}", most = super::MOST_STEPS)]
    TooManySteps(u64),
    /// Too many bytes.
    #[error("with its loops written out the scenario has more than {most} bytes of text and bodies", most = super::MOST_BYTES)]
    TooManyBytes,
    /// A body that is written down and too long.
    #[error("a body of {0} bytes is too long to be written down")]
    BodyTooLong(u64),
    /// A loop without values, or with two sources of them.
    #[error("a loop takes its values either from `in` or from `range`")]
    LoopValues,
    /// A distance of nothing.
    #[error("a loop cannot go on in steps of 0")]
    LoopStep,
    /// `${x+1}` where `x` is no number, or does not fit.
    #[error("`{0}` cannot be reckoned")]
    Arithmetic(String),
    /// A template that cannot be read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A variable that nothing sets.
    #[error("nothing before this gives `{name}` a value")]
    UnknownVariable {
        /// Its name.
        name: String,
        /// The variables that have one.
        known: Vec<String>,
    },
    /// A name that cannot be one of a session or variable.
    #[error("`{0}` cannot be used as a name")]
    Name(String),
    /// Variables where the text has to be known beforehand.
    #[error("only loop variables can stand here, and `{0}` is none")]
    NotKnownYet(String),
    /// A line break in a header or a target.
    #[error("a line break in a value of one line")]
    LineBreak,
    /// A body that is not in hexadecimal digits.
    #[error("these are not pairs of hexadecimal digits")]
    Hex,
    /// No such status.
    #[error("{0} is no HTTP status")]
    Status(u16),
    /// A `send` without a method.
    #[error("`send` needs a `method`")]
    NoMethod,
    /// A wait that is too long, or none.
    #[error("a scenario cannot wait for {given}")]
    Pause {
        /// What is written.
        given: String,
        /// The most that can be.
        most: String,
    },
    /// No answers where there have to be some.
    #[error("there are no answers here")]
    NoAnswers,
    /// A step that needs what the scenario does not ask for.
    #[error("this step needs `{}`", .0.as_str())]
    Needs(Capability),
    /// Lanes that are neither counted nor named, or both.
    #[error("lanes are given either by `count` and `steps` or by `named`")]
    LaneForm,
    /// No lanes, or too many.
    #[error("there cannot be {0} lanes; 1 to {most}", most = super::lanes::MOST_LANES)]
    LaneCount(u64),
    /// A name that cannot be one of a lane, or is one already.
    #[error("`{0}` cannot be used as the name of a lane")]
    LaneName(String),
    /// Some lanes would wait for others that do not come.
    #[error("every lane has to come to as many barriers as the others, and these come to {}", listed(.0))]
    Barriers(Vec<u64>),
    /// A barrier with nobody to wait for.
    #[error("`barrier` can stand in `lanes` only")]
    OutsideLanes,
    /// A step that cannot be one of many at once.
    #[error("`{0}` cannot stand in `lanes`")]
    InLanes(&'static str),
    /// Several requests at once where the server calls an application.
    #[error(
        "`{0}` cannot stand where a server application is called: of two uploads at once nobody could tell whose call it is"
    )]
    AndCalls(&'static str),
    /// A step or an option that cannot be part of a pipeline.
    #[error("{0} cannot stand in `pipeline`")]
    InPipeline(&'static str),
    /// An option that means nothing here.
    #[error("`{0}` means nothing in this step")]
    Pointless(&'static str),
}

fn listed(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

impl LoadErrorKind {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::ClauseId(_) => "ids look like BUP-3.2.5.2.6-01 or W32-fragment-01".into(),
            Self::PointId(_) => "ids are D1 to D26, S1 to S23, U1 to U20 and E1 to E21".into(),
            Self::FileSize(_) => "at most 2^63 bytes".into(),
            Self::NoFile => "say `file: { size: 20 }` or `file: { path: big.iso }` at the top".into(),
            Self::RangeForm(_) => "a range is `first-last`, both inclusive, in decimal digits".into(),
            Self::OutsideFile { .. } => {
                "give the step a `total` of its own or `beyond: true`, if that is meant".into()
            }
            Self::UnknownVariable { known, .. } => format!("known here: {}", known.join(", ")),
            Self::Name(_) => {
                "names are letters, digits, `-` and `_`, other than host, base, prefix, path and application; loop variables are without `-`".into()
            }
            Self::Pause { most, .. } => format!("0 to {most}, such as 0.5"),
            Self::LineBreak => "`raw` sends exact bytes".into(),
            Self::BodyTooLong(_) => format!(
                "at most {} bytes; `{{ size: N }}` and `{{ pattern: first-last }}` have no such limit",
                super::LONGEST_BODY
            ),
            Self::Needs(capability) => format!(
                "add `needs: [{0}]` to the scenario or put the step into `when: {{ has: {0}, steps: [...] }}`",
                capability.as_str()
            ),
            _ => return None,
        })
    }
}

impl LoadError {
    pub(super) fn new(
        file: &str,
        text: &Arc<str>,
        place: Option<Place>,
        kind: LoadErrorKind,
    ) -> Self {
        let place = place.filter(|place| place.line > 0);
        Self { file: file.to_owned(), place, kind: Box::new(kind), text: Arc::clone(text) }
    }

    /// The same error in a file of another name, for a loader that knows the path.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = file.into();
        self
    }

    /// The error in one line: `file:line: what is wrong`.
    #[must_use]
    pub fn line(&self) -> String {
        match self.place {
            Some(place) => format!("{}:{}: {}", self.file, place.line, self.kind),
            None => format!("{}: {}", self.file, self.kind),
        }
    }

    /// The place to underline: never more than what is left of its first line.
    fn span(&self) -> Option<SourceSpan> {
        let place = self.place?;
        let offset = place.offset.min(self.text.len());
        let rest = self.text.get(offset..)?;
        let line = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let length = if place.length == 0 { rest[..line].trim_end().len() } else { place.length };
        Some((offset, length.min(line)).into())
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_width(110)
            .with_context_lines(1)
            .render_report(formatter, &Picture::of(self))
    }
}

impl std::error::Error for LoadError {}

/// The error as `miette` wants it, with one line as its message.
#[derive(Debug)]
struct Picture<'a> {
    error: &'a LoadError,
    source: NamedSource<String>,
}

impl<'a> Picture<'a> {
    fn of(error: &'a LoadError) -> Self {
        Self { error, source: NamedSource::new(&error.file, error.text.as_ref().to_owned()) }
    }
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.error.line())
    }
}

impl std::error::Error for Picture<'_> {}

impl Diagnostic for Picture<'_> {
    fn help<'h>(&'h self) -> Option<Box<dyn fmt::Display + 'h>> {
        self.error.kind.hint().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.error.span()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some("here".into()), span))))
    }
}

/// What is wrong with a part of a scenario, before it is known which file that is in.
#[derive(Debug)]
pub(super) struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: LoadErrorKind,
}

/// Puts the blame on a place.
pub(super) trait Blame<T> {
    /// The same result, with the place to blame.
    fn at(self, place: Place) -> Result<T, Fault>;
}

impl<T, E: Into<LoadErrorKind>> Blame<T> for Result<T, E> {
    fn at(self, place: Place) -> Result<T, Fault> {
        self.map_err(|kind| Fault { place, kind: kind.into() })
    }
}

//! The formats of a report.

use std::{fmt, str::FromStr};

use super::{Results, json, junit, terminal};

/// A format in which a run can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text for a person.
    #[default]
    Terminal,
    /// JSON for programs.
    Json,
    /// JUnit XML for build servers.
    Junit,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Terminal, Self::Json, Self::Junit];

    /// The format's name in options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "text",
            Self::Json => "json",
            Self::Junit => "junit",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// No format has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format is called `{0}`; there are text, json and junit")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// Renders a run in `format`; text in the usual width.
#[must_use]
pub fn render(format: Format, results: &Results) -> String {
    match format {
        Format::Terminal => terminal::render(results, terminal::Style::default()),
        Format::Json => json::render(results),
        Format::Junit => junit::render(results),
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample;

    #[test]
    fn every_format_has_a_name_that_is_read_back() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err();
        assert!(Format::ALL.iter().all(|format| error.to_string().contains(format.as_str())));
    }

    #[test]
    fn the_sample_looks_as_it_did_in_every_format() {
        for format in Format::ALL {
            let text = render(format, &sample::everything());
            insta::assert_snapshot!(format.as_str(), strip_str(&text));
        }
    }
}

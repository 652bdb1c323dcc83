//! Text with places for what is known only later: `${session}`.

use std::fmt;

/// Text in which variables are filled in when it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Our own words.
    Said(String),
    /// The value of this variable.
    Variable(String),
    /// The value of this variable, altered.
    Altered(String, Alteration),
}

/// How a value is altered before it is sent, for ids that are almost right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// `${name:lower}`: in small letters.
    Lower,
    /// `${name:upper}`: in capitals.
    Upper,
    /// `${name:bare}`: without braces around it.
    Bare,
    /// `${name:other}`: with another last hexadecimal digit.
    Other,
}

impl Alteration {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "lower" => Self::Lower,
            "upper" => Self::Upper,
            "bare" => Self::Bare,
            "other" => Self::Other,
            _ => return None,
        })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::Bare => "bare",
            Self::Other => "other",
        }
    }

    fn of(self, value: &str) -> String {
        match self {
            Self::Lower => value.to_ascii_lowercase(),
            Self::Upper => value.to_ascii_uppercase(),
            Self::Bare => value.trim_start_matches('{').trim_end_matches('}').to_owned(),
            Self::Other => match value.rfind(|digit: char| digit.is_ascii_hexdigit()) {
                None => value.to_owned(),
                Some(at) => {
                    let digit = if value[at..].starts_with('0') { "1" } else { "0" };
                    format!("{}{digit}{}", &value[..at], &value[at + 1..])
                }
            },
        }
    }
}

/// Why text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `${` without `}`.
    #[error("`${{` without a closing brace in `{0}`")]
    Unclosed(String),
    /// The name is not made of letters, digits, `-` and `_`.
    #[error("`{0}` is no name of a variable")]
    Name(String),
    /// What follows the colon is no alteration.
    #[error("`{0}` is no alteration; there are lower, upper, bare and other")]
    Alteration(String),
}

impl Template {
    /// Text without variables.
    #[must_use]
    pub fn said(text: impl Into<String>) -> Self {
        Self(vec![Piece::Said(text.into())])
    }

    /// Just the value of one variable.
    #[must_use]
    pub fn variable(name: impl Into<String>) -> Self {
        Self(vec![Piece::Variable(name.into())])
    }

    /// Reads text in which `${name}` stands for a variable, `${name:lower}` for an altered one and `$$` for a dollar
    /// sign.
    ///
    /// # Errors
    ///
    /// If a brace is not closed, or a name or an alteration is none.
    pub fn read(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut said = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            said.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                said.push('$');
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (name, after) = after
                    .split_once('}')
                    .ok_or_else(|| TemplateError::Unclosed(text.to_owned()))?;
                if !said.is_empty() {
                    pieces.push(Piece::Said(std::mem::take(&mut said)));
                }
                pieces.push(variable(name)?);
                rest = after;
            } else {
                said.push('$');
            }
        }
        said.push_str(rest);
        if !said.is_empty() {
            pieces.push(Piece::Said(said));
        }
        Ok(Self(pieces))
    }

    /// The variables that it names.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) | Piece::Altered(name, _) => Some(name.as_str()),
            Piece::Said(_) => None,
        })
    }

    /// The text, with each variable's value from `value`.
    ///
    /// # Errors
    ///
    /// The name of the first variable without a value.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, &str> {
        self.0.iter().try_fold(String::new(), |mut text, piece| {
            match piece {
                Piece::Said(said) => text.push_str(said),
                Piece::Variable(name) => text.push_str(value(name).ok_or(name.as_str())?),
                Piece::Altered(name, alteration) => {
                    text.push_str(&alteration.of(value(name).ok_or(name.as_str())?));
                }
            }
            Ok(text)
        })
    }

    /// The same template with some variables already replaced; those for which `value` knows nothing stay.
    #[must_use]
    pub fn fill_known(&self, value: impl Fn(&str) -> Option<String>) -> Self {
        let known = |piece: &Piece| match piece {
            Piece::Variable(name) => value(name).map(Piece::Said),
            Piece::Altered(name, alteration) => {
                value(name).map(|value| Piece::Said(alteration.of(&value)))
            }
            Piece::Said(_) => None,
        };
        let fill = |piece: &Piece| known(piece).unwrap_or_else(|| piece.clone());
        Self(self.0.iter().map(fill).collect())
    }
}

impl fmt::Display for Template {
    /// As it is read: variables in braces, and two dollar signs for one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Said(said) => formatter.write_str(&said.replace('$', "$$"))?,
                Piece::Variable(name) => write!(formatter, "${{{name}}}")?,
                Piece::Altered(name, alteration) => {
                    write!(formatter, "${{{name}:{}}}", alteration.as_str())?;
                }
            }
        }
        Ok(())
    }
}

impl FromIterator<Self> for Template {
    /// The parts one after the other, in the form in which the whole would be read.
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in parts.into_iter().flat_map(|part| part.0) {
            match (pieces.last_mut(), piece) {
                (Some(Piece::Said(before)), Piece::Said(more)) => before.push_str(&more),
                (_, piece) => pieces.push(piece),
            }
        }
        Self(pieces)
    }
}

/// The piece for what stands between braces.
fn variable(text: &str) -> Result<Piece, TemplateError> {
    let (name, alteration) = match text.split_once(':') {
        None => (text, None),
        Some((name, word)) => {
            let alteration = Alteration::read(word);
            (name, Some(alteration.ok_or_else(|| TemplateError::Alteration(word.to_owned()))?))
        }
    };
    if !is_name(name) {
        return Err(TemplateError::Name(text.to_owned()));
    }
    Ok(match alteration {
        None => Piece::Variable(name.to_owned()),
        Some(alteration) => Piece::Altered(name.to_owned(), alteration),
    })
}

/// Whether `text` can name a variable.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in() {
        let template = Template::read("a${x}b$$c$d${y}").unwrap();
        assert_eq!(template.variables().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(
            template.fill(|name| Some(if name == "x" { "1" } else { "2" })),
            Ok("a1b$c$d2".into())
        );
        assert_eq!(template.fill(|name| (name == "x").then_some("1")), Err("y"));
    }

    #[test]
    fn a_value_can_be_altered() {
        let fill = |text: &str| {
            let template = Template::read(text).unwrap();
            assert_eq!(template.variables().collect::<Vec<_>>(), ["x"]);
            assert_eq!(
                template.fill_known(|_| Some("{aB-10}".into())).fill(|_| None),
                template.fill(|_| Some("{aB-10}")),
            );
            template.fill(|_| Some("{aB-10}")).unwrap()
        };
        assert_eq!(fill("${x:lower}"), "{ab-10}");
        assert_eq!(fill("${x:upper}"), "{AB-10}");
        assert_eq!(fill("${x:bare}"), "aB-10");
        assert_eq!(fill("${x:other}"), "{aB-11}");
        assert_eq!(Template::read("${x:odd}"), Err(TemplateError::Alteration("odd".into())));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(Template::read("${x"), Err(TemplateError::Unclosed("${x".into())));
        assert_eq!(Template::read("${a b}"), Err(TemplateError::Name("a b".into())));
    }
}

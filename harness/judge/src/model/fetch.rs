//! Downloads that ask for more than the whole file or one range: several ranges, conditions, what is not for reading.

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};

use super::operation::{Act, Operation, Slot};
use crate::plan::{Capture, variables};

/// A download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// What is asked for.
    #[serde(default, skip_serializing_if = "What::is_file")]
    pub what: What,
    /// Whether its content is wanted, too.
    #[serde(default, skip_serializing_if = "Method::is_get")]
    pub method: Method,
    /// Which bytes of it.
    pub ranges: Ranges,
    /// On which condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

impl Fetch {
    /// The destination, as it usually is asked for.
    #[must_use]
    pub const fn of(ranges: Ranges) -> Self {
        Self { what: What::File, method: Method::Get, ranges, condition: None }
    }

    /// Whether it needs a validator that an earlier answer named.
    pub(super) fn needs_validator(self) -> bool {
        self.condition.is_some_and(|it| matches!(it.value, Validator::Tag | Validator::Date))
    }

    /// Whether any client asks so of a file that is there.
    pub(super) fn is_usual(self) -> bool {
        let odd = matches!(self.ranges, Ranges::Outside | Ranges::PartlyOutside);
        self.what == What::File && self.condition.is_none() && !odd
    }

    /// The request target.
    pub(super) fn target(self, slot: Slot) -> String {
        let (base, prefix, name) = (variables::BASE, variables::PREFIX, slot.as_str());
        match self.what {
            What::File => format!("${{{base}}}${{{prefix}}}{name}"),
            What::SessionFolder => format!("${{{base}}}BITS-Sessions/"),
            What::Entity => {
                format!("${{{base}}}BITS-Sessions/Requests/${{{name}}}/requestfile.bin")
            }
        }
    }

    /// The condition as a header.
    pub(super) fn header(self, slot: Slot) -> Option<(String, String)> {
        let Condition { field, value } = self.condition?;
        Some((field.as_str().to_owned(), value.text(slot)))
    }
}

/// What is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The destination.
    #[default]
    File,
    /// The folder in which IIS keeps its sessions.
    SessionFolder,
    /// What it keeps of the session.
    Entity,
}

impl What {
    const fn is_file(&self) -> bool {
        matches!(self, Self::File)
    }
}

/// GET or HEAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// With the content.
    #[default]
    Get,
    /// Without it.
    Head,
}

impl Method {
    const fn is_get(&self) -> bool {
        matches!(self, Self::Get)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
        }
    }
}

/// Which bytes are asked for; parts are quarters of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ranges {
    /// All of them.
    Whole,
    /// The first part.
    First,
    /// The first and the third part.
    Apart,
    /// The third and the first part.
    Turned,
    /// The first and the second part.
    Touching,
    /// The first two parts, and the second and the third.
    Overlapping,
    /// The last byte and the first one.
    Ends,
    /// Nothing that the file has.
    Outside,
    /// The first byte and nothing that the file has.
    PartlyOutside,
}

impl Ranges {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Whole,
        Self::First,
        Self::Apart,
        Self::Turned,
        Self::Touching,
        Self::Overlapping,
        Self::Ends,
        Self::Outside,
        Self::PartlyOutside,
    ];

    /// The ranges of a file of so many bytes, as they are asked for.
    pub(super) fn text(self, size: u64) -> Option<String> {
        let part = (size / 4).max(1);
        let parts = |from: u64, until: u64| format!("{}-{}", from * part, until * part - 1);
        let outside = format!("{size}-{}", size.saturating_add(9));
        Some(match self {
            Self::Whole => return None,
            Self::First => parts(0, 1),
            Self::Apart => format!("{},{}", parts(0, 1), parts(2, 3)),
            Self::Turned => format!("{},{}", parts(2, 3), parts(0, 1)),
            Self::Touching => format!("{},{}", parts(0, 1), parts(1, 2)),
            Self::Overlapping => format!("{},{}", parts(0, 2), parts(1, 3)),
            Self::Ends => "-1,0-0".to_owned(),
            Self::Outside => outside,
            Self::PartlyOutside => format!("0-0,{outside}"),
        })
    }
}

/// A header that asks for something only if something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The header.
    pub field: If,
    /// Its value.
    pub value: Validator,
}

/// The header that makes a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum If {
    /// `If-Match`.
    Match,
    /// `If-None-Match`.
    NoneMatch,
    /// `If-Modified-Since`.
    ModifiedSince,
    /// `If-Unmodified-Since`.
    UnmodifiedSince,
    /// `If-Range`.
    Range,
}

impl If {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Match, Self::NoneMatch, Self::ModifiedSince, Self::UnmodifiedSince, Self::Range];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "If-Match",
            Self::NoneMatch => "If-None-Match",
            Self::ModifiedSince => "If-Modified-Since",
            Self::UnmodifiedSince => "If-Unmodified-Since",
            Self::Range => "If-Range",
        }
    }

    /// The values that mean something there.
    pub(super) const fn values(self) -> &'static [Validator] {
        match self {
            Self::Match | Self::NoneMatch => &[Validator::Tag, Validator::OtherTag, Validator::Any],
            Self::ModifiedSince | Self::UnmodifiedSince => {
                &[Validator::Date, Validator::Past, Validator::Future]
            }
            Self::Range => &[Validator::Tag, Validator::OtherTag, Validator::Date, Validator::Past],
        }
    }
}

/// What versions of a file are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validator {
    /// The tag that was told last.
    Tag,
    /// The date that was told last.
    Date,
    /// The tag of no file.
    OtherTag,
    /// A date before all files.
    Past,
    /// A date after all files.
    Future,
    /// Whatever there is.
    Any,
}

impl Validator {
    fn text(self, slot: Slot) -> String {
        match self {
            Self::Tag | Self::Date => format!("${{{}}}", self.variable(slot)),
            Self::OtherTag => "\"of-another-file\"".to_owned(),
            Self::Past => "Sat, 01 Jan 2000 00:00:00 GMT".to_owned(),
            Self::Future => "Fri, 31 Dec 2049 23:59:59 GMT".to_owned(),
            Self::Any => "*".to_owned(),
        }
    }

    fn variable(self, slot: Slot) -> String {
        let what = if self == Self::Tag { "tag" } else { "date" };
        format!("{}-{what}", slot.as_str())
    }

    const fn header(self) -> &'static str {
        match self {
            Self::Tag => "ETag",
            _ => "Last-Modified",
        }
    }
}

impl Operation {
    /// Whether the answer to it names the validators of its file, if that is there.
    pub(super) fn tells_validators(&self) -> bool {
        let plain = match self.act {
            Act::Get | Act::Head => true,
            Act::Fetch(fetch) => {
                fetch == Fetch { method: fetch.method, ..Fetch::of(Ranges::Whole) }
            }
            _ => false,
        };
        plain && self.twist.is_none()
    }

    /// What is to be remembered of the answer, so that the conditions among these operations can be asked.
    pub(super) fn remembered(&self, all: &[Self]) -> Vec<Capture> {
        if !self.tells_validators() {
            return Vec::new();
        }
        let asked = |validator: Validator| {
            all.iter().any(|other| {
                let Act::Fetch(fetch) = other.act else { return false };
                other.slot == self.slot && fetch.condition.is_some_and(|it| it.value == validator)
            })
        };
        [Validator::Tag, Validator::Date]
            .into_iter()
            .filter(|validator| asked(*validator))
            .map(|validator| Capture::verbatim(validator.variable(self.slot), validator.header()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_parts_of_the_file() {
        let text = |ranges: Ranges| ranges.text(40).unwrap_or_default();
        let all = Ranges::ALL.map(text);
        let wanted = [
            "",
            "0-9",
            "0-9,20-29",
            "20-29,0-9",
            "0-9,10-19",
            "0-19,10-29",
            "-1,0-0",
            "40-49",
            "0-0,40-49",
        ];
        assert_eq!(all, wanted);
        assert_eq!(Ranges::Turned.text(0).unwrap(), "2-2,0-0");
    }

    #[test]
    fn a_validator_is_remembered_where_a_condition_needs_it() {
        let condition = Condition { field: If::Range, value: Validator::Tag };
        let fetch = Fetch { condition: Some(condition), ..Fetch::of(Ranges::First) };
        let asks = Operation::usual(Slot::B, Act::Fetch(fetch));
        let get = |slot| Operation::usual(slot, Act::Get);
        let all = [get(Slot::A), get(Slot::B), asks];
        assert_eq!(all[0].remembered(&all), []);
        assert_eq!(all[1].remembered(&all), [Capture::verbatim("b-tag", "ETag")]);
        assert_eq!(all[2].remembered(&all), []);
        assert_eq!(fetch.header(Slot::B).unwrap().1, "${b-tag}");
    }
}

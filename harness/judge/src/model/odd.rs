//! What is odd or wrong about where a request goes, what its headers say, and how its range is written.

use arbitrary::Arbitrary;
use bits_wire::{UPLOAD_PROTOCOL, names};
use serde::{Deserialize, Serialize};

use super::{
    operation::{Act, Slot},
    state::Standing,
};
use crate::plan::variables;

/// Another place than the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The directory itself.
    Directory,
    /// In a folder that nobody has made.
    MissingFolder,
    /// Above the directory.
    Climbing,
    /// Above it, the dots being escaped.
    ClimbingEscaped,
    /// The folder in which IIS keeps its sessions.
    SessionFolder,
    /// The destination, a letter of its name being escaped.
    Respelled,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Directory,
        Self::MissingFolder,
        Self::Climbing,
        Self::ClimbingEscaped,
        Self::SessionFolder,
        Self::Respelled,
    ];

    /// The request target, instead of the destination of a slot.
    pub(super) fn target(self, slot: Slot) -> String {
        let (base, prefix) = (variables::BASE, variables::PREFIX);
        let name = slot.as_str();
        let way = match self {
            Self::Directory => return format!("${{{base}}}"),
            Self::SessionFolder => return format!("${{{base}}}BITS-Sessions"),
            Self::MissingFolder => "missing/",
            Self::Climbing => "../",
            Self::ClimbingEscaped => "%2e%2e/",
            Self::Respelled => {
                let letters: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
                return format!("${{{base}}}${{{prefix}}}{letters}");
            }
        };
        format!("${{{base}}}{way}${{{prefix}}}{name}")
    }

    pub(super) const fn standing(self) -> Standing {
        match self {
            Self::Respelled => Standing::Odd,
            _ => Standing::Illegal,
        }
    }

    pub(super) const fn applies_to(self, act: Act) -> bool {
        match self {
            Self::Respelled => !matches!(act, Act::Fetch(_)),
            _ => matches!(act, Act::Create { .. }),
        }
    }
}

/// A header that is missing, more than usual, or says something unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The length of the body is not told, and there is none.
    NoLength,
    /// The bytes are said to be coded.
    Coded,
    /// `Content-Name` is so many bytes beside 4 KB, of -1 to 1.
    LongName(i8),
    /// A new session is asked for by the id of the one before it.
    SessionId,
    /// The client's protocols have commas between them.
    Commas,
    /// A download may not be coded.
    Identity,
}

impl Field {
    /// All of them, `Content-Name` being so long.
    pub(super) const fn all(beside: i8) -> [Self; 6] {
        [
            Self::NoLength,
            Self::Coded,
            Self::LongName(beside),
            Self::SessionId,
            Self::Commas,
            Self::Identity,
        ]
    }

    pub(super) const fn standing(self) -> Standing {
        match self {
            Self::NoLength | Self::Coded => Standing::Illegal,
            Self::LongName(beside) if beside > 0 => Standing::Illegal,
            _ => Standing::Odd,
        }
    }

    pub(super) const fn applies_to(self, act: Act) -> bool {
        let download = act.is_download();
        match self {
            Self::NoLength | Self::LongName(_) => !download,
            Self::Coded => matches!(act, Act::Fragment { .. }),
            Self::SessionId | Self::Commas => matches!(act, Act::Create { .. }),
            Self::Identity => download,
        }
    }

    /// Makes a request's usual headers so.
    pub(super) fn turn(self, headers: &mut Vec<(String, String)>, slot: Slot) {
        let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
        match self {
            Self::NoLength => headers.retain(|(name, _)| name != names::CONTENT_LENGTH),
            Self::Coded => add(names::CONTENT_ENCODING, "gzip".to_owned()),
            Self::LongName(beside) => {
                let length = 4096_usize.saturating_add_signed(isize::from(beside.clamp(-1, 1)));
                add(names::CONTENT_NAME, "x".repeat(length));
            }
            Self::SessionId => add(names::SESSION_ID, format!("${{{}}}", slot.as_str())),
            Self::Identity => add(names::ACCEPT_ENCODING, "identity".to_owned()),
            Self::Commas => {
                let list = format!("{OTHER_PROTOCOL},{UPLOAD_PROTOCOL}");
                let own = headers.iter_mut().find(|(name, _)| name == names::SUPPORTED_PROTOCOLS);
                own.into_iter().for_each(|(_, value)| value.clone_from(&list));
            }
        }
    }
}

/// A protocol that nobody speaks.
pub(super) const OTHER_PROTOCOL: &str = "{11111111-2222-4333-8444-555555555555}";

/// How the numbers of a range are written otherwise; the body is as long as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RangeForm {
    /// The unit is in capitals.
    Capitals,
    /// There is a star for the total.
    UnknownTotal,
    /// The last byte stands first.
    Backwards,
    /// The total is so small that the last byte lies beyond it.
    Beyond,
}

impl RangeForm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Capitals, Self::UnknownTotal, Self::Backwards, Self::Beyond];

    pub(super) const fn standing(self) -> Standing {
        match self {
            Self::Capitals => Standing::Odd,
            Self::UnknownTotal | Self::Backwards | Self::Beyond => Standing::Illegal,
        }
    }

    /// The value of the header, given the usual one.
    pub(super) fn of(self, usual: &str) -> Option<String> {
        let (span, total) = usual.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = span.split_once('-')?;
        Some(match self {
            Self::Capitals => format!("BYTES {span}/{total}"),
            Self::UnknownTotal => format!("bytes {span}/*"),
            Self::Backwards => format!("bytes {last}-{first}/{total}"),
            Self::Beyond => format!("bytes {span}/{last}"),
        })
    }
}

/// A range that is not made of two numbers and a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RangeText {
    /// The total is unknown.
    Star,
    /// The unit is no unit.
    Unit,
    /// A number has a sign.
    Sign,
    /// The last byte is 2 to the 64th.
    TooLarge,
    /// Nothing.
    Empty,
}

impl RangeText {
    /// The value of the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Star => "bytes 0-0/*",
            Self::Unit => "octets 0-0/1",
            Self::Sign => "bytes +0-0/1",
            Self::TooLarge => "bytes 0-18446744073709551616/18446744073709551617",
            Self::Empty => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_the_destination_or_beside_it() {
        let all = Place::ALL.map(|place| place.target(Slot::B));
        assert_eq!(
            all,
            [
                "${base}",
                "${base}missing/${prefix}b",
                "${base}../${prefix}b",
                "${base}%2e%2e/${prefix}b",
                "${base}BITS-Sessions",
                "${base}${prefix}%62",
            ]
        );
    }

    #[test]
    fn a_range_is_written_otherwise() {
        let all = RangeForm::ALL.map(|form| form.of("bytes 3-9/20").unwrap());
        assert_eq!(all, ["BYTES 3-9/20", "bytes 3-9/*", "bytes 9-3/20", "bytes 3-9/9"]);
        assert_eq!(RangeForm::Capitals.of("bytes"), None);
    }

    #[test]
    fn a_field_is_missing_more_or_another_one() {
        let usual = [(names::SUPPORTED_PROTOCOLS, UPLOAD_PROTOCOL), (names::CONTENT_LENGTH, "0")];
        let usual = usual.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let turned = |field: Field| {
            let mut headers = usual.to_vec();
            field.turn(&mut headers, Slot::C);
            headers
        };
        let added = |field: Field| turned(field)[2..].to_vec();
        let one = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
        assert_eq!(turned(Field::NoLength), usual[..1]);
        assert_eq!(added(Field::Coded), one(names::CONTENT_ENCODING, "gzip"));
        assert_eq!(added(Field::LongName(1)), one(names::CONTENT_NAME, &"x".repeat(4097)));
        assert_eq!(added(Field::SessionId), one(names::SESSION_ID, "${c}"));
        assert_eq!(added(Field::Identity), one(names::ACCEPT_ENCODING, "identity"));
        let [(_, protocols), length] = &turned(Field::Commas)[..] else { panic!() };
        assert_eq!(
            (protocols, length),
            (&format!("{OTHER_PROTOCOL},{UPLOAD_PROTOCOL}"), &usual[1])
        );
        assert!(!Field::SessionId.applies_to(Act::Ping));
    }
}

//! Session ids: braced GUIDs (2.2.1.2), or what a server made instead of one (D6).

use std::{fmt, str::FromStr};

/// A GUID, printed as `{8-4-4-4-12}` in capitals ([MS-DTYP] 2.3.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(pub u128);

/// Why text is not a braced GUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {{8-4-4-4-12}} hexadecimal digits in braces")]
pub struct GuidError;

impl Guid {
    /// A random GUID of version 4 from 16 random bytes.
    #[must_use]
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        let random = u128::from_be_bytes(bytes);
        let version = random & !(0xF << 76) | (0x4 << 76);
        Self(version & !(0x3 << 62) | (0x2 << 62))
    }
}

/// What stands between the digits of a GUID, and where.
const MARKS: [(usize, u8); 6] =
    [(0, b'{'), (9, b'-'), (14, b'-'), (19, b'-'), (24, b'-'), (37, b'}')];

impl FromStr for Guid {
    type Err = GuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: &[u8; 38] = text.as_bytes().try_into().map_err(|_| GuidError)?;
        if MARKS.iter().any(|(at, mark)| bytes[*at] != *mark) {
            return Err(GuidError);
        }
        let mut digits = MARKS.windows(2).flat_map(|ends| &bytes[ends[0].0 + 1..ends[1].0]);
        let number = digits.try_fold(0, |number, digit| {
            Some(number << 4 | u128::from(char::from(*digit).to_digit(16)?))
        });
        number.map(Self).ok_or(GuidError)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 38];
        for (at, mark) in MARKS {
            text[at] = mark;
        }
        // From the last digit on, each in its place between the marks.
        let mut number = self.0;
        for place in text.iter_mut().rev().filter(|place| **place == 0) {
            *place = b"0123456789ABCDEF"[(number % 16) as usize];
            number /= 16;
        }
        formatter.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// What a server gave as the name of a session, kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(String);

impl SessionId {
    /// The id as it stood on the wire.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as it stood on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a GUID, if it is one in braces.
    #[must_use]
    pub fn guid(&self) -> Option<Guid> {
        self.0.parse().ok()
    }

    /// Whether two ids name the same session: as GUIDs without regard to case, as other strings exactly.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        match (self.guid(), other.guid()) {
            (Some(one), Some(two)) => one == two,
            _ => self == other,
        }
    }
}

/// What two ids have in common that name the same session, for looking sessions up; see [`SessionId::same_as`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SessionKey {
    /// The id is a GUID in braces, in whatever letters.
    Guid(Guid),
    /// The id is anything else.
    Text(String),
}

impl SessionKey {
    /// The key of an id as it stood on the wire.
    #[must_use]
    pub fn of(id: &str) -> Self {
        id.parse().map_or_else(|_| Self::Text(id.to_owned()), Self::Guid)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        let text = "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        assert_eq!(text.parse::<Guid>().unwrap().to_string(), text);
    }

    #[test]
    fn an_id_is_shown_as_it_was_given() {
        assert_eq!(SessionId::new("{a} ").to_string(), "{a} ");
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "",
            "{}",
            "A0FF5911-4144-45B3-BF27-27AFC8EC8A67",
            "{A0FF5911414445B3BF2727AFC8EC8A67}",
            "{+0FF5911-4144-45B3-BF27-27AFC8EC8A67}",
        ] {
            assert_eq!(text.parse::<Guid>(), Err(GuidError), "{text}");
        }
    }

    #[test]
    fn a_random_guid_says_its_version() {
        let text = Guid::from_random([0xFF; 16]).to_string();
        assert_eq!(text, "{FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF}");
    }

    #[test]
    fn ids_are_the_same_in_any_case_but_not_without_braces() {
        let id = |text: &str| SessionId::new(text);
        let (upper, lower) =
            ("{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}", "{a0ff5911-4144-45b3-bf27-27afc8ec8a67}");
        assert!(id(upper).same_as(&id(lower)));
        assert!(!id(upper).same_as(&id(&upper[1..37])));
    }
}

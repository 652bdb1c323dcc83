//! Sizes in bytes as people write them: `4KiB`, `13MiB`, `1000`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A number of bytes, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Size(pub u64);

/// Why text is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// Not a number and a unit.
    #[error(
        "`{0}` is no size; write a number of bytes, or one with KiB, MiB or GiB, such as 64KiB"
    )]
    Form(String),
    /// Nothing at all.
    #[error("a size of 0 is nothing to send")]
    Zero,
    /// More than anybody has.
    #[error("`{0}` is more than 1 TiB")]
    Huge(String),
}

const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// More than anybody sends.
const MOST: u64 = 1 << 40;

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)));
        let (digits, unit) = unit.unwrap_or((text, 1));
        let digits = digits.trim_end();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SizeError::Form(text.to_owned()));
        }
        let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        match bytes.filter(|bytes| *bytes <= MOST) {
            None => Err(SizeError::Huge(text.to_owned())),
            Some(0) => Err(SizeError::Zero),
            Some(bytes) => Ok(Self(bytes)),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, unit)| self.0 >= *unit && self.0.is_multiple_of(*unit));
        let text = match unit {
            Some((name, unit)) => format!("{}{name}", self.0 / unit),
            None => self.0.to_string(),
        };
        formatter.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        for (text, bytes) in [("1", 1), ("4KiB", 4096), ("13MiB", 13 << 20), ("2GiB", 2 << 30)] {
            assert_eq!(text.parse(), Ok(Size(bytes)));
            assert_eq!(Size(bytes).to_string(), text);
        }
        assert_eq!(Size(4097).to_string(), "4097");
        assert_eq!("64 KiB".parse(), Ok(Size(65536)));
    }

    #[test]
    fn mistakes_are_told_apart() {
        for text in ["", "KiB", "4KB", "-1", "1.5MiB", "4kib", "x"] {
            assert_eq!(text.parse::<Size>(), Err(SizeError::Form(text.into())));
        }
        assert_eq!("0MiB".parse::<Size>(), Err(SizeError::Zero));
        for text in ["2048GiB", "99999999999999999999", "18446744073709551615KiB"] {
            assert_eq!(text.parse::<Size>(), Err(SizeError::Huge(text.into())));
        }
    }
}

//! The error values that a server may send (2.2.1.2).

use std::fmt;

/// A 32-bit Windows error value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hresult(pub u32);

impl Hresult {
    /// The error value that stands for an HTTP status.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        Self(0x8019_0000 | status as u32)
    }

    /// No error; the value that the error table prints beside 416.
    pub const NONE: Self = Self(0);
    /// The session does not exist.
    pub const SESSION_NOT_FOUND: Self = Self(0x8020_001F);
    /// The fragment or the entity is too large (D18).
    pub const TOO_LARGE: Self = Self(0x8020_0020);
    /// The directory may run scripts or programs.
    pub const SERVER_EXECUTE_ENABLE: Self = Self(0x8020_0023);
    /// Not permitted, or not enabled.
    pub const ACCESS_DENIED: Self = Self(0x8007_0005);
    /// The request breaks the rules of its message.
    pub const INVALID_ARGUMENT: Self = Self(0x8007_0057);
    /// The value printed for a full disk and for time-outs (S5).
    pub const PRINTED_DISK_FULL: Self = Self(0x8007_0112);
    /// The value that [MS-ERREF] has for a full disk.
    pub const DISK_FULL: Self = Self(0x8007_0070);

    const NAMES: [(Self, &'static str); 7] = [
        (Self::SESSION_NOT_FOUND, "BG_E_SESSION_NOT_FOUND"),
        (Self::TOO_LARGE, "BG_E_TOO_LARGE"),
        (Self::SERVER_EXECUTE_ENABLE, "BG_E_SERVER_EXECUTE_ENABLE"),
        (Self::ACCESS_DENIED, "E_ACCESSDENIED"),
        (Self::INVALID_ARGUMENT, "E_INVALIDARG"),
        (Self::DISK_FULL, "ERROR_DISK_FULL"),
        (Self::PRINTED_DISK_FULL, "ERROR_DISK_FULL as [MC-BUP] prints it"),
    ];

    /// Reads up to eight hexadecimal digits, with or without `0x` or `x` in front (U17).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits = ["0x", "0X", "x", "X"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .unwrap_or(text);
        let plain =
            (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| u32::from_str_radix(digits, 16).ok().map(Self)).flatten()
    }

    /// Whether the vendor bit is set, which a value of one's own needs (1.8).
    #[must_use]
    pub const fn is_vendor(self) -> bool {
        self.0 & 0x2000_0000 != 0
    }

    /// The value's name, where it is one that a server is known to send.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.iter().find(|(value, _)| *value == self).map(|(_, name)| *name)
    }
}

impl fmt::Display for Hresult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:08X}", self.0)
    }
}

impl fmt::Debug for Hresult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Where an error arose (2.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorContext {
    /// In the BITS server: `0x5`.
    Server,
    /// In the server application: `0x7`.
    Application,
}

impl ErrorContext {
    /// The value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "0x5",
            Self::Application => "0x7",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_with_and_without_a_prefix() {
        for text in ["0x8020001F", "x8020001F", "8020001f", "0X8020001f"] {
            assert_eq!(Hresult::read(text), Some(Hresult::SESSION_NOT_FOUND), "{text}");
        }
    }

    #[test]
    fn what_is_no_hexadecimal_number_is_not_read() {
        for text in ["", "0x", "not found", "-1", "0x123456789", "+7"] {
            assert_eq!(Hresult::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_printed_value_has_its_prefix_and_all_digits() {
        assert_eq!(Hresult(0x57).to_string(), "0x00000057");
    }
}

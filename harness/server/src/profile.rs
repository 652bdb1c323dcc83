//! What a virtual directory does where the texts differ.

use bits_wire::names;

/// Which texts a virtual directory follows where they differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// [MC-BUP] to the letter.
    #[default]
    McBup,
    /// The older reference pages.
    W32,
    /// What is known of IIS 6.
    Iis6,
    /// What is known of IIS 7 and later.
    Iis7,
}

/// What becomes of a fragment that begins before the next byte wanted (D5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// It is refused with 416.
    Refuse,
    /// What lies behind the stored bytes is taken, the rest is dropped.
    Tail,
}

impl Profile {
    /// What becomes of an overlapping fragment (D5).
    #[must_use]
    pub const fn overlap(self) -> Overlap {
        match self {
            Self::McBup => Overlap::Refuse,
            Self::W32 | Self::Iis6 | Self::Iis7 => Overlap::Tail,
        }
    }

    /// The status for a missing `Content-Length` (S4).
    #[must_use]
    pub const fn length_required(self) -> u16 {
        match self {
            Self::McBup | Self::W32 => 411,
            Self::Iis6 | Self::Iis7 => 400,
        }
    }

    /// The status for a destination that exists and may not be replaced (D3).
    #[must_use]
    pub const fn exists(self) -> u16 {
        match self {
            Self::W32 => 409,
            Self::McBup | Self::Iis6 | Self::Iis7 => 403,
        }
    }

    /// The header that holds an error value (D1).
    #[must_use]
    pub const fn error_header(self) -> &'static str {
        match self {
            Self::W32 => names::ERROR_CODE,
            Self::McBup | Self::Iis6 | Self::Iis7 => names::ERROR,
        }
    }

    /// Whether the Acks to all messages name the session, and not only that to CREATE-SESSION (D11).
    #[must_use]
    pub const fn names_session_in_every_ack(self) -> bool {
        !matches!(self, Self::Iis6)
    }

    /// The status where uploads are not enabled (D25).
    #[must_use]
    pub const fn disabled(self) -> u16 {
        match self {
            Self::Iis7 => 404,
            Self::McBup | Self::W32 | Self::Iis6 => 501,
        }
    }
}

impl Profile {
    /// All profiles.
    pub const ALL: [Self; 4] = [Self::McBup, Self::W32, Self::Iis6, Self::Iis7];

    /// The profile's name in settings and options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::McBup => "mc-bup",
            Self::W32 => "w32",
            Self::Iis6 => "iis6",
            Self::Iis7 => "iis7",
        }
    }

    /// Whether the number of sessions is limited where nothing is set; IIS 6 has no such limit.
    #[must_use]
    pub const fn limits_sessions(self) -> bool {
        matches!(self, Self::Iis7)
    }
}

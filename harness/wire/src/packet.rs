//! The values of `BITS-Packet-Type` (2.2.1.2).

use std::fmt;

/// What kind of message a request or an answer is.
///
/// Read without regard to case (D21); a word that is not in the protocol is kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PacketType {
    /// Asks whether the server is there (2.2.4).
    Ping,
    /// Opens a session (2.2.2).
    CreateSession,
    /// Carries a range of the entity (2.2.6).
    Fragment,
    /// Ends a complete upload (2.2.8).
    CloseSession,
    /// Gives an upload up (2.2.10).
    CancelSession,
    /// The answer to any of them.
    Ack,
    /// A word that the protocol does not know.
    Unlisted(String),
}

impl PacketType {
    /// The five requests, in the order in which an upload uses them.
    pub const REQUESTS: [Self; 5] =
        [Self::Ping, Self::CreateSession, Self::Fragment, Self::CloseSession, Self::CancelSession];

    const LISTED: [Self; 6] = [
        Self::Ping,
        Self::CreateSession,
        Self::Fragment,
        Self::CloseSession,
        Self::CancelSession,
        Self::Ack,
    ];

    /// Reads a value; never refuses one.
    #[must_use]
    pub fn read(value: &str) -> Self {
        let listed = Self::LISTED.iter().find(|it| it.as_str().eq_ignore_ascii_case(value));
        listed.cloned().unwrap_or_else(|| Self::Unlisted(value.to_owned()))
    }

    /// The word as the traces of section 4 spell it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ping => "Ping",
            Self::CreateSession => "Create-Session",
            Self::Fragment => "Fragment",
            Self::CloseSession => "Close-Session",
            Self::CancelSession => "Cancel-Session",
            Self::Ack => "Ack",
            Self::Unlisted(word) => word,
        }
    }
}

impl fmt::Display for PacketType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_without_regard_to_case() {
        assert_eq!(PacketType::read("CREATE-SESSION"), PacketType::CreateSession);
        assert_eq!(PacketType::read("ack"), PacketType::Ack);
    }

    #[test]
    fn an_unknown_word_is_kept() {
        assert_eq!(PacketType::read("Pong").as_str(), "Pong");
    }
}

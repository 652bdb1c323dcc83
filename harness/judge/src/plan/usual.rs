//! The headers that a client of this protocol sends, in the order and spelling of the recorded traces.

use bits_wire::{ContentRange, PacketType, UPLOAD_PROTOCOL, names};

use super::{Capture, CaptureForm, variables};

/// A request that is made as it usually is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual<'a> {
    /// A packet without a range. The text is the variable that holds the session's id.
    Packet(&'a PacketType, &'a str),
    /// A fragment of the session whose id that variable holds.
    Fragment(&'a str, ContentRange),
    /// GET or HEAD, of these ranges of bytes or of everything.
    Download(Option<&'a str>),
}

impl Usual<'_> {
    /// Its headers as the text of templates; the body has so many bytes.
    #[must_use]
    pub fn headers(self, body: u64) -> Vec<(&'static str, String)> {
        let mut lines = vec![
            (names::HOST, format!("${{{}}}", variables::HOST)),
            ("Accept", "*/*".to_owned()),
            ("User-Agent", concat!("bitscheck/", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        match self {
            Self::Packet(kind, session) => packet(&mut lines, kind, session),
            Self::Fragment(session, range) => {
                packet(&mut lines, &PacketType::Fragment, session);
                lines.push((names::CONTENT_RANGE, range.to_string()));
            }
            Self::Download(ranges) => {
                lines.extend(ranges.map(|ranges| ("Range", format!("bytes={ranges}"))));
            }
        }
        if !matches!(self, Self::Download(_)) || body > 0 {
            lines.push((names::CONTENT_LENGTH, body.to_string()));
        }
        lines.push((names::CONNECTION, "Keep-Alive".to_owned()));
        lines
    }
}

fn packet(lines: &mut Vec<(&'static str, String)>, kind: &PacketType, session: &str) {
    lines.push((names::PACKET_TYPE, kind.as_str().to_owned()));
    match kind {
        PacketType::CreateSession => {
            lines.push((names::SUPPORTED_PROTOCOLS, UPLOAD_PROTOCOL.to_owned()));
        }
        PacketType::Ping => {}
        _ => lines.push((names::SESSION_ID, format!("${{{session}}}"))),
    }
}

/// What is remembered of the answer to a packet without being asked for, in a session of this name: the id of a new
/// session, and where a reply is.
#[must_use]
pub fn capture(kind: &PacketType, session: &str) -> Option<Capture> {
    match kind {
        PacketType::CreateSession => Some(Capture::verbatim(session, names::SESSION_ID)),
        PacketType::Fragment => Some(Capture {
            variable: reply_of(session),
            header: names::REPLY_URL.to_owned(),
            form: CaptureForm::ReplyTarget,
        }),
        _ => None,
    }
}

/// The variable that holds where the reply to a session is.
#[must_use]
pub fn reply_of(session: &str) -> String {
    format!("{session}-reply")
}

/// The seed of the pattern of one destination in one scenario: FNV-1a, which will not change with a compiler.
#[must_use]
pub fn seed_of(scenario: &str, destination: &str) -> u64 {
    let bytes = scenario.bytes().chain([0]).chain(destination.bytes());
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_destination_has_content_of_its_own_and_keeps_it() {
        assert_eq!(seed_of("", ""), 0xAF63_BD4C_8601_B7DF);
        assert_ne!(seed_of("a", "b"), seed_of("a", "c"));
        assert_ne!(seed_of("ab", "c"), seed_of("a", "bc"));
    }
}

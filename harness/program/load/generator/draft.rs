//! Heads of requests, written into memory that is used again.

use bits_wire::{BITS_POST, ContentRange, PacketType, UPLOAD_PROTOCOL, names};

use crate::load::work::Target;

/// The head of the next request of one session.
#[derive(Debug)]
pub(super) struct Draft {
    bytes: Vec<u8>,
    /// The part that is the same for every request of the session.
    stem: usize,
}

impl Draft {
    /// Room for the longest head.
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(1024), stem: 0 }
    }

    /// Begins the requests of a session at this path.
    pub(super) fn begin(&mut self, target: &Target, path: &str) {
        self.bytes.clear();
        self.say(BITS_POST).say(" ").say(path).say(" HTTP/1.1");
        self.line(names::HOST, &target.authority);
        self.line("Accept", "*/*");
        self.line("User-Agent", concat!("bitscheck/", env!("CARGO_PKG_VERSION")));
        self.stem = self.bytes.len();
    }

    /// Create-Session.
    pub(super) fn create(&mut self) -> &[u8] {
        self.packet(&PacketType::CreateSession);
        self.line(names::SUPPORTED_PROTOCOLS, UPLOAD_PROTOCOL);
        self.end(0)
    }

    /// From now on the requests name this session.
    pub(super) fn name_session(&mut self, id: &[u8]) {
        self.bytes.truncate(self.stem);
        self.say("\r\n").say(names::SESSION_ID).say(": ");
        self.bytes.extend_from_slice(id);
        self.stem = self.bytes.len();
    }

    /// A fragment.
    pub(super) fn fragment(&mut self, range: ContentRange) -> &[u8] {
        self.packet(&PacketType::Fragment);
        self.say("\r\n").say(names::CONTENT_RANGE).say(": ");
        // In the words of the range itself, which would go through a formatter for each fragment.
        self.say("bytes ")
            .number(range.first)
            .say("-")
            .number(range.last)
            .say("/")
            .number(range.total);
        self.end(range.length())
    }

    /// A packet that has nothing but the session.
    pub(super) fn ending(&mut self, kind: &PacketType) -> &[u8] {
        self.packet(kind);
        self.end(0)
    }

    fn packet(&mut self, kind: &PacketType) {
        self.bytes.truncate(self.stem);
        self.line(names::PACKET_TYPE, kind.as_str());
    }

    fn end(&mut self, body: u64) -> &[u8] {
        self.say("\r\n").say(names::CONTENT_LENGTH).say(": ");
        self.number(body);
        self.line(names::CONNECTION, "Keep-Alive");
        self.say("\r\n\r\n");
        &self.bytes
    }

    fn line(&mut self, name: &str, value: &str) {
        self.say("\r\n").say(name).say(": ").say(value);
    }

    fn say(&mut self, text: &str) -> &mut Self {
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.say(itoa::Buffer::new().format(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requests_of_a_session_are_exact() {
        let target = Target {
            address: ([127, 0, 0, 1], 80).into(),
            authority: "h:80".into(),
            base: "/u/".into(),
        };
        let mut draft = Draft::new();
        draft.begin(&target, "/u/x");
        let told = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let start = concat!(
            "BITS_POST /u/x HTTP/1.1\r\nHost: h:80\r\nAccept: */*\r\nUser-Agent: bitscheck/",
            env!("CARGO_PKG_VERSION")
        );
        let end = "Connection: Keep-Alive\r\n\r\n";
        assert_eq!(
            told(draft.create()),
            format!(
                "{start}\r\nBITS-Packet-Type: Create-Session\r\nBITS-Supported-Protocols: {UPLOAD_PROTOCOL}\r\n\
                 Content-Length: 0\r\n{end}"
            )
        );
        draft.name_session(b"{A}");
        let range = ContentRange { first: 0, last: 9, total: 20 };
        assert_eq!(
            told(draft.fragment(range)),
            format!(
                "{start}\r\nBITS-Session-Id: {{A}}\r\nBITS-Packet-Type: Fragment\r\nContent-Range: bytes 0-9/20\r\n\
                 Content-Length: 10\r\n{end}"
            )
        );
        assert_eq!(
            told(draft.ending(&PacketType::CloseSession)),
            format!(
                "{start}\r\nBITS-Session-Id: {{A}}\r\nBITS-Packet-Type: Close-Session\r\nContent-Length: 0\r\n{end}"
            )
        );
    }
}

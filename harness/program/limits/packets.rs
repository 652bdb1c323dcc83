//! The requests of a measurement.

use bits_wire::{
    BITS_POST, ContentRange, Headers, PacketType, Payload, UPLOAD_PROTOCOL, http1::RequestHead,
    names,
};

/// The fragment that is held half sent. It never is the last one, so that no server takes the upload for complete.
pub(super) const FRAGMENT: ContentRange = ContentRange { first: 0, last: 8191, total: 16384 };

/// The bytes of the fragment.
pub(super) const BYTES: Payload =
    Payload::Pattern { seed: 0x0b17_511f, offset: 0, length: FRAGMENT.last + 1 };

/// Its first half.
pub(super) fn first_half() -> Payload {
    BYTES.slice(0, BYTES.length() / 2)
}

/// And the other one.
pub(super) fn second_half() -> Payload {
    BYTES.slice(BYTES.length() / 2, BYTES.length())
}

/// Whether a fragment asks the server to say that it waits for its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// It does.
    First,
    /// It does not.
    Never,
}

/// A request of a host, at a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) host: &'a str,
    pub(super) path: &'a str,
}

impl At<'_> {
    pub(super) fn ping(self) -> RequestHead {
        self.packet(&PacketType::Ping, &[], 0)
    }

    pub(super) fn create(self) -> RequestHead {
        let protocols = (names::SUPPORTED_PROTOCOLS, UPLOAD_PROTOCOL);
        self.packet(&PacketType::CreateSession, &[protocols], 0)
    }

    pub(super) fn fragment(self, session: &str, asks: Asks) -> RequestHead {
        let range = FRAGMENT.to_string();
        let mut more = vec![(names::SESSION_ID, session), (names::CONTENT_RANGE, range.as_str())];
        if asks == Asks::First {
            more.push(("Expect", "100-continue"));
        }
        self.packet(&PacketType::Fragment, &more, BYTES.length())
    }

    pub(super) fn cancel(self, session: &str) -> RequestHead {
        self.packet(&PacketType::CancelSession, &[(names::SESSION_ID, session)], 0)
    }

    fn packet(self, kind: &PacketType, more: &[(&str, &str)], length: u64) -> RequestHead {
        let mut headers = Headers::new();
        headers.push(names::HOST, self.host);
        headers.push(names::PACKET_TYPE, kind.as_str());
        for (name, value) in more {
            headers.push(*name, *value);
        }
        headers.push(names::CONTENT_LENGTH, length.to_string());
        RequestHead::write(BITS_POST, self.path, "HTTP/1.1", &headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_two_halves_of_an_upload_that_is_not_complete() {
        assert_eq!(first_half().length() + second_half().length(), FRAGMENT.length());
        assert!(!FRAGMENT.is_final());
        let head = At { host: "h", path: "/x" }.fragment("{A}", Asks::First);
        let text = String::from_utf8(head.raw).unwrap();
        assert_eq!(
            text,
            "BITS_POST /x HTTP/1.1\r\nHost: h\r\nBITS-Packet-Type: Fragment\r\nBITS-Session-Id: {A}\r\n\
             Content-Range: bytes 0-8191/16384\r\nExpect: 100-continue\r\nContent-Length: 8192\r\n\r\n"
        );
    }
}

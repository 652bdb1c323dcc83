//! Which requests an ordinary HTTP client can send as they are.

use bits_wire::{Payload, http1::RequestHead, names, text};

use super::Target;

/// Whether an ordinary client sends this request as it is meant: nothing in it that such a client repairs, refuses or
/// rewrites.
#[must_use]
pub fn is_conforming(head: &RequestHead, body: &Payload, target: &Target) -> bool {
    let headers = &head.headers;
    let single = headers.iter().all(|header| headers.all(&header.name).count() == 1);
    let visible = headers.iter().all(|header| {
        text::is_token(&header.name)
            && header.value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
    });
    // Such a client spells names in its own way; where the spelling matters it will not do.
    let usual = !headers.iter().any(|header| names::is_respelled(&header.name));
    let plain = headers.iter().all(|header| header.value == header.value.trim());
    let rewritten =
        [names::TRANSFER_ENCODING, "Expect", "Upgrade", "TE"].iter().any(|name| headers.has(name));
    let closes = headers
        .first(names::CONNECTION)
        .is_some_and(|value| !value.eq_ignore_ascii_case("keep-alive"));
    let length = match headers.first(names::CONTENT_LENGTH) {
        Some(length) => length == body.length().to_string(),
        None => matches!(head.method.as_str(), "GET" | "HEAD") && *body == Payload::Empty,
    };
    head.flaws.is_empty()
        && head.version == "HTTP/1.1"
        && text::is_token(&head.method)
        && headers.first(names::HOST) == Some(target.authority().as_str())
        && single
        && visible
        && plain
        && usual
        && !rewritten
        && !closes
        && length
        && keeps_path(&head.target, target)
}

/// Whether a URL library leaves the path as it is.
fn keeps_path(path: &str, target: &Target) -> bool {
    let Ok(url) = target.url().join(path) else { return false };
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    path.starts_with('/') && format!("{}{query}", url.path()) == path && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conforms(raw: &str, body: &[u8]) -> bool {
        let target = "http://h/".parse().unwrap();
        is_conforming(&RequestHead::read(raw.as_bytes()), &Payload::Bytes(body.to_vec()), &target)
    }

    #[test]
    fn ordinary_requests_conform() {
        assert!(conforms("BITS_POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n", b"ab"));
        assert!(conforms(
            "BITS_POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n",
            b""
        ));
    }

    #[test]
    fn odd_requests_do_not() {
        for head in [
            "BITS_POST /a HTTP/1.0\r\nHost: h\r\nContent-Length: 0",
            "BITS_POST /a HTTP/1.1\r\nHost: other\r\nContent-Length: 0",
            "BITS_POST /a HTTP/1.1\r\nContent-Length: 0",
            "BITS_POST /a HTTP/1.1\r\nHost: h",
            "BITS_POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1",
            "BITS_POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0",
            "BITS_POST /a/../b HTTP/1.1\r\nHost: h\r\nContent-Length: 0",
            "BITS_POST /%2e%2e/b HTTP/1.1\r\nHost: h\r\nContent-Length: 0",
            "BITS_POST a HTTP/1.1\r\nHost: h\r\nContent-Length: 0",
            "BITS_POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close",
            "BITS_POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue",
            "BITS_POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n folded",
            "BITS_POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nX: \u{1}",
            "BITS_POST /a HTTP/1.1\r\nHost: h\r\ncontent-length: 0",
            "BITS POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0",
        ] {
            assert!(!conforms(&format!("{head}\r\n\r\n"), b""), "{head}");
        }
    }
}

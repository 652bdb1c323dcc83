//! Heads of requests, the values in them, and what may be recorded of credentials.

use arbitrary::{Result, Unstructured};
use bits_wire::{
    Headers, PacketType,
    authentication::{quoted, schemes},
    authorization::{Bearer, CARRIERS, redacted, shown},
    http1::RequestHead,
    reply_url::ReplyPlace,
    text,
};

use super::plain::{is_token, trimmed};

const BEARERS: [Bearer; 3] = [Bearer::Right, Bearer::Wrong, Bearer::Written];

/// The head of a request: nothing is lost, what has no flaw is written as it was read, and no credentials are recorded.
pub fn request_head(data: &[u8]) {
    let head = RequestHead::read(data);
    assert_eq!(head.raw, data);
    if head.flaws.is_empty() {
        let write = |head: &RequestHead| {
            RequestHead::write(&head.method, &head.target, &head.version, &head.headers)
        };
        let written = write(&head);
        assert_eq!(
            (&written.method, &written.target, &written.version, &written.headers),
            (&head.method, &head.target, &head.version, &head.headers)
        );
        assert_eq!(write(&written), written);
        assert_eq!(written.flaws, []);
    }
    lists_agree(&head.headers);
    for bearer in BEARERS {
        let kept = redacted(head.clone(), bearer);
        assert_eq!(kept, RequestHead::read(&kept.raw), "what is kept is what it says");
        no_credentials(data, &kept.raw, bearer);
    }
}

/// A list of headers does what its words say.
fn lists_agree(headers: &Headers) {
    for header in headers {
        let name = &header.name;
        let all: Vec<&str> = headers
            .iter()
            .filter(|other| other.name.eq_ignore_ascii_case(name))
            .map(|other| other.value.as_str())
            .collect();
        assert_eq!(headers.all(name).collect::<Vec<_>>(), all);
        assert_eq!(headers.only(name), (all.len() == 1).then_some(all[0]));
        let mut set = headers.clone();
        set.set(name, "value");
        assert_eq!(set.only(name), Some("value"));
        assert_eq!(set.len(), headers.len() - all.len() + 1);
        set.remove(name);
        assert!(!set.has(name));
    }
}

/// Each line that carries credentials says only the scheme and whose they were, with what continues it.
fn no_credentials(raw: &[u8], kept: &[u8], bearer: Bearer) {
    let mut carried = false;
    let lines = raw.split(|&byte| byte == b'\n').zip(kept.split(|&byte| byte == b'\n'));
    for (was, is) in lines {
        let continues = carried && (was.starts_with(b" ") || was.starts_with(b"\t"));
        carried = continues || is_carrier(was);
        if !carried {
            assert_eq!(was, is);
            continue;
        }
        let end = is.strip_suffix(b"\r").unwrap_or(is);
        let value = end.strip_suffix(bearer.as_str().as_bytes());
        let value = value.unwrap_or_else(|| panic!("{:?} is recorded", text::from_bytes(is)));
        let value = value.iter().position(|&byte| byte == b':').map_or(value, |at| &value[at..]);
        let scheme = trimmed(value.strip_prefix(b":").unwrap_or(value));
        assert!(!scheme.contains(&b' '), "{:?} is recorded", text::from_bytes(is));
        assert!(!continues || scheme.is_empty(), "{:?} is recorded", text::from_bytes(is));
    }
    let count = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count();
    assert_eq!(count(raw), count(kept));
}

fn is_carrier(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else { return false };
    let name = line[..colon].trim_ascii();
    CARRIERS.iter().any(|carrier| name.eq_ignore_ascii_case(carrier.as_bytes()))
}

/// Values of single headers: packet types, URLs of replies, credentials, and text as bytes.
pub fn header_values(data: &[u8]) {
    let value = text::from_bytes(data);
    assert_eq!(text::to_bytes(&value), data);
    assert_eq!(text::is_token(&value), is_token(data));
    let packet = PacketType::read(&value);
    assert_eq!(PacketType::read(packet.as_str()), packet);
    assert!(packet.as_str().eq_ignore_ascii_case(&value));
    let short = text::excerpt(&value, 20);
    assert!(!short.chars().any(char::is_control), "{short:?}");
    for destination in ["/upload/sub/file.txt?x=/y", "/"] {
        reply_place(&value, destination);
    }
    let said = shown(&value);
    assert_eq!(shown(&said), said);
    let marker = BEARERS.iter().find(|bearer| said.ends_with(bearer.as_str()));
    let scheme = marker.and_then(|bearer| said.strip_suffix(bearer.as_str()));
    let scheme = scheme.unwrap_or_else(|| panic!("{said:?} is shown"));
    assert!(!scheme.trim_end().contains(' '), "{said:?} is shown");
}

/// What a reply URL leads to can be asked for, and leads to itself.
fn reply_place(value: &str, destination: &str) {
    let Some(place) = ReplyPlace::resolve(value, destination) else {
        assert_eq!(value.trim(), "");
        return;
    };
    let target = &place.target;
    assert!(target.starts_with('/'), "{value:?} leads to {target:?}");
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{target:?}");
    let again = ReplyPlace::resolve(target, destination);
    assert_eq!(again, Some(ReplyPlace { authority: None, target: target.clone() }), "{value:?}");
}

/// Schemes of `WWW-Authenticate`: what is made of words is read as these words; anything else does no harm.
pub fn authentication(data: &[u8]) {
    let value = text::from_bytes(data);
    for scheme in schemes(&value) {
        assert!(value.contains(&scheme.name) && scheme.is(&scheme.name.to_ascii_uppercase()));
        assert_eq!(schemes(&scheme.name).first().map(|it| &it.name), Some(&scheme.name));
    }
    // What is made from too few bytes is still made of words.
    let made = made_schemes(&mut Unstructured::new(data)).unwrap_or_default();
    let list: Vec<String> = made
        .iter()
        .map(|(name, parameters)| {
            let parameters: Vec<String> = parameters
                .iter()
                .map(|(name, value)| format!("{name}={}", quoted(value)))
                .collect();
            format!("{name} {}", parameters.join(", "))
        })
        .collect();
    let read = schemes(&list.join(", "));
    assert_eq!(read.len(), made.len());
    for (scheme, (name, parameters)) in read.iter().zip(&made) {
        assert_eq!(scheme.name, *name);
        for (name, value) in parameters {
            assert_eq!(scheme.parameter(name), Some(value.as_str()), "{list:?}");
        }
    }
}

type MadeScheme = (&'static str, Vec<(&'static str, String)>);

fn made_schemes(bytes: &mut Unstructured<'_>) -> Result<Vec<MadeScheme>> {
    let mut made = Vec::new();
    for _ in 0..bytes.int_in_range(0..=3)? {
        let name = *bytes.choose(&["Basic", "Digest", "Negotiate", "x-Own"])?;
        let mut parameters = Vec::new();
        for key in ["realm", "nonce", "qop"] {
            if bytes.arbitrary()? {
                let length = bytes.int_in_range(0..=12)?;
                parameters.push((key, text::from_bytes(bytes.bytes(length)?)));
            }
        }
        made.push((name, parameters));
    }
    Ok(made)
}

//! Bodies that are written in a step.

use bits_wire::Payload;

use super::{
    LARGEST_FILE,
    entity::{Entity, Span},
    error::{Blame as _, Fault, LoadErrorKind},
    expand::{Loops, settled},
    options::Body,
    value::At,
};

/// The bytes of a body; those of the entity come from its own pattern, or from that of `seed`.
pub(super) fn payload(
    body: &At<Body>,
    loops: &Loops,
    entity: &Entity,
    seed: Option<u64>,
    own_seed: u64,
) -> Result<Payload, Fault> {
    let slice = |span| entity.slice(span, seed, own_seed);
    match &body.value {
        Body::Text(text) => settled(text, loops).map(|text| written(text.into_bytes())),
        Body::Hex(text) => settled(text, loops).and_then(|text| hex(&text)).map(written),
        Body::Size(0) => Ok(Payload::Empty),
        Body::Size(size) if *size > LARGEST_FILE => Err(LoadErrorKind::FileSize(*size)),
        Body::Size(size) => Ok(slice(Span { first: 0, last: size - 1 })),
        Body::Pattern(text) => settled(text, loops).and_then(|text| Span::read(&text)).map(slice),
    }
    .at(body.place)
}

fn written(bytes: Vec<u8>) -> Payload {
    if bytes.is_empty() { Payload::Empty } else { Payload::Bytes(bytes) }
}

fn hex(text: &str) -> Result<Vec<u8>, LoadErrorKind> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    digits.chunks(2).map(pair).collect::<Option<_>>().ok_or(LoadErrorKind::Hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::value::Place;

    fn made(body: Body) -> Result<Payload, LoadErrorKind> {
        let loops = vec![("x".into(), "4".into())];
        let body = At { value: body, place: Place::default() };
        payload(&body, &loops, &Entity::None, Some(7), 0).map_err(|fault| fault.kind)
    }

    #[test]
    fn each_form_becomes_its_bytes() {
        let pattern = |offset, length| Ok(Payload::Pattern { seed: 7, offset, length });
        assert_eq!(made(Body::Text("a${x}".into())), Ok(Payload::Bytes(b"a4".to_vec())));
        assert_eq!(made(Body::Hex("00 fF\n1".into())), Err(LoadErrorKind::Hex));
        assert_eq!(made(Body::Hex("00 fF\n10".into())), Ok(Payload::Bytes(vec![0, 255, 16])));
        assert_eq!(made(Body::Pattern("${x}-9".into())), pattern(4, 6));
        assert_eq!(made(Body::Size(20)), pattern(0, 20));
        assert_eq!(made(Body::Size(0)), Ok(Payload::Empty));
        assert_eq!(made(Body::Text(String::new())), Ok(Payload::Empty));
    }

    #[test]
    fn what_is_known_only_later_cannot_be_in_a_body() {
        let later = LoadErrorKind::NotKnownYet("host".into());
        assert_eq!(made(Body::Text("${host}".into())), Err(later));
    }
}

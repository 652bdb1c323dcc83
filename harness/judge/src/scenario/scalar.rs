//! Values that can be written in several ways: statuses, values of loops, headers.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// One value or a list of them.
#[derive(Clone, Debug, Default)]
pub(super) struct OneOrMore<T>(pub Vec<T>);

impl<'de> Deserialize<'de> for OneOrMore<u16> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumbersVisitor)
    }
}

struct NumbersVisitor;

impl<'de> Visitor<'de> for NumbersVisitor {
    type Value = OneOrMore<u16>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a status or a list of them")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        let number = u16::try_from(number).map_err(|_| E::custom("no status has this number"))?;
        Ok(OneOrMore(vec![number]))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        self.visit_u64(u64::try_from(number).unwrap_or(u64::MAX))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = list.next_element()? {
            numbers.push(number);
        }
        Ok(OneOrMore(numbers))
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMore<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMore{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// A value of a loop, kept as text.
#[derive(Clone, Debug)]
pub(super) struct LoopValue(pub String);

impl<'de> Deserialize<'de> for LoopValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LoopValueVisitor)
    }
}

struct LoopValueVisitor;

impl Visitor<'_> for LoopValueVisitor {
    type Value = LoopValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a whole number")
    }

    fn visit_str<E>(self, text: &str) -> Result<LoopValue, E> {
        Ok(LoopValue(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<LoopValue, E> {
        Ok(LoopValue(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<LoopValue, E> {
        Ok(LoopValue(number.to_string()))
    }
}

impl JsonSchema for LoopValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LoopValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"] })
    }
}

/// What a header is to be.
#[derive(Clone, Debug)]
pub(super) enum HeaderValue {
    /// One line for each text.
    Lines(Vec<String>),
    /// One line with a text that is repeated.
    Filled(Filled),
    /// No line.
    Absent,
}

/// A text that is too long to be written out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Filled {
    /// The text.
    pub text: String,
    /// How many times it is written.
    pub times: u32,
}

impl<'de> Deserialize<'de> for HeaderValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = HeaderValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .write_str("a text (numbers in quotes), a list of texts, `null` or `{ text, times }`")
    }

    fn visit_str<E>(self, text: &str) -> Result<HeaderValue, E> {
        Ok(HeaderValue::Lines(vec![text.to_owned()]))
    }

    fn visit_unit<E>(self) -> Result<HeaderValue, E> {
        Ok(HeaderValue::Absent)
    }

    fn visit_none<E>(self) -> Result<HeaderValue, E> {
        Ok(HeaderValue::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<HeaderValue, A::Error> {
        let mut lines = Vec::new();
        while let Some(line) = list.next_element()? {
            lines.push(line);
        }
        if lines.is_empty() {
            return Err(A::Error::custom("an empty list; `null` takes a header away"));
        }
        Ok(HeaderValue::Lines(lines))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HeaderValue, A::Error> {
        Filled::deserialize(MapAccessDeserializer::new(map)).map(HeaderValue::Filled)
    }
}

impl JsonSchema for HeaderValue {
    fn schema_name() -> Cow<'static, str> {
        "HeaderValue".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let filled = generator.subschema_for::<Filled>();
        json_schema!({
            "description": "The value; a list for several lines; null for none; `{ text, times }` for a long one.",
            "anyOf": [
                { "type": ["string", "null"] },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
                filled,
            ]
        })
    }
}

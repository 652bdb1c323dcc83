//! The shapes of values in a scenario file: values that know their place, short forms, ordered maps.

use std::{borrow::Cow, fmt, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_saphyr::{Location, Spanned};

/// A place in a scenario file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// Where it begins, in bytes.
    pub offset: usize,
    /// How many bytes it has, as far as that is known.
    pub length: usize,
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        let span = location.span();
        let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        let size = |value: Option<u64>| usize::try_from(value.unwrap_or(0)).unwrap_or(0);
        Self {
            line: number(location.line()),
            column: number(location.column()),
            offset: size(span.byte_offset()),
            length: size(span.byte_len()),
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        Ok(Self { value: spanned.value, place: spanned.referenced.into() })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Something that can be written as one text or as a map of options.
pub(super) trait Shorthand: Sized {
    /// What the text is, for a person.
    const SHORT: &'static str;

    /// Takes the text.
    fn short(text: At<String>) -> Self;
}

/// A value in its short or its long form.
#[derive(Clone, Debug, Default)]
pub(super) struct Short<T>(pub T);

impl<'de, T: Shorthand + Deserialize<'de>> Deserialize<'de> for Short<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, place } = At::<Form<T>>::deserialize(deserializer)?;
        Ok(Self(match value {
            Form::Text(value) => T::short(At { value, place }),
            Form::Options(options) => options,
        }))
    }
}

enum Form<T> {
    Text(String),
    Options(T),
}

impl<'de, T: Shorthand + Deserialize<'de>> Deserialize<'de> for Form<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FormVisitor(PhantomData))
    }
}

struct FormVisitor<T>(PhantomData<T>);

impl<'de, T: Shorthand + Deserialize<'de>> Visitor<'de> for FormVisitor<T> {
    type Value = Form<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} or a map of options", T::SHORT)
    }

    fn visit_str<E>(self, text: &str) -> Result<Form<T>, E> {
        Ok(Form::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Form<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Form::Options)
    }
}

impl<T: Shorthand + JsonSchema> JsonSchema for Short<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Short{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "type": "string", "description": T::SHORT }, long] })
    }
}

/// A map in the order in which it is written.
#[derive(Clone, Debug)]
pub(super) struct Ordered<T>(pub Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OrderedVisitor(PhantomData))
    }
}

struct OrderedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OrderedVisitor<T> {
    type Value = Ordered<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Ordered(pairs))
    }
}

impl<T: JsonSchema> JsonSchema for Ordered<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("MapOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }
}

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

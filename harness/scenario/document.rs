//! The words of a scenario file. The JSON Schema that editors use is made of these types.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::value::{At, HeaderValue, LoopValue, OneOrMore, Ordered, Short, Shorthand};
use crate::plan::{Capability, DirectoryRole};

/// A scenario: an occasion for a server to show how it keeps the clauses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "bitscheck scenario", rename = "Scenario")]
pub(super) struct Document {
    /// One line that says what happens.
    pub title: String,
    /// Why it is interesting, in prose.
    pub about: Option<String>,
    /// The contradictory or open points (D, S, U) and the rows of the error table (E) that it visits.
    #[serde(default)]
    pub points: Vec<At<String>>,
    /// The clauses that it is for.
    #[serde(default)]
    pub clauses: Vec<At<String>>,
    /// The virtual directory that it needs; `plain` by default.
    #[serde(default)]
    pub role: DirectoryRole,
    /// What else it needs.
    #[serde(default)]
    pub needs: Vec<Capability>,
    /// The entity that is uploaded.
    pub file: Option<At<File>>,
    /// What is done, in order.
    pub steps: At<Vec<At<Step>>>,
}

/// The entity that is uploaded.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum File {
    /// That many bytes of a pattern.
    Size(u64),
    /// A file, relative to the scenario file.
    Path(String),
}

/// One step: its name, or its name with options.
#[derive(Clone, Debug)]
pub(super) struct Step(pub Kind);

/// The steps that can stand without options.
const BARE: [&str; 7] =
    ["create-session", "ping", "close-session", "cancel-session", "get", "head", "delete-entity"];

/// The steps that say more than their name.
const NEEDY: [&str; 6] = ["fragment", "send", "raw", "repeat", "for-each", "when"];

/// All names of steps.
const NAMES: &[&str] = &[
    "create-session",
    "fragment",
    "ping",
    "close-session",
    "cancel-session",
    "get",
    "head",
    "send",
    "raw",
    "delete-entity",
    "repeat",
    "for-each",
    "when",
];

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StepVisitor)
    }
}

struct StepVisitor;

impl<'de> Visitor<'de> for StepVisitor {
    type Value = Step;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a step, alone or with options")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Step, E> {
        Ok(Step(match name {
            "create-session" => Kind::CreateSession(Packet::default()),
            "ping" => Kind::Ping(Packet::default()),
            "close-session" => Kind::CloseSession(Packet::default()),
            "cancel-session" => Kind::CancelSession(Packet::default()),
            "get" => Kind::Get(Short::default()),
            "head" => Kind::Head(Short::default()),
            "delete-entity" => Kind::DeleteEntity(DeleteEntity::default()),
            _ if NEEDY.contains(&name) => {
                return Err(E::custom(format_args!(
                    "`{name}` needs to be followed by `:` and what it is about"
                )));
            }
            _ => return Err(E::unknown_variant(name, NAMES)),
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Step, A::Error> {
        let kind = Kind::deserialize(MapAccessDeserializer::new(&mut map))?;
        match map.next_key::<String>()? {
            None => Ok(Step(kind)),
            Some(second) => Err(A::Error::custom(format_args!(
                "`{second}` is one name too many: options of a step stand deeper, another step begins with `- `"
            ))),
        }
    }
}

impl JsonSchema for Step {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kind = generator.subschema_for::<Kind>();
        json_schema!({ "anyOf": [{ "type": "string", "enum": BARE }, kind] })
    }
}

/// A step with options.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "StepWithOptions")]
pub(super) enum Kind {
    /// Opens a session and remembers its id.
    CreateSession(Packet),
    /// Sends a range of the entity, `first-last`.
    Fragment(Short<Fragment>),
    /// Asks whether the server is there.
    Ping(Packet),
    /// Ends a complete upload.
    CloseSession(Packet),
    /// Gives an upload up.
    CancelSession(Packet),
    /// Reads the destination, or a range of it.
    Get(Short<Get>),
    /// Asks for the head of the destination.
    Head(Short<Get>),
    /// Sends any request; it has no header but those that are written here.
    Send(Bare),
    /// Sends exactly these bytes.
    Raw(Short<Raw>),
    /// Takes the request entity of a session away from the server's store.
    DeleteEntity(DeleteEntity),
    /// Does the same several times.
    Repeat(Repeat),
    /// Does the same for several values.
    ForEach(ForEach),
    /// Does something only where the target or the run can.
    When(When),
}

/// Makes the options of a step that sends something: its own, and those that all such steps share.
macro_rules! sending {
    ($(#[$about:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub(super) struct $name {
            $($(#[$of])* pub $field: $type,)*
            /// The name of the session, `session` by default. The session's id is the variable of that name.
            pub session: Option<At<String>>,
            /// The end of the destination's file name, after the run's prefix; the session's name by default.
            pub to: Option<At<String>>,
            /// The exact request target, instead of `to`.
            pub path: Option<At<String>>,
            /// The body, instead of the one that the step would have.
            pub body: Option<At<Body>>,
            /// The name of the connection, `main` by default.
            pub connection: Option<At<String>>,
            /// Whether to close the connection of that name first and make a new one.
            #[serde(default)]
            pub new_connection: bool,
            /// What the author wants to see besides what the clauses ask.
            pub expect: Option<At<Expect>>,
            /// What to remember of the answer: names of variables and of headers.
            #[serde(default)]
            pub capture: Ordered<At<String>>,
            /// Prose.
            #[expect(dead_code, reason = "it is for those who read the file")]
            pub note: Option<String>,
        }

        impl $name {
            /// The options that all sending steps share.
            pub(super) fn shared(&self) -> Shared<'_> {
                Shared {
                    session: self.session.as_ref(),
                    to: self.to.as_ref(),
                    path: self.path.as_ref(),
                    body: self.body.as_ref(),
                    connection: self.connection.as_ref(),
                    new_connection: self.new_connection,
                    expect: self.expect.as_ref(),
                    capture: &self.capture,
                }
            }
        }
    };
}

/// Makes the options of a step that sends a request made of words.
macro_rules! requesting {
    ($(#[$about:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $type:ty,)* }) => {
        sending! {
            $(#[$about])*
            $name {
                $($(#[$of])* $field: $type,)*
                /// Headers to add, to replace where they stand, or, with `null`, to leave out. Names are exact.
                #[serde(default)]
                headers: Ordered<At<HeaderValue>>,
                /// The method, instead of the one that the step would have.
                method: Option<At<String>>,
                /// The version, `HTTP/1.1` by default.
                version: Option<At<String>>,
            }
        }

        impl $name {
            /// The options that all requests made of words share.
            pub(super) const fn worded(&self) -> Worded<'_> {
                Worded {
                    headers: &self.headers,
                    method: self.method.as_ref(),
                    version: self.version.as_ref(),
                }
            }
        }
    };
}

/// The options that all sending steps share.
pub(super) struct Shared<'a> {
    pub session: Option<&'a At<String>>,
    pub to: Option<&'a At<String>>,
    pub path: Option<&'a At<String>>,
    pub body: Option<&'a At<Body>>,
    pub connection: Option<&'a At<String>>,
    pub new_connection: bool,
    pub expect: Option<&'a At<Expect>>,
    pub capture: &'a Ordered<At<String>>,
}

/// The options that all requests made of words share.
pub(super) struct Worded<'a> {
    pub headers: &'a Ordered<At<HeaderValue>>,
    pub method: Option<&'a At<String>>,
    pub version: Option<&'a At<String>>,
}

requesting! {
    /// A packet without a body.
    Packet {}
}

requesting! {
    /// A range of the entity.
    Fragment {
        /// The range, `first-last`, both inclusive.
        range: At<String>,
        /// The total that is claimed; the size of the file by default.
        total: Option<u64>,
        /// Allows a range that does not lie in the file.
        #[serde(default)]
        beyond: bool,
        /// Other bytes than those of the file: each number has its own.
        seed: Option<u64>,
    }
}

requesting! {
    /// A request for the destination.
    Get {
        /// The range to ask for: `0-9`, `5-`, `-5`, or several with commas.
        range: Option<At<String>>,
    }
}

requesting! {
    /// A request without defaults: `method` has to be given, and no header is added to those that are written.
    Bare {}
}

sending! {
    /// Exact bytes.
    Raw {
        /// The bytes.
        bytes: At<String>,
    }
}

impl Shorthand for Fragment {
    const SHORT: &'static str = "a range `first-last`";

    fn short(text: At<String>) -> Self {
        Self { range: text, ..Self::default() }
    }
}

impl Shorthand for Get {
    const SHORT: &'static str = "a range";

    fn short(text: At<String>) -> Self {
        Self { range: Some(text), ..Self::default() }
    }
}

impl Shorthand for Raw {
    const SHORT: &'static str = "the bytes";

    fn short(text: At<String>) -> Self {
        Self { bytes: text, ..Self::default() }
    }
}

/// A body.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Body {
    /// This text.
    Text(String),
    /// These bytes in hexadecimal digits; white space between them does not count.
    Hex(String),
    /// A range `first-last` of the entity.
    Pattern(String),
    /// That many bytes from the beginning of the entity's pattern.
    Size(u64),
}

/// What the author wants to see.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// The statuses that are right.
    #[serde(default)]
    pub status: OneOrMore<u16>,
    /// The header values that are right; `null` for a header that may not be there.
    #[serde(default)]
    pub headers: Ordered<Option<At<String>>>,
}

/// Takes the request entity of a session away.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteEntity {
    /// The name of the session, `session` by default.
    pub session: Option<At<String>>,
}

/// Does the same several times.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Repeat {
    /// How many times.
    pub times: u64,
    /// What is done.
    pub steps: At<Vec<At<Step>>>,
}

/// Does the same for several values, from `in` or from `range`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForEach {
    /// The name of the variable.
    #[serde(rename = "as")]
    pub variable: At<String>,
    /// The values.
    #[serde(rename = "in")]
    pub values: Option<Vec<LoopValue>>,
    /// Numbers from one to another.
    pub range: Option<Numbers>,
    /// What is done.
    pub steps: At<Vec<At<Step>>>,
}

/// Numbers from one to another, both inclusive.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Numbers {
    /// The first.
    pub from: u64,
    /// The last, if a step ends there.
    pub to: u64,
    /// The distance from one to the next, 1 by default.
    #[serde(default = "one")]
    pub step: u64,
}

const fn one() -> u64 {
    1
}

/// Does something only where the target or the run can.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct When {
    /// What it takes.
    pub has: Capability,
    /// What is done.
    pub steps: At<Vec<At<Step>>>,
}

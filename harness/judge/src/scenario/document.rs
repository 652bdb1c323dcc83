//! The words of a scenario file. The JSON Schema that editors use is made of these types.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{
    application::Answer,
    lanes::{Barrier, Lanes},
    options::{Bare, Fragment, Get, Packet, Raw},
    scalar::LoopValue,
    value::{At, Short},
};
use crate::plan::{Capability, DirectoryRole, Switch};

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
const BARE: [&str; 10] = [
    "create-session",
    "ping",
    "close-session",
    "cancel-session",
    "get",
    "head",
    "get-reply",
    "head-reply",
    "delete-entity",
    "barrier",
];

/// The steps that say more than their name.
const NEEDY: [&str; 12] = [
    "fragment",
    "send",
    "raw",
    "application",
    "application-in-turn",
    "wait",
    "repeat",
    "for-each",
    "when",
    "lanes",
    "pipeline",
    "server",
];

/// All names of steps.
const NAMES: &[&str] = &[
    "create-session",
    "fragment",
    "ping",
    "close-session",
    "cancel-session",
    "get",
    "head",
    "get-reply",
    "head-reply",
    "send",
    "raw",
    "application",
    "application-in-turn",
    "delete-entity",
    "wait",
    "repeat",
    "for-each",
    "when",
    "lanes",
    "barrier",
    "pipeline",
    "server",
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
            "get-reply" => Kind::GetReply(Short::default()),
            "head-reply" => Kind::HeadReply(Short::default()),
            "delete-entity" => Kind::DeleteEntity(DeleteEntity::default()),
            "barrier" => Kind::Barrier(Barrier {}),
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
    /// Reads the reply to which the latest fragment's Ack led, or a range of it.
    GetReply(Short<Get>),
    /// Asks for the head of that reply.
    HeadReply(Short<Get>),
    /// Answers so, as the server application, from here on; needs `application`.
    Application(Box<Answer>),
    /// Answers so in turn, as the server application: the first call so, the next one so, and all later ones as the last.
    ApplicationInTurn(Vec<Answer>),
    /// Waits.
    Wait(Wait),
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
    /// Does several things at once, each in a lane of its own.
    Lanes(Lanes),
    /// Waits until every lane has come to its barrier; only in `lanes`.
    Barrier(Barrier),
    /// Sends several requests over one connection without waiting for an answer in between, and takes the answers in turn.
    Pipeline(At<Vec<At<Step>>>),
    /// Restarts the server under test, which needs `restart`, or stops or starts it, which needs `stop-and-start`. Such a
    /// scenario runs alone.
    Server(Switch),
}

/// Waits, for one of these.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Wait {
    /// So many seconds, at most 60.
    Seconds(At<f64>),
    /// So many times the session timeout of the directory, at most 3; needs `session-timeout`.
    SessionTimeouts(At<f64>),
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

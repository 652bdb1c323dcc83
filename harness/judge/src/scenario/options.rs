//! The options of steps that send something.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    delivery::{Sent, Stalls},
    scalar::{HeaderValue, OneOrMore},
    value::{At, Ordered, Shorthand},
};
use crate::plan::{Awaits, Credentials, CutBy};

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
            /// Sends only so many bytes of the body and ends there, without waiting for an answer if `by` does not say
            /// otherwise. As many bytes as there are: the connection breaks before the Ack.
            pub cut: Option<u64>,
            /// How a request that is cut ends: the connection is closed (`end`, the default) or reset, or only the client's
            /// side is closed and the answer is waited for (`half-close`).
            pub by: Option<At<CutBy>>,
            /// The seconds over which the body is sent, in ten pieces.
            pub slowly: Option<At<f64>>,
            /// How many bytes of the body are sent in a second, at most.
            pub bytes_per_second: Option<At<NonZeroU32>>,
            /// How many bytes of the head go out with one write; all of them by default.
            pub split_head: Option<NonZeroU32>,
            /// Seconds in which the client does nothing: within the `head`, within the `body`, before the `answer` is read.
            pub stall: Option<Stalls>,
            /// Adds `Expect: 100-continue`, and waits to be told to go on as long as for an answer, or sends the body at once.
            pub expect_continue: Option<Awaits>,
            /// Whose credentials to show if the server asks for some; the scenario needs `credentials`.
            pub credentials: Option<Shown>,
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
                    sent: Sent {
                        cut: self.cut,
                        by: self.by.as_ref(),
                        slowly: self.slowly.as_ref(),
                        bytes_per_second: self.bytes_per_second.as_ref(),
                        split_head: self.split_head,
                        stall: self.stall.as_ref(),
                        expect_continue: self.expect_continue,
                    },
                    credentials: self.credentials,
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
    pub sent: Sent<'a>,
    pub credentials: Option<Shown>,
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
    Bare {
        /// Other bytes in a body of the file's than those of the file: each number has its own.
        seed: Option<u64>,
    }
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

/// Whose credentials a step shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Credentials")]
pub(super) enum Shown {
    /// Those of the user whom the directory permits.
    Yes,
    /// That user's with another password.
    Wrong,
}

impl Shown {
    /// The same in a plan.
    pub(super) const fn planned(self) -> Credentials {
        match self {
            Self::Yes => Credentials::Right,
            Self::Wrong => Credentials::Wrong,
        }
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

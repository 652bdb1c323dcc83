//! What is to be done, the same whether a person wrote it or a seed made it. No I/O.

mod application;
mod delivery;
mod needs;
mod template;
mod usual;

pub use application::{Play, Then, reason};
pub use delivery::{Awaits, Cut, CutBy, Delivery, Pace, Stall};
pub use needs::{Capability, DirectoryRole};
pub use template::{Alteration, Piece, Template, TemplateError};
pub use usual::{Usual, capture, reply_of, seed_of};

use std::time::Duration;

use bits_wire::Payload;

/// A bounded list of steps.
///
/// Each step names its lane. Lane 0 is the plan's own: its steps come one after the other. Steps of other lanes that stand
/// together are a block: each lane takes its own in order, all lanes at once, and the plan goes on when the last is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The scenario's name, `theme/what-happens`, or what generated it.
    pub name: String,
    /// One line for a person.
    pub title: String,
    /// The virtual directory that it needs.
    pub role: DirectoryRole,
    /// What else it needs.
    pub needs: Vec<Capability>,
    /// The steps with loops unrolled.
    pub steps: Vec<Step>,
}

impl Plan {
    /// How many bytes of bodies it sends.
    #[must_use]
    pub fn sends(&self) -> u64 {
        let body = |step: &Step| match &step.action {
            Action::Send(send) => send.body.length(),
            _ => 0,
        };
        self.steps.iter().map(body).fold(0, u64::saturating_add)
    }

    /// How many lanes it has besides its own.
    #[must_use]
    pub fn lanes(&self) -> u32 {
        self.steps.iter().map(|step| step.lane).max().unwrap_or(0)
    }

    /// Whether it takes the server from everybody else for a while.
    #[must_use]
    pub fn takes_the_server(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::Switch(_)))
    }

    /// How many of its steps wait or make the server wait; such plans are best begun first.
    #[must_use]
    pub fn waits(&self) -> usize {
        let waits = |step: &&Step| match &step.action {
            Action::Wait(wait) => !matches!(wait, Wait::Jitter(_)),
            Action::Send(send) => !send.delivery.pauses(send.body.length()).is_zero(),
            Action::Play(plays) => plays.iter().any(|play| play.then == Then::Stall),
            _ => false,
        };
        self.steps.iter().filter(waits).count()
    }

    /// Whether most of its time is one in which nobody has anything to do: a timeout runs out.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.steps.iter().any(|step| match &step.action {
            Action::Wait(wait) => !matches!(wait, Wait::Jitter(_)),
            Action::Play(plays) => plays.iter().any(|play| play.then == Then::Stall),
            _ => false,
        })
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line in the scenario file, from 1; 0 where there is no file.
    pub line: u32,
    /// The lane that takes it; 0 is the plan's own.
    pub lane: u32,
    /// What to do.
    pub action: Action,
    /// What the author wants to see besides what the clauses ask.
    pub expect: Option<Expectation>,
    /// What to remember of the answer.
    pub captures: Vec<Capture>,
}

impl Step {
    /// One of the plan's own lane and of no file that sends a request in one go, as anybody, on the main connection.
    #[must_use]
    pub fn sending(head: Head, body: Payload) -> Self {
        Self::bare(Send::plain(head, body).into())
    }

    /// One of the plan's own lane and of no file, of which nothing is expected or remembered.
    #[must_use]
    pub const fn bare(action: Action) -> Self {
        Self { line: 0, lane: 0, action, expect: None, captures: Vec::new() }
    }
}

/// What a step remembers of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The variable that gets the value.
    pub variable: String,
    /// The header that has it.
    pub header: String,
    /// In which form.
    pub form: CaptureForm,
}

impl Capture {
    /// Remembers a header as it stands.
    #[must_use]
    pub fn verbatim(variable: impl Into<String>, header: impl Into<String>) -> Self {
        Self { variable: variable.into(), header: header.into(), form: CaptureForm::Verbatim }
    }
}

/// In which form a header's value is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaptureForm {
    /// As it stands.
    #[default]
    Verbatim,
    /// As the request target to which it leads, resolved as BITS clients resolve a reply URL.
    ReplyTarget,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Sends one request and takes what comes back.
    Send(Box<Send>),
    /// Takes the request entity of a session away from the server's store.
    DeleteEntity {
        /// The session's id.
        session: Template,
    },
    /// From here on the harness answers so as the server application: the first call with the first of these, and so on,
    /// and all later ones with the last.
    Play(Vec<Play>),
    /// Stops or starts the server under test.
    Switch(Switch),
    /// Waits.
    Wait(Wait),
    /// Waits until every lane of the block has come to such a step or to its end. In lane 0 it ends a block.
    Meet,
}

/// What is done to the server under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    /// It is stopped and started.
    Restart,
    /// It is stopped.
    Stop,
    /// It is started.
    Start,
}

impl Switch {
    /// What the run has to be able to do for it.
    #[must_use]
    pub const fn needs(self) -> Capability {
        match self {
            Self::Restart => Capability::Restart,
            Self::Stop | Self::Start => Capability::StopAndStart,
        }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// So long.
    For(Duration),
    /// So many hundredths of the directory's session timeout.
    SessionTimeout(u32),
    /// A time of at most so long, which the run's seed chooses.
    Jitter(Duration),
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send {
    /// The head.
    pub head: Head,
    /// The body.
    pub body: Payload,
    /// The connection to use: made when it is first named, kept as long as the server lets it.
    pub connection: String,
    /// Whether to close that connection first and make a new one.
    pub fresh: bool,
    /// How it goes over the wire.
    pub delivery: Delivery,
    /// Whose credentials to show, if the server asks for some.
    pub credentials: Credentials,
}

impl Send {
    /// In one go, as anybody, on the main connection.
    #[must_use]
    pub fn plain(head: Head, body: Payload) -> Self {
        Self {
            head,
            body,
            connection: "main".to_owned(),
            fresh: false,
            delivery: Delivery::default(),
            credentials: Credentials::None,
        }
    }
}

impl From<Send> for Action {
    fn from(send: Send) -> Self {
        Self::Send(Box::new(send))
    }
}

/// Whose credentials a request shows if the server asks for some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Those that the target has for every request, if it has any.
    #[default]
    None,
    /// Those of the user whom the directory permits.
    Right,
    /// That user's with another password.
    Wrong,
}

/// The head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// Made of these words.
    Made {
        /// The method.
        method: Template,
        /// The request target.
        target: Template,
        /// The version, `HTTP/1.1` as a rule.
        version: String,
        /// The fields in order; names are exact.
        headers: Vec<(String, Template)>,
    },
    /// Exactly these bytes, with the body, if any, after them.
    Raw(Template),
}

/// An expectation of the scenario's author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The statuses that are right; any, if empty.
    pub status: Vec<u16>,
    /// Header values that are right, compared without regard to case; `None` means absent.
    pub headers: Vec<(String, Option<Template>)>,
}

/// Variables that every plan can use besides its captures.
pub mod variables {
    /// Host and port of the target, as for `Host`.
    pub const HOST: &str = "host";
    /// The path of the virtual directory, with a slash at its end.
    pub const BASE: &str = "base";
    /// What every file name of this run and scenario begins with.
    pub const PREFIX: &str = "prefix";
    /// The URL of the server application that the harness plays, with a slash at its end.
    pub const APPLICATION: &str = "application";
    /// How many bytes an upload to the directory may have.
    pub const MAXIMUM: &str = "maximum-upload-size";
    /// One byte more.
    pub const OVER_MAXIMUM: &str = "over-maximum-upload-size";
}

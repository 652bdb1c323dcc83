//! Carries out plans against a server and writes down what happens. It knows nothing of what is right.

mod application;
mod conforming;
mod credentials;
mod http;
mod intake;
mod lane;
mod line;
mod meeting;
mod patience;
mod pipeline;
mod power;
mod raw;
mod record;
mod source;
mod store;
mod target;
mod tls;
mod variables;

pub use application::Application;
pub use conforming::is_conforming;
pub use credentials::{Accounts, User};
pub use line::{Begun, Caller, Line, LineError, pause};
pub use power::{Power, Switched};
pub use raw::{ReachError, read_answers};
pub use target::{Target, TargetError};
pub use tls::{TlsError, TlsOptions};

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use bits_judge::{
    plan::{self, Plan},
    transcript::{Directory, Facts, Fate, Received, Transcript},
};
use tokio::time::Instant;

use self::{
    application::Enrolled,
    http::Ordinary,
    lane::Lane,
    power::IsDown,
    record::Record,
    source::{Source, allowance},
    variables::Variables,
};

/// How requests are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Exact bytes over TCP or TLS.
    #[default]
    Raw,
    /// As an ordinary client would, where the request is one that such a client can send; else exact bytes.
    Http,
}

impl Transport {
    /// The transport's name in options and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Http => "http",
        }
    }
}

/// The limits within which a driver works.
#[derive(Clone, Debug)]
pub struct Options {
    /// How requests are sent.
    pub transport: Transport,
    /// How long an answer may take, besides a second for each mebibyte that is sent or announced.
    pub timeout: Duration,
    /// The longest head that is read, in bytes.
    pub most_head: usize,
    /// The longest body that is read, in bytes.
    pub most_body: u64,
    /// Whom to trust.
    pub tls: TlsOptions,
    /// Where the server keeps its sessions, if that is on this machine.
    pub session_store: Option<PathBuf>,
    /// The server application that the harness plays, if it does.
    pub application: Option<Arc<Application>>,
    /// The folder of this machine in which the files lie that notifications name, if there is one.
    pub read_root: Option<PathBuf>,
    /// The users whom the target knows.
    pub accounts: Accounts,
    /// What chooses the times that plans leave open.
    pub seed: u64,
    /// Who can stop and start the server, if anybody can.
    pub power: Option<Arc<dyn Power>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            transport: Transport::Raw,
            timeout: Duration::from_secs(30),
            most_head: 64 * 1024,
            most_body: 1 << 40,
            tls: TlsOptions::default(),
            session_store: None,
            application: None,
            read_root: None,
            accounts: Accounts::default(),
            seed: 0,
            power: None,
        }
    }
}

/// Why there can be no driver.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The high-level client cannot be made.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// The high-level client has nowhere to run.
    #[error("cannot start an HTTP client: {0}")]
    Runtime(#[source] std::io::Error),
}

/// A virtual directory of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its path, with a slash at its end.
    pub base: String,
    /// What is known of its settings.
    pub directory: Directory,
}

impl Place {
    /// A directory of which only the path is known.
    #[must_use]
    pub fn at(base: impl Into<String>) -> Self {
        Self { base: base.into(), directory: Directory::default() }
    }
}

/// Carries out plans against one target.
#[derive(Debug)]
pub struct Driver {
    target: Arc<Target>,
    options: Options,
    tls: Arc<rustls::ClientConfig>,
    /// The ordinary client, if requests go by it.
    client: Option<Ordinary>,
    /// Whether a plan has stopped the server.
    is_down: IsDown,
}

/// What one request came to.
struct Outcome {
    received: Received,
    fate: Fate,
    sent: u64,
    connection: u32,
    took: Duration,
}

/// Why a plan cannot go on: the harness's trouble, in words.
struct Broken(String);

impl Driver {
    /// A driver for `target`.
    ///
    /// # Errors
    ///
    /// If the certificates to trust cannot be read.
    pub fn new(target: Target, options: Options) -> Result<Self, DriveError> {
        let tls = tls::config(&options.tls)?;
        let client = match options.transport {
            Transport::Http => Some(Ordinary::new(&tls, options.timeout)?),
            Transport::Raw => None,
        };
        let is_down = IsDown::new(false);
        Ok(Self { target: Arc::new(target), options, tls: Arc::new(tls), client, is_down })
    }

    /// Makes one connection and closes it.
    ///
    /// # Errors
    ///
    /// If none can be made, with what to do about it.
    pub async fn reach(&self) -> Result<(), ReachError> {
        raw::connect(&self.target, &self.tls, self.options.timeout).await.map(drop)
    }

    /// Carries out `plan` in the virtual directory at `place`; every file that it makes has a name that begins with `prefix`.
    ///
    /// What the server does wrong is in the transcript, not an error. What keeps the harness from going on is there too,
    /// as `unfinished`.
    pub async fn drive(&self, plan: &Plan, place: &Place, prefix: &str) -> Transcript {
        let mut variables = Variables::new(self.target.authority(), &place.base, prefix);
        if let Some(application) = &self.options.application {
            variables.set(plan::variables::APPLICATION, &application.url());
        }
        if let Some(maximum) = place.directory.maximum_upload_size {
            variables.set(plan::variables::MAXIMUM, &maximum.to_string());
            let over = u128::from(maximum) + 1;
            variables.set(plan::variables::OVER_MAXIMUM, &over.to_string());
        }
        let run = self.run(plan, place, prefix);
        let mut lane = Lane::first(&run, variables);
        if let Err(Broken(reason)) = lane.carry_out(&plan.steps).await {
            run.record.lock().unfinished(reason);
        }
        lane.leave();
        if let Err(reason) = self.restore().await {
            run.record.lock().unfinished(reason);
        }
        let Run { record, enrolled, .. } = run;
        let calls = match enrolled {
            Some(enrolled) => enrolled.leave().await,
            None => Vec::new(),
        };
        record.end(calls)
    }

    /// What the lanes of a plan share.
    fn run<'d>(&'d self, plan: &'d Plan, place: &'d Place, prefix: &str) -> Run<'d> {
        let facts = Facts {
            scenario: plan.name.clone(),
            base: place.base.clone(),
            role: plan.role.as_str().to_owned(),
            application: self.options.application.is_some(),
            directory: place.directory.clone(),
        };
        let (began, root) = (Instant::now(), self.options.read_root.clone());
        let application = self.options.application.as_ref();
        Run {
            driver: self,
            plan,
            began,
            directory: &place.directory,
            enrolled: application.map(|one| one.enrol(prefix, began, root)),
            connections: AtomicU32::new(0),
            record: Record::of(Transcript { facts, ..Transcript::default() }),
        }
    }
}

/// A plan being carried out: what all its lanes share.
struct Run<'d> {
    driver: &'d Driver,
    plan: &'d Plan,
    began: Instant,
    directory: &'d Directory,
    /// The plan's part in the server application, if the harness plays it.
    enrolled: Option<Enrolled>,
    /// How many connections were made.
    connections: AtomicU32,
    record: Record,
}

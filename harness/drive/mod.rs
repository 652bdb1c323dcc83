//! Carries out plans against a server and writes down what happens. It knows nothing of what is right.

mod application;
mod conforming;
mod http;
mod intake;
mod raw;
mod store;
mod target;
mod tls;
mod variables;

pub use application::Application;
pub use conforming::is_conforming;
pub use raw::ReachError;
pub use target::{Target, TargetError};
pub use tls::{TlsError, TlsOptions};

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use tokio::time::Instant;

use self::{
    application::{Enrolled, Known, Ready},
    raw::Connections,
    variables::Variables,
};
use crate::{
    plan::{self, Action, Capture, CaptureForm, Plan, Play, Send, Step},
    transcript::{
        Deletion, Exchange, Facts, Fate, Received, Request, Silence, Skipped, Transcript,
    },
    wire::{Payload, http1::RequestHead, names, reply_url::ReplyPlace, text},
};

/// How many requests in a row may run into the timeout before a plan is given up.
const MOST_SILENCE: usize = 3;

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
}

/// Carries out plans against one target.
#[derive(Debug)]
pub struct Driver {
    target: Arc<Target>,
    options: Options,
    tls: Arc<rustls::ClientConfig>,
    client: reqwest::Client,
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
        let client = http::client(&tls, options.timeout)?;
        Ok(Self { target: Arc::new(target), options, tls: Arc::new(tls), client })
    }

    /// Makes one connection and closes it.
    ///
    /// # Errors
    ///
    /// If none can be made, with what to do about it.
    pub async fn reach(&self) -> Result<(), ReachError> {
        raw::connect(&self.target, &self.tls, self.options.timeout).await.map(drop)
    }

    /// Carries out `plan` in the virtual directory `base`; every file that it makes has a name that begins with `prefix`.
    ///
    /// What the server does wrong is in the transcript, not an error. What keeps the harness from going on is there too,
    /// as `unfinished`.
    pub async fn drive(&self, plan: &Plan, base: &str, prefix: &str) -> Transcript {
        let facts = Facts {
            scenario: plan.name.clone(),
            base: base.to_owned(),
            role: plan.role.as_str().to_owned(),
            application: self.options.application.is_some(),
        };
        let began = Instant::now();
        let application = self.options.application.as_ref();
        let mut variables = Variables::new(self.target.authority(), base, prefix);
        if let Some(application) = application {
            variables.set(plan::variables::APPLICATION, &application.url());
        }
        let root = self.options.read_root.clone();
        let mut run = Run {
            driver: self,
            began,
            variables,
            enrolled: application.map(|one| one.enrol(prefix, began, root)),
            connections: Connections::default(),
            latest: BTreeMap::new(),
            transcript: Transcript { facts, ..Transcript::default() },
        };
        for (at, step) in plan.steps.iter().enumerate() {
            if let Err(Broken(reason)) = run.take(at, step).await {
                run.transcript.unfinished = Some(reason);
                break;
            }
        }
        run.last_look();
        if let Some(enrolled) = run.enrolled {
            run.transcript.notifications = enrolled.leave().await;
        }
        run.transcript
    }
}

/// A plan being carried out.
struct Run<'d> {
    driver: &'d Driver,
    began: Instant,
    variables: Variables,
    /// The plan's part in the server application, if the harness plays it.
    enrolled: Option<Enrolled>,
    connections: Connections,
    /// The latest exchange on each connection, by its place in the transcript.
    latest: BTreeMap<u32, usize>,
    transcript: Transcript,
}

impl Run<'_> {
    async fn take(&mut self, at: usize, step: &Step) -> Result<(), Broken> {
        let missing = match &step.action {
            Action::Play(plays) => match self.play(plays) {
                Ok(()) => return Ok(()),
                Err(name) => name,
            },
            Action::DeleteEntity { session } => match self.variables.fill(session) {
                Ok(session) => return self.delete(at, step, session),
                Err(name) => name,
            },
            Action::Send(send) => match self.variables.head(&send.head) {
                Ok(head) => return self.send(at, step, send, head).await,
                Err(name) => name,
            },
        };
        self.skip(at, step, format!("no answer gave ${{{missing}}} a value"));
        Ok(())
    }

    fn play<'p>(&self, plays: &'p [Play]) -> Result<(), &'p str> {
        let Some(enrolled) = &self.enrolled else { return Ok(()) };
        let ready = |play: &'p Play| {
            let head = play.head.as_ref().map(|head| self.variables.fill(head)).transpose()?;
            Ok(Ready { head: head.map(|head| text::to_bytes(&head)), play: play.clone() })
        };
        enrolled.play(plays.iter().map(ready).collect::<Result<_, &str>>()?);
        Ok(())
    }

    fn skip(&mut self, at: usize, step: &Step, reason: String) {
        self.transcript.skipped.push(Skipped { line: step.line, step: at, reason });
    }

    fn delete(&mut self, at: usize, step: &Step, session: String) -> Result<(), Broken> {
        let Some(folder) = &self.driver.options.session_store else {
            self.skip(at, step, "the server's session store is not known".into());
            return Ok(());
        };
        match store::delete(folder, &session) {
            Ok(0) => Err(Broken(format!("no file of session {session} in {}", folder.display()))),
            Ok(_) => {
                self.transcript
                    .deletions
                    .push(Deletion { after: self.transcript.exchanges.len(), session });
                Ok(())
            }
            Err(error) => {
                Err(Broken(format!("cannot take the files of session {session} away: {error}")))
            }
        }
    }

    async fn send(
        &mut self,
        at: usize,
        step: &Step,
        send: &Send,
        head: RequestHead,
    ) -> Result<(), Broken> {
        self.look_at(&send.connection);
        let started = self.began.elapsed();
        let number = self.transcript.exchanges.len() + 1;
        self.tell_application(number);
        self.announce_upload(&head, &send.body);
        let outcome = self.exchange(send, &head).await?;
        self.tell_application(0);
        let exchange = Exchange {
            number,
            line: step.line,
            step: at,
            connection: outcome.connection,
            started,
            took: outcome.took,
            request: Request { head, body: send.body.clone(), sent: outcome.sent },
            received: outcome.received,
            fate: outcome.fate,
        };
        self.remember(&step.captures, &exchange);
        self.latest.insert(outcome.connection, number - 1);
        self.transcript.exchanges.push(exchange);
        if self.is_given_up() {
            return Err(Broken(format!(
                "the target left {MOST_SILENCE} requests in a row unanswered"
            )));
        }
        Ok(())
    }

    /// The server application is told what a call may be about that does not name it.
    fn announce_upload(&self, head: &RequestHead, body: &Payload) {
        let Some(enrolled) = &self.enrolled else { return };
        let first = head.headers.first(names::CONTENT_RANGE).unwrap_or_default();
        let mut start = vec![0; Known::START];
        let count = body.fill(0, &mut start).filter(|_| first.starts_with("bytes 0-"));
        if let (Some(count @ 1..), Some(session)) = (count, head.headers.first(names::SESSION_ID)) {
            start.truncate(count);
            enrolled.expect(Known { session: session.to_owned(), start });
        }
    }

    fn tell_application(&self, number: usize) {
        if let Some(enrolled) = &self.enrolled {
            enrolled.during(number);
        }
    }

    fn remember(&mut self, captures: &[Capture], exchange: &Exchange) {
        let Some(answer) = exchange.answer() else { return };
        for capture in captures {
            let Some(value) = answer.head.headers.first(&capture.header) else { continue };
            match capture.form {
                CaptureForm::Verbatim => self.variables.set(&capture.variable, value),
                CaptureForm::ReplyTarget => {
                    if let Some(target) = self.reply_target(value, exchange) {
                        self.variables.set(&capture.variable, &target);
                    }
                }
            }
        }
    }

    /// Where a reply is on this target; nothing if it is elsewhere.
    fn reply_target(&self, value: &str, exchange: &Exchange) -> Option<String> {
        let head = &exchange.request.head;
        let place = ReplyPlace::resolve(value, &head.target)?;
        let own = self.driver.target.authority();
        let here = |authority: &String| {
            authority.eq_ignore_ascii_case(&own)
                || head.headers.first(names::HOST) == Some(authority)
        };
        place.authority.as_ref().is_none_or(here).then_some(place.target)
    }

    /// Whether the latest requests all ran into the timeout: waiting for the others would take hours.
    fn is_given_up(&self) -> bool {
        let silent =
            |exchange: &Exchange| exchange.received == Received::Nothing(Silence::TimedOut);
        let latest = self.transcript.exchanges.iter().rev().take(MOST_SILENCE);
        latest.filter(|exchange| silent(exchange)).count() == MOST_SILENCE
    }

    async fn exchange(&mut self, send: &Send, head: &RequestHead) -> Result<Outcome, Broken> {
        let driver = self.driver;
        let ordinary = driver.options.transport == Transport::Http
            && is_conforming(head, &send.body, &driver.target);
        if ordinary {
            return http::exchange(
                &driver.client,
                &driver.target,
                &driver.options,
                head,
                &send.body,
            )
            .await;
        }
        self.connections.exchange(driver, send, head).await
    }

    /// Bytes that came on a connection since its last exchange belong to that one: nobody asked for them.
    fn look_at(&mut self, name: &str) {
        let Some((connection, bytes)) = self.connections.stray(name) else { return };
        let Some(exchange) =
            self.latest.get(&connection).and_then(|at| self.transcript.exchanges.get_mut(*at))
        else {
            return;
        };
        if let Received::Answer(answer) = &mut exchange.received {
            let room = crate::transcript::Answer::MOST_SURPLUS.saturating_sub(answer.surplus.len());
            answer.surplus.extend(bytes.into_iter().take(room));
        }
    }

    fn last_look(&mut self) {
        for name in self.connections.names() {
            self.look_at(&name);
        }
    }
}

/// The bytes of a payload, piece by piece.
struct Source<'p> {
    payload: &'p Payload,
    at: u64,
    file: Option<tokio::fs::File>,
}

impl<'p> Source<'p> {
    /// How many bytes are read at once.
    const PIECE: usize = 64 * 1024;

    async fn open(payload: &'p Payload) -> Result<Self, Broken> {
        use tokio::io::AsyncSeekExt as _;
        let file = match payload {
            Payload::File { file, offset, .. } => {
                let failed = |error: std::io::Error| {
                    Broken(format!("cannot read {}: {error}", file.path.display()))
                };
                let mut open = tokio::fs::File::open(&file.path).await.map_err(failed)?;
                open.seek(std::io::SeekFrom::Start(*offset)).await.map_err(failed)?;
                Some(open)
            }
            _ => None,
        };
        Ok(Self { payload, at: 0, file })
    }

    /// Fills the front of `buffer`; 0 at the end.
    async fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use tokio::io::AsyncReadExt as _;
        let count = match (&mut self.file, self.payload.fill(self.at, buffer)) {
            (None, Some(count)) => count,
            (Some(file), _) => {
                let left = usize::try_from(self.payload.length() - self.at)
                    .unwrap_or(usize::MAX)
                    .min(buffer.len());
                let count = file.read(&mut buffer[..left]).await?;
                if count == 0 && left > 0 {
                    return Err(std::io::Error::other("the file has become shorter"));
                }
                count
            }
            (None, None) => 0,
        };
        self.at += count as u64;
        Ok(count)
    }
}

/// The time that an exchange may take: the timeout, and a second for each mebibyte.
fn allowance(timeout: Duration, bytes: u64) -> Duration {
    timeout + Duration::from_secs(bytes >> 20)
}

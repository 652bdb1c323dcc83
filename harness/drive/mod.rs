//! Carries out plans against a server and writes down what happens. It knows nothing of what is right.

mod application;
mod conforming;
mod credentials;
mod http;
mod intake;
mod patience;
mod raw;
mod source;
mod store;
mod target;
mod tls;
mod variables;

pub use application::Application;
pub use conforming::is_conforming;
pub use credentials::{Accounts, User};
pub use raw::{ReachError, read_answers};
pub use target::{Target, TargetError};
pub use tls::{TlsError, TlsOptions};

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use tokio::time::Instant;

use self::{
    application::{Enrolled, Known, Ready},
    credentials::{Identified, Passport},
    http::Ordinary,
    patience::Patience,
    raw::Connections,
    source::{Source, allowance},
    variables::Variables,
};
use crate::{
    plan::{self, Action, Capture, CaptureForm, Plan, Play, Send, Step, Wait},
    transcript::{
        Deletion, Directory, Exchange, Facts, Fate, Received, Request, Skipped, Transcript,
    },
    wire::{
        Payload, authorization::redacted, http1::RequestHead, names, reply_url::ReplyPlace, text,
    },
};

/// The longest time that a step may wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

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

    /// Carries out `plan` in the virtual directory at `place`; every file that it makes has a name that begins with `prefix`.
    ///
    /// What the server does wrong is in the transcript, not an error. What keeps the harness from going on is there too,
    /// as `unfinished`.
    pub async fn drive(&self, plan: &Plan, place: &Place, prefix: &str) -> Transcript {
        let base = place.base.as_str();
        let facts = Facts {
            scenario: plan.name.clone(),
            base: base.to_owned(),
            role: plan.role.as_str().to_owned(),
            application: self.options.application.is_some(),
            directory: place.directory.clone(),
        };
        let began = Instant::now();
        let application = self.options.application.as_ref();
        let mut variables = Variables::new(self.target.authority(), base, prefix);
        if let Some(application) = application {
            variables.set(plan::variables::APPLICATION, &application.url());
        }
        if let Some(maximum) = place.directory.maximum_upload_size {
            variables.set(plan::variables::MAXIMUM, &maximum.to_string());
            let over = u128::from(maximum) + 1;
            variables.set(plan::variables::OVER_MAXIMUM, &over.to_string());
        }
        let root = self.options.read_root.clone();
        let mut run = Run {
            driver: self,
            began,
            variables,
            enrolled: application.map(|one| one.enrol(prefix, began, root)),
            connections: Connections::default(),
            latest: BTreeMap::new(),
            passport: Passport::new(&self.options.accounts, plan.role),
            patience: Patience::new(self.options.timeout),
            transcript: Transcript { facts, ..Transcript::default() },
        };
        for (at, step) in plan.steps.iter().enumerate() {
            if let Err(Broken(reason)) = run.take(at, step).await {
                run.transcript.unfinished = Some(reason);
                break;
            }
        }
        run.last_look();
        if let Some(reason) = run.patience.regret() {
            run.transcript.unfinished.get_or_insert(reason);
        }
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
    passport: Passport<'d>,
    patience: Patience,
    transcript: Transcript,
}

impl Run<'_> {
    async fn take(&mut self, at: usize, step: &Step) -> Result<(), Broken> {
        let missing = match &step.action {
            Action::Wait(wait) => {
                self.wait(at, step, *wait).await;
                return Ok(());
            }
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

    async fn wait(&mut self, at: usize, step: &Step, wait: Wait) {
        let timeout = self.transcript.facts.directory.session_timeout;
        let time = match (wait, timeout) {
            (Wait::For(time), _) => time,
            (Wait::SessionTimeout(hundredths), Some(timeout)) => timeout * hundredths / 100,
            (Wait::SessionTimeout(_), None) => {
                return self.skip(at, step, "the directory's session timeout is not known".into());
            }
        };
        if time > LONGEST_WAIT {
            let minutes = LONGEST_WAIT.as_secs() / 60;
            return self.skip(at, step, format!("it would wait for more than {minutes} minutes"));
        }
        tokio::time::sleep(time).await;
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

    /// Sends a request, and once more if the server asks for credentials that the plan can show.
    async fn send(
        &mut self,
        at: usize,
        step: &Step,
        send: &Send,
        head: RequestHead,
    ) -> Result<(), Broken> {
        let shown = self.shown(send, &head)?;
        let carried = shown.is_some();
        let first = shown.unwrap_or_else(|| Identified::as_written(&head));
        self.once(at, step, send, first).await?;
        let answer = self.transcript.exchanges.last().and_then(Exchange::answer);
        if answer.is_some_and(|answer| self.passport.is_asked(answer, carried))
            && let Some(again) = self.shown(send, &head)?
        {
            let send = Send { fresh: false, ..send.clone() };
            self.once(at, step, &send, again).await?;
        }
        self.remember(&step.captures);
        let answer = self.transcript.exchanges.last().and_then(Exchange::answer);
        if let Some(answer) = answer.filter(|it| self.passport.is_turned_away(&head, it)) {
            self.patience.turned_away(answer);
        }
        self.patience.left()
    }

    fn shown(&mut self, send: &Send, head: &RequestHead) -> Result<Option<Identified>, Broken> {
        let shown = self.passport.shown(head, send.credentials);
        shown.map_err(|error| Broken(format!("no random numbers: {error}")))
    }

    /// One request and its answer; credentials do not go into the record.
    async fn once(
        &mut self,
        at: usize,
        step: &Step,
        send: &Send,
        shown: Identified,
    ) -> Result<(), Broken> {
        self.look_at(&send.connection);
        let started = self.began.elapsed();
        let number = self.transcript.exchanges.len() + 1;
        self.tell_application(number);
        self.announce_upload(&shown.head, &send.body);
        let outcome = self.exchange(send, &shown.head).await?;
        self.tell_application(0);
        let head = redacted(shown.head, shown.bearer);
        self.latest.insert(outcome.connection, number - 1);
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
        self.patience.bear(&exchange);
        self.transcript.exchanges.push(exchange);
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

    /// Takes what later steps need from the latest answer.
    fn remember(&mut self, captures: &[Capture]) {
        let Some(exchange) = self.transcript.exchanges.last() else { return };
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

    async fn exchange(&mut self, send: &Send, head: &RequestHead) -> Result<Outcome, Broken> {
        let driver = self.driver;
        let ordinary = send.cut.is_none()
            && send.pace.is_none()
            && is_conforming(head, &send.body, &driver.target);
        if let Some(client) = driver.client.as_ref().filter(|_| ordinary) {
            return client.exchange(&driver.target, &driver.options, head, &send.body).await;
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

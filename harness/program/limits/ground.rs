//! The target's side of a measurement: who asks, what files are called, and the sessions that have to be put back.

use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use bits_judge::transcript::{Answer, Received, Silence};
use bits_wire::{Hresult, Payload, http1::RequestHead, names};

use super::{
    figures::{Kind, Refusal, Sessions},
    packets::At,
    search::Attempt,
};
use crate::drive::{Caller, Driver, Line, LineError, ReachError};

/// What can be seen of a measurement from outside, and how it is ended early.
#[derive(Debug, Default)]
pub struct Live {
    stop: AtomicBool,
    stage: AtomicUsize,
    taken: AtomicU64,
    open: AtomicU64,
}

impl Live {
    /// Ends the measurement; what it has opened is put back.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// What is being measured.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::ALL[self.stage.load(Ordering::Relaxed) % Kind::ALL.len()]
    }

    /// How many were taken of what is being measured.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// How many sessions are open.
    #[must_use]
    pub fn open_sessions(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Says what is measured from here on; whether anything is.
    pub(super) fn begin(&self, kind: Kind) -> bool {
        let stage = Kind::ALL.iter().position(|one| *one == kind);
        self.stage.store(stage.unwrap_or_default(), Ordering::Relaxed);
        self.go_on(0)
    }

    /// Says how many were taken, and hears whether to go on.
    pub(super) fn go_on(&self, taken: u64) -> bool {
        self.taken.store(taken, Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }
}

/// A session that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) path: String,
    pub(super) id: String,
    /// Which of the callers it belongs to.
    pub(super) who: usize,
}

/// Somebody who may upload somewhere.
pub(super) struct Guest<'d> {
    pub(super) caller: Caller<'d>,
    pub(super) base: String,
}

/// The target's side.
pub(super) struct Ground<'d> {
    pub(super) driver: &'d Driver,
    pub(super) host: String,
    pub(super) guests: Vec<Guest<'d>>,
    pub(super) prefix: String,
    pub(super) live: &'d Live,
    pub(super) sessions: Sessions,
    /// How many names were used.
    pub(super) names: u64,
    /// How many names make a group, if they come in groups.
    pub(super) grouped: Option<u64>,
}

/// Why something could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// The target refuses it.
    Refused(Refusal),
    /// This side's trouble.
    Own(String),
}

impl<'d> Ground<'d> {
    /// Opens a session of this guest.
    pub(super) async fn create(
        &mut self,
        line: &mut Line<'d>,
        who: usize,
    ) -> Result<Session, Denied> {
        let name = self.next_name();
        let path = format!("{}{}{name}", self.guests[who].base, self.prefix);
        let head = At { host: &self.host, path: &path }.create();
        let received = self.ask(line, who, &head).await?;
        let Received::Answer(answer) = &received else {
            // It may have been read all the same.
            self.sessions.uncertain += 1;
            return Err(Denied::Refused(refusal(&received)));
        };
        if !is_success(answer) {
            return Err(Denied::Refused(refusal(&received)));
        }
        let Some(id) = answer.head.headers.first(names::SESSION_ID) else {
            self.sessions.uncertain += 1;
            let why = "a session was opened whose id the answer does not tell";
            return Err(Denied::Own(why.into()));
        };
        self.sessions.opened += 1;
        self.live.open.fetch_add(1, Ordering::Relaxed);
        Ok(Session { path, id: id.to_owned(), who })
    }

    fn next_name(&mut self) -> String {
        let number = self.names;
        self.names += 1;
        match self.grouped {
            Some(each) => format!("group-{}.{}", number / each + 1, number % each + 1),
            None => (number + 1).to_string(),
        }
    }

    /// Cancels a session; once more on another connection if there is no answer.
    ///
    /// # Errors
    ///
    /// What the target says to it.
    pub(super) async fn cancel(
        &mut self,
        line: &mut Line<'d>,
        session: Session,
    ) -> Result<(), String> {
        let head = At { host: &self.host, path: &session.path }.cancel(&session.id);
        let mut why = String::new();
        for _ in 0..2 {
            let received = match self.ask(line, session.who, &head).await {
                Ok(received) => received,
                Err(denied) => {
                    why = denied.to_string();
                    continue;
                }
            };
            let Received::Answer(answer) = &received else {
                why = received.describe();
                continue;
            };
            if is_success(answer) {
                self.sessions.cancelled += 1;
            } else if is_unknown(answer) {
                self.sessions.gone += 1;
            } else {
                why = received.describe();
                break;
            }
            self.live.open.fetch_sub(1, Ordering::Relaxed);
            return Ok(());
        }
        self.sessions.left.push(session.path);
        Err(format!("Cancel-Session: {why}"))
    }

    /// Cancels them all.
    pub(super) async fn cancel_all(&mut self, line: &mut Line<'d>, sessions: Vec<Session>) {
        for session in sessions {
            // What cannot be cancelled has been noted.
            let _ = self.cancel(line, session).await;
        }
    }

    /// Sends a PING.
    pub(super) async fn ping(&mut self, line: &mut Line<'d>) -> Result<Received, Denied> {
        let base = self.guests[0].base.clone();
        let head = At { host: &self.host, path: &base }.ping();
        self.ask(line, 0, &head).await
    }

    async fn ask(
        &mut self,
        line: &mut Line<'d>,
        who: usize,
        head: &RequestHead,
    ) -> Result<Received, Denied> {
        let asked = line.ask(&mut self.guests[who].caller, head, &Payload::Empty).await;
        asked.map_err(Denied::from)
    }
}

impl From<LineError> for Denied {
    fn from(error: LineError) -> Self {
        match error {
            LineError::Own(why) => Self::Own(why),
            LineError::Reach(ReachError::Exhausted { reason, .. }) => Self::Own(reason),
            LineError::Reach(error) => Self::Refused(unreached(&error)),
        }
    }
}

impl From<Denied> for Attempt {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::Refused(refusal),
            Denied::Own(why) => Self::Own(why),
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::Own(why) => formatter.write_str(why),
        }
    }
}

/// Whether an answer says yes.
pub(super) const fn is_success(answer: &Answer) -> bool {
    matches!(answer.head.status, 200..=299)
}

/// Whether an answer says that there is no such session.
fn is_unknown(answer: &Answer) -> bool {
    let headers = &answer.head.headers;
    let error = headers.first(names::ERROR).or_else(|| headers.first(names::ERROR_CODE));
    error.and_then(Hresult::read) == Some(Hresult::SESSION_NOT_FOUND)
}

/// What came back, as what lies beyond a limit.
pub(super) fn refusal(received: &Received) -> Refusal {
    match received {
        Received::Answer(answer) => {
            let headers = &answer.head.headers;
            let error = headers.first(names::ERROR).or_else(|| headers.first(names::ERROR_CODE));
            Refusal::Answer {
                status: answer.head.status_line(),
                bits_error: error.map(str::to_owned),
            }
        }
        Received::Nothing(Silence::TimedOut) => Refusal::Fate(Refusal::SILENCE.into()),
        nothing @ Received::Nothing(_) => Refusal::Fate(nothing.describe()),
    }
}

fn unreached(error: &ReachError) -> Refusal {
    Refusal::Fate(match error {
        ReachError::Refused(_) => "the connection is refused".into(),
        ReachError::TimedOut(_) => Refusal::SILENCE.into(),
        ReachError::Tls { reason, .. } => format!("no TLS: {reason}"),
        ReachError::Other { reason, .. } => format!("no connection: {reason}"),
        other => other.to_string(),
    })
}

//! Requests whose sender decides each by the answers before it, where a plan would have to know them all beforehand.

use std::time::Duration;

use bits_judge::{
    plan::{Credentials, DirectoryRole},
    transcript::Received,
};
use bits_wire::{Payload, http1::RequestHead};

use super::{
    Broken, Driver, ReachError,
    credentials::Passport,
    raw::{Heard, Held, Word},
};

/// Waits.
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Who asks: a user of the target, or nobody.
pub struct Caller<'d>(Passport<'d>);

/// One connection at a time; if the server ends it, the next request makes another one.
pub struct Line<'d> {
    driver: &'d Driver,
    held: Option<Held>,
    /// The head of the request whose body is not whole.
    unfinished: Option<RequestHead>,
}

/// Why nothing was sent, or not to the end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// There is no connection.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// Something on this side.
    #[error("{0}")]
    Own(String),
}

/// What came of the beginning of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The server said that it waits for the rest.
    Invited,
    /// It said nothing.
    Silent,
    /// This came instead.
    Refused(Received),
}

impl Driver {
    /// Whoever asks in directories of this role: the user who is permitted there, if there is one.
    #[must_use]
    pub fn caller(&self, role: DirectoryRole) -> Caller<'_> {
        Caller(Passport::new(&self.options.accounts, role))
    }

    /// A connection that is not made yet.
    #[must_use]
    pub const fn line(&self) -> Line<'_> {
        Line { driver: self, held: None, unfinished: None }
    }
}

impl Caller<'_> {
    /// The name of the user whom the server knows it to be; it asks users only.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.asked_for().map(super::User::name)
    }

    fn shown(&mut self, head: &RequestHead) -> Result<Option<RequestHead>, LineError> {
        let shown = self.0.shown(head, Credentials::Right);
        let shown = shown.map_err(|error| LineError::Own(format!("no random numbers: {error}")))?;
        Ok(shown.map(|shown| shown.head))
    }
}

impl<'d> Line<'d> {
    /// Sends a request, and once more with credentials if the server asks for them.
    ///
    /// # Errors
    ///
    /// If there is no connection.
    pub async fn ask(
        &mut self,
        caller: &mut Caller<'d>,
        head: &RequestHead,
        body: &Payload,
    ) -> Result<Received, LineError> {
        let shown = caller.shown(head)?;
        let carried = shown.is_some();
        let received = self.once(shown.as_ref().unwrap_or(head), body).await?;
        if let Received::Answer(answer) = &received
            && caller.0.is_asked(answer, carried)
            && let Some(again) = caller.shown(head)?
        {
            return self.once(&again, body).await;
        }
        Ok(received)
    }

    /// Sends the head of a request and a part of its body. A server that is asked to (`Expect`) has the time of `word`
    /// to say that it waits for the rest; one that is not, to refuse at once.
    ///
    /// # Errors
    ///
    /// If there is no connection.
    pub async fn begin(
        &mut self,
        caller: &mut Caller<'d>,
        head: &RequestHead,
        part: &Payload,
        word: Duration,
    ) -> Result<Begun, LineError> {
        let head = caller.shown(head)?.unwrap_or_else(|| head.clone());
        let mut held = self.take().await?;
        let begun = held.begin(self.driver, &head, part, word).await.map_err(own)?;
        Ok(match begun {
            Ok(word) => {
                (self.held, self.unfinished) = (Some(held), Some(head));
                if word == Word::GoOn { Begun::Invited } else { Begun::Silent }
            }
            // What it makes of the part that was sent cannot be known.
            Err((received, _)) => Begun::Refused(received),
        })
    }

    /// Sends the rest of a body and waits for the answer; nothing if no request was begun.
    ///
    /// # Errors
    ///
    /// If something on this side fails.
    pub async fn finish(&mut self, rest: &Payload) -> Result<Option<Received>, LineError> {
        let (Some(mut held), Some(head)) = (self.held.take(), self.unfinished.take()) else {
            return Ok(None);
        };
        let heard = held.finish(self.driver, &head, rest).await.map_err(own)?;
        Ok(Some(self.keep(held, heard)))
    }

    /// Whether there is a connection on which nothing came unasked.
    pub fn is_open(&mut self) -> bool {
        self.held.as_mut().is_some_and(Held::is_quiet)
    }

    /// Says goodbye and closes.
    pub async fn close(self) {
        if let Some(held) = self.held {
            held.close().await;
        }
    }

    async fn once(&mut self, head: &RequestHead, body: &Payload) -> Result<Received, LineError> {
        let mut held = self.take().await?;
        let heard = held.ask(self.driver, head, body).await.map_err(own)?;
        Ok(self.keep(held, heard))
    }

    /// The connection for the next request.
    async fn take(&mut self) -> Result<Held, ReachError> {
        self.unfinished = None;
        if self.is_open()
            && let Some(held) = self.held.take()
        {
            return Ok(held);
        }
        self.held = None;
        Held::open(self.driver).await
    }

    fn keep(&mut self, held: Held, (received, goes_on): Heard) -> Received {
        self.held = goes_on.then_some(held);
        received
    }
}

fn own(Broken(reason): Broken) -> LineError {
    LineError::Own(reason)
}

//! One connection in the hands of somebody who decides each request by the answers before it.

use std::{sync::atomic::AtomicU64, time::Duration};

use bits_judge::{
    plan::Delivery,
    transcript::{Received, Silence},
};
use bits_wire::{Payload, http1::RequestHead};
use tokio::{
    io::AsyncWriteExt as _,
    time::{Instant, timeout_at},
};

use super::{
    Asked, Connection, Ended, Limits, News, ReachError, Waited, Writing, allowance, closes,
    connect, converse, write,
};
use crate::drive::{Broken, Driver, Source};

/// How long the goodbye of a connection may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// A connection that is held.
pub(in crate::drive) struct Held(Connection);

/// What came back, and whether the connection can go on.
pub(in crate::drive) type Heard = (Received, bool);

impl Held {
    /// Makes a connection.
    pub(in crate::drive) async fn open(driver: &Driver) -> Result<Self, ReachError> {
        let stream = connect(&driver.target, &driver.tls, driver.options.timeout).await?;
        Ok(Self(Connection::over(stream, 1)))
    }

    /// Sends a request and waits for its answer.
    pub(in crate::drive) async fn ask(
        &mut self,
        driver: &Driver,
        head: &RequestHead,
        body: &Payload,
    ) -> Result<Heard, Broken> {
        let asked = Asked { delivery: &Delivery::default(), length: body.length(), part: body };
        let conversed = converse(driver, &mut self.0, head, asked, 0).await?;
        Ok(heard(head, conversed.0, conversed.1))
    }

    /// Sends the head of a request and a part of its body. Nothing is heard if the server waits for the rest; `word` is
    /// how long it may take to say so where it is asked, or else to answer at once.
    pub(in crate::drive) async fn begin(
        &mut self,
        driver: &Driver,
        head: &RequestHead,
        part: &Payload,
        word: Duration,
    ) -> Result<Result<Word, Heard>, Broken> {
        let deadline = Instant::now() + driver.options.timeout;
        let writer = &mut self.0.writer;
        let written = async {
            writer.write_all(&head.raw).await?;
            writer.flush().await
        };
        // Whoever refuses may close before all was sent; what it said is read in any case.
        let _ = timeout_at(deadline, written).await;
        let asks = head.headers.has("Expect");
        let mut came = Word::Silent;
        if asks {
            came = match self.wait(driver, head, word).await {
                Ok(word) => word,
                Err(heard) => return Ok(Err(heard)),
            };
        }
        self.pour(part, deadline).await?;
        if came == Word::GoOn {
            return Ok(Ok(came));
        }
        Ok(self.wait(driver, head, word).await)
    }

    /// Sends the rest of a body and waits for the answer.
    pub(in crate::drive) async fn finish(
        &mut self,
        driver: &Driver,
        head: &RequestHead,
        rest: &Payload,
    ) -> Result<Heard, Broken> {
        let deadline = Instant::now() + allowance(driver.options.timeout, rest.length());
        self.pour(rest, deadline).await?;
        let limits = Limits::until(deadline, &driver.options);
        let news = News::default();
        let (received, ended) = self.0.receiver.receive(&head.method, limits, &news).await;
        Ok(heard(head, received, ended))
    }

    /// Whether nothing has come unasked, and it has not ended.
    pub(in crate::drive) fn is_quiet(&mut self) -> bool {
        self.0.receiver.look() == Waited::Nothing
    }

    /// Says goodbye and closes.
    pub(in crate::drive) async fn close(mut self) {
        // With the connection gone there is nobody left to care.
        let _ = timeout_at(Instant::now() + GOODBYE, self.0.writer.shutdown()).await;
    }

    async fn wait(
        &mut self,
        driver: &Driver,
        head: &RequestHead,
        patience: Duration,
    ) -> Result<Word, Heard> {
        let limits = Limits::until(Instant::now() + patience, &driver.options);
        match self.0.receiver.word(&head.method, limits).await {
            Ok(()) => Ok(Word::GoOn),
            Err((Received::Nothing(Silence::TimedOut), _)) => Ok(Word::Silent),
            Err((received, ended)) => Err(heard(head, received, ended)),
        }
    }

    async fn pour(&mut self, part: &Payload, deadline: Instant) -> Result<(), Broken> {
        let source = Source::open(part).await?;
        let (sent, news) = (AtomicU64::new(0), News::default());
        let (delivery, length) = (Delivery::default(), part.length());
        let patience = Duration::ZERO;
        let writing = Writing { delivery: &delivery, length, patience, sent: &sent, news: &news };
        // No head: it has been sent before.
        let none = RequestHead::default();
        let pouring = write(&mut self.0.writer, &none, source, writing);
        // What keeps the connection from taking it shows in what comes back.
        let _ = timeout_at(deadline, pouring).await;
        Ok(())
    }
}

/// What a server says to the head of a request before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drive) enum Word {
    /// That the body may come.
    GoOn,
    /// Nothing.
    Silent,
}

fn heard(head: &RequestHead, received: Received, ended: Ended) -> Heard {
    let goes_on = match &received {
        Received::Answer(answer) => ended == Ended::Open && !closes(head, answer),
        Received::Nothing(_) => false,
    };
    (received, goes_on)
}

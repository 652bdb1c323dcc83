//! Exact bytes over TCP and TLS.

mod connect;
mod held;
#[cfg(test)]
mod interruptions;
mod memory;
mod pipeline;
mod receive;
#[cfg(test)]
mod tests;
mod witness;
mod write;

pub use {connect::ReachError, memory::read_answers};
pub(super) use {
    connect::connect,
    held::{Heard, Held, Word},
    pipeline::Together,
    witness::Witness,
};

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use bits_judge::{
    plan::{Awaits, CutBy, Delivery, Send},
    transcript::{Answer, Fate, Received, Silence},
};
use bits_wire::{Payload, http1::RequestHead, names};
use tokio::{
    io::{AsyncWriteExt as _, ReadHalf, WriteHalf},
    sync::Notify,
    time::{Instant, sleep, timeout, timeout_at},
};

use self::{
    connect::Stream,
    receive::{Ended, Limits, Receiver, Waited},
    write::{News, WriteError, Writing, write},
};
use super::{Broken, Driver, Outcome, Source, allowance};

/// How long a server may take to close a connection that it said it would close.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// The connections of one lane, by their names.
pub(super) struct Connections<'r> {
    open: BTreeMap<String, Connection>,
    /// How many were made in all lanes.
    made: &'r AtomicU32,
    /// Bytes of bodies that were sent.
    uploaded: u64,
}

/// What is asked for: how it is sent, and as much of the body as is to be.
#[derive(Clone, Copy)]
struct Asked<'a> {
    delivery: &'a Delivery,
    /// The bytes that the body has.
    length: u64,
    part: &'a Payload,
}

impl Asked<'_> {
    fn half_closes(self) -> bool {
        self.delivery.cut.is_some_and(|cut| cut.by == CutBy::HalfClose)
    }

    /// The time that it may take, where an answer may take this long.
    fn allowed(self, patience: Duration) -> Duration {
        let before_body = match self.delivery.expectation {
            Some(Awaits::Wait) => patience,
            _ => Duration::ZERO,
        };
        let bytes = self.part.length();
        allowance(patience, bytes) + self.delivery.pauses(bytes) + before_body
    }
}

struct Connection {
    number: u32,
    writer: WriteHalf<Stream>,
    receiver: Receiver<ReadHalf<Stream>>,
}

impl Connection {
    fn over(stream: Stream, number: u32) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self { number, writer, receiver: Receiver::new(reader) }
    }
}

impl<'r> Connections<'r> {
    /// None yet; `made` counts those of all lanes.
    pub(super) const fn new(made: &'r AtomicU32) -> Self {
        Self { open: BTreeMap::new(), made, uploaded: 0 }
    }

    /// Sends one request on the connection that it names and takes what comes back.
    pub(super) async fn exchange(
        &mut self,
        driver: &Driver,
        send: &Send,
        head: &RequestHead,
    ) -> Result<Outcome, Broken> {
        // A connection that has to be made first is part of what the exchange takes.
        let began = Instant::now();
        let mut connection = self.take(driver, send).await?;
        let number = connection.number;
        let Send { delivery, body, .. } = send;
        let start = delivery.cut.map(|cut| body.slice(0, cut.sent));
        let part = start.as_ref().unwrap_or(body);
        let asked = Asked { delivery, length: body.length(), part };
        if let Some(by @ (CutBy::End | CutBy::Reset)) = send.delivery.cut.map(|cut| cut.by) {
            let sent = cut_off(driver, connection, head, asked, by).await?;
            self.uploaded = self.uploaded.saturating_add(sent);
            let received = Received::Nothing(Silence::Closed);
            let took = began.elapsed();
            return Ok(Outcome { received, fate: Fate::Dropped, sent, connection: number, took });
        }
        let (received, ended, sent) =
            converse(driver, &mut connection, head, asked, self.uploaded).await?;
        self.uploaded = self.uploaded.saturating_add(sent);
        let took = began.elapsed();
        let (received, fate) = self.part(connection, received, ended, head, send).await;
        Ok(Outcome { received, fate, sent, connection: number, took })
    }

    /// Sees how the connection ends, or keeps it for the next request.
    async fn part(
        &mut self,
        mut connection: Connection,
        mut received: Received,
        ended: Ended,
        head: &RequestHead,
        send: &Send,
    ) -> (Received, Fate) {
        let fate = fate_of(ended);
        let Received::Answer(answer) = &mut received else { return (received, fate) };
        if fate != Fate::Open {
            return (received, fate);
        }
        let waited = if closes(head, answer) {
            connection.receiver.wait(CLOSE_PATIENCE).await
        } else {
            connection.receiver.look()
        };
        let fate = match waited {
            Waited::Nothing if closes(head, answer) => Fate::Open,
            Waited::Nothing => {
                self.open.insert(send.connection.clone(), connection);
                Fate::Open
            }
            Waited::Bytes(bytes) => {
                answer.surplus = bytes;
                Fate::Dropped
            }
            Waited::End => Fate::Closed,
            Waited::Reset => Fate::Reset,
        };
        (received, fate)
    }

    /// Takes the connection that a request names, or makes it.
    async fn take(&mut self, driver: &Driver, send: &Send) -> Result<Connection, Broken> {
        let open = self.open.remove(&send.connection);
        match open.filter(|_| !send.fresh) {
            Some(connection) => Ok(connection),
            None => self.connect(driver).await,
        }
    }

    async fn connect(&mut self, driver: &Driver) -> Result<Connection, Broken> {
        let stream = connect(&driver.target, &driver.tls, driver.options.timeout).await;
        let stream = stream.map_err(|error| Broken(error.to_string()))?;
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Connection::over(stream, number))
    }

    /// Bytes that came unasked on the connection of this name; if any did, or it has ended, it is given up.
    pub(super) fn stray(&mut self, name: &str) -> Option<(u32, Vec<u8>)> {
        let connection = self.open.get_mut(name)?;
        match connection.receiver.look() {
            Waited::Nothing => None,
            Waited::Bytes(bytes) => {
                let number = connection.number;
                self.open.remove(name);
                Some((number, bytes))
            }
            Waited::End | Waited::Reset => {
                self.open.remove(name);
                None
            }
        }
    }

    /// Gives all connections up.
    pub(super) fn forget(&mut self) {
        self.open.clear();
    }

    /// The names of all connections.
    pub(super) fn names(&self) -> Vec<String> {
        self.open.keys().cloned().collect()
    }
}

/// Writes the request while reading the answer, which may come before all of the request is sent.
async fn converse(
    driver: &Driver,
    connection: &mut Connection,
    head: &RequestHead,
    asked: Asked<'_>,
    uploaded: u64,
) -> Result<(Received, Ended, u64), Broken> {
    let Asked { delivery, part, .. } = asked;
    let (sent, news) = (AtomicU64::new(0), News::default());
    let source = Source::open(part).await?;
    let Connection { writer, receiver, .. } = connection;
    let (patience, length) = (driver.options.timeout, part.length());
    let writing = Writing { delivery, length, patience, sent: &sent, news: &news };
    let write = async {
        write(writer, head, source, writing).await?;
        if asked.half_closes() {
            // Where the other side has gone, the reader sees it.
            let _ = writer.shutdown().await;
        }
        Ok(())
    };
    let limits = Limits::until(Instant::now() + asked.allowed(patience), &driver.options);
    let limits = Limits { most_grace: uploaded, ..limits };
    let written = Notify::new();
    let read = async {
        if !delivery.stall.answer.is_zero() {
            // What cannot be written is not waited for longer than an answer would be.
            let _ = timeout_at(limits.deadline, written.notified()).await;
            sleep(delivery.stall.answer).await;
        }
        receiver.receive(&head.method, limits, &news).await
    };
    let (received, ended) = while_writing(write, read, &written).await?;
    let sent = sent.load(Ordering::Relaxed);
    // With part of the body unsent the server cannot tell where the next request begins.
    let ends = sent < asked.length || asked.half_closes();
    let ended = if ends && ended == Ended::Open { Ended::GivenUp } else { ended };
    Ok((received, ended, sent))
}

/// Reads while it writes, and ends when all has been read. When all has been written, `written` is told.
async fn while_writing<T>(
    write: impl Future<Output = Result<(), WriteError>>,
    read: impl Future<Output = T>,
    written: &Notify,
) -> Result<T, Broken> {
    tokio::pin!(write, read);
    let mut writing = true;
    loop {
        tokio::select! {
            biased;
            done = &mut write, if writing => {
                writing = false;
                written.notify_one();
                if let Err(WriteError::Source(error)) = done {
                    return Err(unreadable(&error));
                }
            }
            got = &mut read => return Ok(got),
        }
    }
}

/// Writes the head and this part of the body, and ends there without waiting for an answer.
async fn cut_off(
    driver: &Driver,
    mut connection: Connection,
    head: &RequestHead,
    asked: Asked<'_>,
    by: CutBy,
) -> Result<u64, Broken> {
    let Asked { delivery, part, .. } = asked;
    let (sent, news) = (AtomicU64::new(0), News::default());
    let source = Source::open(part).await?;
    let (patience, length) = (driver.options.timeout, part.length());
    let writing = Writing { delivery, length, patience, sent: &sent, news: &news };
    let write_and_end = async {
        let written = write(&mut connection.writer, head, source, writing).await;
        if by == CutBy::End {
            // The other side sees the end of what was sent in any case.
            let _ = connection.writer.shutdown().await;
        }
        written
    };
    // A server that does not read holds the writing up; with its end the connection is broken off all the same.
    if let Ok(Err(WriteError::Source(error))) =
        timeout(asked.allowed(patience), write_and_end).await
    {
        return Err(unreadable(&error));
    }
    if by == CutBy::Reset {
        let stream = connection.receiver.into_reader().unsplit(connection.writer);
        // A connection that has ended by itself cannot be reset any more.
        let _ = stream.reset_on_drop();
    }
    Ok(sent.load(Ordering::Relaxed))
}

fn unreadable(error: &std::io::Error) -> Broken {
    Broken(format!("cannot read the body that is to be sent: {error}"))
}

const fn fate_of(ended: Ended) -> Fate {
    match ended {
        Ended::Closed => Fate::Closed,
        Ended::Reset => Fate::Reset,
        Ended::GivenUp => Fate::Dropped,
        Ended::Open => Fate::Open,
    }
}

/// Whether the server is to close the connection after this answer.
fn closes(request: &RequestHead, answer: &Answer) -> bool {
    let asked = request.headers.first(names::CONNECTION).unwrap_or_default();
    let told = answer.head.headers.first(names::CONNECTION).unwrap_or_default();
    let old = request.version == "HTTP/1.0" || answer.head.version == "HTTP/1.0";
    let is = |value: &str, word: &str| value.eq_ignore_ascii_case(word);
    is(asked, "close") || is(told, "close") || (old && !is(asked, "keep-alive"))
}

/// What came instead of an answer, in the words of a transcript.
fn silence(silence: Silence, ended: Ended) -> (Received, Ended) {
    (Received::Nothing(silence), ended)
}

//! Exact bytes over TCP and TLS.

mod connect;
mod held;
mod memory;
mod receive;
#[cfg(test)]
mod tests;
mod write;

pub(super) use connect::connect;
pub(super) use held::{Heard, Held, Word};
pub use {connect::ReachError, memory::read_answers};

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncWriteExt as _, ReadHalf, WriteHalf},
    sync::Notify,
    time::{Instant, timeout},
};

use self::{
    connect::Stream,
    receive::{Ended, Receiver, Waited},
    write::{Pace, WriteError, write},
};
use super::{Broken, Driver, Outcome, Source, allowance};
use crate::{
    plan::Send,
    transcript::{Answer, Fate, Received, Silence},
    wire::{Payload, http1::RequestHead, names},
};

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
        if send.fresh {
            self.open.remove(&send.connection);
        }
        let mut connection = match self.open.remove(&send.connection) {
            Some(connection) => connection,
            None => self.connect(driver).await?,
        };
        let began = Instant::now();
        let (received, ended, sent) = match send.cut {
            None => {
                let uploaded = self.uploaded;
                converse(driver, &mut connection, head, &send.body, send.pace, uploaded).await?
            }
            Some(most) => {
                let part = send.body.slice(0, most);
                let patience = allowance(driver.options.timeout, part.length());
                cut_off(&mut connection, head, &part, patience).await?
            }
        };
        self.uploaded = self.uploaded.saturating_add(sent);
        let took = began.elapsed();
        let number = connection.number;
        let (received, fate) = part(connection, received, ended, head, send, self).await;
        Ok(Outcome { received, fate, sent, connection: number, took })
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
    body: &Payload,
    pace: Option<Duration>,
    uploaded: u64,
) -> Result<(Received, Ended, u64), Broken> {
    let options = &driver.options;
    let sent = AtomicU64::new(0);
    let go_on = Notify::new();
    let source = Source::open(body).await?;
    let Connection { writer, receiver, .. } = connection;
    let paced = pace.map(|time| Pace::of(time, body.length()));
    let write = write(writer, head, source, paced, &sent, &go_on);
    let limits = receive::Limits {
        most_head: options.most_head,
        most_body: options.most_body,
        deadline: Instant::now()
            + allowance(options.timeout, body.length())
            + pace.unwrap_or_default(),
        most_grace: uploaded,
    };
    let read = receiver.receive(&head.method, limits, &go_on);
    tokio::pin!(write, read);
    let mut writing = true;
    let (received, ended) = loop {
        tokio::select! {
            biased;
            written = &mut write, if writing => {
                writing = false;
                if let Err(WriteError::Source(error)) = written {
                    return Err(Broken(format!("cannot read the body that is to be sent: {error}")));
                }
            }
            got = &mut read => break got,
        }
    };
    let sent = sent.load(Ordering::Relaxed);
    // With part of the body unsent the server cannot tell where the next request begins.
    let ended = if sent < body.length() && ended == Ended::Open { Ended::GivenUp } else { ended };
    Ok((received, ended, sent))
}

/// Writes the head and this part of the body, and ends there without waiting for an answer.
async fn cut_off(
    connection: &mut Connection,
    head: &RequestHead,
    part: &Payload,
    patience: Duration,
) -> Result<(Received, Ended, u64), Broken> {
    let sent = AtomicU64::new(0);
    let source = Source::open(part).await?;
    let go_on = Notify::new();
    let writer = &mut connection.writer;
    let write_and_end = async {
        let written = write(writer, head, source, None, &sent, &go_on).await;
        // The other side sees the end of what was sent in any case.
        let _ = writer.shutdown().await;
        written
    };
    // A server that does not read holds the writing up; with its end the connection is broken off all the same.
    if let Ok(Err(WriteError::Source(error))) = timeout(patience, write_and_end).await {
        return Err(Broken(format!("cannot read the body that is to be sent: {error}")));
    }
    Ok((Received::Nothing(Silence::Closed), Ended::GivenUp, sent.load(Ordering::Relaxed)))
}

/// Sees how the connection ends, or keeps it for the next request.
async fn part(
    mut connection: Connection,
    mut received: Received,
    ended: Ended,
    head: &RequestHead,
    send: &Send,
    connections: &mut Connections<'_>,
) -> (Received, Fate) {
    let fate = match ended {
        Ended::Closed => Fate::Closed,
        Ended::Reset => Fate::Reset,
        Ended::GivenUp => Fate::Dropped,
        Ended::Open => Fate::Open,
    };
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
            connections.open.insert(send.connection.clone(), connection);
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

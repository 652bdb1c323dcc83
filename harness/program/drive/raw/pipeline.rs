//! Requests that go out together, and their answers in turn.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bits_judge::{
    plan::Send,
    transcript::{Received, Silence},
};
use bits_wire::http1::RequestHead;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt as _},
    sync::Notify,
    time::Instant,
};

use super::{
    Connections, fate_of,
    receive::{Ended, Limits, Receiver},
    while_writing,
    write::{News, WriteError},
};
use crate::drive::{Broken, Driver, Outcome, Source, allowance};

/// A request of several.
pub(in crate::drive) struct Together<'r> {
    pub(in crate::drive) send: &'r Send,
    pub(in crate::drive) head: &'r RequestHead,
}

impl Connections<'_> {
    /// Sends all of these on the connection that the first of them names, and takes what comes back for each.
    pub(in crate::drive) async fn pipeline(
        &mut self,
        driver: &Driver,
        requests: &[Together<'_>],
    ) -> Result<Vec<Outcome>, Broken> {
        let [first, ..] = requests else { return Ok(Vec::new()) };
        let began = Instant::now();
        let mut connection = self.take(driver, first.send).await?;
        let number = connection.number;
        let sent: Vec<AtomicU64> = requests.iter().map(|_| AtomicU64::new(0)).collect();
        let written = Notify::new();
        let write = write_together(&mut connection.writer, requests, &sent);
        let reading = Reading { driver, began, uploaded: self.uploaded };
        let read = read_in_turn(&mut connection.receiver, requests, reading);
        let answers = while_writing(write, read, &written).await?;
        let mut outcomes: Vec<Outcome> = Vec::new();
        let mut ended = Ended::Open;
        for (answer, sent) in answers.into_iter().zip(sent) {
            let sent = sent.into_inner();
            self.uploaded = self.uploaded.saturating_add(sent);
            ended = answer.ended;
            let (received, took) = (answer.received, answer.took);
            let fate = fate_of(ended);
            outcomes.push(Outcome { received, fate, sent, connection: number, took });
        }
        if let (Some(last), Some(request)) = (outcomes.last_mut(), requests.last()) {
            let is_whole = last.sent == request.send.body.length();
            let ended = if is_whole || ended != Ended::Open { ended } else { Ended::GivenUp };
            let received = std::mem::replace(&mut last.received, NOTHING);
            (last.received, last.fate) =
                self.part(connection, received, ended, request.head, request.send).await;
        }
        Ok(outcomes)
    }
}

const NOTHING: Received = Received::Nothing(Silence::Closed);

/// Writes all requests, as many of them at once as fit into a piece.
async fn write_together(
    writer: &mut (impl AsyncWrite + Unpin),
    requests: &[Together<'_>],
    sent: &[AtomicU64],
) -> Result<(), WriteError> {
    let gone = |_| WriteError::Connection;
    let mut batch = Vec::new();
    for (request, sent) in requests.iter().zip(sent) {
        batch.extend_from_slice(&request.head.raw);
        let source = Source::open(&request.send.body).await;
        let mut source =
            source.map_err(|Broken(told)| WriteError::Source(io::Error::other(told)))?;
        let mut buffer = source.room();
        loop {
            let count = source.read(&mut buffer).await.map_err(WriteError::Source)?;
            if count == 0 {
                break;
            }
            batch.extend_from_slice(&buffer[..count]);
            if batch.len() >= Source::PIECE {
                writer.write_all(&batch).await.map_err(gone)?;
                batch.clear();
            }
            sent.fetch_add(count as u64, Ordering::Relaxed);
        }
    }
    writer.write_all(&batch).await.map_err(gone)?;
    writer.flush().await.map_err(gone)
}

/// What is known when reading begins.
#[derive(Clone, Copy)]
struct Reading<'d> {
    driver: &'d Driver,
    began: Instant,
    /// Bytes of bodies that were sent before.
    uploaded: u64,
}

/// What came back for one of the requests.
struct InTurn {
    received: Received,
    ended: Ended,
    took: Duration,
}

/// Reads an answer for each request; after one with which the connection ended there is none.
async fn read_in_turn<R: tokio::io::AsyncRead + Unpin>(
    receiver: &mut Receiver<R>,
    requests: &[Together<'_>],
    reading: Reading<'_>,
) -> Vec<InTurn> {
    let Reading { driver, began, uploaded } = reading;
    let options = &driver.options;
    let bytes = requests.iter().map(|it| it.send.body.length()).fold(0, u64::saturating_add);
    let mut all = Vec::with_capacity(requests.len());
    let mut ended = Ended::Open;
    for (left, request) in (0..requests.len()).rev().zip(requests) {
        let mut received = match ended {
            Ended::Reset => Received::Nothing(Silence::Reset),
            _ => NOTHING,
        };
        if ended == Ended::Open {
            let deadline = Instant::now() + allowance(options.timeout, bytes);
            let limits = Limits::until(deadline, options);
            let limits = Limits { most_grace: uploaded, more_follow: left > 0, ..limits };
            (received, ended) =
                receiver.receive(&request.head.method, limits, &News::default()).await;
        }
        all.push(InTurn { received, ended, took: began.elapsed() });
    }
    all
}

//! Writing requests: in one go, in pieces, with pauses, as slowly as the plan says.

use std::{
    io,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use bits_judge::plan::{Awaits, Delivery};
use bits_wire::http1::RequestHead;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt as _},
    sync::Notify,
    time::{sleep, timeout},
};

use crate::drive::Source;

/// How long a body waits for `100 Continue` where the plan does not say, before it is sent all the same.
const CONTINUE_PATIENCE: Duration = Duration::from_secs(1);

/// What the reading side tells the writing side of a connection.
#[derive(Debug, Default)]
pub(super) struct News {
    heads: Notify,
    /// Whether the answer itself has begun.
    answered: AtomicBool,
}

impl News {
    /// A head has come: of the answer, or one of status 1xx before it.
    pub(super) fn tell(&self, answers: bool) {
        if answers {
            self.answered.store(true, Ordering::Relaxed);
        }
        self.heads.notify_one();
    }

    fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }
}

/// Why not all was written.
pub(super) enum WriteError {
    /// The body cannot be read: our trouble.
    Source(io::Error),
    /// The connection does not take more: what the reader sees tells why.
    Connection,
}

/// What a request is written with besides its bytes.
#[derive(Clone, Copy)]
pub(super) struct Writing<'w> {
    pub(super) delivery: &'w Delivery,
    /// The bytes of the body.
    pub(super) length: u64,
    /// How long answers are waited for.
    pub(super) patience: Duration,
    /// Counts the bytes of the body.
    pub(super) sent: &'w AtomicU64,
    pub(super) news: &'w News,
}

fn gone(_: io::Error) -> WriteError {
    WriteError::Connection
}

/// Writes a request, as far as no answer comes.
pub(super) async fn write(
    writer: &mut (impl AsyncWrite + Unpin),
    head: &RequestHead,
    source: Source<'_>,
    writing: Writing<'_>,
) -> Result<(), WriteError> {
    write_head(writer, &head.raw, writing.delivery).await.map_err(gone)?;
    if let Some(patience) = awaits(head, &writing) {
        // Whether the word came or the patience ended, the body is sent next.
        let _ = timeout(patience, writing.news.heads.notified()).await;
    }
    write_body(writer, source, writing).await
}

async fn write_head(
    writer: &mut (impl AsyncWrite + Unpin),
    head: &[u8],
    delivery: &Delivery,
) -> io::Result<()> {
    let stall = delivery.stall.head;
    let (first, second) = head.split_at(if stall.is_zero() { head.len() } else { head.len() / 2 });
    let most = delivery.split_head.map_or(head.len(), |bytes| bytes.get() as usize).max(1);
    let mut left = head.len();
    for (at, half) in [first, second].into_iter().enumerate() {
        if at > 0 && !half.is_empty() {
            sleep(stall).await;
        }
        for piece in half.chunks(most) {
            writer.write_all(piece).await?;
            left -= piece.len();
            if left > 0 {
                writer.flush().await?;
                // The other side has its turn between the pieces.
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(())
}

/// How long the body waits for the word to go on, if it does.
fn awaits(head: &RequestHead, writing: &Writing<'_>) -> Option<Duration> {
    let (name, value) = Awaits::HEADER;
    let announced = head.headers.first(name).is_some_and(|given| given.eq_ignore_ascii_case(value));
    match writing.delivery.expectation {
        _ if !announced => None,
        None => Some(CONTINUE_PATIENCE),
        Some(Awaits::Wait) => Some(writing.patience),
        Some(Awaits::AtOnce) => None,
    }
}

async fn write_body(
    writer: &mut (impl AsyncWrite + Unpin),
    mut source: Source<'_>,
    writing: Writing<'_>,
) -> Result<(), WriteError> {
    let Writing { delivery, length, sent, news, .. } = writing;
    let pace = delivery.pace.map(|pace| pace.piece(length));
    let mut buffer = source.room();
    if let Some((piece, _)) = pace {
        buffer.truncate(usize::try_from(piece).unwrap_or(usize::MAX));
    }
    let mut stall = Some(delivery.stall.body).filter(|stall| !stall.is_zero());
    while !news.is_answered() {
        let to_middle = (length / 2).saturating_sub(sent.load(Ordering::Relaxed));
        if to_middle == 0
            && let Some(stall) = stall.take()
        {
            writer.flush().await.map_err(gone)?;
            sleep(stall).await;
        }
        let room = match stall {
            Some(_) => usize::try_from(to_middle).unwrap_or(usize::MAX).min(buffer.len()),
            None => buffer.len(),
        };
        let count = source.read(&mut buffer[..room]).await.map_err(WriteError::Source)?;
        if count == 0 {
            break;
        }
        writer.write_all(&buffer[..count]).await.map_err(gone)?;
        sent.fetch_add(count as u64, Ordering::Relaxed);
        if let Some((_, pause)) = pace {
            writer.flush().await.map_err(gone)?;
            sleep(pause).await;
        }
    }
    writer.flush().await.map_err(gone)
}

//! Writing requests: a head, and a body piece by piece.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncWriteExt as _, WriteHalf},
    sync::Notify,
    time::{sleep, timeout},
};

use super::{Source, connect::Stream};
use crate::wire::http1::RequestHead;

/// How long a body waits for `100 Continue` before it is sent all the same.
const CONTINUE_PATIENCE: Duration = Duration::from_secs(1);

/// A body sent in pieces with pauses between them.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// The bytes of a piece.
    piece: usize,
    /// The time after each.
    pause: Duration,
}

impl Pace {
    /// How many pieces there are.
    const PIECES: u32 = 10;

    pub(super) fn of(time: Duration, length: u64) -> Self {
        let piece = length.div_ceil(u64::from(Self::PIECES)).max(1);
        let piece = usize::try_from(piece).unwrap_or(usize::MAX).min(Source::PIECE);
        Self { piece, pause: time / Self::PIECES }
    }
}

pub(super) enum WriteError {
    /// The body cannot be read: our trouble.
    Source(std::io::Error),
    /// The connection does not take more: what the reader sees tells why.
    Connection,
}

/// Writes a head and a body; `go_on` is the word that a head with `Expect` waits for.
pub(super) async fn write(
    writer: &mut WriteHalf<Stream>,
    head: &RequestHead,
    mut source: Source<'_>,
    pace: Option<Pace>,
    sent: &AtomicU64,
    go_on: &Notify,
) -> Result<(), WriteError> {
    let gone = |_| WriteError::Connection;
    writer.write_all(&head.raw).await.map_err(gone)?;
    writer.flush().await.map_err(gone)?;
    let waits = head
        .headers
        .first("Expect")
        .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
    if waits {
        // Whether the word came or the patience ended, the body is sent next.
        let _ = timeout(CONTINUE_PATIENCE, go_on.notified()).await;
    }
    let mut buffer = vec![0; pace.map_or(Source::PIECE, |pace| pace.piece)];
    loop {
        let count = source.read(&mut buffer).await.map_err(WriteError::Source)?;
        if count == 0 {
            return writer.flush().await.map_err(gone);
        }
        writer.write_all(&buffer[..count]).await.map_err(gone)?;
        sent.fetch_add(count as u64, Ordering::Relaxed);
        if let Some(pace) = pace {
            writer.flush().await.map_err(gone)?;
            sleep(pace.pause).await;
        }
    }
}

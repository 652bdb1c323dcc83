//! Closing without losing the answer.
//!
//! A socket that is closed while bytes of its peer lie unread resets the connection, and the peer may lose an answer
//! that it has not read. So a connection first says that it sends no more, and then reads what still comes, up to a
//! limit, until the peer closes too.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
    time::{Sleep, sleep},
};

/// How long a closed connection reads on.
const LINGER: Duration = Duration::from_secs(2);
/// How many bytes a closed connection reads on: a fragment of the largest size that Windows sends, and some more.
const LINGER_BYTES: usize = 16 * 1024 * 1024;

/// A stream whose shutdown lingers.
#[derive(Debug)]
pub(super) struct Lingering<S> {
    stream: S,
    stopped: watch::Receiver<bool>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Open,
    Reading { left: usize, end: Pin<Box<Sleep>> },
    Done,
}

impl<S> Lingering<S> {
    /// Wraps a stream. Once `stopped` says so, nothing lingers any more.
    pub(super) const fn new(stream: S, stopped: watch::Receiver<bool>) -> Self {
        Self { stream, stopped, stage: Stage::Open }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    /// An alert that ends a handshake is lost unless it can be sent together with what TLS had to say before it.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match &mut this.stage {
                Stage::Open => {
                    ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
                    this.stage = if *this.stopped.borrow() {
                        Stage::Done
                    } else {
                        Stage::Reading { left: LINGER_BYTES, end: Box::pin(sleep(LINGER)) }
                    };
                }
                Stage::Reading { left, end } => {
                    let read = poll_discard(&mut this.stream, context);
                    match read {
                        Poll::Ready(Some(count)) if count < *left => *left -= count,
                        Poll::Ready(_) => this.stage = Stage::Done,
                        Poll::Pending => {
                            ready!(end.as_mut().poll(context));
                            this.stage = Stage::Done;
                        }
                    }
                }
                Stage::Done => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// Reads some bytes and forgets them; nothing at the end of the stream.
fn poll_discard<S: AsyncRead + Unpin>(
    stream: &mut S,
    context: &mut Context<'_>,
) -> Poll<Option<usize>> {
    let mut scratch = [0; 16 * 1024];
    let mut buffer = ReadBuf::new(&mut scratch);
    let read = ready!(Pin::new(stream).poll_read(context, &mut buffer));
    let count = buffer.filled().len();
    Poll::Ready((read.is_ok() && count > 0).then_some(count))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_closing_stream_reads_on_until_its_peer_closes() {
        let (near, mut far) = tokio::io::duplex(16);
        let mut near = Lingering::new(near, watch::channel(false).1);
        let closing = tokio::spawn(async move { near.shutdown().await });
        far.write_all(&[7; 10_000]).await.unwrap();
        assert_eq!(far.read(&mut [0; 1]).await.unwrap(), 0);
        drop(far);
        closing.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_stopping_server_does_not_wait() {
        let (near, _far) = tokio::io::duplex(16);
        let mut near = Lingering::new(near, watch::channel(true).1);
        near.shutdown().await.unwrap();
    }
}

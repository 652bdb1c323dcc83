//! Reading in small sips.
//!
//! The HTTP library reads with a buffer that grows as long as reads fill it, up to the size of the largest head. With a
//! thousand uploads at a time that would be a thousand such buffers.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes of one read.
const SIP: usize = 32 * 1024;

/// A stream from which little is read at a time.
pub(super) struct Sips<S>(pub(super) S);

impl<S: AsyncRead + Unpin> AsyncRead for Sips<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining().min(SIP);
        let mut sip = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.0).poll_read(context, &mut sip))?;
        let count = sip.filled().len();
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Sips<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn much_comes_in_sips_and_nothing_is_lost() {
        let (near, mut far) = tokio::io::duplex(1 << 20);
        let bytes: Vec<u8> = (0..100_000_u32).map(|number| (number % 251) as u8).collect();
        far.write_all(&bytes).await.unwrap();
        drop(far);
        let mut sips = Sips(near);
        let mut first = vec![0; 50_000];
        let count = sips.read(&mut first).await.unwrap();
        assert_eq!(count, SIP);
        let mut rest = first[..count].to_vec();
        sips.read_to_end(&mut rest).await.unwrap();
        assert!(rest == bytes);
    }
}

//! Reading in sips, which are the smaller the more connections there are.
//!
//! The HTTP library reads with a buffer that grows as long as reads fill it, up to the size of the largest head. With a
//! thousand uploads at a time that would be a thousand such buffers.

use std::{
    io,
    ops::RangeInclusive,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf, Take};

/// The bytes that all connections together may have in one read each.
const ALL: usize = 8 * 1024 * 1024;

/// The bytes of one read, at least and at most. The library begins with 8 KiB and doubles what a read has filled, so that
/// the least is a byte less.
const SIP: RangeInclusive<usize> = 8 * 1024 - 1..=64 * 1024;

/// What the connections share that read from the same jug; nothing but how many they are.
pub(super) type Jug = Arc<()>;

/// A stream from which not more is read at a time than is its share.
pub(super) struct Sips<S> {
    /// The limit of this is set anew for each read.
    stream: Take<S>,
    jug: Jug,
}

impl<S: AsyncRead> Sips<S> {
    pub(super) fn new(stream: S, jug: Jug) -> Self {
        Self { stream: stream.take(0), jug }
    }

    /// The most bytes of a read now.
    fn sip(&self) -> usize {
        (ALL / Arc::strong_count(&self.jug)).clamp(*SIP.start(), *SIP.end())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Sips<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let sip = self.sip();
        self.stream.set_limit(sip as u64);
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Sips<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.stream.get_mut()).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.stream.get_mut()).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.get_ref().is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_shutdown(context)
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
        let jug = Jug::default();
        let others: Vec<_> = (0..10_000).map(|_| Arc::clone(&jug)).collect();
        let mut sips = Sips::new(near, jug);
        let mut first = vec![0; 99_000];
        let count = sips.read(&mut first).await.unwrap();
        assert_eq!(count, 8 * 1024 - 1);
        drop(others);
        assert_eq!(sips.read(&mut first[count..]).await.unwrap(), 64 * 1024);
        let count = count + 64 * 1024;
        let mut rest = first[..count].to_vec();
        sips.read_to_end(&mut rest).await.unwrap();
        assert!(rest == bytes);
    }
}

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

/// The bytes of one read, at least and at most. The library doubles what a read has filled, so that the least is a byte less
/// than 16 KiB. The most is a fragment of 64 KiB and its head.
const SIP: RangeInclusive<usize> = 16 * 1024 - 1..=65 * 1024;

/// The bytes after which a connection may read more at once where there is room again. While a thousand connections end
/// one after the other, those that are left would all have larger buffers for a moment.
const PATIENCE: u64 = 4 * 1024 * 1024;

/// What the connections share that read from the same jug; nothing but how many they are.
pub(super) type Jug = Arc<()>;

/// A stream from which not more is read at a time than is its share.
pub(super) struct Sips<S> {
    /// The limit of this is set anew for each read.
    stream: Take<S>,
    jug: Jug,
    /// The most bytes of a read now.
    sip: usize,
    /// The bytes that were read since that last changed.
    read: u64,
}

impl<S: AsyncRead> Sips<S> {
    pub(super) fn new(stream: S, jug: Jug) -> Self {
        let sip = share(&jug);
        Self { stream: stream.take(0), jug, sip, read: 0 }
    }

    /// The most bytes of the next read.
    fn next(&mut self) -> usize {
        let share = share(&self.jug);
        if share < self.sip || self.read >= PATIENCE {
            (self.sip, self.read) = (share.min(2 * self.sip), 0);
        }
        self.sip
    }
}

fn share(jug: &Jug) -> usize {
    (ALL / Arc::strong_count(jug)).clamp(*SIP.start(), *SIP.end())
}

impl<S: AsyncRead + Unpin> AsyncRead for Sips<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (sip, before) = (self.next(), buffer.filled().len());
        self.stream.set_limit(sip as u64);
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.read += (buffer.filled().len() - before) as u64;
        polled
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
        const MUCH: usize = 20 << 20;
        let (near, mut far) = tokio::io::duplex(MUCH);
        let bytes: Vec<u8> = (0..MUCH as u32).map(|number| (number % 251) as u8).collect();
        far.write_all(&bytes).await.unwrap();
        drop(far);
        let jug = Jug::default();
        let mut sips = Sips::new(near, Arc::clone(&jug));
        let mut read = vec![0; MUCH];
        let mut at = sips.read(&mut read).await.unwrap();
        let mut sizes = vec![at];
        let mut others: Vec<_> = (0..10_000).map(|_| Arc::clone(&jug)).collect();
        while at < MUCH {
            let count = sips.read(&mut read[at..]).await.unwrap();
            at += count;
            if sizes.last() != Some(&count) && at < MUCH {
                sizes.push(count);
            }
            others.clear();
        }
        assert!(read == bytes);
        // Less as soon as there are many, and more after a while only.
        let least = 16 * 1024 - 1;
        assert_eq!(sizes, [65 * 1024, least, 2 * least, 4 * least, 65 * 1024]);
    }
}

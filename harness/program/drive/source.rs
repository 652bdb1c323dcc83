//! Bodies as they are sent, and the time that it may take.

use std::time::Duration;

use bits_wire::Payload;

use super::Broken;

/// The bytes of a payload, piece by piece.
pub(super) struct Source<'p> {
    payload: &'p Payload,
    at: u64,
    file: Option<tokio::fs::File>,
}

impl<'p> Source<'p> {
    /// How many bytes are read at once.
    pub(super) const PIECE: usize = 64 * 1024;

    pub(super) async fn open(payload: &'p Payload) -> Result<Self, Broken> {
        use tokio::io::AsyncSeekExt as _;
        let file = match payload {
            Payload::File { file, offset, .. } => {
                let failed = |error: std::io::Error| {
                    Broken(format!("cannot read {}: {error}", file.path.display()))
                };
                let mut open = tokio::fs::File::open(&file.path).await.map_err(failed)?;
                open.seek(std::io::SeekFrom::Start(*offset)).await.map_err(failed)?;
                Some(open)
            }
            _ => None,
        };
        Ok(Self { payload, at: 0, file })
    }

    /// Room for a piece of it: for all of it, if that is less.
    pub(super) fn room(&self) -> Vec<u8> {
        vec![0; usize::try_from(self.payload.length()).unwrap_or(usize::MAX).min(Self::PIECE)]
    }

    /// Fills the front of `buffer`; 0 at the end.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use tokio::io::AsyncReadExt as _;
        let count = match (&mut self.file, self.payload.fill(self.at, buffer)) {
            (None, Some(count)) => count,
            (Some(file), _) => {
                let left = usize::try_from(self.payload.length() - self.at)
                    .unwrap_or(usize::MAX)
                    .min(buffer.len());
                let count = file.read(&mut buffer[..left]).await?;
                if count == 0 && left > 0 {
                    return Err(std::io::Error::other("the file has become shorter"));
                }
                count
            }
            (None, None) => 0,
        };
        self.at += count as u64;
        Ok(count)
    }
}

/// The time that an exchange may take: the timeout, and a second for each mebibyte.
pub(super) fn allowance(timeout: Duration, bytes: u64) -> Duration {
    timeout + Duration::from_secs(bytes >> 20)
}

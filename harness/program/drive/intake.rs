//! Bodies as they come in: counted and digested, never held.

use bits_judge::transcript::Body;
use bits_wire::{
    http1::{Chunked, ChunkedState, Framing},
    payload::Digest,
};
use sha2::{Digest as _, Sha256};

/// Takes the bytes of a body in, keeping their count, their digest and their start.
pub(super) struct Intake {
    pub(super) framing: Framing,
    chunked: Chunked,
    hash: Sha256,
    pub(super) length: u64,
    start: Vec<u8>,
    most_kept: usize,
    pub(super) done: bool,
    pub(super) broken: bool,
}

impl Intake {
    pub(super) fn new(framing: Framing, most_kept: usize) -> Self {
        let done = matches!(framing, Framing::Nothing | Framing::Length(0));
        Self {
            framing,
            chunked: Chunked::default(),
            hash: Sha256::new(),
            length: 0,
            start: Vec::new(),
            most_kept,
            done,
            broken: false,
        }
    }

    /// Takes what belongs to the body and says how many bytes that were.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        match self.framing {
            Framing::Nothing => 0,
            Framing::Length(length) => {
                let count =
                    usize::try_from(length - self.length).unwrap_or(usize::MAX).min(bytes.len());
                self.keep(&bytes[..count]);
                self.done = self.length == length;
                count
            }
            Framing::UntilClose | Framing::Unclear(_) => {
                self.keep(bytes);
                bytes.len()
            }
            Framing::Chunked => {
                let mut chunked = std::mem::take(&mut self.chunked);
                let (count, state) = chunked.read(bytes, |data| self.keep(data));
                self.chunked = chunked;
                self.done = state == ChunkedState::Done;
                self.broken = state == ChunkedState::Broken;
                count
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        let room = self.most_kept - self.start.len();
        self.start.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    pub(super) fn finish(&mut self) -> Body {
        let hash = std::mem::take(&mut self.hash);
        Body {
            framing: self.framing.clone(),
            length: self.length,
            digest: Digest(hash.finalize().into()),
            start: std::mem::take(&mut self.start),
            complete: self.done,
        }
    }
}

//! Answers read from memory, by the reader that reads those of sockets.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bits_judge::transcript::Received;
use tokio::{
    io::{AsyncRead, ReadBuf},
    runtime,
    time::Instant,
};

use super::{
    receive::{Limits, Receiver},
    write::News,
};
use crate::drive::Options;

/// What a request with this method is answered, if its connection brings these pieces and ends; for each of several ways
/// in which the pieces come.
///
/// # Errors
///
/// If the machine has nothing left to make a runtime of.
pub fn read_answers(ways: &[Vec<&[u8]>], method: &str) -> io::Result<Vec<Received>> {
    let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
    let options = Options::default();
    Ok(runtime.block_on(async {
        let limits = Limits::until(Instant::now() + options.timeout, &options);
        let mut all = Vec::with_capacity(ways.len());
        for way in ways {
            let mut receiver = Receiver::new(Pieces(way.iter().copied().collect()));
            all.push(receiver.receive(method, limits, &News::default()).await.0);
        }
        all
    }))
}

/// A connection that brings these pieces and ends.
struct Pieces<'p>(VecDeque<&'p [u8]>);

impl AsyncRead for Pieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // An empty piece would be taken for the end.
        while let Some(piece) = self.0.pop_front() {
            if piece.is_empty() {
                continue;
            }
            let (now, later) = piece.split_at(piece.len().min(buffer.remaining()));
            buffer.put_slice(now);
            if !later.is_empty() {
                self.0.push_front(later);
            }
            break;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bits_judge::transcript::Silence;

    #[test]
    fn an_answer_is_the_same_in_one_piece_and_in_many() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        let single: Vec<&[u8]> = whole.chunks(1).collect();
        let ways = [vec![whole.as_slice()], single, vec![b"", whole], vec![]];
        let read = read_answers(&ways, "GET").unwrap();
        assert!(read[..3].iter().all(|one| *one == read[0]));
        let Received::Answer(answer) = &read[0] else { panic!("an answer") };
        assert!(answer.body.complete && answer.body.start == b"abc");
        assert_eq!(read[3], Received::Nothing(Silence::Closed));
    }
}

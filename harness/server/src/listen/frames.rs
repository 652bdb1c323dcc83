//! Answers with something wrong in their framing, for the faults that HTTP libraries cannot have.
//!
//! A seeded fault marks an answer with a header; on its way to the socket the mark is taken off and the frame is
//! spoiled. Without a fault every byte passes as it is.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use crate::fault::{Frame, MARK};

/// A stream whose answers lose their marks, and what the marks ask for is done to them.
pub(super) struct Framed<S> {
    stream: S,
    /// Whether any answer can have a mark.
    marked: bool,
    /// What was written since the last flush.
    waiting: Vec<u8>,
    /// What is to be sent, and how much of it has been.
    sending: (Vec<u8>, usize),
    /// Whether the connection ends behind it.
    ends: bool,
    /// The marked answer before.
    before: Vec<u8>,
    /// How long to wait before each byte, and the wait for the next one.
    pause: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl<S> Framed<S> {
    pub(super) const fn new(stream: S, marked: bool) -> Self {
        Self {
            stream,
            marked,
            waiting: Vec::new(),
            sending: (Vec::new(), 0),
            ends: false,
            before: Vec::new(),
            pause: None,
        }
    }

    /// Spoils what was written, if it is an answer with a mark.
    fn spoil(&mut self) {
        let written = std::mem::take(&mut self.waiting);
        let (bytes, ends) = match unmarked(&written) {
            Some((frame, answer)) => {
                let spoiled = frame.spoil(&answer, &self.before);
                self.pause = frame.pause().map(|pause| (pause, Box::pin(sleep(pause))));
                self.before = answer;
                spoiled
            }
            None => (written, false),
        };
        self.sending = (bytes, 0);
        self.ends = ends;
    }
}

/// The mark of an answer, and the answer without it.
fn unmarked(answer: &[u8]) -> Option<(Frame, Vec<u8>)> {
    let head = answer.windows(4).position(|it| it == b"\r\n\r\n")? + 2;
    let text = std::str::from_utf8(&answer[..head]).ok()?;
    let is_mark =
        |line: &&str| line.split_once(':').is_some_and(|(name, _)| name.eq_ignore_ascii_case(MARK));
    let line = text.split_inclusive("\r\n").find(is_mark)?;
    let frame = Frame::named(line.split_once(':')?.1.trim())?;
    let rest = text.replacen(line, "", 1);
    Some((frame, [rest.as_bytes(), &answer[head..]].concat()))
}

impl<S: AsyncRead + Unpin> AsyncRead for Framed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Framed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.marked {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        if self.ends {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        self.waiting.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !self.marked {
            return Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        }
        let all: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
        self.poll_write(context, &all)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let (bytes, sent) = &mut this.sending;
            if *sent == bytes.len() {
                this.pause = None;
            }
            if let Some((pause, wait)) = &mut this.pause {
                ready!(wait.as_mut().poll(context));
                let next = &bytes[*sent..=*sent];
                *sent += ready!(Pin::new(&mut this.stream).poll_write(context, next))?;
                wait.set(sleep(*pause));
            } else if *sent < bytes.len() {
                *sent += ready!(Pin::new(&mut this.stream).poll_write(context, &bytes[*sent..]))?;
            } else if !this.waiting.is_empty() {
                this.spoil();
            } else if this.ends {
                ready!(Pin::new(&mut this.stream).poll_flush(context))?;
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            } else {
                return Pin::new(&mut this.stream).poll_flush(context);
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn sent(marked: bool, answers: &[&str]) -> (String, bool) {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let mut framed = Framed::new(near, marked);
        let mut ended = false;
        for answer in answers {
            ended |= framed.write_all(answer.as_bytes()).await.is_err();
            ended |= framed.flush().await.is_err();
        }
        drop(framed);
        let mut all = String::new();
        far.read_to_string(&mut all).await.unwrap();
        (all, ended)
    }

    #[tokio::test]
    async fn without_a_mark_every_byte_passes() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(sent(true, &[answer, "more"]).await, (format!("{answer}more"), false));
        assert_eq!(sent(false, &[answer]).await, (answer.to_owned(), false));
    }

    #[tokio::test]
    async fn a_mark_is_taken_off_and_heeded() {
        let marked = |frame: &str| {
            format!("HTTP/1.1 200 OK\r\n{MARK}: {frame}\r\nContent-Length: 0\r\n\r\n")
        };
        let (text, ended) = sent(true, &[&marked("bare-lf")]).await;
        assert_eq!((text.as_str(), ended), ("HTTP/1.1 200 OK\nContent-Length: 0\n\n", false));
        let (text, ended) = sent(true, &[&marked("hang-up"), "x"]).await;
        assert_eq!((text.as_str(), ended), ("", true));
        let (text, _) =
            sent(true, &[&marked("stale"), &marked("stale").replace("200", "201")]).await;
        assert_eq!(text.matches("200 OK").count(), 2, "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_answer_does_not_come_at_once_and_one_that_stalls_leaves_the_connection() {
        let answer = |frame: &str| {
            format!("HTTP/1.1 200 OK\r\n{MARK}: {frame}\r\nContent-Length: 0\r\n\r\n")
        };
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let mut framed = Framed::new(near, true);
        framed.write_all(answer("trickle").as_bytes()).await.unwrap();
        assert!(tokio::time::timeout(Duration::ZERO, framed.flush()).await.is_err());
        drop(framed);
        let mut all = String::new();
        far.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "");
        let (text, ended) = sent(true, &[&answer("stall")]).await;
        assert_eq!((text.as_str(), ended), ("HTTP/1.1 200 OK\r\nCo", false));
    }
}

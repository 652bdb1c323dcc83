//! One connection: a request out, head and payload without a copy, an answer in.

use std::{
    io::{self, ErrorKind, IoSlice},
    net::SocketAddr,
    pin::Pin,
    time::Duration,
};

use bits_wire::http1::{Chunked, ChunkedState};
use tokio::{
    io::{AsyncReadExt as _, Interest},
    net::TcpStream,
    time::{Instant, Sleep, sleep, timeout},
};

use super::answer::{self, Body, Head};
use crate::load::record::Trouble;

/// Room for the longest head of an answer that is understood.
const INBOX: usize = 16 << 10;

/// A connection and what has come in.
#[derive(Debug)]
pub(super) struct Connection {
    line: Line,
    patience: Duration,
    /// When the exchange under way has taken too long. It stays with the connection, for a timer that is only put off
    /// costs next to nothing.
    limit: Pin<Box<Sleep>>,
}

/// What goes over a connection.
#[derive(Debug)]
struct Line {
    stream: TcpStream,
    inbox: Box<[u8]>,
    filled: usize,
}

/// What a request led to.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) head: Head,
}

impl Connection {
    /// Connects.
    pub(super) async fn open(address: SocketAddr, patience: Duration) -> Result<Self, Trouble> {
        let stream = timeout(patience, TcpStream::connect(address)).await;
        let stream = stream
            .map_err(|_| Trouble::Connect(ErrorKind::TimedOut))?
            .map_err(|error| Trouble::Connect(error.kind()))?;
        stream.set_nodelay(true).map_err(|error| Trouble::Connect(error.kind()))?;
        let line = Line { stream, inbox: vec![0; INBOX].into_boxed_slice(), filled: 0 };
        Ok(Self { line, patience, limit: Box::pin(sleep(patience)) })
    }

    /// Sends a request and waits for its answer.
    pub(super) async fn exchange(&mut self, head: &[u8], body: &[u8]) -> Result<Answer, Trouble> {
        self.limit.as_mut().reset(Instant::now() + self.patience);
        tokio::select! {
            biased;
            answer = self.line.exchange(head, body) => answer,
            () = &mut self.limit => Err(Trouble::Timeout),
        }
    }

    /// Sends a part of a request, and nothing more.
    pub(super) async fn send_only(&mut self, head: &[u8], body: &[u8]) -> Result<(), Trouble> {
        let sent = timeout(self.patience, self.line.send(head, body)).await;
        sent.unwrap_or(Err(Trouble::Timeout)).map(|_| ())
    }

    /// Where the session id of the latest answer stands.
    pub(super) fn session_of(&self, answer: &Answer) -> Option<&[u8]> {
        answer.head.session.clone().map(|range| &self.line.inbox[range])
    }
}

impl Line {
    async fn exchange(&mut self, head: &[u8], body: &[u8]) -> Result<Answer, Trouble> {
        match self.send(head, body).await? {
            Some(early) => Ok(early),
            None => self.receive().await,
        }
    }

    /// Sends all, unless the server answers before: then that answer, after which the connection is of no use.
    async fn send(&mut self, head: &[u8], body: &[u8]) -> Result<Option<Answer>, Trouble> {
        self.filled = 0;
        let (mut sent, all) = (0, head.len() + body.len());
        while sent < all {
            let written = match head.get(sent..).filter(|rest| !rest.is_empty()) {
                Some(rest) => {
                    self.stream.try_write_vectored(&[IoSlice::new(rest), IoSlice::new(body)])
                }
                None => self.stream.try_write(&body[sent - head.len()..]),
            };
            match written {
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if let Some(early) = self.early().await? {
                        return Ok(Some(early));
                    }
                }
                // Whoever refuses a body may answer and close before all of it was sent.
                Err(error) => return self.last_words(&error).await.map(Some),
            }
        }
        Ok(None)
    }

    /// Waits until more can be sent, or an answer is there already.
    async fn early(&mut self) -> Result<Option<Answer>, Trouble> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        let ready = self.stream.ready(interest).await.map_err(|error| broke(&error))?;
        if !ready.is_readable() {
            return Ok(None);
        }
        match self.stream.try_read(&mut self.inbox[self.filled..]) {
            Ok(0) => Err(Trouble::Closed),
            Ok(count) => {
                self.filled += count;
                let mut answer = self.receive().await?;
                answer.head.closes = true;
                Ok(Some(answer))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(broke(&error)),
        }
    }

    async fn last_words(&mut self, error: &io::Error) -> Result<Answer, Trouble> {
        let mut answer = self.receive().await.map_err(|_| broke(error))?;
        answer.head.closes = true;
        Ok(answer)
    }

    /// Reads a final answer with its body.
    async fn receive(&mut self) -> Result<Answer, Trouble> {
        loop {
            match answer::read(&self.inbox[..self.filled])? {
                Some(head) if head.status < 200 => {
                    self.inbox.copy_within(head.length..self.filled, 0);
                    self.filled -= head.length;
                }
                Some(head) => {
                    self.skip_body(&head).await?;
                    return Ok(Answer { head });
                }
                None if self.filled == self.inbox.len() => return Err(Trouble::NotHttp),
                None => self.fill(self.filled).await?,
            }
        }
    }

    /// Reads the body away; the head stays where it is.
    async fn skip_body(&mut self, head: &Head) -> Result<(), Trouble> {
        match head.body {
            Body::UntilClose => Ok(()),
            Body::Length(length) => {
                let mut left = length.saturating_sub((self.filled - head.length) as u64);
                while left > 0 {
                    self.fill(head.length).await?;
                    left = left.saturating_sub((self.filled - head.length) as u64);
                }
                Ok(())
            }
            Body::Chunked => self.skip_chunks(head.length).await,
        }
    }

    async fn skip_chunks(&mut self, start: usize) -> Result<(), Trouble> {
        let mut chunks = Chunked::default();
        loop {
            match chunks.read(&self.inbox[start..self.filled], |_| {}).1 {
                ChunkedState::Done => return Ok(()),
                ChunkedState::Broken => return Err(Trouble::NotHttp),
                ChunkedState::More => self.fill(start).await?,
            }
        }
    }

    /// Waits for bytes and puts them at `at`; what stood there is gone.
    async fn fill(&mut self, at: usize) -> Result<(), Trouble> {
        // A head that fills everything leaves no room for the body behind it.
        let at = if at == self.inbox.len() { return Err(Trouble::NotHttp) } else { at };
        // Not `try_read`, which asks the system again where the bytes before were all that had come.
        match self.stream.read(&mut self.inbox[at..]).await {
            Ok(0) => Err(Trouble::Closed),
            Ok(count) => {
                self.filled = at + count;
                Ok(())
            }
            Err(error) => Err(broke(&error)),
        }
    }
}

fn broke(error: &io::Error) -> Trouble {
    Trouble::Broke(error.kind())
}

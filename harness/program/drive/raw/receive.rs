//! Reading answers, within limits, whatever comes.

use std::{io, time::Duration};

use bits_judge::transcript::{Answer, Body, Received, Silence};
use bits_wire::http1::{Framing, HeadState, ResponseHead, read_response_head};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time::{Instant, timeout, timeout_at},
};

use super::{silence, write::News};
use crate::drive::{Options, allowance, intake::Intake};

/// The most interim answers (1xx) that are read before one final.
const MOST_INTERIM: usize = 32;

/// How many bytes of what is no HTTP are kept.
const MOST_GARBAGE: usize = 256;

/// How many bytes are read at once.
const PIECE: usize = 64 * 1024;

/// What may be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) most_head: usize,
    pub(super) most_body: u64,
    pub(super) deadline: Instant,
    /// How many bytes of a body may win it more time by coming: as many as were uploaded before it.
    pub(super) most_grace: u64,
    /// Whether what comes behind the answer belongs to the next one.
    pub(super) more_follow: bool,
}

impl Limits {
    /// Those of a run, for one answer that has to come until then.
    pub(super) fn until(deadline: Instant, options: &Options) -> Self {
        let Options { most_head, most_body, .. } = *options;
        Self { most_head, most_body, deadline, most_grace: 0, more_follow: false }
    }
}

/// How a connection stands after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// As far as can be seen it goes on.
    Open,
    /// The server closed it.
    Closed,
    /// The server reset it.
    Reset,
    /// The harness cannot go on with it.
    GivenUp,
}

/// What came on a connection on which nothing was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    Nothing,
    Bytes(Vec<u8>),
    End,
    Reset,
}

/// The reading side of a connection.
pub(super) struct Receiver<R> {
    reader: R,
    /// Bytes that were read and do not belong to anything yet.
    buffer: Vec<u8>,
    piece: Box<[u8]>,
}

/// What one read came to.
enum Read {
    Bytes,
    End,
    Reset,
    TimedOut,
}

impl<R: AsyncRead + Unpin> Receiver<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), piece: vec![0; PIECE].into() }
    }

    /// The side that it reads.
    pub(super) fn into_reader(self) -> R {
        self.reader
    }

    async fn read(&mut self, deadline: Instant) -> Read {
        // A timer alone never has its turn while bytes come faster than they are read.
        if Instant::now() >= deadline {
            return Read::TimedOut;
        }
        match timeout_at(deadline, self.reader.read(&mut self.piece)).await {
            Err(_) => Read::TimedOut,
            Ok(Ok(0)) => Read::End,
            Ok(Ok(count)) => {
                self.buffer.extend_from_slice(&self.piece[..count]);
                Read::Bytes
            }
            Ok(Err(error)) if is_end(&error) => Read::End,
            Ok(Err(_)) => Read::Reset,
        }
    }

    /// Reads one answer; the writer is told when a 1xx or the answer itself has come.
    pub(super) async fn receive(
        &mut self,
        method: &str,
        limits: Limits,
        news: &News,
    ) -> (Received, Ended) {
        let mut interim = Vec::new();
        loop {
            let head = match self.head(limits).await {
                Ok(head) => head,
                Err(outcome) => return outcome,
            };
            let answers = !(100..200).contains(&head.status) || head.status == 101;
            news.tell(answers);
            if answers {
                return self.body(*head, interim, method, limits).await;
            }
            interim.push(*head);
            if interim.len() > MOST_INTERIM {
                let bytes = interim.iter().map(|head| head.raw.len()).sum();
                return silence(Silence::EndlessHead(bytes), Ended::GivenUp);
            }
        }
    }

    /// Waits for the word to go on (1xx), or for what comes instead of it. If nothing comes in time, nothing is lost.
    pub(super) async fn word(
        &mut self,
        method: &str,
        limits: Limits,
    ) -> Result<(), (Received, Ended)> {
        let head = self.head(limits).await?;
        if (100..200).contains(&head.status) && head.status != 101 {
            return Ok(());
        }
        Err(self.body(*head, Vec::new(), method, limits).await)
    }

    async fn head(&mut self, limits: Limits) -> Result<Box<ResponseHead>, (Received, Ended)> {
        loop {
            match read_response_head(&self.buffer) {
                HeadState::Complete(head, length) => {
                    self.buffer.drain(..length);
                    return Ok(head);
                }
                HeadState::NotHttp => {
                    self.buffer.truncate(MOST_GARBAGE);
                    return Err(silence(
                        Silence::Garbage(std::mem::take(&mut self.buffer)),
                        Ended::GivenUp,
                    ));
                }
                HeadState::Incomplete if self.buffer.len() > limits.most_head => {
                    return Err(silence(Silence::EndlessHead(self.buffer.len()), Ended::GivenUp));
                }
                HeadState::Incomplete => {}
            }
            match self.read(limits.deadline).await {
                Read::Bytes => {}
                Read::End => return Err(silence(Silence::Closed, Ended::Closed)),
                Read::Reset => return Err(silence(Silence::Reset, Ended::Reset)),
                Read::TimedOut => return Err(silence(Silence::TimedOut, Ended::GivenUp)),
            }
        }
    }

    async fn body(
        &mut self,
        head: ResponseHead,
        interim: Vec<ResponseHead>,
        method: &str,
        limits: Limits,
    ) -> (Received, Ended) {
        let framing = Framing::of(&head, method);
        let mut intake = Intake::new(framing, Body::most_kept(&head));
        self.take(head, interim, &mut intake, limits).await
    }

    async fn take(
        &mut self,
        head: ResponseHead,
        interim: Vec<ResponseHead>,
        intake: &mut Intake,
        limits: Limits,
    ) -> (Received, Ended) {
        let ended = loop {
            let used = intake.take(&self.buffer);
            self.buffer.drain(..used);
            if intake.done {
                break Ended::Open;
            }
            if intake.broken || intake.length > limits.most_body {
                break Ended::GivenUp;
            }
            // What a server announces wins it no time: it may announce anything.
            let grace = allowance(Duration::ZERO, intake.length.min(limits.most_grace));
            match self.read(limits.deadline + grace).await {
                Read::Bytes => {}
                Read::End => {
                    intake.done = intake.framing == Framing::UntilClose;
                    break Ended::Closed;
                }
                Read::Reset => break Ended::Reset,
                Read::TimedOut => break Ended::GivenUp,
            }
        };
        let more = limits.more_follow && ended == Ended::Open;
        let mut surplus = if more { Vec::new() } else { std::mem::take(&mut self.buffer) };
        surplus.truncate(Answer::MOST_SURPLUS);
        let ended =
            if ended == Ended::Open && !surplus.is_empty() { Ended::GivenUp } else { ended };
        let answer = Answer { head, exact: true, interim, body: intake.finish(), surplus };
        (Received::Answer(Box::new(answer)), ended)
    }

    /// What has come already, without waiting.
    pub(super) fn look(&mut self) -> Waited {
        use std::task::{Context, Poll, Waker};
        let mut context = Context::from_waker(Waker::noop());
        let mut room = tokio::io::ReadBuf::new(&mut self.piece);
        match std::pin::Pin::new(&mut self.reader).poll_read(&mut context, &mut room) {
            Poll::Pending => Waited::Nothing,
            Poll::Ready(Ok(())) if room.filled().is_empty() => Waited::End,
            Poll::Ready(Ok(())) => Waited::Bytes(
                room.filled()[..room.filled().len().min(Answer::MOST_SURPLUS)].to_vec(),
            ),
            Poll::Ready(Err(error)) if is_end(&error) => Waited::End,
            Poll::Ready(Err(_)) => Waited::Reset,
        }
    }

    /// What comes next within `patience`.
    pub(super) async fn wait(&mut self, patience: Duration) -> Waited {
        match timeout(patience, self.reader.read(&mut self.piece)).await {
            Err(_) => Waited::Nothing,
            Ok(Ok(0)) => Waited::End,
            Ok(Ok(count)) => Waited::Bytes(self.piece[..count.min(Answer::MOST_SURPLUS)].to_vec()),
            Ok(Err(error)) if is_end(&error) => Waited::End,
            Ok(Err(_)) => Waited::Reset,
        }
    }
}

/// TLS that ends without saying so is an end like any other here.
fn is_end(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

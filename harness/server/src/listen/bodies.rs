//! Bodies on their way in and out, never more of them in memory than a buffer.

use std::{
    io::{self, Read as _, SeekFrom},
    ops::Range,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use bits_wire::{Headers, names};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::{
    sync::mpsc,
    time::{Instant, Sleep, sleep, timeout},
};

use super::{turns::Turn, work::Work};
use crate::{download::Piece, service::Reception, store::Content};

/// The bytes of a body that are gathered before they go to the store or to the socket.
const BUFFER: usize = 64 * 1024;
/// The most bytes of a refused body that are read to keep the connection.
const DRAIN: u64 = 64 * 1024;
/// How long a refused body may take to be read.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Whether anything of a request is left unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remains {
    Nothing,
    Bytes,
}

/// Brings a body into the store, until its end or until its session is wanted by another request. Nothing comes back
/// after a panic in the store.
pub(super) async fn receive(
    mut reception: Box<Reception>,
    body: &mut Incoming,
    turn: &Turn,
    progress: (u64, Duration),
    work: Work,
) -> Option<Box<Reception>> {
    let mut source =
        Source { body, pace: Pace::new(progress), wanted: pin!(turn.asked_to_give_way()) };
    // Another thread is worth waking for a buffer full only.
    let enough = match work {
        Work::AtOnce => 1,
        Work::Beside => BUFFER,
    };
    while reception.left() > 0 && !reception.has_failed() {
        let pieces = source.gather(reception.left().min(enough as u64)).await;
        if pieces.is_empty() {
            break;
        }
        let taken = work.run(move || {
            pieces.iter().for_each(|piece| reception.take(piece));
            reception
        });
        reception = taken.await.ok()?;
    }
    Some(reception)
}

/// Where the bytes of a body come from, until nobody should wait for them any more.
struct Source<'a, W> {
    body: &'a mut Incoming,
    pace: Pace,
    /// Becomes ready when another request wants the session.
    wanted: Pin<&'a mut W>,
}

impl<W: Future<Output = ()>> Source<'_, W> {
    /// The next pieces, until there are so many bytes; none if the body has ended, was cut, or no one should wait for it.
    async fn gather(&mut self, enough: u64) -> Vec<Bytes> {
        let (mut pieces, mut count) = (Vec::new(), 0);
        while (count as u64) < enough {
            let frame = tokio::select! {
                biased;
                () = &mut self.wanted => return Vec::new(),
                frame = self.body.frame() => frame,
                // What a sender that is too slow has sent meanwhile is of no use: a fragment counts as a whole.
                () = &mut self.pace.deadline => return Vec::new(),
            };
            let Some(Ok(frame)) = frame else { break };
            let Ok(piece) = frame.into_data() else { break };
            count += piece.len();
            self.pace.note(piece.len() as u64);
            pieces.push(piece);
        }
        pieces
    }
}

/// How fast a body comes.
struct Pace {
    wanted: u64,
    span: Duration,
    missing: u64,
    /// When what is missing has to be there.
    deadline: Pin<Box<Sleep>>,
}

impl Pace {
    fn new((wanted, span): (u64, Duration)) -> Self {
        Self { wanted, span, missing: wanted, deadline: Box::pin(sleep(span)) }
    }

    /// Notes that bytes came. Once there are enough of them, the next span begins.
    fn note(&mut self, bytes: u64) {
        self.missing = self.missing.saturating_sub(bytes);
        if self.missing == 0 {
            self.missing = self.wanted;
            self.deadline.as_mut().reset(Instant::now() + self.span);
        }
    }
}

/// Reads a refused body, if it is short and on its way already.
pub(super) async fn drain(headers: &Headers, body: &mut Incoming) -> Remains {
    // What a client without a length sends next cannot be told from a request.
    let length = headers.first(names::CONTENT_LENGTH).map(str::parse::<u64>);
    let is_post = headers.has(names::PACKET_TYPE) || !body.is_end_stream();
    match length {
        _ if headers.has(names::TRANSFER_ENCODING) => return Remains::Bytes,
        None if is_post => return Remains::Bytes,
        None | Some(Ok(0)) => return Remains::Nothing,
        Some(Ok(1..=DRAIN)) if !headers.has("Expect") => {}
        Some(_) => return Remains::Bytes,
    }
    let read = async {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return Remains::Bytes;
            }
        }
        Remains::Nothing
    };
    timeout(DRAIN_TIMEOUT, read).await.unwrap_or(Remains::Bytes)
}

/// The body of an answer.
pub(super) enum Outgoing {
    Whole(Option<Bytes>),
    Streamed(mpsc::Receiver<io::Result<Bytes>>),
}

impl Outgoing {
    pub(super) const fn empty() -> Self {
        Self::Whole(None)
    }

    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    /// These pieces with those of a published entity, which is read as the socket takes it.
    pub(super) fn stream(content: Box<dyn Content>, pieces: Vec<Piece>, work: Work) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(feed(content, pieces, sender, work));
        Self::Streamed(receiver)
    }
}

type Sender = mpsc::Sender<io::Result<Bytes>>;

async fn feed(content: Box<dyn Content>, pieces: Vec<Piece>, sender: Sender, work: Work) {
    let mut content = content;
    for piece in pieces {
        let next = match piece {
            Piece::Said(bytes) => sender.send(Ok(bytes.into())).await.ok().map(|()| content),
            Piece::Content(range) => feed_range(content, range, &sender, work).await,
        };
        let Some(same) = next else { return };
        content = same;
    }
}

/// Gives the content back, unless it cannot be read or nobody takes it.
async fn feed_range(
    content: Box<dyn Content>,
    range: Range<u64>,
    sender: &Sender,
    work: Work,
) -> Option<Box<dyn Content>> {
    let (mut content, mut at) = (content, range.start);
    while at < range.end {
        let most = (range.end - at).min(BUFFER as u64);
        let read = work.run(move || {
            let bytes = read_at(&mut *content, at, most);
            (content, bytes)
        });
        let (same, bytes) = read.await.ok()?;
        content = same;
        at += bytes.as_ref().map_or(0, Bytes::len) as u64;
        let failed = bytes.is_err();
        if sender.send(bytes).await.is_err() || failed {
            return None;
        }
    }
    Some(content)
}

fn read_at(content: &mut dyn Content, at: u64, most: u64) -> io::Result<Bytes> {
    content.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    content.take(most).read_to_end(&mut bytes)?;
    if bytes.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes.into()) }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Streamed(frames) => {
                frames.poll_recv(context).map(|bytes| bytes.map(|bytes| bytes.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Streamed(_) => SizeHint::default(),
        }
    }
}

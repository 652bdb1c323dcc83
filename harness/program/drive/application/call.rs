//! One connection from a server under test: calls come in one after the other.

use std::{sync::Arc, time::Duration};

use bits_judge::transcript::{Body, Fate, Notification};
use bits_wire::http1::{Framing, RequestHead, head_length};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    net::TcpStream,
    sync::watch,
    time::{Instant, timeout},
};

use super::{Known, Seat, Seats, perform};
use crate::drive::intake::Intake;

/// How long a connection may stay without a call, and a call without its next byte.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest head that is read, in bytes.
const MOST_HEAD: usize = 256 * 1024;

/// How many bytes are read at once.
const PIECE: usize = 64 * 1024;

/// What has been read and not understood yet.
struct Incoming<'s> {
    stream: &'s mut TcpStream,
    buffer: Vec<u8>,
}

impl Incoming<'_> {
    /// Reads on; false at the end.
    async fn more(&mut self) -> bool {
        let mut piece = vec![0; PIECE];
        match timeout(PATIENCE, self.stream.read(&mut piece)).await {
            Ok(Ok(count @ 1..)) => {
                self.buffer.extend_from_slice(&piece[..count]);
                true
            }
            _ => false,
        }
    }

    /// The next head, or what there is of it at the end of the connection; nothing if there is nothing.
    async fn head(&mut self) -> Option<(Instant, Vec<u8>)> {
        while self.buffer.is_empty() {
            if !self.more().await {
                return None;
            }
        }
        let came = Instant::now();
        loop {
            if let Some(length) = head_length(&self.buffer) {
                return Some((came, self.buffer.drain(..length).collect()));
            }
            if self.buffer.len() > MOST_HEAD || !self.more().await {
                return Some((came, std::mem::take(&mut self.buffer)));
            }
        }
    }

    /// Waits for the first bytes of a body, as far as one is announced.
    async fn start_of_body(&mut self, head: &RequestHead) {
        let announced = match Framing::of_request(head) {
            Framing::Length(length) => usize::try_from(length).unwrap_or(usize::MAX),
            _ => 0,
        };
        while self.buffer.len() < announced.min(Known::START) && self.more().await {}
    }

    /// Takes the body in, or as much of it as is wanted; false if it does not come.
    async fn body(&mut self, intake: &mut Intake, most: Option<u64>) -> bool {
        loop {
            let used = intake.take(&self.buffer);
            self.buffer.drain(..used);
            if intake.done || most.is_some_and(|most| intake.length >= most) {
                return true;
            }
            if intake.broken || !self.more().await {
                return false;
            }
        }
    }
}

/// Answers calls until the connection ends.
pub(super) async fn serve(mut stream: TcpStream, seats: Arc<Seats>) {
    // Only speed depends on it.
    let _ = stream.set_nodelay(true);
    let mut left = Vec::new();
    loop {
        let mut incoming = Incoming { stream: &mut stream, buffer: std::mem::take(&mut left) };
        let Some((came, raw)) = incoming.head().await else { return };
        let head = RequestHead::read(&raw);
        if !Seats::is_named(&head) {
            incoming.start_of_body(&head).await;
        }
        left = std::mem::take(&mut incoming.buffer);
        // A call that belongs to no plan is none of ours: whoever made it gets no answer.
        let Some(seat) = seats.find(&head, &left) else { return };
        let Some(performing) = seat.lock().performing.clone() else { return };
        let goes_on = answer(&mut stream, &seat, head, came, &mut left).await;
        drop(performing);
        if !goes_on {
            return;
        }
    }
}

/// Answers one call; says whether the connection goes on.
async fn answer(
    stream: &mut TcpStream,
    seat: &Seat,
    head: RequestHead,
    came: Instant,
    left: &mut Vec<u8>,
) -> bool {
    let ready = seat.next();
    let during = *seat.during.borrow();
    let mut over = seat.over.subscribe();
    let mut intake = Intake::new(Framing::of_request(&head), Body::MOST_KEPT);
    let mut incoming = Incoming { stream, buffer: std::mem::take(left) };
    let arrived = tokio::select! {
        biased;
        arrived = incoming.body(&mut intake, ready.play.take) => arrived,
        () = is_over(&mut over) => false,
    };
    *left = incoming.buffer;
    let stopped = arrived && !intake.done;
    let entity = perform::entity(seat, &head).await;
    let (played, fate) = if arrived {
        perform::perform(stream, seat, (&head, intake.done), &ready, &mut over).await
    } else {
        (bits_judge::transcript::Played::default(), Fate::Closed)
    };
    seat.lock().calls.push(Notification {
        number: 0,
        during,
        started: came.saturating_duration_since(seat.began),
        took: came.elapsed(),
        head,
        body: intake.finish(),
        stopped,
        entity,
        played,
        fate,
    });
    fate == Fate::Open
}

/// Waits until the plan is over.
pub(super) async fn is_over(over: &mut watch::Receiver<bool>) {
    // An error means that the plan is gone, which ends it as well.
    let _ = over.wait_for(|over| *over).await;
}

/// Waits until this exchange is not under way any more: the server has given the call up.
pub(super) async fn is_given_up(seat: &Seat, during: usize) {
    let mut now = seat.during.subscribe();
    // An error means that the plan is gone, which ends it as well.
    let _ = now.wait_for(|now| *now != during).await;
}

/// Reads and drops what comes until the other side ends it.
pub(super) async fn wait_for_end(stream: &mut (impl AsyncRead + Unpin)) {
    let mut piece = vec![0; 1024];
    while let Ok(1..) = stream.read(&mut piece).await {}
}

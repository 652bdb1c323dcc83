//! The server application, played by the harness: it listens where the server under test posts finished uploads, answers
//! as the scenario says, and writes down what came.

mod call;
mod files;
mod perform;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bits_judge::{
    plan::{Play, Then},
    transcript::Notification,
};
use bits_wire::{http1::RequestHead, names};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
    time::Instant,
};

/// Listens for the notifications of servers under test and hands each to the plan that caused it.
#[derive(Debug)]
pub struct Application {
    address: SocketAddr,
    seats: Arc<Seats>,
    accepting: JoinHandle<()>,
}

/// The plans that are being carried out.
#[derive(Debug, Default)]
struct Seats(Mutex<Vec<Arc<Seat>>>);

/// One plan's part of the application.
#[derive(Debug)]
struct Seat {
    /// What the names of its files begin with, by which its calls are known.
    prefix: String,
    began: Instant,
    /// The folder of this machine in which the files lie that calls by reference name.
    root: Option<PathBuf>,
    state: Mutex<State>,
    /// The number of the exchange under way; 0 if none is.
    during: watch::Sender<usize>,
    over: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    plays: VecDeque<Ready>,
    /// What is known of the uploads that calls may be about.
    uploads: Vec<Known>,
    calls: Vec<Notification>,
    /// Whoever performs a call holds one of these, so that the end of the last one can be waited for.
    performing: Option<mpsc::Sender<()>>,
}

/// What is known of an upload: how a call that does not name it can be told all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The session's id, which paths hold.
    pub(super) session: String,
    /// Its first bytes, with which the body of a call begins.
    pub(super) start: Vec<u8>,
}

impl Known {
    /// How many bytes of an upload are remembered: those that tell one pattern from another.
    pub(super) const START: usize = 8;
}

/// A [`Play`] whose head is known.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub(super) head: Option<Vec<u8>>,
    pub(super) play: Play,
}

impl Ready {
    /// What is answered where the scenario says nothing: success without a reply.
    fn usual() -> Self {
        let play = Play {
            take: None,
            wait: Duration::ZERO,
            head: None,
            body: bits_wire::Payload::Empty,
            cut: None,
            then: Then::Keep,
            file: None,
        };
        Self { head: Some(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()), play }
    }
}

/// A plan's place in the application; it is given up when this is dropped.
pub(super) struct Enrolled {
    seat: Arc<Seat>,
    seats: Arc<Seats>,
    performed: mpsc::Receiver<()>,
}

impl Application {
    /// Listens at `address`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened at.
    pub async fn listen(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let seats = Arc::new(Seats::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&seats)));
        Ok(Self { address, seats, accepting })
    }

    /// Its URL, as somebody on this machine can reach it.
    #[must_use]
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}/")
    }

    /// Takes a place for a plan whose files have names that begin with `prefix`.
    pub(super) fn enrol(&self, prefix: &str, began: Instant, root: Option<PathBuf>) -> Enrolled {
        let (performing, performed) = mpsc::channel(1);
        let state = State {
            plays: VecDeque::new(),
            uploads: Vec::new(),
            calls: Vec::new(),
            performing: Some(performing),
        };
        let seat = Arc::new(Seat {
            prefix: prefix.to_owned(),
            began,
            root,
            state: Mutex::new(state),
            during: watch::Sender::new(0),
            over: watch::Sender::new(false),
        });
        self.seats.lock().push(Arc::clone(&seat));
        Enrolled { seat, seats: Arc::clone(&self.seats), performed }
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Enrolled {
    /// From here on calls are answered so.
    pub(super) fn play(&self, plays: Vec<Ready>) {
        self.seat.lock().plays = plays.into();
    }

    /// The exchange of this number begins; 0 ends it.
    pub(super) fn during(&self, number: usize) {
        self.seat.during.send_replace(number);
    }

    /// Calls may be about this upload.
    pub(super) fn expect(&self, upload: Known) {
        let mut state = self.seat.lock();
        if !state.uploads.contains(&upload) {
            state.uploads.push(upload);
        }
    }

    /// Ends what is still under way, and gives what came.
    pub(super) async fn leave(mut self) -> Vec<Notification> {
        self.seat.over.send_replace(true);
        self.seat.lock().performing = None;
        // Nothing is ever sent: the channel closes when the last call has been performed.
        let _ = self.performed.recv().await;
        let mut calls = std::mem::take(&mut self.seat.lock().calls);
        calls.sort_by_key(|call| call.started);
        for (at, call) in calls.iter_mut().enumerate() {
            call.number = at + 1;
        }
        calls
    }
}

impl Drop for Enrolled {
    fn drop(&mut self) {
        self.seat.over.send_replace(true);
        self.seats.lock().retain(|seat| !Arc::ptr_eq(seat, &self.seat));
    }
}

impl Seats {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan that caused a call: the one whose file it names, by URL. A server may leave that out or get it wrong; then
    /// it is the one whose session the call's paths name, or whose upload begins as the call's body does; or else a plan
    /// that is waiting for an answer.
    fn find(&self, head: &RequestHead, start: &[u8]) -> Option<Arc<Seat>> {
        let seats = self.lock();
        let named = |seat: &&Arc<Seat>| {
            let url = head.headers.first(names::ORIGINAL_REQUEST_URL).unwrap_or_default();
            !seat.prefix.is_empty() && url.contains(&seat.prefix)
        };
        let known = |seat: &&Arc<Seat>| {
            seat.lock().uploads.iter().any(|upload| {
                let holds = |value: &str| value.contains(&upload.session);
                (!upload.session.is_empty() && head.headers.iter().any(|one| holds(&one.value)))
                    || (!start.is_empty() && start.starts_with(&upload.start))
            })
        };
        let waits = |seat: &&Arc<Seat>| *seat.during.borrow() > 0 && seat.expects_calls();
        let found = seats.iter().find(named).or_else(|| seats.iter().find(known));
        found.or_else(|| seats.iter().find(waits)).cloned()
    }

    /// Whether a call says by itself to which plan it belongs.
    fn is_named(head: &RequestHead) -> bool {
        head.headers.has(names::ORIGINAL_REQUEST_URL)
    }
}

impl Seat {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the plan has said how calls are to be answered.
    fn expects_calls(&self) -> bool {
        !self.lock().plays.is_empty()
    }

    /// How the next call is answered.
    fn next(&self) -> Ready {
        let plays = &mut self.lock().plays;
        match plays.len() {
            0 => Ready::usual(),
            1 => plays[0].clone(),
            _ => plays.pop_front().unwrap_or_else(Ready::usual),
        }
    }
}

async fn accept(listener: TcpListener, seats: Arc<Seats>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(call::serve(stream, Arc::clone(&seats)));
            }
            // Out of file handles, as a rule: calls that end make room.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

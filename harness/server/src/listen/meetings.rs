//! Where requests meet that a seeded fault wants to see together. An honest server has no such place.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use crate::fault::{Candidate, Side};

/// How long a request waits for one that it could meet.
const PATIENCE: Duration = Duration::from_millis(250);

/// Requests that wait for others.
#[derive(Clone, Default)]
pub(super) struct Meetings(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    waiting: HashMap<String, Waiting>,
    /// The connection that first brought something with this key. What goes on over it is a sequence, and never waits.
    known: HashMap<String, Option<SocketAddr>>,
}

struct Waiting {
    candidate: Candidate,
    told: oneshot::Sender<Turn>,
}

/// When a request is served.
pub(super) enum Turn {
    /// Now; the other one goes on when this is dropped.
    First(oneshot::Sender<()>),
    /// When the first has been answered.
    Second(oneshot::Receiver<()>),
}

impl Turn {
    /// Waits for the turn; which it is, and what to hold until the answer is made.
    pub(super) async fn come(self) -> (Side, Option<oneshot::Sender<()>>) {
        match self {
            Self::First(end) => (Side::First, Some(end)),
            Self::Second(end) => {
                // Nothing is ever sent: the channel closes with the answer of the first.
                let _ = end.await;
                (Side::Second, None)
            }
        }
    }
}

impl Meetings {
    /// Waits a while for a request that this one can meet; none if there is none.
    pub(super) async fn meet(
        &self,
        candidate: Candidate,
        peer: Option<SocketAddr>,
    ) -> Option<Turn> {
        let key = candidate.key.clone();
        let told = {
            let mut inner = self.lock();
            let first = *inner.known.entry(key.clone()).or_insert(peer);
            match inner.waiting.remove(&key) {
                Some(other) if fits(&candidate, &other.candidate) => {
                    return pair(candidate, other);
                }
                Some(other) => inner.waiting.insert(key.clone(), other),
                None => None,
            };
            if first == peer || inner.waiting.contains_key(&key) {
                return None;
            }
            let (sender, told) = oneshot::channel();
            inner.waiting.insert(key.clone(), Waiting { candidate, told: sender });
            told
        };
        let mut told = told;
        if let Ok(Ok(turn)) = timeout(PATIENCE, &mut told).await {
            return Some(turn);
        }
        let mut inner = self.lock();
        // It may have come in the last moment.
        if let Ok(turn) = told.try_recv() {
            return Some(turn);
        }
        inner.waiting.remove(&key);
        None
    }

    /// Notes who first brought something with this key.
    pub(super) fn note(&self, key: String, peer: Option<SocketAddr>) {
        self.lock().known.entry(key).or_insert(peer);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether two requests are of the kinds that are to meet.
fn fits(one: &Candidate, other: &Candidate) -> bool {
    let sides = match (one.side, other.side) {
        (None, None) => true,
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    sides && (one.apart.is_none() || one.apart != other.apart)
}

/// The one that waited goes first, unless the kinds say otherwise.
fn pair(candidate: Candidate, other: Waiting) -> Option<Turn> {
    let (end, ended) = oneshot::channel();
    let (own, others) = match candidate.side {
        Some(Side::First) => (Turn::First(end), Turn::Second(ended)),
        _ => (Turn::Second(ended), Turn::First(end)),
    };
    other.told.send(others).ok().map(|()| own)
}

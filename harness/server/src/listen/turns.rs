//! The requests of one session take turns.
//!
//! A client has one request outstanding at a time. If a second one comes all the same, the first may end; one that is
//! still waiting for its body after a while is taken for the remains of a connection that broke, and is cut.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bits_wire::Guid;
use tokio::sync::{Notify, futures::Notified};

use crate::by_session::BySession;

/// How long a request waits for its session beyond that.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How soon a request looks again whether there is somebody who could give way.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Who is receiving a body, and who waits for it to end.
#[derive(Clone)]
pub(super) struct Turns(Arc<Inner>);

struct Inner {
    give_way: Duration,
    receiving: BySession<HashMap<Guid, Arc<Notify>>>,
    settled: Notify,
}

impl Turns {
    /// Nobody's turn yet. A request may keep the next one of its session waiting for as long as `give_way`.
    pub(super) fn new(give_way: Duration) -> Self {
        let receiving = BySession::new(HashMap::new);
        Self(Arc::new(Inner { give_way, receiving, settled: Notify::new() }))
    }

    /// How long a request may keep the next one of its session waiting.
    pub(super) fn give_way(&self) -> Duration {
        self.0.give_way
    }

    /// Notes that a session receives a body, until the turn is dropped.
    pub(super) fn start(&self, session: Guid) -> Turn {
        let give_way = Arc::new(Notify::new());
        self.0.receiving.of(session).insert(session, Arc::clone(&give_way));
        Turn { turns: self.clone(), session, give_way }
    }

    /// Tells everybody who waits that something has settled.
    pub(super) fn settle(&self) {
        self.0.settled.notify_waiters();
    }

    /// Becomes ready when something has settled after this was called.
    pub(super) fn settled(&self) -> Notified<'_> {
        self.0.settled.notified()
    }

    /// Asks the request whose body this session is receiving to end, and says whether there is one.
    pub(super) fn ask_to_give_way(&self, session: Guid) -> bool {
        let receiving = self.0.receiving.of(session);
        let give_way = receiving.get(&session);
        if let Some(give_way) = give_way {
            give_way.notify_one();
        }
        give_way.is_some()
    }
}

/// One request's time with its session.
pub(super) struct Turn {
    turns: Turns,
    session: Guid,
    give_way: Arc<Notify>,
}

impl Turn {
    /// Becomes ready when another request wants the session.
    pub(super) async fn asked_to_give_way(&self) {
        self.give_way.notified().await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut receiving = self.turns.0.receiving.of(self.session);
        if receiving.get(&self.session).is_some_and(|one| Arc::ptr_eq(one, &self.give_way)) {
            receiving.remove(&self.session);
        }
    }
}

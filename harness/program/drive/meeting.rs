//! Lanes side by side, and where they wait for each other.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use tokio::sync::watch;

/// A place where the lanes of a block wait until all have come. One that has come to its end is not waited for, so that
/// nobody waits for ever.
pub(super) struct Meeting {
    count: Mutex<Count>,
    /// How often all have met.
    met: watch::Sender<u64>,
}

struct Count {
    lanes: usize,
    waiting: usize,
}

impl Meeting {
    /// A place for so many lanes.
    pub(super) fn of(lanes: usize) -> Self {
        Self { count: Mutex::new(Count { lanes, waiting: 0 }), met: watch::Sender::new(0) }
    }

    /// Waits for all others.
    pub(super) async fn arrive(&self) {
        let mut met = self.met.subscribe();
        let before = {
            let mut count = self.lock();
            count.waiting += 1;
            let before = *self.met.borrow();
            self.go_on(&mut count);
            before
        };
        // The sender is here as long as anybody waits.
        let _ = met.wait_for(|met| *met > before).await;
    }

    /// One lane less to wait for.
    pub(super) fn leave(&self) {
        let mut count = self.lock();
        count.lanes = count.lanes.saturating_sub(1);
        self.go_on(&mut count);
    }

    fn go_on(&self, count: &mut Count) {
        if count.waiting > 0 && count.waiting >= count.lanes {
            count.waiting = 0;
            self.met.send_modify(|met| *met += 1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does all of it at once, until everything is done or the first failure; what is not done then is given up.
pub(super) async fn together<E, F>(work: impl Iterator<Item = F>) -> Result<(), E>
where
    F: Future<Output = Result<(), E>> + Send,
{
    let mut work: Vec<Pin<Box<F>>> = work.map(Box::pin).collect();
    poll_fn(|context| {
        let mut failed = None;
        work.retain_mut(|one| match one.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(Ok(())) => false,
            Poll::Ready(Err(error)) => {
                failed.get_or_insert(error);
                false
            }
        });
        match failed {
            Some(error) => Poll::Ready(Err(error)),
            None if work.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lanes_wait_for_each_other_and_not_for_those_that_are_gone() {
        let (meeting, log) = (Meeting::of(3), Mutex::new(Vec::new()));
        let note = |what| log.lock().unwrap().push(what);
        let lane = |number: u32| {
            let (meeting, note) = (&meeting, &note);
            async move {
                note((number, "before"));
                meeting.arrive().await;
                note((number, "between"));
                if number < 3 {
                    meeting.arrive().await;
                    note((number, "after"));
                }
                meeting.leave();
                Ok::<(), ()>(())
            }
        };
        assert_eq!(together([lane(1), lane(2), lane(3)].into_iter()).await, Ok(()));
        let log: Vec<&str> = log.into_inner().unwrap().into_iter().map(|(_, what)| what).collect();
        let mut sorted = log.clone();
        sorted.sort_by_key(|what| ["before", "between", "after"].iter().position(|it| it == what));
        assert_eq!((log.len(), log), (8, sorted));
    }

    #[tokio::test]
    async fn the_first_failure_ends_all() {
        let lane = |number: u32| async move {
            if number == 2 {
                return Err(number);
            }
            std::future::pending::<()>().await;
            Ok(())
        };
        assert_eq!(together([lane(1), lane(2)].into_iter()).await, Err(2));
    }
}

//! Going on at once with what wakes itself.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use tokio::task::coop;

/// A future that goes on at once if it has woken itself: the two ends of a body are in the same task, and each piece that
/// one hands over wakes the other. By way of the scheduler all other connections would have their turn between two pieces,
/// and the memory and the caches of the machine would have to hold a piece of each.
pub(super) struct Brisk<F> {
    work: Pin<Box<F>>,
    bell: Arc<Bell>,
    waker: Waker,
}

/// Who rings is told apart: whoever does it while the work is being done need not call anybody.
struct Bell {
    state: AtomicU8,
    outside: Mutex<Option<Waker>>,
}

/// Nobody works, and a ring has to call somebody.
const RESTING: u8 = 0;
const WORKING: u8 = 1;
/// There is more to do.
const RUNG: u8 = 2;

impl<F: Future> Brisk<F> {
    pub(super) fn new(work: F) -> Self {
        let bell = Arc::new(Bell { state: AtomicU8::new(RESTING), outside: Mutex::default() });
        Self { work: Box::pin(work), waker: Waker::from(Arc::clone(&bell)), bell }
    }
}

impl Bell {
    /// Whom to call from now on.
    fn answers_to(&self, waker: &Waker) {
        let mut outside = self.outside.lock().unwrap_or_else(PoisonError::into_inner);
        if !outside.as_ref().is_some_and(|outside| outside.will_wake(waker)) {
            *outside = Some(waker.clone());
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(RUNG, Ordering::AcqRel) == RESTING {
            let outside = self.outside.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(outside) = outside {
                outside.wake();
            }
        }
    }
}

impl<F: Future> Future for Brisk<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        this.bell.answers_to(context.waker());
        loop {
            // Not a plain store: what was done before a ring that this takes back has to be seen by the work.
            this.bell.state.swap(WORKING, Ordering::AcqRel);
            let polled = this.work.as_mut().poll(&mut Context::from_waker(&this.waker));
            if polled.is_ready() {
                return polled;
            }
            // Fails if somebody rang meanwhile.
            let (done, rung) = (Ordering::AcqRel, Ordering::Acquire);
            if this.bell.state.compare_exchange(WORKING, RESTING, done, rung).is_ok() {
                return Poll::Pending;
            }
            // Others want a turn as well.
            if !coop::has_budget_remaining() {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, sync::atomic::AtomicUsize};

    use super::*;

    #[derive(Default)]
    struct Calls(AtomicUsize);

    impl Wake for Calls {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Wakes itself so many times.
    fn restless(times: usize) -> impl Future<Output = usize> {
        let mut polls = 0;
        poll_fn(move |context| {
            polls += 1;
            if polls > times {
                return Poll::Ready(polls);
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
    }

    #[test]
    fn what_wakes_itself_goes_on_without_a_call() {
        let calls = Arc::new(Calls::default());
        let waker = Waker::from(Arc::clone(&calls));
        let mut brisk = std::pin::pin!(Brisk::new(restless(9)));
        assert_eq!(brisk.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(10));
        assert_eq!(calls.0.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn whoever_wakes_it_while_it_rests_calls_once() {
        let calls = Arc::new(Calls::default());
        let waker = Waker::from(Arc::clone(&calls));
        let (tell, mut told) = tokio::sync::mpsc::channel(8);
        let mut brisk = std::pin::pin!(Brisk::new(async move {
            let mut sum = 0;
            while let Some(number) = told.recv().await {
                sum += number;
            }
            sum
        }));
        let mut poll = || brisk.as_mut().poll(&mut Context::from_waker(&waker));
        assert_eq!(poll(), Poll::Pending);
        tell.try_send(1).unwrap();
        tell.try_send(2).unwrap();
        assert_eq!(calls.0.load(Ordering::Relaxed), 1);
        assert_eq!(poll(), Poll::Pending);
        drop(tell);
        assert_eq!(calls.0.load(Ordering::Relaxed), 2);
        assert_eq!(poll(), Poll::Ready(3));
    }

    #[tokio::test]
    async fn what_never_rests_lets_others_have_their_turn() {
        let restless = tokio::spawn(Brisk::new(async {
            loop {
                tokio::task::yield_now().await;
                coop::consume_budget().await;
            }
        }));
        tokio::task::yield_now().await;
        restless.abort();
        assert!(restless.await.unwrap_err().is_cancelled());
    }
}

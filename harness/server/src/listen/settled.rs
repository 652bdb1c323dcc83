//! A request is settled even if its connection is gone.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::runtime::Handle;

/// Work that goes on in a task of its own once nobody waits for it any more. As long as somebody does it needs none, and so
/// no two tasks have to wake each other for each piece of a body.
pub(super) struct Settled<F>(Option<Pin<Box<F>>>)
where
    F: Future<Output: Send> + Send + 'static;

impl<F: Future<Output: Send> + Send + 'static> Settled<F> {
    pub(super) fn new(work: F) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<F: Future<Output: Send> + Send + 'static> Future for Settled<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // Taken out, so that what has panicked is not gone on with.
        let mut work = self.0.take().expect("nobody polls what is ready");
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.0 = Some(work);
        }
        polled
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for Settled<F> {
    fn drop(&mut self) {
        // Where no runtime is left, nobody is left who could ask for the rest.
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_is_done_all_the_same() {
        let (begin, begun) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let mut settled = Settled::new(async move {
            begun.await.unwrap();
            tell.send(7).unwrap();
        });
        tokio::select! {
            biased;
            () = &mut settled => panic!("nothing has begun"),
            () = async {} => drop(settled),
        }
        begin.send(()).unwrap();
        assert_eq!(told.await, Ok(7));
    }
}

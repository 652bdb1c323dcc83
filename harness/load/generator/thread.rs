//! One thread: the connections that fall to it, and what it used meanwhile.

use std::{
    cell::{Cell as Slot, RefCell},
    io,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Runtime},
    task::LocalSet,
};

use super::{Shared, Stop, connection::Connection, draft::Draft, worker::Worker};
use crate::{
    load::{
        record::{Recorder, Trouble},
        usage,
        work::Target,
    },
    wire::PacketType,
};

/// A runtime for this thread alone.
pub(super) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Works every connection whose number leaves `number` when divided by `threads`.
pub(super) fn run(
    shared: &Arc<Shared>,
    number: usize,
    threads: usize,
    mut stop: Stop,
) -> io::Result<(Recorder, Option<Duration>)> {
    let recorder = Rc::new(RefCell::new(Recorder::default()));
    let local = LocalSet::new();
    let runtime = runtime()?;
    let before = Rc::new(Slot::new(usage::of_this_thread()));
    let used = local.block_on(&runtime, async {
        let sample = Rc::clone(&before);
        let from = shared.from;
        let clock = tokio::task::spawn_local(async move {
            tokio::time::sleep_until(from.into()).await;
            sample.set(usage::of_this_thread());
        });
        let workers = (number..shared.cell.connections).step_by(threads).map(|connection| {
            let worker = Worker::new(Arc::clone(shared), Rc::clone(&recorder), connection);
            tokio::task::spawn_local(worker.run())
        });
        let workers: Vec<_> = workers.collect();
        let over = async {
            for worker in workers {
                // A worker that fell over has said so on stderr; the others go on.
                _ = worker.await;
            }
        };
        tokio::select! {
            () = over => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
        clock.abort();
        usage::of_this_thread()
    });
    drop(local);
    let recorder = recorder.replace(Recorder::default());
    Ok((recorder, used.zip(before.get()).map(|(after, before)| after.saturating_sub(before))))
}

/// Opens a session and cancels it, to see whether uploads are taken at all.
///
/// # Errors
///
/// What went wrong.
pub fn greet(target: &Target, name: &str, patience: Duration) -> io::Result<Result<(), Trouble>> {
    Ok(runtime()?.block_on(async {
        let mut connection = Connection::open(target.address, patience).await?;
        let mut draft = Draft::new();
        draft.begin(target, &format!("{}{name}", target.base));
        let answer = connection.exchange(draft.create(), &[]).await?;
        if !matches!(answer.head.status, 200 | 201) {
            return Err(Trouble::Status(answer.head.status));
        }
        let id = connection.session_of(&answer).ok_or(Trouble::NoSession)?.to_vec();
        draft.name_session(&id);
        if !answer.head.closes {
            connection.exchange(draft.ending(&PacketType::CancelSession), &[]).await?;
        }
        Ok(())
    }))
}

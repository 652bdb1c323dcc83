//! One thread: the connections that fall to it, and what it used meanwhile.

use std::{
    io,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bits_wire::PacketType;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};

use super::{Shared, Stop, connection::Connection, draft::Draft, worker::Worker};
use crate::load::{
    record::{Recorder, Trouble},
    usage,
    work::Target,
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
    let recorder = Arc::new(Mutex::new(Recorder::default()));
    let runtime = runtime()?;
    let (before, after) = runtime.block_on(async {
        let mut workers = JoinSet::new();
        for connection in (number..shared.cell.connections).step_by(threads) {
            workers.spawn(Worker::new(Arc::clone(shared), Arc::clone(&recorder), connection).run());
        }
        let mut before = usage::of_this_thread();
        let mut warm_up = pin!(tokio::time::sleep_until(shared.from.into()));
        loop {
            tokio::select! {
                () = &mut warm_up, if !warm_up.is_elapsed() => before = usage::of_this_thread(),
                // A worker that fell over has said so on stderr; the others go on.
                ended = workers.join_next() => if ended.is_none() { break },
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        (before, usage::of_this_thread())
    });
    drop(runtime);
    let recorder = std::mem::take(&mut *recorder.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((recorder, after.zip(before).map(|(after, before)| after.saturating_sub(before))))
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

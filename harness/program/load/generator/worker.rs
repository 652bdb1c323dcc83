//! One connection at work: its sessions take turns, an exchange each.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bits_wire::PacketType;

use super::{
    Shared,
    connection::{Answer, Connection},
    pace::Schedule,
    slot::{Slot, Stage},
};
use crate::load::{
    record::{Live, Recorder, Timed, Trouble},
    work::Names,
};

/// So many failures one after the other, and the connection is given up.
const MOST_FAILURES: u32 = 8;

/// How long what is open at the end may take to be cancelled.
const CLEANUP: Duration = Duration::from_secs(2);

/// One connection at work.
pub(super) struct Worker {
    shared: Arc<Shared>,
    recorder: Arc<Mutex<Recorder>>,
    connection: Option<Connection>,
    slots: Vec<Slot>,
    failures: u32,
    /// Since when nothing is under way.
    free: Instant,
}

/// What a session did when it was its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Done,
    /// There is nothing to do any more.
    Nothing,
}

impl Worker {
    pub(super) fn new(shared: Arc<Shared>, recorder: Arc<Mutex<Recorder>>, number: usize) -> Self {
        let sessions = shared.cell.sessions;
        let slots = (0..sessions).map(|slot| Slot::new(number * sessions + slot)).collect();
        let free = Instant::now();
        Self { shared, recorder, connection: None, slots, failures: 0, free }
    }

    /// Works until it is over, or given up.
    pub(super) async fn run(mut self) {
        loop {
            let mut idle = true;
            for at in 0..self.slots.len() {
                let now = Instant::now();
                if self.shared.is_over(now) {
                    return self.clean_up().await;
                }
                match self.step(at, now).await {
                    Ok(Step::Done) => {
                        self.failures = 0;
                        idle = false;
                    }
                    Ok(Step::Nothing) => {}
                    Err(trouble) => {
                        idle = false;
                        self.give_up(at, trouble).await;
                        if self.failures >= MOST_FAILURES {
                            return;
                        }
                    }
                }
            }
            if idle {
                return self.clean_up().await;
            }
        }
    }

    /// Takes the next step of a session; it is `now`.
    async fn step(&mut self, at: usize, now: Instant) -> Result<Step, Trouble> {
        match self.slots[at].stage {
            Stage::Free => self.create(at, now).await,
            Stage::At(next) => self.fragment(at, next, now).await,
            Stage::Full => self.end(at, now).await,
        }
    }

    /// That of the thread, on which all who keep something in it take turns.
    fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn create(&mut self, at: usize, now: Instant) -> Result<Step, Trouble> {
        let shared = Arc::clone(&self.shared);
        if !shared.may_begin(now) {
            return Ok(Step::Nothing);
        }
        let Some(start) = self.turn(shared.sessions.as_ref(), now).await else {
            return Ok(Step::Nothing);
        };
        let slot = &mut self.slots[at];
        slot.began = start;
        slot.counts = shared.uploads_left.is_none() || now >= shared.from;
        slot.begin(&shared.target, &shared.manner);
        self.connect().await?;
        let (slot, connection) = self.parts(at);
        let answer = connection.exchange(slot.draft.create(), &[]).await?;
        let id = connection.session_of(&answer).filter(|_| answer.head.status < 300);
        if let Some(id) = id {
            slot.draft.name_session(id);
            slot.stage = Stage::At(0);
        }
        self.settle(&answer)?;
        if self.slots[at].stage == Stage::Free {
            return Err(Trouble::NoSession);
        }
        self.note(at, Timed::Create, start);
        Ok(Step::Done)
    }

    async fn fragment(&mut self, at: usize, next: u64, now: Instant) -> Result<Step, Trouble> {
        let shared = Arc::clone(&self.shared);
        let Some(start) = self.turn(shared.fragments.as_ref(), now).await else {
            return Ok(Step::Nothing);
        };
        let range = Slot::range(next, shared.cell.fragment.0, shared.cell.file_size.0);
        let length = usize::try_from(range.length()).unwrap_or(usize::MAX);
        self.connect().await?;
        let (slot, connection) = self.parts(at);
        let answer =
            connection.exchange(slot.draft.fragment(range), &shared.payload[..length]).await?;
        let received = answer.head.received;
        self.settle(&answer)?;
        if received != Some(range.last + 1) {
            return Err(Trouble::Offset);
        }
        self.slots[at].stage =
            if range.is_final() { Stage::Full } else { Stage::At(range.last + 1) };
        if self.note(at, Timed::Fragment, start) {
            let mut recorder = self.recorder();
            recorder.fragments += 1;
            recorder.bytes += range.length();
        }
        Live::count(&shared.live.fragments, 1);
        Live::count(&shared.live.bytes, range.length());
        Ok(Step::Done)
    }

    /// Closes a session, or cancels it if the target has been given enough files.
    async fn end(&mut self, at: usize, start: Instant) -> Result<Step, Trouble> {
        let shared = Arc::clone(&self.shared);
        let again = shared.manner.names == Names::Again && self.slots[at].published;
        let closes = again || shared.may_publish(shared.cell.file_size.0);
        let (kind, timed) = match closes {
            true => (PacketType::CloseSession, Timed::Close),
            false => (PacketType::CancelSession, Timed::Cancel),
        };
        self.connect().await?;
        let (slot, connection) = self.parts(at);
        let answer = connection.exchange(slot.draft.ending(&kind), &[]).await?;
        self.settle(&answer)?;
        let slot = &mut self.slots[at];
        slot.stage = Stage::Free;
        slot.published |= closes;
        let began = slot.began;
        if self.note(at, timed, start) {
            let mut recorder = self.recorder();
            if closes {
                recorder.uploads += 1;
                recorder.time(Timed::Published, began.elapsed());
            } else {
                recorder.cancelled += 1;
            }
        }
        Live::count(&shared.live.uploads, 1);
        Ok(Step::Done)
    }

    /// Waits for the next turn of an open loop, and says from when its time counts; nothing if it comes too late.
    async fn turn(&mut self, schedule: Option<&Schedule>, now: Instant) -> Option<Instant> {
        let Some(schedule) = schedule else { return Some(now) };
        let turn = schedule.take();
        if self.shared.is_over(turn.due) {
            return None;
        }
        let free = self.free;
        if turn.due > now {
            tokio::time::sleep_until(turn.due.into()).await;
        }
        let (start, late) = turn.start(free, Instant::now().max(turn.due));
        if let Some(late) = late {
            self.recorder().time(Timed::Late, late);
        }
        Some(start)
    }

    async fn connect(&mut self) -> Result<(), Trouble> {
        if self.connection.is_none() {
            let start = Instant::now();
            let (address, patience) = (self.shared.target.address, self.shared.manner.timeout);
            self.connection = Some(Connection::open(address, patience).await?);
            self.recorder().time(Timed::Connect, start.elapsed());
        }
        Ok(())
    }

    fn parts(&mut self, at: usize) -> (&mut Slot, &mut Connection) {
        let connection = self.connection.as_mut().expect("connect comes before");
        (&mut self.slots[at], connection)
    }

    /// Looks at what every answer has.
    fn settle(&mut self, answer: &Answer) -> Result<(), Trouble> {
        self.free = Instant::now();
        if answer.head.closes {
            self.connection = None;
        }
        match answer.head.status {
            200 | 201 => Ok(()),
            status => Err(Trouble::Status(status)),
        }
    }

    /// Keeps how long something took that has just ended, if it counts.
    fn note(&self, at: usize, what: Timed, start: Instant) -> bool {
        let now = self.free;
        let counts = self.slots[at].counts && self.shared.counts(now);
        if counts {
            let mut recorder = self.recorder();
            recorder.time(what, now.saturating_duration_since(start));
            recorder.last = Some(now);
        }
        counts
    }

    /// Counts what went wrong, ends the session and waits a little, so that a server that is gone is not hammered.
    async fn give_up(&mut self, at: usize, trouble: Trouble) {
        self.failures += 1;
        self.recorder().fail(trouble);
        Live::count(&self.shared.live.errors, 1);
        if trouble.ends_connection() {
            self.connection = None;
        }
        self.abandon(at).await;
        self.free = Instant::now();
        if self.failures > 1 {
            let pause = Duration::from_millis(5) * 2_u32.pow(self.failures.min(8));
            tokio::time::sleep(pause).await;
        }
    }

    /// Cancels a session of which nothing more is wanted; what becomes of it does not count.
    async fn abandon(&mut self, at: usize) {
        if std::mem::replace(&mut self.slots[at].stage, Stage::Free) == Stage::Free {
            return;
        }
        self.recorder().abandoned += 1;
        let Some(connection) = &mut self.connection else { return };
        let head = self.slots[at].draft.ending(&PacketType::CancelSession);
        match tokio::time::timeout(CLEANUP, connection.exchange(head, &[])).await {
            Ok(Ok(answer)) if !answer.head.closes => {}
            _ => self.connection = None,
        }
    }

    async fn clean_up(mut self) {
        for at in 0..self.slots.len() {
            if self.slots[at].stage != Stage::Free {
                self.abandon(at).await;
                // That the time is over is nobody's failure.
                self.recorder().abandoned -= 1;
            }
        }
    }
}

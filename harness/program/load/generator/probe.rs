//! What a refusal and a resume cost, one at a time on an idle server.

use std::{io, sync::Arc, time::Instant};

use bits_wire::{ContentRange, PacketType};

use super::{Stop, connection::Connection, draft::Draft, slot::Slot, thread::runtime};
use crate::load::{
    record::{Recorder, Timed, Trouble},
    work::{Cell, Manner, Target},
};

/// Breaks `times` connections in the middle of a fragment, and times what it takes to go on: a new connection, a fragment
/// that begins beyond the wanted byte, the 416 that names it, and the fragment that begins there.
///
/// # Errors
///
/// If a runtime cannot be started; what goes wrong with the target is recorded.
pub(in crate::load) fn probe(
    times: u32,
    cell: &Cell,
    manner: &Manner,
    target: &Target,
    payload: &Arc<[u8]>,
    mut stop: Stop,
) -> io::Result<Recorder> {
    let runtime = runtime()?;
    let mut probe = Probe {
        target,
        manner,
        payload,
        fragment: cell.fragment.0,
        total: cell.fragment.0.saturating_mul(u64::from(times) + 2),
        draft: Draft::new(),
        recorder: Recorder::default(),
    };
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = probe.run(times) => ended,
            _ = stop.wait_for(|stop| *stop) => Ok(()),
        }
    });
    if let Err(trouble) = ended {
        probe.recorder.fail(trouble);
    }
    Ok(probe.recorder)
}

struct Probe<'a> {
    target: &'a Target,
    manner: &'a Manner,
    payload: &'a [u8],
    fragment: u64,
    total: u64,
    draft: Draft,
    recorder: Recorder,
}

impl Probe<'_> {
    async fn run(&mut self, times: u32) -> Result<(), Trouble> {
        let mut connection = self.connect().await?;
        self.draft.begin(self.target, &format!("{}{}probe", self.target.base, self.manner.prefix));
        let answer = connection.exchange(self.draft.create(), &[]).await?;
        expect(answer.head.status, 200)?;
        let id = connection.session_of(&answer).ok_or(Trouble::NoSession)?.to_vec();
        self.draft.name_session(&id);
        if answer.head.closes {
            connection = self.connect().await?;
        }
        let mut next = 0;
        for _ in 0..times {
            (connection, next) = self.resume(connection, next).await?;
        }
        connection.exchange(self.draft.ending(&PacketType::CancelSession), &[]).await?;
        Ok(())
    }

    async fn resume(
        &mut self,
        mut connection: Connection,
        next: u64,
    ) -> Result<(Connection, u64), Trouble> {
        let range = Slot::range(next, self.fragment, self.total);
        let half = &self.payload[..length(range) / 2];
        connection.send_only(self.draft.fragment(range), half).await?;
        drop(connection);
        let start = Instant::now();
        let mut connection = self.connect().await?;
        let beyond = Slot::range(next + self.fragment, self.fragment, self.total);
        let (head, body) = (self.draft.fragment(beyond), &self.payload[..length(beyond)]);
        let asked = Instant::now();
        let answer = connection.exchange(head, body).await?;
        expect(answer.head.status, 416)?;
        self.recorder.time(Timed::Refused, asked.elapsed());
        if answer.head.closes {
            connection = self.connect().await?;
        }
        let wanted = answer.head.received.filter(|it| *it < self.total).ok_or(Trouble::Offset)?;
        let range = Slot::range(wanted, self.fragment, self.total);
        let (head, body) = (self.draft.fragment(range), &self.payload[..length(range)]);
        let answer = connection.exchange(head, body).await?;
        expect(answer.head.status, 200)?;
        self.recorder.time(Timed::Resume, start.elapsed());
        if answer.head.closes {
            connection = self.connect().await?;
        }
        Ok((connection, range.last + 1))
    }

    async fn connect(&self) -> Result<Connection, Trouble> {
        Connection::open(self.target.address, self.manner.timeout).await
    }
}

fn length(range: ContentRange) -> usize {
    usize::try_from(range.length()).unwrap_or(usize::MAX)
}

const fn expect(status: u16, wanted: u16) -> Result<(), Trouble> {
    if status == wanted { Ok(()) } else { Err(Trouble::Status(status)) }
}

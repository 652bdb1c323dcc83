//! Connections that have each had an answer and stay open.

use std::time::Duration;

use bits_judge::transcript::Received;

use super::{
    figures::{Kind, Measured, Verdict},
    ground::{Ground, is_success, refusal},
    search::{Attempt, Supply, search},
};
use crate::drive::{Line, pause};

/// Measures how many connections there may be.
pub(super) async fn connections(ground: &mut Ground<'_>, most: u64) -> Measured {
    let mut held = HeldConnections { ground, open: Vec::new() };
    let mut measured = search(&mut held, most).await.of(Kind::Connections);
    let lost = held.open.iter_mut().map(|line| u64::from(!line.is_open())).sum::<u64>();
    if lost > 0 {
        measured.notes.push(format!(
            "the target closed {lost} of those that it had answered before the others were asked for"
        ));
        // What it closes to make room is never refused.
        if measured.verdict == Verdict::NoneFound {
            measured.verdict = Verdict::Unsteady;
        }
    }
    for line in held.open {
        line.close().await;
    }
    measured
}

struct HeldConnections<'g, 'd> {
    ground: &'g mut Ground<'d>,
    open: Vec<Line<'d>>,
}

impl Supply for HeldConnections<'_, '_> {
    async fn open(&mut self) -> Attempt {
        let mut line = self.ground.driver.line();
        let received = match self.ground.ping(&mut line).await {
            Ok(received) => received,
            Err(denied) => return denied.into(),
        };
        match &received {
            Received::Answer(answer) if is_success(answer) => {}
            _ => {
                line.close().await;
                return Attempt::Refused(refusal(&received));
            }
        }
        if !line.is_open() {
            return Attempt::Own(
                "the target closes each connection after its answer, so none can be held".into(),
            );
        }
        self.open.push(line);
        Attempt::Taken
    }

    async fn release(&mut self) -> Result<(), String> {
        if let Some(line) = self.open.pop() {
            line.close().await;
        }
        Ok(())
    }

    async fn pause(&mut self, time: Duration) {
        pause(time).await;
    }

    fn go_on(&mut self, taken: u64) -> bool {
        self.ground.live.go_on(taken)
    }
}

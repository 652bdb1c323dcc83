//! When a plan is given up, and when it is no verdict although it was carried out.

use std::time::Duration;

use bits_judge::transcript::{Answer, Exchange, Received, Silence};

use super::Broken;

/// How many requests in a row may run into the timeout before a plan is given up.
const MOST_SILENCE: usize = 3;

/// How many bytes of an answer are kept without counting them: more than any usual one has.
const USUAL_ANSWER: usize = 2048;

/// How many bytes of unusually long answers a transcript takes before the plan is given up.
const MOST_EXCESS: usize = 8 << 20;

/// What a plan has borne so far.
pub(super) struct Patience {
    timeout: Duration,
    /// How many bytes beyond what is usual may be kept.
    most_excess: usize,
    /// How many of the latest requests ran into the timeout.
    silent: usize,
    /// Bytes that the transcript keeps of answers beyond what is usual.
    excess: usize,
    /// How the server first asked for credentials of which there are none.
    turned_away: Option<String>,
}

impl Patience {
    /// That of one of so many lanes, which share the room that a plan has.
    pub(super) fn new(timeout: Duration, lanes: u32) -> Self {
        let most_excess = MOST_EXCESS / lanes.max(1) as usize;
        Self { timeout, most_excess, silent: 0, excess: 0, turned_away: None }
    }

    /// Takes an exchange into account.
    pub(super) fn bear(&mut self, exchange: &Exchange) {
        let is_silent = match &exchange.received {
            Received::Nothing(silence) => *silence == Silence::TimedOut,
            Received::Answer(answer) => !answer.body.complete && exchange.took >= self.timeout,
        };
        self.silent = if is_silent { self.silent + 1 } else { 0 };
        if let Some(answer) = exchange.answer() {
            self.excess += answer.kept().saturating_sub(USUAL_ANSWER);
        }
    }

    /// The server asks for credentials of which there are none.
    pub(super) fn turned_away(&mut self, answer: &Answer) {
        self.turned_away.get_or_insert_with(|| answer.head.status_line());
    }

    /// Whether to go on: waiting for the rest could take hours, and keeping it all the memory that there is.
    pub(super) fn left(&self) -> Result<(), Broken> {
        if self.silent >= MOST_SILENCE {
            return Err(Broken(format!(
                "the target answered {MOST_SILENCE} requests in a row not at all or not to the end in the time allowed"
            )));
        }
        if self.excess > self.most_excess {
            let most = MOST_EXCESS >> 20;
            return Err(Broken(format!(
                "the target's answers are so long that their heads fill {most} MiB"
            )));
        }
        Ok(())
    }

    /// Why there is no verdict, if there is none: what the plan was for shows itself to those who may, and nobody was.
    pub(super) fn regret(self) -> Option<String> {
        let status = self.turned_away?;
        Some(format!(
            "the target asks for credentials that it was not given ({status}); a target file names a user"
        ))
    }
}

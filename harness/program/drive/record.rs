//! The transcript while it is written, by all lanes of a plan.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bits_judge::transcript::{
    Answer, Deletion, Exchange, Notification, Outage, Received, Skipped, Transcript,
};

/// A transcript that several lanes write.
pub(super) struct Record(Mutex<Pages>);

/// What has been written so far.
pub(super) struct Pages {
    transcript: Transcript,
    /// A place for each exchange that has begun.
    exchanges: Vec<Option<Exchange>>,
    /// The latest point of the order.
    point: u64,
}

impl Record {
    pub(super) fn of(transcript: Transcript) -> Self {
        Self(Mutex::new(Pages { transcript, exchanges: Vec::new(), point: 0 }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Pages> {
        // Each call changes the pages in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The transcript, with the calls that came. Exchanges that never ended are left out, and the others numbered anew.
    pub(super) fn end(self, calls: Vec<Notification>) -> Transcript {
        let Pages { mut transcript, exchanges, .. } =
            self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        transcript.exchanges = exchanges.into_iter().flatten().collect();
        transcript.notifications = calls;
        for (number, exchange) in (1..).zip(&mut transcript.exchanges) {
            if exchange.number != number {
                let during = transcript.notifications.iter_mut();
                during
                    .filter(|call| call.during == exchange.number)
                    .for_each(|call| call.during = number);
                exchange.number = number;
            }
        }
        transcript
    }
}

impl Pages {
    /// An exchange begins: its number, and the point at which it does.
    pub(super) fn begin(&mut self) -> (usize, u64) {
        self.exchanges.push(None);
        (self.exchanges.len(), self.point())
    }

    /// The next point of the order.
    pub(super) fn point(&mut self) -> u64 {
        self.point += 1;
        self.point
    }

    /// How many exchanges have begun.
    pub(super) fn begun(&self) -> usize {
        self.exchanges.len()
    }

    /// Writes an exchange down.
    pub(super) fn put(&mut self, exchange: Exchange) {
        if let Some(place) = self.exchanges.get_mut(exchange.number - 1) {
            *place = Some(exchange);
        }
    }

    /// Bytes that came after an exchange although nobody asked for them.
    pub(super) fn surplus(&mut self, number: usize, bytes: Vec<u8>) {
        let place = self.exchanges.get_mut(number - 1).and_then(Option::as_mut);
        if let Some(Received::Answer(answer)) = place.map(|exchange| &mut exchange.received) {
            let room = Answer::MOST_SURPLUS.saturating_sub(answer.surplus.len());
            answer.surplus.extend(bytes.into_iter().take(room));
        }
    }

    pub(super) fn skip(&mut self, skipped: Skipped) {
        self.transcript.skipped.push(skipped);
    }

    pub(super) fn delete(&mut self, deletion: Deletion) {
        self.transcript.deletions.push(deletion);
    }

    /// Something was done to the server; what began earlier stands earlier.
    pub(super) fn outage(&mut self, outage: Outage) {
        self.transcript.outages.push(outage);
        self.transcript.outages.sort_by_key(|outage| outage.order.began);
    }

    /// Why the plan was not carried out to its end; the first reason counts.
    pub(super) fn unfinished(&mut self, reason: String) {
        self.transcript.unfinished.get_or_insert(reason);
    }
}

//! What the answers to fragments teach.

use std::rc::Rc;

use bits_wire::{ContentRange, Payload, names};

use super::Track;
use crate::checks::{
    answered::Answered,
    breach::Breach,
    observed::{Announced, File, Seen, SessionState, is_success},
};

impl Track<'_> {
    pub(super) fn learn_fragment(&mut self, seen: &Seen<'_>) {
        let Some(position) = seen.position else { return };
        if self.sessions[position].state != SessionState::Open {
            return;
        }
        if seen.exchange.answer().is_none() || seen.breaches.contains(&Breach::CutBody) {
            return self.learn_cut(seen, position);
        }
        if seen.breaches == [Breach::AfterCut] {
            return self.settle_cut(seen, position);
        }
        if let Some(answered) = &seen.answered {
            self.sessions[position].answered = Some(answered.clone());
        }
        if !is_success(seen.status()) {
            return self.learn_refused(seen, position);
        }
        let taken = |breach: &Breach| {
            matches!(
                breach,
                Breach::Overlap
                    | Breach::AfterEnd
                    | Breach::LastAgain
                    | Breach::LongUnknownValue
                    | Breach::Limited
                    | Breach::TotalOverMaximum
                    | Breach::ExpiredUnlessRefusalsCount
            )
        };
        // The last fragment may count as sent again and leave a gap all the same.
        let next = self.sessions[position].next;
        let fits = |range: &ContentRange| range.first <= next && seen.breaches.iter().all(taken);
        let Some(range) = seen.range.filter(fits) else { return self.doubt(position) };
        let session = &mut self.sessions[position];
        session.total = session.total.or(Some(range.total));
        if range.last >= session.next {
            let Some(bytes) = session.added(range, &seen.exchange.request.body) else {
                return self.doubt(position);
            };
            session.content.push(bytes);
            session.next = range.last + 1;
        }
        if session.is_complete() {
            self.complete(position);
        }
        self.learn_reply(seen, position);
    }

    /// What was announced before the refusal may stay.
    fn learn_refused(&mut self, seen: &Seen<'_>, position: usize) {
        let session = &mut self.sessions[position];
        let (Some(range), Some(_)) = (seen.range, &seen.answered) else { return };
        if let Some(bytes) = session.added(range, &seen.exchange.request.body) {
            let (first, total) = (session.next, range.total);
            session.announced = Some(Rc::new(Announced { first, bytes, total }));
        }
    }

    /// All bytes of a session are there: what may be seen at its destination from now on.
    fn complete(&mut self, position: usize) {
        let session = &self.sessions[position];
        if let Some(File::Rivals(contents)) = self.files.get_mut(&session.path) {
            // By one text it is there from now on (D7).
            contents.push(session.content.entity());
        } else if !self.is_unknown(&session.path) {
            let before = self.published.get(&session.path).cloned();
            let file = match session.answered.as_deref() {
                Some(Answered::Success(asked)) if !asked.copy => File::Uncopied(before),
                _ => File::Unclosed(session.content.entity(), before),
            };
            self.files.insert(session.path.clone(), file);
        }
    }

    /// How much of a fragment without an Ack counted is for the server to say (U10).
    fn learn_cut(&mut self, seen: &Seen<'_>, position: usize) {
        let session = &mut self.sessions[position];
        let next = seen.range.filter(|range| range.first == session.next);
        let clean = seen.breaches.iter().all(|breach| *breach == Breach::CutBody);
        if next.is_none() || !clean || session.unsure > 0 {
            return self.doubt(position);
        }
        session.unsure = seen.exchange.request.sent;
        session.cut = Some(Rc::new(seen.exchange.request.body.clone()));
    }

    /// The first answer after a cut tells how much of it counted.
    fn settle_cut(&mut self, seen: &Seen<'_>, position: usize) {
        let told = seen
            .answer()
            .and_then(|answer| answer.head.headers.first(names::RECEIVED_CONTENT_RANGE))
            .and_then(|offset| offset.parse::<u64>().ok());
        let (Some(told), Some(range)) = (told, seen.range) else { return self.doubt(position) };
        let session = &mut self.sessions[position];
        let held = match seen.status() {
            416 => told,
            200 if told == range.last + 1 => range.first,
            _ => return self.doubt(position),
        };
        let Some(kept) = held.checked_sub(session.next).filter(|kept| *kept <= session.unsure)
        else {
            return self.doubt(position);
        };
        let was_whole = session.cut.as_ref().is_some_and(|it| it.length() == session.unsure);
        if was_whole && kept == 0 && seen.status() == 416 {
            // All of it was on its way over another connection, and may still come.
            return;
        }
        let part = session.cut.take().map(|body| body.slice(0, kept));
        if let Some(part) = part.filter(|part| *part != Payload::Empty) {
            session.content.push(part);
        }
        session.next = held;
        session.unsure = 0;
        session.total = session.total.or_else(|| (kept > 0).then_some(range.total));
        if seen.status() == 200 {
            session.total = Some(range.total);
            session.content.push(seen.exchange.request.body.clone());
            session.next = told;
            if session.is_complete() {
                self.complete(position);
            }
        }
    }
}

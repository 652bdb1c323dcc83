//! What the ends of sessions teach, and what they leave at their destinations.

use bits_wire::PacketType;

use super::Track;
use crate::checks::{
    answered::Answered,
    breach::Breach,
    observed::{File, Seen, SessionState, is_success, notifies},
};

impl Track<'_> {
    pub(super) fn learn_end(&mut self, seen: &Seen<'_>, kind: &PacketType) {
        let Some(position) = seen.position else { return };
        if self.sessions[position].state != SessionState::Open {
            return;
        }
        let harmless = |breach: &Breach| matches!(breach, Breach::LongUnknownValue);
        match seen.exchange.answer().map(|answer| answer.head.status) {
            None => self.doubt(position),
            Some(status) if !is_success(status) => {
                // A message that was right and is refused nevertheless may have done its work or not.
                if seen.breaches.iter().all(|breach| *breach == Breach::EntityDeleted) {
                    let path = self.sessions[position].path.clone();
                    let was_known = !self.is_unknown(&path);
                    self.doubt(position);
                    if was_known && matches!(status, 403 | 409) {
                        self.settle_refused(&path);
                    }
                }
            }
            Some(_) if !seen.breaches.iter().all(harmless) => self.doubt(position),
            Some(_) if kind == &PacketType::CloseSession => self.close(position, seen.rivals > 1),
            Some(_) => self.cancel(position),
        }
    }

    fn close(&mut self, position: usize, rivals: bool) {
        self.set_state(position, SessionState::Closed);
        let session = &mut self.sessions[position];
        let (path, content) = (session.path.clone(), session.content.entity());
        let (certain, accompanied) = (session.certain, session.accompanied);
        let complete = session.is_complete();
        match accompanied || rivals {
            true => self.accompanied.insert(path.clone()),
            false => self.accompanied.remove(&path),
        };
        let session = &self.sessions[position];
        let file = match (certain && !rivals, complete) {
            (false, true) if rivals => self.of_rivals(&path),
            (false, _) => File::Unknown,
            // What was there before may have stayed.
            (true, false) if self.published.contains_key(&path) || self.is_unknown(&path) => {
                File::Unknown
            }
            (true, false) => File::ClosedEarly(session.total.unwrap_or_default()),
            (true, true) if notifies(self.role) => match session.answered.as_deref() {
                Some(Answered::Success(asked)) if asked.copy => File::Copied(content.clone()),
                Some(Answered::Success(_)) => File::Uncopied(self.published.get(&path).cloned()),
                _ => File::Unknown,
            },
            (true, true) if self.published.contains_key(&path) => File::Settled(content.clone()),
            (true, true) => File::Published(content.clone()),
        };
        if file.content().is_some() {
            self.published.insert(path.clone(), content);
        }
        self.files.insert(path, file);
        self.end_replies(position);
    }

    /// What can be at a place for which several sessions are open, one of which has just been closed.
    fn of_rivals(&self, path: &str) -> File {
        let own: Vec<_> = self.sessions.iter().filter(|session| *session.path == *path).collect();
        if notifies(self.role) || own.iter().any(|session| !session.certain) {
            return File::Unknown;
        }
        let complete = own
            .iter()
            .filter(|session| session.is_complete() && session.state != SessionState::Cancelled);
        let contents = complete.map(|session| session.content.entity());
        File::Rivals(contents.chain(self.published.get(path).cloned()).collect())
    }

    fn cancel(&mut self, position: usize) {
        self.set_state(position, SessionState::Cancelled);
        let session = &mut self.sessions[position];
        let (path, complete) = (session.path.clone(), session.is_complete());
        let content = session.content.entity();
        let others = self.rivals_on(&path) > 0;
        let doubtful = others || self.is_unknown(&path);
        let before = self.published.get(&path).cloned();
        let file = match before {
            _ if doubtful => File::Unknown,
            None if complete => File::CancelledComplete(content),
            None => File::Cancelled,
            Some(_) if complete => File::Unknown,
            Some(before) => File::Settled(before),
        };
        self.files.insert(path, file);
        self.end_replies(position);
    }
}

//! Sessions beside each other, which only a seeded fault asks for.

use bits_wire::Guid;

use super::{Machine, Session};
use crate::paths::Place;

impl Machine {
    /// The session that was opened first for this place, if one is open.
    pub(crate) fn open_at(&self, place: &Place) -> Option<Guid> {
        self.first(|_, row| row.place == *place)
    }

    /// The first other session whose destination has the same name but for what follows its last dot.
    pub(crate) fn neighbour(&self, session: Guid) -> Option<Guid> {
        let own = self.sessions.get(&session)?;
        let (stem, timeout) = (own.place.stem(), self.vdir(&own.place).timeout());
        self.first(|other, row| {
            let lives = own.touched.saturating_sub(row.touched) < timeout;
            other != session && lives && row.place.stem() == stem
        })
    }

    /// Whether there is a session of this id.
    pub(crate) fn knows(&self, session: Guid) -> bool {
        self.sessions.contains_key(&session)
    }

    /// The ids of all sessions, for whoever may list them.
    pub(crate) fn listing(&self) -> String {
        self.sessions.keys().map(|session| format!("{session}\n")).collect()
    }

    fn first(&self, fits: impl Fn(Guid, &Session) -> bool) -> Option<Guid> {
        let fitting = self.sessions.iter().filter(|(session, row)| fits(**session, row));
        fitting.min_by_key(|(session, row)| (row.created, **session)).map(|(session, _)| *session)
    }
}

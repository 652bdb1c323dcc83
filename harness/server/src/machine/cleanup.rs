//! The cleanup runs of directories, which end the most recent sessions beyond their limits.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use bits_wire::Guid;

use super::Machine;
use crate::config::Config;

/// When the cleanup run of each directory came last.
#[derive(Debug, Default)]
pub struct CleanupRuns {
    last: HashMap<usize, Duration>,
    /// When the server began, from which the first of them are counted.
    began: Duration,
}

impl CleanupRuns {
    /// Time counts from now on: no run is due before its interval has passed.
    #[must_use]
    pub fn since(now: Duration) -> Self {
        Self { began: now, ..Self::default() }
    }

    /// The most recent sessions beyond the limits of the directories whose run is due. Users have limits of their own.
    /// `look` shows all machines of a server, one after the other, to what it is given.
    pub fn surplus(
        &mut self,
        config: &Config,
        look: impl Fn(&mut dyn FnMut(&Machine)),
        now: Duration,
    ) -> HashSet<Guid> {
        let mut surplus = HashSet::new();
        for (at, vdir) in config.vdirs.iter().enumerate() {
            let last = self.last.entry(at).or_insert(self.began);
            let due = now.saturating_sub(*last) >= vdir.cleanup.interval();
            let Some(limit) = vdir.session_limit().filter(|_| due) else { continue };
            *last = now;
            let kept = usize::try_from(limit).unwrap_or(usize::MAX);
            let mut of_users: HashMap<_, Vec<_>> = HashMap::new();
            look(&mut |machine| {
                for (session, row) in
                    machine.sessions.iter().filter(|(_, row)| row.place.vdir == at)
                {
                    let own = of_users.entry(row.owner.clone()).or_default();
                    own.push((row.created, *session));
                }
            });
            for mut own in of_users.into_values() {
                own.sort_unstable();
                surplus.extend(own.into_iter().skip(kept).map(|(_, session)| session));
            }
        }
        surplus
    }
}

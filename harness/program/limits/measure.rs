//! One kind after the other, each on a target from which everything else is taken away again.

use bits_judge::plan::DirectoryRole;

use super::{
    connections::connections,
    figures::{Expectation, Figures, Kind, Measured, Preset, Verdict},
    fragments::fragments,
    ground::{Ground, Guest, Live},
    users::sessions,
};
use crate::drive::Driver;

/// A directory in which somebody may upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose users may.
    pub role: DirectoryRole,
    /// Its path, with a slash at its end.
    pub base: String,
}

/// What is measured, and where.
pub struct Conditions<'d> {
    /// What reaches the target.
    pub driver: &'d Driver,
    /// What `Host` says.
    pub host: String,
    /// Where the uploads of the first user go, and of a second one if there is one.
    pub places: Vec<Place>,
    /// What all names begin with.
    pub prefix: String,
    /// What there may be a limit of.
    pub kinds: Vec<Kind>,
    /// What is expected.
    pub presets: Vec<Preset>,
    /// How far to look.
    pub most: u64,
    /// How many connections this process may have, if that is known.
    pub room: Option<u64>,
    /// Where it can be seen how far it is.
    pub live: &'d Live,
}

/// Measures everything that is asked for, or as much as there is time for, and puts everything back.
pub async fn measure(conditions: Conditions<'_>, figures: &mut Figures) {
    let Conditions { driver, host, places, prefix, kinds, presets, most, room, live } = conditions;
    let guest = |place: Place| Guest { caller: driver.caller(place.role), base: place.base };
    let mut ground = Ground {
        driver,
        host,
        guests: places.into_iter().map(guest).collect(),
        prefix,
        live,
        sessions: figures.sessions.clone(),
        names: 0,
        grouped: None,
    };
    let wanted = |kind: Kind| kinds.contains(&kind);
    let of_sessions = wanted(Kind::Sessions) || wanted(Kind::SessionsPerUser);
    if of_sessions && live.begin(Kind::Sessions) {
        let (all, own) = sessions(&mut ground, most).await;
        figures.limits.extend([all, own].into_iter().filter(|measured| wanted(measured.kind)));
    }
    for kind in [Kind::Connections, Kind::Fragments] {
        if wanted(kind) && live.begin(kind) {
            figures.limits.push(within(&mut ground, kind, most, room).await);
        }
    }
    for preset in presets {
        if live.begin(Kind::Fragments) {
            figures.presets.push(expect(&mut ground, preset, room).await);
        }
    }
    figures.sessions = ground.sessions;
}

/// Measures what takes connections, of which this process may not have as many as are asked for.
async fn within(ground: &mut Ground<'_>, kind: Kind, most: u64, room: Option<u64>) -> Measured {
    let far = room.map_or(most, |room| room.min(most));
    let mut measured = match kind {
        Kind::Connections => connections(ground, far).await,
        _ => fragments(ground, far).await,
    };
    if measured.verdict == Verdict::NoneFound && far < most {
        measured.notes.push(format!(
            "this process may not have open files for {most}; raise the limit with `ulimit -n`"
        ));
    }
    measured
}

/// Tries whether as many transfers at once are taken as somebody expects.
async fn expect(ground: &mut Ground<'_>, preset: Preset, room: Option<u64>) -> Expectation {
    let (groups, transfers) = preset.size();
    ground.names = 0;
    ground.grouped = Some(transfers);
    let prefix = format!("{}{}.", ground.prefix, preset.as_str());
    let before = std::mem::replace(&mut ground.prefix, prefix);
    let measured = within(ground, Kind::Fragments, groups * transfers, room).await;
    ground.grouped = None;
    ground.prefix = before;
    let met = match measured.verdict {
        Verdict::NoneFound => Some(measured.taken == groups * transfers),
        Verdict::Stopped => None,
        _ if measured.beyond.is_some() => Some(false),
        _ => None,
    };
    Expectation { preset: preset.as_str().into(), groups, transfers, met, measured }
}

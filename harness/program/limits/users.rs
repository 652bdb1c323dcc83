//! Tells the limit of all sessions from that of one user's, with the help of a second user.

use std::time::Duration;

use super::{
    figures::{Kind, Measured, Recovery, Verdict},
    ground::Ground,
    search::{Attempt, Search, Supply, search},
    sessions::OpenSessions,
};

/// The guests by their places: the one who comes first, and the one who helps.
const FIRST: usize = 0;
const SECOND: usize = 1;

/// How long the second user waits each time to take the place of a session that has ended.
const WAITS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
];

/// Measures how many sessions there may be in all and of one user.
pub(super) async fn sessions(ground: &mut Ground<'_>, most: u64) -> (Measured, Measured) {
    let gone = ground.sessions.gone;
    let mut open = OpenSessions::new(ground);
    let first = search(&mut open, most).await;
    let (mut all, mut own) = match open.ground.guests.len() > SECOND {
        true => tell_apart(&mut open, first, most).await,
        false => (alone(first, UNTOLD), Measured::not(Kind::SessionsPerUser, NO_SECOND)),
    };
    let gone = open.put_back().await - gone;
    for measured in [&mut all, &mut own].into_iter().filter(|_| gone > 0) {
        measured.notes.push(format!("{gone} were gone before they were cancelled"));
        // Those that end by themselves make room for others.
        if measured.verdict == Verdict::NoneFound {
            measured.verdict = Verdict::Unsteady;
        }
    }
    (all, own)
}

/// What is said of a limit that one user alone has met.
const UNTOLD: &str =
    "as one user sees it: a limit on the sessions of each user would look the same";

/// Why nothing is said of the limit of one user.
const NO_SECOND: &str = "it takes two users to tell it from the limit of all sessions, and no second one is known; a \
                         target file names users in [target] and [target.accounts]";

/// What one user alone shows.
fn alone(first: Search, note: &str) -> Measured {
    let mut all = first.of(Kind::Sessions);
    if all.verdict == Verdict::Limit {
        all.notes.push(note.into());
    }
    all
}

async fn tell_apart(
    open: &mut OpenSessions<'_, '_>,
    first: Search,
    most: u64,
) -> (Measured, Measured) {
    if first.verdict != Verdict::Limit {
        return (first.clone().of(Kind::Sessions), first.of(Kind::SessionsPerUser));
    }
    open.who = SECOND;
    let attempt = open.open().await;
    let name = |guest: usize| open.ground.guests[guest].caller.name();
    if name(FIRST) == name(SECOND) {
        let why = "the target takes both users for the same one";
        return (alone(first, UNTOLD), Measured::not(Kind::SessionsPerUser, why));
    }
    match attempt {
        Attempt::Taken => one_beside_the_other(open, first, most).await,
        _ => both_together(open, first).await,
    }
}

/// The second user is refused as well: is there no room, or would it be refused in any case?
async fn both_together(open: &mut OpenSessions<'_, '_>, first: Search) -> (Measured, Measured) {
    match takes_the_place(open).await {
        Attempt::Taken => {
            let limit = first.taken;
            let mut own = Measured::not(
                Kind::SessionsPerUser,
                "the limit of all sessions comes first; whether a user may have more is not known",
            );
            (own.verdict, own.taken) = (Verdict::AtLeast, limit);
            (first.of(Kind::Sessions), own)
        }
        refused => {
            let why = match refused {
                Attempt::Refused(refusal) | Attempt::InTheWay(_, refusal) => refusal.to_string(),
                Attempt::Own(why) => why,
                Attempt::Taken => String::new(),
            };
            let why = format!("the second user is refused although there is room: {why}");
            (alone(first, UNTOLD), Measured::not(Kind::SessionsPerUser, why))
        }
    }
}

/// The second user is taken where the first one is not: the limit is one user's. Both together may find that of all.
async fn one_beside_the_other(
    open: &mut OpenSessions<'_, '_>,
    first: Search,
    most: u64,
) -> (Measured, Measured) {
    let tried = first.tried;
    let mut own = first.of(Kind::SessionsPerUser);
    own.notes.push(match open.ground.guests[FIRST].caller.name() {
        Some(name) => format!("of the user {name}"),
        None => "of all who are not asked who they are".into(),
    });
    if let Err(why) = open.release().await {
        return (Measured::not(Kind::Sessions, why), own);
    }
    let second = search(open, most).await;
    let mut all = second.of(Kind::Sessions);
    all.tried += tried;
    if all.verdict == Verdict::Limit && takes_the_place(open).await != Attempt::Taken {
        all.verdict = Verdict::AtLeast;
        let note = format!(
            "two users had {} and {}, each as many as a user may have",
            own.taken, all.taken
        );
        (all.beyond, all.recovers) = (None, Recovery::NotTried);
        all.taken += own.taken;
        all.notes.push(note);
        return (all, own);
    }
    all.taken += own.taken;
    all.notes.push("two users together".into());
    (all, own)
}

/// A session of the first user ends, and the second one tries to have one more.
async fn takes_the_place(open: &mut OpenSessions<'_, '_>) -> Attempt {
    if let Err(why) = open.release_of(FIRST).await {
        return Attempt::Own(why);
    }
    let mut last = Attempt::Own("stopped".into());
    for wait in WAITS {
        open.pause(wait).await;
        if !open.go_on(open.count()) {
            break;
        }
        last = open.open().await;
        let silent = matches!(&last, Attempt::Refused(refusal) if refusal.is_silence());
        if silent || last == Attempt::Taken {
            break;
        }
    }
    last
}

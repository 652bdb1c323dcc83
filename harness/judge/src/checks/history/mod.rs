//! Exchanges that overlap: whether all that was answered can have come about one after the other.
//!
//! While two messages of a session, or of two sessions with one destination, are under way at once, checks that follow a
//! sequence do not judge what state they find. Here an order is looked for that explains every answer: first for each
//! session by itself, then for each destination with what its sessions can hold. What has no order even where nothing
//! overlaps is a matter for the checks of sequences; then nothing is said here.

mod destination;
mod overlap;
mod search;
mod session;

pub(super) use overlap::concurrent;

use std::collections::BTreeMap;

use bits_wire::{PacketType, SessionId, names, payload::Digest};

use self::{
    destination::{Event, EventKind, Shown, Story},
    search::{Found, search, smallest_conflict},
    session::{Act, ActKind, Sequence, State},
};
use super::{
    Check, Finding, Judgement, Verdict,
    breach::Breach,
    observed::{Kind, Observed, Seen, is_success, notifies},
    path::path_of,
    publication::{body, is_conditional},
};
use crate::{
    spec::clause,
    transcript::{Order, Transcript},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "history/fragments-in-turn",
        clause: clause("BUP-3.2.5.2.6-01"),
        judge: |seen| of_theme(seen, Theme::Fragments),
    },
    Check {
        name: "history/close-in-turn",
        clause: clause("BUP-3.2.5.1.5-03"),
        judge: |seen| of_theme(seen, Theme::Close),
    },
    Check {
        name: "history/cancel-in-turn",
        clause: clause("BUP-3.2.5.2.8-01"),
        judge: |seen| of_theme(seen, Theme::Cancel),
    },
    Check {
        name: "history/file-of-one-session",
        clause: clause("BUP-3.2.5.2.7-01"),
        judge: |seen| of_theme(seen, Theme::File),
    },
    Check {
        name: "history/sessions-kept-apart",
        clause: clause("BUP-3.2.1.3.1-01"),
        judge: |seen| of_theme(seen, Theme::Apart),
    },
    Check {
        name: "history/one-of-two-wins",
        clause: clause("BUP-3.2.1.1-10"),
        judge: |seen| of_theme(seen, Theme::OneWins),
    },
];

/// What a ruling is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theme {
    Fragments,
    Close,
    Cancel,
    File,
    Apart,
    OneWins,
}

/// What was found of exchanges that overlapped.
pub(super) type Ruling = (Theme, Judgement);

fn of_theme(seen: &Observed<'_>, theme: Theme) -> Verdict {
    if seen.is_later_part() {
        return Verdict::default();
    }
    let own = seen.history.iter().filter(|(about, _)| *about == theme);
    own.map(|(_, judgement)| judgement.clone()).collect()
}

/// What is found of all exchanges of a transcript, if any overlap.
pub(super) fn rulings(transcript: &Transcript, all: &[Seen<'_>]) -> Vec<Ruling> {
    let overlap = all.iter().any(|seen| seen.breaches.contains(&Breach::Concurrent));
    if !overlap || notifies(&transcript.facts.role) {
        return vec![];
    }
    let tales = tales(all);
    let paths: BTreeMap<&str, Vec<&Tale<'_, '_>>> =
        tales.iter().fold(BTreeMap::new(), |mut paths, tale| {
            paths.entry(tale.path.as_str()).or_insert_with(Vec::new).push(tale);
            paths
        });
    let replaces = transcript.facts.role != "no-overwrite";
    let stories: Vec<_> =
        paths.iter().map(|(path, tales)| Settled::of(path, tales, all, replaces)).collect();
    let unsound = tales.iter().any(|tale| !tale.overlaps && tale.found == Found::None)
        || stories.iter().any(|story| !story.overlaps && story.conflict.is_some());
    if unsound {
        return vec![];
    }
    tales
        .iter()
        .flat_map(Tale::rulings)
        .chain(stories.into_iter().flat_map(|it| it.rulings))
        .collect()
}

/// A session from its Ack to its end.
struct Tale<'o, 't> {
    path: String,
    acts: Vec<Act<'o, 't>>,
    orders: Vec<Order>,
    /// Whether anything of it overlapped with something that matters.
    overlaps: bool,
    /// Whether every message of it can be judged.
    is_clear: bool,
    found: Found<State>,
}

/// All sessions that were given an id of their own.
fn tales<'o, 't>(all: &'o [Seen<'t>]) -> Vec<Tale<'o, 't>> {
    let created = all.iter().filter(|seen| {
        seen.kind == Kind::Packet(PacketType::CreateSession) && is_success(seen.status())
    });
    let ids: Vec<(&Seen<'t>, SessionId)> = created
        .filter_map(|seen| {
            Some((seen, SessionId::new(seen.answer()?.head.headers.first(names::SESSION_ID)?)))
        })
        .collect();
    let unique = |id: &SessionId| ids.iter().filter(|(_, other)| other.same_as(id)).count() == 1;
    let own = ids.iter().filter(|(_, id)| unique(id));
    own.map(|(created, id)| Tale::of(created, id, all)).collect()
}

impl<'o, 't> Tale<'o, 't> {
    fn cancels(&self) -> bool {
        self.acts.iter().any(|act| act.kind == ActKind::Cancel && is_success(act.seen.status()))
    }

    fn of(created: &Seen<'t>, id: &SessionId, all: &'o [Seen<'t>]) -> Self {
        let named = |seen: &&Seen<'t>| {
            let asked = seen.exchange.request.head.headers.first(names::SESSION_ID);
            asked.is_some_and(|asked| SessionId::new(asked).same_as(id))
        };
        let messages: Vec<_> = all
            .iter()
            .filter(named)
            .filter(|seen| seen.kind != Kind::Packet(PacketType::Ping))
            .collect();
        let acts: Vec<_> = messages.iter().filter_map(|seen| Act::of(seen)).collect();
        let is_clear = acts.len() == messages.len()
            && messages.iter().all(|seen| seen.breaches.iter().all(is_of_state));
        let orders: Vec<_> = acts.iter().map(|act| act.seen.exchange.order).collect();
        let overlaps = messages.iter().any(|seen| seen.breaches.contains(&Breach::Concurrent));
        let found = match is_clear {
            true => search(&Sequence(&acts), State::default(), &orders, 0),
            false => Found::Open,
        };
        let path = path_of(&created.exchange.request.head.target).into_owned();
        Self { path, acts, orders, overlaps, is_clear, found }
    }

    fn rulings(&self) -> Vec<Ruling> {
        match &self.found {
            _ if !self.overlaps || !self.is_clear => vec![],
            Found::Open => vec![],
            Found::Order(..) => self.kept(),
            Found::None => vec![self.broken()],
        }
    }

    /// One for each kind of pair that overlapped.
    fn kept(&self) -> Vec<Ruling> {
        let mut themes: Vec<Theme> = Vec::new();
        for (at, one) in self.acts.iter().enumerate() {
            for other in self.acts[at + 1..].iter().filter(|it| overlap(one, it)) {
                let theme = theme(&[one, other]);
                if !themes.contains(&theme) {
                    themes.push(theme);
                }
            }
        }
        if themes.is_empty() {
            themes.push(Theme::Apart);
        }
        themes.into_iter().map(|theme| (theme, Judgement::Kept)).collect()
    }

    fn broken(&self) -> Ruling {
        let conflict = smallest_conflict(&Sequence(&self.acts), &State::default(), &self.orders);
        let acts: Vec<_> = conflict.iter().map(|at| &self.acts[*at]).collect();
        // What it is about shows in what overlapped: in those that overlapped with it, if one answer is wrong by itself, and
        // in all that did, if none of the conflict did.
        let among =
            |act: &Act<'_, '_>, others: &[&Act<'_, '_>]| others.iter().any(|it| overlap(act, it));
        let all: Vec<_> = self.acts.iter().collect();
        let raced: Vec<_> = all.iter().copied().filter(|act| among(act, &all)).collect();
        let own: Vec<_> = acts.iter().copied().filter(|act| among(act, &all)).collect();
        // Its own messages came one after the other: whatever disturbs it belongs to another session.
        let alone = raced.is_empty();
        let around = match own.as_slice() {
            [] => raced,
            [only] if acts.len() == 1 => {
                let with = raced.into_iter().filter(|other| overlap(only, other));
                with.chain([*only]).collect()
            }
            _ => own,
        };
        let told: Vec<_> = acts.iter().map(|act| act.words()).collect();
        let exchange = acts.iter().map(|act| act.seen.exchange.number).max().unwrap_or_default();
        let finding = Finding {
            exchange,
            expected: "answers as if one message had come after the other".into(),
            actual: format!("no order explains {}", told.join("; ")),
            unless: None,
        };
        let theme = if alone { Theme::Apart } else { theme(&around) };
        (theme, Judgement::Broken(finding))
    }
}

/// What is the matter with a message because of those before it, and not by itself.
pub(super) fn is_of_state(breach: &Breach) -> bool {
    matches!(
        breach,
        Breach::Concurrent
            | Breach::UncertainSession
            | Breach::Gap
            | Breach::Overlap
            | Breach::AfterEnd
            | Breach::ClosedSession
            | Breach::CancelledSession
    )
}

fn overlap(one: &Act<'_, '_>, other: &Act<'_, '_>) -> bool {
    one.seen.exchange.number != other.seen.exchange.number
        && one.seen.exchange.order.overlaps(other.seen.exchange.order)
}

fn theme(acts: &[&Act<'_, '_>]) -> Theme {
    let has = |kind: ActKind| acts.iter().any(|act| act.kind == kind);
    match () {
        () if has(ActKind::Cancel) => Theme::Cancel,
        () if has(ActKind::Close) => Theme::Close,
        () => Theme::Fragments,
    }
}

/// A destination, and whether an order explains what was read there.
struct Settled {
    overlaps: bool,
    conflict: Option<Vec<usize>>,
    rulings: Vec<Ruling>,
}

impl Settled {
    fn of(path: &str, tales: &[&Tale<'_, '_>], all: &[Seen<'_>], replaces: bool) -> Self {
        let reads: Vec<_> = all.iter().filter(|seen| is_read(seen, path)).collect();
        let overlaps = tales.iter().any(|tale| tale.overlaps)
            || reads.iter().any(|seen| seen.breaches.contains(&Breach::Concurrent));
        let nothing = Self { overlaps, conflict: None, rulings: vec![] };
        let mut events: Vec<Event<'_, '_>> = Vec::new();
        let mut unclosed = Vec::new();
        for tale in tales {
            let Some(mut ends) = ends(tale, &mut unclosed) else { return nothing };
            events.append(&mut ends);
        }
        events.extend(reads.into_iter().filter_map(read));
        events.sort_by_key(|event| event.seen.exchange.number);
        let orders: Vec<_> = events.iter().map(|event| event.seen.exchange.order).collect();
        let story = Story { events: &events, unclosed: &unclosed, replaces };
        match search(&story, Shown::default(), &orders, 0) {
            Found::Open => nothing,
            Found::Order(..) if !overlaps => nothing,
            Found::Order(..) => Self { rulings: kept(&story, tales.len() > 1), ..nothing },
            Found::None => {
                let conflict = smallest_conflict(&story, &Shown::default(), &orders);
                let rulings = vec![broken(&story, &conflict, tales)];
                let rulings = if overlaps { rulings } else { vec![] };
                Self { overlaps, conflict: Some(conflict), rulings }
            }
        }
    }
}

/// What the closes of a session may have published; nothing if that is not known.
fn ends<'o, 't>(tale: &Tale<'o, 't>, unclosed: &mut Vec<Digest>) -> Option<Vec<Event<'o, 't>>> {
    let Found::Order(_, states) = &tale.found else { return None };
    let mut by: BTreeMap<usize, Vec<Digest>> = BTreeMap::new();
    for state in states.iter().filter(|state| state.is_complete()) {
        let content = destination::known(&state.content(&tale.acts))?;
        match state.closed_by.filter(|_| state.is_closed()) {
            Some(close) => by.entry(close).or_default().push(content),
            None => unclosed.push(content),
        }
    }
    let part = states.iter().any(|state| state.is_closed() && !state.is_complete());
    // What a close of a part publishes is a matter of reading (D9).
    if part {
        return None;
    }
    let events = by.into_iter().map(|(close, mut contents)| {
        contents.sort_unstable_by_key(ToString::to_string);
        contents.dedup();
        let seen = tale.acts[close].seen;
        let kind = match is_success(seen.status()) && states.iter().all(State::is_closed) {
            true => EventKind::Published(contents),
            false => EventKind::Perhaps(contents),
        };
        Event { seen, kind }
    });
    Some(events.collect())
}

/// Whether this is a GET of the whole file at a path.
fn is_read(seen: &Seen<'_>, path: &str) -> bool {
    let head = &seen.exchange.request.head;
    seen.kind == Kind::Get
        && path_of(&head.target) == path
        && !head.target.contains('?')
        && !head.headers.has("Range")
        && !is_conditional(&head.headers)
}

fn read<'o, 't>(seen: &'o Seen<'t>) -> Option<Event<'o, 't>> {
    let kind = match seen.status() {
        200 => EventKind::Read(body(seen)?),
        404 | 410 => EventKind::Missing,
        _ => return None,
    };
    Some(Event { seen, kind })
}

fn kept(story: &Story<'_, '_, '_>, several: bool) -> Vec<Ruling> {
    let is_read = |event: &Event<'_, '_>| matches!(event.kind, EventKind::Read(_));
    let theme = if several { Theme::Apart } else { Theme::File };
    let file = story.events.iter().any(is_read).then_some(theme);
    let closes = story.events.len() - story.events.iter().filter(|event| is_read(event)).count();
    let wins = (closes > 1 && !story.replaces).then_some(Theme::OneWins);
    file.into_iter().chain(wins).map(|theme| (theme, Judgement::Kept)).collect()
}

fn broken(story: &Story<'_, '_, '_>, conflict: &[usize], tales: &[&Tale<'_, '_>]) -> Ruling {
    let events: Vec<_> = conflict.iter().map(|at| &story.events[*at]).collect();
    let is_read =
        |event: &&Event<'_, '_>| matches!(event.kind, EventKind::Read(_) | EventKind::Missing);
    let read = events.iter().copied().rfind(is_read);
    let last = read.or_else(|| events.last().copied());
    let exchange = last.map_or(0, |event| event.seen.exchange.number);
    let told: Vec<_> = events.iter().map(|event| event.words()).collect();
    let (theme, expected) = match read.map(|event| &event.kind) {
        Some(EventKind::Read(_)) if tales.len() > 1 => {
            (Theme::Apart, "the whole content of one of the sessions that were closed with success")
        }
        Some(_) if tales.iter().any(|tale| tale.cancels()) => {
            (Theme::Cancel, "nothing of a session that was cancelled")
        }
        Some(_) => (Theme::File, "the whole content of the session that was closed with success"),
        None => (Theme::OneWins, "one of two uploads to the same destination refused"),
    };
    let order = order_of(tales);
    let actual = format!("{}{order}", told.join("; "));
    let finding = Finding { exchange, expected: expected.into(), actual, unless: None };
    (theme, Judgement::Broken(finding))
}

/// The orders that explain the sessions by themselves, by the numbers of the exchanges.
fn order_of(tales: &[&Tale<'_, '_>]) -> String {
    let of_tale = |tale: &&Tale<'_, '_>| {
        let Found::Order(order, _) = &tale.found else { return None };
        let numbers = order.iter().map(|act| tale.acts[*act].seen.exchange.number.to_string());
        Some(numbers.collect::<Vec<_>>().join(", "))
    };
    let orders: Vec<_> = tales.iter().filter(|tale| tale.overlaps).filter_map(of_tale).collect();
    if orders.is_empty() {
        return String::new();
    }
    format!("; the messages can have come in the order {}", orders.join(" and "))
}

#[cfg(test)]
mod tests;

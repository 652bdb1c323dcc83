//! One destination as closes fill it one after the other, and whether what was read there is right then.

use bits_wire::{
    Payload,
    payload::{Digest, digest_of},
};

use super::search::Model;
use crate::checks::observed::Seen;

/// Something that happens to a destination, or shows it.
pub(super) struct Event<'o, 't> {
    pub(super) seen: &'o Seen<'t>,
    pub(super) kind: EventKind,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    /// A close with success publishes one of these, which are what its session may hold.
    Published(Vec<Digest>),
    /// A close that was refused may have published one of these.
    Perhaps(Vec<Digest>),
    /// This was read.
    Read(Digest),
    /// There was nothing to read.
    Missing,
}

/// What is there, and what may show itself although its session is not closed, or was cancelled (D7, D8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Shown {
    content: Option<Digest>,
}

/// What happened to one destination.
pub(super) struct Story<'a, 'o, 't> {
    pub(super) events: &'a [Event<'o, 't>],
    /// Whole uploads whose sessions are not closed.
    pub(super) unclosed: &'a [Digest],
    /// Whether what is there may be replaced.
    pub(super) replaces: bool,
}

impl Model for Story<'_, '_, '_> {
    type State = Shown;

    fn explained(&self, state: &Shown, event: usize) -> Vec<Shown> {
        match &self.events[event].kind {
            EventKind::Published(_) if state.content.is_some() && !self.replaces => vec![],
            EventKind::Published(contents) => contents.iter().map(Shown::of).collect(),
            EventKind::Perhaps(contents) => {
                let kept = std::iter::once(state.clone());
                kept.chain(contents.iter().map(Shown::of)).collect()
            }
            EventKind::Read(content) => {
                let right = state.content == Some(*content) || self.unclosed.contains(content);
                right.then(|| state.clone()).into_iter().collect()
            }
            EventKind::Missing if state.content.is_some() => vec![],
            EventKind::Missing => vec![state.clone()],
        }
    }

    fn any(&self, state: &Shown, event: usize) -> Vec<Shown> {
        match &self.events[event].kind {
            EventKind::Published(contents) | EventKind::Perhaps(contents) => {
                let kept = std::iter::once(state.clone());
                kept.chain(contents.iter().map(Shown::of)).collect()
            }
            EventKind::Read(_) | EventKind::Missing => vec![state.clone()],
        }
    }
}

impl Shown {
    fn of(content: &Digest) -> Self {
        Self { content: Some(*content) }
    }
}

/// The digest of a content, if it can be known.
pub(super) fn known(content: &[Payload]) -> Option<Digest> {
    digest_of(content)
}

impl Event<'_, '_> {
    /// What happened in a few words.
    pub(super) fn words(&self) -> String {
        let number = self.seen.exchange.number;
        let lane = match self.seen.exchange.lane {
            0 => String::new(),
            lane => format!(" (lane {lane})"),
        };
        match &self.kind {
            EventKind::Published(_) => format!("{number}{lane} Close-Session: taken"),
            EventKind::Perhaps(_) => {
                format!("{number}{lane} Close-Session: refused with {}", self.seen.status())
            }
            EventKind::Read(digest) => {
                let length = self.seen.answer().map_or(0, |answer| answer.body.length);
                format!("{number}{lane} GET: {length} bytes, SHA-256 {digest}")
            }
            EventKind::Missing => format!("{number}{lane} GET: {}", self.seen.status()),
        }
    }
}

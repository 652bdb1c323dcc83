//! One session as messages change it one after the other, and whether their answers are right then.
//!
//! This is as much as every text says. Where readings part ways, each of them is right here: which one a server follows is
//! the matter of checks for sequences.

use bits_wire::{ContentRange, PacketType, Payload, names};

use super::search::Model;
use crate::checks::{
    judge::is_session_not_found,
    observed::{Kind, Seen, is_success},
};

/// A message of a session and what came back.
pub(super) struct Act<'o, 't> {
    pub(super) seen: &'o Seen<'t>,
    pub(super) kind: ActKind,
    said: Said,
}

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ActKind {
    Fragment(ContentRange),
    Close,
    Cancel,
}

/// What the answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Success, and perhaps the next byte wanted.
    Taken(Option<u64>),
    /// 416, and perhaps the next byte wanted.
    OutOfStep(Option<u64>),
    /// There is no such session.
    Unknown,
    /// Some other refusal.
    Refused,
}

/// What is so between two messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    next: u64,
    total: Option<u64>,
    end: End,
    /// The fragments that brought new bytes, in order.
    parts: Vec<usize>,
    /// The close that ended it, or that was refused and may have.
    pub(super) closed_by: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum End {
    #[default]
    Open,
    Closed,
    Cancelled,
}

impl State {
    /// Whether every byte has arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.total == Some(self.next)
    }

    /// Whether it was closed.
    pub(super) fn is_closed(&self) -> bool {
        self.end == End::Closed
    }

    /// The bytes that it holds, by what was sent.
    pub(super) fn content(&self, acts: &[Act<'_, '_>]) -> Vec<Payload> {
        let mut at = 0;
        let mut content = Vec::new();
        for act in self.parts.iter().map(|part| &acts[*part]) {
            if let ActKind::Fragment(range) = act.kind {
                content.push(act.seen.exchange.request.body.slice(at - range.first, u64::MAX));
                at = range.last + 1;
            }
        }
        content
    }

    fn with(&self, part: usize, range: ContentRange) -> Self {
        let mut state = self.clone();
        if !self.is_complete() && range.last >= self.next {
            state.next = range.last + 1;
            state.total = Some(range.total);
            state.parts.push(part);
        }
        state
    }

    fn ended(&self, end: End, by: usize) -> Self {
        let closed_by = (end == End::Closed).then_some(by);
        Self { end, closed_by, ..self.clone() }
    }
}

impl<'o, 't> Act<'o, 't> {
    /// The message that an exchange carries; none if it is about no session or has no answer.
    pub(super) fn of(seen: &'o Seen<'t>) -> Option<Self> {
        let Kind::Packet(packet) = &seen.kind else { return None };
        let kind = match packet {
            PacketType::Fragment => ActKind::Fragment(seen.range?),
            PacketType::CloseSession => ActKind::Close,
            PacketType::CancelSession => ActKind::Cancel,
            _ => return None,
        };
        let answer = seen.answer()?;
        let told = answer.head.headers.first(names::RECEIVED_CONTENT_RANGE);
        let told = told.and_then(|value| value.trim().parse().ok());
        let said = match answer.head.status {
            status if is_success(status) => Said::Taken(told),
            416 => Said::OutOfStep(told),
            _ if is_session_not_found(seen) => Said::Unknown,
            _ => Said::Refused,
        };
        Some(Self { seen, kind, said })
    }

    /// The message and its answer in a few words.
    pub(super) fn words(&self) -> String {
        let number = self.seen.exchange.number;
        let lane = match self.seen.exchange.lane {
            0 => String::new(),
            lane => format!(" (lane {lane})"),
        };
        let what = match self.kind {
            ActKind::Fragment(range) => format!("Fragment {}-{}", range.first, range.last),
            ActKind::Close => "Close-Session".into(),
            ActKind::Cancel => "Cancel-Session".into(),
        };
        let answer = match (self.kind, self.said) {
            (ActKind::Fragment(_), Said::Taken(Some(next))) => format!("taken, next {next}"),
            (_, Said::Taken(_)) => "taken".into(),
            (_, Said::OutOfStep(Some(next))) => format!("out of step, next {next}"),
            (_, Said::OutOfStep(None)) => "out of step".into(),
            (_, Said::Unknown) => "no such session".into(),
            (_, Said::Refused) => format!("refused with {}", self.seen.status()),
        };
        format!("{number}{lane} {what}: {answer}")
    }
}

/// The messages of one session.
pub(super) struct Sequence<'a, 'o, 't>(pub(super) &'a [Act<'o, 't>]);

impl Model for Sequence<'_, '_, '_> {
    type State = State;

    fn explained(&self, state: &State, act: usize) -> Vec<State> {
        let open = state.end == End::Open;
        let right = |told: Option<u64>, next: u64| told.is_none_or(|told| told == next);
        match (self.0[act].kind, self.0[act].said) {
            (_, Said::Unknown) if open => vec![],
            (_, Said::Unknown) => vec![state.clone()],
            (ActKind::Fragment(range), Said::Taken(told)) => {
                let next = state.with(act, range);
                let taken = open && range.first <= state.next && right(told, next.next);
                taken.then_some(next).into_iter().collect()
            }
            (ActKind::Fragment(range), Said::OutOfStep(told)) => {
                let out = range.first != state.next || state.is_complete();
                let refused = open && out && right(told, state.next);
                refused.then(|| state.clone()).into_iter().collect()
            }
            (ActKind::Fragment(_), Said::Refused) => vec![state.clone()],
            // What a second end of the same kind is told, no text says (U6).
            (ActKind::Close, Said::Taken(_)) if state.end == End::Closed => vec![state.clone()],
            (ActKind::Cancel, Said::Taken(_)) if state.end == End::Cancelled => vec![state.clone()],
            (_, Said::Taken(_)) if !open => vec![],
            (ActKind::Close, Said::Taken(_)) => vec![state.ended(End::Closed, act)],
            // A cancel after the last byte may change nothing (D8).
            (ActKind::Cancel, Said::Taken(_)) if state.is_complete() => {
                vec![state.ended(End::Cancelled, act), state.clone()]
            }
            (ActKind::Cancel, Said::Taken(_)) => vec![state.ended(End::Cancelled, act)],
            // An end that is refused may have come about nevertheless.
            (_, Said::OutOfStep(_) | Said::Refused) => self.any(state, act),
        }
    }

    fn any(&self, state: &State, act: usize) -> Vec<State> {
        let changed = match self.0[act].kind {
            _ if state.end != End::Open => return vec![state.clone()],
            ActKind::Fragment(range) if range.first > state.next => return vec![state.clone()],
            ActKind::Fragment(range) => state.with(act, range),
            ActKind::Close => state.ended(End::Closed, act),
            ActKind::Cancel => state.ended(End::Cancelled, act),
        };
        if changed == *state { vec![changed] } else { vec![changed, state.clone()] }
    }
}

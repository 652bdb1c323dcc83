//! Faults that change certain answers on their way out.

use bits_wire::{PacketType, names};

use super::{Frame, MARK};
use crate::machine::{Refusal, Reply};

/// Which answers a fault changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// All.
    Always,
    /// Every success.
    Success,
    /// Success of this message.
    Accepted(PacketType),
    /// Every error with an error value.
    Error,
    /// An error with an error value, in answer to this message.
    Refused(PacketType),
    /// This row of the error table.
    Row(Refusal),
}

/// What a fault does to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Leaves out the headers of this name.
    Omit(&'static str),
    /// Gives a header this value.
    Say(&'static str, &'static str),
    /// Gives a header that is there this value; adds none.
    Misstate(&'static str, &'static str),
    /// Takes another status.
    Status(u16),
    /// Says that all went well.
    Pretend,
    /// Puts a body behind the head.
    Body,
    /// Names the byte after the one that is wanted.
    NextButOne,
    /// Names the byte before the one that is wanted.
    LastOne,
    /// Names the bytes received instead of the next one.
    ReceivedRange,
    /// Leaves the braces off the session id.
    Braceless,
    /// Writes the error value in decimal digits and a word.
    Wordy,
    /// Adds a header with a value of more than 4 KB.
    Long,
    /// Puts the answer into a frame that is wrong.
    Framed(Frame),
}

impl When {
    pub(super) fn fits(&self, packet: &PacketType, refusal: Option<Refusal>) -> bool {
        let has_value = refusal.is_some_and(|refusal| refusal.hresult().is_some());
        match self {
            Self::Always => refusal != Some(Refusal::Method),
            Self::Success => refusal.is_none(),
            Self::Accepted(wanted) => refusal.is_none() && packet == wanted,
            Self::Error => has_value,
            Self::Refused(wanted) => has_value && packet == wanted,
            Self::Row(wanted) => refusal == Some(*wanted),
        }
    }
}

impl Change {
    pub(super) fn make(&self, reply: &mut Reply) {
        let headers = &mut reply.headers;
        match *self {
            Self::Omit(name) => headers.remove(name),
            Self::Say(name, value) => headers.set(name, value),
            Self::Misstate(name, value) => {
                if headers.has(name) {
                    headers.set(name, value);
                }
            }
            Self::Status(status) => reply.status = status,
            Self::Pretend => {
                reply.status = 200;
                headers.remove(names::ERROR);
                headers.remove(names::ERROR_CONTEXT);
            }
            Self::Body => {
                reply.body = b"<html>done</html>".to_vec();
                headers.set(names::CONTENT_LENGTH, reply.body.len().to_string());
            }
            Self::NextButOne => rewrite(reply, names::RECEIVED_CONTENT_RANGE, |offset| {
                offset.parse::<u64>().unwrap_or_default().saturating_add(1).to_string()
            }),
            Self::LastOne => rewrite(reply, names::RECEIVED_CONTENT_RANGE, |offset| {
                offset.parse::<u64>().unwrap_or_default().saturating_sub(1).to_string()
            }),
            Self::ReceivedRange => rewrite(reply, names::RECEIVED_CONTENT_RANGE, |offset| {
                format!("0-{}", offset.parse::<u64>().unwrap_or_default().saturating_sub(1))
            }),
            Self::Braceless => {
                rewrite(reply, names::SESSION_ID, |id| id.trim_matches(['{', '}']).to_owned())
            }
            Self::Long => headers.push("X-Padding", "x".repeat(5000)),
            Self::Framed(frame) => headers.push(MARK, frame.as_str()),
            Self::Wordy => rewrite(reply, names::ERROR, |error| format!("error {error}")),
        }
    }
}

fn rewrite(reply: &mut Reply, name: &str, change: impl FnOnce(&str) -> String) {
    if let Some(value) = reply.headers.first(name).map(change) {
        reply.headers.set(name, value);
    }
}

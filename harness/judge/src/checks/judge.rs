//! Words for judgements, so that each check reads as a sentence.

use bits_wire::{Headers, Hresult, names, text};

use super::{
    Finding, Followed, Judgement,
    observed::{Seen, is_success},
};
use crate::{
    spec::Reading,
    transcript::{Answer, Exchange},
};

/// The clause is broken at `seen`.
pub(crate) fn broken(
    seen: &Seen<'_>,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Judgement {
    Judgement::Broken(Finding {
        exchange: seen.exchange.number,
        expected: expected.into(),
        actual: actual.into(),
        unless: None,
    })
}

/// The clause is broken at `seen`, unless the dialect accepts `reading`.
pub(crate) fn broken_unless(
    seen: &Seen<'_>,
    expected: &str,
    actual: &str,
    reading: &'static Reading,
) -> Judgement {
    Judgement::Broken(Finding {
        exchange: seen.exchange.number,
        expected: expected.into(),
        actual: actual.into(),
        unless: Some(reading),
    })
}

/// The server follows `reading` at `seen`.
pub(crate) fn followed(seen: &Seen<'_>, reading: &'static Reading) -> Judgement {
    Judgement::Followed(Followed { reading, exchange: seen.exchange.number, detail: None })
}

/// The judgement, where keeping the clause means to follow this reading of a point.
pub(crate) fn kept_as(
    reading: &'static Reading,
    seen: &Seen<'_>,
    judgement: Judgement,
) -> Judgement {
    match judgement {
        Judgement::Kept => followed(seen, reading),
        other => other,
    }
}

/// The clause is kept if `right`; else what was expected and what came.
pub(crate) fn kept_if(
    right: bool,
    seen: &Seen<'_>,
    expected: impl Into<String>,
    actual: impl FnOnce() -> String,
) -> Judgement {
    if right { Judgement::Kept } else { broken(seen, expected, actual()) }
}

/// What came back, with its error value.
pub(crate) fn describe(seen: &Seen<'_>) -> String {
    described(seen.exchange)
}

/// What came back in an exchange, with its error value.
#[must_use]
pub fn described(exchange: &Exchange) -> String {
    let Some(answer) = exchange.answer() else { return exchange.received.describe() };
    match error_text(&answer.head.headers) {
        Some((name, value)) => {
            format!("{}, {name}: {}", answer.head.status_line(), text::excerpt(value, 40))
        }
        None => answer.head.status_line(),
    }
}

/// The request is answered with success.
pub(crate) fn success(seen: &Seen<'_>) -> Judgement {
    kept_if(seen.status() == 200, seen, "200", || describe(seen))
}

/// The request is refused with this status and error value. That there is a value at all, and that it can be read, is
/// the matter of other clauses.
pub(crate) fn refused(seen: &Seen<'_>, status: u16, value: Hresult) -> Judgement {
    let right = seen.status() == status && seen.error.flatten().is_none_or(|got| got == value);
    kept_if(right, seen, refusal(status, value), || describe(seen))
}

/// How a refusal is named to a person.
pub(crate) fn refusal(status: u16, value: Hresult) -> String {
    match value.name() {
        Some(name) => format!("{status} with BITS-Error {value} ({name})"),
        None => format!("{status} with BITS-Error {value}"),
    }
}

/// The error header of either name (D1), with its name.
pub(crate) fn error_text(headers: &Headers) -> Option<(&'static str, &str)> {
    [names::ERROR, names::ERROR_CODE]
        .into_iter()
        .find_map(|name| Some((name, headers.first(name)?)))
}

/// The error value: nothing if there is no header, `Some(None)` if it cannot be read.
pub(crate) fn error_of(headers: &Headers) -> Option<Option<Hresult>> {
    error_text(headers).map(|(_, value)| Hresult::read(value))
}

/// Whether the answer says that the session does not exist.
pub(crate) fn is_session_not_found(seen: &Seen<'_>) -> bool {
    seen.error == Some(Some(Hresult::SESSION_NOT_FOUND))
}

/// Whether the answer is one of the BITS layer that reports an error.
pub(crate) fn is_error(answer: &Answer) -> bool {
    answer.head.status >= 400
}

/// Whether the answer reports success, with either status.
pub(crate) fn is_ack_of_success(answer: &Answer) -> bool {
    is_success(answer.head.status)
}

/// A header of an answer for a person: `Name: value`, or that there is none.
pub(crate) fn shown(answer: &Answer, name: &str) -> String {
    match answer.head.headers.first(name) {
        Some(value) => format!("{name}: {}", text::excerpt(value, 80)),
        None => format!("no {name}"),
    }
}

//! Requests that ask only if something holds (RFC 9110, 13).

use std::time::SystemTime;

use bits_wire::Headers;

use super::{Facts, seconds};

/// What comes of the conditions of a request.
pub(super) enum Condition {
    /// It is served.
    Met,
    /// The client has the content already.
    NotModified,
    /// It is refused.
    Failed,
}

/// The order is that of RFC 9110, 13.2.2.
pub(super) fn condition(request: &Headers, facts: Facts) -> Condition {
    let tag = facts.tag();
    let failed = match (request.first("If-Match"), date(request, "If-Unmodified-Since")) {
        (Some(tags), _) => !lists(tags, &tag),
        (None, Some(since)) => seconds(facts.modified) > seconds(since),
        (None, None) => false,
    };
    if failed {
        return Condition::Failed;
    }
    let unchanged = match (request.first("If-None-Match"), date(request, "If-Modified-Since")) {
        (Some(tags), _) => lists(tags, &tag),
        (None, Some(since)) => seconds(facts.modified) <= seconds(since),
        (None, None) => false,
    };
    if unchanged { Condition::NotModified } else { Condition::Met }
}

/// Whether the validator of an `If-Range` is that of the content as it is.
pub(super) fn is_current(validator: &str, facts: Facts) -> bool {
    validator == facts.tag()
        || httpdate::parse_http_date(validator)
            .is_ok_and(|date| seconds(date) == seconds(facts.modified))
}

fn lists(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|one| one == "*" || one == tag)
}

fn date(request: &Headers, name: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(request.only(name)?).ok()
}

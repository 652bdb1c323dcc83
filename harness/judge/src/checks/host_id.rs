//! The other host that the Ack to CREATE-SESSION names for the upload, and the time after which clients return from it
//! (2.2.3.2, 3.2.1.1, 3.2.5.2.4).
//!
//! Whether there is to be one depends on the directory's settings. What is not known of them breaks nothing: a host that
//! is named where none is known of is taken for one that is set.

// Addresses as values: `core` has no sockets.
use core::net::{IpAddr, Ipv6Addr};

use bits_wire::names;

use super::{
    Check, Followed, Judgement, Verdict,
    create_session::{failures, successes},
    judge::{broken_unless, followed, kept_if, shown},
    observed::{Observed, Seen},
};
use crate::{
    spec::{Reading, clause, reading},
    transcript::{Answer, Transcript},
};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "host-id/form", clause: clause("BUP-2.2.3.2-04"), judge: form },
    Check { name: "host-id/announced", clause: clause("BUP-2.2.3.2-05"), judge: announced },
    Check { name: "create-session/no-host-id", clause: clause("BUP-2.2.3.2-06"), judge: no_host },
    Check { name: "host-id/fallback-timeout", clause: clause("BUP-2.2.3.2-07"), judge: timeout },
    Check {
        name: "create-session/no-host-id-timeout",
        clause: clause("BUP-2.2.3.2-08"),
        judge: no_timeout,
    },
    Check { name: "host-id/as-configured", clause: clause("BUP-3.2.1.1-09"), judge: as_configured },
    Check { name: "host-id/sent", clause: clause("BUP-3.2.5.2.4-06"), judge: sent },
];

/// What is known of the directory's setting of another host for uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setting<'t> {
    /// There is one: this, or it is not known which.
    Host(Option<&'t str>),
    /// There is none.
    None,
    /// Nobody said.
    Unknown,
}

impl<'t> Setting<'t> {
    fn of(transcript: &'t Transcript) -> Self {
        match transcript.facts.directory.host_id.as_deref() {
            Some("") => Self::None,
            Some(host) => Self::Host(Some(host)),
            None if transcript.facts.role == "host-id" => Self::Host(None),
            None => Self::Unknown,
        }
    }

    const fn is_host(self) -> bool {
        matches!(self, Self::Host(_))
    }
}

/// Seconds, if they are decimal.
fn seconds(text: &str) -> Option<u64> {
    let decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What no number can hold is still decimal, and no time that anybody set.
    decimal.then(|| text.parse().unwrap_or(u64::MAX))
}

fn host(answer: &Answer) -> Option<&str> {
    answer.head.headers.first(names::HOST_ID)
}

fn fallback(answer: &Answer) -> Option<&str> {
    answer.head.headers.first(names::HOST_ID_FALLBACK_TIMEOUT)
}

/// Good Acks of a directory that has another host set.
fn with_host<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = (&'o Seen<'t>, &'t Answer)> {
    let is_set = Setting::of(seen.transcript).is_host();
    successes(seen).filter(move |_| is_set)
}

/// The server follows `reading` with this header.
fn followed_with(
    seen: &Seen<'_>,
    answer: &Answer,
    name: &str,
    reading: &'static Reading,
) -> Judgement {
    let exchange = seen.exchange.number;
    Judgement::Followed(Followed { reading, exchange, detail: Some(shown(answer, name)) })
}

fn form(seen: &Observed<'_>) -> Verdict {
    successes(seen)
        .filter_map(|(seen, answer)| Some((seen, answer, host(answer)?)))
        .map(|(seen, answer, value)| match without_port(value) {
            Some(host) if is_host(host) => {
                followed_with(seen, answer, names::HOST_ID, const { reading("H1/port") })
            }
            _ => kept_if(is_host(value), seen, "a host name or an IP address alone", || {
                shown(answer, names::HOST_ID)
            }),
        })
        .collect()
}

fn announced(seen: &Observed<'_>) -> Verdict {
    with_host(seen)
        .map(|(seen, answer)| match host(answer) {
            Some(_) => {
                followed_with(seen, answer, names::HOST_ID, const { reading("D17/required") })
            }
            None => {
                let actual = shown(answer, names::HOST_ID);
                broken_unless(seen, names::HOST_ID, &actual, const { reading("D17/optional") })
            }
        })
        .collect()
}

/// What remains of the duty where it is read as a SHOULD (D17). The timeout is left to its own clause, as the text calls
/// that header optional besides.
fn sent(seen: &Observed<'_>) -> Verdict {
    with_host(seen)
        .map(|(seen, answer)| {
            kept_if(host(answer).is_some(), seen, names::HOST_ID, || shown(answer, names::HOST_ID))
        })
        .collect()
}

fn no_host(observed: &Observed<'_>) -> Verdict {
    let setting = Setting::of(observed.transcript);
    successes(observed)
        .chain(failures(observed))
        .filter(|_| !setting.is_host())
        .map(|(seen, answer)| match (host(answer), setting) {
            (Some(_), Setting::Unknown) => {
                followed_with(seen, answer, names::HOST_ID, const { reading("H2/announced") })
            }
            (value, _) => {
                kept_if(value.is_none(), seen, "no BITS-Host-Id", || shown(answer, names::HOST_ID))
            }
        })
        .collect()
}

/// The time counts seconds. That it is left out breaks nothing for sure: its text demands the header and calls it optional,
/// and where it is set to nothing there is none to tell.
fn timeout(observed: &Observed<'_>) -> Verdict {
    let setting = Setting::of(observed.transcript);
    let set = observed.transcript.facts.directory.host_id_fallback_timeout;
    successes(observed)
        .filter(|_| setting != Setting::None)
        .filter_map(|(seen, answer)| match fallback(answer) {
            Some(value) => {
                let right = seconds(value).is_some();
                Some(kept_if(right, seen, "decimal seconds", || {
                    shown(answer, names::HOST_ID_FALLBACK_TIMEOUT)
                }))
            }
            // Without a host there is nothing to return from; that the host is missing is another clause.
            None if setting.is_host() && set != Some(0) && host(answer).is_some() => {
                let name = names::HOST_ID_FALLBACK_TIMEOUT;
                Some(followed_with(seen, answer, name, const { reading("D17/optional") }))
            }
            None => None,
        })
        .collect()
}

fn no_timeout(observed: &Observed<'_>) -> Verdict {
    let setting = Setting::of(observed.transcript);
    successes(observed)
        .chain(failures(observed))
        .filter(|_| !setting.is_host())
        .filter_map(|(seen, answer)| without_host(observed, setting, seen, answer))
        .collect()
}

/// A timeout that is set without a host can be told or not (S15); one that is known not to be set cannot.
fn without_host(
    observed: &Observed<'_>,
    setting: Setting<'_>,
    seen: &Seen<'_>,
    answer: &Answer,
) -> Option<Judgement> {
    let name = names::HOST_ID_FALLBACK_TIMEOUT;
    let set = observed.transcript.facts.directory.host_id_fallback_timeout;
    let is_told = fallback(answer).is_some();
    match set {
        _ if is_told && setting == Setting::Unknown && host(answer).is_some() => None,
        Some(0) => Some(kept_if(!is_told, seen, format!("no {name}"), || shown(answer, name))),
        _ if is_told => Some(followed_with(seen, answer, name, const { reading("S15/present") })),
        Some(_) if setting == Setting::None => {
            Some(followed(seen, const { reading("S15/absent") }))
        }
        _ => Some(Judgement::Kept),
    }
}

fn as_configured(observed: &Observed<'_>) -> Verdict {
    let Setting::Host(set) = Setting::of(observed.transcript) else { return Verdict::default() };
    let time = observed.transcript.facts.directory.host_id_fallback_timeout;
    let hosts = successes(observed)
        .filter_map(|(seen, answer)| Some((seen, answer, set?, host(answer)?)))
        // What is no host at all is the matter of another clause.
        .filter(|(_, _, _, told)| is_host(told))
        .map(|(seen, answer, set, told)| {
            let expected = format!("{}: {set}", names::HOST_ID);
            kept_if(is_same(set, told), seen, expected, || shown(answer, names::HOST_ID))
        });
    let times = successes(observed)
        .filter_map(|(seen, answer)| Some((seen, answer, time?, seconds(fallback(answer)?)?)))
        .map(|(seen, answer, set, told)| {
            let name = names::HOST_ID_FALLBACK_TIMEOUT;
            let expected = match set {
                0 => format!("no {name}"),
                _ => format!("{name}: {set}"),
            };
            // Zero is how a directory has no timeout, and then there is none to tell.
            kept_if(set != 0 && set == told, seen, expected, || shown(answer, name))
        });
    hosts.chain(times).collect()
}

/// Whether a good Ack sends the client to another host than the one that it was sent to. The session may be known there
/// alone.
pub(super) fn sends_away(seen: &Seen<'_>) -> bool {
    let here = seen.exchange.request.head.headers.first(names::HOST).unwrap_or_default();
    let here = without_port(here).unwrap_or(here).trim_matches(['[', ']']);
    let there = seen.answer().and_then(host).filter(|there| !there.is_empty());
    there.is_some_and(|there| !is_same(without_port(there).unwrap_or(there), here))
}

/// The part before `:` and a port, if there is a port.
fn without_port(text: &str) -> Option<&str> {
    let (host, port) = text.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    // More colons make an IPv6 address, unless it stands in brackets.
    let is_whole = !host.contains(':') || host.ends_with(']');
    (is_port && is_whole).then(|| host.trim_matches(['[', ']']))
}

/// Whether two names are those of one host, as far as their letters tell.
fn is_same(one: &str, two: &str) -> bool {
    let address = |text: &str| text.parse::<IpAddr>().ok();
    one.eq_ignore_ascii_case(two) || (address(one).is_some() && address(one) == address(two))
}

/// Whether this is a `host` of RFC 1738 section 5 or an `IPv6address` of RFC 2373 appendix B.
fn is_host(text: &str) -> bool {
    is_hostname(text) || is_hostnumber(text) || text.parse::<Ipv6Addr>().is_ok()
}

/// Labels of letters, digits and inner hyphens, the last beginning with a letter.
fn is_hostname(text: &str) -> bool {
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        edge(label.bytes().next()) && edge(label.bytes().last()) && label.bytes().all(inner)
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    last.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && text.split('.').all(is_label)
}

/// Four numbers of any size; that they fit into bytes is not in the grammar.
fn is_hostnumber(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() == 4 && text.split('.').all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{
        create_session::tests::{ID, plain},
        testing::{broken, follows, kept, unexercised, verdict},
    };

    const HOST: &str = "BITS-Host-Id: other.example";
    const TIME: &str = "BITS-Host-Id-Fallback-Timeout: 110";

    /// A session is created in a directory of which this is known.
    fn known(facts: &str, answer: &str) -> String {
        format!("# base /upload/\n{facts}{}", plain(answer))
    }

    /// One with another host and a timeout.
    fn set(answer: &str) -> String {
        known("# host-id other.example\n# host-id-fallback-timeout 110\n", answer)
    }

    /// One without.
    fn unset(answer: &str) -> String {
        known("# host-id\n# host-id-fallback-timeout 0\n", answer)
    }

    #[test]
    fn hosts_are_told_from_what_is_none() {
        for host in ["FRANKCAO8", "a.b-c.example", "127.0.0.1", "::1", "1080::8:800:200C:417A"] {
            assert!(is_host(host), "{host}");
        }
        for other in ["", "a b", "http://a/", "a/", "-a", "a-", "a..b", "a.1", "[::1]", "my_host"] {
            assert!(!is_host(other), "{other}");
        }
        assert_eq!(without_port("a:80"), Some("a"));
        assert_eq!(without_port("[::1]:80"), Some("::1"));
        assert_eq!(without_port("::1"), None);
        assert_eq!(without_port("a"), None);
    }

    #[test]
    fn a_host_id_is_a_host_alone() {
        let check = "host-id/form";
        kept(check, &plain(&format!("200 Ack; {HOST}")));
        broken(check, &plain("200 Ack; BITS-Host-Id: http://127.0.0.1/"), 1, "http://");
        follows(check, &plain("200 Ack; BITS-Host-Id: other.example:8080"), "H1/port");
        unexercised(check, &plain("200 Ack"));
    }

    #[test]
    fn a_host_that_is_set_is_announced() {
        for check in ["host-id/announced", "host-id/sent"] {
            kept(check, &set(&format!("200 Ack; {HOST}")));
            broken(check, &set("200 Ack"), 1, "no BITS-Host-Id");
            broken(check, &known("# role host-id\n", "200 Ack"), 1, "no BITS-Host-Id");
            unexercised(check, &set("400 Ack"));
            unexercised(check, &plain("200 Ack"));
            unexercised(check, &unset("200 Ack"));
        }
        let unless = verdict("host-id/announced", &set("200 Ack")).broken.remove(0).unless;
        assert_eq!(unless.unwrap().id, "D17/optional");
    }

    #[test]
    fn where_no_host_is_set_none_is_named() {
        let check = "create-session/no-host-id";
        kept(check, &unset("200 Ack"));
        kept(check, &unset("400 Ack"));
        broken(check, &unset(&format!("200 Ack; {HOST}")), 1, "other.example");
        broken(check, &unset(&format!("400 Ack; {HOST}")), 1, "other.example");
        kept(check, &plain("200 Ack"));
        follows(check, &plain(&format!("200 Ack; {HOST}")), "H2/announced");
        unexercised(check, &set(&format!("200 Ack; {HOST}")));
        unexercised(check, &known("# role host-id\n", &format!("200 Ack; {HOST}")));
    }

    #[test]
    fn a_timeout_counts_seconds() {
        let check = "host-id/fallback-timeout";
        kept(check, &set(&format!("200 Ack; {HOST}; {TIME}")));
        broken(check, &set(&format!("200 Ack; {HOST}; {TIME}s")), 1, "110s");
        follows(check, &set(&format!("200 Ack; {HOST}")), "D17/optional");
        unexercised(check, &set("200 Ack"));
        unexercised(check, &known("# host-id h\n# host-id-fallback-timeout 0\n", "200 Ack"));
        unexercised(check, &plain(&format!("200 Ack; {HOST}")));
        unexercised(check, &unset(&format!("200 Ack; {TIME}")));
    }

    #[test]
    fn a_timeout_without_a_host_is_told_or_not_if_it_is_set() {
        let check = "create-session/no-host-id-timeout";
        kept(check, &unset("200 Ack"));
        broken(check, &unset(&format!("200 Ack; {TIME}")), 1, "110");
        let alone = |answer: &str| known("# host-id\n# host-id-fallback-timeout 110\n", answer);
        follows(check, &alone("200 Ack"), "S15/absent");
        follows(check, &alone(&format!("200 Ack; {TIME}")), "S15/present");
        kept(check, &plain("200 Ack"));
        follows(check, &plain(&format!("200 Ack; {TIME}")), "S15/present");
        unexercised(check, &plain(&format!("200 Ack; {HOST}; {TIME}")));
        unexercised(check, &set(&format!("200 Ack; {TIME}")));
    }

    #[test]
    fn what_is_told_is_what_is_set() {
        let check = "host-id/as-configured";
        kept(check, &set("200 Ack; BITS-Host-Id: Other.Example"));
        kept(check, &set(&format!("200 Ack; {TIME}")));
        broken(check, &set("200 Ack; BITS-Host-Id: a.example"), 1, "a.example");
        broken(check, &set("200 Ack; BITS-Host-Id-Fallback-Timeout: 111"), 1, "111");
        let address =
            |told: &str| known("# host-id ::1\n", &format!("200 Ack; BITS-Host-Id: {told}"));
        kept(check, &address("0:0:0:0:0:0:0:1"));
        broken(check, &address("::2"), 1, "::2");
        let endless = "# host-id h\n# host-id-fallback-timeout 0\n";
        broken(check, &known(endless, &format!("200 Ack; {TIME}")), 1, "110");
        unexercised(check, &set("200 Ack; BITS-Host-Id: http://a/"));
        unexercised(check, &known("# role host-id\n", &format!("200 Ack; {HOST}; {TIME}")));
    }

    #[test]
    fn a_session_may_be_known_to_the_named_host_alone() {
        let check = "create-session/session-known-afterwards";
        let lost = format!(
            "> Fragment; {ID}; Content-Range: bytes 0-9/20\n< 500 Ack; BITS-Error: 0x8020001F"
        );
        let begun = |more: &str| plain(&format!("200 Ack; {ID}{more}")) + &lost;
        broken(check, &begun(""), 2, "500");
        unexercised(check, &begun(&format!("; {HOST}")));
        let known = format!("> Fragment; {ID}; Content-Range: bytes 0-9/20\n< 200 Ack");
        kept(check, &(plain(&format!("200 Ack; {ID}; {HOST}")) + &known));
    }
}

//! PING and its Ack (2.2.4, 2.2.5, 3.2.5.2.5).

use bits_wire::{PacketType, names};

use super::{
    Check, Judgement, Verdict,
    breach::Breach,
    judge::{describe, followed, is_session_not_found, kept_if, success},
    observed::{Kind, Observed},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "ping/answered-with-200", clause: clause("BUP-3.2.5.2.5-01"), judge: answered },
    Check {
        name: "ping/no-session-looked-up",
        clause: clause("BUP-3.2.5.2.2-02"),
        judge: no_lookup,
    },
    Check { name: "ping/credentials", clause: clause("BUP-3.2.5.2.3-03"), judge: credentials },
    Check { name: "ping/permission", clause: clause("BUP-3.2.5.2.3-03"), judge: permission },
];

fn answered(seen: &Observed<'_>) -> Verdict {
    let plain = |seen: &&super::observed::Seen<'_>| seen.is_plain() && !names_a_session(seen);
    seen.packets(&PacketType::Ping).filter(plain).map(success).collect()
}

fn names_a_session(seen: &super::observed::Seen<'_>) -> bool {
    seen.exchange.request.head.headers.has(names::SESSION_ID)
}

fn no_lookup(seen: &Observed<'_>) -> Verdict {
    seen.packets(&PacketType::Ping)
        .filter(|seen| seen.is_clean() && names_a_session(seen))
        .map(|seen| match seen.status() {
            200 if seen.session.is_some() => Judgement::Kept,
            200 => followed(seen, const { reading("S3/ping-ignores-id") }),
            _ if is_session_not_found(seen) && seen.session.is_none() => {
                followed(seen, const { reading("S3/ping-checks-id") })
            }
            _ => kept_if(false, seen, "200, or 500 with BITS-Error 0x8020001F", || describe(seen)),
        })
        .collect()
}

/// Whether PING is subject to permission and to uploads being enabled is left open (U12).
fn permission(seen: &Observed<'_>) -> Verdict {
    seen.packets(&PacketType::Ping)
        .filter(|seen| seen.answer().is_some())
        .filter(|seen| seen.has_only(&Breach::Forbidden) || seen.has_only(&Breach::Disabled))
        .map(|seen| {
            followed(
                seen,
                if seen.status() == 200 { reading("U12/answered") } else { reading("U12/refused") },
            )
        })
        .chain(
            seen.each()
                .iter()
                .filter(is_challenged_ping)
                .map(|seen| followed(seen, const { reading("U12/refused") })),
        )
        .collect()
}

/// Whether a PING needs credentials where other packets do is left open (A1).
fn credentials(seen: &Observed<'_>) -> Verdict {
    let asks = seen.transcript.facts.role == "accounts";
    let asked = seen.each().iter().filter(is_challenged_ping);
    let answered = seen
        .packets(&PacketType::Ping)
        .filter(|seen| seen.has_only(&Breach::Forbidden) && seen.status() == 200);
    asked
        .map(|seen| followed(seen, reading("A1/asked")))
        .chain(answered.map(|seen| followed(seen, reading("A1/answered"))))
        .filter(|_| asks)
        .collect()
}

/// Whether a PING where the client has no permission was answered by asking for credentials.
fn is_challenged_ping(seen: &&super::observed::Seen<'_>) -> bool {
    let headers = &seen.exchange.request.head.headers;
    let kind = || headers.first(names::PACKET_TYPE).map(PacketType::read);
    seen.kind == Kind::Challenged
        && seen.breaches == [Breach::Forbidden, Breach::Challenged]
        && kind() == Some(PacketType::Ping)
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{broken, follows, kept, unexercised};

    #[test]
    fn a_ping_that_is_refused_is_found() {
        let check = "ping/answered-with-200";
        kept(check, "> Ping\n< 200 Ack");
        broken(check, "> Ping\n< 400 Ack", 1, "400");
        broken(check, "> Ping\n< !timed-out", 1, "no answer");
        unexercised(check, "> Ping; !Content-Length\n< 411 Ack");
        unexercised(check, "> Ping /upload/../x\n< 400");
    }

    #[test]
    fn an_unknown_session_may_be_ignored_or_not_found() {
        let check = "ping/no-session-looked-up";
        let ping = "> Ping; BITS-Session-Id: {0}\n< ";
        follows(check, &format!("{ping}200 Ack"), "S3/ping-ignores-id");
        follows(check, &format!("{ping}500 Ack; BITS-Error: 0x8020001F"), "S3/ping-checks-id");
        broken(check, &format!("{ping}400 Ack"), 1, "400");
        unexercised(check, "> Ping\n< 200 Ack");
    }

    #[test]
    fn a_ping_without_permission_is_only_noted() {
        let check = "ping/permission";
        follows(check, "# role protected\n> Ping\n< 200 Ack", "U12/answered");
        follows(check, "# role disabled\n> Ping\n< 501 Ack", "U12/refused");
        follows(check, "# role protected\n> Ping\n< 401", "U12/refused");
        follows(check, "# role accounts\n> Ping\n< 401", "U12/refused");
        unexercised(check, "> Ping\n< 200 Ack");
        unexercised(check, "> Ping\n< 401");
    }

    #[test]
    fn a_ping_without_credentials_is_only_noted() {
        let check = "ping/credentials";
        follows(check, "# role accounts\n> Ping\n< 401", "A1/asked");
        follows(check, "# role accounts\n> Ping\n< 200 Ack", "A1/answered");
        unexercised(check, "# role protected\n> Ping\n< 200 Ack");
    }
}

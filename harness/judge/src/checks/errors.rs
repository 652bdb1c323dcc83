//! The error table (2.2.1.2) and the order of validation (3.2.5.2.3), as far as no message has them for itself.

use bits_wire::{Hresult, PacketType, names};

use super::{
    Check, Judgement, Verdict,
    breach::Breach,
    judge::{
        broken_unless, describe, error_text, followed, is_error, kept_as, kept_if, refusal,
        refused, shown,
    },
    observed::{File, Kind, Observed, Seen},
};
use crate::spec::{clause, reading};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "errors/packet-type-missing",
        clause: clause("BUP-2.2.1.2-02"),
        judge: |seen| invalid(seen, &Breach::NoPacketType),
    },
    Check {
        name: "errors/packet-type-unknown",
        clause: clause("BUP-2.2.1.2-27"),
        judge: unknown_packet,
    },
    Check {
        name: "errors/body-on-bodyless",
        clause: clause("BUP-3.2.5.2.3-02"),
        judge: |seen| invalid(seen, &Breach::Body),
    },
    Check {
        name: "errors/value-over-4-kilobytes",
        clause: clause("BUP-2.2.1.2-23"),
        judge: long_value,
    },
    Check {
        name: "errors/length-missing-refused",
        clause: clause("BUP-3.2.5.2.3-05"),
        judge: no_length_refused,
    },
    Check {
        name: "errors/length-missing-status",
        clause: clause("BUP-3.2.5.2.3-06"),
        judge: no_length_status,
    },
    Check {
        name: "errors/length-missing-value",
        clause: clause("BUP-2.2.1.2-26"),
        judge: no_length_value,
    },
    Check { name: "errors/directory", clause: clause("BUP-2.2.1.2-25"), judge: directory },
    Check { name: "errors/destination-exists", clause: clause("BUP-2.2.1.2-17"), judge: exists },
    Check {
        name: "errors/existing-destination-noticed",
        clause: clause("BUP-2.2.1.2-17"),
        judge: exists_noticed,
    },
    Check { name: "errors/not-permitted", clause: clause("BUP-2.2.1.2-18"), judge: not_permitted },
    Check {
        name: "errors/permission-is-checked",
        clause: clause("BUP-3.2.5.2.3-03"),
        judge: permission_checked,
    },
    Check {
        name: "errors/executable-directory",
        clause: clause("W32-setting-permissions-01"),
        judge: executable,
    },
    Check { name: "errors/disk-full", clause: clause("BUP-2.2.1.2-30"), judge: disk_full },
    Check { name: "errors/uploads-disabled", clause: clause("BUP-2.2.1.2-19"), judge: disabled },
    Check { name: "errors/several-faults", clause: clause("BUP-3.2.5.2.3-10"), judge: several },
    Check {
        name: "errors/which-of-several-faults",
        clause: clause("BUP-3.2.5.2.3-10"),
        judge: which_of_several,
    },
    Check { name: "errors/value-is-an-hresult", clause: clause("BUP-2.2.1.2-11"), judge: hresult },
    Check { name: "errors/vendor-bit", clause: clause("BUP-1.8-01"), judge: vendor },
    Check { name: "errors/context-is-server", clause: clause("BUP-2.2.1.2-12"), judge: context },
];

/// Answered upload messages with exactly this wrong.
fn with_only<'o, 't>(
    seen: &'o Observed<'t>,
    breach: &'o Breach,
) -> impl Iterator<Item = &'o Seen<'t>> {
    seen.each().iter().filter(move |seen| {
        seen.has_only(breach) && matches!(seen.kind, Kind::Packet(_) | Kind::NoPacket)
    })
}

fn invalid(seen: &Observed<'_>, breach: &Breach) -> Verdict {
    with_only(seen, breach).map(|seen| refused(seen, 400, Hresult::INVALID_ARGUMENT)).collect()
}

/// A packet that no server expects: both texts ask for 400, the older one with a weaker word (D13).
fn unknown_packet(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::UnknownPacketType)
        .map(|seen| {
            let judgement = refused(seen, 400, Hresult::INVALID_ARGUMENT);
            match judgement {
                Judgement::Broken(_) if seen.status() > 400 => {
                    let expected = refusal(400, Hresult::INVALID_ARGUMENT);
                    broken_unless(seen, &expected, &describe(seen), const { reading("D13/other") })
                }
                judgement => kept_as(const { reading("D13/400") }, seen, judgement),
            }
        })
        .collect()
}

fn long_value(seen: &Observed<'_>) -> Verdict {
    let known = with_only(seen, &Breach::LongKnownValue).map(|seen| match seen.status() {
        431 => followed(seen, const { reading("E8/431") }),
        _ => refused(seen, 400, Hresult::INVALID_ARGUMENT),
    });
    let unknown = with_only(seen, &Breach::LongUnknownValue).map(|seen| match seen.status() {
        200 => followed(seen, const { reading("E8/unknown-ignored") }),
        431 => followed(seen, const { reading("E8/431") }),
        _ => refused(seen, 400, Hresult::INVALID_ARGUMENT),
    });
    known.chain(unknown).collect()
}

fn no_length_refused(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::NoLength)
        .map(|seen| kept_if(seen.status() >= 400, seen, "a refusal", || describe(seen)))
        .collect()
}

fn no_length_status(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::NoLength)
        .filter(|seen| seen.status() >= 400)
        .map(|seen| match seen.status() {
            411 => followed(seen, const { reading("S4/411") }),
            400 => followed(seen, const { reading("S4/400") }),
            _ => kept_if(false, seen, "411", || describe(seen)),
        })
        .collect()
}

fn no_length_value(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::NoLength)
        .filter(|seen| seen.status() >= 400)
        .filter_map(|seen| Some((seen, seen.error??)))
        .map(|(seen, value)| {
            kept_if(
                value == Hresult::INVALID_ARGUMENT,
                seen,
                "BITS-Error: 0x80070057 (E_INVALIDARG)",
                || describe(seen),
            )
        })
        .collect()
}

/// A directory as destination is refused when the session is made, or at the latest when it is closed.
fn directory(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::Directory)
        .filter(|seen| seen.kind == Kind::Packet(PacketType::CreateSession) && seen.status() >= 400)
        .map(|seen| refused(seen, 400, Hresult::INVALID_ARGUMENT))
        .chain(
            with_only(seen, &Breach::Directory)
                .filter(|seen| seen.kind == Kind::Packet(PacketType::CloseSession))
                .map(|seen| refused(seen, 400, Hresult::INVALID_ARGUMENT)),
        )
        .collect()
}

/// Where what exists may not be replaced, the refusal can come with any message (U16). Success is no breach: then
/// overwriting is on.
fn exists(seen: &Observed<'_>) -> Verdict {
    refusals_of_existing(seen)
        .map(|seen| match seen.status() {
            409 => followed(seen, const { reading("D3/409") }),
            _ => kept_as(
                const { reading("D3/403") },
                seen,
                refused(seen, 403, Hresult::ACCESS_DENIED),
            ),
        })
        .collect()
}

fn refusals_of_existing<'o, 't>(seen: &'o Observed<'t>) -> impl Iterator<Item = &'o Seen<'t>> {
    let at_create = with_only(seen, &Breach::Exists).filter(|seen| is_error_of(seen));
    let later = seen.each().iter().filter(|seen| {
        let settled = matches!(
            seen.file,
            File::Published(_) | File::Partial(Some(_)) | File::Unclosed(_, Some(_))
        );
        settled
            && seen.is_clean()
            && matches!(seen.kind, Kind::Packet(PacketType::Fragment | PacketType::CloseSession))
            && seen.status() >= 400
            && seen.status() != 416
    });
    at_create.chain(later)
}

/// With which message that refusal comes is left open (U16).
fn exists_noticed(seen: &Observed<'_>) -> Verdict {
    refusals_of_existing(seen)
        .filter_map(|seen| match &seen.kind {
            Kind::Packet(PacketType::CreateSession) => {
                Some((seen, const { reading("U16/create") }))
            }
            Kind::Packet(PacketType::Fragment) => Some((seen, const { reading("U16/fragment") })),
            Kind::Packet(PacketType::CloseSession) => Some((seen, const { reading("U16/close") })),
            _ => None,
        })
        .map(|(seen, reading)| followed(seen, reading))
        .collect()
}

fn is_error_of(seen: &Seen<'_>) -> bool {
    seen.answer().is_some_and(is_error)
}

fn not_permitted(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::Forbidden)
        .filter(|seen| seen.kind != Kind::Packet(PacketType::Ping))
        .map(|seen| refused(seen, 403, Hresult::ACCESS_DENIED))
        .collect()
}

fn permission_checked(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::Forbidden)
        .filter(|seen| seen.kind != Kind::Packet(PacketType::Ping))
        .map(|seen| kept_if(seen.status() >= 400, seen, "a refusal", || describe(seen)))
        .collect()
}

/// The status is not told (W32), so any refusal will do that has the value.
fn executable(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::Executable)
        .filter(|seen| seen.kind != Kind::Packet(PacketType::Ping))
        .map(|seen| {
            let value = seen.error.flatten();
            let right = seen.status() >= 400
                && value.is_none_or(|value| value == Hresult::SERVER_EXECUTE_ENABLE);
            let expected = format!("a refusal with BITS-Error {}", Hresult::SERVER_EXECUTE_ENABLE);
            kept_if(right, seen, expected, || describe(seen))
        })
        .collect()
}

/// The value of a full disk is printed as one that there is not (S5). The whole upload in one fragment has no room; what a
/// server makes of its first part, nobody can tell.
fn disk_full(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::NoRoom)
        .filter(|seen| seen.answer().is_some())
        .filter(|seen| seen.range.is_some_and(|range| range.first == 0 && range.is_final()))
        .map(|seen| match (seen.status(), seen.error.flatten()) {
            (500, Some(Hresult::DISK_FULL)) => followed(seen, const { reading("S5/disk-full") }),
            (500, Some(PRINTED)) => followed(seen, const { reading("S5/printed") }),
            (500, Some(Hresult::NONE)) => {
                kept_if(false, seen, "500 with an error value", || describe(seen))
            }
            (500, Some(_)) => followed(seen, const { reading("S5/other") }),
            (status, _) => {
                kept_if(status == 500, seen, "500 with the error of a full disk", || describe(seen))
            }
        })
        .collect()
}

/// The error value of a full disk and of a slow application as the text prints it.
const PRINTED: Hresult = Hresult(0x8007_0112);

fn disabled(seen: &Observed<'_>) -> Verdict {
    with_only(seen, &Breach::Disabled)
        .filter(|seen| seen.kind != Kind::Packet(PacketType::Ping))
        .map(|seen| match seen.status() {
            404 => followed(seen, const { reading("D25/404") }),
            _ => kept_as(
                const { reading("D25/501") },
                seen,
                refused(seen, 501, Hresult::ACCESS_DENIED),
            ),
        })
        .collect()
}

/// With two faults there is no one right answer (U11), but success is none.
fn several(seen: &Observed<'_>) -> Verdict {
    let plain = |breach: &Breach| {
        !breach.is_http()
            && !matches!(
                breach,
                Breach::Exists
                    | Breach::PerhapsExists
                    | Breach::Overlap
                    | Breach::AfterEnd
                    | Breach::UncertainSession
                    | Breach::AfterCut
                    | Breach::CutBody
                    | Breach::LastAgain
                    | Breach::Application
                    | Breach::MissingFolder
            )
            && !matches!(
                breach,
                Breach::ForeignUrl
                    | Breach::RespelledSession
                    | Breach::Duplicate(_)
                    | Breach::ClosedSession
                    | Breach::CancelledSession
                    | Breach::Concurrent
            )
    };
    seen.acks()
        .filter(|(seen, _)| seen.breaches.len() > 1 && seen.breaches.iter().all(plain))
        .map(|(seen, _)| kept_if(seen.status() >= 400, seen, "a refusal", || describe(seen)))
        .collect()
}

/// How far down the order of validation a fault is found (3.2.5.2.3), and with which status it is answered.
fn validation(breach: &Breach) -> Option<(u8, u16)> {
    match breach {
        Breach::NoPacketType
        | Breach::UnknownPacketType
        | Breach::Body
        | Breach::NoProtocols
        | Breach::ForeignProtocols
        | Breach::NoSession
        | Breach::NoRange
        | Breach::Directory => Some((0, 400)),
        Breach::Forbidden => Some((1, 403)),
        Breach::NoLength => Some((2, 411)),
        Breach::UnknownSession => Some((3, 500)),
        Breach::Gap | Breach::Overlap => Some((4, 416)),
        _ => None,
    }
}

/// Which of two faults is answered is left open (U11).
fn which_of_several(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter(|(seen, _)| seen.breaches.len() > 1 && is_error_of(seen))
        .filter_map(|(seen, _)| {
            let faults: Vec<_> =
                seen.breaches.iter().map(validation).collect::<Option<Vec<_>>>()?;
            let (_, first) = faults.iter().min()?;
            let differ = faults.iter().any(|(_, status)| status != first);
            let told =
                reading(if seen.status() == *first { "U11/first-fault" } else { "U11/other" });
            differ.then(|| followed(seen, told))
        })
        .collect()
}

fn hresult(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter_map(|(seen, answer)| Some((seen, error_text(&answer.head.headers)?)))
        .map(|(seen, (name, value))| match Hresult::read(value) {
            None => kept_if(false, seen, "up to eight hexadecimal digits", || {
                format!("{name}: {value}")
            }),
            Some(_) if value.starts_with("0x") => followed(seen, const { reading("U17/prefixed") }),
            Some(_) => followed(seen, const { reading("U17/plain") }),
        })
        .collect()
}

/// Whether the answer may be that of the server application, or its stored one.
fn concerns_application(observed: &Observed<'_>, seen: &Seen<'_>) -> bool {
    let concerns = |breach: &Breach| match breach {
        Breach::Application | Breach::LastAgain => true,
        // Behind a fragment that was cut the transcript cannot tell whether the application has been called.
        Breach::UncertainSession => observed.notifies(),
        _ => false,
    };
    seen.breaches.iter().any(concerns)
}

/// Values of Windows and of BITS are listed elsewhere; a value of one's own has the vendor bit.
fn vendor(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter_map(|(seen, _)| Some((seen, seen.error??)))
        .map(|(seen, value)| {
            let listed = value == Hresult::NONE
                || matches!(value.0 >> 16, 0x8007 | 0x8020 | 0x8000 | 0x8019);
            kept_if(
                listed || value.is_vendor(),
                seen,
                "a listed value, or the bit 0x20000000",
                || value.to_string(),
            )
        })
        .collect()
}

fn context(seen: &Observed<'_>) -> Verdict {
    seen.acks()
        .filter(|(one, answer)| is_error(answer) && !concerns_application(seen, one))
        .filter_map(|(seen, answer)| {
            Some((seen, answer, answer.head.headers.first(names::ERROR_CONTEXT)?))
        })
        .map(|(seen, answer, value)| {
            kept_if(
                Hresult::read(value) == Some(Hresult(5)),
                seen,
                "BITS-Error-Context: 0x5",
                || shown(answer, names::ERROR_CONTEXT),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        checks::testing::{broken, follows, kept, unexercised},
        spec::Dialect,
    };

    const INVALID: &str = "400 Ack; BITS-Error: 0x80070057; BITS-Error-Context: 0x5";
    const PROTOCOLS: &str = "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";

    #[test]
    fn each_simple_fault_must_be_refused() {
        for (check, request) in [
            ("errors/packet-type-missing", "> BITS_POST; Content-Length: 0"),
            ("errors/packet-type-unknown", "> Nonsense"),
            ("errors/body-on-bodyless", "> Ping; Content-Length: 4\n= bytes abcd"),
        ] {
            kept(check, &format!("{request}\n< {INVALID}"));
            broken(check, &format!("{request}\n< 200 Ack"), 1, "200");
            broken(
                check,
                &format!("{request}\n< 400 Ack; BITS-Error: 0x80070005"),
                1,
                "0x80070005",
            );
            unexercised(check, "> Ping\n< 200 Ack");
        }
        let verdict = |answer: &str, dialect| {
            let lines = format!("> Nonsense\n< {answer}");
            crate::checks::testing::verdict("errors/packet-type-unknown", &lines)
                .in_dialect(dialect)
        };
        assert_eq!(verdict("501 Ack", Dialect::Strict).broken.len(), 1);
        assert_eq!(verdict("501 Ack", Dialect::McBup).followed[0].reading.id, "D13/other");
        let other_value = "400 Ack; BITS-Error: 0x80070005";
        assert_eq!(verdict(other_value, Dialect::McBup).broken.len(), 1);
    }

    #[test]
    fn a_long_value_must_be_refused_unless_nobody_reads_it() {
        let check = "errors/value-over-4-kilobytes";
        let long = "x".repeat(4097);
        kept(check, &format!("> Ping; Content-Name: {long}\n< {INVALID}"));
        broken(check, &format!("> Ping; Content-Name: {long}\n< 200 Ack"), 1, "200");
        follows(check, &format!("> Ping; X-Any: {long}\n< 200 Ack"), "E8/unknown-ignored");
        follows(check, &format!("> Ping; X-Any: {long}\n< 431"), "E8/431");
        unexercised(check, &format!("> Ping; X-Any: {}\n< 200 Ack", &long[1..]));
        // What fills a head by itself is HTTP's affair.
        unexercised(check, &format!("> Ping; Content-Name: {}\n< 200 Ack", long.repeat(4)));
    }

    #[test]
    fn a_missing_length_must_be_refused() {
        let ping = "> Ping; !Content-Length\n< ";
        kept("errors/length-missing-refused", &format!("{ping}411 Ack"));
        broken("errors/length-missing-refused", &format!("{ping}200 Ack"), 1, "200");
        unexercised("errors/length-missing-refused", "> Ping\n< 200 Ack");
        kept("errors/length-missing-status", &format!("{ping}411 Ack"));
        follows("errors/length-missing-status", &format!("{ping}400 Ack"), "S4/400");
        broken("errors/length-missing-status", &format!("{ping}500 Ack"), 1, "500");
        unexercised("errors/length-missing-status", &format!("{ping}200 Ack"));
        kept("errors/length-missing-value", &format!("{ping}411 Ack; BITS-Error: 0x80070057"));
        broken(
            "errors/length-missing-value",
            &format!("{ping}411 Ack; BITS-Error: 0x80070005"),
            1,
            "0x80070005",
        );
        unexercised("errors/length-missing-value", &format!("{ping}411 Ack"));
    }

    #[test]
    fn a_directory_must_be_refused() {
        let check = "errors/directory";
        let create = format!("> Create-Session /upload/; {PROTOCOLS}\n< ");
        kept(check, &format!("{create}{INVALID}"));
        broken(check, &format!("{create}403 Ack"), 1, "403");
        unexercised(check, &format!("> Create-Session; {PROTOCOLS}\n< 200 Ack"));
    }

    #[test]
    fn an_existing_file_is_refused_in_one_of_two_ways() {
        let check = "errors/destination-exists";
        let id = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let create = format!("> Create-Session; {PROTOCOLS}\n< ");
        let first = format!(
            "{create}200 Ack; {id}\n> Fragment; {id}; Content-Range: bytes 0-9/10\n< 200 Ack\n> Close-Session; {id}\n< 200 Ack\n"
        );
        kept(check, &format!("{first}{create}403 Ack; BITS-Error: 0x80070005"));
        follows(check, &format!("{first}{create}409 Ack"), "D3/409");
        broken(check, &format!("{first}{create}500 Ack"), 4, "500");
        unexercised(check, &format!("{first}{create}200 Ack"));
        let check = "errors/existing-destination-noticed";
        follows(check, &format!("{first}{create}403 Ack"), "U16/create");
        let second = id.replace("A0FF", "B0FF");
        let later = format!(
            "{first}{create}200 Ack; {second}\n> Fragment; {second}; Content-Range: bytes 0-9/10\n< "
        );
        follows(check, &format!("{later}403 Ack"), "U16/fragment");
        let closing = format!("{later}200 Ack\n> Close-Session; {second}\n< ");
        follows(check, &format!("{closing}403 Ack"), "U16/close");
        unexercised(check, &first);
    }

    #[test]
    fn a_closed_door_has_its_status() {
        let create = format!("> Create-Session; {PROTOCOLS}\n< ");
        kept(
            "errors/not-permitted",
            &format!("# role protected\n{create}403 Ack; BITS-Error: 0x80070005"),
        );
        broken("errors/not-permitted", &format!("# role protected\n{create}200 Ack"), 1, "200");
        unexercised("errors/not-permitted", &format!("{create}403 Ack"));
        kept("errors/permission-is-checked", &format!("# role protected\n{create}403 Ack"));
        broken(
            "errors/permission-is-checked",
            &format!("# role protected\n{create}200 Ack"),
            1,
            "200",
        );
        unexercised("errors/permission-is-checked", &format!("{create}403 Ack"));
        let check = "errors/executable-directory";
        kept(check, &format!("# role executable\n{create}403 Ack; BITS-Error: 0x80200023"));
        broken(
            check,
            &format!("# role executable\n{create}403 Ack; BITS-Error: 0x80070005"),
            1,
            "0x80070005",
        );
        broken(check, &format!("# role executable\n{create}200 Ack"), 1, "200");
        unexercised(
            check,
            &format!("# role executable\n> Ping\n< 200 Ack\n{create}400 Ack")
                .replace("role executable", "role plain"),
        );
        kept(
            "errors/uploads-disabled",
            &format!("# role disabled\n{create}501 Ack; BITS-Error: 0x80070005"),
        );
        follows("errors/uploads-disabled", &format!("# role disabled\n{create}404"), "D25/404");
        broken("errors/uploads-disabled", &format!("# role disabled\n{create}200 Ack"), 1, "200");
        unexercised("errors/uploads-disabled", &format!("{create}501 Ack"));
    }

    #[test]
    fn a_full_disk_has_its_status_and_one_of_several_values() {
        let check = "errors/disk-full";
        let id = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let fragment = |range: &str, answer: &str| {
            format!(
                "# role small-disk\n> Create-Session; {PROTOCOLS}\n< 200 Ack; {id}\n> Fragment; {id}; Content-Range: bytes {range}\n< {answer}"
            )
        };
        let all = "0-1048575/1048576";
        follows(check, &fragment(all, "500 Ack; BITS-Error: 0x80070070"), "S5/disk-full");
        follows(check, &fragment(all, "500 Ack; BITS-Error: 0x80070112"), "S5/printed");
        follows(check, &fragment(all, "500 Ack; BITS-Error: 0x80070005"), "S5/other");
        broken(check, &fragment(all, "500 Ack; BITS-Error: 0x0"), 2, "500");
        broken(check, &fragment(all, "507 Ack; BITS-Error: 0x80070070"), 2, "507");
        broken(check, &fragment(all, "200 Ack"), 2, "200");
        unexercised(check, &fragment("0-9/1048576", "500 Ack"));
        unexercised(check, &fragment("0-1048574/1048575", "500 Ack"));
    }

    #[test]
    fn two_faults_are_no_success() {
        let check = "errors/several-faults";
        kept(check, "> Fragment\n< 500 Ack");
        broken(check, "> Fragment\n< 200 Ack", 1, "200");
        unexercised(check, "> Ping\n< 200 Ack");
        // What a fragment without an Ack has left is no fault of the client's.
        let id = "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";
        let session = format!("BITS-Session-Id: {id}");
        unexercised(
            check,
            &format!(
                "> Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n< 200 Ack; {session}\n\
                 > Fragment; {session}; Content-Range: bytes 0-9/10\n= pattern 5eed 0 10 sent=4\n< !closed\n\
                 x {id}\n> Cancel-Session; {session}\n< 200 Ack"
            ),
        );
        let check = "errors/which-of-several-faults";
        let both = "> Cancel-Session; BITS-Session-Id: {1}; Content-Length: 1\n= bytes x\n< ";
        follows(check, &format!("{both}400 Ack"), "U11/first-fault");
        follows(check, &format!("{both}500 Ack"), "U11/other");
        unexercised(check, &format!("{both}200 Ack"));
        unexercised(check, "> Fragment\n< 400 Ack");
    }

    #[test]
    fn error_values_are_numbers_that_somebody_knows() {
        let error = |value: &str| format!("> Ping\n< 400 Ack; BITS-Error: {value}");
        follows("errors/value-is-an-hresult", &error("0x80070057"), "U17/prefixed");
        follows("errors/value-is-an-hresult", &error("80070057"), "U17/plain");
        broken("errors/value-is-an-hresult", &error("invalid"), 1, "invalid");
        unexercised("errors/value-is-an-hresult", "> Ping\n< 400 Ack");
        kept("errors/vendor-bit", &error("0xA0000001"));
        broken("errors/vendor-bit", &error("0x81230001"), 1, "0x81230001");
        unexercised("errors/vendor-bit", "> Ping\n< 400 Ack");
    }

    #[test]
    fn the_context_is_that_of_the_server() {
        let context = |value: &str| {
            format!("> Ping\n< 400 Ack; BITS-Error: 0x1; BITS-Error-Context: {value}")
        };
        kept("errors/context-is-server", &context("0x5"));
        broken("errors/context-is-server", &context("0x7"), 1, "0x7");
        unexercised("errors/context-is-server", "> Ping\n< 400 Ack");
        let last = "> Fragment; BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}; Content-Range: bytes 0-9/10";
        let refused = "< 403 Ack; BITS-Error: 0x80190193; BITS-Error-Context: 0x7";
        unexercised(
            "errors/context-is-server",
            &format!(
                "# role by-reference\n# application played\n\
                 > Create-Session; BITS-Supported-Protocols: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n\
                 < 200 Ack; BITS-Session-Id: {{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}}\n\
                 {last}\n= pattern 5eed 0 10 sent=4\n< !closed\n{last}\n>> POST\n<< 403\n{refused}\n{last}\n{refused}"
            ),
        );
    }
}

//! Uploads that are announced to a server application, as a client sees them.

use bits_wire::Hresult;

use super::{
    tests::{Bench, create, end, offset, row},
    *,
};
use crate::config::Profile;

/// A session in a directory that notifies by value, all of whose bytes have just come.
fn announced(bench: &mut Bench) -> (String, Box<Announcement>) {
    let session = bench.session();
    (session.clone(), announce(bench, &session))
}

fn announce(bench: &mut Bench, session: &str) -> Box<Announcement> {
    let fields = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", session),
        ("Content-Range", "bytes 0-9/10"),
        ("Content-Length", "10"),
        ("Host", "h"),
    ];
    let Admission::Receive { ticket, .. } = bench.admit("/file", &fields) else { panic!() };
    match bench.machine.settle(ticket, Ok(()), bench.now) {
        Settled::Notify(announcement) => announcement,
        Settled::Reply(reply) => panic!("{reply:?}"),
    }
}

fn notifying() -> Bench {
    Bench::with(|vdir| {
        vdir.notification_type = NotificationType::ByValue;
        vdir.notification_url = Some("http://a/".into());
    })
}

#[test]
fn the_last_fragment_is_answered_when_the_application_has_had_the_upload() {
    let mut bench = notifying();
    let (session, call) = announced(&mut bench);
    assert_eq!(call.destination.as_deref(), Some("http://h/file"));
    assert_eq!((call.length, call.by_value, call.tells_request), (10, true, false));
    let heard = Heard { status: 200, reply: true, ..Heard::default() };
    let reply = bench.machine.notified(call.ticket, Ok(heard), bench.now);
    let url = reply.headers.only("BITS-Reply-URL").unwrap().to_owned();
    assert!(url.starts_with("http://h/BITS-Sessions/Replies/%7B"), "{url}");
    assert_eq!((row(&reply).as_str(), offset(&reply)), ("200 - -", Some("10")));
    let again = bench.fragment(&session, 0, 9, 10);
    assert_eq!((again.status, again.headers.only("BITS-Reply-URL")), (200, Some(url.as_str())));
    let closing = bench.admit("/file", &end("Close-Session", &session));
    assert!(matches!(closing, Admission::Discard { .. }), "nobody asked for a copy: {closing:?}");
}

#[test]
fn an_upload_that_failed_to_be_announced_is_announced_again() {
    let mut bench = notifying();
    let (session, mut call) = announced(&mut bench);
    for (trouble, answer) in [
        (NotifyTrouble::TooSlow(Stage::Head), "408 0x80070112 0x7"),
        (NotifyTrouble::Malformed, "411 0x80070057 0x7"),
        (NotifyTrouble::Version, "411 0x80070057 0x7"),
        (NotifyTrouble::Unreachable, "502 0x801901F6 0x7"),
        (NotifyTrouble::BrokenOff(Stage::Body), "502 0x801901F6 0x7"),
    ] {
        let reply = bench.machine.notified(call.ticket, Err(trouble), bench.now);
        assert_eq!((row(&reply).as_str(), offset(&reply)), (answer, Some("10")));
        call = announce(&mut bench, &session);
    }
    let own = Heard { status: 503, error: Some(Hresult(0xA000_0001)), ..Heard::default() };
    let reply = bench.machine.notified(call.ticket, Ok(own), bench.now);
    assert_eq!(row(&reply), "503 0xA0000001 0x7");
    let call = announce(&mut bench, &session);
    let copy = Heard { status: 200, copy: true, ..Heard::default() };
    let reply = bench.machine.notified(call.ticket, Ok(copy), bench.now);
    assert_eq!((row(&reply).as_str(), reply.headers.has("BITS-Reply-URL")), ("200 - -", false));
    let closing = bench.admit("/file", &end("Close-Session", &session));
    assert!(matches!(closing, Admission::Publish { length: 10, .. }), "{closing:?}");
}

#[test]
fn an_upload_that_was_forbidden_is_not_announced_again() {
    let mut bench = notifying();
    let (session, call) = announced(&mut bench);
    let no = Heard { status: 403, ..Heard::default() };
    let reply = bench.machine.notified(call.ticket, Ok(no), bench.now);
    assert_eq!(row(&reply), "403 0x80190193 0x7");
    assert_eq!(row(&bench.fragment(&session, 0, 9, 10)), "403 0x80190193 0x7");
}

#[test]
fn a_static_reply_is_passed_on_as_it_stands_up_to_2200_characters() {
    for (length, answer) in [(2200, "200 - -"), (2201, "400 0x80070057 0x7")] {
        let mut bench = notifying();
        let (_, call) = announced(&mut bench);
        let url = format!("http://a/{}", "x".repeat(length - 9));
        let heard = Heard { status: 200, static_url: Some(url.clone()), ..Heard::default() };
        let reply = bench.machine.notified(call.ticket, Ok(heard), bench.now);
        assert_eq!(row(&reply), answer);
        let told = reply.headers.first("BITS-Reply-URL");
        assert_eq!(told, Some(url.as_str()).filter(|_| reply.status == 200));
    }
}

#[test]
fn a_session_that_waits_for_the_application_is_busy() {
    let mut bench = notifying();
    let (session, call) = announced(&mut bench);
    let waiting = bench.admit("/file", &end("Cancel-Session", &session));
    assert!(matches!(waiting, Admission::Busy(_)), "{waiting:?}");
    let nobody = Err(NotifyTrouble::Unreachable);
    assert_eq!(bench.machine.notified(call.ticket, nobody, bench.now).status, 502);
    assert_eq!(bench.end("Cancel-Session", &session).status, 200);
}

#[test]
fn replies_are_named_as_iis_6_names_them_where_that_is_asked_for() {
    for target in ["/file", "/folder/file"] {
        let mut bench = Bench::with(|vdir| {
            vdir.notification_type = NotificationType::ByReference;
            vdir.notification_url = Some("http://a/".into());
            vdir.profile = Profile::Iis6;
        });
        let created = bench.send_to(target, &create(), Ok(()));
        let session = created.headers.first("BITS-Session-Id").unwrap().to_owned();
        let fields = [
            ("BITS-Packet-Type", "Fragment"),
            ("BITS-Session-Id", session.as_str()),
            ("Content-Range", "bytes 0-9/10"),
            ("Content-Length", "10"),
        ];
        let Admission::Receive { ticket, .. } = bench.admit(target, &fields) else { panic!() };
        let Settled::Notify(call) = bench.machine.settle(ticket, Ok(()), bench.now) else {
            panic!()
        };
        let heard = Heard { status: 200, reply: true, ..Heard::default() };
        let reply = bench.machine.notified(call.ticket, Ok(heard), bench.now);
        let url = reply.headers.first("BITS-Reply-URL").unwrap();
        // What is relative belongs into the folder of the destination, where the replies of that one are not.
        let relative = format!(r"BITS-Sessions\Replies\{session}\responsefile.bin");
        assert_eq!(url == relative, target == "/file", "{url}");
    }
}

#[test]
fn another_host_is_told_with_its_time_and_not_without_a_host() {
    let told = |host: Option<&str>| {
        let mut bench = Bench::with(|vdir| {
            vdir.host_id = host.map(str::to_owned);
            vdir.host_id_fallback_timeout = Some(110);
        });
        let reply = bench.send(&create());
        let value = |name: &str| reply.headers.only(name).map(str::to_owned);
        (value("BITS-Host-Id"), value("BITS-Host-Id-Fallback-Timeout"))
    };
    assert_eq!(told(Some("other")), (Some("other".into()), Some("110".into())));
    assert_eq!(told(None), (None, None));
}

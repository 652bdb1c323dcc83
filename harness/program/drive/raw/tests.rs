//! The driver against scripted listeners on loopback.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bits_judge::{
    plan::{Capture, Head, Plan, Step, Template},
    transcript::{Fate, Received, Silence, Transcript},
};
use bits_wire::{Payload, http1::Framing, payload::digest_of};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Instant,
};
use tokio_rustls::TlsAcceptor;

use super::{
    receive::{Limits, Receiver},
    write::News,
};
use crate::drive::{Driver, Options, Place, TlsOptions, Transport};

/// What a scripted listener does on one connection, after it has read a head and the body that belongs to it.
#[derive(Clone, Copy)]
enum Deed {
    /// Says this and goes on.
    Say(&'static [u8]),
    /// Says this after the head, without reading the body.
    Hasty(&'static [u8]),
    /// Says this and closes.
    Close(&'static [u8]),
    /// Says this and resets.
    Reset(&'static [u8]),
    /// Says this again and again.
    Forever(&'static [u8], &'static [u8]),
    /// Says this and then nothing more.
    Stall(&'static [u8]),
}

/// Listens, does one deed for each request in turn, and hands over what it read.
async fn listen(deeds: Vec<Deed>) -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hear) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut deeds = deeds.into_iter();
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream, &mut deeds, &heard).await;
        }
    });
    (address, hear)
}

async fn serve(
    mut stream: TcpStream,
    deeds: &mut impl Iterator<Item = Deed>,
    heard: &mpsc::UnboundedSender<Vec<u8>>,
) {
    loop {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            request.push(byte);
        }
        let Some(deed) = deeds.next() else { return };
        if !matches!(deed, Deed::Hasty(_)) {
            let mut body = vec![0; length(&request)];
            if stream.read_exact(&mut body).await.is_err() {
                return;
            }
            request.extend(body);
        }
        let _ = heard.send(request);
        match deed {
            Deed::Say(bytes) => _ = stream.write_all(bytes).await,
            Deed::Hasty(bytes) | Deed::Stall(bytes) => {
                let _ = stream.write_all(bytes).await;
                return std::future::pending().await;
            }
            Deed::Close(bytes) => {
                let _ = stream.write_all(bytes).await;
                return;
            }
            Deed::Reset(bytes) => {
                let _ = stream.write_all(bytes).await;
                // Until the bytes are taken a reset would swallow them.
                tokio::task::yield_now().await;
                return stream.set_zero_linger().unwrap();
            }
            Deed::Forever(first, again) => {
                let mut alive = stream.write_all(first).await.is_ok();
                while alive {
                    alive = stream.write_all(again).await.is_ok();
                }
                return;
            }
        }
    }
}

fn length(head: &[u8]) -> usize {
    let text = String::from_utf8_lossy(head);
    let text = text.to_ascii_lowercase();
    let line = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.map_or(0, |length| length.parse().unwrap())
}

fn raw(head: &str, body: Payload) -> Step {
    Step { line: 3, ..Step::sending(Head::Raw(Template::read(head).unwrap()), body) }
}

fn ping() -> Step {
    raw("PING / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", Payload::Empty)
}

fn options() -> Options {
    Options { timeout: Duration::from_millis(400), ..Options::default() }
}

async fn drive_with(options: Options, address: SocketAddr, steps: Vec<Step>) -> Transcript {
    let target = format!("http://{address}/up/").parse().unwrap();
    let driver = Driver::new(target, options).unwrap();
    driver
        .drive(&Plan { name: "test".into(), steps, ..Plan::default() }, &Place::at("/up/"), "p.")
        .await
}

async fn drive(deeds: Vec<Deed>, steps: Vec<Step>) -> Transcript {
    let (address, _hear) = listen(deeds).await;
    drive_with(options(), address, steps).await
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn the_head_is_sent_exactly_and_the_body_follows() {
    let (address, mut hear) = listen(vec![Deed::Say(OK)]).await;
    let body = Payload::Pattern { seed: 1, offset: 8, length: 200_000 };
    let head = "bits_POST ${base}${prefix}x HTTP/1.1\r\nhOsT: ${host}\r\nA:b\r\nContent-Length: 200000\r\n\r\n";
    let transcript = drive_with(options(), address, vec![raw(head, body.clone())]).await;
    let heard = hear.recv().await.unwrap();
    let said = format!(
        "bits_POST /up/p.x HTTP/1.1\r\nhOsT: {address}\r\nA:b\r\nContent-Length: 200000\r\n\r\n"
    );
    assert!(heard.starts_with(said.as_bytes()));
    assert_eq!(digest_of(&[Payload::Bytes(heard[said.len()..].to_vec())]), digest_of(&[body]));
    assert_eq!(transcript.exchanges[0].request.sent, 200_000);
    assert_eq!(transcript.exchanges[0].fate, Fate::Open);
}

#[tokio::test]
async fn what_is_captured_is_said_again_and_what_is_not_is_skipped() {
    let (address, mut hear) = listen(vec![
        Deed::Say(b"HTTP/1.1 200 OK\r\nBITS-Session-Id: {1}\r\nContent-Length: 0\r\n\r\n"),
        Deed::Say(OK),
    ])
    .await;
    let mut first = ping();
    first.captures =
        vec![Capture::verbatim("session", "bits-session-ID"), Capture::verbatim("other", "X")];
    let second = raw("PING / HTTP/1.1\r\nS: ${session}\r\n\r\n", Payload::Empty);
    let third = raw("PING / HTTP/1.1\r\nS: ${other}\r\n\r\n", Payload::Empty);
    let transcript = drive_with(options(), address, vec![first, second, third]).await;
    hear.recv().await.unwrap();
    assert_eq!(hear.recv().await.unwrap(), b"PING / HTTP/1.1\r\nS: {1}\r\n\r\n");
    assert_eq!(transcript.exchanges.len(), 2);
    assert_eq!(transcript.skipped[0].step, 2);
    assert!(transcript.skipped[0].reason.contains("${other}"));
}

#[tokio::test]
async fn a_connection_is_kept_and_replaced_when_it_ends() {
    let deeds = vec![
        Deed::Say(OK),
        Deed::Close(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
        Deed::Say(OK),
    ];
    let transcript = drive(deeds, vec![ping(), ping(), ping()]).await;
    let connections: Vec<_> =
        transcript.exchanges.iter().map(|exchange| (exchange.connection, exchange.fate)).collect();
    assert_eq!(connections, [(1, Fate::Open), (1, Fate::Closed), (2, Fate::Open)]);
}

#[tokio::test]
async fn an_early_answer_stops_the_body() {
    let body = Payload::Pattern { seed: 1, offset: 0, length: 64 << 20 };
    let answer = Deed::Hasty(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    let transcript =
        drive(vec![answer], vec![raw("P / HTTP/1.1\r\nContent-Length: 67108864\r\n\r\n", body)])
            .await;
    let exchange = &transcript.exchanges[0];
    assert_eq!(exchange.answer().unwrap().head.status, 413);
    assert!(exchange.request.sent < 64 << 20, "{}", exchange.request.sent);
    assert_eq!(exchange.fate, Fate::Dropped);
}

#[tokio::test]
async fn each_kind_of_silence_has_its_name() {
    for (deed, silence) in [
        (Deed::Stall(b""), Silence::TimedOut),
        (Deed::Stall(b"HTTP/1.1 200 OK\r\nA: "), Silence::TimedOut),
        (Deed::Close(b""), Silence::Closed),
        (Deed::Close(b"HTTP/1.1 200 OK\r\n"), Silence::Closed),
        (Deed::Close(b"SSH-2.0-x\r\n"), Silence::Garbage(b"SSH-2.0-x\r\n".to_vec())),
        (Deed::Reset(b""), Silence::Reset),
    ] {
        let transcript = drive(vec![deed], vec![ping()]).await;
        assert_eq!(transcript.exchanges[0].received, Received::Nothing(silence));
        assert_eq!(transcript.unfinished, None);
    }
}

#[tokio::test]
async fn a_target_that_has_gone_silent_is_given_up() {
    let transcript = drive(vec![Deed::Say(OK), Deed::Stall(b"")], vec![ping(); 9]).await;
    assert_eq!(transcript.exchanges.len(), 4);
    assert!(transcript.unfinished.unwrap().contains("3 requests in a row"));
}

#[tokio::test]
async fn an_endless_head_is_given_up() {
    let endless = Deed::Forever(b"HTTP/1.1 200 OK\r\n", &[b'x'; 4096]);
    let transcript = drive(vec![endless], vec![ping()]).await;
    let Received::Nothing(Silence::EndlessHead(bytes)) = transcript.exchanges[0].received else {
        panic!("not given up")
    };
    assert!((64 * 1024..256 * 1024).contains(&bytes), "{bytes}");
    let interim = Deed::Forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n");
    let transcript = drive(vec![interim], vec![ping()]).await;
    assert!(matches!(transcript.exchanges[0].received, Received::Nothing(Silence::EndlessHead(_))));
}

#[tokio::test]
async fn an_endless_body_is_given_up() {
    let endless = Deed::Forever(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"8\r\n01234567\r\n",
    );
    let (address, _hear) = listen(vec![endless]).await;
    let transcript =
        drive_with(Options { most_body: 100_000, ..options() }, address, vec![ping()]).await;
    let answer = transcript.exchanges[0].answer().unwrap();
    assert!(!answer.body.complete);
    assert!((100_000..400_000).contains(&answer.body.length), "{}", answer.body.length);
    assert_eq!(transcript.exchanges[0].fate, Fate::Dropped);
}

#[tokio::test]
async fn bodies_of_every_framing_are_taken_in() {
    let ten = digest_of(&[Payload::Bytes(b"0123456789".to_vec())]).unwrap();
    for (deed, framing) in [
        (Deed::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"), Framing::Length(10)),
        (Deed::Say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n012\r\n7\r\n3456789\r\n0\r\n\r\n"), Framing::Chunked),
        (Deed::Close(b"HTTP/1.1 200 OK\r\n\r\n0123456789"), Framing::UntilClose),
    ] {
        let transcript = drive(vec![deed], vec![ping()]).await;
        let body = &transcript.exchanges[0].answer().unwrap().body;
        assert_eq!((body.length, body.digest, body.complete, &body.framing), (10, ten, true, &framing));
        assert_eq!(body.start, b"0123456789");
    }
    let transcript =
        drive(vec![Deed::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012")], vec![ping()])
            .await;
    assert!(!transcript.exchanges[0].answer().unwrap().body.complete);
}

#[tokio::test]
async fn more_is_kept_of_a_body_in_parts() {
    let answer = |kind: &str| -> &'static [u8] {
        let body = "x".repeat(2000);
        format!("HTTP/1.1 206 OK\r\nContent-Length: 2000\r\nContent-Type: {kind}\r\n\r\n{body}")
            .into_bytes()
            .leak()
    };
    for transport in [Transport::Raw, Transport::Http] {
        for (kind, kept) in
            [("text/plain", 512), ("Multipart/Byteranges; boundary=b", 2000), ("mul", 512)]
        {
            let (address, _hear) = listen(vec![Deed::Say(answer(kind))]).await;
            let get = raw("GET /up/a HTTP/1.1\r\nHost: x\r\n\r\n", Payload::Empty);
            let transcript =
                drive_with(Options { transport, ..options() }, address, vec![get]).await;
            let body = &transcript.exchanges[0].answer().unwrap().body;
            assert_eq!((body.length, body.start.len()), (2000, kept), "{kind}");
        }
    }
}

#[tokio::test]
async fn an_answer_to_head_has_no_body() {
    let head = raw("HEAD / HTTP/1.1\r\n\r\n", Payload::Empty);
    let transcript =
        drive(vec![Deed::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")], vec![head]).await;
    let body = &transcript.exchanges[0].answer().unwrap().body;
    assert_eq!((body.length, body.complete), (0, true));
}

#[tokio::test]
async fn unasked_bytes_belong_to_the_answer_before_them() {
    let stray = Deed::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n<html>");
    let transcript = drive(vec![stray, Deed::Say(OK)], vec![ping(), ping()]).await;
    assert_eq!(transcript.exchanges[0].answer().unwrap().surplus, b"<html>");
    assert_eq!(transcript.exchanges[1].answer().unwrap().surplus, b"");
    assert_eq!(transcript.exchanges[1].connection, 2);
}

#[tokio::test]
async fn interim_answers_are_kept_apart() {
    let deed = Deed::Say(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let transcript = drive(vec![deed], vec![ping()]).await;
    let answer = transcript.exchanges[0].answer().unwrap();
    assert_eq!(answer.interim.iter().map(|head| head.status).collect::<Vec<_>>(), [100, 103]);
    assert_eq!(answer.head.status, 200);
}

#[tokio::test]
async fn nothing_listening_ends_the_plan() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let transcript = drive_with(options(), address, vec![ping(), ping()]).await;
    assert!(transcript.unfinished.unwrap().contains("connection refused"));
    assert_eq!(transcript.exchanges, []);
}

#[tokio::test]
async fn the_ordinary_client_sends_a_length_of_zero_and_follows_no_redirect() {
    let (address, mut hear) = listen(vec![Deed::Say(
        b"HTTP/1.1 307 Elsewhere\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    )])
    .await;
    let head = "BITS_POST /up/x HTTP/1.1\r\nHost: ${host}\r\nBITS-Packet-Type: Ping\r\nContent-Length: 0\r\n\r\n";
    let options = Options { transport: Transport::Http, ..options() };
    let transcript = drive_with(options, address, vec![raw(head, Payload::Empty)]).await;
    let heard = String::from_utf8(hear.recv().await.unwrap()).unwrap().to_ascii_lowercase();
    assert!(heard.starts_with("bits_post /up/x http/1.1\r\n"), "{heard}");
    assert_eq!(heard.matches("content-length: 0\r\n").count(), 1, "{heard}");
    let exchange = &transcript.exchanges[0];
    assert_eq!(exchange.answer().unwrap().head.status, 307);
    assert_eq!((exchange.fate, exchange.answer().unwrap().exact), (Fate::Hidden, false));
}

#[tokio::test]
async fn the_ordinary_client_streams_a_body() {
    let (address, mut hear) =
        listen(vec![Deed::Say(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")]).await;
    let body = Payload::Pattern { seed: 2, offset: 0, length: 300_000 };
    let head = "BITS_POST /up/x HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 300000\r\n\r\n";
    let options = Options { transport: Transport::Http, ..options() };
    let transcript = drive_with(options, address, vec![raw(head, body.clone())]).await;
    let answer = transcript.exchanges[0].answer();
    assert_eq!(answer.map(|answer| answer.body.length), Some(2), "{transcript}");
    let heard = hear.recv().await.unwrap();
    let sent = Payload::Bytes(heard[heard.len() - 300_000..].to_vec());
    assert_eq!(digest_of(&[sent]), digest_of(&[body]));
}

/// Drives, and fails if that takes longer than any sum of timeouts here.
async fn drive_in_time(options: Options, deeds: Vec<Deed>, steps: Vec<Step>) -> Transcript {
    let (address, _hear) = listen(deeds).await;
    let driven = drive_with(options, address, steps);
    tokio::time::timeout(Duration::from_secs(20), driven).await.expect("it ends")
}

#[tokio::test]
async fn a_length_that_is_only_announced_wins_no_time() {
    for length in ["1099511627776", "18446744073709551615"] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n01234");
        let stall = Deed::Stall(head.into_bytes().leak());
        let transcript = drive_in_time(options(), vec![stall], vec![ping()]).await;
        let body = &transcript.exchanges[0].answer().unwrap().body;
        assert_eq!((body.length, body.complete), (5, false));
    }
}

#[tokio::test]
async fn bytes_that_come_faster_than_they_are_read_do_not_stop_the_clock() {
    let always_ready = std::io::Cursor::new(b"HTTP/1.1 200 OK\r\n\r\n").chain(tokio::io::repeat(0));
    let limits = Limits {
        most_head: 1024,
        most_body: u64::MAX,
        deadline: Instant::now() + Duration::from_millis(50),
        most_grace: 0,
        more_follow: false,
    };
    let (mut receiver, news) = (Receiver::new(always_ready), News::default());
    let received = receiver.receive("GET", limits, &news);
    let (received, _) = tokio::time::timeout(Duration::from_secs(20), received).await.unwrap();
    assert!(matches!(received, Received::Answer(answer) if !answer.body.complete));
}

#[tokio::test]
async fn the_ordinary_client_does_not_stop_the_clock_either() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let options = Options { transport: Transport::Http, ..options() };
    let get = raw("GET /up/a HTTP/1.1\r\nHost: ${host}\r\n\r\n", Payload::Empty);
    let endless = Deed::Forever(head, &[b'0'; 4096]);
    let transcript = drive_in_time(options, vec![endless], vec![get]).await;
    let answer = transcript.exchanges[0].answer();
    assert!(answer.is_none_or(|answer| !answer.body.complete), "{transcript}");
}

#[tokio::test]
async fn answers_that_never_become_whole_are_silence_as_well() {
    let half = Deed::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n01");
    let transcript = drive_in_time(options(), vec![Deed::Say(OK), half], vec![ping(); 9]).await;
    assert_eq!(transcript.exchanges.len(), 4);
    assert!(transcript.unfinished.unwrap().contains("3 requests in a row"));
}

#[tokio::test]
async fn a_plan_that_met_a_challenge_and_has_no_user_is_unfinished() {
    let asks = Deed::Say(b"HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n");
    let transcript = drive(vec![asks, Deed::Say(OK)], vec![ping(); 2]).await;
    assert_eq!(transcript.exchanges.len(), 2);
    assert!(transcript.unfinished.unwrap().contains("credentials"));
}

#[tokio::test]
async fn answers_that_fill_the_memory_end_the_plan() {
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(60_000));
    let deeds = vec![Deed::Say(long.into_bytes().leak()); 200];
    let transcript = drive_in_time(Options::default(), deeds, vec![ping(); 200]).await;
    assert!((140..150).contains(&transcript.exchanges.len()), "{}", transcript.exchanges.len());
    assert!(transcript.unfinished.unwrap().contains("8 MiB"));
}

/// A listener for one client over TLS: how long it was from the client's first byte until its request was there.
async fn secure(listener: &TcpListener) -> Duration {
    let key = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let private = rustls::pki_types::PrivateKeyDer::Pkcs8(key.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    stream.readable().await.unwrap();
    let began = Instant::now();
    let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let took = began.elapsed();
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    took
}

#[tokio::test]
async fn what_an_exchange_takes_includes_the_connection_that_is_made_for_it() {
    for transport in [Transport::Raw, Transport::Http] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = format!("https://localhost:{}/up/", listener.local_addr().unwrap().port());
        let tls = TlsOptions { insecure: true, ..TlsOptions::default() };
        let options = Options { transport, tls, ..Options::default() };
        let driver = Driver::new(target.parse().unwrap(), options).unwrap();
        let plan = Plan { steps: vec![ping()], ..Plan::default() };
        let place = Place::at("/");
        let (transcript, took) = tokio::join!(driver.drive(&plan, &place, "p."), secure(&listener));
        let exchange = &transcript.exchanges[0];
        assert!(exchange.answer().is_some() && exchange.took >= took, "{took:?}: {exchange:?}");
    }
}

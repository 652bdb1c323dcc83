//! What is shown to whom, and the driver against servers on loopback that ask who it is.

use std::{collections::BTreeMap, net::SocketAddr};

use bits_judge::{
    plan::{
        Action, Capture, Credentials, DirectoryRole, Expectation, Head, Plan, Send, Step, Template,
    },
    transcript::{Answer, Body, Transcript},
};
use bits_wire::{
    Headers, Payload,
    authorization::Bearer,
    http1::{Framing, RequestHead, ResponseHead},
    names,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::{Accounts, Passport, User, WRONG, with_header};
use crate::drive::{Driver, Options, Place, Transport};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const SESSION: &str = "HTTP/1.1 200 OK\r\nBITS-Session-Id: {1}\r\nContent-Length: 0\r\n\r\n";
const BASIC: &str =
    "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n";
const ALICE: &str = "Authorization: Basic YWxpY2U6d29uZGVybGFuZA==";

/// Gives one answer after the other, and hands over the heads that it read.
async fn listen(answers: &[&str]) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hear) = mpsc::unbounded_channel();
    let mut answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
    answers.reverse();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream, &mut answers, &heard).await;
        }
    });
    (address, hear)
}

async fn serve(
    mut stream: TcpStream,
    answers: &mut Vec<String>,
    heard: &mpsc::UnboundedSender<String>,
) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        let Some(answer) = answers.pop() else { return };
        heard.send(String::from_utf8(head).unwrap()).unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

fn step(credentials: Credentials) -> Step {
    let headers = [("Host", "${host}"), ("Content-Length", "0")];
    let headers = headers.map(|(name, value)| (name.into(), Template::read(value).unwrap()));
    let head = Head::Made {
        method: Template::said("PING"),
        target: Template::said("/up/x"),
        version: "HTTP/1.1".into(),
        headers: headers.into(),
    };
    let send = Send { credentials, ..Send::plain(head, Payload::Empty) };
    Step { line: 1, ..Step::bare(send.into()) }
}

fn protected() -> Accounts {
    let alice = User::new("alice", "wonderland");
    Accounts::new(None, BTreeMap::from([(DirectoryRole::Accounts, alice)]))
}

async fn drive(options: Options, address: SocketAddr, plan: &Plan) -> Transcript {
    let target = format!("http://{address}/up/").parse().unwrap();
    Driver::new(target, options).unwrap().drive(plan, &Place::at("/up/"), "p.").await
}

fn plan(role: DirectoryRole, steps: Vec<Step>) -> Plan {
    Plan { name: "test".into(), role, steps, ..Plan::default() }
}

/// Which of the requests carried credentials.
fn carried(hear: &mut mpsc::UnboundedReceiver<String>) -> Vec<bool> {
    let mut all = Vec::new();
    while let Ok(head) = hear.try_recv() {
        all.push(head.to_ascii_lowercase().contains("\r\nauthorization: "));
    }
    all
}

#[tokio::test]
async fn a_challenge_is_answered_on_the_same_step_and_remembered() {
    let (address, mut hear) = listen(&[BASIC, SESSION, OK, BASIC]).await;
    let mut first = step(Credentials::Right);
    first.captures = vec![Capture::verbatim("session", "BITS-Session-Id")];
    first.expect = Some(Expectation { status: vec![200], headers: vec![] });
    let mut second = step(Credentials::Right);
    if let Action::Send(send) = &mut second.action
        && let Head::Made { headers, .. } = &mut send.head
    {
        headers.push(("S".into(), Template::variable("session")));
    }
    let plan = plan(DirectoryRole::Accounts, vec![first, second, step(Credentials::None)]);
    let options = Options { accounts: protected(), ..Options::default() };
    let transcript = drive(options, address, &plan).await;
    let steps: Vec<usize> = transcript.exchanges.iter().map(|exchange| exchange.step).collect();
    assert_eq!(steps, [0, 0, 1, 2], "{transcript}");
    assert_eq!(connections(&transcript), [1, 1, 1, 1]);
    let heads: Vec<String> = std::iter::from_fn(|| hear.try_recv().ok()).collect();
    assert!(!heads[0].contains("Authorization"));
    assert!(heads[1].contains(ALICE) && heads[2].contains(ALICE), "{heads:?}");
    assert!(heads[2].contains("\r\nS: {1}\r\n"), "{heads:?}");
    assert!(!heads[3].contains("Authorization"), "{heads:?}");
    let told = transcript.to_string();
    assert!(told.contains("> Authorization: Basic <redacted>"), "{told}");
    assert!(!told.contains("YWxpY2U6") && !told.contains("wonderland"), "{told}");
}

fn connections(transcript: &Transcript) -> Vec<u32> {
    transcript.exchanges.iter().map(|exchange| exchange.connection).collect()
}

#[tokio::test]
async fn the_user_of_a_target_is_shown_with_every_request_once_one_was_asked_for() {
    let (address, mut hear) = listen(&[OK, BASIC, OK, OK]).await;
    let accounts = Accounts::new(Some(User::new("alice", "wonderland")), BTreeMap::new());
    let options = Options { accounts, ..Options::default() };
    let steps = vec![step(Credentials::None); 3];
    drive(options, address, &plan(DirectoryRole::Plain, steps)).await;
    assert_eq!(carried(&mut hear), [false, false, true, true]);
}

#[tokio::test]
async fn wrong_credentials_are_shown_once_and_recorded_as_wrong() {
    let (address, mut hear) = listen(&[BASIC, BASIC, OK]).await;
    let steps = vec![step(Credentials::Wrong)];
    let options = Options { accounts: protected(), ..Options::default() };
    let transcript = drive(options, address, &plan(DirectoryRole::Accounts, steps)).await;
    assert_eq!(carried(&mut hear), [false, true]);
    let told = transcript.to_string();
    assert!(told.contains("> Authorization: Basic <redacted: wrong>"), "{told}");
}

#[tokio::test]
async fn a_stale_nonce_is_replaced() {
    let digest = |nonce: &str| {
        format!(
            "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\", stale=true, qop=\"auth\"\r\n\
             WWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let (address, mut hear) = listen(&[&digest("one"), OK, &digest("two"), OK]).await;
    let steps = vec![step(Credentials::Right); 2];
    let options = Options { accounts: protected(), ..Options::default() };
    drive(options, address, &plan(DirectoryRole::Accounts, steps)).await;
    let heads: Vec<String> = std::iter::from_fn(|| hear.try_recv().ok()).collect();
    let shows = |head: &str, nonce: &str, count: u32| {
        head.contains(&format!(
            "Digest username=\"alice\", realm=\"r\", nonce=\"{nonce}\", uri=\"/up/x\""
        )) && head.contains(&format!("nc={count:08x}"))
    };
    assert!(shows(&heads[1], "one", 1), "{heads:?}");
    assert!(shows(&heads[2], "one", 2), "{heads:?}");
    assert!(shows(&heads[3], "two", 1), "{heads:?}");
}

#[tokio::test]
async fn the_ordinary_client_shows_credentials_as_well() {
    let (address, mut hear) = listen(&[BASIC, OK]).await;
    let steps = vec![step(Credentials::Right)];
    let options =
        Options { accounts: protected(), transport: Transport::Http, ..Options::default() };
    let transcript = drive(options, address, &plan(DirectoryRole::Accounts, steps)).await;
    assert_eq!(carried(&mut hear), [false, true]);
    assert!(!transcript.to_string().contains("YWxpY2U6"), "{transcript}");
}

#[tokio::test]
async fn without_a_user_a_challenge_is_an_answer_like_any_other() {
    let (address, mut hear) = listen(&[BASIC, OK]).await;
    let steps = vec![step(Credentials::None), step(Credentials::Right)];
    let transcript = drive(Options::default(), address, &plan(DirectoryRole::Plain, steps)).await;
    assert_eq!(carried(&mut hear), [false, false]);
    assert_eq!(transcript.exchanges.len(), 2);
}

fn challenge(values: &[&str]) -> Answer {
    let headers: Headers = values.iter().map(|value| (names::WWW_AUTHENTICATE, *value)).collect();
    Answer {
        head: ResponseHead::write(401, "Unauthorized", &headers),
        exact: true,
        interim: vec![],
        body: Body::of(Framing::Nothing, b""),
        surplus: vec![],
    }
}

fn head() -> RequestHead {
    RequestHead::read(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
}

#[test]
fn nothing_is_shown_before_it_is_asked_for() {
    let accounts = protected();
    let mut passport = Passport::new(&accounts, DirectoryRole::Accounts);
    assert!(passport.shown(&head(), Credentials::Right).unwrap().is_none());
    assert!(passport.is_asked(&challenge(&["Basic realm=\"x\""]), false));
    assert!(passport.shown(&head(), Credentials::None).unwrap().is_none());
    let shown = passport.shown(&head(), Credentials::Right).unwrap().unwrap();
    let raw =
        b"GET /a HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YWxpY2U6d29uZGVybGFuZA==\r\n\r\n";
    assert_eq!((shown.head.raw.as_slice(), shown.bearer), (&raw[..], Bearer::Right));
    let wrong = passport.shown(&head(), Credentials::Wrong).unwrap().unwrap();
    assert_eq!(wrong.bearer, Bearer::Wrong);
    assert_ne!(wrong.head.raw, raw);
    let written = RequestHead::read(b"GET / HTTP/1.1\r\nAuthorization: Odd\r\n\r\n");
    assert!(passport.shown(&written, Credentials::Right).unwrap().is_none());
}

#[test]
fn a_refusal_of_credentials_is_no_reason_to_show_them_again() {
    let accounts = protected();
    let mut passport = Passport::new(&accounts, DirectoryRole::Accounts);
    assert!(!passport.is_asked(&challenge(&["Basic realm=\"x\""]), true));
    assert!(!passport.is_asked(&challenge(&["Negotiate"]), false));
    assert!(!passport.is_asked(&challenge(&[]), false));
    let stale = "Digest realm=\"x\", nonce=\"2\", stale=TRUE";
    assert!(passport.is_asked(&challenge(&[stale]), true));
}

#[test]
fn the_user_for_everything_does_not_enter_a_protected_directory() {
    let accounts = Accounts::new(Some(User::new("alice", "x")), BTreeMap::new());
    assert!(accounts.unasked(DirectoryRole::Plain).is_some());
    assert!(accounts.permitted(DirectoryRole::Accounts).is_some());
    assert_eq!(accounts.unasked(DirectoryRole::Accounts), None);
    assert_eq!(accounts.unasked(DirectoryRole::Protected), None);
    let mallory = User::new("mallory", "x");
    let refused = BTreeMap::from([(DirectoryRole::Protected, mallory.clone())]);
    let accounts = Accounts::new(None, refused);
    assert_eq!(accounts.unasked(DirectoryRole::Protected), Some(&mallory));
}

#[test]
fn a_password_is_not_printed_and_the_wrong_one_is_another() {
    let user = User::new("alice", WRONG);
    assert_eq!(format!("{user:?}"), "User { name: \"alice\", .. }");
    assert_ne!(user.mistaken(), user);
}

#[test]
fn a_head_without_an_end_gets_the_line_behind_its_first() {
    let with = |raw: &[u8]| with_header(&RequestHead::read(raw), "A", "b").map(|head| head.raw);
    assert_eq!(with(b"GET /\nX: y\n\n").unwrap(), b"GET /\nA: b\r\nX: y\n\n");
    assert_eq!(with(b"nonsense"), None);
}

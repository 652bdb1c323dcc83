//! The server over real sockets, as a client without any library sees it.

use std::{path::Path, sync::Arc};

use bits_wire::{
    UPLOAD_PROTOCOL,
    http1::{HeadState, ResponseHead, read_response_head},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::store::{Files, Memory};

async fn start(store: impl Store) -> Running {
    start_with(store, Config::single()).await
}

async fn start_with(store: impl Store, config: Config) -> Running {
    let address = "127.0.0.1:0".parse().unwrap();
    listen(address, config, Arc::new(store), Options::default()).await.unwrap()
}

/// A connection that knows the messages.
pub(super) struct Client<S = TcpStream> {
    pub(super) stream: S,
    read: Vec<u8>,
}

pub(super) struct Got {
    pub(super) head: ResponseHead,
    pub(super) body: Vec<u8>,
}

impl Got {
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.head.headers.only(name)
    }
}

impl Client {
    pub(super) async fn to(server: &Running) -> Self {
        Self::over(TcpStream::connect(server.address).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(super) fn over(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(super) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    pub(super) async fn ask(&mut self, head: &str, body: &[u8]) -> Got {
        self.write(head.replace('\n', "\r\n")).await;
        self.write(body).await;
        self.answer(head.starts_with("HEAD")).await
    }

    pub(super) async fn answer(&mut self, to_head: bool) -> Got {
        loop {
            if let HeadState::Complete(head, length) = read_response_head(&self.read) {
                self.read.drain(..length);
                let length = head.headers.only("Content-Length").unwrap_or("0").parse().unwrap();
                let length = if to_head { 0 } else { length };
                while self.read.len() < length {
                    assert!(self.more().await, "the body is cut");
                }
                return Got { head: *head, body: self.read.drain(..length).collect() };
            }
            assert!(self.more().await, "no answer: {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    pub(super) async fn more(&mut self) -> bool {
        self.stream.read_buf(&mut self.read).await.unwrap() > 0
    }

    pub(super) async fn create(&mut self, path: &str) -> String {
        let got = self.ask(&create(path), b"").await;
        got.value("BITS-Session-Id").expect("a session").to_owned()
    }

    pub(super) async fn fragment(
        &mut self,
        path: &str,
        session: &str,
        range: &str,
        body: &[u8],
    ) -> Got {
        self.ask(&fragment(path, session, range, body.len()), body).await
    }

    pub(super) async fn close(&mut self, path: &str, session: &str) -> Got {
        self.ask(&close(path, session), b"").await
    }
}

pub(super) fn create(path: &str) -> String {
    format!(
        "BITS_POST {path} HTTP/1.1\nHost: x\nBITS-Packet-Type: Create-Session\n\
         BITS-Supported-Protocols: {UPLOAD_PROTOCOL}\nContent-Length: 0\n\n"
    )
}

pub(super) fn fragment(path: &str, session: &str, range: &str, length: usize) -> String {
    format!(
        "BITS_POST {path} HTTP/1.1\nHost: x\nBITS-Packet-Type: Fragment\nBITS-Session-Id: {session}\n\
         Content-Range: bytes {range}\nContent-Length: {length}\n\n"
    )
}

fn close(path: &str, session: &str) -> String {
    format!(
        "BITS_POST {path} HTTP/1.1\nHost: x\nBITS-Packet-Type: Close-Session\nBITS-Session-Id: {session}\n\
         Content-Length: 0\n\n"
    )
}

pub(super) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\nHost: x\n\n")
}

#[tokio::test]
async fn an_upload_over_one_connection_can_be_downloaded() {
    let root = tempfile::tempdir().unwrap();
    let server = start(Files::open(root.path(), &Config::single()).unwrap()).await;
    let mut client = Client::to(&server).await;
    let session = client.create("/a.bin").await;
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    let (front, back) = bytes.split_at(700_000);
    let got = client.fragment("/a.bin", &session, "0-699999/1000000", front).await;
    assert_eq!(got.value("BITS-Received-Content-Range"), Some("700000"));
    assert_eq!(client.ask(&get("/a.bin"), b"").await.head.status, 404);
    let got = client.fragment("/a.bin", &session, "700000-999999/1000000", back).await;
    assert_eq!((got.head.status, got.value("Content-Length")), (200, Some("0")));
    let got = client.close("/a.bin", &session).await;
    assert_eq!(got.value("BITS-Session-Id"), Some(session.as_str()));
    assert!(got.head.headers.has("Date"));
    assert!(got.value("Server").unwrap().starts_with("bitscheck/"));
    let got = client.ask(&get("/a.bin"), b"").await;
    assert_eq!((got.head.status, got.body == bytes), (200, true));
    let requests = root.path().join("BITS-Sessions/Requests");
    assert_eq!(std::fs::read_dir(requests).unwrap().count(), 0);
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn ranges_and_heads_of_a_download() {
    let store = Memory::default();
    store.put("a", b"0123456789".to_vec());
    let server = start(store).await;
    let mut client = Client::to(&server).await;
    let range = |range: &str| format!("GET /a HTTP/1.1\nHost: x\nRange: bytes={range}\n\n");
    let got = client.ask(&range("2-4"), b"").await;
    assert_eq!((got.head.status, got.body.as_slice()), (206, b"234".as_slice()));
    assert_eq!(got.value("Content-Range"), Some("bytes 2-4/10"));
    let got = client.ask(&range("10-"), b"").await;
    assert_eq!((got.head.status, got.value("Content-Range")), (416, Some("bytes */10")));
    let got = client.ask("HEAD /a HTTP/1.1\nHost: x\n\n", b"").await;
    assert_eq!((got.head.status, got.value("Content-Length")), (200, Some("10")));
    let got = client.ask("HEAD /a HTTP/1.1\nHost: x\nRange: bytes=0-0\n\n", b"").await;
    assert_eq!((got.head.status, got.value("Content-Length")), (206, Some("1")));
    assert_eq!(client.ask(&get("/a?x=1"), b"").await.body, b"0123456789");
}

#[tokio::test]
async fn several_ranges_are_streamed_with_a_true_length() {
    let store = Memory::default();
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    store.put("a", bytes.clone());
    let server = start(store).await;
    let mut client = Client::to(&server).await;
    let head = "GET /a HTTP/1.1\nHost: x\nRange: bytes=300000-999999,0-599999\n\n";
    let got = client.ask(head, b"").await;
    assert_eq!((got.head.status, got.value("Content-Range")), (206, None));
    let boundary = got.value("Content-Type").unwrap().split_once("boundary=").unwrap().1;
    let part = |place: &str, bytes: &[u8]| {
        let head = format!(
            "--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes {place}\r\n\r\n"
        );
        [head.as_bytes(), bytes, b"\r\n"].concat()
    };
    let wanted = [
        part("300000-999999/1000000", &bytes[300_000..]),
        part("0-599999/1000000", &bytes[..600_000]),
        format!("--{boundary}--\r\n").into_bytes(),
    ];
    assert!(got.body == wanted.concat());
    assert_eq!(client.ask(&get("/a"), b"").await.body.len(), 1_000_000);
}

#[tokio::test]
async fn a_short_refused_body_does_not_cost_the_connection() {
    let server = start(Memory::default()).await;
    let mut client = Client::to(&server).await;
    let session = client.create("/a").await;
    let got = client.fragment("/a", &session, "5-9/10", b"56789").await;
    assert_eq!((got.head.status, got.value("BITS-Received-Content-Range")), (416, Some("0")));
    let with_body = close("/a", &session).replace("Content-Length: 0", "Content-Length: 9");
    let got = client.ask(&with_body, b"GET /bad ").await;
    assert_eq!((got.head.status, got.value("BITS-Error")), (400, Some("0x80070057")));
    assert_eq!(client.fragment("/a", &session, "0-1/2", b"ab").await.head.status, 200);
}

#[tokio::test]
async fn a_long_refused_body_costs_the_connection_but_not_the_answer() {
    let server = start(Memory::default()).await;
    let mut client = Client::to(&server).await;
    let session = client.create("/a").await;
    let body = vec![7; 4_000_000];
    let got = client.fragment("/a", &session, "5-4000004/5000000", &body).await;
    assert_eq!((got.head.status, got.value("Connection")), (416, Some("close")));
    assert_eq!(got.value("BITS-Received-Content-Range"), Some("0"));
    assert!(!client.more().await);
}

#[tokio::test]
async fn a_refusal_sends_no_continue_and_an_admission_does() {
    let server = start(Memory::default()).await;
    let expecting = |head: String| head.replace("Host: x\n", "Host: x\nExpect: 100-continue\n");
    let mut client = Client::to(&server).await;
    let session = client.create("/a").await;
    let got = client.ask(&expecting(fragment("/a", &session, "5-9/10", 5)), b"").await;
    assert_eq!((got.head.status, got.value("Connection")), (416, Some("close")));
    let mut client = Client::to(&server).await;
    let got = client.ask(&expecting(fragment("/a", &session, "0-4/5", 5)), b"").await;
    assert_eq!(got.head.status, 100);
    client.write(b"01234").await;
    assert_eq!(client.answer(false).await.head.status, 200);
}

#[tokio::test]
async fn a_request_without_a_length_is_refused_and_its_body_never_read_as_a_request() {
    let server = start(Memory::default()).await;
    for extra in ["", "Transfer-Encoding: chunked\n"] {
        let mut client = Client::to(&server).await;
        let head = create("/a").replace("Content-Length: 0\n", extra);
        let got = client.ask(&head, b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!((got.head.status, got.value("BITS-Error")), (411, Some("0x80070057")));
        assert_eq!(got.value("Connection"), Some("close"));
        assert!(!client.more().await);
    }
}

#[tokio::test]
async fn long_values_reach_the_protocol() {
    let server = start(Memory::default()).await;
    let mut client = Client::to(&server).await;
    for (length, status) in [(4096, 200), (4097, 400), (100_000, 400)] {
        let long = format!("Host: x\nX-Long: {}\n", "x".repeat(length));
        let got = client.ask(&create("/a").replace("Host: x\n", &long), b"").await;
        assert_eq!((got.head.status, got.value("BITS-Packet-Type")), (status, Some("Ack")));
    }
}

#[tokio::test]
async fn nothing_leads_out_of_the_root() {
    let outer = tempfile::tempdir().unwrap();
    std::fs::write(outer.path().join("secret"), "secret").unwrap();
    let root = outer.path().join("root");
    std::fs::create_dir(&root).unwrap();
    let server = start(Files::open(&root, &Config::single()).unwrap()).await;
    let mut client = Client::to(&server).await;
    let session = client.create("/open").await;
    let request = format!("/BITS-Sessions/Requests/{session}/requestfile.bin");
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/..%5csecret",
        "/x/../../secret",
        &request,
        &request.replace('{', "%7B").replace('}', "%7d").to_lowercase(),
    ] {
        let got = client.ask(&get(path), b"").await;
        assert!(matches!(got.head.status, 400 | 404), "{path}: {}", got.head.status);
        assert_eq!(client.ask(&create(path), b"").await.head.status, 400, "{path}");
    }
    assert_eq!(files_below(outer.path()), ["lock", "requestfile.bin", "secret"]);
}

fn files_below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            names.extend(files_below(&entry.path()));
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
    names.sort();
    names
}

#[tokio::test]
async fn a_cut_fragment_can_be_sent_again_at_once() {
    let server = start(Memory::default()).await;
    let session = Client::to(&server).await.create("/a").await;
    for _ in 0..20 {
        let mut broken = Client::to(&server).await;
        broken.write(fragment("/a", &session, "0-9/10", 10).replace('\n', "\r\n")).await;
        broken.write(b"01234").await;
        drop(broken);
        let mut client = Client::to(&server).await;
        let got = client.fragment("/a", &session, "1-9/10", b"123456789").await;
        assert_eq!((got.head.status, got.value("BITS-Received-Content-Range")), (416, Some("0")));
    }
    let mut client = Client::to(&server).await;
    assert_eq!(client.fragment("/a", &session, "0-9/10", b"0123456789").await.head.status, 200);
    assert_eq!(client.close("/a", &session).await.head.status, 200);
    assert_eq!(client.ask(&get("/a"), b"").await.body, b"0123456789");
}

#[tokio::test]
async fn a_half_closed_client_gets_its_answer() {
    let server = start(Memory::default()).await;
    let mut client = Client::to(&server).await;
    client.write(create("/a").replace('\n', "\r\n")).await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.answer(false).await.head.status, 200);
}

#[tokio::test]
async fn a_stalled_fragment_gives_way_to_the_next_request_of_its_session() {
    let address = "127.0.0.1:0".parse().unwrap();
    let options = Options { give_way: Duration::ZERO, ..Options::default() };
    let store = Arc::new(Memory::default());
    let server = listen(address, Config::single(), store, options).await.unwrap();
    let mut stalled = Client::to(&server).await;
    let session = stalled.create("/a").await;
    let head = fragment("/a", &session, "0-9/10", 10);
    let expecting = head.replace("Host: x\n", "Host: x\nExpect: 100-continue\n");
    assert_eq!(stalled.ask(&expecting, b"").await.head.status, 100);
    stalled.write(b"01234").await;
    let mut client = Client::to(&server).await;
    let got = client.fragment("/a", &session, "0-9/10", b"0123456789").await;
    assert_eq!(got.head.status, 200);
    let got = stalled.answer(false).await;
    assert_eq!((got.head.status, got.value("BITS-Error")), (400, Some("0x80070057")));
}

#[tokio::test]
async fn fragments_of_one_session_take_turns() {
    let server = start(Memory::default()).await;
    let session = Client::to(&server).await.create("/a").await;
    let (mut one, mut two) = (Client::to(&server).await, Client::to(&server).await);
    one.write(fragment("/a", &session, "0-4/10", 5).replace('\n', "\r\n")).await;
    two.write(fragment("/a", &session, "0-4/10", 5).replace('\n', "\r\n")).await;
    one.write(b"01234").await;
    two.write(b"01234").await;
    let mut statuses = [one.answer(false).await.head.status, two.answer(false).await.head.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 416]);
}

#[tokio::test]
async fn other_methods_are_told_what_is_allowed() {
    let server = start(Memory::default()).await;
    let mut client = Client::to(&server).await;
    for method in ["POST", "bits_post", "PUT", "OPTIONS"] {
        let head = format!("{method} /a HTTP/1.1\nHost: x\nContent-Length: 3\n\n");
        let got = client.ask(&head, b"abc").await;
        assert_eq!((got.head.status, got.value("Content-Length")), (405, Some("0")), "{method}");
        assert_eq!(got.value("Allow"), Some("BITS_POST, GET, HEAD"));
    }
}

#[tokio::test]
async fn each_role_has_its_directory() {
    let server = start_with(Memory::default(), Config::all_roles(Config::APPLICATION)).await;
    let mut client = Client::to(&server).await;
    for (path, status) in [
        ("/plain/a", 200),
        ("/no-overwrite/a", 200),
        ("/overwrite/a", 200),
        ("/max-size/a", 200),
        ("/disabled/a", 501),
        ("/protected/a", 403),
        ("/other/a", 501),
        ("/plain/", 400),
    ] {
        assert_eq!(client.ask(&create(path), b"").await.head.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_stop_ends_idle_connections_and_frees_the_port() {
    let server = start(Memory::default()).await;
    let address = server.address;
    let mut idle = Client::to(&server).await;
    idle.create("/a").await;
    server.stop().await;
    assert!(!idle.more().await);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_unusable_configuration_is_refused() {
    let config = Config::of(vec![crate::config::VirtualDirectory::new("up")]);
    let address = "127.0.0.1:0".parse().unwrap();
    let store = Arc::new(Memory::default());
    let error = listen(address, config, store, Options::default()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

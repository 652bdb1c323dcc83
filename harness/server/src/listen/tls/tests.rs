//! Uploads over TLS, and handshakes that fail.

use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tempfile::TempDir;
use tokio::{io::AsyncReadExt as _, task::JoinSet};
use tokio_rustls::{TlsConnector, client};

use super::*;
use crate::{
    config::{Config, NotificationType},
    listen::{
        Options, Running, listen,
        tests::{Client, create, get},
    },
    store::Memory,
};

/// A certificate, with its files.
struct Files {
    folder: TempDir,
    own: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        let files = Self { folder, own };
        files.put("cert.pem", &files.own.cert.pem());
        files.put("key.pem", &files.own.signing_key.serialize_pem());
        files
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, certificate: &str, key: &str) -> Result<Tls, TlsError> {
        let folder = self.folder.path();
        Tls::read(&folder.join(certificate), &folder.join(key))
    }

    fn tls(&self) -> Tls {
        self.read("cert.pem", "key.pem").unwrap()
    }

    /// A client that trusts this certificate.
    fn connector(&self, protocols: &[&str]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.own.cert.der().clone()).unwrap();
        connector(roots, protocols)
    }

    async fn client(&self, server: &Running) -> Client<client::TlsStream<TcpStream>> {
        let connector = self.connector(&["http/1.1"]);
        Client::over(shake_hands(&connector, server).await.unwrap())
    }
}

fn connector(roots: RootCertStore, protocols: &[&str]) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn shake_hands(
    connector: &TlsConnector,
    server: &Running,
) -> io::Result<client::TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    connector.connect(ServerName::try_from("localhost").unwrap(), stream).await
}

async fn start(tls: Tls) -> Running {
    start_with(tls, Config::single()).await
}

async fn start_with(tls: Tls, config: Config) -> Running {
    let options = Options { tls: Some(tls), ..Options::default() };
    let address = "127.0.0.1:0".parse().unwrap();
    listen(address, config, Arc::new(Memory::default()), options).await.unwrap()
}

#[tokio::test]
async fn an_upload_over_tls_can_be_downloaded() {
    let files = Files::new();
    let server = start(files.tls()).await;
    assert_eq!(server.url(), format!("https://{}/", server.address));
    let mut client = files.client(&server).await;
    assert_eq!(client.stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let session = client.create("/a.bin").await;
    let bytes: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
    let got = client.fragment("/a.bin", &session, "0-299999/300000", &bytes).await;
    assert_eq!(got.value("BITS-Received-Content-Range"), Some("300000"));
    assert_eq!(client.close("/a.bin", &session).await.head.status, 200);
    let got = client.ask(&get("/a.bin"), b"").await;
    assert_eq!((got.head.status, got.body == bytes), (200, true));
    server.stop().await;
    // It says goodbye, so that nobody takes what was read for the beginning of more.
    assert!(!client.more().await);
}

#[tokio::test]
async fn the_answer_to_a_body_that_nobody_reads_is_not_lost() {
    let files = Files::new();
    let server = start(files.tls()).await;
    let mut client = files.client(&server).await;
    let head = create("/a").replace("Content-Length: 0", "Content-Length: 9000000");
    // The server may well have closed its half before the end.
    client.write(head.replace('\n', "\r\n")).await;
    for _ in 0..90 {
        client.write([7; 100_000]).await;
    }
    assert_eq!(client.answer(false).await.head.status, 400);
}

#[tokio::test]
async fn urls_that_the_server_makes_are_secure() {
    let files = Files::new();
    let mut config = Config::single();
    let vdir = &mut config.vdirs[0];
    vdir.notification_type = NotificationType::ByValue;
    let application = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    vdir.notification_url = Some(format!("http://{}/", application.local_addr().unwrap()));
    let server = start_with(files.tls(), config).await;
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        let (mut stream, _) = application.accept().await.unwrap();
        while !heard.ends_with(b"\r\n\r\n0123456789") {
            assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
        String::from_utf8(heard).unwrap()
    });
    let mut client = files.client(&server).await;
    let session = client.create("/a").await;
    let got = client.fragment("/a", &session, "0-9/10", b"0123456789").await;
    let url = got.value("BITS-Reply-URL").unwrap();
    assert!(url.starts_with("https://x/BITS-Sessions/Replies/"), "{url}");
    let heard = heard.await.unwrap().to_ascii_lowercase();
    assert!(heard.contains("bits-original-request-url: https://x/a\r\n"), "{heard}");
}

#[tokio::test]
async fn plain_http_is_told_what_the_port_speaks() {
    let files = Files::new();
    let server = start(files.tls()).await;
    for head in [create("/a"), get("/a")] {
        let mut client = Client::to(&server).await;
        let got = client.ask(&head, b"").await;
        assert_eq!((got.head.status, got.value("Connection")), (400, Some("close")));
        assert!(String::from_utf8(got.body).unwrap().contains("https://"));
        assert!(!client.more().await);
    }
    assert_eq!(files.client(&server).await.ask(&create("/a"), b"").await.head.status, 200);
}

#[tokio::test]
async fn a_handshake_that_fails_ends_with_an_alert_and_harms_nobody() {
    let files = Files::new();
    let server = start(files.tls()).await;
    // A ClientHello of one byte.
    let mut garbage = TcpStream::connect(server.address).await.unwrap();
    garbage.write_all(&[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]).await.unwrap();
    let mut alert = Vec::new();
    garbage.read_to_end(&mut alert).await.unwrap();
    assert_eq!(alert.first(), Some(&0x15), "{alert:?}");
    let error = shake_hands(&files.connector(&["h2"]), &server).await.unwrap_err();
    assert!(error.to_string().contains("NoApplicationProtocol"), "{error}");
    shake_hands(&connector(RootCertStore::empty(), &[]), &server).await.unwrap_err();
    drop(TcpStream::connect(server.address).await.unwrap());
    let mut client = files.client(&server).await;
    assert_eq!(client.ask(&create("/a"), b"").await.head.status, 200);
}

#[tokio::test]
async fn clients_that_keep_silent_keep_nobody_waiting_and_are_cut() {
    let files = Files::new();
    let server = start(files.tls()).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let mut client = files.client(&server).await;
    assert_eq!(client.ask(&create("/a"), b"").await.head.status, 200);
    // A stop does not wait for them either.
    server.stop().await;
    for mut stream in silent {
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
    }
    let server = start(Tls { patience: Duration::from_millis(1), ..files.tls() }).await;
    let mut ends = JoinSet::new();
    for first in [&b""[..], &[0x16, 3, 1]] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        ends.spawn(async move {
            let _ = stream.write_all(first).await;
            stream.read(&mut [0]).await.unwrap_or(0)
        });
    }
    assert_eq!(ends.join_all().await, [0, 0]);
}

#[test]
fn files_that_are_of_no_use_are_named_with_what_is_wrong() {
    let files = Files::new();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    files.put("other.pem", &other.signing_key.serialize_pem());
    files.put("empty.pem", "");
    let (key, cert) = (files.own.signing_key.serialize_pem(), files.own.cert.pem());
    files.put("cut.pem", &key[..key.len() / 2]);
    let body = |label: &str| format!("-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n");
    files.put("odd-key.pem", &body("PRIVATE KEY"));
    files.put("odd-cert.pem", &body("CERTIFICATE"));
    files.put("encrypted.pem", &body("ENCRYPTED PRIVATE KEY"));
    files.put("both.pem", &format!("{cert}{key}"));
    assert!(files.read("both.pem", "both.pem").is_ok());
    for (certificate, private, at, told) in [
        ("none.pem", "key.pem", "certificate in", "none.pem: No such file"),
        ("key.pem", "key.pem", "certificate in", "key.pem: the file holds no certificate"),
        ("odd-cert.pem", "key.pem", "certificate in", "odd-cert.pem: "),
        ("cert.pem", "none.pem", "private key in", "none.pem: No such file"),
        ("cert.pem", "empty.pem", "private key in", "empty.pem: the file holds no private key"),
        ("cert.pem", "cert.pem", "private key in", "cert.pem: the file holds no private key"),
        ("cert.pem", "encrypted.pem", "private key in", "that is not encrypted"),
        ("cert.pem", "cut.pem", "private key in", "cut.pem: the file is damaged"),
        ("cert.pem", "odd-key.pem", "private key in", "odd-key.pem: "),
        ("cert.pem", "other.pem", "other.pem is not the key of", "cert.pem"),
    ] {
        let error = files.read(certificate, private).unwrap_err().to_string();
        assert!(error.contains(at) && error.contains(told), "{certificate} {private}: {error}");
    }
}

#[test]
fn a_method_is_known_by_its_first_letters() {
    for first in ["GET / HTTP/1.1", "BITS_POST /up/a", "M-SEARCH *", "P", "get /"] {
        assert!(is_method(first.as_bytes()), "{first}");
    }
    for first in [&[0x16, 3, 1, 0, 200][..], &[0x80, 0x2e, 1], b"", b" GET", b"\r\n"] {
        assert!(!is_method(first), "{first:?}");
    }
}

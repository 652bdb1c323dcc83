//! Listeners that misbehave: what they read, what they say, and what they do then.

use std::{
    net::{SocketAddr, TcpListener as Bound},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    time::timeout,
};

/// The time between the bytes of one that drips.
const DRIP: Duration = Duration::from_millis(100);

/// How one misbehaves.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) name: String,
    pub(super) reads: Reads,
    pub(super) says: Vec<u8>,
    pub(super) then: Then,
}

impl Deed {
    /// Whether it says more for as long as anybody listens.
    pub(super) fn has_no_end(&self) -> bool {
        matches!(self.then, Then::Repeats(_))
    }
}

/// What is read of a request before anything is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Nothing at all.
    Nothing,
    /// The head and the body.
    Request,
}

/// What follows after the words.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// The next request, as if all were well.
    GoesOn,
    /// The end of the connection.
    Closes,
    /// A reset.
    Resets,
    /// Nothing, for as long as the client likes.
    Stalls,
    /// This, again and again.
    Repeats(Vec<u8>),
    /// This, byte by byte, slowly.
    Drips(Vec<u8>),
}

/// From when on it misbehaves.
#[derive(Clone, Debug)]
pub(super) enum Since {
    /// From the first byte on, always with this deed.
    TheFirstByte(Deed),
    /// In the first fragment of a scenario, with the deed after which the scenario is called.
    TheFirstFragment(Vec<Deed>),
}

/// Listens for as long as the runtime lives; the URL.
pub(super) fn listen(runtime: &Runtime, since: Since) -> String {
    let bound = Bound::bind("127.0.0.1:0").unwrap();
    bound.set_nonblocking(true).unwrap();
    let address: SocketAddr = bound.local_addr().unwrap();
    let since = Arc::new(since);
    runtime.spawn(async move {
        let listener = TcpListener::from_std(bound).unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            let since = Arc::clone(&since);
            tokio::spawn(async move { serve(stream, &since).await });
        }
    });
    format!("http://{address}/up/")
}

/// Answers on one connection until it ends.
async fn serve(mut stream: TcpStream, since: &Since) -> Option<()> {
    loop {
        let deed = match since {
            Since::TheFirstByte(deed) => deed,
            Since::TheFirstFragment(deeds) => {
                let start = first_line(&stream).await?;
                match start.is_deed.then(|| named(deeds, &start.line)).flatten() {
                    Some(deed) => deed,
                    None => {
                        let head = request(&mut stream).await?;
                        stream.write_all(&good_answer(&head)).await.ok()?;
                        continue;
                    }
                }
            }
        };
        if deed.reads == Reads::Request {
            request(&mut stream).await?;
        }
        let said = stream.write_all(&deed.says).await;
        if !matches!(deed.then, Then::Resets) {
            said.ok()?;
        }
        match &deed.then {
            Then::GoesOn => {}
            then => return end(stream, then).await,
        }
    }
}

fn named<'d>(deeds: &'d [Deed], line: &str) -> Option<&'d Deed> {
    deeds.iter().find(|deed| line.contains(&format!(".{}.", deed.name)))
}

/// What can be seen of a request without taking it.
struct Start {
    line: String,
    /// Whether it is a fragment, and none of the preflight.
    is_deed: bool,
}

async fn first_line(stream: &TcpStream) -> Option<Start> {
    let mut seen = vec![0; 4096];
    loop {
        let count = stream.peek(&mut seen).await.ok().filter(|count| *count > 0)?;
        let text = String::from_utf8_lossy(&seen[..count]).to_ascii_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let line = head.lines().next().unwrap_or_default().to_owned();
            let is_deed =
                head.contains("bits-packet-type: fragment") && !line.contains("preflight");
            return Some(Start { line, is_deed });
        }
        tokio::task::yield_now().await;
    }
}

/// Takes a whole request; its head in lower case.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(head)
}

/// What a good server says to a packet of a session of ten bytes, or of the preflight.
fn good_answer(head: &str) -> Vec<u8> {
    let own = match head.lines().find_map(|line| line.strip_prefix("bits-packet-type: ")) {
        Some("create-session") => "BITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}\r\n",
        Some("fragment") => "BITS-Received-Content-Range: 10\r\n",
        _ => "",
    };
    ack(own)
}

/// An Ack with more headers.
pub(super) fn ack(more: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\nBITS-Session-Id: {{1}}\r\n{more}Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

async fn end(mut stream: TcpStream, then: &Then) -> Option<()> {
    match then {
        Then::GoesOn | Then::Closes => {}
        Then::Resets => {
            let _ = stream.set_zero_linger();
        }
        Then::Stalls => until_gone(&mut stream).await,
        Then::Repeats(again) => while stream.write_all(again).await.is_ok() {},
        Then::Drips(bytes) => {
            for byte in bytes {
                stream.write_all(&[*byte]).await.ok()?;
                // The pause ends early if the client goes away.
                let mut taken = [0; 4096];
                if timeout(DRIP, stream.read(&mut taken)).await.is_ok_and(|read| read.is_err()) {
                    return None;
                }
            }
            until_gone(&mut stream).await;
        }
    }
    None
}

/// Says nothing and takes nothing until the client has gone.
async fn until_gone(stream: &mut TcpStream) {
    let mut peeked = [0; 1];
    // Bytes that are never taken stay in front of the end of the connection, so they have to go.
    while stream.read(&mut peeked).await.is_ok_and(|count| count > 0) {}
}

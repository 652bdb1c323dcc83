//! A server that does nothing: it reads what comes and answers the shortest Ack. What a generator reaches here is its
//! ceiling.

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream as StdStream},
    thread::JoinHandle,
};

use bits_wire::http1::head_length;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc, watch},
    task::LocalSet,
};

/// A sink on loopback; it ends when this is dropped.
#[derive(Debug)]
pub struct Sink {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

/// Room for what is read at a time.
const INBOX: usize = 256 << 10;

impl Sink {
    /// Starts a sink of so many threads on a free port of loopback.
    ///
    /// # Errors
    ///
    /// If there is no port or no thread.
    pub fn start(threads: usize) -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let mut senders = Vec::new();
        let mut handles = Vec::new();
        for _ in 0..threads.max(1) {
            let (sender, receiver) = mpsc::unbounded_channel();
            senders.push(sender);
            let stopped = stopped.clone();
            handles.push(spawn(move || take_all(receiver, stopped))?);
        }
        handles.push(spawn(move || accept_all(listener, &senders, stopped))?);
        Ok(Self { address, stop, threads: handles })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        for thread in self.threads.drain(..) {
            // A sink that fell over shows as errors of the generator.
            _ = thread.join();
        }
    }
}

fn spawn(
    run: impl FnOnce() -> io::Result<()> + Send + 'static,
) -> io::Result<JoinHandle<io::Result<()>>> {
    std::thread::Builder::new().name("sink".into()).spawn(run)
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Hands connections out in turn, so that no thread has more than its share.
fn accept_all(
    listener: TcpListener,
    threads: &[mpsc::UnboundedSender<StdStream>],
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    runtime()?.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        for thread in threads.iter().cycle() {
            tokio::select! {
                accepted = listener.accept() => {
                    let stream = accepted?.0.into_std()?;
                    // A thread that has ended needs no connection.
                    _ = thread.send(stream);
                }
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        Ok(())
    })
}

fn take_all(
    mut connections: mpsc::UnboundedReceiver<StdStream>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let local = LocalSet::new();
    local.block_on(&runtime()?, async {
        loop {
            tokio::select! {
                stream = connections.recv() => {
                    let Some(stream) = stream else { break };
                    let stream = TcpStream::from_std(stream)?;
                    stream.set_nodelay(true)?;
                    tokio::task::spawn_local(swallow(stream));
                }
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        Ok(())
    })
}

/// Reads requests of one connection until it ends, and answers each.
async fn swallow(mut stream: TcpStream) -> io::Result<()> {
    let mut inbox = vec![0; INBOX];
    let mut filled = 0;
    let mut answer = Vec::with_capacity(256);
    loop {
        let Some(length) = head_length(&inbox[..filled]) else {
            let count = stream.read(&mut inbox[filled..]).await?;
            if count == 0 {
                return Ok(());
            }
            filled += count;
            continue;
        };
        let asked = Asked::of(&inbox[..length]);
        let mut left = asked.body;
        // What follows the head is the body; nobody sends the next request before the answer.
        left = left.saturating_sub((filled - length) as u64);
        while left > 0 {
            let count = stream.read(&mut inbox).await?;
            if count == 0 {
                return Ok(());
            }
            left = left.saturating_sub(count as u64);
        }
        filled = 0;
        asked.answer(&mut answer);
        stream.write_all(&answer).await?;
    }
}

/// What a request says, as far as an Ack depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    body: u64,
    last: Option<u64>,
}

impl Asked {
    fn of(head: &[u8]) -> Self {
        let mut asked = Self::default();
        for line in head.split(|byte| *byte == b'\n') {
            if let Some(value) = value_of(line, b"Content-Length: ") {
                asked.body = digits(value);
            } else if let Some(value) = value_of(line, b"Content-Range: ") {
                asked.last = value.iter().position(|byte| *byte == b'-').map(|dash| {
                    // To the slash, where the digits end.
                    digits(&value[dash + 1..])
                });
            }
        }
        asked
    }

    fn answer(self, answer: &mut Vec<u8>) {
        answer.clear();
        answer.extend_from_slice(
            b"HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\nBITS-Session-Id: {00000000-0000-4000-8000-000000000000}\r\n",
        );
        if let Some(last) = self.last {
            let mut digits = [0; 20];
            answer.extend_from_slice(b"BITS-Received-Content-Range: ");
            answer.extend_from_slice(decimal(last + 1, &mut digits));
            answer.extend_from_slice(b"\r\n");
        }
        answer.extend_from_slice(b"Content-Length: 0\r\n\r\n");
    }
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let start = line.get(..name.len())?;
    start.eq_ignore_ascii_case(name).then(|| &line[name.len()..])
}

fn digits(text: &[u8]) -> u64 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

fn decimal(mut number: u64, room: &mut [u8; 20]) -> &[u8] {
    let mut at = room.len();
    loop {
        at -= 1;
        room[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &room[at..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_acknowledged_up_to_its_end() {
        let head =
            b"BITS_POST /x HTTP/1.1\r\nContent-Range: bytes 10-19/30\r\nContent-Length: 10\r\n\r\n";
        let asked = Asked::of(head);
        assert_eq!(asked, Asked { body: 10, last: Some(19) });
        let mut answer = Vec::new();
        asked.answer(&mut answer);
        let text = String::from_utf8(answer).unwrap();
        assert!(text.contains("\r\nBITS-Received-Content-Range: 20\r\n"), "{text}");
    }

    #[test]
    fn numbers_are_written_as_they_are() {
        for number in [0, 9, 10, 4096, u64::MAX] {
            assert_eq!(decimal(number, &mut [0; 20]), number.to_string().as_bytes());
        }
    }
}

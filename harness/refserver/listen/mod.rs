//! The server on a socket: hyper for HTTP/1.1, and a stop that waits for what is under way.

mod bodies;
mod exchange;
mod frames;
mod linger;
mod meetings;
mod memory;
mod notify;
#[cfg(test)]
mod tests;
mod tls;
mod turns;
mod work;

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
    time,
};

pub use self::memory::converse;
pub use self::tls::{HANDSHAKE_TIMEOUT, Tls, TlsError};
use self::{
    exchange::Exchange, frames::Framed, linger::Lingering, meetings::Meetings, turns::Turns,
};
use super::{config::Config, fault::Fault, service::Service, store::Store};
use crate::wire::Guid;

/// The most bytes of a request head; room for dozens of values that are each longer than the protocol allows, so that
/// they get the protocol's answer and not HTTP's.
pub const MOST_HEAD_BYTES: usize = 256 * 1024;
/// The most header fields of a request.
pub const MOST_HEADERS: usize = 256;
/// The most connections at a time; others wait to be accepted.
pub const MOST_CONNECTIONS: usize = 4096;
/// How long a connection may take for a request head, or stay without one.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(120);
/// How long a body may bring no byte.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(120);
/// How long a stop waits for what is under way.
pub const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// How a server runs, apart from what it serves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The clause that it is to break, if any.
    pub fault: Option<Fault>,
    /// How often expired sessions are looked for. A session that has expired is unknown at once in any case; this is
    /// about the bytes that it leaves.
    pub sweep: Duration,
    /// How long a fragment whose body has not come may keep the next request of its session waiting.
    pub give_way: Duration,
    /// What it needs to speak TLS, if it is to speak it.
    pub tls: Option<Tls>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fault: None,
            sweep: Duration::from_secs(60),
            give_way: Duration::from_secs(2),
            tls: None,
        }
    }
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    scheme: &'static str,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    sweeping: JoinHandle<()>,
}

impl Running {
    /// The URL of its root.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}/", self.scheme, self.address)
    }

    /// Stops: no new connections, idle ones are closed, requests under way may end within [`STOP_PATIENCE`].
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // A panic in there has been reported by the runtime, and stopped is stopped.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.sweeping.abort();
        self.accepting.abort();
    }
}

/// Starts a server at `address`; port 0 takes a free one.
///
/// # Errors
///
/// If the configuration cannot be used, or the address cannot be listened at.
pub async fn listen(
    address: SocketAddr,
    config: Config,
    store: Arc<dyn Store>,
    options: Options,
) -> io::Result<Running> {
    config.check().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    // Without randomness there are no session ids; better to fail now than at the first upload.
    getrandom::fill(&mut [0; 16]).map_err(|error| io::Error::other(error.to_string()))?;
    let service = Service::new(config, store, options.fault, random_guid);
    let started = Instant::now();
    let exchange = Exchange {
        service: service.clone(),
        turns: Turns::new(options.give_way),
        meetings: Meetings::default(),
        started,
        peer: None,
        scheme: if options.tls.is_some() { "https" } else { "http" },
    };
    let scheme = exchange.scheme;
    let (stop, stopped) = watch::channel(false);
    let accepting = tokio::spawn(accept(listener, options.tls, exchange, stopped));
    let sweeping = tokio::spawn(sweep(service, started, options.sweep));
    tracing::info!(%address, scheme, "listening");
    Ok(Running { address, scheme, stop, accepting, sweeping })
}

fn random_guid() -> Guid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system had randomness when the server started");
    Guid::from_random(bytes)
}

async fn accept(
    listener: TcpListener,
    tls: Option<Tls>,
    exchange: Exchange,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            next = next => next,
            () = asked_to_stop(&mut stopped) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                // Only speed depends on it.
                let _ = stream.set_nodelay(true);
                let exchange = Exchange { peer: Some(peer), ..exchange.clone() };
                let (tls, stopped) = (tls.clone(), stopped.clone());
                connections.spawn(async move {
                    connected(stream, peer, tls, exchange, stopped).await;
                    drop(slot);
                });
            }
            Err(error) => {
                // Out of file handles, as a rule: connections that end make room.
                tracing::warn!(%error, "a connection could not be accepted");
                time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if time::timeout(STOP_PATIENCE, all).await.is_err() {
        connections.shutdown().await;
    }
}

/// Serves a connection, over TLS if there is any.
async fn connected(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Tls>,
    exchange: Exchange,
    mut stopped: watch::Receiver<bool>,
) {
    let Some(tls) = tls else {
        let io = Lingering::new(stream, stopped.clone());
        let io = Framed::new(io, exchange.service.marks_frames());
        return serve(io, exchange, stopped).await;
    };
    let secured = tokio::select! {
        secured = tls.secure(stream, peer, stopped.clone()) => secured,
        () = asked_to_stop(&mut stopped) => None,
    };
    if let Some(io) = secured {
        serve(io, exchange, stopped).await;
    }
}

async fn serve(
    io: impl AsyncRead + AsyncWrite + Unpin,
    exchange: Exchange,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| {
        let exchange = exchange.clone();
        // A task of its own, so that a request is settled even if its connection is gone.
        async move { tokio::spawn(exchange.answer(request)).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .half_close(true)
        .max_buf_size(MOST_HEAD_BYTES)
        .max_headers(MOST_HEADERS)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(io), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = asked_to_stop(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn asked_to_stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the server was dropped, which stops it as well.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn sweep(service: Service, started: Instant, every: Duration) {
    let mut ticks = time::interval(every.max(Duration::from_millis(1)));
    loop {
        ticks.tick().await;
        let service = service.clone();
        let swept = tokio::task::spawn_blocking(move || service.expire(started.elapsed())).await;
        if let Ok(count @ 1..) = swept {
            tracing::info!(count, "sessions expired");
        }
    }
}

//! The server on a socket: hyper for HTTP/1.1, and a stop that waits for what is under way.

mod bodies;
mod clock;
mod crowd;
mod exchange;
mod frames;
mod linger;
mod memory;
mod notify;
#[cfg(test)]
mod tests;
mod tls;
mod turns;
mod work;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time,
};

pub use self::memory::converse;
pub use self::tls::{HANDSHAKE_TIMEOUT, Tls, TlsError};
use self::{
    clock::Clock,
    crowd::{Admitted, Crowd},
    exchange::Exchange,
    frames::Framed,
    linger::Lingering,
    turns::Turns,
    work::work,
};
use super::{
    config::Config,
    fault::Fault,
    limits::Limits,
    service::{Recovered, Service},
    store::Store,
};
use crate::wire::Guid;

/// How long a stop waits for what is under way, if nothing else is said.
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
    /// How long a stop waits for what is under way.
    pub stop_patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fault: None,
            sweep: Duration::from_secs(60),
            give_way: Duration::from_secs(2),
            tls: None,
            stop_patience: STOP_PATIENCE,
        }
    }
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What came of the sessions of an earlier process.
    pub recovered: Recovered,
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

    /// Stops: no new connections, idle ones are closed, requests under way may end within
    /// [`Options::stop_patience`].
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
/// If the configuration cannot be used, the address cannot be listened at, or the store cannot be read.
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
    let limits = config.limits;
    let service = Service::new(config, store, options.fault, random_guid);
    let clock = Clock::start();
    let recovering = service.clone();
    let recovered = work(move || recovering.recover(clock.now())).await??;
    let exchange = Exchange {
        service: service.clone(),
        turns: Turns::new(options.give_way),
        clock,
        progress: limits.progress(),
        admitted: Admitted::ToBeServed,
        peer: None,
        scheme: if options.tls.is_some() { "https" } else { "http" },
    };
    let scheme = exchange.scheme;
    let (stop, stopped) = watch::channel(false);
    let door =
        Door { listener, tls: options.tls, exchange, limits, patience: options.stop_patience };
    let accepting = tokio::spawn(door.accept(stopped));
    let sweeping = tokio::spawn(sweep(service, clock, options.sweep));
    tracing::info!(%address, scheme, sessions = recovered.sessions, "listening");
    Ok(Running { address, recovered, scheme, stop, accepting, sweeping })
}

fn random_guid() -> Guid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system had randomness when the server started");
    Guid::from_random(bytes)
}

/// Where connections come in.
struct Door {
    listener: TcpListener,
    tls: Option<Tls>,
    exchange: Exchange,
    limits: Limits,
    patience: Duration,
}

impl Door {
    async fn accept(self, mut stopped: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        let crowd = Crowd::of(self.limits.connections);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = asked_to_stop(&mut stopped) => break,
            };
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, peer)) => {
                    let Some((slot, admitted)) = crowd.enter() else {
                        tracing::warn!(%peer, "too many connections: one is closed without an answer");
                        continue;
                    };
                    let connection = self.connection(stream, peer, admitted, stopped.clone());
                    connections.spawn(async move {
                        connection.await;
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
        let patience = self.patience;
        // From here on nobody listens.
        drop(self);
        let all = async { while connections.join_next().await.is_some() {} };
        if time::timeout(patience, all).await.is_err() {
            tracing::warn!(
                count = connections.len(),
                "connections are cut, for they did not end in time"
            );
            connections.shutdown().await;
        }
    }

    fn connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        admitted: Admitted,
        stopped: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + use<> {
        // Only speed depends on it.
        let _ = stream.set_nodelay(true);
        let exchange = Exchange { peer: Some(peer), admitted, ..self.exchange.clone() };
        connected(stream, peer, self.tls.clone(), Served { exchange, limits: self.limits }, stopped)
    }
}

/// What a connection is served with.
struct Served {
    exchange: Exchange,
    limits: Limits,
}

/// Serves a connection, over TLS if there is any.
async fn connected(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Tls>,
    served: Served,
    mut stopped: watch::Receiver<bool>,
) {
    let Some(tls) = tls else {
        let io = Lingering::new(stream, stopped.clone());
        let io = Framed::new(io, served.exchange.service.marks_frames());
        return serve(io, served, stopped).await;
    };
    let secured = tokio::select! {
        secured = tls.secure(stream, peer, stopped.clone()) => secured,
        () = asked_to_stop(&mut stopped) => None,
    };
    if let Some(io) = secured {
        serve(io, served, stopped).await;
    }
}

async fn serve(
    io: impl AsyncRead + AsyncWrite + Unpin,
    served: Served,
    mut stopped: watch::Receiver<bool>,
) {
    let Served { exchange, limits } = served;
    let head_timeout = exchange.admitted.head_timeout(Duration::from_secs(limits.head_timeout));
    let service = service_fn(move |request| {
        let exchange = exchange.clone();
        // A task of its own, so that a request is settled even if its connection is gone.
        async move { tokio::spawn(exchange.answer(request)).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .half_close(true)
        .max_buf_size(count(limits.head_bytes))
        .max_headers(count(limits.headers))
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

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

async fn asked_to_stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the server was dropped, which stops it as well.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn sweep(service: Service, clock: Clock, every: Duration) {
    let mut ticks = time::interval(every.max(Duration::from_millis(1)));
    loop {
        ticks.tick().await;
        let service = service.clone();
        let swept = tokio::task::spawn_blocking(move || service.expire(clock.now())).await;
        if let Ok(count @ 1..) = swept {
            tracing::info!(count, "sessions expired");
        }
    }
}

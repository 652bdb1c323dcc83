//! The server on a socket: hyper for HTTP/1.1, and a stop that waits for what is under way.

mod bodies;
mod brisk;
mod clock;
mod crowd;
mod door;
mod exchange;
mod frames;
mod linger;
mod meetings;
mod memory;
mod notify;
mod settled;
mod sips;
#[cfg(test)]
mod tests;
mod tls;
mod turns;
mod work;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bits_wire::Guid;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time};

pub use self::memory::converse;
pub use self::tls::{HANDSHAKE_TIMEOUT, Tls, TlsError};
use self::{
    clock::Clock, crowd::Admitted, door::Door, exchange::Exchange, meetings::Meetings,
    turns::Turns, work::Work,
};
use super::{
    config::Config,
    fault::Fault,
    service::{Recovered, Service},
    store::Store,
};

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
    let work = Work::of(&**service.store());
    let recovered = work.run(move || recovering.recover(clock.now())).await??;
    let exchange = Exchange {
        service: service.clone(),
        turns: Turns::new(options.give_way),
        clock,
        work,
        progress: limits.progress(),
        admitted: Admitted::ToBeServed,
        meetings: Meetings::default(),
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

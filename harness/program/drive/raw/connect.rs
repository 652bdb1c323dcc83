//! Making connections.

use std::{io, sync::Arc, time::Duration};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::drive::Target;

/// A connection of either kind.
pub(super) type Stream = Box<dyn Duplex>;

/// What can be read from and written to, and reset.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send + Sync {
    /// Lets the connection end by a reset when this is dropped.
    fn reset_on_drop(&self) -> io::Result<()>;
}

impl Duplex for TcpStream {
    fn reset_on_drop(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Duplex for TlsStream<TcpStream> {
    fn reset_on_drop(&self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
}

/// Why no connection can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReachError {
    /// The name of the host has no address.
    #[error("cannot find the host {host}: {reason}")]
    Name {
        /// The host.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// Nothing listens there.
    #[error("nothing listens on {0}: connection refused; is the server running?")]
    Refused(String),
    /// No connection in time.
    #[error(
        "cannot connect to {0}: no connection in the time allowed; is it the right address, or does a firewall drop the packets?"
    )]
    TimedOut(String),
    /// This machine gives the process no more connections.
    #[error("cannot connect to {address}: this machine gives no more connections: {reason}")]
    Exhausted {
        /// Where.
        address: String,
        /// What the system says.
        reason: String,
    },
    /// TLS with a certificate that nobody here trusts.
    #[error(
        "{address} shows a certificate that is not trusted: {reason}; name its authority with --ca-file FILE, or take any certificate with --insecure"
    )]
    Certificate {
        /// Where.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS fails otherwise.
    #[error("cannot speak TLS with {address}: {reason}; is it an http:// server?")]
    Tls {
        /// Where.
        address: String,
        /// What went wrong.
        reason: String,
    },
    /// Anything else.
    #[error("cannot connect to {address}: {reason}")]
    Other {
        /// Where.
        address: String,
        /// What the system says.
        reason: String,
    },
}

/// Makes a connection to `target`.
pub(crate) async fn connect(
    target: &Target,
    tls: &Arc<ClientConfig>,
    patience: Duration,
) -> Result<Stream, ReachError> {
    let address = target.authority();
    let connected = timeout(patience, connect_in_time(target, tls)).await;
    connected.unwrap_or(Err(ReachError::TimedOut(address)))
}

async fn connect_in_time(target: &Target, tls: &Arc<ClientConfig>) -> Result<Stream, ReachError> {
    let (host, port) = (target.host(), target.port());
    let found = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<_> = found
        .map_err(|error| ReachError::Name { host: host.to_owned(), reason: error.to_string() })?
        .collect();
    let stream =
        TcpStream::connect(addresses.as_slice()).await.map_err(|error| refused(target, &error))?;
    // Small packets are the rule here, and each waits for its answer.
    stream.set_nodelay(true).map_err(|error| refused(target, &error))?;
    if !target.is_secure() {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| ReachError::Name { host: host.to_owned(), reason: error.to_string() })?;
    let secured = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
    Ok(Box::new(secured.map_err(|error| unsecured(target, &error))?))
}

fn refused(target: &Target, error: &io::Error) -> ReachError {
    let address = target.authority();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ReachError::Refused(address),
        io::ErrorKind::TimedOut => ReachError::TimedOut(address),
        _ if is_exhaustion(error) => ReachError::Exhausted { address, reason: error.to_string() },
        _ => ReachError::Other { address, reason: error.to_string() },
    }
}

/// Whether it is this side that has no room: for open files, or for ports to connect from.
fn is_exhaustion(error: &io::Error) -> bool {
    let files = cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24));
    files || matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory)
}

fn unsecured(target: &Target, error: &io::Error) -> ReachError {
    let address = target.authority();
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let reason = error.to_string();
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => ReachError::Certificate { address, reason },
        _ => ReachError::Tls { address, reason },
    }
}

//! TLS between the socket and HTTP.

#[cfg(test)]
mod tests;

use std::{
    fmt, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustls::{
    Error, InconsistentKeys, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::watch, time::timeout};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::linger::Lingering;

/// How long a client may take for its handshake, from the moment when its connection is accepted. It is much shorter
/// than the time for a request, since nobody has to think or to read a disk before a handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a client hears that does not speak TLS.
const NO_TLS: &str = "This port speaks TLS; the URL has to begin with https://\n";

/// A connection that lingers below TLS, where its last bytes need not be deciphered to be thrown away.
pub(super) type Secured = TlsStream<Lingering<TcpStream>>;

/// The certificate that a server shows, and the key for it.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    patience: Duration,
}

impl fmt::Debug for Tls {
    /// Shows nothing, since a key is in there.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Why a server cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of the certificate is of no use.
    #[error("cannot use the certificate in {}: {reason}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file of the key is of no use.
    #[error("cannot use the private key in {}: {reason}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// They do not belong together.
    #[error(
        "the private key in {} is not the key of the first certificate in {}",
        key.display(), certificate.display()
    )]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

impl Tls {
    /// Reads a certificate and those that vouch for it, in this order, and its private key from two PEM files.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, holds nothing of its kind, or does not belong to the other.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certified = certified(certificate, key, &provider)?;
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong_certificate(certificate, &error))?;
        let resolver = Arc::new(SingleCertAndKey::from(certified));
        let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), patience: HANDSHAKE_TIMEOUT })
    }

    /// Shakes hands with a client. Nothing is left of a connection on which that fails but a line in the log.
    pub(super) async fn secure(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        stopped: watch::Receiver<bool>,
    ) -> Option<Secured> {
        let outcome = timeout(self.patience, self.shake_hands(stream, stopped)).await;
        match outcome.unwrap_or(Err(Broken::Slow)) {
            Ok(secured) => Some(secured),
            Err(broken) => {
                tracing::warn!(%peer, reason = %broken, "no TLS with a client");
                broken.part().await;
                None
            }
        }
    }

    async fn shake_hands(
        &self,
        stream: TcpStream,
        stopped: watch::Receiver<bool>,
    ) -> Result<Secured, Broken> {
        let mut first = [0; 16];
        let count = stream.peek(&mut first).await.map_err(Broken::Lost)?;
        let io = Lingering::new(stream, stopped);
        if is_method(&first[..count]) {
            return Err(Broken::PlainHttp(io));
        }
        let accepted = TlsAcceptor::from(Arc::clone(&self.config)).accept(io).into_fallible();
        accepted.await.map_err(|(error, io)| Broken::Handshake(error, io))
    }
}

/// Why there is no handshake.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(
        "it speaks plain HTTP to this port, which speaks TLS; its URL has to begin with https://"
    )]
    PlainHttp(Lingering<TcpStream>),
    #[error("its handshake failed: {0}")]
    Handshake(io::Error, Lingering<TcpStream>),
    #[error("its handshake took too long")]
    Slow,
    #[error("its connection broke: {0}")]
    Lost(io::Error),
}

impl Broken {
    /// Ends the connection such that the client can read why, be it in an answer or in an alert of TLS.
    async fn part(self) {
        let mut io = match self {
            Self::PlainHttp(mut io) => {
                let answer = format!(
                    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
                     Connection: close\r\n\r\n{NO_TLS}",
                    NO_TLS.len()
                );
                // It need not hear it.
                let _ = io.write_all(answer.as_bytes()).await;
                io
            }
            Self::Handshake(_, io) => io,
            Self::Slow | Self::Lost(_) => return,
        };
        let _ = io.shutdown().await;
    }
}

/// Whether these first bytes of a connection are those of an HTTP method, or of its beginning.
fn is_method(first: &[u8]) -> bool {
    let method = first.split(|byte| *byte == b' ').next().unwrap_or_default();
    // Every record of TLS begins with a control character.
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-');
    !method.is_empty() && method.iter().all(is_letter)
}

fn certified(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let chain = chain(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| wrong_key(key, &told(error, "no private key that is not encrypted")))?;
    let signing = provider.key_provider.load_private_key(private);
    let signing = signing.map_err(|error| wrong_key(key, &error))?;
    let certified = CertifiedKey::new(chain, signing);
    match certified.keys_match() {
        // Whether it does is not known of every kind of key; then the first handshake will tell.
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
        Err(Error::InconsistentKeys(_)) => {
            Err(TlsError::Mismatch { certificate: certificate.into(), key: key.into() })
        }
        Err(error) => Err(wrong_certificate(certificate, &error)),
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    const NONE: &str = "no certificate";
    let failed = |error| wrong_certificate(path, &told(error, NONE));
    let all = CertificateDer::pem_file_iter(path).map_err(failed)?;
    let all: Vec<_> = all.collect::<Result<_, _>>().map_err(failed)?;
    if all.is_empty() { Err(failed(pem::Error::NoItemsFound)) } else { Ok(all) }
}

/// What is wrong with a PEM file in which something is looked for.
fn told(error: pem::Error, nothing: &str) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => format!("the file holds {nothing} in PEM"),
        // The others quote the file, and a key is not to be quoted.
        _ => "the file is damaged or no PEM file".into(),
    }
}

fn wrong_certificate(path: &Path, reason: &impl ToString) -> TlsError {
    TlsError::Certificate { path: path.into(), reason: reason.to_string() }
}

fn wrong_key(path: &Path, reason: &impl ToString) -> TlsError {
    TlsError::Key { path: path.into(), reason: reason.to_string() }
}

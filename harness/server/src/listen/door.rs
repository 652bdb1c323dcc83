//! Where connections come in: how many there are, how each is served, and how a stop lets them end.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time,
};

use super::{
    Tls, asked_to_stop,
    brisk::Brisk,
    crowd::{Admitted, Crowd},
    exchange::Exchange,
    frames::Framed,
    linger::Lingering,
    settled::Settled,
    sips::{Jug, Sips},
};
use crate::limits::Limits;

/// Where connections come in.
pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<Tls>,
    pub(super) exchange: Exchange,
    pub(super) limits: Limits,
    /// How long a stop waits for requests under way.
    pub(super) patience: Duration,
}

impl Door {
    /// Takes connections until it is asked to stop, and then waits for those that there are.
    pub(super) async fn accept(self, mut stopped: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        let (end, ending) = watch::channel(false);
        let crowd = Crowd::of(self.limits.connections);
        let jug = Jug::default();
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
                    let connection = self.connection(stream, peer, admitted, &jug, ending.clone());
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
        // Nobody listens any more before the first connection ends: who sees one close gets no other.
        drop(self);
        end.send_replace(true);
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
        jug: &Jug,
        ending: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + use<> {
        // Only speed depends on it.
        let _ = stream.set_nodelay(true);
        let exchange = Exchange { peer: Some(peer), admitted, ..self.exchange.clone() };
        let served = Served { exchange, limits: self.limits, jug: Arc::clone(jug) };
        connected(stream, peer, self.tls.clone(), served, ending)
    }
}

/// What a connection is served with.
pub(super) struct Served {
    pub(super) exchange: Exchange,
    pub(super) limits: Limits,
    pub(super) jug: Jug,
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
        secured = Box::pin(tls.secure(stream, peer, stopped.clone())) => secured,
        () = asked_to_stop(&mut stopped) => None,
    };
    if let Some(io) = secured {
        // In a box, as it would make every other connection larger, too.
        Box::pin(serve(io, served, stopped)).await;
    }
}

/// Answers the requests of a connection until it ends.
pub(super) async fn serve(
    io: impl AsyncRead + AsyncWrite + Unpin,
    served: Served,
    mut stopped: watch::Receiver<bool>,
) {
    let Served { exchange, limits, jug } = served;
    let head_timeout = exchange.admitted.head_timeout(Duration::from_secs(limits.head_timeout));
    let service = service_fn(move |request| {
        let answer = Settled::new(exchange.clone().answer(request));
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .half_close(true)
        .max_buf_size(count(limits.head_bytes))
        .max_headers(count(limits.headers))
        .title_case_headers(true)
        .serve_connection(TokioIo::new(Sips::new(io, jug)), service);
    let serving = Brisk::new(async move {
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = asked_to_stop(&mut stopped) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    });
    let ended = serving.await;
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

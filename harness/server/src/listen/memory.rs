//! A connection in memory: the server behind HTTP, without a socket.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    runtime,
    sync::watch,
    task, time,
};

use crate::limits::Limits;

use super::{
    Admitted, Clock, Exchange, Service, Turns,
    door::{Served, serve},
    frames::Framed,
    meetings::Meetings,
    sips::Jug,
    work::Work,
};

/// How long a conversation may take that waits for nobody.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a server answers to a client that sends these pieces and then nothing more: all bytes until it closes.
///
/// # Errors
///
/// If the server does not close the connection, or does not take what it is sent.
pub fn converse(service: &Service, pieces: &[&[u8]]) -> io::Result<Vec<u8>> {
    let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
    let room = pieces.iter().map(|piece| piece.len()).sum::<usize>() + 1;
    let limits = Limits::default();
    let exchange = Exchange {
        service: service.clone(),
        turns: Turns::new(Duration::ZERO),
        clock: Clock::start(),
        work: Work::AtOnce,
        progress: limits.progress(),
        admitted: Admitted::ToBeServed,
        meetings: Meetings::default(),
        peer: None,
        scheme: "http",
    };
    runtime.block_on(async {
        let (near, mut far) = tokio::io::duplex(room);
        let (_stop, stopped) = watch::channel(false);
        let framed = Framed::new(near, service.marks_frames());
        let serving =
            tokio::spawn(serve(framed, Served { exchange, limits, jug: Jug::default() }, stopped));
        let mut said = Vec::new();
        let talk = async {
            for piece in pieces {
                // A server that has closed need not hear the rest.
                if far.write_all(piece).await.is_err() {
                    break;
                }
                task::yield_now().await;
            }
            // It may have closed already.
            let _ = far.shutdown().await;
            far.read_to_end(&mut said).await
        };
        time::timeout(PATIENCE, talk).await??;
        serving.await.map_err(io::Error::other)?;
        Ok(said)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{config::Config, store::Memory};
    use bits_wire::Guid;

    #[test]
    fn requests_on_one_connection_are_answered_in_turn_and_then_it_ends() {
        let service = Service::new(Config::single(), Arc::new(Memory::default()), None, || Guid(7));
        let request = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n".as_slice();
        let said = converse(&service, &[request, &request[..9], &request[9..], b"x"]).unwrap();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(said.matches("HTTP/1.1 404 Not Found\r\n").count(), 2, "{said}");
    }
}

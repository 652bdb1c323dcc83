//! Doing what the scenario says in answer to one call.

use bits_judge::{
    plan::Then,
    transcript::{Body, Fate, Played},
};
use bits_wire::{
    Payload,
    http1::{HeadState, RequestHead, read_response_head},
    names,
};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    sync::watch,
    time::{Duration, sleep, timeout},
};

use super::{
    Ready, Seat,
    call::{is_given_up, is_over, wait_for_end},
    files,
};
use crate::drive::Source;

/// How long the server may take to read an answer to its end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the file holds that the call names as the upload.
pub(super) async fn entity(seat: &Seat, head: &RequestHead) -> Option<Body> {
    let named = [names::REQUEST_DATA_FILE, names::REQUEST_DATA_ENTITY];
    let path = named.iter().find_map(|name| head.headers.first(name))?;
    let path = files::locate(seat.root.as_deref()?, path)?;
    tokio::task::spawn_blocking(move || files::read(&path)).await.ok()?.ok()
}

/// Answers; says what was answered and what became of the connection.
pub(super) async fn perform(
    stream: &mut TcpStream,
    seat: &Seat,
    (head, whole): (&RequestHead, bool),
    ready: &Ready,
    over: &mut watch::Receiver<bool>,
) -> (Played, Fate) {
    let during = *seat.during.borrow();
    let play = &ready.play;
    let mut played = Played { body: play.body.clone(), ..Played::default() };
    if let Some(payload) = &play.file
        && leave_reply(seat, head, payload).await
    {
        played.file = Some(payload.clone());
    }
    // The shortest sleep takes a millisecond.
    if !play.wait.is_zero() {
        tokio::select! {
            () = sleep(play.wait) => {}
            () = is_over(over) => return (played, Fate::Dropped),
        }
    }
    if let Some(raw) = &ready.head {
        match read_response_head(raw) {
            HeadState::Complete(head, length) if length == raw.len() => played.head = Some(*head),
            _ => played.odd.clone_from(raw),
        }
        let most = play.cut.unwrap_or(u64::MAX);
        let sent = timeout(PATIENCE, send(stream, raw, &play.body, most, &mut played.sent)).await;
        if !matches!(sent, Ok(Ok(()))) {
            return (played, Fate::Closed);
        }
    }
    let fate = match play.then {
        Then::Keep => Fate::Open,
        Then::Close => {
            // The other side sees the end of the answer in any case.
            let _ = stream.shutdown().await;
            Fate::Dropped
        }
        Then::Reset => {
            let _ = stream.set_zero_linger();
            Fate::Dropped
        }
        // With the last exchange the plan ends as well, and of both the former counts.
        Then::Stall => tokio::select! {
            biased;
            () = wait_for_end(stream), if whole => Fate::Closed,
            // What has not been read stays unread, so that the server cannot send on.
            () = is_given_up(seat, during) => Fate::Closed,
            () = is_over(over) => Fate::Dropped,
        },
    };
    (played, fate)
}

async fn send(
    stream: &mut TcpStream,
    head: &[u8],
    body: &Payload,
    most: u64,
    sent: &mut u64,
) -> std::io::Result<()> {
    stream.write_all(head).await?;
    let part = body.slice(0, most);
    let mut source = Source::open(&part).await.map_err(|broken| std::io::Error::other(broken.0))?;
    let mut buffer = source.room();
    loop {
        let count = source.read(&mut buffer).await?;
        if count == 0 {
            return stream.flush().await;
        }
        stream.write_all(&buffer[..count]).await?;
        *sent += count as u64;
    }
}

/// Puts the reply where the call says; says whether that could be done.
async fn leave_reply(seat: &Seat, head: &RequestHead, payload: &Payload) -> bool {
    let named = [names::RESPONSE_DATA_FILE, names::RESPONSE_DATA_ENTITY];
    let path = named.iter().find_map(|name| head.headers.first(name));
    let (Some(root), Some(path)) = (seat.root.as_deref(), path) else { return false };
    let Some(path) = files::locate(root, path) else { return false };
    let Ok(mut source) = Source::open(payload).await else { return false };
    let Ok(mut file) = tokio::fs::File::create(&path).await else { return false };
    let mut buffer = source.room();
    loop {
        match source.read(&mut buffer).await {
            Ok(0) => return file.flush().await.is_ok(),
            Ok(count) if file.write_all(&buffer[..count]).await.is_ok() => {}
            _ => return false,
        }
    }
}

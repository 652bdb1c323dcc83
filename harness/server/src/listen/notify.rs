//! The back-end client: posts a finished upload to the server application and takes its answer (2.2.12, 2.2.13, 3.3).

use std::{
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bits_wire::{Hresult, names, text};
use http_body_util::BodyExt as _;
use hyper::{
    Request, Response, Version,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    client::conn::http1,
    header::HeaderMap,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    sync::oneshot,
    task::AbortHandle,
    time::{Instant, timeout_at},
};
use url::Url;

use super::{bodies::Outgoing, work::Work};
use crate::{
    download::Piece,
    machine::{Announcement, Heard, NotifyTrouble, Stage},
    store::{Paths, Store},
};

/// What a back-end client calls itself in the recorded traces.
const USER_AGENT: &str = "BITSExts 1.5";

/// Calls the server application, and says what it answered.
pub(super) async fn call(
    store: &Arc<dyn Store>,
    announcement: &Announcement,
) -> Result<Heard, NotifyTrouble> {
    let outcome = converse(store, announcement).await;
    match &outcome {
        Ok(heard) => tracing::info!(
            session = %announcement.entity.session, status = heard.status, "server application called"
        ),
        Err(trouble) => tracing::warn!(
            session = %announcement.entity.session, application = announcement.application, %trouble,
            "server application not reached"
        ),
    }
    if !outcome.as_ref().is_ok_and(|heard| heard.status == 200) {
        let (store, entity) = (Arc::clone(store), announcement.entity.clone());
        // What is left of a reply is no reply.
        let _ = Work::of(&*store).run(move || store.discard_reply(&entity)).await;
    }
    outcome
}

async fn converse(
    store: &Arc<dyn Store>,
    announcement: &Announcement,
) -> Result<Heard, NotifyTrouble> {
    let limits = Limits::of(announcement);
    let (sent, has_been_sent) = oneshot::channel();
    let (request, connection) = prepare(store, announcement, sent).await?;
    let (answer, _guard) = send(request, connection, has_been_sent, &limits).await?;
    if answer.version() != Version::HTTP_11 {
        return Err(NotifyTrouble::Version);
    }
    let mut heard = understand(answer.status().as_u16(), answer.headers());
    if heard.status == 200 {
        let body = answer.into_body();
        heard.reply = keep_reply(store, announcement, &heard, body, limits.receive).await?;
    }
    Ok(heard)
}

/// When the waiting ends.
struct Limits {
    send: Instant,
    headers: Duration,
    receive: Duration,
}

impl Limits {
    fn of(announcement: &Announcement) -> Self {
        let span = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let timeouts = announcement.timeouts;
        // A span that no clock holds is a day, which is as good as none.
        let far = Duration::from_secs(86_400);
        Self {
            send: Instant::now() + span(timeouts.send).min(far),
            headers: span(timeouts.headers).min(far),
            receive: span(timeouts.receive).min(far),
        }
    }
}

/// Where the application is.
struct Place {
    host: String,
    port: u16,
}

async fn prepare(
    store: &Arc<dyn Store>,
    announcement: &Announcement,
    sent: oneshot::Sender<()>,
) -> Result<(Request<Upload>, Place), NotifyTrouble> {
    let url = Url::parse(&announcement.application).map_err(|_| NotifyTrouble::Unreachable)?;
    let host = url.host_str().filter(|_| url.scheme() == "http").map(str::to_owned);
    let host = host.ok_or(NotifyTrouble::Unreachable)?;
    let port = url.port().unwrap_or(80);
    let authority = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request =
        Request::builder().method(announcement.method).uri(target).header("Accept", "*/*");
    if announcement.is_old {
        request = request.version(Version::HTTP_10);
    }
    if let Some(destination) = &announcement.destination {
        request = request.header(names::ORIGINAL_REQUEST_URL, text::to_bytes(destination));
    }
    for (name, path) in paths(store, announcement).await? {
        request = request.header(name, path.to_string_lossy().into_owned().into_bytes());
    }
    let body = upload(store, announcement).await?;
    let length = if announcement.by_value { announcement.length } else { 0 };
    let request = request
        .header("User-Agent", USER_AGENT)
        .header(names::HOST, authority)
        .header(names::CONNECTION, "Keep-Alive");
    let (request, told) = if announcement.tells_length {
        (request.header(names::CONTENT_LENGTH, length), Some(length))
    } else {
        (request.header(names::TRANSFER_ENCODING, "chunked"), None)
    };
    let request = request
        .body(Upload { body, told, left: length, sent: Some(sent) })
        .map_err(|_| NotifyTrouble::Unreachable)?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok((request, Place { host, port }))
}

/// The path headers of a call by reference.
async fn paths(
    store: &Arc<dyn Store>,
    announcement: &Announcement,
) -> Result<Vec<(&'static str, PathBuf)>, NotifyTrouble> {
    if !announcement.tells_request && !announcement.tells_reply {
        return Ok(Vec::new());
    }
    let (store, entity) = (Arc::clone(store), announcement.entity.clone());
    let (other, length) = (announcement.tells_other_file, announcement.length);
    let paths = Work::of(&*store).run(move || {
        let mut paths = store.paths(&entity, length)?;
        if other {
            paths.request.set_extension("old");
            // Only a seeded fault asks for it; where it fails the path leads nowhere, which is as wrong.
            drop(std::fs::write(&paths.request, b"another file"));
        }
        Some(paths)
    });
    let Paths { request, reply } = paths.await.ok().flatten().ok_or(NotifyTrouble::Store)?;
    let both = [
        (announcement.tells_request, (names::REQUEST_DATA_FILE, request)),
        (announcement.tells_reply, (names::RESPONSE_DATA_FILE, reply)),
    ];
    Ok(both.into_iter().filter(|(tells, _)| *tells).map(|(_, header)| header).collect())
}

async fn upload(
    store: &Arc<dyn Store>,
    announcement: &Announcement,
) -> Result<Outgoing, NotifyTrouble> {
    if !announcement.by_value || announcement.length == 0 {
        return Ok(Outgoing::empty());
    }
    let (store, entity) = (Arc::clone(store), announcement.entity.clone());
    let work = Work::of(&*store);
    let opened = work.run(move || store.request(&entity)).await;
    let document = opened.ok().flatten().ok_or(NotifyTrouble::Store)?;
    Ok(Outgoing::stream(document.content, vec![Piece::Content(0..announcement.length)], work))
}

/// The body of a call, which tells when it has been taken to its end.
struct Upload {
    body: Outgoing,
    /// Its length, if that is to be told.
    told: Option<u64>,
    left: u64,
    sent: Option<oneshot::Sender<()>>,
}

impl Upload {
    fn note_end(&mut self) {
        if self.left == 0
            && let Some(sent) = self.sent.take()
        {
            // Nobody listens any more if the answer came first.
            let _ = sent.send(());
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let count = frame.data_ref().map_or(0, |data| data.len() as u64);
            self.left = self.left.saturating_sub(count);
        }
        self.note_end();
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.told.is_some()
    }

    fn size_hint(&self) -> SizeHint {
        self.told.map_or_else(SizeHint::default, |_| SizeHint::with_exact(self.left))
    }
}

/// Ends the connection when it is dropped.
struct Guard(AbortHandle);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends the request and waits for the head of the answer.
async fn send(
    request: Request<Upload>,
    place: Place,
    has_been_sent: oneshot::Receiver<()>,
    limits: &Limits,
) -> Result<(Response<Incoming>, Guard), NotifyTrouble> {
    let connect = TcpStream::connect((place.host.as_str(), place.port));
    let stream = timeout_at(limits.send, connect).await;
    let stream = stream.map_err(|_| NotifyTrouble::TooSlow(Stage::Call))?;
    let stream = stream.map_err(|_| NotifyTrouble::Unreachable)?;
    // Only speed depends on it.
    let _ = stream.set_nodelay(true);
    let mut builder = http1::Builder::new();
    builder.title_case_headers(true);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(|_| NotifyTrouble::Unreachable)?;
    let guard = Guard(tokio::spawn(connection).abort_handle());
    let empty = request.body().left == 0;
    let mut answer = std::pin::pin!(sender.send_request(request));
    let mut stage = Stage::Head;
    if !empty {
        tokio::select! {
            answer = &mut answer => {
                let answer = answer.map_err(|error| trouble(&error, Stage::Call))?;
                return Ok((answer, guard));
            }
            sent = timeout_at(limits.send, has_been_sent) => {
                // A body that was given up before its end has not been sent; the answer tells why.
                if sent.map_err(|_| NotifyTrouble::TooSlow(Stage::Call))?.is_err() {
                    stage = Stage::Call;
                }
            }
        }
    }
    let answer = timeout_at(Instant::now() + limits.headers, answer).await;
    let answer = answer.map_err(|_| NotifyTrouble::TooSlow(Stage::Head))?;
    let answer = answer.map_err(|error| trouble(&error, stage))?;
    Ok((answer, guard))
}

fn trouble(error: &hyper::Error, stage: Stage) -> NotifyTrouble {
    if error.is_parse() { NotifyTrouble::Malformed } else { NotifyTrouble::BrokenOff(stage) }
}

fn understand(status: u16, headers: &HeaderMap) -> Heard {
    let said = |name: &str| headers.get(name).map(|value| text::from_bytes(value.as_bytes()));
    Heard {
        status,
        error: said(names::ERROR)
            .or_else(|| said(names::ERROR_CODE))
            .and_then(|it| Hresult::read(&it)),
        static_url: said(names::STATIC_RESPONSE_URL),
        copy: headers.contains_key(names::COPY_TO_DESTINATION),
        reply: false,
    }
}

/// Keeps what the application replies, and says whether there is anything. By reference it is what the application left
/// in the file that it was told of, and a body is not looked at (S13).
async fn keep_reply(
    store: &Arc<dyn Store>,
    announcement: &Announcement,
    heard: &Heard,
    mut body: Incoming,
    patience: Duration,
) -> Result<bool, NotifyTrouble> {
    let is_static = heard.static_url.as_ref().is_some_and(|url| !url.is_empty());
    let entity = announcement.entity.clone();
    if !announcement.takes_body {
        return Ok(!is_static && has_reply(store, announcement).await);
    }
    let deadline = Instant::now() + patience;
    let work = Work::of(&**store);
    let mut writer = None;
    let mut count = 0;
    while let Some(frame) =
        timeout_at(deadline, body.frame()).await.map_err(|_| NotifyTrouble::TooSlow(Stage::Body))?
    {
        let frame = frame.map_err(|error| trouble(&error, Stage::Body))?;
        let Ok(mut piece) = frame.into_data() else { continue };
        if body.is_end_stream() && piece.len() > 1 {
            let drops = usize::try_from(announcement.drops).unwrap_or(usize::MAX);
            piece.truncate(piece.len().saturating_sub(drops));
        }
        count += piece.len();
        let (store, entity) = (Arc::clone(store), entity.clone());
        let written = work.run(move || {
            let mut writer = match writer {
                Some(writer) => writer,
                None => store.write_reply(&entity)?,
            };
            std::io::Write::write_all(&mut writer, &piece)?;
            Ok::<_, crate::machine::Trouble>(writer)
        });
        let written = written.await.map_err(|_| NotifyTrouble::Store)?;
        writer = Some(written.map_err(|_| NotifyTrouble::Store)?);
    }
    let there = count > 0 || (!announcement.by_value && has_reply(store, announcement).await);
    Ok(there && !is_static)
}

/// Whether there is a reply in the store.
async fn has_reply(store: &Arc<dyn Store>, announcement: &Announcement) -> bool {
    let (store, entity) = (Arc::clone(store), announcement.entity.clone());
    Work::of(&*store).run(move || store.reply(&entity).is_some()).await.unwrap_or(false)
}

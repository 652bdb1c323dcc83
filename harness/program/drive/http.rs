//! Requests as an ordinary client sends them, by reqwest.

use std::{error::Error as _, io, sync::Arc, time::Duration};

use bits_judge::transcript::{Answer, Body, Fate, Received, Silence};
use bits_wire::{
    Headers, Payload,
    http1::{Framing, RequestHead, ResponseHead},
    payload::Digest,
    text,
};
use bytes::Bytes;
use reqwest::{Client, Method, Response, Url, header, redirect::Policy};
use sha2::{Digest as _, Sha256};
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, timeout},
};

use super::{Broken, DriveError, Options, Outcome, Source, Target, allowance};

/// How long after its time an exchange may end by itself.
const AFTER_TIME: Duration = Duration::from_millis(250);

/// The client, on a runtime of its own: its HTTP library reads what never ends for seconds in one go, and whatever keeps
/// the time of this program must not wait for that.
#[derive(Debug)]
pub(super) struct Ordinary {
    client: Client,
    runtime: Option<Runtime>,
}

impl Ordinary {
    pub(super) fn new(
        tls: &rustls::ClientConfig,
        connect_timeout: Duration,
    ) -> Result<Self, DriveError> {
        let client = client(tls, connect_timeout)?;
        let runtime = Builder::new_multi_thread().enable_all().build();
        Ok(Self { client, runtime: Some(runtime.map_err(DriveError::Runtime)?) })
    }

    /// Sends one request and takes what comes back.
    pub(super) async fn exchange(
        &self,
        target: &Arc<Target>,
        options: &Options,
        head: &RequestHead,
        body: &Payload,
    ) -> Result<Outcome, Broken> {
        let began = Instant::now();
        let limits = Limits { timeout: options.timeout, most_body: options.most_body };
        let patience = allowance(limits.timeout, body.length()) + AFTER_TIME;
        let (client, target) = (self.client.clone(), Arc::clone(target));
        let (head, sent) = (head.clone(), body.clone());
        let gone = || Broken("the HTTP client has ended".into());
        let runtime = self.runtime.as_ref().ok_or_else(gone)?;
        let mut task =
            runtime.spawn(async move { exchange(&client, &target, limits, &head, &sent).await });
        match timeout(patience, &mut task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => Err(Broken(format!("the HTTP client ended in a fault: {error}"))),
            Err(_) => {
                task.abort();
                let received = Received::Nothing(Silence::TimedOut);
                Ok(outcome(received, body, began))
            }
        }
    }
}

impl Drop for Ordinary {
    fn drop(&mut self) {
        // Without waiting: a task that reads what never ends would hold the program up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// How long an answer may take, and how long it may be.
#[derive(Clone, Copy, Debug)]
struct Limits {
    timeout: Duration,
    most_body: u64,
}

/// The client: no redirects, since it would send an upload again; no proxies, since the target is what was named.
fn client(tls: &rustls::ClientConfig, connect_timeout: Duration) -> reqwest::Result<Client> {
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .http1_only()
        .connect_timeout(connect_timeout)
        .tls_backend_preconfigured(tls.clone())
        .build()
}

async fn exchange(
    client: &Client,
    target: &Target,
    limits: Limits,
    head: &RequestHead,
    body: &Payload,
) -> Result<Outcome, Broken> {
    let url = target
        .url()
        .join(&head.target)
        .map_err(|error| Broken(format!("{}: {error}", head.target)))?;
    let method =
        Method::from_bytes(head.method.as_bytes()).map_err(|error| Broken(error.to_string()))?;
    let request = request(client, method, url, head, body, limits.timeout).await?;
    let began = Instant::now();
    let received = match request.send().await {
        Ok(response) => answer(response, head, limits.most_body).await,
        Err(error) => Received::Nothing(silence(&error)),
    };
    Ok(outcome(received, body, began))
}

fn outcome(received: Received, body: &Payload, began: Instant) -> Outcome {
    let took = began.elapsed();
    Outcome { received, fate: Fate::Hidden, sent: body.length(), connection: 0, took }
}

async fn request(
    client: &Client,
    method: Method,
    url: Url,
    head: &RequestHead,
    body: &Payload,
    timeout: Duration,
) -> Result<reqwest::RequestBuilder, Broken> {
    let mut request = client.request(method, url).timeout(allowance(timeout, body.length()));
    for header in &head.headers {
        if !header.name.eq_ignore_ascii_case(header::HOST.as_str()) {
            request = request.header(&*header.name, text::to_bytes(&header.value));
        }
    }
    if *body == Payload::Empty {
        return Ok(request);
    }
    let body = body.clone();
    Source::open(&body).await?;
    Ok(request.body(reqwest::Body::wrap(pieces(body))))
}

/// A body that is read while it is sent, with its length known beforehand.
fn pieces(
    payload: Payload,
) -> impl http_body::Body<Data = Bytes, Error = io::Error> + Send + Sync + 'static {
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    let length = payload.length();
    tokio::spawn(async move {
        let failed = |reason: &str| Err(io::Error::other(reason.to_owned()));
        let Ok(mut source) = Source::open(&payload).await else {
            let _ = sender.send(failed("the file cannot be opened")).await;
            return;
        };
        loop {
            let mut buffer = source.room();
            let piece = match source.read(&mut buffer).await {
                Ok(0) => return,
                Ok(count) => {
                    buffer.truncate(count);
                    Ok(Bytes::from(buffer))
                }
                Err(error) => Err(error),
            };
            // The receiver goes away when the request has ended.
            if sender.send(piece).await.is_err() {
                return;
            }
        }
    });
    Pieces { receiver: std::sync::Mutex::new(receiver), left: length }
}

struct Pieces {
    receiver: std::sync::Mutex<tokio::sync::mpsc::Receiver<io::Result<Bytes>>>,
    left: u64,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, io::Error>>> {
        let receiver =
            self.receiver.get_mut().map_err(|_| io::Error::other("a sender ended in a fault"));
        let piece = match receiver {
            Ok(receiver) => std::task::ready!(receiver.poll_recv(context)),
            Err(error) => Some(Err(error)),
        };
        let piece = piece.map(|piece| {
            let piece = piece?;
            self.left = self.left.saturating_sub(piece.len() as u64);
            Ok(http_body::Frame::data(piece))
        });
        std::task::Poll::Ready(piece)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.left)
    }
}

async fn answer(mut response: Response, head: &RequestHead, most_body: u64) -> Received {
    let status = response.status();
    let headers: Headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text::from_bytes(value.as_bytes())))
        .collect();
    let told = ResponseHead::write(
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        &headers,
    );
    let framing = Framing::of(&told, &head.method);
    let most_kept = Body::most_kept(&told);
    let (mut hash, mut length, mut start, mut complete) = (Sha256::new(), 0, Vec::new(), true);
    loop {
        match response.chunk().await {
            Ok(None) => break,
            Ok(Some(piece)) => {
                hash.update(&piece);
                length += piece.len() as u64;
                let room = most_kept.saturating_sub(start.len());
                start.extend_from_slice(&piece[..room.min(piece.len())]);
            }
            Err(_) => complete = false,
        }
        if !complete || length > most_body {
            complete = false;
            break;
        }
    }
    let body = Body { framing, length, digest: Digest(hash.finalize().into()), start, complete };
    Received::Answer(Box::new(Answer {
        head: told,
        exact: false,
        interim: vec![],
        body,
        surplus: vec![],
    }))
}

/// What kept an answer from coming, as far as the client tells.
fn silence(error: &reqwest::Error) -> Silence {
    if error.is_timeout() {
        return Silence::TimedOut;
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
        {
            return Silence::Reset;
        }
        if inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return Silence::Garbage(inner.to_string().into_bytes());
        }
        cause = inner.source();
    }
    Silence::Closed
}

//! One request and its answer.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bits_wire::{Headers, names, text};
use hyper::{
    Request, Response, StatusCode, Version,
    body::{Bytes, Incoming},
    header::{HeaderName, HeaderValue},
    http::request,
};
use tokio::{sync::oneshot, time::timeout_at};

use super::{
    bodies::{self, Outgoing, Remains},
    clock::Clock,
    crowd::Admitted,
    meetings::Meetings,
    notify,
    turns::{LOOK_AGAIN, PATIENCE, Turns},
    work::Work,
};
use crate::{
    machine::{Reply, RequestHead, Settled},
    service::{Caller, Reception, Service, Step},
};

/// What every request is answered with.
#[derive(Clone)]
pub(super) struct Exchange {
    pub(super) service: Service,
    pub(super) turns: Turns,
    pub(super) clock: Clock,
    pub(super) work: Work,
    /// The bytes that a body has to bring in each span, and how long that is.
    pub(super) progress: (u64, Duration),
    /// Whether the connection is served at all.
    pub(super) admitted: Admitted,
    pub(super) meetings: Meetings,
    /// Who asks.
    pub(super) peer: Option<SocketAddr>,
    /// How the URLs begin by which requests come.
    pub(super) scheme: &'static str,
}

impl Exchange {
    /// Answers one request, and says so in the log.
    pub(super) async fn answer(self, request: Request<Incoming>) -> Response<Outgoing> {
        let (parts, body) = request.into_parts();
        let head = Arc::new(Head::of(parts, self.scheme));
        let (began, peer) = (Instant::now(), self.peer);
        let response = self.respond(&head, body).await;
        log(&head, peer, &response, began.elapsed());
        response
    }

    async fn respond(self, head: &Arc<Head>, mut body: Incoming) -> Response<Outgoing> {
        if self.admitted == Admitted::ToBeTurnedAway {
            bodies::drain(&head.headers, &mut body).await;
            return acknowledge(bare(503), Remains::Bytes);
        }
        let caller = match self.service.identify(&head.borrow(), self.clock.now()) {
            Ok(caller) => caller,
            Err(reply) => {
                return acknowledge(reply, bodies::drain(&head.headers, &mut body).await);
            }
        };
        let (caller, turn) = self.meet(head, caller).await;
        let response = self.serve(head, body, &caller).await;
        if self.service.has_race()
            && let Some(session) = response.headers().get(names::SESSION_ID)
        {
            let session = text::from_bytes(session.as_bytes()).to_ascii_lowercase();
            self.meetings.note(session, self.peer);
        }
        drop(turn);
        response
    }

    /// Waits for another request, if a seeded fault shows only when two meet.
    async fn meet(&self, head: &Head, caller: Caller) -> (Caller, Option<oneshot::Sender<()>>) {
        if !self.service.has_race() {
            return (caller, None);
        }
        self.meetings.note(head.target.clone(), self.peer);
        if let Some(session) = head.headers.first(names::SESSION_ID) {
            self.meetings.note(session.to_ascii_lowercase(), self.peer);
        }
        let Some(candidate) = self.service.candidate(&head.borrow()) else { return (caller, None) };
        let Some(turn) = self.meetings.meet(candidate, self.peer).await else {
            return (caller, None);
        };
        let (side, end) = turn.come().await;
        (Caller { met: Some(side), ..caller }, end)
    }

    async fn serve(
        &self,
        head: &Arc<Head>,
        mut body: Incoming,
        caller: &Caller,
    ) -> Response<Outgoing> {
        match self.begin_in_turn(head, caller).await {
            Step::Receive(reception) => {
                let (reply, remains) = self.receive(reception, &mut body).await;
                acknowledge(reply, remains)
            }
            Step::Reply(reply) => {
                let remains = bodies::drain(&head.headers, &mut body).await;
                acknowledge(reply, remains)
            }
            Step::Busy(session) => {
                let reply = self.service.busy(session, &head.headers);
                acknowledge(reply, bodies::drain(&head.headers, &mut body).await)
            }
            Step::Download(download, content) => {
                let remains = bodies::drain(&head.headers, &mut body).await;
                let body = content.map_or_else(Outgoing::empty, |content| {
                    Outgoing::stream(content, download.body, self.work)
                });
                respond(download.status, &download.headers, body, remains)
            }
        }
    }

    /// Begins a request once no other one of its session is under way.
    async fn begin_in_turn(&self, head: &Arc<Head>, caller: &Caller) -> Step {
        let mut deadline = Instant::now() + self.turns.give_way();
        let end = deadline + PATIENCE;
        loop {
            let settled = self.turns.settled();
            let step = self.begin(head, caller).await;
            let Step::Busy(session) = step else { return step };
            if timeout_at(deadline.into(), settled).await.is_ok() {
                continue;
            }
            if Instant::now() >= end {
                return step;
            }
            let asked = self.turns.ask_to_give_way(session);
            deadline = if asked { end } else { end.min(Instant::now() + LOOK_AGAIN) };
        }
    }

    async fn begin(&self, head: &Arc<Head>, caller: &Caller) -> Step {
        let (service, now) = (self.service.clone(), self.clock.now());
        let (head, caller) = (Arc::clone(head), caller.clone());
        let step = self.work.run(move || service.begin(&head.borrow(), &caller, now)).await;
        let step = step.unwrap_or_else(|_| Step::Reply(bare(500)));
        if matches!(step, Step::Reply(_)) {
            self.turns.settle();
        }
        step
    }

    /// Brings the body of a fragment into the store.
    async fn receive(&self, reception: Box<Reception>, body: &mut Incoming) -> (Reply, Remains) {
        let turn = self.turns.start(reception.session());
        let received = bodies::receive(reception, body, &turn, self.progress, self.work).await;
        drop(turn);
        let Some(reception) = received else { return (bare(500), Remains::Bytes) };
        let remains = if reception.left() == 0 { Remains::Nothing } else { Remains::Bytes };
        let (service, now) = (self.service.clone(), self.clock.now());
        let settled = self.work.run(move || service.finish(*reception, now)).await;
        let reply = match settled {
            Ok(Settled::Reply(reply)) => reply,
            Ok(Settled::Notify(announcement)) => {
                let outcome = notify::call(self.service.store(), &announcement).await;
                let (service, now) = (self.service.clone(), self.clock.now());
                let said =
                    self.work.run(move || service.notified(announcement.ticket, outcome, now));
                let said = said.await;
                said.unwrap_or_else(|_| bare(500))
            }
            Err(_) => bare(500),
        };
        self.turns.settle();
        (reply, remains)
    }
}

/// One line for each request. What came from the network is quoted, so that it cannot pretend to be a line of its own.
fn log(head: &Head, peer: Option<SocketAddr>, response: &Response<Outgoing>, took: Duration) {
    let asked = |name: &str| head.headers.first(name);
    let told =
        |name: &str| response.headers().get(name).map(|value| text::from_bytes(value.as_bytes()));
    tracing::info!(
        peer = peer.map(tracing::field::display),
        method = head.method.as_str(),
        packet = asked(names::PACKET_TYPE),
        path = head.target.as_str(),
        session = asked(names::SESSION_ID),
        range = asked(names::CONTENT_RANGE),
        bytes = asked(names::CONTENT_LENGTH),
        status = response.status().as_u16(),
        next = told(names::RECEIVED_CONTENT_RANGE),
        error = told(names::ERROR).or_else(|| told(names::ERROR_CODE)),
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
}

/// An answer from below the BITS layer: 500 after a panic, which the runtime has reported, and 503 where there are too many
/// connections.
fn bare(status: u16) -> Reply {
    let headers = [(names::CONTENT_LENGTH, "0")].into_iter().collect();
    Reply { status, headers, body: Vec::new() }
}

/// The head of a request, owned.
struct Head {
    method: String,
    target: String,
    version: &'static str,
    scheme: &'static str,
    headers: Headers,
}

impl Head {
    /// Copies what is wanted of the head, and lets go of the rest: it lies in the buffer that reads the body.
    fn of(parts: request::Parts, scheme: &'static str) -> Self {
        let headers = parts.headers.iter();
        Self {
            method: parts.method.to_string(),
            target: parts.uri.to_string(),
            version: if parts.version == Version::HTTP_11 { "HTTP/1.1" } else { "HTTP/1.0" },
            scheme,
            headers: headers
                .map(|(name, value)| {
                    // The library has them in small letters.
                    let name = names::spelling(name.as_str()).unwrap_or(name.as_str());
                    (name, text::from_bytes(value.as_bytes()))
                })
                .collect(),
        }
    }

    fn borrow(&self) -> RequestHead<'_> {
        RequestHead {
            method: &self.method,
            target: &self.target,
            version: self.version,
            scheme: self.scheme,
            headers: &self.headers,
        }
    }
}

fn acknowledge(reply: Reply, remains: Remains) -> Response<Outgoing> {
    let body = Outgoing::whole(Bytes::from(reply.body));
    respond(reply.status, &reply.headers, body, remains)
}

/// A connection with an unread body cannot be used again.
fn respond(status: u16, headers: &Headers, body: Outgoing, remains: Remains) -> Response<Outgoing> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fields = response.headers_mut();
    fields.insert(hyper::header::SERVER, HeaderValue::from_static(PRODUCT));
    for header in headers {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::try_from(text::to_bytes(&header.value));
        if let (Ok(name), Ok(value)) = (name, value) {
            fields.append(name, value);
        }
    }
    if remains == Remains::Bytes {
        fields.insert(hyper::header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

const PRODUCT: &str = concat!("bitscheck/", env!("CARGO_PKG_VERSION"));

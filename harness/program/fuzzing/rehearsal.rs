//! Plans played to the reference server in this process: their requests as bytes, and the record of what came back.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

#[cfg(test)]
use bits_judge::{plan::DirectoryRole, transcript::Directory};
use bits_judge::{
    plan::{Action, CaptureForm, Head, Plan, Send, Step, Template, variables},
    transcript::{
        Answer, Body, Exchange, Facts, Fate, Order, Received, Request, Silence, Skipped, Transcript,
    },
};
use bits_server::{
    config::{Config, NotificationType},
    fault::Fault,
    machine,
    service::Service,
    settings,
    store::Memory,
};
use bits_wire::{
    Guid, Headers, Payload,
    http1::{Framing, RequestHead, ResponseHead},
    reply_url::ReplyPlace,
    text,
};

/// A server with a directory for each role that needs no server application, and its users; its ids are 1, 2 and so on.
pub(super) fn server() -> Service {
    server_with(None)
}

/// A server with the plain directory alone, in which files may be replaced; as it is, or with a fault.
pub(super) fn plain_server(fault: Option<Fault>) -> Service {
    let mut config = config().clone();
    config.vdirs.truncate(1);
    config.vdirs[0].allow_overwrites = true;
    serve(config, fault)
}

/// The same server, as it is or with a fault.
pub(super) fn server_with(fault: Option<Fault>) -> Service {
    serve(config().clone(), fault)
}

/// What is known of the directory of a role.
#[cfg(test)]
pub(super) fn directory(role: DirectoryRole) -> Directory {
    let prefix = format!("/{}/", role.as_str());
    let vdir = config().vdirs.iter().find(|vdir| vdir.prefix == prefix);
    vdir.map_or_else(Directory::default, |vdir| Directory {
        maximum_upload_size: vdir.maximum_upload_size,
        host_id: Some(vdir.host_id.clone().unwrap_or_default()),
        host_id_fallback_timeout: Some(vdir.host_id_fallback_timeout.unwrap_or_default()),
        ..Directory::default()
    })
}

fn config() -> &'static Config {
    // Read once: it is needed for every input.
    static CONFIG: OnceLock<Config> = OnceLock::new();
    CONFIG.get_or_init(|| {
        let mut config = settings::all_roles().config;
        for vdir in &mut config.vdirs {
            vdir.notification_url = None;
            vdir.notification_type = NotificationType::None;
        }
        config
    })
}

fn serve(config: Config, fault: Option<Fault>) -> Service {
    let store = Memory::default();
    for vdir in &config.vdirs {
        store.add_folder(vdir.folder());
    }
    let last = AtomicU32::new(0);
    let fresh = move || Guid(last.fetch_add(1, Ordering::Relaxed).into());
    Service::new(config, Arc::new(store), fault, fresh)
}

/// When everything happens: before it really does, and between the dates that scenarios name.
const DATE: &str = "Sun, 06 Nov 2016 08:49:37 GMT";

/// A plan as it was played.
pub(super) struct Played {
    pub(super) transcript: Transcript,
    /// All requests, one after the other, as they would stand on one connection.
    pub(super) bytes: Vec<u8>,
}

/// Plays a plan as far as a server in this process can be asked: no body of more than so many bytes.
pub(super) fn play(plan: &Plan, service: Service, longest: u64) -> Played {
    let base = format!("/{}/", plan.role.as_str());
    let known = [
        (variables::HOST, "server"),
        (variables::BASE, &base),
        (variables::PREFIX, "p."),
        (variables::APPLICATION, "http://application/"),
        (variables::MAXIMUM, "1048576"),
        (variables::OVER_MAXIMUM, "1048577"),
    ];
    let facts = Facts {
        scenario: plan.name.clone(),
        base: base.clone(),
        role: plan.role.as_str().to_owned(),
        ..Facts::default()
    };
    let mut player = Player {
        service,
        longest,
        tags: Vec::new(),
        modified: DATE.to_owned(),
        values: known.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        played: Played { transcript: Transcript { facts, ..Transcript::default() }, bytes: vec![] },
    };
    for (at, step) in plan.steps.iter().enumerate() {
        if let Action::Send(send) = &step.action {
            player.send(at, step, send);
        }
    }
    player.played
}

struct Player {
    service: Service,
    longest: u64,
    values: BTreeMap<String, String>,
    /// The entity tags that came so far.
    tags: Vec<String>,
    /// When the latest of them changed.
    modified: String,
    played: Played,
}

impl Player {
    fn fill(&self, template: &Template) -> Option<String> {
        template.fill(|name| self.values.get(name).map(String::as_str)).ok()
    }

    fn head(&self, head: &Head) -> Option<RequestHead> {
        match head {
            Head::Raw(template) => Some(RequestHead::read(&text::to_bytes(&self.fill(template)?))),
            Head::Made { method, target, version, headers } => {
                let mut filled = Headers::new();
                for (name, value) in headers {
                    filled.push(name, self.fill(value)?);
                }
                let (method, target) = (self.fill(method)?, self.fill(target)?);
                Some(RequestHead::write(&method, &target, version, &filled))
            }
        }
    }

    fn send(&mut self, at: usize, step: &Step, send: &Send) {
        let head = self.head(&send.head).filter(|_| send.body.length() <= self.longest);
        let Some(head) = head else {
            let reason = "this cannot be played".into();
            self.played.transcript.skipped.push(Skipped { line: step.line, step: at, reason });
            return;
        };
        let body = bytes(&send.body);
        self.played.bytes.extend_from_slice(&head.raw);
        self.played.bytes.extend_from_slice(&body);
        let cut = send.delivery.cut;
        let sent = cut.map_or(u64::MAX, |cut| cut.sent).min(send.body.length());
        let answer = self.ask(&head, &body[..usize::try_from(sent).unwrap_or(0)]);
        let (received, fate) = match cut {
            // Whoever hangs up hears nothing.
            Some(_) => (Received::Nothing(Silence::Closed), Fate::Dropped),
            None => (Received::Answer(Box::new(answer)), Fate::Open),
        };
        self.capture(step, &head, &received);
        let number = self.played.transcript.exchanges.len() + 1;
        self.played.transcript.exchanges.push(Exchange {
            number,
            line: step.line,
            step: at,
            lane: step.lane,
            order: Order::after(2 * (number as u64 - 1)),
            connection: 1,
            started: Duration::from_millis(number as u64),
            took: Duration::from_micros(500),
            request: Request { head, sent, body: send.body.clone(), ..Request::default() },
            received,
            fate,
        });
    }

    fn capture(&mut self, step: &Step, head: &RequestHead, received: &Received) {
        let Received::Answer(answer) = received else { return };
        for capture in &step.captures {
            let Some(value) = answer.head.headers.first(&capture.header) else { continue };
            let value = match capture.form {
                CaptureForm::Verbatim => Some(value.to_owned()),
                CaptureForm::ReplyTarget => {
                    ReplyPlace::resolve(value, &head.target).map(|place| place.target)
                }
            };
            self.values.extend(value.map(|value| (capture.variable.clone(), value)));
        }
    }

    /// The headers with what the server itself said in the places of what stands for it in the record.
    fn as_said(&self, headers: &Headers) -> Headers {
        let said = |name: &str, value: &str| {
            let mut value = value.to_owned();
            if name.starts_with("If-") {
                let tags = (1..).zip(&self.tags);
                tags.for_each(|(number, tag)| value = value.replace(&record_of(number), tag));
                value = value.replace(DATE, &self.modified);
            }
            value
        };
        headers.iter().map(|one| (one.name.clone(), said(&one.name, &one.value))).collect()
    }

    fn ask(&mut self, head: &RequestHead, body: &[u8]) -> Answer {
        let said = self.as_said(&head.headers);
        let asked = machine::RequestHead {
            method: &head.method,
            target: &head.target,
            version: "HTTP/1.1",
            scheme: "http",
            headers: &said,
        };
        let reply = self.service.answer(&asked, body, Duration::ZERO);
        let mut headers = reply.headers;
        // The same record every time it is made; the date comes with HTTP.
        headers.set("Date", DATE);
        if let Some(date) = headers.first("Last-Modified") {
            date.clone_into(&mut self.modified);
            headers.set("Last-Modified", DATE);
        }
        if let Some(tag) = headers.first("ETag").map(str::to_owned) {
            let place = self.tags.iter().position(|other| *other == tag);
            let number = place.unwrap_or(self.tags.len()) + 1;
            if place.is_none() {
                self.tags.push(tag);
            }
            headers.set("ETag", record_of(number));
        }
        let written = ResponseHead::write(reply.status, "Said", &headers);
        let framing = Framing::of(&written, &head.method);
        Answer {
            head: written,
            exact: true,
            interim: vec![],
            body: Body::of(framing, &reply.body),
            surplus: vec![],
        }
    }
}

/// What stands in the record for the entity tag of this number.
fn record_of(number: usize) -> String {
    format!("\"1-{number}\"")
}

fn bytes(payload: &Payload) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(payload.length()).unwrap_or(0)];
    // Bytes of a file are nowhere in this process; its length is all that counts here.
    let _ = payload.fill(0, &mut bytes);
    bytes
}

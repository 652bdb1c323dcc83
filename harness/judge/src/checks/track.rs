//! What has to be remembered from one exchange to the next: sessions and files as the answers made them.

mod ends;
mod fragments;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
    time::Duration,
};

use bits_wire::{BITS_POST, Hresult, PacketType, SessionKey, names, reply_url::ReplyPlace};

use super::{
    answered::Answered,
    breach::{self, Breach},
    content::{Content, Entity},
    host_id,
    judge::error_of,
    observed::{
        File, Kind, Reply, Seen, Session, SessionState, Span, is_success, is_usual, notifies,
    },
    outages::Outages,
    path::path_of,
    said::Said,
};
use crate::transcript::{Answer, Directory, Exchange, Notification, Transcript};

/// How far apart two moments have to be for their order to count.
const MARGIN: Duration = Duration::from_millis(50);

/// What has to be remembered from one exchange to the next.
pub(super) struct Track<'t> {
    pub(super) base: &'t str,
    pub(super) role: &'t str,
    sessions: Vec<Session>,
    /// The latest session of each id.
    positions: HashMap<SessionKey, usize>,
    /// The sessions that are open.
    open: BTreeSet<usize>,
    /// How many sessions are open on each path.
    rivals: HashMap<Rc<str>, usize>,
    /// Files that were closed with success.
    pub(super) published: HashMap<Rc<str>, Entity>,
    files: HashMap<Rc<str>, File>,
    /// Files that were closed by sessions which had others beside them.
    accompanied: HashSet<Rc<str>>,
    /// What is known of the directory.
    pub(super) directory: &'t Directory,
    /// The calls of the server application by the exchange during which they came.
    calls: HashMap<usize, Vec<&'t Notification>>,
    replies: Vec<Reply>,
    pub(super) outages: Outages<'t>,
}

impl<'t> Track<'t> {
    /// Nothing has happened yet.
    pub(super) fn of(transcript: &'t Transcript) -> Self {
        let mut calls = HashMap::<_, Vec<_>>::new();
        for call in &transcript.notifications {
            calls.entry(call.during).or_default().push(call);
        }
        Self {
            base: &transcript.facts.base,
            role: &transcript.facts.role,
            directory: &transcript.facts.directory,
            calls,
            outages: Outages::of(&transcript.outages),
            replies: vec![],
            sessions: vec![],
            positions: HashMap::new(),
            open: BTreeSet::new(),
            rivals: HashMap::new(),
            published: HashMap::new(),
            files: HashMap::new(),
            accompanied: HashSet::new(),
        }
    }
}

impl Track<'_> {
    /// The entity of this session was taken away from the store.
    pub(super) fn lose(&mut self, id: &str) {
        if let Some(position) = self.position(id) {
            self.sessions[position].deleted = true;
        }
    }

    /// The session of this id in any spelling of its GUID's letters.
    fn session(&self, id: &str) -> Option<&Session> {
        self.position(id).map(|at| &self.sessions[at])
    }

    /// Whether `id` is that of an open session without its braces.
    pub(super) fn respells(&self, id: &str) -> bool {
        let braced = format!("{{{id}}}");
        self.session(&braced).is_some_and(|session| session.state == SessionState::Open)
    }

    /// Whether a session must have timed out when this exchange begins. The server saw each message at some moment of its
    /// exchange; where that moment decides, the transcript cannot tell.
    pub(super) fn lapse(&self, session: &Session, exchange: &Exchange) -> Option<Breach> {
        let timeout = self.directory.session_timeout?;
        let now = Span::of(exchange);
        let over = |since: Span| now.from.saturating_sub(since.until) > timeout + MARGIN;
        let within = |since: Span| now.until.saturating_sub(since.from) + MARGIN < timeout;
        match session.refused {
            _ if within(session.touched) => None,
            None if over(session.touched) => Some(Breach::ExpiredSession),
            Some(refused) if over(session.touched) && over(refused) => Some(Breach::ExpiredSession),
            Some(refused) if over(session.touched) && within(refused) => {
                Some(Breach::ExpiredUnlessRefusalsCount)
            }
            _ => Some(Breach::UncertainSession),
        }
    }

    /// Whether the server application has been called for this session, by all that can be known from outside.
    pub(super) fn has_called_for(&self, session: &Session) -> bool {
        notifies(self.role) && (session.answered.is_some() || session.is_complete())
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.positions.get(&SessionKey::of(id)).copied()
    }

    fn add(&mut self, session: Session) {
        self.positions.insert(SessionKey::of(&session.id), self.sessions.len());
        self.open.insert(self.sessions.len());
        *self.rivals.entry(session.path.clone()).or_default() += 1;
        self.sessions.push(session);
    }

    fn set_state(&mut self, position: usize, state: SessionState) {
        let session = &mut self.sessions[position];
        let before = std::mem::replace(&mut session.state, state);
        if before == SessionState::Open && state != SessionState::Open {
            self.open.remove(&position);
            if let Some(rivals) = self.rivals.get_mut(&session.path) {
                *rivals -= 1;
            }
        }
    }

    /// How many sessions are open on this path.
    fn rivals_on(&self, path: &str) -> usize {
        self.rivals.get(path).copied().unwrap_or_default()
    }
}
impl<'t> Track<'t> {
    pub(super) fn see(&self, exchange: &'t Exchange) -> Seen<'t> {
        let head = &exchange.request.head;
        let calls = self.calls.get(&exchange.number).cloned().unwrap_or_default();
        let is_challenge = calls.is_empty() && exchange.answer().is_some_and(is_challenge);
        let said = Said::of(head);
        let kind = if is_challenge { Kind::Challenged } else { kind_of(&head.method, &said) };
        let upload = matches!(kind, Kind::Packet(_) | Kind::NoPacket) || said.packet.is_some();
        let position = said.session.and_then(|id| self.position(id));
        let session = position.map(|at| &self.sessions[at]);
        let mut breaches = if upload { breach::of(exchange, &said, session, self) } else { vec![] };
        if is_challenge {
            breaches.push(Breach::Challenged);
        }
        let in_doubt = self.directory.may_give_up_within(exchange.took);
        let answered =
            calls.last().map(|call| Answered::of(call, self.role == "by-value", in_doubt));
        if answered.as_ref().is_some_and(|answered| answered.asked().is_none()) {
            breaches.push(Breach::Application);
        }
        let path = &*said.path;
        let file = self.files.get(path).cloned().unwrap_or_default();
        let accompanied = self.accompanied.contains(path);
        let (open, rivals) = (self.open.len(), self.rivals_on(path));
        let reply = self.replies.iter().rev().find(|reply| reply.target == head.target);
        Seen {
            exchange,
            kind,
            breaches,
            usual: is_usual(&head.headers),
            session: session.cloned(),
            position,
            range: said.readable_range(),
            file,
            rivals,
            open,
            accompanied,
            error: exchange.answer().and_then(|answer| error_of(&answer.head.headers)),
            calls,
            answered: answered.map(Rc::new),
            reply: reply.cloned().map(Box::new),
        }
    }
}

impl Track<'_> {
    pub(super) fn learn(&mut self, seen: &Seen<'_>) {
        self.outages.hear(seen.exchange);
        self.learn_time(seen);
        self.learn_of_restart(seen);
        self.learn_from_strangers(seen);
        let Kind::Packet(kind) = &seen.kind else { return self.learn_from_odd(seen) };
        match kind {
            PacketType::CreateSession => self.learn_create(seen),
            PacketType::Fragment => self.learn_fragment(seen),
            PacketType::CloseSession | PacketType::CancelSession => self.learn_end(seen, kind),
            _ => {}
        }
    }

    /// What overlapped with another message leaves its session and its destination in doubt; that a session was given
    /// is certain.
    pub(super) fn learn_concurrent(&mut self, seen: &Seen<'_>) {
        match &seen.kind {
            Kind::Get | Kind::Head => return,
            Kind::Packet(PacketType::CreateSession) => self.learn_create(seen),
            _ => {
                if let Some(position) = seen.position {
                    self.doubt(position);
                }
            }
        }
        let path = path_of(&seen.exchange.request.head.target);
        self.files.insert((*path).into(), File::Unknown);
    }

    /// What the server has gone through before this exchange began.
    pub(super) fn pass_outages_before(&mut self, exchange: &Exchange) {
        if self.outages.pass(exchange) {
            for position in &self.open {
                self.sessions[*position].restarted = true;
            }
        }
    }

    /// A session that is known after a restart is one as before; of one that is not, nothing more is known.
    fn learn_of_restart(&mut self, seen: &Seen<'_>) {
        let Some(position) = seen.position else { return };
        if !self.sessions[position].restarted {
            return;
        }
        if seen.breaches.contains(&Breach::UncertainSession) {
            self.doubt(position);
        } else if is_success(seen.status()) {
            self.sessions[position].restarted = false;
        }
    }

    /// A message that the server took starts the timeout of its session anew; one that it refused perhaps (U18).
    fn learn_time(&mut self, seen: &Seen<'_>) {
        let Some(position) = seen.position else { return };
        if seen.breaches.contains(&Breach::ExpiredSession) && !is_success(seen.status()) {
            self.set_state(position, SessionState::Expired);
            self.files.insert(self.sessions[position].path.clone(), File::Expired);
            return;
        }
        let session = &mut self.sessions[position];
        let span = Span::of(seen.exchange);
        if is_success(seen.status()) {
            session.touched = span;
            session.refused = None;
        } else {
            session.refused = Some(span);
        }
    }

    /// A request that is no proper message and was answered with success may have changed anything.
    fn learn_from_odd(&mut self, seen: &Seen<'_>) {
        if let (Some(position), true) = (seen.position, is_success(seen.status())) {
            self.doubt(position);
        }
    }

    /// What succeeds for a session that is not known may have been done to one that there is for the same place.
    fn learn_from_strangers(&mut self, seen: &Seen<'_>) {
        let names_none = seen
            .breaches
            .iter()
            .any(|breach| matches!(breach, Breach::UnknownSession | Breach::RespelledSession));
        if !is_success(seen.status()) || !names_none || seen.session.is_some() {
            return;
        }
        let path = path_of(&seen.exchange.request.head.target);
        let there = |at: &usize| *self.sessions[*at].path == *path;
        let there: Vec<_> = self.open.iter().copied().filter(there).collect();
        there.into_iter().for_each(|position| self.doubt(position));
    }

    fn doubt(&mut self, position: usize) {
        self.set_state(position, SessionState::Uncertain);
        let session = &mut self.sessions[position];
        session.certain = false;
        self.files.insert(session.path.clone(), File::Unknown);
        self.end_replies(position);
    }

    /// Whether a session in doubt may have left a file there.
    pub(super) fn is_unknown(&self, path: &str) -> bool {
        matches!(self.files.get(path), Some(File::Unknown | File::Rivals(_)))
    }

    fn learn_create(&mut self, seen: &Seen<'_>) {
        let path: Rc<str> = (*path_of(&seen.exchange.request.head.target)).into();
        let id = seen.answer().and_then(|answer| answer.head.headers.first(names::SESSION_ID));
        match id.filter(|_| is_success(seen.status())) {
            Some(id) => {
                // What a session in doubt has left there, nobody knows until the next close.
                let doubtful = seen.rivals > 0 || self.is_unknown(&path);
                if let Some(same) = self.position(id) {
                    self.doubt(same);
                }
                // Where several are open, each of them has been told so already.
                if let (Some(only), 1) = (self.open.first(), self.open.len()) {
                    self.sessions[*only].accompanied = true;
                }
                let before = self.published.get(&path).cloned();
                let file = if doubtful { File::Unknown } else { File::Partial(before) };
                self.files.insert(path.clone(), file);
                self.add(Session {
                    id: id.into(),
                    path,
                    state: SessionState::Open,
                    next: 0,
                    total: None,
                    content: Content::default(),
                    certain: true,
                    deleted: false,
                    answered: None,
                    touched: Span::of(seen.exchange),
                    refused: None,
                    unsure: 0,
                    restarted: false,
                    cut: None,
                    announced: None,
                    accompanied: seen.open > 0,
                    away: host_id::sends_away(seen),
                });
            }
            // What other uploads have left there, the refusal does not tell.
            None if self.is_unknown(&path) => {}
            None if matches!(self.files.get(&path), Some(File::Unclosed(..))) => {}
            None => self.settle_refused(&path),
        }
    }

    /// After a refusal the published file, if there is one, must be as it was.
    fn settle_refused(&mut self, path: &str) {
        if let Some(content) = self.published.get(path) {
            self.files.insert(path.into(), File::Settled(content.clone()));
        }
    }

    fn learn_reply(&mut self, seen: &Seen<'_>, position: usize) {
        let session = &self.sessions[position];
        let url = seen.answer().and_then(|answer| answer.head.headers.first(names::REPLY_URL));
        let target = &seen.exchange.request.head.target;
        let place = url.and_then(|url| ReplyPlace::resolve(url, target));
        let asked = session.answered.as_deref().and_then(Answered::asked);
        if let (Some(place), Some(asked)) = (place, asked) {
            self.replies.push(Reply {
                target: place.target,
                session: session.id.clone(),
                state: SessionState::Open,
                asked: asked.clone(),
            });
        }
    }

    fn end_replies(&mut self, position: usize) {
        let Session { id, state, .. } = &self.sessions[position];
        for reply in self.replies.iter_mut().filter(|reply| reply.session == *id) {
            reply.state = *state;
        }
    }
}

/// Whether an answer asks for credentials. A status that the server passes on from its application does not.
fn is_challenge(answer: &Answer) -> bool {
    let context = || answer.head.headers.first(names::ERROR_CONTEXT).and_then(Hresult::read);
    matches!(answer.head.status, 401 | 407) && context() != Some(Hresult(7))
}

fn kind_of(method: &str, said: &Said<'_>) -> Kind {
    match method {
        BITS_POST => said.request().cloned().map_or(Kind::NoPacket, Kind::Packet),
        "GET" => Kind::Get,
        "HEAD" => Kind::Head,
        _ => Kind::Other,
    }
}

//! What has to be remembered from one exchange to the next: sessions and files as the answers made them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use super::{
    answered::Answered,
    breach::{self, Breach},
    content::{Content, Entity},
    host_id,
    judge::error_of,
    observed::{
        Announced, File, Kind, Reply, Seen, Session, SessionState, Span, is_success, is_usual,
        notifies,
    },
    outages::Outages,
    path::path_of,
};
use crate::{
    transcript::{Answer, Directory, Exchange, Notification, Transcript},
    wire::{
        BITS_POST, ContentRange, Hresult, PacketType, Payload, SessionKey, names,
        reply_url::ReplyPlace,
    },
};

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
    rivals: HashMap<String, usize>,
    /// Files that were closed with success.
    pub(super) published: BTreeMap<String, Entity>,
    files: BTreeMap<String, File>,
    /// Files that were closed by sessions which had others beside them.
    accompanied: BTreeSet<String>,
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
            published: BTreeMap::new(),
            files: BTreeMap::new(),
            accompanied: BTreeSet::new(),
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
        let kind = if is_challenge { Kind::Challenged } else { kind_of(exchange) };
        let upload = matches!(kind, Kind::Packet(_) | Kind::NoPacket)
            || head.headers.has(names::PACKET_TYPE);
        let position = head.headers.first(names::SESSION_ID).and_then(|id| self.position(id));
        let session = position.map(|at| &self.sessions[at]);
        let mut breaches = if upload { breach::of(exchange, session, self) } else { vec![] };
        if is_challenge {
            breaches.push(Breach::Challenged);
        }
        let in_doubt = self.directory.may_give_up_within(exchange.took);
        let answered =
            calls.last().map(|call| Answered::of(call, self.role == "by-value", in_doubt));
        if answered.as_ref().is_some_and(|answered| answered.asked().is_none()) {
            breaches.push(Breach::Application);
        }
        let range = head.headers.first(names::CONTENT_RANGE).and_then(|value| value.parse().ok());
        let path = &*path_of(&head.target);
        let file = self.files.get(path).cloned().unwrap_or_default();
        let accompanied = self.accompanied.contains(path);
        let (open, rivals) = (self.open.len(), self.rivals_on(path));
        let reply = self.replies.iter().rev().find(|reply| reply.target == head.target).cloned();
        Seen {
            exchange,
            kind,
            breaches,
            usual: is_usual(&head.headers),
            session: session.cloned(),
            position,
            range,
            file,
            rivals,
            open,
            accompanied,
            error: exchange.answer().and_then(|answer| error_of(&answer.head.headers)),
            calls,
            answered,
            reply,
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
        let path = path_of(&seen.exchange.request.head.target).into_owned();
        self.files.insert(path, File::Unknown);
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
        let there = |at: &usize| self.sessions[*at].path == path;
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
        let path = path_of(&seen.exchange.request.head.target).into_owned();
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
                    id: id.to_owned(),
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
            self.files.insert(path.to_owned(), File::Settled(content.clone()));
        }
    }

    fn learn_fragment(&mut self, seen: &Seen<'_>) {
        let Some(position) = seen.position else { return };
        if self.sessions[position].state != SessionState::Open {
            return;
        }
        if seen.exchange.answer().is_none() || seen.breaches.contains(&Breach::CutBody) {
            return self.learn_cut(seen, position);
        }
        if seen.breaches == [Breach::AfterCut] {
            return self.settle_cut(seen, position);
        }
        if let Some(answered) = &seen.answered {
            self.sessions[position].answered = Some(answered.clone());
        }
        if !is_success(seen.status()) {
            return self.learn_refused(seen, position);
        }
        let taken = |breach: &Breach| {
            matches!(
                breach,
                Breach::Overlap
                    | Breach::AfterEnd
                    | Breach::LastAgain
                    | Breach::LongUnknownValue
                    | Breach::Limited
                    | Breach::TotalOverMaximum
                    | Breach::ExpiredUnlessRefusalsCount
            )
        };
        // The last fragment may count as sent again and leave a gap all the same.
        let next = self.sessions[position].next;
        let fits = |range: &ContentRange| range.first <= next && seen.breaches.iter().all(taken);
        let Some(range) = seen.range.filter(fits) else { return self.doubt(position) };
        let session = &mut self.sessions[position];
        session.total = session.total.or(Some(range.total));
        if range.last >= session.next {
            let Some(bytes) = session.added(range, &seen.exchange.request.body) else {
                return self.doubt(position);
            };
            session.content.push(bytes);
            session.next = range.last + 1;
        }
        if session.is_complete() {
            self.complete(position);
        }
        self.learn_reply(seen, position);
    }

    /// What was announced before the refusal may stay.
    fn learn_refused(&mut self, seen: &Seen<'_>, position: usize) {
        let session = &mut self.sessions[position];
        let (Some(range), Some(_)) = (seen.range, &seen.answered) else { return };
        if let Some(bytes) = session.added(range, &seen.exchange.request.body) {
            let (first, total) = (session.next, range.total);
            session.announced = Some(Announced { first, bytes, total });
        }
    }

    /// All bytes of a session are there: what may be seen at its destination from now on.
    fn complete(&mut self, position: usize) {
        let session = &self.sessions[position];
        if let Some(File::Rivals(contents)) = self.files.get_mut(&session.path) {
            // By one text it is there from now on (D7).
            contents.push(session.content.entity());
        } else if !self.is_unknown(&session.path) {
            let before = self.published.get(&session.path).cloned();
            let file = match &session.answered {
                Some(Answered::Success(asked)) if !asked.copy => File::Uncopied(before),
                _ => File::Unclosed(session.content.entity(), before),
            };
            self.files.insert(session.path.clone(), file);
        }
    }

    /// How much of a fragment without an Ack counted is for the server to say (U10).
    fn learn_cut(&mut self, seen: &Seen<'_>, position: usize) {
        let session = &mut self.sessions[position];
        let next = seen.range.filter(|range| range.first == session.next);
        let clean = seen.breaches.iter().all(|breach| *breach == Breach::CutBody);
        if next.is_none() || !clean || session.unsure > 0 {
            return self.doubt(position);
        }
        session.unsure = seen.exchange.request.sent;
        session.cut = Some(seen.exchange.request.body.clone());
    }

    /// The first answer after a cut tells how much of it counted.
    fn settle_cut(&mut self, seen: &Seen<'_>, position: usize) {
        let told = seen
            .answer()
            .and_then(|answer| answer.head.headers.first(names::RECEIVED_CONTENT_RANGE))
            .and_then(|offset| offset.parse::<u64>().ok());
        let (Some(told), Some(range)) = (told, seen.range) else { return self.doubt(position) };
        let session = &mut self.sessions[position];
        let held = match seen.status() {
            416 => told,
            200 if told == range.last + 1 => range.first,
            _ => return self.doubt(position),
        };
        let Some(kept) = held.checked_sub(session.next).filter(|kept| *kept <= session.unsure)
        else {
            return self.doubt(position);
        };
        let was_whole = session.cut.as_ref().is_some_and(|it| it.length() == session.unsure);
        if was_whole && kept == 0 && seen.status() == 416 {
            // All of it was on its way over another connection, and may still come.
            return;
        }
        let part = session.cut.take().map(|body| body.slice(0, kept));
        if let Some(part) = part.filter(|part| *part != Payload::Empty) {
            session.content.push(part);
        }
        session.next = held;
        session.unsure = 0;
        session.total = session.total.or_else(|| (kept > 0).then_some(range.total));
        if seen.status() == 200 {
            session.total = Some(range.total);
            session.content.push(seen.exchange.request.body.clone());
            session.next = told;
            if session.is_complete() {
                self.complete(position);
            }
        }
    }

    fn learn_reply(&mut self, seen: &Seen<'_>, position: usize) {
        let session = &self.sessions[position];
        let url = seen.answer().and_then(|answer| answer.head.headers.first(names::REPLY_URL));
        let target = &seen.exchange.request.head.target;
        let place = url.and_then(|url| ReplyPlace::resolve(url, target));
        let asked = session.answered.as_ref().and_then(Answered::asked);
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

    fn learn_end(&mut self, seen: &Seen<'_>, kind: &PacketType) {
        let Some(position) = seen.position else { return };
        if self.sessions[position].state != SessionState::Open {
            return;
        }
        let harmless = |breach: &Breach| matches!(breach, Breach::LongUnknownValue);
        match seen.exchange.answer().map(|answer| answer.head.status) {
            None => self.doubt(position),
            Some(status) if !is_success(status) => {
                // A message that was right and is refused nevertheless may have done its work or not.
                if seen.breaches.iter().all(|breach| *breach == Breach::EntityDeleted) {
                    let path = self.sessions[position].path.clone();
                    let was_known = !self.is_unknown(&path);
                    self.doubt(position);
                    if was_known && matches!(status, 403 | 409) {
                        self.settle_refused(&path);
                    }
                }
            }
            Some(_) if !seen.breaches.iter().all(harmless) => self.doubt(position),
            Some(_) if kind == &PacketType::CloseSession => self.close(position, seen.rivals > 1),
            Some(_) => self.cancel(position),
        }
    }

    fn close(&mut self, position: usize, rivals: bool) {
        self.set_state(position, SessionState::Closed);
        let session = &mut self.sessions[position];
        let (path, content) = (session.path.clone(), session.content.entity());
        let (certain, accompanied) = (session.certain, session.accompanied);
        let complete = session.is_complete();
        match accompanied || rivals {
            true => self.accompanied.insert(path.clone()),
            false => self.accompanied.remove(&path),
        };
        let session = &self.sessions[position];
        let file = match (certain && !rivals, complete) {
            (false, true) if rivals => self.of_rivals(&path),
            (false, _) => File::Unknown,
            // What was there before may have stayed.
            (true, false) if self.published.contains_key(&path) || self.is_unknown(&path) => {
                File::Unknown
            }
            (true, false) => File::ClosedEarly(session.total.unwrap_or_default()),
            (true, true) if notifies(self.role) => match &session.answered {
                Some(Answered::Success(asked)) if asked.copy => File::Copied(content.clone()),
                Some(Answered::Success(_)) => File::Uncopied(self.published.get(&path).cloned()),
                _ => File::Unknown,
            },
            (true, true) if self.published.contains_key(&path) => File::Settled(content.clone()),
            (true, true) => File::Published(content.clone()),
        };
        if file.content().is_some() {
            self.published.insert(path.clone(), content);
        }
        self.files.insert(path, file);
        self.end_replies(position);
    }

    /// What can be at a place for which several sessions are open, one of which has just been closed.
    fn of_rivals(&self, path: &str) -> File {
        let own: Vec<_> = self.sessions.iter().filter(|session| session.path == path).collect();
        if notifies(self.role) || own.iter().any(|session| !session.certain) {
            return File::Unknown;
        }
        let complete = own
            .iter()
            .filter(|session| session.is_complete() && session.state != SessionState::Cancelled);
        let contents = complete.map(|session| session.content.entity());
        File::Rivals(contents.chain(self.published.get(path).cloned()).collect())
    }

    fn cancel(&mut self, position: usize) {
        self.set_state(position, SessionState::Cancelled);
        let session = &mut self.sessions[position];
        let (path, complete) = (session.path.clone(), session.is_complete());
        let content = session.content.entity();
        let others = self.rivals_on(&path) > 0;
        let doubtful = others || self.is_unknown(&path);
        let before = self.published.get(&path).cloned();
        let file = match before {
            _ if doubtful => File::Unknown,
            None if complete => File::CancelledComplete(content),
            None => File::Cancelled,
            Some(_) if complete => File::Unknown,
            Some(before) => File::Settled(before),
        };
        self.files.insert(path, file);
        self.end_replies(position);
    }
}

/// Whether an answer asks for credentials. A status that the server passes on from its application does not.
fn is_challenge(answer: &Answer) -> bool {
    let context = || answer.head.headers.first(names::ERROR_CONTEXT).and_then(Hresult::read);
    matches!(answer.head.status, 401 | 407) && context() != Some(Hresult(7))
}

fn kind_of(exchange: &Exchange) -> Kind {
    let head = &exchange.request.head;
    match head.method.as_str() {
        BITS_POST => match head.headers.first(names::PACKET_TYPE).map(PacketType::read) {
            Some(kind) if PacketType::REQUESTS.contains(&kind) => Kind::Packet(kind),
            _ => Kind::NoPacket,
        },
        "GET" => Kind::Get,
        "HEAD" => Kind::Head,
        _ => Kind::Other,
    }
}

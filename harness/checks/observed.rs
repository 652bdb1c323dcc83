//! A transcript with what each exchange meant at its time: the sessions as the server's own answers made them.

use std::collections::BTreeMap;

use super::breach::{self, Breach, path_of};
use crate::{
    transcript::{Answer, Exchange, Transcript},
    wire::{BITS_POST, ContentRange, PacketType, Payload, SessionId, names},
};

/// A transcript and what its exchanges meant.
pub struct Observed<'t> {
    /// The transcript itself.
    pub(crate) transcript: &'t Transcript,
    /// Its exchanges in order.
    pub(crate) all: Vec<Seen<'t>>,
}

/// One exchange and what it meant.
pub(crate) struct Seen<'t> {
    /// The exchange.
    pub(crate) exchange: &'t Exchange,
    /// What kind of request it was.
    pub(crate) kind: Kind,
    /// What was wrong with the request.
    pub(crate) breaches: Vec<Breach>,
    /// The session that it named, as it was before.
    pub(crate) session: Option<Session>,
    /// The range of a fragment, if it can be read.
    pub(crate) range: Option<ContentRange>,
    /// What the transcript says of the file at the request's path, before the request.
    pub(crate) file: File,
    /// How many sessions were open on the same path.
    pub(crate) rivals: usize,
    /// How many sessions were open in all.
    pub(crate) open: usize,
}

/// What kind of request an exchange carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An upload message, its packet type known.
    Packet(PacketType),
    /// `BITS_POST` without a packet type of a request.
    NoPacket,
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// Any other method.
    Other,
}

/// A session as the answers made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// The id as the server gave it.
    pub(crate) id: String,
    /// The path that it was created for.
    pub(crate) path: String,
    /// Whether it still is.
    pub(crate) state: SessionState,
    /// The next byte wanted, by what the server took.
    pub(crate) next: u64,
    /// The total that its fragments name.
    pub(crate) total: Option<u64>,
    /// The bytes that the server took, in order.
    pub(crate) content: Vec<Payload>,
    /// Whether the transcript knows the content for sure.
    pub(crate) certain: bool,
    /// Whether its entity was taken away from the store.
    pub(crate) deleted: bool,
}

impl Session {
    /// Whether the server has acknowledged every byte.
    pub(crate) fn is_complete(&self) -> bool {
        self.total == Some(self.next)
    }
}

/// Whether a session still is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// Created and not ended.
    Open,
    /// Closed with success.
    Closed,
    /// Cancelled with success.
    Cancelled,
    /// Something went wrong; the transcript cannot tell.
    Uncertain,
}

/// What a transcript says of a file in the target's tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum File {
    /// Nothing was ever uploaded there.
    #[default]
    Never,
    /// An upload is under way, not all bytes are there; the file before it, if any.
    Partial(Option<Vec<Payload>>),
    /// All bytes are there, and the session is not closed: the bytes, and the file before them, if any.
    Unclosed(Vec<Payload>, Option<Vec<Payload>>),
    /// Closed with success, for the first time.
    Published(Vec<Payload>),
    /// Closed with success over an older file, or a second upload was refused; the content that must be there.
    Settled(Vec<Payload>),
    /// Cancelled before all bytes were there.
    Cancelled,
    /// Cancelled after all bytes were there (D8); what was uploaded.
    CancelledComplete(Vec<Payload>),
    /// Closed before all bytes were there (D9); the total that was announced.
    ClosedEarly(u64),
    /// The transcript cannot tell.
    Unknown,
}

/// What has to be remembered from one exchange to the next.
pub(super) struct Track<'t> {
    pub(super) base: &'t str,
    pub(super) role: &'t str,
    sessions: Vec<Session>,
    /// Files that were closed with success.
    pub(super) published: BTreeMap<String, Vec<Payload>>,
    files: BTreeMap<String, File>,
}

impl Track<'_> {
    /// The session of this id in any spelling of its GUID's letters.
    pub(super) fn session(&self, id: &str) -> Option<&Session> {
        self.position(id).map(|at| &self.sessions[at])
    }

    /// Whether `id` is that of an open session without its braces.
    pub(super) fn respells(&self, id: &str) -> bool {
        let braced = format!("{{{id}}}");
        self.session(&braced).is_some_and(|session| session.state == SessionState::Open)
    }

    fn position(&self, id: &str) -> Option<usize> {
        let id = SessionId::new(id);
        self.sessions.iter().rposition(|session| SessionId::new(session.id.clone()).same_as(&id))
    }
}

impl<'t> Observed<'t> {
    /// Goes through a transcript once and remembers what each exchange meant.
    #[must_use]
    pub fn of(transcript: &'t Transcript) -> Self {
        let mut track = Track {
            base: &transcript.facts.base,
            role: &transcript.facts.role,
            sessions: vec![],
            published: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        let mut all = Vec::with_capacity(transcript.exchanges.len());
        for (at, exchange) in transcript.exchanges.iter().enumerate() {
            for deletion in transcript.deletions.iter().filter(|deletion| deletion.after == at) {
                if let Some(position) = track.position(&deletion.session) {
                    track.sessions[position].deleted = true;
                }
            }
            let seen = track.see(exchange);
            track.learn(&seen);
            all.push(seen);
        }
        Self { transcript, all }
    }

    /// The exchanges whose request is this packet.
    pub(crate) fn packets<'o>(
        &'o self,
        kind: &'o PacketType,
    ) -> impl Iterator<Item = &'o Seen<'t>> {
        self.all.iter().filter(move |seen| seen.kind == Kind::Packet(kind.clone()))
    }

    /// The exchanges that are upload messages of any kind and have an answer.
    pub(crate) fn acks(&self) -> impl Iterator<Item = (&Seen<'t>, &'t Answer)> {
        let upload = |seen: &&Seen<'t>| matches!(seen.kind, Kind::Packet(_) | Kind::NoPacket);
        self.all.iter().filter(upload).filter_map(|seen| Some((seen, seen.exchange.answer()?)))
    }
}

impl File {
    /// The content that is there for certain, once a session was closed over it.
    pub(crate) fn content(&self) -> Option<&[Payload]> {
        match self {
            Self::Published(content) | Self::Settled(content) => Some(content),
            _ => None,
        }
    }
}

impl<'t> Seen<'t> {
    /// The answer, if there is one.
    pub(crate) fn answer(&self) -> Option<&'t Answer> {
        self.exchange.answer()
    }

    /// The answer's status; 0 without an answer.
    pub(crate) fn status(&self) -> u16 {
        self.answer().map_or(0, |answer| answer.head.status)
    }

    /// Whether the request is right in every way that the harness knows.
    pub(crate) fn is_clean(&self) -> bool {
        self.breaches.is_empty()
    }

    /// Whether the request is right and has nothing in it that a server may stumble over: no header that it does not
    /// know, no unusual spelling. What such things do is the matter of clauses of their own.
    pub(crate) fn is_plain(&self) -> bool {
        let headers = &self.exchange.request.head.headers;
        let kind = headers.first(names::PACKET_TYPE);
        let usual = kind.is_none_or(|kind| PacketType::read(kind).as_str() == kind);
        self.is_clean()
            && usual
            && !headers
                .iter()
                .any(|header| is_unknown(&header.name) || names::is_respelled(&header.name))
    }

    /// Whether exactly this is wrong with the request.
    pub(crate) fn has_only(&self, breach: &Breach) -> bool {
        self.breaches == [breach.clone()]
    }

    /// Whether the answer may come from below the BITS layer: the request is wrong as HTTP, and nothing of BITS is in it.
    pub(crate) fn is_below_bits(&self) -> bool {
        let bits = |answer: &Answer| {
            answer
                .head
                .headers
                .iter()
                .any(|header| header.name.to_ascii_lowercase().starts_with("bits-"))
        };
        self.breaches.iter().any(Breach::is_http) && !self.answer().is_some_and(bits)
    }
}

/// Whether a header is one that no server can know.
pub(crate) fn is_unknown(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let known = names::SPELLED.iter().any(|known| name.eq_ignore_ascii_case(known));
    lower.starts_with("x-") || (lower.starts_with("bits-") && !known)
}

/// Whether an answer reports success (D2: 201 to CREATE-SESSION in the older reference).
pub(crate) fn is_success(status: u16) -> bool {
    matches!(status, 200 | 201)
}

impl Track<'_> {
    fn see<'t>(&self, exchange: &'t Exchange) -> Seen<'t> {
        let head = &exchange.request.head;
        let kind = kind_of(exchange);
        let upload = matches!(kind, Kind::Packet(_) | Kind::NoPacket)
            || head.headers.has(names::PACKET_TYPE);
        let breaches = if upload { breach::of(exchange, self) } else { vec![] };
        let session =
            head.headers.first(names::SESSION_ID).and_then(|id| self.session(id)).cloned();
        let range = head.headers.first(names::CONTENT_RANGE).and_then(|value| value.parse().ok());
        let path = path_of(&head.target);
        let file = self.files.get(path).cloned().unwrap_or_default();
        let is_open = |session: &&Session| session.state == SessionState::Open;
        let open = self.sessions.iter().filter(is_open).count();
        let rivals =
            self.sessions.iter().filter(is_open).filter(|session| session.path == path).count();
        Seen { exchange, kind, breaches, session, range, file, rivals, open }
    }

    fn learn(&mut self, seen: &Seen<'_>) {
        let Kind::Packet(kind) = &seen.kind else { return self.learn_from_odd(seen) };
        match kind {
            PacketType::CreateSession => self.learn_create(seen),
            PacketType::Fragment => self.learn_fragment(seen),
            PacketType::CloseSession | PacketType::CancelSession => self.learn_end(seen, kind),
            _ => {}
        }
    }

    /// A request that is no proper message and was answered with success may have changed anything.
    fn learn_from_odd(&mut self, seen: &Seen<'_>) {
        let id = seen.exchange.request.head.headers.first(names::SESSION_ID);
        if let (Some(position), true) =
            (id.and_then(|id| self.position(id)), is_success(seen.status()))
        {
            self.doubt(position);
        }
    }

    fn doubt(&mut self, position: usize) {
        let session = &mut self.sessions[position];
        session.state = SessionState::Uncertain;
        session.certain = false;
        self.files.insert(session.path.clone(), File::Unknown);
    }

    fn learn_create(&mut self, seen: &Seen<'_>) {
        let path = path_of(&seen.exchange.request.head.target).to_owned();
        let id = seen.answer().and_then(|answer| answer.head.headers.first(names::SESSION_ID));
        match id.filter(|_| is_success(seen.status())) {
            Some(id) => {
                let rivals = seen.rivals > 0;
                if let Some(same) = self.position(id) {
                    self.doubt(same);
                }
                let before = self.published.get(&path).cloned();
                let file = if rivals { File::Unknown } else { File::Partial(before) };
                self.files.insert(path.clone(), file);
                self.sessions.push(Session {
                    id: id.to_owned(),
                    path,
                    state: SessionState::Open,
                    next: 0,
                    total: None,
                    content: vec![],
                    certain: true,
                    deleted: false,
                });
            }
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
        let Some(position) = seen.session.as_ref().and_then(|session| self.position(&session.id))
        else {
            return;
        };
        if self.sessions[position].state != SessionState::Open {
            return;
        }
        if seen.exchange.answer().is_none() {
            // Whether a fragment without an Ack counted is for the server to say (U10).
            return self.doubt(position);
        }
        if !is_success(seen.status()) {
            return;
        }
        let taken = |breach: &Breach| {
            matches!(
                breach,
                Breach::Overlap | Breach::AfterEnd | Breach::LongUnknownValue | Breach::Limited
            )
        };
        let Some(range) = seen.range.filter(|_| seen.breaches.iter().all(taken)) else {
            return self.doubt(position);
        };
        let session = &mut self.sessions[position];
        session.total = session.total.or(Some(range.total));
        if range.last >= session.next {
            let skip = session.next - range.first;
            session.content.push(seen.exchange.request.body.slice(skip, u64::MAX));
            session.next = range.last + 1;
        }
        if session.is_complete() && self.files.get(&session.path) != Some(&File::Unknown) {
            let before = self.published.get(&session.path).cloned();
            self.files
                .insert(session.path.clone(), File::Unclosed(session.content.clone(), before));
        }
    }

    fn learn_end(&mut self, seen: &Seen<'_>, kind: &PacketType) {
        let Some(position) = seen.session.as_ref().and_then(|session| self.position(&session.id))
        else {
            return;
        };
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
                    self.doubt(position);
                    if matches!(status, 403 | 409) {
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
        let session = &mut self.sessions[position];
        session.state = SessionState::Closed;
        let (path, content) = (session.path.clone(), session.content.clone());
        let file = match (session.certain && !rivals, session.is_complete()) {
            (false, _) => File::Unknown,
            (true, false) => File::ClosedEarly(session.total.unwrap_or_default()),
            (true, true) if self.published.contains_key(&path) => File::Settled(content.clone()),
            (true, true) => File::Published(content.clone()),
        };
        if matches!(file, File::Published(_) | File::Settled(_)) {
            self.published.insert(path.clone(), content);
        }
        self.files.insert(path, file);
    }

    fn cancel(&mut self, position: usize) {
        let session = &mut self.sessions[position];
        session.state = SessionState::Cancelled;
        let (path, complete) = (session.path.clone(), session.is_complete());
        let content = session.content.clone();
        let others = self
            .sessions
            .iter()
            .any(|other| other.path == path && other.state == SessionState::Open);
        let before = self.published.get(&path).cloned();
        let file = match before {
            _ if others => File::Unknown,
            None if complete => File::CancelledComplete(content),
            None => File::Cancelled,
            Some(_) if complete => File::Unknown,
            Some(before) => File::Settled(before),
        };
        self.files.insert(path, file);
    }
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

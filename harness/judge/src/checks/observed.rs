//! A transcript with what each exchange meant at its time: the sessions as the server's own answers made them.

use std::{ops::Range, rc::Rc, time::Duration};

use bits_wire::{ContentRange, Headers, Hresult, PacketType, Payload, names, text};

use super::{
    Check, Verdict,
    answered::{Answered, Success},
    breach::Breach,
    content::{Content, Entity},
    history::{self, Ruling},
    track::Track,
};
use crate::transcript::{Answer, Exchange, Notification, Transcript};

/// A transcript and what its exchanges meant.
pub struct Observed<'t> {
    /// The transcript itself.
    pub(crate) transcript: &'t Transcript,
    /// Its exchanges in order.
    pub(crate) all: Vec<Seen<'t>>,
    /// What exchanges that overlapped come to together.
    pub(super) history: Vec<Ruling>,
    /// Where the packets of each kind are, in the order of [`PacketType::REQUESTS`]: most checks are about one kind.
    places: [Vec<usize>; PacketType::REQUESTS.len()],
    /// The part that is being judged, where the checks go through the transcript part by part.
    window: Range<usize>,
}

/// How many exchanges all checks judge before they go on to the next ones: as many as a processor keeps at hand.
const AT_ONCE: usize = 256;

/// One exchange and what it meant.
pub(crate) struct Seen<'t> {
    /// The exchange.
    pub(crate) exchange: &'t Exchange,
    /// What kind of request it was.
    pub(crate) kind: Kind,
    /// What was wrong with the request.
    pub(crate) breaches: Vec<Breach>,
    /// Whether nothing in its head is unusual; see [`Seen::is_plain`].
    pub(crate) usual: bool,
    /// The session that it named, as it was before.
    pub(crate) session: Option<Session>,
    /// Where that stands among all sessions.
    pub(super) position: Option<usize>,
    /// The range of a fragment, if it can be read.
    pub(crate) range: Option<ContentRange>,
    /// What the transcript says of the file at the request's path, before the request.
    pub(crate) file: File,
    /// How many sessions were open on the same path.
    pub(crate) rivals: usize,
    /// How many sessions were open in all.
    pub(crate) open: usize,
    /// Whether the file at the request's path was uploaded while other sessions were open.
    pub(crate) accompanied: bool,
    /// The error value of the answer: nothing if it has no such header, `Some(None)` if that cannot be read.
    pub(crate) error: Option<Option<Hresult>>,
    /// The calls of the server application that came meanwhile.
    pub(crate) calls: Vec<&'t Notification>,
    /// What the last of them came to.
    pub(crate) answered: Option<Rc<Answered>>,
    /// The reply that the request is about.
    pub(crate) reply: Option<Box<Reply>>,
}

/// A reply to an upload, as the Ack of its last fragment named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The request target to which its URL leads.
    pub(crate) target: String,
    /// The id of its session.
    pub(crate) session: Rc<str>,
    /// Whether that session still is.
    pub(crate) state: SessionState,
    /// What the application answered.
    pub(crate) asked: Success,
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
    /// Whatever is answered by asking for credentials (401, 407): that is HTTP's own answer, and nothing of BITS shows.
    Challenged,
}

/// A session as the answers made it. Each exchange has it as it was before, so what seldom changes is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// The id as the server gave it.
    pub(crate) id: Rc<str>,
    /// The path that it was created for.
    pub(crate) path: Rc<str>,
    /// Whether it still is.
    pub(crate) state: SessionState,
    /// The next byte wanted, by what the server took.
    pub(crate) next: u64,
    /// The total that its fragments name.
    pub(crate) total: Option<u64>,
    /// The bytes that the server took, in order.
    pub(crate) content: Content,
    /// Whether the transcript knows the content for sure.
    pub(crate) certain: bool,
    /// Whether its entity was taken away from the store.
    pub(crate) deleted: bool,
    /// What the latest call of the server application for it came to.
    pub(crate) answered: Option<Rc<Answered>>,
    /// When the latest message was taken that the server processed with success.
    pub(crate) touched: Span,
    /// When the latest message was refused since then.
    pub(crate) refused: Option<Span>,
    /// Bytes beyond `next` that were sent in fragments of which no Ack came.
    pub(crate) unsure: u64,
    /// The body of that fragment.
    pub(crate) cut: Option<Rc<Payload>>,
    /// What the server announced and the application did not take. The server may keep it.
    pub(crate) announced: Option<Rc<Announced>>,
    /// Whether other sessions were open at any time of it.
    pub(crate) accompanied: bool,
    /// Whether the server went since it was last heard to know it, so that it need not know it any more.
    pub(crate) restarted: bool,
    /// Whether its Ack sent the client to another host, so that the one that made it need not know it any more.
    pub(crate) away: bool,
}

/// When an exchange began and when it was over, since the transcript began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// The begin.
    pub(crate) from: Duration,
    /// The end.
    pub(crate) until: Duration,
}

impl Span {
    /// That of an exchange.
    pub(crate) fn of(exchange: &Exchange) -> Self {
        Self { from: exchange.started, until: exchange.started + exchange.took }
    }
}

impl Session {
    /// Whether the server has acknowledged every byte.
    pub(crate) fn is_complete(&self) -> bool {
        self.total == Some(self.next)
    }

    /// What a fragment of this range and body adds to the content, if anything: `None` where there is a gap before it, or
    /// where the server may keep other bytes of an announcement that failed.
    pub(crate) fn added(&self, range: ContentRange, body: &Payload) -> Option<Payload> {
        let skip = self.next.checked_sub(range.first)?;
        let bytes = body.slice(skip, u64::MAX);
        let is_same = self.announced.as_ref().is_none_or(|announced| {
            let before = announced.bytes.slice(self.next - announced.first, bytes.length());
            before == bytes.slice(0, before.length())
        });
        is_same.then_some(bytes)
    }

    /// Whether the server application did not take what was last announced to it.
    pub(crate) fn is_refused(&self) -> bool {
        self.answered.as_ref().is_some_and(|answered| answered.asked().is_none())
    }
}

/// The end of an upload that was announced in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    /// The first byte of it that counted for the first time.
    pub(crate) first: u64,
    /// The bytes from there on.
    pub(crate) bytes: Payload,
    /// The total that was claimed.
    pub(crate) total: u64,
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
    /// Answered as unknown after its time.
    Expired,
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
    Partial(Option<Entity>),
    /// All bytes are there, and the session is not closed: the bytes, and the file before them, if any.
    Unclosed(Entity, Option<Entity>),
    /// Closed with success, for the first time.
    Published(Entity),
    /// Closed with success over an older file, or a second upload was refused; the content that must be there.
    Settled(Entity),
    /// Cancelled before all bytes were there.
    Cancelled,
    /// Cancelled after all bytes were there (D8); what was uploaded.
    CancelledComplete(Entity),
    /// Closed before all bytes were there (D9); the total that was announced.
    ClosedEarly(u64),
    /// Closed with success, after the server application had asked for the upload to be copied there.
    Copied(Entity),
    /// Closed with success while another session was open for the same place (U3): the contents of which one must be
    /// there, if anything is.
    Rivals(Vec<Entity>),
    /// The session timed out.
    Expired,
    /// All bytes are there, and the server application has not asked for the upload to be copied; the file before it.
    Uncopied(Option<Entity>),
    /// The transcript cannot tell.
    Unknown,
}

impl<'t> Observed<'t> {
    /// Goes through a transcript once and remembers what each exchange meant.
    #[must_use]
    pub fn of(transcript: &'t Transcript) -> Self {
        let mut track = Track::of(transcript);
        let mut all = Vec::with_capacity(transcript.exchanges.len());
        let mut places: [Vec<usize>; PacketType::REQUESTS.len()] = Default::default();
        let concurrent = history::concurrent(&transcript.exchanges);
        for (at, exchange) in transcript.exchanges.iter().enumerate() {
            let gone = transcript.deletions.iter().filter(|deletion| deletion.after == at);
            gone.for_each(|deletion| track.lose(&deletion.session));
            track.pass_outages_before(exchange);
            let mut seen = track.see(exchange);
            if concurrent[at] {
                seen.breaches.retain(|breach| !history::is_of_state(breach));
                seen.breaches.push(Breach::Concurrent);
                track.learn_concurrent(&seen);
            } else {
                track.learn(&seen);
            }
            if let Kind::Packet(kind) = &seen.kind
                && let Some(place) = place_of(kind)
            {
                places[place].push(at);
            }
            all.push(seen);
        }
        let history = history::rulings(transcript, &all);
        let window = 0..all.len();
        Self { transcript, all, history, places, window }
    }

    /// What every check makes of it.
    #[must_use]
    pub fn verdicts(&mut self) -> Vec<(&'static Check, Verdict)> {
        self.verdicts_by(AT_ONCE)
    }

    /// The same, judging so many exchanges at once. The verdicts do not depend on how many.
    pub fn verdicts_by(&mut self, at_once: usize) -> Vec<(&'static Check, Verdict)> {
        let count = self.all.len();
        self.window = 0..at_once.min(count);
        let mut verdicts: Vec<_> = super::all().map(|check| (check, (check.judge)(self))).collect();
        for from in (at_once..count).step_by(at_once) {
            self.window = from..(from + at_once).min(count);
            for (check, verdict) in &mut verdicts {
                verdict.add((check.judge)(self));
            }
        }
        self.window = 0..count;
        verdicts
    }

    /// The exchanges that are being judged: all, or a part of them. A check that judges each exchange for itself goes through
    /// these, and looks the others up in `all`.
    pub(super) fn each(&self) -> &[Seen<'t>] {
        &self.all[self.window.clone()]
    }

    /// Whether other parts were judged before. What is judged by several exchanges together, however far apart they are, is
    /// judged with the first part.
    pub(super) fn is_later_part(&self) -> bool {
        self.window.start > 0
    }

    /// Whether the server may have given up a call of its application during this exchange (3.3.6.1).
    pub(super) fn had_time_to_give_up(&self, seen: &Seen<'_>) -> bool {
        self.transcript.facts.directory.may_give_up_within(seen.exchange.took)
    }

    /// Whether the directory posts finished uploads to a server application.
    pub(crate) fn notifies(&self) -> bool {
        notifies(&self.transcript.facts.role)
    }

    /// Whether it posts them by value.
    pub(crate) fn by_value(&self) -> bool {
        self.transcript.facts.role == BY_VALUE
    }

    /// Those of the exchanges being judged whose request is this packet.
    pub(crate) fn packets<'o>(
        &'o self,
        kind: &'o PacketType,
    ) -> impl Iterator<Item = &'o Seen<'t>> {
        let places = self.places(kind);
        let from = places.partition_point(|at| *at < self.window.start);
        let places = &places[from..];
        let until = places.partition_point(|at| *at < self.window.end);
        places[..until].iter().map(|at| &self.all[*at])
    }

    /// Those of all exchanges whose request is this packet.
    pub(super) fn all_packets<'o>(
        &'o self,
        kind: &'o PacketType,
    ) -> impl Iterator<Item = &'o Seen<'t>> {
        self.places(kind).iter().map(|at| &self.all[*at])
    }

    fn places(&self, kind: &PacketType) -> &[usize] {
        place_of(kind).map(|place| self.places[place].as_slice()).unwrap_or_default()
    }

    /// Those of the exchanges being judged that are upload messages of any kind and have an answer.
    pub(crate) fn acks(&self) -> impl Iterator<Item = (&Seen<'t>, &'t Answer)> {
        let upload = |seen: &&Seen<'t>| matches!(seen.kind, Kind::Packet(_) | Kind::NoPacket);
        self.each().iter().filter(upload).filter_map(|seen| Some((seen, seen.exchange.answer()?)))
    }
}

fn place_of(kind: &PacketType) -> Option<usize> {
    PacketType::REQUESTS.iter().position(|request| request == kind)
}

const BY_VALUE: &str = "by-value";

/// Whether a directory of this role posts finished uploads to a server application.
pub(crate) fn notifies(role: &str) -> bool {
    matches!(role, "by-reference" | BY_VALUE)
}

impl File {
    /// The content that is there for certain, once a session was closed over it.
    pub(crate) fn content(&self) -> Option<&[Payload]> {
        match self {
            Self::Published(content) | Self::Settled(content) | Self::Copied(content) => {
                Some(content)
            }
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

    /// Whether nothing is wrong with the request and nothing in its way: a destination that is taken may be refused at the
    /// close (U16).
    pub(super) fn has_its_way(&self) -> bool {
        let closes = self.kind == Kind::Packet(PacketType::CloseSession);
        let taken = matches!(
            self.file,
            File::Unclosed(_, Some(_)) | File::Rivals(_) | File::Settled(_) | File::Unknown
        );
        self.is_clean() && !(closes && taken)
    }

    /// Whether the request is right and has nothing in it that a server may stumble over: no header that it does not
    /// know, no unusual spelling. What such things do is the matter of clauses of their own.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_clean() && self.usual
    }

    /// Whether exactly this is wrong with the request.
    pub(crate) fn has_only(&self, breach: &Breach) -> bool {
        matches!(self.breaches.as_slice(), [only] if only == breach)
    }

    /// Whether the answer may come from below the BITS layer: the request is wrong as HTTP or too large for it, and
    /// nothing of BITS is in the answer.
    pub(crate) fn is_below_bits(&self) -> bool {
        (self.is_too_large_for_http() || self.breaches.iter().any(Breach::is_http))
            && !self.answer().is_some_and(Answer::speaks_bits)
    }

    /// Whether the status may say that HTTP takes no body of this length: 413, or the 404.13 of IIS, which to a fragment
    /// of a session that is there can mean nothing else.
    fn is_too_large_for_http(&self) -> bool {
        let open = || self.session.as_ref().is_some_and(|it| it.state == SessionState::Open);
        let body = self.exchange.request.body.length() > 0;
        body && (self.status() == 413 || (self.status() == 404 && open()))
    }
}

/// Whether a head has neither a header that no server can know nor an unusual spelling.
pub(crate) fn is_usual(headers: &Headers) -> bool {
    let kind = headers.first(names::PACKET_TYPE);
    let usual = kind.is_none_or(|kind| PacketType::read(kind).as_str() == kind);
    let unit = headers.first(names::CONTENT_RANGE).is_none_or(|it| it.starts_with("bytes"));
    let odd = |name: &str| match names::spelling(name) {
        Some(known) => name != known,
        None => is_unknown(name),
    };
    usual && unit && !headers.iter().any(|header| odd(&header.name))
}

/// Whether a header is one that no server can know.
pub(crate) fn is_unknown(name: &str) -> bool {
    text::begins(name, "x-") || (text::begins(name, "bits-") && names::spelling(name).is_none())
}

/// Whether an answer reports success (D2: 201 to CREATE-SESSION in the older reference).
pub(crate) fn is_success(status: u16) -> bool {
    matches!(status, 200 | 201)
}

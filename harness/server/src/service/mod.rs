//! Machine and store together: a whole server without sockets.
//!
//! [`Service::answer`] takes a request and gives an answer, in this process and on this thread. A shell that has sockets
//! uses the same in steps: [`Service::begin`] on the head, [`Reception::take`] for each piece of the body,
//! [`Service::finish`] at its end, and [`Service::notified`] if a server application had to hear of the upload first. In
//! this process there is none, so that such uploads are refused.

mod keeping;
mod race;
#[cfg(test)]
mod restarts;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    io::{Cursor, Read as _, Seek as _, SeekFrom, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use bits_wire::{Guid, Headers, PacketType, names};

use super::{
    accounts::Doorkeeper,
    by_session::BySession,
    config::Config,
    download::{self, Download, Facts, Piece},
    fault::{Candidate, Fault, Rules, Side},
    machine::{
        Admission, CleanupRuns, Entity, Heard, Machine, NotifyTrouble, Reply, RequestHead, Settled,
        Ticket, Trouble, packet_of,
    },
    paths::{self, Place},
    store::{Content, Document, Store},
};

pub use keeping::Recovered;

/// A server without sockets. Clones share their machines and one store.
#[derive(Clone)]
pub struct Service(Arc<Parts>);

struct Parts {
    machines: BySession<Machine>,
    cleanup: Mutex<CleanupRuns>,
    store: Arc<dyn Store>,
    config: Config,
    rules: Rules,
    doorkeeper: Doorkeeper,
    fresh: Box<dyn Fn() -> Guid + Send + Sync>,
    /// The lengths of replaced contents, for the one fault that goes on telling them.
    replaced: Mutex<HashMap<Place, u64>>,
    /// What came first of two requests that met, by their targets; only a seeded fault wants to know.
    firsts: Mutex<HashMap<String, race::First>>,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The user; none where nobody is asked.
    pub user: Option<String>,
    /// Whether the request met another one that a seeded fault wanted to see together with it.
    pub met: Option<Side>,
}

/// What becomes of a request after its head.
pub enum Step {
    /// It is answered.
    Reply(Reply),
    /// Another request of this session has to settle first.
    Busy(Guid),
    /// Its body is wanted.
    Receive(Box<Reception>),
    /// It is answered with published bytes.
    Download(Download, Option<Box<dyn Content>>),
}

/// A fragment's body on its way into the store.
pub struct Reception {
    ticket: Ticket,
    entity: Entity,
    writer: Result<Box<dyn Write + Send>, Trouble>,
    skip: u64,
    left: u64,
    expose: Option<Place>,
    /// What a seeded fault does to it because it met another one.
    race: Option<race::Fate>,
}

impl Service {
    /// A server with this configuration and store. `fresh` makes session ids and must not repeat itself.
    #[must_use]
    pub fn new(
        config: Config,
        store: Arc<dyn Store>,
        fault: Option<Fault>,
        fresh: impl Fn() -> Guid + Send + Sync + 'static,
    ) -> Self {
        let machine = Machine::new(config.clone(), fault);
        // A fault may mix up sessions, whichever they are.
        let machines = match fault {
            Some(_) => BySession::whole(machine),
            None => BySession::new(|| machine.beside()),
        };
        let rules = Rules::new(fault);
        let doorkeeper = Doorkeeper::new(fresh().0.to_be_bytes());
        let (fresh, store) = (rules.ids(fresh), rules.store(store));
        Self(Arc::new(Parts {
            machines,
            cleanup: Mutex::default(),
            store,
            config,
            rules,
            doorkeeper,
            fresh,
            replaced: Mutex::default(),
            firsts: Mutex::default(),
        }))
    }

    /// Answers a whole request.
    #[must_use]
    pub fn answer(&self, head: &RequestHead<'_>, body: &[u8], now: Duration) -> Reply {
        let caller = match self.identify(head, now) {
            Ok(caller) => caller,
            Err(reply) => return reply,
        };
        match self.begin(head, &caller, now) {
            Step::Reply(reply) => reply,
            Step::Busy(session) => self.busy(session, head.headers),
            Step::Receive(mut reception) => {
                reception.take(body);
                match self.finish(*reception, now) {
                    Settled::Reply(reply) => reply,
                    Settled::Notify(announcement) => {
                        let nobody = Err(NotifyTrouble::Unreachable);
                        self.notified(announcement.ticket, nobody, now)
                    }
                }
            }
            Step::Download(download, content) => {
                let body = content.map(|content| read(content, &download.body)).unwrap_or_default();
                Reply { status: download.status, headers: download.headers, body }
            }
        }
    }

    /// Finds out who asks. To be done once for each request, as no proof counts twice.
    ///
    /// # Errors
    ///
    /// The answer, if the client has to say who it is and does not.
    pub fn identify(&self, head: &RequestHead<'_>, now: Duration) -> Result<Caller, Reply> {
        let Parts { config, rules, doorkeeper, .. } = &*self.0;
        let Some(vdir) = paths::directory_of(config, head.target) else {
            return Ok(Caller::default());
        };
        let identified = doorkeeper.identify(&config.vdirs[vdir], &config.users, head, now);
        match rules.identified(head, &config.vdirs[vdir], identified) {
            Ok(user) => Ok(Caller { user, met: None }),
            Err(challenges) => {
                let challenges =
                    challenges.iter().map(|value| (names::WWW_AUTHENTICATE, value.as_str()));
                let headers = challenges.chain([(names::CONTENT_LENGTH, "0")]).collect();
                Err(Reply { status: 401, headers, body: Vec::new() })
            }
        }
    }

    /// Judges a request by its head, and does what needs no body.
    #[must_use]
    pub fn begin(&self, head: &RequestHead<'_>, caller: &Caller, now: Duration) -> Step {
        match caller.met {
            None => self.begin_alone(head, caller, now),
            Some(side) => self.begin_met(head, caller, side, now),
        }
    }

    fn begin_alone(&self, head: &RequestHead<'_>, caller: &Caller, now: Duration) -> Step {
        if head.method == "GET" || head.method == "HEAD" {
            return self.download(head);
        }
        let admission = self.admit(head, caller.user.as_deref(), now);
        let store = &self.0.store;
        let (ticket, entity, outcome) = match admission {
            Admission::Reply(reply) => return Step::Reply(reply),
            Admission::Busy(session) => return Step::Busy(session),
            Admission::Receive { ticket, entity, length, skip, offset, expose } => {
                return Step::Receive(Box::new(Reception {
                    ticket,
                    writer: store.write(&entity, offset),
                    entity,
                    skip,
                    left: length,
                    expose,
                    race: None,
                }));
            }
            Admission::Create { ticket, entity, place, replace } => {
                let outcome = store.create(&entity, &place, replace).and_then(|()| {
                    // Half a session is none; what could not be made is not left behind.
                    self.keep(&ticket, now).inspect_err(|_| {
                        let _ = store.discard(&entity);
                    })
                });
                (ticket, entity, outcome)
            }
            Admission::Publish { ticket, entity, place, length, replace } => {
                self.note_replaced(&place);
                let replace = self.replace_of(caller, replace);
                let outcome = store.publish(&entity, &place, length, replace);
                (ticket, entity, outcome)
            }
            Admission::Discard { ticket, entity } => {
                let outcome = store.discard(&entity);
                (ticket, entity, outcome)
            }
        };
        let reply = self.machine(entity.session).commit(ticket, outcome, now);
        self.discard_remains(&entity, outcome);
        Step::Reply(reply)
    }

    fn admit(&self, head: &RequestHead<'_>, user: Option<&str>, now: Duration) -> Admission {
        let creates = packet_of(head.headers) == PacketType::CreateSession;
        let fresh = creates.then(|| (self.0.fresh)());
        // A request that names no session can be refused by each of the machines.
        let session = fresh.or_else(|| named(head.headers)).unwrap_or(Guid(0));
        let fresh = || fresh.unwrap_or_else(|| (self.0.fresh)());
        self.machine(session).admit(head, user, fresh, now)
    }

    /// Ends a fragment: with its last byte, or where its body ended before.
    #[must_use]
    pub fn finish(&self, reception: Reception, now: Duration) -> Settled {
        let Reception { ticket, entity, writer, left, expose, race, .. } = reception;
        let outcome = writer.and_then(|mut writer| {
            if left > 0 {
                return Err(Trouble::Cut);
            }
            writer.flush()?;
            self.keep(&ticket, now)
        });
        if let (Ok(()), Some(place)) = (outcome, expose) {
            // The fault shows as much as it can; where it cannot, the answer is that of an honest server.
            let _ = self.0.store.expose(&entity, &place);
        }
        let settled = self.machine(entity.session).settle(ticket, outcome, now);
        self.discard_remains(&entity, outcome);
        match (race, settled) {
            (Some(fate), Settled::Reply(reply)) => Settled::Reply(self.end_met(fate, reply)),
            (_, settled) => settled,
        }
    }

    /// What a request has to meet for a seeded fault to show, if it has to meet anything.
    pub(super) fn candidate(&self, head: &RequestHead<'_>) -> Option<Candidate> {
        // Who names a session that there is not meets nobody, although others may name the same one.
        let candidate = self.0.rules.candidate(head.method, head.target, head.headers)?;
        let known = named(head.headers).is_none_or(|session| self.machine(session).knows(session));
        known.then_some(candidate)
    }

    /// Whether there is a fault that shows only when requests meet.
    pub(super) fn has_race(&self) -> bool {
        self.0.rules.has_race()
    }

    /// Ends a fragment of which a server application had to hear. What it said is kept first; if that fails, and the
    /// process ends, the application hears of the upload again.
    #[must_use]
    pub fn notified(
        &self,
        ticket: Ticket,
        outcome: Result<Heard, NotifyTrouble>,
        now: Duration,
    ) -> Reply {
        self.keep_notified(&ticket, &outcome, now);
        self.machine(ticket.session()).notified(ticket, outcome, now)
    }

    /// Whether answers can be marked for a frame that is wrong.
    pub(super) fn marks_frames(&self) -> bool {
        self.0.rules.marks_frames()
    }

    /// Where entities and replies are.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// The answer to a request that has waited in vain for its session.
    #[must_use]
    pub fn busy(&self, session: Guid, headers: &Headers) -> Reply {
        self.machine(session).busy(session, headers)
    }

    /// Ends the sessions whose time is over, deletes what they left, and says how many they were.
    pub fn expire(&self, now: Duration) -> usize {
        let Parts { machines, config, .. } = &*self.0;
        let each = |look: &mut dyn FnMut(&Machine)| machines.all().for_each(|one| look(&one));
        let surplus = self.cleanup().surplus(config, each, now);
        let dead: Vec<Entity> =
            machines.all().flat_map(|mut machine| machine.expire(&surplus, now)).collect();
        for entity in &dead {
            self.discard_remains(entity, Ok(()));
            if let Err(trouble) = self.0.store.discard(entity) {
                tracing::warn!(session = %entity.session, %trouble, "an expired entity stays behind");
            }
        }
        dead.len()
    }

    fn download(&self, head: &RequestHead<'_>) -> Step {
        let rules = self.0.rules;
        let mut asked = head.headers.clone();
        if !rules.reads(&mut asked) {
            let headers = [(names::CONTENT_LENGTH, "0")].into_iter().collect();
            return Step::Reply(Reply { status: 400, headers, body: Vec::new() });
        }
        let place = paths::resolve(&self.0.config, head.target).ok();
        let document = match &place {
            Some(place) => self.0.store.read(place),
            None => self
                .reply(head.target)
                .or_else(|| self.unfinished(head.target))
                .or_else(|| self.listing(head.target)),
        };
        let uploading =
            || self.0.machines.all().find_map(|machine| machine.open_at(place.as_ref()?));
        if let Some(text) = document.is_none().then(|| rules.told_of(uploading)).flatten() {
            let length = text.len().to_string();
            let headers = [(names::CONTENT_LENGTH, length.as_str())].into_iter().collect();
            return Step::Reply(Reply { status: 404, headers, body: text.into_bytes() });
        }
        let facts = document
            .as_ref()
            .map(|one| Facts { size: one.size, modified: rules.modified(one.modified) });
        let mut download = download::answer(&asked, facts, rules, || (self.0.fresh)());
        let length = place.and_then(|place| self.replaced().get(&place).copied());
        rules.download(head.method, length, &mut download);
        let content = document.map(|one| one.content).filter(|_| head.method == "GET");
        if content.is_none() {
            download.body.clear();
        }
        Step::Download(download, content)
    }

    /// What is not finished, which only a seeded fault shows.
    fn unfinished(&self, target: &str) -> Option<Document> {
        let (vdir, session) = self
            .0
            .rules
            .serves_sessions()
            .then(|| paths::resolve_request(&self.0.config, target))??;
        let folder = self.0.config.vdirs.get(vdir)?.folder().to_owned();
        self.0.store.request(&Entity { folder, session })
    }

    /// Which sessions there are, which only a seeded fault shows.
    fn listing(&self, target: &str) -> Option<Document> {
        let is_folder = target.ends_with("/BITS-Sessions/") && self.0.rules.lists_sessions();
        let list: String =
            is_folder.then(|| self.0.machines.all().map(|machine| machine.listing()).collect())?;
        Some(Document {
            size: list.len() as u64,
            modified: SystemTime::UNIX_EPOCH,
            content: Box::new(Cursor::new(list)),
        })
    }

    /// The reply that a target names, while its session is there.
    fn reply(&self, target: &str) -> Option<Document> {
        let (vdir, session) = paths::resolve_reply(&self.0.config, target)?;
        let folder = self.0.config.vdirs.get(vdir)?.folder().to_owned();
        let own = self.machine(session).has_reply(vdir, session);
        let session = self.0.rules.reply_of(session, || self.machine(session).neighbour(session));
        own.then(|| self.0.store.reply(&Entity { folder, session })).flatten()
    }

    fn note_replaced(&self, place: &Place) {
        if self.0.rules.remembers_lengths()
            && let Some(document) = self.0.store.read(place)
        {
            self.replaced().insert(place.clone(), document.size);
        }
    }

    fn replaced(&self) -> MutexGuard<'_, HashMap<Place, u64>> {
        self.0.replaced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cleanup(&self) -> MutexGuard<'_, CleanupRuns> {
        self.0.cleanup.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn machine(&self, session: Guid) -> MutexGuard<'_, Machine> {
        self.0.machines.of(session)
    }
}

impl Reception {
    /// The session that the fragment belongs to.
    #[must_use]
    pub const fn session(&self) -> Guid {
        self.entity.session
    }

    /// How many bytes of the body are still to come.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// Whether the store has failed, so that the rest of the body is of no use.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.writer.is_err()
    }

    /// Takes the next bytes of the body. What goes beyond the declared length is not looked at.
    pub fn take(&mut self, bytes: &[u8]) {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(count);
        self.left -= count as u64;
        self.skip -= skipped as u64;
        let blank = self.race.as_ref().is_some_and(race::Fate::blanks);
        let zeros = if blank { vec![0; count - skipped] } else { Vec::new() };
        let bytes = if blank { &zeros } else { &bytes[skipped..count] };
        if let Ok(writer) = &mut self.writer
            && let Err(error) = writer.write_all(bytes)
        {
            self.writer = Err(error.into());
        }
    }
}

/// The session that a request names.
fn named(headers: &Headers) -> Option<Guid> {
    headers.first(names::SESSION_ID).and_then(|id| id.parse().ok())
}

fn read(mut content: Box<dyn Content>, pieces: &[Piece]) -> Vec<u8> {
    let mut body = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Said(bytes) => body.extend_from_slice(bytes),
            Piece::Content(range) => {
                let length = range.end - range.start;
                if content.seek(SeekFrom::Start(range.start)).is_ok() {
                    // What cannot be read is missing from the body, which its Content-Length tells.
                    drop(content.by_ref().take(length).read_to_end(&mut body));
                }
            }
        }
    }
    body
}

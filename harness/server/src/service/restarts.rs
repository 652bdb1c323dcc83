//! A server without sockets that is ended and started again on the same files, or whose store fails.

use std::{
    fs, io,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bits_wire::{BITS_POST, UPLOAD_PROTOCOL};

use super::*;
use crate::{
    config::{NotificationType, VirtualDirectory},
    limits::Limits,
    machine::{Kept, Replace, Saved},
    store::{Durability, Files, Findings, Memory, Paths},
};

const DAY: Duration = Duration::from_secs(86_400);

fn start_with(config: Config, store: impl Store, first: u64) -> Service {
    let next = AtomicU64::new(first);
    let fresh = move || Guid(u128::from(next.fetch_add(1, Ordering::Relaxed)));
    Service::new(config, Arc::new(store), None, fresh)
}

/// A server on these files, and what came of those that are there.
fn start(root: &Path, config: Config, now: Duration) -> (Service, Recovered) {
    let files = Files::open(root, &config).unwrap().with_durability(Durability::Os);
    let service = start_with(config, files, now.as_secs());
    let recovered = service.recover(now).unwrap();
    (service, recovered)
}

fn send(service: &Service, fields: &[(&str, &str)], body: &[u8], now: Duration) -> Reply {
    let length = body.len().to_string();
    let fields = fields.iter().copied().chain([("Content-Length", length.as_str())]);
    let headers = fields.collect();
    let head = RequestHead {
        method: BITS_POST,
        target: "/a",
        version: "HTTP/1.1",
        scheme: "http",
        headers: &headers,
    };
    service.answer(&head, body, now)
}

fn create(service: &Service, now: Duration) -> Reply {
    let protocols = ("BITS-Supported-Protocols", UPLOAD_PROTOCOL);
    send(service, &[("BITS-Packet-Type", "Create-Session"), protocols], b"", now)
}

fn session(service: &Service, now: Duration) -> String {
    create(service, now).headers.first("BITS-Session-Id").unwrap().to_owned()
}

fn fragment(service: &Service, session: &str, range: &str, body: &[u8], now: Duration) -> Reply {
    let range = format!("bytes {range}");
    let fields = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", session),
        ("Content-Range", range.as_str()),
    ];
    send(service, &fields, body, now)
}

fn wanted(reply: &Reply) -> Option<&str> {
    reply.headers.only("BITS-Received-Content-Range")
}

fn error(reply: &Reply) -> Option<&str> {
    reply.headers.only("BITS-Error")
}

fn entity_of(root: &Path, session: &str) -> std::path::PathBuf {
    root.join("BITS-Sessions/Requests").join(session)
}

#[test]
fn a_byte_that_is_not_stored_any_more_is_not_promised() {
    let root = tempfile::tempdir().unwrap();
    let (service, _) = start(root.path(), Config::single(), DAY);
    let id = session(&service, DAY);
    assert_eq!(wanted(&fragment(&service, &id, "0-5/9", b"abcdef", DAY)), Some("6"));
    drop(service);
    let entity = entity_of(root.path(), &id).join("requestfile.bin");
    fs::OpenOptions::new().write(true).open(entity).unwrap().set_len(4).unwrap();
    let (service, recovered) = start(root.path(), Config::single(), DAY * 2);
    assert_eq!(recovered, Recovered { sessions: 1, remains: 0 });
    assert_eq!(wanted(&fragment(&service, &id, "8-8/9", b"i", DAY)), Some("4"));
}

#[test]
fn the_time_of_a_session_runs_on_while_no_server_does() {
    let root = tempfile::tempdir().unwrap();
    let (service, _) = start(root.path(), Config::single(), DAY);
    let id = session(&service, DAY);
    fragment(&service, &id, "0-0/9", b"a", DAY * 3);
    drop(service);
    let (service, recovered) = start(root.path(), Config::single(), DAY * 16);
    assert_eq!(recovered, Recovered { sessions: 1, remains: 0 });
    drop(service);
    let (service, recovered) = start(root.path(), Config::single(), DAY * 17);
    assert_eq!(recovered, Recovered { sessions: 0, remains: 1 });
    assert!(!entity_of(root.path(), &id).exists());
    assert_eq!(error(&fragment(&service, &id, "1-1/9", b"b", DAY)), Some("0x8020001F"));
}

#[test]
fn an_upload_that_was_published_before_the_end_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let (service, _) = start(root.path(), Config::single(), DAY);
    let id = session(&service, DAY);
    fragment(&service, &id, "0-0/1", b"a", DAY);
    drop(service);
    fs::rename(entity_of(root.path(), &id).join("requestfile.bin"), root.path().join("a")).unwrap();
    let (_service, recovered) = start(root.path(), Config::single(), DAY);
    assert_eq!(recovered, Recovered { sessions: 0, remains: 1 });
    assert!(!entity_of(root.path(), &id).exists());
    assert_eq!(fs::read(root.path().join("a")).unwrap(), b"a");
}

#[test]
fn what_the_application_said_is_known_after_a_restart() {
    let config = || {
        let vdir = VirtualDirectory {
            notification_type: NotificationType::ByReference,
            notification_url: Some("http://127.0.0.1:1/".into()),
            ..VirtualDirectory::new("/")
        };
        Config::of(vec![vdir])
    };
    let root = tempfile::tempdir().unwrap();
    let (service, _) = start(root.path(), config(), DAY);
    let id = session(&service, DAY);
    // Nobody can be reached, so that the application has to hear of it again.
    assert_eq!(fragment(&service, &id, "0-0/1", b"a", DAY).status, 502);
    drop(service);
    let (service, _) = start(root.path(), config(), DAY);
    let headers = [
        ("BITS-Packet-Type", "Fragment"),
        ("BITS-Session-Id", id.as_str()),
        ("Content-Range", "bytes 0-0/1"),
        ("Content-Length", "1"),
        ("Host", "h"),
    ];
    let headers = headers.into_iter().collect();
    let head = RequestHead {
        method: BITS_POST,
        target: "/a",
        version: "HTTP/1.1",
        scheme: "http",
        headers: &headers,
    };
    let Step::Receive(mut reception) = service.begin(&head, &Caller::default(), DAY) else {
        panic!("the last fragment once more is taken");
    };
    reception.take(b"a");
    let Settled::Notify(announcement) = service.finish(*reception, DAY) else {
        panic!("the application hears of it");
    };
    let url = Some("http://a/reply".to_owned());
    let heard = Heard { status: 200, static_url: url, copy: true, ..Heard::default() };
    let said = service.notified(announcement.ticket, Ok(heard), DAY);
    assert_eq!(said.headers.only("BITS-Reply-URL"), Some("http://a/reply"));
    drop(service);
    let (service, _) = start(root.path(), config(), DAY);
    let again = service.answer(&head, b"a", DAY);
    assert_eq!(again.headers.only("BITS-Reply-URL"), Some("http://a/reply"));
    let close = [("BITS-Packet-Type", "Close-Session"), ("BITS-Session-Id", id.as_str())];
    assert_eq!(send(&service, &close, b"", DAY).status, 200);
    assert_eq!(fs::read(root.path().join("a")).unwrap(), b"a");
}

/// A store whose disk can be filled.
#[derive(Clone, Default)]
struct Filling {
    memory: Memory,
    full: Arc<Mutex<Option<&'static str>>>,
    kept: Arc<Mutex<Vec<Saved>>>,
}

impl Filling {
    fn fill(&self, call: Option<&'static str>) {
        *self.full.lock().unwrap() = call;
    }

    fn room(&self, call: &str) -> Result<(), Trouble> {
        if *self.full.lock().unwrap() == Some(call) { Err(Trouble::DiskFull) } else { Ok(()) }
    }
}

impl Store for Filling {
    fn create(&self, entity: &Entity, place: &Place, replace: Replace) -> Result<(), Trouble> {
        self.room("create")?;
        self.memory.create(entity, place, replace)
    }

    fn write(&self, entity: &Entity, offset: u64) -> Result<Box<dyn Write + Send>, Trouble> {
        self.room("write")?;
        self.memory.write(entity, offset)
    }

    fn publish(
        &self,
        entity: &Entity,
        place: &Place,
        length: u64,
        replace: Replace,
    ) -> Result<(), Trouble> {
        self.room("publish")?;
        self.memory.publish(entity, place, length, replace)
    }

    fn keeps_sessions(&self) -> bool {
        true
    }

    fn keep(&self, saved: &Saved) -> Result<(), Trouble> {
        self.room("keep")?;
        self.kept.lock().unwrap().push(saved.clone());
        Ok(())
    }

    fn find(&self) -> io::Result<Findings> {
        let last = self.kept.lock().unwrap().last().cloned();
        let sessions = last.into_iter().filter_map(|saved| {
            let stored = self.memory.request(&saved.entity())?.size;
            Some(Kept { saved, stored })
        });
        Ok(Findings { sessions: sessions.collect(), ..Findings::default() })
    }

    fn request(&self, entity: &Entity) -> Option<Document> {
        self.memory.request(entity)
    }

    fn write_reply(&self, entity: &Entity) -> Result<Box<dyn Write + Send>, Trouble> {
        self.memory.write_reply(entity)
    }

    fn reply(&self, entity: &Entity) -> Option<Document> {
        self.memory.reply(entity)
    }

    fn discard_reply(&self, entity: &Entity) {
        self.memory.discard_reply(entity);
    }

    fn paths(&self, entity: &Entity, length: u64) -> Option<Paths> {
        self.memory.paths(entity, length)
    }

    fn discard(&self, entity: &Entity) -> Result<(), Trouble> {
        self.memory.discard(entity)
    }

    fn expose(&self, entity: &Entity, place: &Place) -> Result<(), Trouble> {
        self.memory.expose(entity, place)
    }

    fn read(&self, place: &Place) -> Option<Document> {
        self.memory.read(place)
    }
}

#[test]
fn a_disk_that_fills_up_at_any_step_is_told_and_loses_nothing_that_was_acknowledged() {
    let store = Filling::default();
    let service = start_with(Config::single(), store.clone(), 1);
    let full = |reply: &Reply| (reply.status, error(reply)) == (500, Some("0x80070070"));
    for call in ["create", "keep"] {
        store.fill(Some(call));
        let refused = create(&service, DAY);
        assert!(full(&refused) && !refused.headers.has("BITS-Session-Id"), "{call}: {refused:?}");
    }
    store.fill(None);
    let id = session(&service, DAY);
    assert_eq!(wanted(&fragment(&service, &id, "0-2/6", b"abc", DAY)), Some("3"));
    for call in ["write", "keep"] {
        store.fill(Some(call));
        let refused = fragment(&service, &id, "3-5/6", b"XYZ", DAY);
        assert!(full(&refused), "{call}: {refused:?}");
        assert_eq!(wanted(&refused), Some("3"), "{call}");
        let restarted = start_with(Config::single(), store.clone(), 1);
        restarted.recover(DAY).unwrap();
        assert_eq!(wanted(&fragment(&restarted, &id, "5-5/6", b"?", DAY)), Some("3"), "{call}");
    }
    store.fill(None);
    assert_eq!(fragment(&service, &id, "3-5/6", b"def", DAY).status, 200);
    let close = [("BITS-Packet-Type", "Close-Session"), ("BITS-Session-Id", id.as_str())];
    store.fill(Some("publish"));
    assert!(full(&send(&service, &close, b"", DAY)));
    store.fill(None);
    assert_eq!(send(&service, &close, b"", DAY).status, 200);
    assert_eq!(*store.memory.published("a").unwrap(), b"abcdef");
}

#[test]
fn nothing_is_acknowledged_that_is_not_kept() {
    let store = Filling::default();
    let service = start_with(Config::single(), store.clone(), 1);
    let id = session(&service, DAY);
    for (range, body, received) in [("0-2/6", "abc", 3), ("3-5/6", "def", 6)] {
        let reply = fragment(&service, &id, range, body.as_bytes(), DAY * received);
        assert_eq!(wanted(&reply), Some(received.to_string().as_str()));
        let kept = store.kept.lock().unwrap().last().cloned().unwrap();
        assert_eq!((kept.received, kept.total), (u64::from(received), Some(6)));
        assert_eq!((kept.created, kept.touched), (DAY, DAY * received));
    }
}

#[test]
fn a_user_has_so_many_sessions_and_no_more_until_one_ends() {
    let limits = Limits { sessions_per_user: 2, ..Limits::default() };
    let service = start_with(Config { limits, ..Config::single() }, Memory::default(), 1);
    let first = session(&service, DAY);
    session(&service, DAY);
    let refused = create(&service, DAY);
    assert_eq!((refused.status, error(&refused)), (500, Some("0x800705AA")));
    let cancel = [("BITS-Packet-Type", "Cancel-Session"), ("BITS-Session-Id", first.as_str())];
    assert_eq!(send(&service, &cancel, b"", DAY).status, 200);
    session(&service, DAY);
    assert_eq!(create(&service, DAY).status, 500);
    // A session that was not made takes no place.
    let elsewhere = start_with(
        Config { limits: Limits { sessions: 1, ..limits }, ..Config::single() },
        Filling::default(),
        1,
    );
    session(&elsewhere, DAY);
    assert_eq!(elsewhere.expire(DAY * 15), 1);
    session(&elsewhere, DAY * 15);
}

//! The bench of kills: a server that is killed at random moments while eight clients upload to it, and started again on the
//! same folder. Is every byte that it acknowledged still there, and is every file what was sent?
//!
//! The test kills a few times. `BITSCHECK_KILLS=300 cargo test --test it kills -- --nocapture` does so more often, and
//! `BITSCHECK_SEED` chooses other moments.

use std::{
    collections::HashSet,
    fs, io,
    io::Write as _,
    path::Path,
    sync::{Condvar, Mutex, MutexGuard},
    thread,
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::client::{Answer, Client};
use crate::cli::Server;

const LANES: u64 = 8;
/// The largest upload.
const MOST_BYTES: u64 = 300_000;
/// How many bytes all lanes send between two kills at most.
const MOST_BETWEEN: u64 = 600_000;

/// What all lanes share.
#[derive(Default)]
struct World {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    url: String,
    /// How many servers there have been.
    starts: u64,
    sent: u64,
    done: bool,
    /// No server comes any more.
    given_up: bool,
    tally: Tally,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    uploads: u64,
    resumed: u64,
    acknowledged: u64,
    lost_bytes: u64,
    lost_sessions: u64,
    odd_answers: Vec<String>,
    wrong_files: Vec<String>,
}

impl World {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn tally(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.lock().tally);
    }

    fn wait(&self, until: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        self.changed.wait_while(self.lock(), |state| !until(state)).unwrap()
    }

    /// A connection to the first server after so many starts; their number becomes that of the server.
    fn connect(&self, starts: &mut u64) -> Option<Client> {
        loop {
            let url = {
                let state = self.wait(|state| state.starts > *starts || state.given_up);
                if state.given_up {
                    return None;
                }
                *starts = state.starts;
                state.url.clone()
            };
            if let Ok(client) = Client::to(&url) {
                return Some(client);
            }
        }
    }
}

/// Lets all lanes go if the one who starts servers fails.
struct Warden<'a>(&'a World);

impl Drop for Warden<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.change(|state| state.given_up = true);
        }
    }
}

/// Any number up to this one.
fn any(random: &mut ChaCha8Rng, most: u64) -> u64 {
    1 + random.next_u64() % most
}

/// The bytes of an upload, which its name tells.
fn content(name: &str) -> Vec<u8> {
    let seed = name.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(257) + u64::from(byte));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut bytes = vec![0; any(&mut random, MOST_BYTES) as usize];
    random.fill_bytes(&mut bytes);
    bytes
}

/// One upload that goes on whatever happens to the server.
struct Upload<'a> {
    world: &'a World,
    root: &'a Path,
    name: String,
    bytes: Vec<u8>,
    session: String,
    /// What was acknowledged, and how far each fragment went that has no answer yet.
    acknowledged: u64,
    in_doubt: Vec<u64>,
    close_in_doubt: bool,
}

impl Upload<'_> {
    fn path(&self) -> String {
        format!("/{}", self.name)
    }

    /// Does what comes next, and says whether the upload is done.
    fn step(&mut self, client: &mut Client, random: &mut ChaCha8Rng) -> io::Result<bool> {
        let total = self.bytes.len() as u64;
        if self.session.is_empty() {
            let answer = client.create(&self.path())?;
            self.session = answer.value("BITS-Session-Id").unwrap_or_default().to_owned();
            return Ok(false);
        }
        if self.acknowledged == total {
            self.close_in_doubt = true;
            let answer = client.close(&self.path(), &self.session)?;
            return Ok(self.closed(&answer));
        }
        let first = self.acknowledged;
        let end = total.min(first + any(random, 60_000));
        self.in_doubt.push(end);
        let body = &self.bytes[first as usize..end as usize];
        let range = format!("{first}-{}/{total}", end - 1);
        client.fragment_head(&self.path(), &self.session, &range, body.len())?;
        for piece in body.chunks(4096) {
            client.stream.write_all(piece)?;
            self.world.change(|state| state.sent += piece.len() as u64);
        }
        let answer = client.answer()?;
        Ok(self.heard(&answer, Some(end)))
    }

    /// Asks what the server has, by a fragment that lies behind all that was sent.
    fn ask(&mut self, client: &mut Client) -> io::Result<bool> {
        let last = self.bytes.len() as u64 - 1;
        if self.session.is_empty()
            || self.close_in_doubt
            || self.in_doubt.iter().any(|end| *end >= last)
        {
            return Ok(false);
        }
        self.world.tally(|tally| tally.resumed += 1);
        let range = format!("{last}-{last}/{}", last + 1);
        let answer = client.fragment(&self.path(), &self.session, &range, b"?")?;
        Ok(self.heard(&answer, None))
    }

    /// Takes an answer to a fragment, `end` being what it should acknowledge. The server may have what it acknowledged, or
    /// all of a fragment whose answer was lost; a fragment counts as a whole.
    fn heard(&mut self, answer: &Answer, end: Option<u64>) -> bool {
        let lost = answer.value("BITS-Error") == Some("0x8020001F");
        let Some(wanted) = answer.wanted().filter(|_| !lost) else {
            self.lost(answer);
            return false;
        };
        if wanted < self.acknowledged {
            let lost = self.acknowledged - wanted;
            self.world.tally(|tally| tally.lost_bytes += lost);
        }
        let fits = match end {
            Some(end) if answer.status() == 200 => wanted == end,
            _ => {
                answer.status() == 416
                    && (wanted == self.acknowledged || self.in_doubt.contains(&wanted))
            }
        };
        if !fits {
            let told = format!(
                "{}: {} with {wanted}, {} acknowledged, {:?} sent",
                self.name,
                answer.status(),
                self.acknowledged,
                self.in_doubt
            );
            self.world.tally(|tally| tally.odd_answers.push(told));
        }
        let more = wanted.saturating_sub(self.acknowledged);
        self.world.tally(|tally| tally.acknowledged += more);
        self.acknowledged = wanted;
        self.in_doubt.clear();
        false
    }

    fn lost(&mut self, answer: &Answer) {
        let told = format!("{}: {} to session {}", self.name, answer.status(), self.session);
        let bytes = self.acknowledged;
        self.world.tally(|tally| {
            tally.lost_sessions += 1;
            tally.lost_bytes += bytes;
            tally.odd_answers.push(told);
        });
        self.session.clear();
        self.acknowledged = 0;
        self.in_doubt.clear();
    }

    /// Takes the answer to a close. A session that is not known has been closed, if the answer to that was lost.
    fn closed(&mut self, answer: &Answer) -> bool {
        let there = fs::read(self.root.join(&self.name)).is_ok_and(|found| found == self.bytes);
        if !there {
            let told = format!("{}: not there after a close with {}", self.name, answer.status());
            self.world.tally(|tally| tally.wrong_files.push(told));
        }
        self.world.tally(|tally| tally.uploads += 1);
        true
    }
}

fn lane(world: &World, root: &Path, seed: u64, number: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed.wrapping_add(1000 + number));
    let mut starts = 0;
    let Some(mut client) = world.connect(&mut starts) else { return };
    for count in 0.. {
        if world.lock().done {
            return;
        }
        let name = format!("lane-{number}-{count}-{seed:x}");
        let bytes = content(&name);
        let mut upload = Upload {
            world,
            root,
            name,
            bytes,
            session: String::new(),
            acknowledged: 0,
            in_doubt: Vec::new(),
            close_in_doubt: false,
        };
        loop {
            match upload.step(&mut client, &mut random) {
                Ok(true) => break,
                Ok(false) => {}
                Err(_) => loop {
                    let Some(next) = world.connect(&mut starts) else { return };
                    client = next;
                    if upload.ask(&mut client).is_ok() {
                        break;
                    }
                },
            }
        }
    }
}

/// Looks at the files that were published since the last time; nobody may ever see a part of one.
fn look(world: &World, root: &Path, seen: &mut HashSet<String>) {
    for entry in fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "BITS-Sessions" || !seen.insert(name.clone()) {
            continue;
        }
        if !name.starts_with("lane-") || fs::read(root.join(&name)).unwrap() != content(&name) {
            world.tally(|tally| tally.wrong_files.push(name));
        }
    }
}

#[test]
fn a_server_that_is_killed_loses_nothing_that_it_acknowledged() {
    let number = |name: &str, usual| std::env::var(name).map_or(usual, |it| it.parse().unwrap());
    let (kills, seed) = (number("BITSCHECK_KILLS", 10), number("BITSCHECK_SEED", 5));
    let root = tempfile::tempdir().unwrap();
    let options = ["--root", root.path().to_str().unwrap()];
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (world, mut seen) = (World::default(), HashSet::new());
    // It lives until the lanes have ended with the uploads that they are at.
    let _last = thread::scope(|scope| {
        let _warden = Warden(&world);
        for number in 0..LANES {
            let (world, root) = (&world, root.path());
            scope.spawn(move || lane(world, root, seed, number));
        }
        let start = || {
            let server = Server::start(&options);
            world.change(|state| {
                state.url.clone_from(&server.url);
                state.starts += 1;
            });
            server
        };
        for _ in 0..kills {
            let until = world.lock().sent + any(&mut random, MOST_BETWEEN);
            let server = start();
            drop(world.wait(|state| state.sent >= until));
            drop(server);
            look(&world, root.path(), &mut seen);
        }
        world.change(|state| state.done = true);
        start()
    });
    look(&world, root.path(), &mut seen);
    let tally = std::mem::take(&mut world.lock().tally);
    super::tell(&format!(
        "{kills} kills, {LANES} lanes, {} uploads, {} resumed, {} bytes acknowledged: {} acknowledged bytes lost, \
         {} sessions lost, {} wrong files, {} odd answers",
        tally.uploads,
        tally.resumed,
        tally.acknowledged,
        tally.lost_bytes,
        tally.lost_sessions,
        tally.wrong_files.len(),
        tally.odd_answers.len()
    ));
    assert!(tally.uploads > 0 && tally.acknowledged > 0);
    assert_eq!((tally.lost_bytes, tally.lost_sessions), (0, 0), "{:?}", tally.odd_answers);
    assert!(tally.wrong_files.is_empty(), "{:?}", tally.wrong_files);
    assert!(tally.odd_answers.is_empty(), "{:?}", tally.odd_answers);
}

//! Long random runs, through the real program: what they keep, how they are gone on with, and what becomes of a target that
//! dies of one of them.

use std::{collections::BTreeSet, fs, path::Path};

use super::cli::{bitscheck, code, report, stderr, stdout};

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_campaign_keeps_what_is_new_and_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, findings) = (folder.path().join("corpus"), folder.path().join("findings"));
    let fuzz = |arguments: &[&str]| {
        let where_to = ["fuzz", "--corpus", text(&corpus), "--findings", text(&findings)];
        bitscheck(&[&where_to[..], &["--report", "json=-"], arguments].concat())
    };
    let first = fuzz(&["--sessions", "30", "--seed", "5"]);
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    assert_eq!(report(&first)["totals"]["completed"], 30);
    let kept = files(&corpus);
    assert!(kept.len() > 10, "{kept:?}");
    assert!(kept.contains(&"campaign-1-of-1.json".to_owned()));
    let second = fuzz(&["--sessions", "10"]);
    assert_eq!(code(&second), 0, "{}", stderr(&second));
    // The sessions of the corpus are carried out again first.
    let again = kept.len() - 1;
    assert_eq!(report(&second)["totals"]["completed"], 30 + again + 10);
    assert_eq!(report(&second)["seed"], "00000005");
    assert!(files(&corpus).len() >= kept.len());
    for other in [["--fault", "fragment/accepts-gap"], ["--seed", "6"]] {
        let other = fuzz(&[&["--sessions", "1"], &other[..]].concat());
        assert_eq!(code(&other), 2);
        assert!(stderr(&other).contains("take it away to begin anew"), "{}", stderr(&other));
    }
    assert!(!findings.exists());
}

#[test]
fn what_a_campaign_finds_is_a_folder_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, findings) = (folder.path().join("corpus"), folder.path().join("findings"));
    let fault = ["--fault", "close/has-body"];
    let what = ["fuzz", "--sessions", "30", "--seed", "5", "--corpus", text(&corpus)];
    let found = bitscheck(&[&what[..], &fault[..], &["--findings", text(&findings)]].concat());
    assert_eq!(code(&found), 1, "{}", stderr(&found));
    let names = files(&findings);
    let name =
        names.iter().find(|name| name.contains("no-body")).unwrap_or_else(|| panic!("{names:?}"));
    let own = findings.join(name);
    for file in ["README.md", "curl.sh", "exchanges.har", "scenario.yaml", "transcript.txt"] {
        assert!(own.join(file).exists(), "{file} in {:?}", files(&own));
    }
    let scenario = own.join("scenario.yaml");
    assert!(stdout(&found).contains(text(&scenario)), "{}", stdout(&found));
    let again = bitscheck(&[&["run", text(&scenario)], &fault[..]].concat());
    assert_eq!(code(&again), 1, "{}", stdout(&again));
    let clean = bitscheck(&["run", text(&scenario)]);
    assert_eq!(code(&clean), 0, "{}", stdout(&clean));
    let judged = bitscheck(&["judge", text(&own.join("transcript.txt"))]);
    assert_eq!(code(&judged), 1, "{}", stdout(&judged));
}

#[test]
fn what_a_campaign_has_told_it_does_not_tell_again() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, findings) = (folder.path().join("corpus"), folder.path().join("findings"));
    let fuzz = || {
        let where_to = ["--corpus", text(&corpus), "--findings", text(&findings)];
        let what = ["fuzz", "--sessions", "30", "--fault", "close/has-body"];
        bitscheck(&[&what[..], &where_to].concat())
    };
    let name = "no-body";
    let of_check =
        || -> Vec<String> { files(&findings).into_iter().filter(|it| it.contains(name)).collect() };
    fuzz();
    let told = of_check();
    assert!(!told.is_empty());
    for _ in 0..2 {
        let again = fuzz();
        assert_eq!(code(&again), 1, "{}", stderr(&again));
        assert!(stdout(&again).contains("scenario.yaml"), "{}", stdout(&again));
    }
    let all = of_check();
    assert!(told.iter().all(|folder| all.contains(folder)) && all.len() <= 5, "{all:?}");
    let kind = |folder: &String| {
        let readme = fs::read_to_string(findings.join(folder).join("README.md")).unwrap();
        let lines =
            readme.lines().filter(|it| it.starts_with("- got:") || it.starts_with("- where:"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let kinds: BTreeSet<_> = all.iter().map(kind).collect();
    assert_eq!(kinds.len(), all.len(), "{kinds:?}");
    fs::remove_dir_all(&findings).unwrap();
    fuzz();
    assert!(!of_check().is_empty(), "what is no longer written down is told again");
}

#[test]
fn a_corpus_is_kept_for_one_program() {
    let folder = tempfile::tempdir().unwrap();
    let held = fs::File::open(folder.path()).unwrap();
    held.lock().unwrap();
    let path = text(folder.path());
    for what in [&["fuzz", "--sessions", "1", "--corpus", path][..], &["corpus", "prune", path]] {
        let output = bitscheck(what);
        assert_eq!(code(&output), 2);
        assert!(
            stderr(&output).contains("another bitscheck works on the corpus"),
            "{}",
            stderr(&output)
        );
    }
    assert_eq!(files(folder.path()), [""; 0]);
}

#[test]
fn corpora_are_merged_in_any_order_told_and_pruned() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (number, seed) in [("one", "5"), ("two", "6")] {
        let (corpus, findings) = (path(number), path("findings"));
        let what = ["fuzz", "--sessions", "20", "--seed", seed, "--corpus", text(&corpus)];
        let output = bitscheck(&[&what[..], &["--findings", text(&findings)]].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
    let merge = |into: &str, from: [&str; 2]| {
        let (from, into) = (from.map(path), path(into));
        let what = ["corpus", "merge", text(&from[0]), text(&from[1]), "--into", text(&into)];
        let output = bitscheck(&what);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        files(&into)
    };
    let merged = merge("a", ["one", "two"]);
    assert_eq!(merged, merge("b", ["two", "one"]));
    let sessions = |name: &str| files(&path(name)).len() - 1;
    assert!(merged.len() > sessions("one").max(sessions("two")));
    let stat = bitscheck(&["corpus", "stat", text(&path("a"))]);
    assert!(stdout(&stat).starts_with(&format!("{} sessions", merged.len())), "{}", stdout(&stat));
    fs::write(path("a").join("odd.json"), "{").unwrap();
    let prune = bitscheck(&["corpus", "prune", text(&path("a"))]);
    assert_eq!(code(&prune), 0, "{}", stderr(&prune));
    assert!(stderr(&prune).contains("odd.json is left out"), "{}", stderr(&prune));
    let left = files(&path("a"));
    assert!(left.len() < merged.len() && left.contains(&"odd.json".to_owned()), "{left:?}");
    let nowhere = bitscheck(&["corpus", "stat", text(&path("nowhere"))]);
    assert_eq!(code(&nowhere), 2);
}

/// The number before these words.
fn number_before(text: &str, words: &str) -> usize {
    let (before, _) = text.split_once(words).unwrap_or_else(|| panic!("no `{words}` in {text}"));
    before.rsplit([' ', '\n']).next().unwrap().parse().unwrap()
}

#[test]
fn a_corpus_is_pruned_by_all_of_its_sessions_whatever_they_find() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, findings) = (folder.path().join("corpus"), folder.path().join("findings"));
    let fault = ["--fault", "close/has-body", "-j", "1"];
    let what = ["fuzz", "--sessions", "40", "--seed", "1", "--corpus", text(&corpus)];
    let fuzzed = bitscheck(&[&what[..], &fault, &["--findings", text(&findings)]].concat());
    let shown = number_before(&stderr(&fuzzed), " features, shown by");
    let pruned = bitscheck(&[&["corpus", "prune", text(&corpus)], &fault[..]].concat());
    assert_eq!(code(&pruned), 0, "{}", stderr(&pruned));
    let kept = number_before(&stdout(&pruned), " features; ");
    // Two in ten may be of timing.
    assert!(kept * 10 >= shown * 8, "{kept} of {shown}: {}", stdout(&pruned));
    let server = crate::cli::Server::start(&[]);
    let before = files(&corpus);
    let nowhere = format!("{}nothing/", server.url);
    let refused = bitscheck(&["corpus", "prune", text(&corpus), &nowhere]);
    assert_eq!(code(&refused), 3, "{}", stderr(&refused));
    assert!(stderr(&refused).contains("refuses a small upload"), "{}", stderr(&refused));
    assert_eq!(files(&corpus), before);
    // A server with one directory cannot be asked most of them.
    let partly = bitscheck(&["corpus", "prune", text(&corpus), &server.url]);
    assert_eq!(code(&partly), 0, "{}", stderr(&partly));
    let least = number_before(&stdout(&partly), " sessions kept, which");
    let untried = number_before(&stdout(&partly), " more kept, for which");
    // Beside the record of the campaign.
    assert_eq!(files(&corpus).len() - 1, least + untried, "{}", stdout(&partly));
}

#[test]
fn nobody_elses_server_is_loaded_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    let output = bitscheck(&["fuzz", "http://bits.invalid/", "--corpus", text(&corpus)]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--allow-target bits.invalid"), "{}", stderr(&output));
    assert!(!corpus.exists());
}

#[cfg(unix)]
mod mortal {
    //! A target that dies of a header, and lives again when somebody writes into a pipe.

    use std::{
        fs,
        io::{self, Read as _, Write as _},
        net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
        path::{Path, PathBuf},
        process::Command,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        thread,
    };

    use super::{bitscheck, code, files, stderr, text};
    use crate::cli::Server;

    /// What it dies of.
    const POISON: &[u8] = b"X-Unknown";

    /// Passes bytes on in front of a server, and stops listening when it sees the poison.
    fn stand_in(address: SocketAddr, server: SocketAddr, pipe: &Path) {
        loop {
            let listener = TcpListener::bind(address).unwrap();
            let dead = Arc::new(AtomicBool::new(false));
            while let Ok((client, _)) = listener.accept() {
                if dead.load(Ordering::SeqCst) {
                    break;
                }
                let dead = Arc::clone(&dead);
                thread::spawn(move || pass_on(client, server, address, &dead));
            }
            drop(listener);
            // Opening it waits for whoever brings it back.
            fs::read(pipe).unwrap();
        }
    }

    fn pass_on(mut client: TcpStream, server: SocketAddr, own: SocketAddr, dead: &AtomicBool) {
        let Ok(mut there) = TcpStream::connect(server) else { return };
        let (mut back, mut from) = (client.try_clone().unwrap(), there.try_clone().unwrap());
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut back);
            let _ = back.shutdown(Shutdown::Both);
        });
        let mut bytes = [0; 64 * 1024];
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            if bytes[..count].windows(POISON.len()).any(|part| part == POISON) {
                dead.store(true, Ordering::SeqCst);
                // So that it hears of it.
                let _ = TcpStream::connect(own);
                break;
            }
            if dead.load(Ordering::SeqCst) || there.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = there.shutdown(Shutdown::Both);
        let _ = client.shutdown(Shutdown::Both);
    }

    fn begin(folder: &Path, server: SocketAddr) -> (SocketAddr, PathBuf) {
        let pipe = folder.join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let own = pipe.clone();
        thread::spawn(move || stand_in(address, server, &own));
        (address, pipe)
    }

    #[test]
    fn a_target_that_dies_is_brought_back_and_the_session_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let served = Server::start(&[]);
        let authority = served.url.trim_start_matches("http://").split('/').next().unwrap();
        let (address, pipe) = begin(folder.path(), authority.parse().unwrap());
        let (corpus, findings) = (folder.path().join("corpus"), folder.path().join("findings"));
        let path = served.url.split_once(authority).unwrap().1;
        let url = format!("http://{address}{path}");
        let back = format!("echo > '{}'", text(&pipe));
        let fuzz = |rest: &[&str]| {
            let what = ["fuzz", &url, "--seed", "5", "--sessions", "30", "-j", "2"];
            let places = ["--corpus", text(&corpus), "--findings", text(&findings)];
            bitscheck(&[&what[..], &places, rest].concat())
        };
        let ended = fuzz(&["--restart-cmd", &back]);
        assert_eq!(code(&ended), 1, "{}", stderr(&ended));
        let told = stderr(&ended);
        assert!(told.contains("the target died of this session, each time"), "{told}");
        let died = files(&findings);
        let first = died.iter().find(|name| name.starts_with("target-died")).unwrap();
        let scenario = fs::read_to_string(findings.join(first).join("01.yaml")).unwrap();
        assert!(scenario.contains("X-Unknown"), "{scenario}");
        let steps = scenario.matches("\n  - ").count();
        assert!((1..=3).contains(&steps), "{steps} in {scenario}");
        let once = fuzz(&[]);
        assert_eq!(code(&once), 1, "{}", stderr(&once));
        assert!(stderr(&once).contains("one of these sessions"), "{}", stderr(&once));
    }
}

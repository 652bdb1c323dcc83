//! Does `limits` name the limits that there are, and leave nothing behind?

use std::{
    collections::VecDeque,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    path::Path,
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;

use super::{
    cli::{PROGRAM, Server, bitscheck, code, flowing, report, stderr, stdout},
    fronts::{Does, before},
};

/// The JSON of a measurement that ends well.
fn measured(arguments: &[&str]) -> Value {
    let output = bitscheck(&[&["limits"], arguments, &["--report", "json=-"]].concat());
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    report(&output)
}

/// What was measured of a kind: the verdict, how many were taken, and whether there was room again.
fn found<'v>(figures: &'v Value, kind: &str) -> (&'v str, u64, &'v str) {
    let all = figures["limits"].as_array().unwrap();
    let one = all.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("{figures}"));
    let text = |name: &str| one[name].as_str().unwrap();
    (text("verdict"), one["taken"].as_u64().unwrap(), text("recovers"))
}

fn beyond<'v>(figures: &'v Value, kind: &str) -> &'v Value {
    let all = figures["limits"].as_array().unwrap();
    &all.iter().find(|one| one["kind"] == kind).unwrap()["beyond"]
}

/// How many sessions a server has in its folder.
fn left(root: &Path) -> usize {
    fs::read_dir(root.join("BITS-Sessions/Requests")).unwrap().count()
}

fn limits(pairs: &[&'static str]) -> Vec<&'static str> {
    pairs.iter().flat_map(|pair| ["--limit", *pair]).collect()
}

#[test]
fn each_limit_of_the_reference_server_is_named_exactly() {
    let root = tempfile::tempdir().unwrap();
    let mut options = limits(&["sessions=7", "connections=5", "fragments=3"]);
    options.extend(["--root", root.path().to_str().unwrap()]);
    let server = Server::start(&options);
    let figures = measured(&[&server.url]);
    for (kind, limit) in [("sessions", 7), ("connections", 5), ("fragments", 3)] {
        assert_eq!(found(&figures, kind), ("limit", limit, "recovers"), "{figures}");
    }
    let answer = |kind: &str| beyond(&figures, kind)["answer"].clone();
    assert_eq!(answer("sessions")["bits_error"], "0x800705AA");
    assert_eq!(answer("fragments")["status"], "500 Internal Server Error");
    assert_eq!(answer("connections")["status"], "503 Service Unavailable");
    assert_eq!(found(&figures, "sessions-per-user").0, "not-measured");
    assert_eq!(figures["sessions"]["opened"], figures["sessions"]["cancelled"]);
    assert_eq!(left(root.path()), 0);
    let names = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["BITS-Sessions"], "nothing was published");
}

/// A server that asks users in `/`, and one that does so in `/accounts/` alone; with a target file for each.
fn with_users(folder: &Path, limits: &[&str]) -> Server {
    let settings = "users = { alice = \"a\", bob = \"b\" }\n\
        [[vdir]]\nprefix = \"/asked/\"\nauthentication = [\"digest\"]\n\
        [[vdir]]\nprefix = \"/open/\"\n\
        [[vdir]]\nprefix = \"/accounts/\"\nauthentication = [\"basic\"]\n";
    let config = folder.join("serve.toml");
    fs::write(&config, settings).unwrap();
    let limits = limits.iter().flat_map(|pair| ["--limit", *pair]);
    let config = ["--config", config.to_str().unwrap()];
    let server = Server::start(&config.into_iter().chain(limits).collect::<Vec<_>>());
    fs::write(folder.join("alice"), "a\n").unwrap();
    fs::write(folder.join("bob"), "b\n").unwrap();
    let second =
        "[target.accounts]\npath = \"/accounts/\"\nuser = \"bob\"\npassword-file = \"bob\"\n";
    let url = &server.url;
    let asked =
        format!("[target]\nurl = \"{url}asked/\"\nuser = \"alice\"\npassword-file = \"alice\"\n");
    fs::write(folder.join("asked.toml"), asked + second).unwrap();
    let open = format!("[target]\nurl = \"{url}open/\"\n");
    fs::write(folder.join("open.toml"), open.clone() + second).unwrap();
    let same = "[target.accounts]\npath = \"/open/\"\nuser = \"bob\"\npassword-file = \"bob\"\n";
    fs::write(folder.join("same.toml"), open + same).unwrap();
    server
}

#[test]
fn two_users_tell_the_limit_of_one_from_that_of_all() {
    for (options, all, own) in [
        (&["sessions=7", "sessions-per-user=4"][..], ("limit", 7), ("limit", 4)),
        (&["sessions-per-user=4"], ("at-least", 8), ("limit", 4)),
        (&["sessions=4", "sessions-per-user=4"], ("limit", 4), ("at-least", 4)),
        (&["sessions=4"], ("limit", 4), ("at-least", 4)),
        (&[], ("none-found", 20), ("none-found", 20)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let _server = with_users(folder.path(), options);
        // Where one is nobody the server counts all nobodies as one; once is enough to see it.
        let files =
            if options.len() == 2 { &["asked.toml", "open.toml"][..] } else { &["asked.toml"] };
        for file in files {
            let target = folder.path().join(file);
            let kinds = ["--kind", "sessions", "--kind", "sessions-per-user", "--most", "20"];
            let target = ["--target", target.to_str().unwrap()];
            let figures = measured(&[&target[..], &kinds].concat());
            let told = |kind: &str| {
                let (verdict, taken, _) = found(&figures, kind);
                (verdict.to_owned(), taken)
            };
            let same = |(verdict, taken): (&str, u64)| (verdict.to_owned(), taken);
            assert_eq!(told("sessions"), same(all), "{options:?} {file}: {figures}");
            assert_eq!(told("sessions-per-user"), same(own), "{options:?} {file}: {figures}");
            assert_eq!(figures["sessions"]["left"], serde_json::json!([]));
        }
    }
}

#[test]
fn users_who_are_the_same_to_the_server_tell_nothing_and_whoever_asks_hears_so() {
    let folder = tempfile::tempdir().unwrap();
    let server = with_users(folder.path(), &["sessions=4"]);
    let target = folder.path().join("same.toml");
    let target = ["--target", target.to_str().unwrap()];
    let figures = measured(&target);
    assert_eq!(found(&figures, "sessions"), ("limit", 4, "recovers"));
    assert_eq!(found(&figures, "sessions-per-user").0, "not-measured", "{figures}");
    let open = format!("{}open/", server.url);
    let one = ["limits", &open, "--kind", "sessions-per-user"];
    let both = ["limits", target[0], target[1], "--kind", "sessions-per-user"];
    for (arguments, told) in [(&one[..], "no second one is known"), (&both, "for the same one")] {
        let output = bitscheck(arguments);
        assert_eq!(code(&output), 5, "{}", stdout(&output));
        assert!(flowing(&stdout(&output)).contains(told), "{}", stdout(&output));
    }
}

#[test]
fn a_server_without_limits_has_none_as_far_as_was_looked() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(&["--root", root.path().to_str().unwrap()]);
    let figures = measured(&[&server.url, "--most", "20"]);
    for kind in ["sessions", "connections", "fragments"] {
        assert_eq!(found(&figures, kind), ("none-found", 20, "not-tried"), "{figures}");
        assert!(beyond(&figures, kind).is_null());
    }
    assert_eq!(left(root.path()), 0);
}

#[test]
fn the_embedded_server_is_measured_without_a_url() {
    let pairs = ["sessions=7", "sessions-per-user=4", "connections=5", "fragments=2"];
    let output = bitscheck(&[&["limits"], &limits(&pairs)[..]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for line in ["sessions 7 ·", "sessions-per-user 4 ·", "connections 5 ·", "fragments 2 ·"] {
        assert!(flowing(&text).contains(line), "{line}: {text}");
    }
    assert_eq!(stderr(&output), "", "progress is for terminals");
}

#[test]
fn a_limit_of_connections_is_in_the_way_of_fragments() {
    let kinds = ["--kind", "connections", "--kind", "fragments"];
    let figures = measured(&[&kinds[..], &limits(&["connections=2"])].concat());
    assert_eq!(found(&figures, "connections"), ("limit", 2, "recovers"));
    assert_eq!(found(&figures, "fragments"), ("at-least", 2, "not-tried"));
    let fragments = figures["limits"][1]["notes"].to_string();
    assert!(fragments.contains("a connection was refused"), "{fragments}");
}

#[test]
fn a_preset_is_an_expectation_and_no_verdict() {
    let root = tempfile::tempdir().unwrap();
    let folder = ["--root", root.path().to_str().unwrap()];
    let server = Server::start(&[&folder[..], &limits(&["fragments=40"])].concat());
    let output = bitscheck(&["limits", &server.url, "--preset", "compact-server"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("25 groups × 3 transfers: 40 of 75 taken at once"), "{text}");
    assert!(!text.contains("connections"), "{text}");
    assert_eq!(left(root.path()), 0);
    let figures = measured(&["--preset", "compact-server", "--kind", "fragments", "--most", "5"]);
    assert_eq!(figures["presets"][0]["met"], true, "{figures}");
    assert_eq!(figures["presets"][0]["measured"]["taken"], 75);
    assert_eq!(found(&figures, "fragments"), ("none-found", 5, "not-tried"));
}

#[test]
fn a_server_that_keeps_what_is_cancelled_does_not_recover() {
    let kind = ["--kind", "sessions", "--fault", "cancel/keeps-data"];
    let figures = measured(&[&kind[..], &limits(&["sessions=3"])].concat());
    assert_eq!(found(&figures, "sessions"), ("limit", 3, "stays"), "{figures}");
}

#[test]
fn sessions_that_cannot_be_cancelled_are_told() {
    let output =
        bitscheck(&["limits", "--kind", "sessions", "--most", "3", "--fault", "cancel/is-404"]);
    assert_eq!(code(&output), 5, "{}", stderr(&output));
    assert!(stdout(&output).contains("3 could not be cancelled, /plain/"), "{}", stdout(&output));
}

/// What a server of this test does with a connection.
#[derive(Clone, Copy)]
enum Serves {
    /// So many at a time, and the others are not even looked at.
    InTurn(usize),
    /// So many at a time, and the others are closed at once.
    OrCloses(usize),
    /// All of them, and it closes the oldest when there are more than so many.
    Forgets(usize),
    /// Each once, and then it closes.
    Once,
}

/// Answers every request with an empty Ack until the connection ends.
fn acknowledge(stream: TcpStream, once: bool) {
    // Its end is the end of the connection.
    let _ = acknowledge_all(&stream, once);
}

fn acknowledge_all(mut stream: &TcpStream, once: bool) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut line = String::from("x");
        while line.trim_end() != "" {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
        }
        let close = if once { "Connection: close\r\n" } else { "" };
        let ack =
            format!("HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\n{close}Content-Length: 0\r\n\r\n");
        stream.write_all(ack.as_bytes()).ok()?;
        if once {
            return stream.shutdown(Shutdown::Both).ok();
        }
    }
}

fn server_that(serves: Serves) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    match serves {
        Serves::InTurn(workers) => {
            for _ in 0..workers {
                let listener = listener.try_clone().unwrap();
                thread::spawn(move || {
                    listener.incoming().flatten().for_each(|it| acknowledge(it, false));
                });
            }
        }
        Serves::OrCloses(most) => {
            let served = Arc::new(AtomicUsize::new(0));
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if served.load(Ordering::SeqCst) >= most {
                        continue;
                    }
                    served.fetch_add(1, Ordering::SeqCst);
                    let served = Arc::clone(&served);
                    thread::spawn(move || {
                        acknowledge(stream, false);
                        served.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            });
        }
        Serves::Forgets(most) => drop(thread::spawn(move || {
            let mut open = VecDeque::new();
            for stream in listener.incoming().flatten() {
                open.push_back(stream.try_clone().unwrap());
                if open.len() > most {
                    let oldest = open.pop_front().unwrap();
                    // Whoever is gone already needs no closing.
                    let _ = oldest.shutdown(Shutdown::Both);
                }
                thread::spawn(move || acknowledge(stream, false));
            }
        })),
        Serves::Once => drop(thread::spawn(move || {
            listener.incoming().flatten().for_each(|it| acknowledge(it, true));
        })),
    }
    url
}

fn connections(url: &str) -> Output {
    let kind = ["limits", url, "--kind", "connections", "--most", "20", "--timeout", "0.5"];
    bitscheck(&[&kind[..], &["--report", "json=-"]].concat())
}

#[test]
fn connections_that_nobody_answers_or_that_are_closed_are_beyond_a_limit() {
    for (serves, limit, fate) in [
        (Serves::InTurn(3), 3, "no answer in the time allowed"),
        (Serves::OrCloses(4), 4, "the connection"),
    ] {
        let output = connections(&server_that(serves));
        assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
        let figures = report(&output);
        assert_eq!(found(&figures, "connections"), ("limit", limit, "recovers"), "{figures}");
        let told = beyond(&figures, "connections")["fate"].as_str().unwrap().to_owned();
        assert!(told.starts_with(fate), "{told}");
    }
}

#[test]
fn connections_that_do_not_stay_open_cannot_be_counted() {
    let output = connections(&server_that(Serves::Once));
    assert_eq!(code(&output), 5, "{}{}", stdout(&output), stderr(&output));
    let figures = report(&output);
    assert_eq!(found(&figures, "connections").0, "not-measured");
    assert!(figures.to_string().contains("closes each connection"), "{figures}");
}

#[test]
fn who_forgets_old_connections_for_new_ones_has_no_limit_that_shows() {
    let output = connections(&server_that(Serves::Forgets(6)));
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let figures = report(&output);
    assert_eq!(found(&figures, "connections"), ("unsteady", 20, "not-tried"), "{figures}");
    assert!(figures.to_string().contains("closed 14 of those"), "{figures}");
}

#[test]
fn what_gathers_requests_in_front_of_a_server_is_told_as_such() {
    let server = Server::start(&limits(&["fragments=2"]));
    let front =
        before(&server.url, |head, _| Does::Changes(head.replace("Expect: 100-continue\r\n", "")));
    let figures = measured(&[&front, "--kind", "fragments", "--most", "5"]);
    assert_eq!(found(&figures, "fragments").0, "none-found", "{figures}");
    assert!(figures.to_string().contains("gathers whole requests"), "{figures}");
}

#[test]
fn a_verb_that_is_blocked_or_nobody_ends_with_3() {
    let answer = "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(&[]);
    let front = before(&server.url, move |_, _| Does::Answers(answer));
    let output = bitscheck(&["limits", &front]);
    assert_eq!(code(&output), 3, "{}", stdout(&output));
    assert!(stderr(&output).contains("verb is blocked"), "{}", stderr(&output));
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = bitscheck(&["limits", &format!("http://{gone}/")]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("connection refused"), "{}", stderr(&output));
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    for (arguments, told) in [
        (&["--kind", "files"][..], "sessions-per-user"),
        (&["--most", "0"], "0 is not in"),
        (&["--preset", "iis"], "compact-server"),
        (&["--limit", "sessions=5"], "--limit is for the embedded server"),
        (&["--fault", "cancel/is-404"], "--fault is for the embedded server"),
        (&["--transport", "http"], "leave --transport out"),
        (&["--report", "junit=x"], "there are text and json"),
        (&["--report", "limits.json"], "FORMAT=FILE"),
    ] {
        let output = bitscheck(&[&["limits", &url], arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}: {}{}", stdout(&output), stderr(&output));
        assert!(stderr(&output).contains(told), "{arguments:?}: {}", stderr(&output));
    }
    let output = bitscheck(&["limits", "--limit", "seasons=5"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("no limit is called `seasons`"), "{}", stderr(&output));
    for other in ["http://192.0.2.7/", "https://bits.invalid/"] {
        let output = bitscheck(&["limits", other, "--timeout", "0.2"]);
        assert_eq!(code(&output), 2, "{other}");
        assert!(stderr(&output).contains("--allow-target"), "{}", stderr(&output));
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "something was sent");
}

#[cfg(target_os = "linux")]
#[test]
fn the_open_files_of_this_process_are_no_limit_of_the_target() {
    let server = Server::start(&[]);
    let limits = |files: u32, more: &str| {
        let url = &server.url;
        let command =
            format!("ulimit -n {files}; exec '{PROGRAM}' limits {url} --kind connections {more}");
        Command::new("sh").args(["-c", &command]).output().unwrap()
    };
    let output = limits(100, "--most 60");
    assert_eq!(code(&output), 2, "{}", stdout(&output));
    assert!(stderr(&output).contains("`ulimit -n 124`"), "{}", stderr(&output));
    let output = limits(100, "");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = flowing(&stdout(&output));
    assert!(
        text.contains("connections none found up to 36 ·") && text.contains("`ulimit -n`"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_measurement_puts_back_what_it_has_opened() {
    let root = tempfile::tempdir().unwrap();
    let options = ["--log-format", "json", "--root", root.path().to_str().unwrap()];
    let mut server = Server::start_with_log(&options, Stdio::piped());
    let file = root.path().join("figures.json");
    let child = Command::new(PROGRAM)
        .args(["limits", &server.url, "--kind", "sessions", "--kind", "fragments"])
        .args(["--most", "15000", "--report", &format!("json={}", file.display())])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // When the server has seen the tenth session, the measurement is under way.
    server.first_line_with(".limits.10\"");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", stdout(&output));
    let figures: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(figures["interrupted"], 130);
    assert_eq!(found(&figures, "sessions").0, "stopped", "{figures}");
    assert!(figures["sessions"]["opened"].as_u64() >= Some(10), "{figures}");
    assert_eq!(figures["sessions"]["opened"], figures["sessions"]["cancelled"]);
    assert_eq!(left(root.path()), 0);
}

//! Does `bench` measure what it says, refuse what it must, and tell its failures by their exit codes?

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use crate::cli::{PROGRAM, Server, bitscheck, code, report, stderr, stdout};

/// A measurement that takes a moment.
const SHORT: [(&str, &str); 4] =
    [("--fragment", "4KiB"), ("--connections", "2"), ("--warm-up", "0"), ("--ceiling", "0.1")];

fn bench(more: &[&str]) -> std::process::Output {
    let short = SHORT.iter().filter(|(name, _)| !more.contains(name));
    let short: Vec<_> = short.flat_map(|(name, value)| [*name, *value]).collect();
    bitscheck(&[&["bench"], &short[..], more].concat())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn uploads_are_counted_timed_and_published() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(&["--root", root.path().to_str().unwrap()]);
    let output = bench(&[
        &server.url,
        "--uploads",
        "6",
        "--sessions",
        "2",
        "--file-size",
        "20000",
        "--resumes",
        "2",
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let figures = report(&output);
    assert_eq!(figures["schema_version"], 1);
    assert_eq!(figures["target"], server.url.as_str());
    let [cell] = figures["cells"].as_array().unwrap().as_slice() else { panic!("{figures}") };
    let (counts, latencies) = (&cell["counts"], &cell["latencies"]);
    assert_eq!(counts["sessions"], 6);
    assert_eq!(counts["fragments"], 30);
    assert_eq!(counts["bytes"], 120_000);
    assert_eq!(counts["bytes_left_behind"], 120_000);
    for (name, count) in [
        ("create_session", 6),
        ("fragment", 30),
        ("close_session", 6),
        ("published", 6),
        ("refused_416", 2),
        ("resume", 2),
    ] {
        let latency = &latencies[name];
        assert_eq!(latency["count"], count, "{name}");
        let parts = ["p50", "p90", "p99", "p99.9", "max"].map(|part| number(&latency[part]));
        assert!(parts[0] > 0.0 && parts.is_sorted(), "{name}: {parts:?}");
    }
    assert!(number(&latencies["published"]["p50"]) > number(&latencies["fragment"]["p50"]));
    assert!(number(&cell["ceiling"]["rates"]["bytes"]) > 0.0);
    assert!(number(&cell["ceiling"]["ratio"]["bytes"]) > 0.0);
    assert_eq!(cell["errors"], serde_json::json!({}));
    let files: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap()).collect();
    let whole = files.iter().filter(|file| {
        let name = file.file_name().into_string().unwrap();
        name.contains(".bench.") && file.metadata().unwrap().len() == 20_000
    });
    assert_eq!(whole.count(), 6);
}

#[test]
fn without_a_url_the_embedded_server_is_measured_for_a_time() {
    let output = bench(&["--duration", "1.5", "--resumes", "1"]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let text = stdout(&output);
    for word in ["4KiB fragments · 1MiB files · 2 connections", "ceiling", "fragment ", "generator"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert_eq!(stderr(&output), "", "progress is for terminals");
}

#[test]
fn an_open_loop_sends_at_its_rate() {
    let output = bench(&[
        "--rate",
        "200",
        "--duration",
        "0.5",
        "--resumes",
        "0",
        "--ceiling",
        "0",
        "--format",
        "json",
    ]);
    // A slower machine may not keep up, but nobody sends more than was asked for.
    let figures = report(&output);
    let cell = &figures["cells"][0];
    assert!(cell["counts"]["fragments"].as_u64().unwrap() <= 101, "{cell}");
    assert_eq!(figures["pace"]["open"]["of"], "fragments");
    assert!(cell["ceiling"].is_null());
}

#[test]
fn files_are_overwritten_or_cancelled_so_that_the_disk_does_not_fill() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(&["--allow-overwrites", "--root", root.path().to_str().unwrap()]);
    let count = || {
        let names = fs::read_dir(root.path()).unwrap().map(|it| it.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().contains(".bench.")).count()
    };
    let many = ["--uploads", "9", "--file-size", "8KiB", "--resumes", "0", "--format", "json"];
    let output = bench(&[&[&server.url, "--overwrite"], &many[..]].concat());
    assert_eq!((code(&output), count()), (0, 2), "{}", stderr(&output));
    let output = bench(&[&[&server.url, "--budget", "24KiB"], &many[..]].concat());
    assert_eq!((code(&output), count()), (0, 5), "{}", stderr(&output));
    let figures = report(&output);
    let counts = &figures["cells"][0]["counts"];
    assert_eq!((&counts["sessions"], &counts["cancelled"]), (&3.into(), &6.into()));
}

#[test]
fn what_is_slower_than_its_baseline_ends_with_6() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.json");
    let old = old.to_str().unwrap();
    let short = ["--uploads", "2", "--file-size", "8KiB", "--resumes", "0"];
    let first = bench(&[&short[..], &["--format", "json", "--output", old]].concat());
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    assert!(stdout(&first).contains("4KiB fragments"), "beside a file there is text");
    let compare = |threshold: &str, more: &[&str]| {
        bench(&[&short[..], &["--baseline", old, "--threshold", threshold], more].concat())
    };
    let slower = compare("0.9", &[]);
    assert!(matches!(code(&slower), 0 | 6), "{}", stderr(&slower));
    let mut better: Value = serde_json::from_str(&fs::read_to_string(old).unwrap()).unwrap();
    let rate = number(&better["cells"][0]["rates"]["bytes"]);
    better["cells"][0]["rates"]["bytes"] = (rate * 1e6).into();
    fs::write(old, better.to_string()).unwrap();
    let slower = compare("0.001", &[]);
    assert_eq!(code(&slower), 6, "{}{}", stdout(&slower), stderr(&slower));
    assert!(stdout(&slower).contains("SLOWER"), "{}", stdout(&slower));
    let other = compare("0.9", &["--sessions", "7"]);
    assert_eq!(code(&other), 2);
    assert!(stderr(&other).contains("none of the combinations"), "{}", stderr(&other));
}

#[test]
fn a_page_has_plots_and_nothing_from_elsewhere() {
    let output = bench(&["--uploads", "2", "--file-size", "8KiB", "--format", "html"]);
    let page = stdout(&output);
    assert!(page.contains("<svg") && page.ends_with("</html>\n"), "{page}");
    assert!(!page.contains("<script") && !page.contains("src="));
}

/// A server that takes a session and so many fragments, and then is gone with its port.
fn dies_after(fragments: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut left = fragments;
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            loop {
                let (mut length, mut last) = (0, None);
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
                        break;
                    }
                    if let Some(value) = line.strip_prefix("Content-Length: ") {
                        length = value.trim().parse().unwrap();
                    }
                    if let Some(value) = line.strip_prefix("Content-Range: bytes ") {
                        last = value.split(['-', '/']).nth(1).map(|it| it.parse::<u64>().unwrap());
                    }
                }
                stream.read_exact(&mut vec![0; length]).unwrap();
                if last.is_some() && left == 0 {
                    return;
                }
                let offset = last.map_or_else(String::new, |last| {
                    left -= 1;
                    format!("BITS-Received-Content-Range: {}\r\n", last + 1)
                });
                let ack = format!(
                    "HTTP/1.1 200 OK\r\nBITS-Session-Id: {{1}}\r\n{offset}Content-Length: 0\r\n\r\n"
                );
                if stream.get_mut().write_all(ack.as_bytes()).is_err()
                    || stream.fill_buf().unwrap().is_empty()
                {
                    break;
                }
            }
        }
    });
    url
}

#[test]
fn a_server_that_dies_is_told_by_what_went_wrong() {
    let url = dies_after(20);
    let output = bench(&[&url, "--connections", "1", "--duration", "20", "--format", "json"]);
    assert_eq!(code(&output), 5, "{}{}", stdout(&output), stderr(&output));
    let figures = report(&output);
    let cell = &figures["cells"][0];
    let errors = cell["errors"].as_object().unwrap();
    assert!(
        errors.keys().any(|kind| kind.contains("closed") || kind.contains("broke")),
        "{errors:?}"
    );
    assert!(errors["cannot connect: connection refused"].as_u64() > Some(2), "{errors:?}");
    assert_eq!(cell["counts"]["fragments"], 20);
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let output = bench(&[&url, "--timeout", "0.2"]);
    assert_eq!(code(&output), 3, "{}", stdout(&output));
    assert!(stderr(&output).contains("no answer in time"), "{}", stderr(&output));
    drop(listener);
    let output = bench(&[&url]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("connection refused"), "{}", stderr(&output));
    let server = Server::start(&["--all-roles"]);
    let disabled = format!("{}disabled/", server.url.trim_end_matches("plain/"));
    let output = bench(&[&disabled]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(stderr(&output).contains("takes no uploads: status"), "{}", stderr(&output));
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    for (arguments, told) in [
        (&["--fragment", "4KB"][..], "such as 64KiB"),
        (&["--fragment", "0"], "nothing to send"),
        (&["--fragment", "2GiB", "--budget", "64GiB", "--file-size", "1MiB"], "1GiB is the most"),
        (&["--connections", "0"], "expected 1 to"),
        (&["--connections", "2,x"], "whole number"),
        (&["--sessions=-1"], "whole number"),
        (&["--file-size", "12 parsecs"], "no size"),
        (&["--file-size", "8GiB"], "--budget is 8GiB"),
        (&["--budget", "x"], "no size"),
        (&["--rate", "0"], "0.001"),
        (&["--rate", "many"], "a number"),
        (&["--rate-of", "sessions"], "--rate"),
        (&["--rate", "9", "--rate-of", "bytes"], "fragments, sessions"),
        (&["--duration", "0"], "0.001 or more"),
        (&["--duration", "1e9"], "a day"),
        (&["--duration", "nan"], "a number"),
        (&["--duration", "1", "--uploads", "1"], "cannot be used with"),
        (&["--uploads", "0"], "0 is not in"),
        (&["--warm-up=-1"], "not negative"),
        (&["--threads", "0"], "expected 1 to"),
        (&["--timeout", "0"], "0.001 or more"),
        (&["--ceiling", "long"], "a number"),
        (&["--resumes", "x"], "invalid digit"),
        (&["--format", "pdf"], "text, json, html"),
        (&["--threshold", "0.5"], "--baseline"),
        (&["--baseline", "/no/such/file"], "/no/such/file"),
        (&["--baseline", "x", "--threshold", "0"], "more than 0"),
        (&["--profile-server", "4294967295"], "no process"),
        (&["--profile-server", "x"], "invalid digit"),
    ] {
        // Each with a target, and with nothing else that could be wrong.
        let output = bitscheck(&[&["bench", &url], arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}: {}{}", stdout(&output), stderr(&output));
        assert!(stderr(&output).contains(told), "{arguments:?}: {}", stderr(&output));
    }
    let output = bitscheck(&["bench", &url, "--output", "/no/such/folder/x"]);
    assert_eq!(code(&output), 70, "{}", stderr(&output));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "something was sent");
}

#[test]
fn other_machines_are_not_loaded_unless_they_are_named() {
    for url in ["http://192.0.2.7/", "http://bits.invalid/", "http://[2001:db8::1]/upload/"] {
        let output = bitscheck(&["bench", url, "--timeout", "0.2"]);
        assert_eq!(code(&output), 2, "{url}");
        assert!(stderr(&output).contains("--allow-target"), "{}", stderr(&output));
    }
    let output = bitscheck(&["bench", "http://bits.invalid/", "--allow-target", "bits.invalid"]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let output = bitscheck(&["bench", "https://127.0.0.1/"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("http:// only"), "{}", stderr(&output));
    let output = bitscheck(&["bench", "--profile-server", "1"]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn connections_that_the_system_would_refuse_are_not_begun() {
    let command = format!("ulimit -n 100; exec '{PROGRAM}' bench --connections 60");
    let output = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert_eq!(code(&output), 2, "{}", stdout(&output));
    assert!(stderr(&output).contains("`ulimit -n 184`"), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_of_a_server_is_watched() {
    let server = Server::start(&[]);
    let pid = server.id().to_string();
    let output = bench(&[
        &server.url,
        "--profile-server",
        &pid,
        // So many, however long it takes: in a time, a busy machine may come to none.
        "--uploads",
        "4",
        "--file-size",
        "256KiB",
        "--resumes",
        "0",
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 0, "{}{}", stderr(&output), stdout(&output));
    let used = &report(&output)["cells"][0]["server"];
    assert_eq!(used["pid"].to_string(), pid);
    assert!(number(&used["cores"]) > 0.0 && number(&used["resident_bytes_max"]) > 1e6, "{used}");
    assert_eq!(used["ended"], false);
}

#[cfg(unix)]
#[test]
fn an_interrupted_measurement_tells_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start_with_log(&["--log-format", "json"], Stdio::piped());
    let file = folder.path().join("figures.json");
    let mut child = Command::new(PROGRAM)
        .args(["bench", &server.url, "--duration", "600", "--format", "json", "--output"])
        .arg(&file)
        .args(SHORT.iter().flat_map(|(name, value)| [name, value]))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // When the server has seen an upload close, its fragments have been counted.
    let seen = server.first_line_with("Close-Session");
    assert!(seen.contains("Close-Session"));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    let figures: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(figures["interrupted"], 130);
    assert!(number(&figures["cells"][0]["counts"]["fragments"]) > 0.0);
}

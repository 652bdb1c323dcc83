//! Runs that come to nothing: targets that are none, and signals.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::cli::{PROGRAM, bitscheck, code, stderr, stdout};

/// Answers each connection's first request with `answer` and closes, until the test ends.
fn answers(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/up/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap_or(0) == 0 {
                    break;
                }
                head.push(byte[0]);
            }
            let _ = stream.write_all(answer);
        }
    });
    url
}

#[test]
fn a_target_that_is_no_bits_server_is_told_apart() {
    for (answer, told) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"[..],
            "the verb is blocked before the BITS layer",
        ),
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "the verb is blocked before the BITS layer",
        ),
        (
            b"HTTP/1.1 405 Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "the verb is blocked before the BITS layer",
        ),
        (
            b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "the verb is blocked before the BITS layer",
        ),
        (b"SSH-2.0-OpenSSH\r\n", "no HTTP"),
        (b"", "does not answer a PING"),
    ] {
        let output = bitscheck(&["run", &answers(answer), "--timeout", "5"]);
        assert_eq!(code(&output), 3, "{}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
}

#[test]
fn a_target_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let output = bitscheck(&["run", &url, "--timeout", "0.2"]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("does not answer"), "{}", stderr(&output));
}

#[test]
fn a_certificate_that_nobody_trusts_is_told_with_what_to_do() {
    let key = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let private = rustls::pki_types::PrivateKeyDer::Pkcs8(key.signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let config = std::sync::Arc::new(config);
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut session =
                rustls::ServerConnection::new(std::sync::Arc::clone(&config)).unwrap();
            while session.is_handshaking() && session.complete_io(&mut stream).is_ok() {}
        }
    });
    let output = bitscheck(&["run", &format!("https://localhost:{port}/"), "--timeout", "5"]);
    assert_eq!(code(&output), 3);
    let told = stderr(&output);
    assert!(
        told.contains("not trusted") && told.contains("--ca-file") && told.contains("--insecure"),
        "{told}"
    );
    // Trusted in either way, the same server is found to be something else than a BITS server.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    fs::write(&file, key.cert.pem()).unwrap();
    for trust in [&["--insecure"][..], &["--ca-file", file.to_str().unwrap()]] {
        let url = format!("https://localhost:{port}/");
        let output = bitscheck(&[&["run", &url, "--timeout", "5"], trust].concat());
        assert_eq!(code(&output), 3);
        assert!(stderr(&output).contains("does not answer a PING"), "{}", stderr(&output));
    }
    let output = bitscheck(&["run", "https://localhost:1/", "--ca-file", "/no/such/file.pem"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("/no/such/file.pem"), "{}", stderr(&output));
}

/// A server whose PING is slow for ever once the preflight is over, so that a run can be stopped in its middle.
#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_reports_what_it_has_and_says_so() {
    for (signal, expected) in [("-INT", 130), ("-TERM", 143)] {
        let folder = tempfile::tempdir().unwrap();
        let json = folder.path().join("result.json");
        let (url, stuck) = stalls_after_the_preflight();
        let run = Command::new(PROGRAM)
            .args(["run", &url, "--select", "ping/*", "--timeout", "60", "--read-back", "no"])
            .args(["--report", &format!("json={}", json.display())])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        stuck.recv().unwrap();
        Command::new("kill").args([signal, &run.id().to_string()]).status().unwrap();
        let output = run.wait_with_output().unwrap();
        assert_eq!(code(&output), expected);
        let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
        assert_eq!(report["interrupted"], true);
        assert_eq!(report["exit_code"], expected);
        let fates = report["scenarios"].as_array().unwrap();
        assert!(!fates.is_empty());
        assert!(fates.iter().all(|one| one["outcome"] != "completed"), "{fates:?}");
        assert!(stdout(&output).contains("partial"), "{}", stdout(&output));
    }
}

/// Answers the requests of the preflight as a BITS server would, then nothing; tells when a further request has come.
#[cfg(unix)]
fn stalls_after_the_preflight() -> (String, std::sync::mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/up/", listener.local_addr().unwrap());
    let (stuck, tell) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let stuck = stuck.clone();
            kept.push(std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                loop {
                    let (mut head, mut length) = (String::new(), 0);
                    loop {
                        let mut line = String::new();
                        if reader.read_line(&mut line).unwrap_or(0) == 0 {
                            return;
                        }
                        if let Some(value) = line.strip_prefix("Content-Length: ") {
                            length = value.trim().parse().unwrap();
                        }
                        head.push_str(&line);
                        if line == "\r\n" {
                            break;
                        }
                    }
                    reader.read_exact(&mut vec![0; length]).unwrap();
                    if !head.contains("preflight") {
                        let _ = stuck.send(());
                        return std::thread::park();
                    }
                    let answer = "HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\nBITS-Session-Id: {1}\r\nContent-Length: 0\r\n\r\n";
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            }));
        }
    });
    (url, tell)
}

#[test]
fn a_word_that_is_neither_target_nor_file_is_told() {
    for words in [["http://127.0.0.1:1/", "nodir/"], ["nodir/", "http://127.0.0.1:1/"]] {
        let output = bitscheck(&[&["run"], &words[..]].concat());
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains("no file or folder `nodir/`"), "{}", stderr(&output));
    }
    let two = bitscheck(&["run", "http://127.0.0.1:1/", "http://127.0.0.1:2/"]);
    assert!(stderr(&two).contains("cannot both be the target"), "{}", stderr(&two));
}

//! What stands in front of a server: proxies made for tests, and what is said of them.

use std::{
    io::{self, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use super::cli::{Server, bitscheck, code, report, stderr, stdout};

/// What a proxy does with a request.
pub(crate) enum Does {
    /// It passes it on.
    Passes,
    /// It passes another head on.
    Changes(String),
    /// It answers itself, and reads no body.
    Answers(&'static str),
    /// It hangs up.
    HangsUp,
}

/// A proxy before `server` that decides by the head of a request and the length of its body.
pub(crate) fn before(
    server: &str,
    decide: impl Fn(&str, usize) -> Does + Send + Sync + 'static,
) -> String {
    let upstream = server.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let decide = Arc::new(decide);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (upstream, decide) = (upstream.clone(), Arc::clone(&decide));
            std::thread::spawn(move || pass(stream, &upstream, &*decide));
        }
    });
    url
}

/// A head and the length of the body behind it; nothing if the connection ends.
fn head(reader: &mut impl io::BufRead) -> Option<(String, usize)> {
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    Some((head, length))
}

fn body(reader: &mut impl io::Read, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

fn pass(
    mut stream: TcpStream,
    upstream: &str,
    decide: &(impl Fn(&str, usize) -> Does + ?Sized),
) -> Option<()> {
    let mut client = BufReader::new(stream.try_clone().ok()?);
    let mut behind = TcpStream::connect(upstream).ok()?;
    let mut server = BufReader::new(behind.try_clone().ok()?);
    loop {
        let (mut asked, length) = head(&mut client)?;
        let method = asked.split(' ').next().unwrap_or_default().to_owned();
        match decide(&asked, length) {
            Does::Passes => {}
            Does::Changes(other) => asked = other,
            Does::Answers(answer) => {
                stream.write_all(answer.as_bytes()).ok()?;
                // What is not read would make a reset of the end.
                body(&mut client, length)?;
                continue;
            }
            Does::HangsUp => return None,
        }
        let sent = body(&mut client, length)?;
        behind.write_all(asked.as_bytes()).and_then(|()| behind.write_all(&sent)).ok()?;
        let (told, length) = head(&mut server)?;
        let length = if method == "HEAD" { 0 } else { length };
        let sent = body(&mut server, length)?;
        stream.write_all(told.as_bytes()).and_then(|()| stream.write_all(&sent)).ok()?;
    }
}

const LIMIT: usize = 1 << 20;

#[test]
fn a_limit_for_bodies_in_front_is_named_and_breaks_no_clause_of_the_server() {
    let server = Server::start(&[]);
    let proxy = before(&server.url, |_, length| match length > LIMIT {
        true => Does::Answers(
            "HTTP/1.1 413 Request Entity Too Large\r\nServer: front/1\r\nContent-Length: 0\r\n\r\n",
        ),
        false => Does::Passes,
    });
    for transport in ["raw", "http"] {
        let arguments = [
            "run",
            &proxy,
            "--select",
            "session/thirteen*",
            "--select",
            "session/three*",
            "--transport",
            transport,
            "--report",
        ];
        let told = bitscheck(&[&arguments[..], &["text=-"]].concat());
        assert_eq!(code(&told), 0, "{}", stdout(&told));
        for part in [
            "what may be behind the findings",
            "body-limit",
            "front/1 answers 413",
            "client_max_body_size",
        ] {
            assert!(stdout(&told).contains(part), "{}", stdout(&told));
        }
        let told = report(&bitscheck(&[&arguments[..], &["json=-"]].concat()));
        assert_eq!(told["causes"][0]["kind"], "body-limit", "{told}");
    }
}

#[test]
fn a_front_end_that_hangs_up_on_large_bodies_is_named() {
    let server = Server::start(&[]);
    let proxy = before(&server.url, |_, length| match length > LIMIT {
        true => Does::HangsUp,
        false => Does::Passes,
    });
    let told = bitscheck(&["run", &proxy, "--select", "session/*"]);
    assert!(stdout(&told).contains("body-cut"), "{}", stdout(&told));
}

#[test]
fn a_front_end_that_speaks_http_1_0_to_the_server_is_named() {
    let server = Server::start(&[]);
    let proxy = before(&server.url, |head, _| {
        Does::Changes(head.replacen(" HTTP/1.1\r\n", " HTTP/1.0\r\nConnection: keep-alive\r\n", 1))
    });
    let told = bitscheck(&["run", &proxy, "--select", "session/*"]);
    let text = stdout(&told);
    assert!(text.contains("proxy_http_version 1.1"), "{text}{}", stderr(&told));
}

#[test]
fn a_server_without_anything_in_front_is_not_said_to_have_something() {
    let told = report(&bitscheck(&["run", "--report", "json=-"]));
    assert_eq!(told["causes"].as_array().unwrap().len(), 0, "{}", told["causes"]);
}

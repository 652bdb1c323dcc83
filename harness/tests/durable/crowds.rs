//! How much memory do many sessions and connections take?
//!
//! The test has few of them. `BITSCHECK_SESSIONS=10000 BITSCHECK_CONNECTIONS=1000 cargo test --test it crowds -- --nocapture`
//! has as many as a server is meant to take within 256 MiB.

#![cfg(target_os = "linux")]

use std::{fs, io::Write as _};

use super::client::Client;
use crate::cli::Server;

/// The most that a server may have in memory.
const MOST_KIB: u64 = 256 * 1024;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |number| number.parse().unwrap())
}

/// What a process has, or has had at most, in memory, in KiB.
fn memory(server: &Server, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find_map(|one| one.strip_prefix(line)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn many_sessions_and_connections_take_little_memory() {
    let sessions = number("BITSCHECK_SESSIONS", 600);
    let connections = number("BITSCHECK_CONNECTIONS", 60);
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(&["--root", root.path().to_str().unwrap()]);
    let mut clients: Vec<_> = (0..connections).map(|_| Client::to(&server.url).unwrap()).collect();
    let mut open = |range: std::ops::Range<usize>| -> Vec<(String, String)> {
        range
            .map(|at| {
                let path = format!("/file-{at}");
                (clients[at % connections].session(&path), path)
            })
            .collect()
    };
    let mut ids = open(0..sessions / 2);
    let half = memory(&server, "VmRSS");
    ids.extend(open(sessions / 2..sessions));
    let all = memory(&server, "VmRSS");
    let each = all.saturating_sub(half) * 1024 / (sessions / 2) as u64;
    // Every connection is in the middle of a fragment.
    let body = vec![7; 512 * 1024];
    for (client, (session, path)) in clients.iter_mut().zip(&ids) {
        client.expecting(
            path,
            session,
            &format!("0-{}/{}", body.len() - 1, body.len()),
            body.len(),
        );
        client.stream.write_all(&body[..body.len() / 2]).unwrap();
    }
    for client in &mut clients {
        client.stream.write_all(&body[body.len() / 2..]).unwrap();
        assert_eq!(client.answer().unwrap().status(), 200);
    }
    let most = memory(&server, "VmHWM");
    super::tell(&format!(
        "{sessions} sessions, {connections} connections with a fragment each: {all} KiB with all sessions open, \
         {each} bytes for each, {most} KiB at most"
    ));
    assert!(each < 8 * 1024, "{each} bytes for a session");
    assert!(most < MOST_KIB, "{most} KiB");
}

//! What comes of a stop, of a second process, of a limit and of a full disk.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use super::client::Client;
use crate::cli::{PROGRAM, Server, bitscheck, code, stderr};

fn serve(root: &Path, options: &[&str]) -> Server {
    Server::start(&[&["--root", root.to_str().unwrap()], options].concat())
}

#[test]
fn a_session_goes_on_after_a_kill_with_all_that_was_acknowledged() {
    for durability in ["os", "disk"] {
        let root = tempfile::tempdir().unwrap();
        let options = ["--durability", durability];
        let server = serve(root.path(), &options);
        let mut client = Client::to(&server.url).unwrap();
        let (session, empty) = (client.session("/a"), client.session("/b"));
        let answer = client.fragment("/a", &session, "0-3/9", b"abcd").unwrap();
        assert_eq!((answer.status(), answer.wanted()), (200, Some(4)));
        client.fragment_head("/a", &session, "4-8/9", 5).unwrap();
        client.stream.write_all(b"XY").unwrap();
        drop(server);
        let server = serve(root.path(), &options);
        let mut client = Client::to(&server.url).unwrap();
        let answer = client.fragment("/a", &session, "8-8/9", b"i").unwrap();
        assert_eq!((answer.status(), answer.wanted()), (416, Some(4)));
        let answer = client.fragment("/a", &session, "4-9/10", b"efghij").unwrap();
        assert_eq!(answer.status(), 400, "the total is known");
        drop(server);
        let server = serve(root.path(), &options);
        let mut client = Client::to(&server.url).unwrap();
        assert_eq!(client.fragment("/a", &session, "4-8/9", b"efghi").unwrap().status(), 200);
        drop(server);
        let server = serve(root.path(), &options);
        let mut client = Client::to(&server.url).unwrap();
        assert_eq!(client.close("/a", &session).unwrap().status(), 200);
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"abcdefghi");
        assert_eq!(client.fragment("/b", &empty, "0-0/1", b"b").unwrap().status(), 200);
        drop(server);
        let server = serve(root.path(), &options);
        let mut client = Client::to(&server.url).unwrap();
        let gone = client.close("/a", &session).unwrap();
        assert_eq!((gone.status(), gone.value("BITS-Error")), (500, Some("0x8020001F")));
        let left = fs::read_dir(root.path().join("BITS-Sessions/Requests")).unwrap().count();
        assert_eq!(left, 1, "the other session");
    }
}

#[test]
fn without_durability_sessions_end_with_the_process_and_leave_nothing() {
    let root = tempfile::tempdir().unwrap();
    let server = serve(root.path(), &["--durability", "none"]);
    let session = Client::to(&server.url).unwrap().session("/a");
    drop(server);
    let server = serve(root.path(), &["--durability", "none"]);
    let answer = Client::to(&server.url).unwrap().close("/a", &session).unwrap();
    assert_eq!(answer.value("BITS-Error"), Some("0x8020001F"));
    let left = fs::read_dir(root.path().join("BITS-Sessions/Requests")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn half_a_session_and_one_whose_time_ran_out_leave_nothing_at_the_next_start() {
    let (root, settings) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (file, folder) = (settings.path().join("s.toml"), root.path().to_str().unwrap());
    fs::write(&file, "[[vdir]]\nprefix = \"/\"\nBITSSessionTimeout = 1\n").unwrap();
    let options = ["--config", file.to_str().unwrap(), "--root", folder];
    let requests = root.path().join("BITS-Sessions/Requests");
    let server = Server::start(&options);
    Client::to(&server.url).unwrap().session("/a");
    drop(server);
    let log = fs::read_dir(&requests).unwrap().next().unwrap().unwrap().path().join("session.log");
    assert!(log.is_file());
    // A start would have to wait for the timeout; records of long ago are the same.
    let half = requests.join("{00000000-0000-0000-0000-000000000007}");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("requestfile.bin"), "half").unwrap();
    fs::create_dir(
        root.path().join("BITS-Sessions/Replies/{00000000-0000-0000-0000-000000000008}"),
    )
    .unwrap();
    fs::create_dir(requests.join("not ours")).unwrap();
    fs::write(&log, "\n0123456789abcdef {\"session\":\"torn").unwrap();
    let _server = Server::start(&options);
    let names = |folder: &Path| -> Vec<_> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    assert_eq!(names(&requests), ["not ours"]);
    assert!(names(&root.path().join("BITS-Sessions/Replies")).is_empty());
}

#[test]
fn two_processes_on_one_root_refuse_each_other() {
    let root = tempfile::tempdir().unwrap();
    let server = serve(root.path(), &[]);
    let folder = root.path().to_str().unwrap();
    let second = bitscheck(&["serve", "--listen", "127.0.0.1:0", "--root", folder]);
    assert_eq!(code(&second), 2);
    let told = stderr(&second);
    assert!(told.contains("another process") && told.contains(folder), "{told}");
    drop(server);
    let server = serve(root.path(), &[]);
    Client::to(&server.url).unwrap().session("/a");
}

#[test]
fn memory_survives_nothing_and_says_so() {
    let output = bitscheck(&["serve", "--durability", "disk"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--root"), "{}", stderr(&output));
}

#[test]
#[cfg(unix)]
fn a_stop_lets_requests_under_way_end_and_takes_no_others() {
    let root = tempfile::tempdir().unwrap();
    let mut server = serve(root.path(), &[]);
    let mut client = Client::to(&server.url).unwrap();
    let session = client.session("/a");
    let mut idle = Client::to(&server.url).unwrap();
    idle.session("/b");
    // The answer to a fragment that is refused by its head shows that this one's head has been read.
    client.fragment_head("/a", &session, "0-3/4", 4).unwrap();
    client.stream.write_all(b"ab").unwrap();
    let mut other = Client::to(&server.url).unwrap();
    other.session("/c");
    server.signal("-TERM");
    assert!(idle.answer().is_err(), "an idle connection is closed");
    assert!(Client::to(&server.url).is_err(), "nobody listens any more");
    client.stream.write_all(b"cd").unwrap();
    let answer = client.answer().unwrap();
    assert_eq!((answer.status(), answer.wanted()), (200, Some(4)));
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn what_is_beyond_a_limit_is_told_and_recovers() {
    let limits = ["--limit", "connections=3", "--limit", "sessions=2", "--limit", "fragments=1"];
    let server = Server::start(&limits);
    let mut one = Client::to(&server.url).unwrap();
    let (first, second) = (one.session("/a"), one.session("/b"));
    let full = one.create("/c").unwrap();
    assert_eq!((full.status(), full.value("BITS-Error")), (500, Some("0x800705AA")));
    let mut two = Client::to(&server.url).unwrap();
    two.expecting("/a", &first, "0-3/4", 4);
    let busy = one.fragment("/b", &second, "0-1/2", b"ab").unwrap();
    assert_eq!((busy.status(), busy.value("BITS-Error")), (500, Some("0x800705AA")));
    let mut third = Client::to(&server.url).unwrap();
    assert_eq!(third.fragment("/b", &second, "1-1/2", b"b").unwrap().status(), 416);
    let turned_away = Client::to(&server.url).unwrap().create("/d").unwrap();
    assert_eq!((turned_away.status(), turned_away.value("Connection")), (503, Some("close")));
    two.stream.write_all(b"abcd").unwrap();
    assert_eq!(two.answer().unwrap().status(), 200);
    assert_eq!(one.fragment("/b", &second, "0-1/2", b"ab").unwrap().status(), 200);
    assert_eq!(one.close("/b", &second).unwrap().status(), 200);
    assert_eq!(one.create("/c").unwrap().status(), 200);
}

#[test]
fn a_sender_that_is_too_slow_is_cut() {
    let server = Server::start(&["--limit", "body-timeout=1", "--limit", "head-timeout=1"]);
    let mut client = Client::to(&server.url).unwrap();
    let session = client.session("/a");
    client.fragment_head("/a", &session, "0-99/100", 100).unwrap();
    client.stream.write_all(b"0123456789").unwrap();
    let answer = client.answer().unwrap();
    assert_eq!((answer.status(), answer.wanted()), (400, Some(0)));
    assert!(Client::to(&server.url).unwrap().answer().is_err(), "an idle connection is closed");
}

/// A file system with little room, which is gone with this.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=256k", "none"]).arg(folder.path());
        let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_told_and_loses_nothing_that_was_acknowledged() {
    let Some(disk) = SmallDisk::new() else {
        return super::tell("skipped: no small file system can be mounted here");
    };
    let server = serve(disk.0.path(), &[]);
    let mut client = Client::to(&server.url).unwrap();
    let session = client.session("/a");
    let body = vec![7; 100_000];
    let answer = client.fragment("/a", &session, "0-99999/400000", &body).unwrap();
    assert_eq!(answer.wanted(), Some(100_000));
    // Nobody reads the whole of it, so that writing may fail before the answer is read.
    client.fragment_head("/a", &session, "100000-399999/400000", 300_000).unwrap();
    let _ = client.stream.write_all(&vec![8; 300_000]);
    let answer = client.answer().unwrap();
    assert_eq!((answer.status(), answer.value("BITS-Error")), (500, Some("0x80070070")));
    assert_eq!(answer.wanted(), Some(100_000));
    let mut client = Client::to(&server.url).unwrap();
    let full = client.create("/b").unwrap();
    if full.status() != 200 {
        assert_eq!((full.status(), full.value("BITS-Error")), (500, Some("0x80070070")));
        let left = fs::read_dir(disk.0.path().join("BITS-Sessions/Requests")).unwrap().count();
        assert_eq!(left, 1, "what could not be made is not left behind");
    }
    drop(server);
    let server = serve(disk.0.path(), &[]);
    let mut client = Client::to(&server.url).unwrap();
    let answer = client.fragment("/a", &session, "399999-399999/400000", b"x").unwrap();
    assert_eq!((answer.status(), answer.wanted()), (416, Some(100_000)));
    let entity = format!("BITS-Sessions/Requests/{session}/requestfile.bin");
    assert!(fs::read(disk.0.path().join(entity)).unwrap().starts_with(&body));
}

#[test]
fn the_limits_and_their_usual_values_are_in_the_help() {
    let output = Command::new(PROGRAM).args(["serve", "--help"]).output().unwrap();
    let help = crate::cli::flowing(&String::from_utf8(output.stdout).unwrap());
    for told in ["sessions 65536 open sessions", "head-bytes 262144", "drain-timeout 30", "disk"] {
        assert!(help.contains(told), "{told}: {help}");
    }
}

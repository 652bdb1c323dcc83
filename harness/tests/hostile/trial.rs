//! The program, run against a deadline, with an eye on its memory.

use std::{
    fs,
    io::Read,
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// When a run that has not ended is ended from outside.
const DEADLINE: Duration = Duration::from_secs(60);

/// How often its memory is looked at.
const GLANCE: Duration = Duration::from_millis(5);

/// How a run went.
pub(super) struct Ended {
    /// Nothing if it had to be ended from outside, or by a signal.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// The most memory it had at once, in KiB; 0 where that cannot be known.
    pub(super) peak: u64,
    pub(super) took: Duration,
}

impl Ended {
    /// The report in JSON, if one was written.
    pub(super) fn report(&self) -> Option<Value> {
        serde_json::from_str(&self.stdout).ok()
    }
}

/// Runs the program to its end or the deadline.
pub(super) fn run(arguments: &[&str]) -> Ended {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_bitscheck"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (told, tell) = mpsc::channel();
    let out = collect(child.stdout.take().unwrap(), told.clone());
    let err = collect(child.stderr.take().unwrap(), told);
    let mut peak = 0;
    let is_over = loop {
        // Both pipes are closed when the program ends; until then this waits.
        match tell.recv_timeout(GLANCE) {
            Err(RecvTimeoutError::Disconnected) => break true,
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => peak = peak.max(high_water(child.id())),
        }
        if began.elapsed() > DEADLINE {
            break false;
        }
    };
    if !is_over {
        child.kill().unwrap();
    }
    let code = child.wait().unwrap().code().filter(|_| is_over);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (stdout, stderr) = (text(out.join().unwrap()), text(err.join().unwrap()));
    Ended { code, stdout, stderr, peak, took: began.elapsed() }
}

/// Reads everything; drops the sender at the end.
fn collect(
    mut from: impl Read + Send + 'static,
    told: mpsc::Sender<()>,
) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        let _ = from.read_to_end(&mut all);
        drop(told);
        all
    })
}

/// The most resident memory that a process had so far, in KiB; none while it still has the memory of the test that starts it.
fn high_water(id: u32) -> u64 {
    let image = |whose: &str| fs::read_link(format!("/proc/{whose}/exe"));
    if image(&id.to_string()).ok() == image("self").ok() {
        return 0;
    }
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    number.unwrap_or(0)
}

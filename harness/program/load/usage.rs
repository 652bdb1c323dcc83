//! What threads and processes used, as the system tells it: `/proc` on Linux, nothing elsewhere.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a process used while something was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerUsage {
    /// The process.
    pub pid: u32,
    /// Seconds of processor time.
    pub cpu_seconds: f64,
    /// Cores that were busy on average.
    pub cores: f64,
    /// The most memory that was resident at one of the moments looked at, in bytes.
    pub resident_bytes_max: u64,
    /// Whether the process ended meanwhile.
    pub ended: bool,
}

/// Processor time of this thread so far.
#[cfg(target_os = "linux")]
#[must_use]
pub fn of_this_thread() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Processor time of this thread so far; not known on this system.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn of_this_thread() -> Option<Duration> {
    None
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Processor time.
    pub cpu: Duration,
    /// Resident memory in bytes.
    pub resident: u64,
}

/// What the process of this number has used so far, if there is one and the system tells.
#[cfg(target_os = "linux")]
#[must_use]
pub fn of_process(pid: u32) -> Option<Snapshot> {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).ok();
    let cpu = cpu_of_stat(&read("stat")?)?;
    let resident = resident_of_status(&read("status")?)?;
    Some(Snapshot { cpu, resident })
}

/// What a process has used so far; not known on this system.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn of_process(_pid: u32) -> Option<Snapshot> {
    None
}

/// How many files this process may have open, if the system tells.
#[must_use]
pub fn most_open_files() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// User and system time in `/proc/PID/stat`, whose unit is a hundredth of a second on every Linux.
#[cfg(any(target_os = "linux", test))]
fn cpu_of_stat(text: &str) -> Option<Duration> {
    // The name of the program stands in parentheses and may hold anything.
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks()? + ticks()?) * 10))
}

#[cfg(any(target_os = "linux", test))]
fn resident_of_status(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_be_called_anything() {
        let text = "7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 9 1000 200";
        assert_eq!(cpu_of_stat(text), Some(Duration::from_secs(3)));
    }

    #[test]
    fn resident_memory_is_told_in_bytes() {
        assert_eq!(resident_of_status("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2 << 20));
        assert_eq!(resident_of_status("Name:\tx\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_and_this_thread_have_used_something() {
        assert!(of_process(std::process::id()).unwrap().resident > 0);
        assert!(of_this_thread().is_some());
        assert_eq!(of_process(u32::MAX), None);
    }
}

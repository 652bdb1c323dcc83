//! Stopping and starting a target by commands of the user's.

use std::{
    process::Stdio,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bits_judge::plan::Switch;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::drive::{Power, Switched};

/// How long the command that stops the target may take.
const LONGEST_STOP: Duration = Duration::from_secs(60);

/// The commands that stop and start a target.
#[derive(Debug)]
pub(crate) struct ShellControl {
    restart: Option<String>,
    stop: Option<String>,
    start: Option<String>,
    /// The command that started it last, and what that became.
    latest: Mutex<Option<(String, Child)>>,
}

impl ShellControl {
    /// These commands, if there are any.
    pub(crate) fn of(
        restart: Option<String>,
        stop: Option<String>,
        start: Option<String>,
    ) -> Option<Self> {
        (restart.is_some() || stop.is_some()).then(|| Self {
            restart,
            stop,
            start,
            latest: Mutex::new(None),
        })
    }

    fn latest(&self) -> MutexGuard<'_, Option<(String, Child)>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn stop(&self) -> Result<(), String> {
        let command = self.stop.as_ref().ok_or("there is no --stop-cmd")?;
        let mut child = spawn(command)?;
        let ended = timeout(LONGEST_STOP, child.wait()).await;
        let ended = ended.map_err(|_| format!("`{command}` does not end"))?;
        let status = ended.map_err(|error| format!("`{command}`: {error}"))?;
        if !status.success() {
            return Err(format!("`{command}` ended with {status}"));
        }
        self.end_latest().await;
        Ok(())
    }

    /// Ends the server that was started here, if it still runs: it is to be gone.
    async fn end_latest(&self) {
        let latest = self.latest().take();
        if let Some((_, mut child)) = latest {
            let _ = child.kill().await;
        }
    }

    fn begin(&self, command: Option<&String>) -> Result<(), String> {
        let command = command.ok_or("there is no command that starts it")?;
        let child = spawn(command)?;
        *self.latest() = Some((command.clone(), child));
        Ok(())
    }
}

impl Power for ShellControl {
    fn can(&self, switch: Switch) -> bool {
        match switch {
            Switch::Restart => self.restart.is_some() || self.stop.is_some(),
            Switch::Stop => self.stop.is_some(),
            Switch::Start => self.start.is_some(),
        }
    }

    fn switch(&self, switch: Switch) -> Switched<'_> {
        Box::pin(async move {
            match switch {
                Switch::Stop => self.stop().await,
                Switch::Start => self.begin(self.start.as_ref()),
                Switch::Restart if self.restart.is_some() => {
                    self.end_latest().await;
                    self.begin(self.restart.as_ref())
                }
                Switch::Restart => {
                    self.stop().await?;
                    self.begin(self.start.as_ref())
                }
            }
        })
    }

    fn has_ended(&self) -> Result<bool, String> {
        let mut latest = self.latest();
        let Some((command, child)) = latest.as_mut() else { return Ok(true) };
        match child.try_wait() {
            Ok(None) => Ok(false),
            Ok(Some(status)) if status.success() => Ok(true),
            Ok(Some(status)) => Err(format!("`{command}` ended with {status}")),
            Err(error) => Err(format!("`{command}`: {error}")),
        }
    }
}

fn spawn(command: &str) -> Result<Child, String> {
    let mut shell = shell(command);
    // What it says is its own affair, and reports go to stdout.
    let child = shell.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn();
    child.map_err(|error| format!("`{command}`: {error}"))
}

/// A shell that carries out this command.
#[cfg(windows)]
pub(crate) fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

/// A shell that carries out this command.
#[cfg(not(windows))]
pub(crate) fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    fn commands(restart: Option<&str>, stop: Option<&str>) -> ShellControl {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (restart, stop) = (owned(restart), owned(stop));
        ShellControl { restart, start: stop.clone(), stop, latest: Mutex::new(None) }
    }

    #[tokio::test]
    async fn a_command_that_fails_is_told_with_its_words() {
        let failing = commands(None, Some("exit 3"));
        let told = failing.switch(Switch::Stop).await.unwrap_err();
        assert!(told.contains("`exit 3` ended with") && told.contains('3'), "{told}");
        failing.switch(Switch::Start).await.unwrap();
        let told = loop {
            match failing.has_ended() {
                Ok(_) => tokio::task::yield_now().await,
                Err(told) => break told,
            }
        };
        assert!(told.contains("`exit 3` ended with"), "{told}");
    }

    #[tokio::test]
    async fn a_command_may_go_on_as_the_server_and_ends_with_it() {
        let lasting = commands(Some("exec sleep 600"), None);
        lasting.switch(Switch::Restart).await.unwrap();
        assert_eq!(lasting.has_ended(), Ok(false));
        let process = || lasting.latest().as_ref().and_then(|(_, child)| child.id());
        let first = process();
        lasting.switch(Switch::Restart).await.unwrap();
        assert!(first.is_some() && process().is_some() && first != process());
        lasting.end_latest().await;
        assert_eq!(lasting.has_ended(), Ok(true));
    }

    #[test]
    fn what_there_is_a_command_for_can_be_done() {
        let can = |commands: &ShellControl| {
            [Switch::Restart, Switch::Stop, Switch::Start].map(|switch| commands.can(switch))
        };
        assert_eq!(can(&commands(Some("a"), None)), [true, false, false]);
        assert_eq!(can(&commands(None, Some("a"))), [true, true, true]);
    }
}

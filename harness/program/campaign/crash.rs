//! What is done about a target that has died: of which session it did, and bringing it back.

use std::{fs, path::PathBuf, process::Stdio, time::Duration};

use bits_judge::{
    checks::Outcome,
    model::{self, Operation, Shrinker},
    report::{FindingResult, TARGET_ALIVE},
    scenario,
};
use tokio::process::Child;
use url::Url;

use crate::{
    campaign::config::CampaignConfig,
    error::Error,
    runner::{
        event::{Event, Finding},
        executor::Executor,
    },
    subject::{commands, preflight},
};

/// How often it is tried if the target is there, before it counts as dead.
const LOOKS: u32 = 3;

/// How long there is between these.
const BETWEEN: Duration = Duration::from_millis(100);

/// How long a target may take to come back.
const LONGEST_START: Duration = Duration::from_secs(60);

/// How often the target may be brought back to find out of what it died.
const MOST_TRIES: u32 = 60;

/// A session by its name.
type Named = (String, Vec<Operation>);

/// Of what a target died.
pub(crate) struct Crash {
    pub(crate) finding: FindingResult,
    /// Whether it was brought back.
    pub(crate) is_back: bool,
}

/// Looks after a target.
pub(crate) struct CrashMonitor<'s> {
    executor: &'s Executor,
    command: Option<String>,
    folder: PathBuf,
    url: Url,
    seed: u64,
    crashes: u32,
    tries: u32,
    looks: u32,
    /// The command that brought it back last, if that still runs.
    child: Option<Child>,
}

impl<'s> CrashMonitor<'s> {
    pub(crate) fn of(
        executor: &'s Executor,
        config: &CampaignConfig,
        url: &Url,
        seed: u64,
    ) -> Self {
        Self {
            command: config.restart.clone(),
            folder: config.findings.clone(),
            seed,
            ..Self::watching(executor, url)
        }
    }

    /// One that only looks whether the target lives.
    pub(crate) fn watching(executor: &'s Executor, url: &Url) -> Self {
        Self {
            executor,
            command: None,
            folder: PathBuf::new(),
            url: url.clone(),
            seed: 0,
            crashes: 0,
            tries: 0,
            looks: 0,
            child: None,
        }
    }

    /// Whether the target takes an upload.
    pub(crate) async fn is_alive(&mut self) -> bool {
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(BETWEEN).await;
            }
            if self.answers().await {
                return true;
            }
        }
        false
    }

    async fn answers(&mut self) -> bool {
        self.looks += 1;
        let prefix = format!("{}alive-{}.", self.executor.prefix, self.looks);
        let driver = &self.executor.driver;
        // A connection that is refused needs no patience.
        driver.reach().await.is_ok()
            && preflight::probe(driver, self.url.path(), &prefix).await.is_ok()
    }

    /// Finds out of which of the last sessions it died, if it can be brought back, and writes them down.
    ///
    /// # Errors
    ///
    /// If they cannot be written, or if the command that brings it back does not.
    pub(crate) async fn isolate(&mut self, recent: Vec<Named>) -> Result<Crash, Error> {
        self.crashes += 1;
        self.tries = 0;
        let is_back = self.command.is_some();
        let (sessions, told) = match is_back {
            false => (recent, "one of these sessions, or several of them together".to_owned()),
            true => {
                self.bring_back().await?;
                self.suspects(recent).await?
            }
        };
        let folder = self.write(&sessions, &told)?;
        let place = folder.display().to_string();
        let crash = Finding::Crash { cause: &told, folder: &folder };
        self.executor.events.tell(&Event::Finding(crash));
        let finding = FindingResult {
            check: TARGET_ALIVE,
            clause: None,
            outcome: Outcome::Broken,
            reading: None,
            situation: None,
            scenario: sessions.last().map_or_else(String::new, |(name, _)| name.clone()),
            line: 0,
            exchange: 1,
            expected: "a server that goes on answering".into(),
            actual: format!("no answer any more after {told}"),
            more: 0,
            proof: vec![],
            replay: format!("see {place}"),
        };
        Ok(Crash { finding, is_back })
    }

    /// The fewest of the last sessions of which the target dies again, in words too. It is alive afterwards.
    async fn suspects(&mut self, recent: Vec<Named>) -> Result<(Vec<Named>, String), Error> {
        for (name, operations) in recent.iter().rev() {
            if self.kills(&[(name.clone(), operations.clone())]).await? {
                let shrunk = self.shrunk(operations.clone()).await?;
                return Ok((vec![(name.clone(), shrunk)], "this session, each time".into()));
            }
        }
        if !self.kills(&recent).await? {
            let told = "something that did not come again; these are the last sessions";
            return Ok((recent, told.into()));
        }
        let mut least = recent;
        let mut at = 0;
        // One by one, since they are few.
        while at < least.len() && self.tries < MOST_TRIES {
            let mut less = least.clone();
            less.remove(at);
            match self.kills(&less).await? {
                true => least = less,
                false => at += 1,
            }
        }
        Ok((least, "these sessions, one after the other".into()))
    }

    async fn shrunk(&mut self, operations: Vec<Operation>) -> Result<Vec<Operation>, Error> {
        let mut shrinker = Shrinker::new(operations);
        while self.tries < MOST_TRIES {
            let Some(next) = shrinker.propose() else { break };
            if self.kills(&[("random/again".to_owned(), next.clone())]).await? {
                shrinker.keep(next);
            }
        }
        Ok(shrinker.best().to_vec())
    }

    /// Whether the target dies of these, one after the other; it is brought back then.
    async fn kills(&mut self, sessions: &[Named]) -> Result<bool, Error> {
        self.tries += 1;
        for (name, operations) in sessions {
            self.executor.rerun(&model::plan(name, operations)).await;
        }
        if self.is_alive().await {
            return Ok(false);
        }
        self.bring_back().await?;
        Ok(true)
    }

    /// Runs the command and waits until the target answers.
    async fn bring_back(&mut self) -> Result<(), Error> {
        let Some(command) = self.command.clone() else { return Ok(()) };
        let cannot = |what: String| {
            Error::unreachable(format!(
                "--restart-cmd `{command}` did not bring the target back: {what}"
            ))
        };
        if let Some(mut old) = self.child.take() {
            // It was started here, and the target that it is or was has died.
            let _ = old.kill().await;
        }
        let mut child = commands::shell(&command)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| cannot(error.to_string()))?;
        let began = tokio::time::Instant::now();
        loop {
            let ended = child.try_wait().map_err(|error| cannot(error.to_string()))?;
            if let Some(status) = ended.filter(|status| !status.success()) {
                return Err(cannot(format!("it ended with {status}")));
            }
            if self.answers().await {
                break;
            }
            if began.elapsed() > LONGEST_START {
                return Err(cannot(format!("no answer after {} s", LONGEST_START.as_secs())));
            }
            tokio::time::sleep(BETWEEN).await;
        }
        self.child = Some(child);
        Ok(())
    }

    fn write(&self, sessions: &[Named], told: &str) -> Result<PathBuf, Error> {
        let folder = self.folder.join(format!("target-died-{:x}-{}", self.seed, self.crashes));
        let cannot = |error: std::io::Error| {
            Error::internal(format!("cannot write {}: {error}", folder.display()))
        };
        fs::create_dir_all(&folder).map_err(cannot)?;
        for (number, (name, operations)) in (1..).zip(sessions) {
            let plan = model::plan(name, operations);
            let remark = format!(
                "The target answered no more after {told}. This one is {name} of seed {:x}.",
                self.seed
            );
            let text = scenario::write(&plan, &[remark], &[]).unwrap_or_default();
            fs::write(folder.join(format!("{number:02}.yaml")), text).map_err(cannot)?;
        }
        let readme = format!(
            "# The target died\n\nIt answered no more after {told}. The files are in the order in which the sessions began; \
             {} of them were carried out at a time.\n\n```sh\nbitscheck run {} {} -j 1\n```\n",
            self.executor.jobs,
            folder.display(),
            self.url
        );
        fs::write(folder.join("README.md"), readme).map_err(cannot)?;
        Ok(folder)
    }
}

//! A target is judged: reached, looked at, put through the scenarios.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU64},
    time::Instant,
};

use bits_judge::{
    plan::{Capability, DirectoryRole, Switch},
    report::Selection,
};
use bits_server::{config::Profile, fault::Fault, store::Durability};
use url::Url;

use crate::{
    drive::{self, Driver},
    error::Error,
    runner::{
        event::{Event, Hindrance},
        executor::Executor,
        interrupts::Interrupts,
        options::RunConfig,
        outcome::RunOutcome,
        queue::RunQueue,
        retry,
        workload::Workload,
    },
    subject::{
        embedded::Embedded,
        preflight,
        resolve::{Subject, start_backend},
    },
};

/// Does something with the reference server, embedded in this process.
pub(crate) async fn with_embedded<T>(
    config: &RunConfig,
    fault: Option<Fault>,
    profile: Option<Profile>,
    work: impl AsyncFnOnce(Subject) -> Result<T, Error>,
) -> Result<T, Error> {
    let application = start_backend(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let durability = if config.switches { Durability::Os } else { Durability::None };
    let folder = config.folder;
    let embedded = Embedded::start(fault, profile, &application, folder, durability).await?;
    let mut subject = Subject::at_embedded(&embedded, application, config.timeout)?;
    if !config.switches {
        subject.power = None;
    }
    let done = work(subject).await;
    embedded.stop().await;
    done
}

/// A target that was reached and looked at, and what is needed to go on.
pub(crate) struct PreparedRun {
    pub(crate) executor: Executor,
    /// The URL of the target.
    pub(crate) url: Url,
    /// How it refused a small upload, if it did.
    pub(crate) refused: Option<String>,
    began: Instant,
}

impl PreparedRun {
    /// Reaches a target and looks at it and at the directories of these roles.
    pub(crate) async fn of(
        config: &RunConfig,
        subject: Subject,
        roles: &BTreeSet<DirectoryRole>,
        interrupts: &mut impl Interrupts,
    ) -> Result<Self, Error> {
        let began = Instant::now();
        let url = subject.target.url().clone();
        let seed = config.seed;
        let options = drive::Options { seed, ..subject.drive_options(config.transport) };
        let driver = Driver::new(subject.target.clone(), options);
        let driver = Arc::new(driver.map_err(|error| Error::usage(error.to_string()))?);
        let prefix = format!("bitscheck-{:08x}.", config.names);
        let found = tokio::select! {
            found = look_at(&driver, &subject, roles, &prefix) => found?,
            code = interrupts.next() => {
                let message = "stopped before anything was judged";
                return Err(Error::stopped(code, message));
            }
        };
        let can = |switch| subject.power.as_ref().is_some_and(|power| power.can(switch));
        let abilities = [
            (subject.reads_back.unwrap_or(found.reads_back), Capability::ReadBack),
            (subject.session_store.is_some(), Capability::SessionStore),
            (subject.application.is_some(), Capability::Application),
            (can(Switch::Restart), Capability::Restart),
            (can(Switch::Stop) && can(Switch::Start), Capability::StopAndStart),
        ];
        let capabilities =
            abilities.into_iter().filter(|(has, _)| *has).map(|(_, one)| one).collect();
        let executor = Executor {
            driver,
            roles: subject.roles,
            accounts: subject.accounts,
            capabilities,
            prefix,
            jobs: config.jobs,
            events: config.events.clone(),
            transcripts: config.transcripts.clone(),
            uploads: subject.uploads,
            unkept: Arc::default(),
            reruns: AtomicU64::new(0),
        };
        config.events.tell(&Event::Started { target: &url });
        Ok(Self { executor, url, refused: found.refused, began })
    }

    /// Carries everything out and judges it.
    ///
    /// # Errors
    ///
    /// For a scenario that cannot be read as a plan, and for a fault of this program.
    pub(crate) async fn judge(
        &self,
        config: &RunConfig,
        workload: &Workload,
        selection: Selection,
        interrupts: &mut impl Interrupts,
    ) -> Result<RunOutcome, Error> {
        let executor = &self.executor;
        let circumstances = config.circumstances(&self.url, selection);
        let mut queue = RunQueue::of(executor, workload, circumstances)?;
        let stopped = executor.run(&mut queue, interrupts).await?;
        let mut results = queue.results(stopped, self.began.elapsed());
        if let Some(refused) = &self.refused {
            results.blame_directory(refused.clone());
        }
        if stopped.is_none() {
            tokio::select! {
                looked = retry::retry_alone(executor, workload, &mut results, config.dialect) => looked?,
                _ = interrupts.next() => config.events.tell(&Event::Hindrance(Hindrance::NotRetried)),
            }
        }
        config.events.tell(&Event::Finished(&results));
        Ok(RunOutcome { results, error: executor.unkept.get().cloned().map(Error::internal) })
    }
}

/// Makes sure that a BITS layer answers and takes the credentials that there are, and finds out what it can do.
async fn look_at(
    driver: &Driver,
    subject: &Subject,
    roles: &BTreeSet<DirectoryRole>,
    prefix: &str,
) -> Result<preflight::Seen, Error> {
    driver.reach().await.map_err(|error| Error::unreachable(error.to_string()))?;
    let base = subject.target.base();
    if let Some(given) = &subject.given {
        given.try_in(DirectoryRole::Plain, base, driver, prefix).await?;
    }
    let seen = preflight::probe(driver, base, &format!("{prefix}preflight.")).await?;
    if let Some(given) = &subject.given {
        let others = roles.iter().filter(|role| **role != DirectoryRole::Plain);
        for (role, settings) in others.filter_map(|role| subject.roles.get_key_value(role)) {
            given.try_in(*role, &settings.path, driver, prefix).await?;
        }
    }
    Ok(seen)
}

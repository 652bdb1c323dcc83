//! Carries scenarios out, several at once, and judges each as it ends.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use bits_judge::{
    checks,
    model::{Act, Operation},
    plan::{Action, Capability, DirectoryRole, Plan},
    report::{Fate, Judged},
    transcript::{Directory, Transcript},
};
use tokio::task::{JoinError, JoinSet};

use crate::{
    config::RoleSettings,
    drive::{Accounts, Driver, Place},
    error::Error,
    runner::{
        cleanup,
        event::{Event, Events, Hindrance, Progress},
        interrupts::Interrupts,
        library::Loaded,
        workload::situation,
    },
};

/// What every scenario of a run shares.
pub(crate) struct Executor {
    pub(crate) driver: Arc<Driver>,
    /// The target's virtual directories.
    pub(crate) roles: BTreeMap<DirectoryRole, RoleSettings>,
    /// The users whom the target knows.
    pub(crate) accounts: Accounts,
    /// What the target and the run can do in every directory.
    pub(crate) capabilities: Vec<Capability>,
    /// What the names of all files of this run begin with.
    pub(crate) prefix: String,
    pub(crate) jobs: usize,
    /// Where it is told what happens.
    pub(crate) events: Events,
    /// Where transcripts go, if they are wanted.
    pub(crate) transcripts: Option<PathBuf>,
    /// The folder in which the target keeps what is uploaded, if that is to be taken away again.
    pub(crate) uploads: Option<PathBuf>,
    /// Why the first transcript that could not be kept could not.
    pub(crate) unkept: Arc<OnceLock<String>>,
    /// How many plans were carried out once more.
    pub(crate) reruns: AtomicU64,
}

/// A plan that is ready to run.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) title: String,
    pub(crate) place: Place,
    pub(crate) plan: Plan,
    /// What it is made of, if it is a random session.
    pub(crate) operations: Vec<Operation>,
}

/// The most random sessions that wait for a timeout beside those that may go on at once.
const MOST_IDLE: usize = 16;

/// A plan that is being carried out.
#[derive(Debug)]
struct RunningJob {
    /// Its name and title.
    name: (String, String),
    /// Whether it is a random session that mostly waits.
    is_idle: bool,
}

impl RunningJob {
    fn of(job: &Job) -> Self {
        Self {
            name: (job.plan.name.clone(), job.title.clone()),
            is_idle: !job.operations.is_empty() && job.plan.is_idle(),
        }
    }
}

/// A plan that was carried out.
#[derive(Debug)]
pub(crate) struct JobOutcome {
    pub(crate) operations: Vec<Operation>,
    pub(crate) transcript: Transcript,
    pub(crate) judged: Judged,
}

/// A plan that was carried out once more.
#[derive(Debug)]
pub(crate) struct Rerun {
    /// What the names of its files began with.
    pub(crate) prefix: String,
    pub(crate) transcript: Transcript,
    pub(crate) judged: Judged,
}

/// Where plans come from, and where what they came to goes.
pub(crate) trait JobSource {
    /// The next one, or none any more.
    fn next(&mut self) -> Option<Job>;

    /// One has ended.
    fn ended(&mut self, one: JobOutcome);

    /// Everything was stopped while those of these names and titles were carried out.
    fn stopped(&mut self, cut: Vec<(String, String)>);

    /// How far it is.
    fn progress(&self) -> Progress;
}

impl Executor {
    /// Carries out what the source gives, several at a time. An interrupt ends it early, and its exit code is what
    /// this gives.
    pub(crate) async fn run(
        &self,
        source: &mut impl JobSource,
        interrupts: &mut impl Interrupts,
    ) -> Result<Option<u8>, Error> {
        let mut running = JoinSet::new();
        let mut names: BTreeMap<tokio::task::Id, RunningJob> = BTreeMap::new();
        let mut stopped = None;
        // What takes the server from everybody else waits until all others have ended, and they wait for it.
        let (mut alone, mut held) = (false, None);
        loop {
            while self.has_room(&names) && !alone {
                let Some(next) = held.take().or_else(|| source.next()) else { break };
                if next.plan.takes_the_server() && !running.is_empty() {
                    held = Some(next);
                    break;
                }
                alone = next.plan.takes_the_server();
                let running_job = RunningJob::of(&next);
                let task = running.spawn(run_job(
                    Arc::clone(&self.driver),
                    next,
                    self.prefix.clone(),
                    self.transcripts.clone().map(|folder| (folder, Arc::clone(&self.unkept))),
                    self.uploads.clone(),
                ));
                names.insert(task.id(), running_job);
            }
            tokio::select! {
                ended = running.join_next_with_id() => {
                    let Some(ended) = ended else { break };
                    alone = false;
                    let ended = settle(ended, &mut names)?;
                    let name = ended.transcript.facts.scenario.clone();
                    let has_breach = ended.judged.has_breach();
                    source.ended(ended);
                    let progress = source.progress();
                    self.events.tell(&Event::ScenarioEnded { name: &name, has_breach, progress });
                }
                code = interrupts.next() => {
                    stopped = Some(code);
                    running.shutdown().await;
                    if let Err(reason) = self.driver.restore().await {
                        let hindrance = Hindrance::TargetStaysDown(&reason);
                        self.events.tell(&Event::Hindrance(hindrance));
                    }
                    let held = held.map(|job| (job.plan.name, job.title));
                    let running = names.into_values().map(|one| one.name);
                    source.stopped(running.chain(held).collect());
                    break;
                }
            }
        }
        Ok(stopped)
    }

    /// Whether another plan can begin. Random sessions that only wait for a timeout are in nobody's way, unless plans are to go
    /// one by one.
    fn has_room(&self, running: &BTreeMap<tokio::task::Id, RunningJob>) -> bool {
        let idle = running.values().filter(|one| one.is_idle).count();
        let excused = if self.jobs > 1 { idle.min(MOST_IDLE) } else { 0 };
        running.len() - excused < self.jobs
    }

    /// Carries out a plan once more, on files of its own, and judges it.
    pub(crate) async fn rerun(&self, plan: &Plan) -> Rerun {
        let place = self.place(plan.role);
        let number = self.reruns.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("{}again-{number}.", self.prefix);
        let uploads = self.uploads.as_deref();
        let transcript =
            cleanup::run_and_clean_up(&self.driver, plan, &place, &prefix, uploads).await;
        let judged = Judged::of(&plan.name, &plan.title, &transcript, Vec::new());
        Rerun { prefix, transcript, judged }
    }

    /// The job of a random session that becomes this plan, or why it is skipped on this target.
    pub(crate) fn random(
        &self,
        mut plan: Plan,
        operations: Vec<Operation>,
    ) -> Result<Job, Box<Judged>> {
        if !self.reaches_store() {
            plan.steps.retain(|step| !matches!(step.action, Action::DeleteEntity { .. }));
            plan.needs.retain(|need| *need != Capability::SessionStore);
        }
        if let Some(reason) = self.lacks(&plan, &self.capabilities_in(plan.role)) {
            let fate = Fate::Skipped(reason);
            return Err(Box::new(Judged::not_run(&plan.name, &plan.title, fate)));
        }
        Ok(Job { title: plan.title.clone(), place: self.place(plan.role), plan, operations })
    }

    /// What of a random session can be done on this target; its requests stay as they are.
    pub(crate) fn feasible(&self, mut operations: Vec<Operation>) -> Vec<Operation> {
        operations.retain(|operation| operation.act != Act::TakeAway || self.reaches_store());
        operations
    }

    fn reaches_store(&self) -> bool {
        self.capabilities.contains(&Capability::SessionStore)
    }

    /// The job of a scenario, or why it is skipped on this target.
    pub(crate) fn written(&self, loaded: &Loaded) -> Result<Result<Job, Judged>, Error> {
        let scenario = &loaded.scenario;
        let capabilities = self.capabilities_in(scenario.role());
        let plan = loaded.plan(&capabilities)?;
        if let Some(reason) = self.lacks(&plan, &capabilities) {
            let fate = Fate::Skipped(reason);
            return Ok(Err(Judged::not_run(scenario.name(), scenario.title(), fate)));
        }
        let title = scenario.title().to_owned();
        Ok(Ok(Job { title, place: self.place(plan.role), plan, operations: Vec::new() }))
    }

    fn place(&self, role: DirectoryRole) -> Place {
        self.roles.get(&role).map(place_of).unwrap_or_default()
    }

    /// What the target and the run can do in the directory of a role.
    fn capabilities_in(&self, role: DirectoryRole) -> Vec<Capability> {
        let settings = self.roles.get(&role);
        let own = [
            (self.accounts.permitted(role).is_some(), Capability::Credentials),
            (settings.is_some_and(|it| it.read_root.is_some()), Capability::SharedFiles),
            (
                settings.is_some_and(|it| it.notification_timeout.is_some()),
                Capability::NotificationTimeout,
            ),
            (settings.is_some_and(|it| it.session_timeout.is_some()), Capability::SessionTimeout),
            (
                settings.is_some_and(|it| it.maximum_upload_size.is_some()),
                Capability::MaximumUploadSize,
            ),
        ];
        let own = own.into_iter().filter(|(has, _)| *has).map(|(_, one)| one);
        self.capabilities.iter().copied().chain(own).collect()
    }

    fn lacks(&self, plan: &Plan, capabilities: &[Capability]) -> Option<String> {
        if !self.roles.contains_key(&plan.role) {
            let role = plan.role.as_str();
            return Some(format!(
                "the target names no directory of the role {role} (--role {role}=/PATH/, or [target.{role}] in a target file)"
            ));
        }
        let missing = plan.needs.iter().find(|need| !capabilities.contains(need))?;
        Some(match missing {
            Capability::ReadBack => {
                "finished uploads cannot be read back with GET here (--read-back yes insists)"
                    .into()
            }
            Capability::SessionStore => {
                "the target's session store cannot be reached (--session-store DIR)".into()
            }
            Capability::Application => {
                "the harness does not play the server application (--application ADDRESS)".into()
            }
            Capability::SharedFiles => {
                "the files that a notification names cannot be opened here (read-root in a target file)".into()
            }
            Capability::NotificationTimeout => {
                "it is not known that the target gives a silent application up within seconds \
                 (notification-timeout in a target file)"
                    .into()
            }
            Capability::SessionTimeout => {
                "it is not known how long a session lives there (session-timeout in a target file)"
                    .into()
            }
            Capability::MaximumUploadSize => {
                "it is not known how large an upload may be there (maximum-upload-size in a target file)".into()
            }
            Capability::Restart => {
                "there is no command that restarts the target (--restart-cmd COMMAND)".into()
            }
            Capability::StopAndStart => {
                "there are no commands that stop and start the target (--stop-cmd and --start-cmd)"
                    .into()
            }
            Capability::Credentials => "no user is known whom the directory permits (user in a target file)".into(),
        })
    }
}

/// Where a role's scenarios are carried out, and what is known of that place.
fn place_of(settings: &RoleSettings) -> Place {
    Place {
        base: settings.path.clone(),
        directory: Directory {
            maximum_upload_size: settings.maximum_upload_size,
            session_timeout: settings.session_timeout,
            host_id: settings.host_id.clone(),
            host_id_fallback_timeout: settings.host_id_fallback_timeout,
            notification_timeout: settings.notification_timeout,
        },
    }
}

fn settle(
    ended: Result<(tokio::task::Id, JobOutcome), JoinError>,
    names: &mut BTreeMap<tokio::task::Id, RunningJob>,
) -> Result<JobOutcome, Error> {
    match ended {
        Ok((id, ended)) => {
            names.remove(&id);
            Ok(ended)
        }
        Err(error) => {
            let name = names.get(&error.id()).map_or("a scenario", |one| one.name.0.as_str());
            Err(Error::internal(format!("{name} ended in a fault of this program: {error}")))
        }
    }
}

async fn run_job(
    driver: Arc<Driver>,
    next: Job,
    prefix: String,
    transcripts: Option<(PathBuf, Arc<OnceLock<String>>)>,
    uploads: Option<PathBuf>,
) -> JobOutcome {
    let Job { title, place, plan, operations } = next;
    let flat = flat(&plan.name);
    let prefix = format!("{prefix}{flat}.");
    let transcript =
        cleanup::run_and_clean_up(&driver, &plan, &place, &prefix, uploads.as_deref()).await;
    if let Some((folder, unkept)) = transcripts {
        let path = folder.join(format!("{flat}.txt"));
        // It does not make the verdict wrong; it is said at the end.
        if let Err(error) = std::fs::write(&path, transcript.to_string()) {
            let told = format!("cannot write {} and perhaps others: {error}", path.display());
            unkept.get_or_init(|| told);
        }
    }
    let unmet = checks::unmet(&plan, &transcript);
    let judged = Judged::of(&plan.name, &title, &transcript, unmet);
    let judged = judged.in_situations(|line| situation(&operations, line));
    JobOutcome { operations, transcript, judged }
}

/// The longest part of a scenario's name that goes into the names of files, in characters.
const LONGEST_NAME: usize = 60;

/// The name of a scenario as a part of the name of a file: the end of it, since paths differ there.
fn flat(name: &str) -> String {
    let plain = |character| if is_plain(character) { character } else { '.' };
    let all: Vec<char> = name.trim_end_matches(".yaml").chars().map(plain).collect();
    let end: String = all[all.len().saturating_sub(LONGEST_NAME)..].iter().collect();
    end.trim_start_matches('.').to_owned()
}

/// Whether a character can stand in the name of a file everywhere.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_becomes_a_short_name() {
        assert_eq!(flat("fragment/gap"), "fragment.gap");
        assert_eq!(flat("../my/own file.yaml"), "my.own.file");
        let long = format!("/{}/{}.yaml", "a".repeat(100), "b".repeat(50));
        assert_eq!(flat(&long), format!("{}.{}", "a".repeat(9), "b".repeat(50)));
    }
}

//! Carries a campaign out: sessions in rounds, and between them what is due about the target and about findings.

use std::collections::{BTreeMap, BTreeSet};

use bits_judge::{
    campaign::Corpus,
    model::{self, Operation},
    report::Selection,
};

use crate::{
    campaign::{
        config::CampaignConfig,
        crash::CrashMonitor,
        explore::{Campaign, Pause, Summary},
        state::SavedState,
    },
    error::Error,
    runner::{
        event::{Event, Hindrance},
        interrupts::Interrupts,
        options::RunConfig,
        outcome::RunOutcome,
        run::PreparedRun,
        workload::random_roles,
    },
    subject::resolve::Subject,
    triage::run::Triage,
};

/// Carries out random sessions until the time is over.
///
/// # Errors
///
/// For a target that cannot be reached, and for results that cannot be added up.
pub(crate) async fn run(
    config: &RunConfig,
    options: &CampaignConfig,
    subject: Subject,
    sessions: Vec<Vec<Operation>>,
    before: Option<SavedState>,
    interrupts: &mut impl Interrupts,
) -> Result<(RunOutcome, Summary), Error> {
    let ready = PreparedRun::of(config, subject, &random_roles(), interrupts).await?;
    if let Some(refused) = &ready.refused {
        config.events.tell(&Event::Hindrance(Hindrance::UploadRefused(refused)));
    }
    let PreparedRun { executor, url, .. } = ready;
    let circumstances = config.circumstances(&url, Selection::Everything);
    let mut campaign = Campaign::begin(&executor, circumstances, options, config, sessions, before);
    let triage = Triage::new(&executor, &options.findings, &url, config);
    let mut triage = triage.after(campaign.told().clone());
    let mut monitor = CrashMonitor::of(&executor, options, &url, config.seed);
    let (stopped, trouble) = loop {
        let stopped = executor.run(&mut campaign, interrupts).await?;
        if let Err(trouble) = campaign.save() {
            break (stopped, Some(trouble));
        }
        if stopped.is_some() {
            break (stopped, None);
        }
        let work = async {
            match campaign.pause() {
                Pause::Over => return Ok(true),
                Pause::Doubt if monitor.is_alive().await => {}
                Pause::Doubt => {
                    let crash = monitor.isolate(campaign.recent()).await?;
                    campaign.record_crash(&crash);
                    return Ok(!crash.is_back);
                }
                Pause::News => follow(&mut campaign, &mut triage).await?,
            }
            Ok::<_, Error>(false)
        };
        tokio::select! {
            over = work => match over {
                Ok(false) => {}
                Ok(true) => break (None, None),
                Err(trouble) => break (None, Some(trouble)),
            },
            code = interrupts.next() => break (Some(code), None),
        }
        campaign.go_on();
    };
    // A signal may have ended the work after some findings were written.
    campaign.remember_told(triage.told());
    let saved = campaign.save();
    let trouble = trouble.or_else(|| saved.err());
    let mut results = campaign.results(stopped)?;
    triage.point_at_folders(&mut results);
    config.events.tell(&Event::Finished(&results));
    Ok((RunOutcome { results, error: trouble }, campaign.summary()))
}

/// Follows what was found, and remembers what of it is written down, be it all or not.
async fn follow(campaign: &mut Campaign<'_>, triage: &mut Triage<'_>) -> Result<(), Error> {
    let results = campaign.so_far();
    let followed = triage.follow(&results, |name| campaign.witness(name)).await;
    campaign.remember_told(triage.told());
    followed
}

/// Carries all sessions of a corpus out and says what they show, and which could not be, by the names of their files.
///
/// # Errors
///
/// For a target that cannot be reached, takes no upload or goes away, and if it was stopped before the end.
pub(crate) async fn measure_coverage(
    config: &RunConfig,
    subject: Subject,
    sessions: &BTreeMap<String, Vec<Operation>>,
    interrupts: &mut impl Interrupts,
) -> Result<(Corpus, BTreeSet<String>), Error> {
    let ready = PreparedRun::of(config, subject, &random_roles(), interrupts).await?;
    if let Some(refused) = ready.refused {
        return Err(Error::unreachable(refused));
    }
    let PreparedRun { executor, url, .. } = ready;
    let circumstances = config.circumstances(&url, Selection::Everything);
    let can = |operations: &Vec<Operation>| {
        executor.random(model::plan("corpus/asked", operations), operations.clone()).is_ok()
    };
    let (tried, untried): (Vec<_>, Vec<_>) =
        sessions.iter().partition(|(_, operations)| can(operations));
    let tried = tried.into_iter().map(|(_, operations)| operations.clone()).collect();
    let mut lesson = Campaign::lesson(&executor, circumstances, tried);
    let mut watch = CrashMonitor::watching(&executor, &url);
    loop {
        if let Some(code) = executor.run(&mut lesson, interrupts).await? {
            return Err(Error::stopped(code, "stopped; nothing was taken away"));
        }
        match lesson.pause() {
            Pause::Over => break,
            Pause::Doubt if !watch.is_alive().await => {
                let gone = "the target takes no uploads any more; nothing was taken away";
                return Err(Error::unreachable(gone));
            }
            Pause::Doubt | Pause::News => lesson.go_on(),
        }
    }
    let untried = untried.into_iter().map(|(name, _)| name.clone()).collect();
    Ok((lesson.into_corpus(), untried))
}

//! `bitscheck fuzz`: random sessions for hours, led by what is new about the answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use bits_judge::{
    campaign::Corpus,
    model::{self, Operation},
    report::Selection,
};

use crate::{
    campaign::{
        crash::Undertaker,
        explore::{Campaign, Pause},
        state::Record,
    },
    cli::{
        Outcome,
        args::{CorpusPrune, FuzzOptions, PowerOptions, TargetOptions, validate},
        commands::{
            corpus::{alone, load, make},
            run::Reports,
            serve::{LIST, find_fault, list_faults},
        },
    },
    error::Error,
    runner::{
        outcome::Done,
        run::{Manner, Ready, fresh_seed, with_embedded},
        workload::random_roles,
    },
    subject::{
        allow::permit,
        resolve::{Aim, Named},
    },
    term::print,
    triage::Chase,
};

/// Why a target has to be on this machine.
const HEAVY: &str = "thousands of sessions, many of them wrong on purpose, are a heavy load";

pub(crate) fn fuzz(options: &FuzzOptions) -> Outcome {
    let server = &options.server;
    if server.fault.as_deref() == Some(LIST) {
        return list_faults();
    }
    let named = named(options.url.as_deref(), server, &options.allow_target)?;
    make(&options.corpus)?;
    let _alone = alone(&options.corpus)?;
    let sessions = load(&options.corpus)?.into_values().collect();
    let aim = Manner::of_campaign(options, named.as_ref(), 0)?.aim();
    let before = Record::load(&options.corpus, options.shard, &aim, server.seed)?;
    let seed = match (server.seed, &before) {
        (Some(seed), _) => seed,
        (None, Some(record)) => record.seed,
        (None, None) => fresh_seed()?,
    };
    let manner = Manner::of_campaign(options, named.as_ref(), seed)?;
    let reports = Reports::open(&options.reporting.report)?;
    if let Some(remark) = named.as_ref().and_then(|named| named.remark(server)) {
        reports.say_first(&remark);
    }
    let done = on_target(&manner, server, named, async |aim| {
        run(&manner, options, aim, sessions, before).await
    })?;
    done.show(reports)
}

/// Carries all sessions of a corpus out and says what they show, and which could not be, by the names of their files.
///
/// # Errors
///
/// For a target that cannot be reached, takes no upload or goes away, and if it was stopped before the end.
pub(crate) fn learn(
    options: &CorpusPrune,
    sessions: &BTreeMap<String, Vec<Operation>>,
) -> Result<(Corpus, BTreeSet<String>), Error> {
    let named = named(options.url.as_deref(), &options.server, &options.allow_target)?;
    let manner = Manner::of_lesson(&options.server, named.as_ref())?;
    on_target(&manner, &options.server, named, async |aim| {
        let ready = Ready::of(&manner, aim, &random_roles()).await?;
        if let Some(refused) = ready.refused {
            return Err(Error::unreachable(refused));
        }
        let Ready { suite, mut signals, url, .. } = ready;
        let circumstances = manner.circumstances(&url, Selection::Everything);
        let can = |operations: &Vec<Operation>| {
            suite.random(model::plan("corpus/asked", operations), operations.clone()).is_ok()
        };
        let (tried, untried): (Vec<_>, Vec<_>) =
            sessions.iter().partition(|(_, operations)| can(operations));
        let tried = tried.into_iter().map(|(_, operations)| operations.clone()).collect();
        let mut lesson = Campaign::lesson(&suite, circumstances, tried);
        let mut watch = Undertaker::watching(&suite, &url);
        loop {
            if let Some(code) = suite.carry_out(&mut lesson, &mut signals).await? {
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
    })
}

/// The target that is named, if it may be loaded.
fn named(
    url: Option<&str>,
    server: &TargetOptions,
    allowed: &[String],
) -> Result<Option<Named>, Error> {
    validate::refuse_with_target(url, server)?;
    let named = Named::by(url, server)?;
    match &named {
        Some(named) => permit(named.url(), allowed, HEAVY)?,
        None => validate::refuse_without_target(server, &PowerOptions::default())?,
    }
    Ok(named)
}

/// Does something with the target that is named, or with the embedded server.
fn on_target<T>(
    manner: &Manner,
    server: &TargetOptions,
    named: Option<Named>,
    work: impl AsyncFnOnce(Aim) -> Result<T, Error>,
) -> Result<T, Error> {
    let profile = server.profile.map(Into::into);
    let fault = server.fault.as_deref().map(find_fault).transpose()?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    let done = runtime.block_on(async {
        match named {
            Some(named) => work(Aim::at(named, server).await?).await,
            None => with_embedded(manner, fault, profile, work).await,
        }
    });
    runtime.shutdown_background();
    done
}

async fn run(
    manner: &Manner,
    options: &FuzzOptions,
    aim: Aim,
    sessions: Vec<Vec<Operation>>,
    before: Option<Record>,
) -> Result<Done, Error> {
    let ready = Ready::of(manner, aim, &random_roles()).await?;
    if let Some(refused) = &ready.refused {
        print::remark(refused);
    }
    let Ready { suite, mut signals, url, .. } = ready;
    let circumstances = manner.circumstances(&url, Selection::Everything);
    let mut campaign = Campaign::begin(&suite, circumstances, options, manner, sessions, before);
    let chase = Chase::new(&suite, &options.findings, &url, manner);
    let mut chase = chase.after(campaign.told().clone());
    let mut undertaker = Undertaker::of(&suite, options, &url, manner.seed);
    let (stopped, trouble) = loop {
        let stopped = suite.carry_out(&mut campaign, &mut signals).await?;
        if let Err(trouble) = campaign.save() {
            break (stopped, Some(trouble));
        }
        if stopped.is_some() {
            break (stopped, None);
        }
        let work = async {
            match campaign.pause() {
                Pause::Over => return Ok(true),
                Pause::Doubt if undertaker.is_alive().await => {}
                Pause::Doubt => {
                    let death = undertaker.bury(campaign.recent()).await?;
                    campaign.mourn(&death);
                    return Ok(!death.is_back);
                }
                Pause::News => follow(&mut campaign, &mut chase).await?,
            }
            Ok::<_, Error>(false)
        };
        tokio::select! {
            over = work => match over {
                Ok(false) => {}
                Ok(true) => break (None, None),
                Err(trouble) => break (None, Some(trouble)),
            },
            code = signals.next() => break (Some(code), None),
        }
        campaign.go_on();
    };
    // A signal may have ended the work after some findings were written.
    campaign.remember_told(chase.told());
    let saved = campaign.save();
    let trouble = trouble.or_else(|| saved.err());
    let mut results = campaign.results(stopped)?;
    chase.point_at_folders(&mut results);
    print::remark(&campaign.sum());
    Ok(Done { results, trouble })
}

/// Follows what was found, and remembers what of it is written down, be it all or not.
async fn follow(campaign: &mut Campaign<'_>, chase: &mut Chase<'_>) -> Result<(), Error> {
    let results = campaign.so_far();
    let followed = chase.follow(&results, |name| campaign.witness(name)).await;
    campaign.remember_told(chase.told());
    followed
}

/// A time as people say it: `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The time since then, and none before it.
pub(crate) fn since(began: Instant) -> Duration {
    Instant::now().saturating_duration_since(began)
}

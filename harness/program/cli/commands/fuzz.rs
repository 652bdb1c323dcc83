//! `bitscheck fuzz`: random sessions for hours, led by what is new about the answers.

use std::collections::{BTreeMap, BTreeSet};

use bits_judge::{campaign::Corpus, model::Operation};

use crate::{
    campaign::{
        self,
        explore::Summary,
        state::SavedState,
        store::{create, lock},
    },
    cli::{
        Outcome,
        args::{
            config,
            fuzz::{CorpusPrune, FuzzOptions},
            run::PowerOptions,
            target::TargetOptions,
            validate,
        },
        commands::{
            corpus::load,
            run::{Reports, finish},
            serve::{LIST, find_fault, list_faults},
        },
        live::{clock, signals},
    },
    error::Error,
    runner::{
        options::{RunConfig, fresh_seed},
        run::with_embedded,
    },
    subject::{
        allow::require_allowed_host,
        resolve::{Subject, SubjectSpec},
    },
    term::print,
};

/// Why a target has to be on this machine.
const HEAVY: &str = "thousands of sessions, many of them wrong on purpose, are a heavy load";

pub(crate) fn fuzz(options: &FuzzOptions) -> Outcome {
    let server = &options.server;
    if server.fault.as_deref() == Some(LIST) {
        return list_faults();
    }
    let named = named(options.url.as_deref(), server, &options.allow_target)?;
    create(&options.corpus)?;
    let _lock = lock(&options.corpus)?;
    let sessions = load(&options.corpus)?.into_values().collect();
    let identity = config::of_campaign(options, named.as_ref(), 0)?.identity();
    let before = SavedState::load(&options.corpus, options.shard, &identity, server.seed)?;
    let seed = match (server.seed, &before) {
        (Some(seed), _) => seed,
        (None, Some(record)) => record.seed,
        (None, None) => fresh_seed()?,
    };
    let config = config::of_campaign(options, named.as_ref(), seed)?;
    let reports = Reports::open(&options.reporting.report)?;
    if let Some(remark) = named.as_ref().and_then(|named| named.remark()) {
        reports.say_first(&remark);
    }
    let wanted = options.campaign();
    let (outcome, summary) = on_target(&config, server, named, async |subject| {
        campaign::run::run(&config, &wanted, subject, sessions, before, &mut signals()?).await
    })?;
    print::note(&summary_line(&summary));
    finish(outcome, reports)
}

/// Carries all sessions of a corpus out and says what they show, and which could not be, by the names of their files.
///
/// # Errors
///
/// For a target that cannot be reached, takes no upload or goes away, and if it was stopped before the end.
pub(crate) fn measure_coverage(
    options: &CorpusPrune,
    sessions: &BTreeMap<String, Vec<Operation>>,
) -> Result<(Corpus, BTreeSet<String>), Error> {
    let named = named(options.url.as_deref(), &options.server, &options.allow_target)?;
    let config = config::of_lesson(&options.server, named.as_ref())?;
    on_target(&config, &options.server, named, async |subject| {
        campaign::run::measure_coverage(&config, subject, sessions, &mut signals()?).await
    })
}

/// The target that is named, if it may be loaded.
fn named(
    url: Option<&str>,
    server: &TargetOptions,
    allowed: &[String],
) -> Result<Option<SubjectSpec>, Error> {
    validate::refuse_with_target(url, server)?;
    let named = server.named(url)?;
    match &named {
        Some(named) => require_allowed_host(named.url(), allowed, HEAVY)?,
        None => validate::refuse_without_target(server, &PowerOptions::default())?,
    }
    Ok(named)
}

/// Does something with the target that is named, or with the embedded server.
fn on_target<T>(
    config: &RunConfig,
    server: &TargetOptions,
    named: Option<SubjectSpec>,
    work: impl AsyncFnOnce(Subject) -> Result<T, Error>,
) -> Result<T, Error> {
    let profile = server.profile.map(Into::into);
    let fault = server.fault.as_deref().map(find_fault).transpose()?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(async {
        match named {
            Some(named) => work(Subject::at(named, &server.overrides()).await?).await,
            None => with_embedded(config, fault, profile, work).await,
        }
    });
    runtime.shutdown_background();
    outcome
}

/// One line at the end.
fn summary_line(summary: &Summary) -> String {
    format!(
        "fuzz: {} sessions in {} · {} completed an upload · {} features, shown by {} sessions · seed {:x}",
        summary.sessions,
        clock(summary.took),
        summary.uploading,
        summary.features,
        summary.corpus,
        summary.seed
    )
}

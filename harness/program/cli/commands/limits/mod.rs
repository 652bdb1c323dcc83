//! `bitscheck limits`: how much a server takes at once.

mod subject;

use std::time::Duration;

use crate::{
    cli::{
        Outcome,
        args::limits::LimitsOptions,
        commands::serve::{LIST, list_faults},
        live::signals,
    },
    drive::{Driver, Transport},
    error::Error,
    limits::{
        Conditions, Live,
        figures::{Figures, Kind, Preset, SCHEMA_VERSION, Sessions, Verdict},
        measure, report,
    },
    runner::options::fresh_seed,
    subject::{preflight, resolve::Subject},
    term::{
        exit,
        file::ReportFile,
        print::{self, Line},
        signals::Signals,
    },
};

/// How often the line of progress is written anew.
const TICK: Duration = Duration::from_millis(200);

pub(crate) fn limits(options: &LimitsOptions) -> Outcome {
    if options.server.fault.as_deref() == Some(LIST) {
        return list_faults();
    }
    let kinds = kinds(options);
    let named = subject::named(options)?;
    let room = subject::room(options, &kinds, named.is_none())?;
    subject::limits(options)?;
    let reports =
        options.report.iter().map(|wanted| open(wanted)).collect::<Result<Vec<_>, _>>()?;
    if let Some(remark) = named.as_ref().and_then(|named| named.remark()) {
        print::note(&remark);
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    let figures = runtime.block_on(async {
        let (subject, embedded) = subject::reach(named, options).await?;
        let figures = find(options, &subject, &kinds, room).await;
        if let Some(embedded) = embedded {
            embedded.stop().await;
        }
        figures
    });
    runtime.shutdown_background();
    let figures = figures?;
    show(&figures, reports)?;
    Ok(code(&figures, options))
}

/// What is to be measured: what is asked for, and without a wish everything.
fn kinds(options: &LimitsOptions) -> Vec<Kind> {
    if options.kind.is_empty() && options.preset.is_empty() {
        return Kind::ALL.to_vec();
    }
    options.kind.iter().map(|name| Kind::from(*name)).collect()
}

/// Looks at the target and measures it, until it is done or a signal comes.
async fn find(
    options: &LimitsOptions,
    subject: &Subject,
    kinds: &[Kind],
    room: Option<u64>,
) -> Result<Figures, Error> {
    let driver = Driver::new(subject.target.clone(), subject.drive_options(Transport::Raw));
    let driver = driver.map_err(|error| Error::usage(error.to_string()))?;
    let mut signals = signals()?;
    let seed = options.server.seed.map_or_else(fresh_seed, Ok)?;
    let prefix = format!("bitscheck-{seed:08x}.limits.");
    tokio::select! {
        ready = look_at(&driver, subject, &prefix) => ready?,
        code = signals.next() => {
            let message = "stopped before anything was measured";
            return Err(Error::stopped(code, message));
        }
    }
    let live = Live::default();
    let conditions = Conditions {
        driver: &driver,
        host: subject.target.authority(),
        places: subject::places(subject),
        prefix,
        kinds: kinds.to_vec(),
        presets: options.preset.iter().map(|name| Preset::from(*name)).collect(),
        most: subject::most(options),
        room,
        live: &live,
    };
    let mut figures = Figures {
        schema_version: SCHEMA_VERSION,
        program: format!("bitscheck {}", env!("CARGO_PKG_VERSION")),
        target: subject.target.url().to_string(),
        most: subject::most(options),
        limits: vec![],
        presets: vec![],
        sessions: Sessions::default(),
        interrupted: None,
    };
    figures.interrupted = watch(conditions, &live, &mut signals, &mut figures).await?;
    Ok(figures)
}

/// Measures and shows how far it is. The first signal ends the measurement, a second one the putting back as well.
async fn watch(
    conditions: Conditions<'_>,
    live: &Live,
    signals: &mut Signals,
    figures: &mut Figures,
) -> Result<Option<u8>, Error> {
    let progress = Line::new();
    let mut tick = tokio::time::interval(TICK);
    let mut interrupted = None;
    let mut work = std::pin::pin!(measure(conditions, figures));
    loop {
        tokio::select! {
            () = &mut work => break,
            _ = tick.tick() => progress.show(|| line(live)),
            code = signals.next() => {
                if interrupted.replace(code).is_some() {
                    progress.end();
                    let message = format!("stopped; {} sessions are left open", live.open_sessions());
                    return Err(Error::stopped(code, message));
                }
                live.stop();
            }
        }
    }
    progress.end();
    Ok(interrupted)
}

fn line(live: &Live) -> String {
    format!(
        "{} · {} taken · {} sessions open",
        live.kind().as_str(),
        live.taken(),
        live.open_sessions()
    )
}

/// Makes sure that a BITS layer answers, and takes the credentials that there are.
async fn look_at(driver: &Driver, subject: &Subject, prefix: &str) -> Result<(), Error> {
    driver.reach().await.map_err(|error| Error::unreachable(error.to_string()))?;
    for place in subject::places(subject) {
        if let Some(given) = &subject.given {
            given.try_in(place.role, &place.base, driver, prefix).await?;
        }
    }
    preflight::answers(driver, subject.target.base(), prefix).await
}

/// The formats of a report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

fn open(wanted: &str) -> Result<(Format, ReportFile), Error> {
    ReportFile::wanted(wanted, "json=limits.json", |format| match format {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        other => {
            let told = format!("no format of limits is called `{other}`; there are text and json");
            Err(Error::usage(told))
        }
    })
}

fn show(figures: &Figures, reports: Vec<(Format, ReportFile)>) -> Result<(), Error> {
    if !reports.iter().any(|(_, file)| matches!(file, ReportFile::Stdout)) {
        print::print(&report::text(figures));
    }
    for (format, file) in reports {
        file.write(&match format {
            Format::Text => report::text(figures),
            Format::Json => report::json(figures),
        })?;
    }
    Ok(())
}

/// A limit is no failure. What nobody asked for by its name need not be known.
fn code(figures: &Figures, options: &LimitsOptions) -> u8 {
    if let Some(code) = figures.interrupted {
        return code;
    }
    let unknown = figures.limits.iter().filter(|it| it.verdict == Verdict::NotMeasured);
    let asked = |kind: Kind| {
        kind != Kind::SessionsPerUser || options.kind.iter().any(|name| Kind::from(*name) == kind)
    };
    let is_unknown = unknown.map(|it| it.kind).any(asked)
        || figures.presets.iter().any(|preset| preset.met.is_none());
    if is_unknown || !figures.sessions.left.is_empty() { exit::INCOMPLETE } else { exit::KEPT }
}

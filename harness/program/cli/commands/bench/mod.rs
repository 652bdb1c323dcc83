//! `bitscheck bench`: how fast a server takes uploads.

mod watch;

use crate::{
    cli::{
        Outcome,
        args::bench::{BenchFormat, BenchOptions},
        commands::bench::watch::measure,
        live::signals,
    },
    error::Error,
    load::{
        Cell, Extent, Manner, Pace, baseline,
        figures::{Compared, Figures, SCHEMA_VERSION},
        report,
        subject::{BenchSubject, ReachedSubject},
        usage,
    },
    term::{exit, file::ReportFile, print},
};

pub(crate) fn bench(options: &BenchOptions) -> Outcome {
    let cells = cells(options);
    let pace = pace(options);
    let old = baseline_of(options, &cells, pace)?;
    let subject = BenchSubject::of(
        options.url.as_deref(),
        &options.allow_target,
        options.profile_server,
        options.overwrite,
    )?;
    refuse_too_much(options, &cells, &subject)?;
    let file = ReportFile::open(options.output.clone())?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    let figures = runtime.block_on(async {
        let mut signals = signals()?;
        let reached = tokio::select! {
            reached = subject.reach(options.timeout) => reached?,
            code = signals.next() => {
                let message = "stopped before anything was measured";
                return Err(Error::stopped(code, message));
            }
        };
        let manner = manner(options, pace, &reached);
        let mut figures = Figures {
            schema_version: SCHEMA_VERSION,
            program: format!("bitscheck {}", env!("CARGO_PKG_VERSION")),
            target: reached.url.clone(),
            pace,
            warm_up_seconds: options.warm_up.as_secs_f64(),
            interrupted: None,
            baseline: None,
            cells: vec![],
        };
        let measured = measure(options, &cells, manner, &reached, &mut signals, &mut figures).await;
        reached.stop().await;
        measured.map(|()| figures)
    });
    runtime.shutdown_background();
    let mut figures = figures?;
    figures.baseline = old.map(|(file, old)| {
        let (compared, slower) = baseline::compare(&old, &figures.cells, options.threshold);
        Compared { file, threshold: options.threshold, compared, slower }
    });
    show(&figures, options.format, file)?;
    Ok(code(&figures))
}

/// Every combination that is asked for, once.
fn cells(options: &BenchOptions) -> Vec<Cell> {
    let mut cells = Vec::new();
    for fragment in &options.fragment {
        for connections in &options.connections {
            for sessions in &options.sessions {
                let cell = Cell {
                    connections: *connections,
                    sessions: *sessions,
                    fragment: *fragment,
                    file_size: options
                        .file_size
                        .unwrap_or_else(|| Cell::usual_file_size(*fragment)),
                };
                if !cells.contains(&cell) {
                    cells.push(cell);
                }
            }
        }
    }
    cells
}

fn pace(options: &BenchOptions) -> Pace {
    match options.rate {
        Some(per_second) => Pace::Open { per_second, of: options.rate_of.into() },
        None => Pace::Closed,
    }
}

fn manner(options: &BenchOptions, pace: Pace, reached: &ReachedSubject) -> Manner {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let extent = match options.uploads {
        Some(count) => Extent::Uploads(count),
        None => Extent::For(options.duration),
    };
    Manner {
        pace,
        extent,
        warm_up: options.warm_up,
        threads: options.threads.unwrap_or(cores),
        timeout: options.timeout,
        names: reached.names,
        prefix: reached.prefix.clone(),
        budget: options.budget.0,
    }
}

/// What does not fit on the target or into this process is not begun.
fn refuse_too_much(
    options: &BenchOptions,
    cells: &[Cell],
    subject: &BenchSubject,
) -> Result<(), Error> {
    let budget = options.budget;
    if let Some(cell) = cells.iter().find(|cell| cell.in_flight() > budget.0) {
        return Err(Error::usage(format!(
            "{cell} may hold {} bytes at a time on the target, and --budget is {budget}; make --file-size smaller, or \
             the budget larger if there is room",
            cell.in_flight()
        )));
    }
    if let Some(fragment) = options.fragment.iter().find(|it| it.0 > 1 << 30) {
        return Err(Error::usage(format!(
            "a fragment of {fragment} is too large; 1GiB is the most"
        )));
    }
    let most = cells.iter().map(|cell| cell.connections).max().unwrap_or_default() as u64;
    // The ceiling has both ends of each connection in this process, and so has the embedded server.
    let both = options.ceiling.is_zero() && !subject.is_embedded();
    let needed = if both { most } else { 2 * most } + 64;
    match usage::most_open_files().filter(|limit| *limit < needed) {
        Some(limit) => Err(Error::usage(format!(
            "{most} connections need {needed} open files, and this process may have {limit}; raise the limit with \
             `ulimit -n {needed}`"
        ))),
        None => Ok(()),
    }
}

fn baseline_of(
    options: &BenchOptions,
    cells: &[Cell],
    pace: Pace,
) -> Result<Option<(String, Figures)>, Error> {
    let Some(path) = &options.baseline else { return Ok(None) };
    let refuse =
        |error: String| Error::usage(format!("{} cannot be a baseline: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let old = baseline::read(&text, cells, pace).map_err(|error| refuse(error.to_string()))?;
    Ok(Some((path.display().to_string(), old)))
}

fn show(figures: &Figures, format: BenchFormat, file: ReportFile) -> Result<(), Error> {
    let text = match format {
        BenchFormat::Text => report::text(figures),
        BenchFormat::Json => report::json(figures),
        BenchFormat::Html => report::html(figures),
    };
    if matches!(file, ReportFile::File(..)) {
        print::print(&report::text(figures));
    }
    file.write(&text)
}

/// What errors leave of the figures compares with nothing, so they come first.
fn code(figures: &Figures) -> u8 {
    let slower = figures.baseline.as_ref().is_some_and(|compared| !compared.slower.is_empty());
    match figures.interrupted {
        Some(code) => code,
        None if figures.has_errors() => exit::INCOMPLETE,
        None if slower => exit::BREACHED,
        None => exit::KEPT,
    }
}

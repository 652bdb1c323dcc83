//! Measures one combination after the other, shows how far it is, and hears signals.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::{
    cli::args::bench::BenchOptions,
    error::Error,
    load::{
        Cell, Conditions, Manner, bench_cell, figures::Figures, record::Live,
        subject::ReachedSubject,
    },
    term::{print::Line, signals::Signals},
};

/// How often the line of progress is written anew.
const TICK: Duration = Duration::from_millis(200);

/// Measures every cell, until a signal comes; what there is stands in `figures`.
pub(crate) async fn measure(
    options: &BenchOptions,
    cells: &[Cell],
    manner: Manner,
    subject: &ReachedSubject,
    signals: &mut Signals,
    figures: &mut Figures,
) -> Result<(), Error> {
    let (stop, stopped) = watch::channel(false);
    let payload = payload(cells);
    let progress = Line::new();
    for (number, cell) in cells.iter().enumerate() {
        let live = Arc::<Live>::default();
        let conditions = Conditions {
            manner: Manner { prefix: format!("{}{number}.", manner.prefix), ..manner.clone() },
            target: subject.target.clone(),
            payload: Arc::clone(&payload),
            ceiling: options.ceiling,
            probes: options.resumes,
            server: options.profile_server,
            live: Arc::clone(&live),
            stop: stopped.clone(),
        };
        let cell = *cell;
        let mut work = tokio::task::spawn_blocking(move || bench_cell(cell, &conditions));
        let began = Instant::now();
        let mut tick = tokio::time::interval(TICK);
        let measured = loop {
            tokio::select! {
                measured = &mut work => break measured,
                _ = tick.tick() => {
                    progress.show(|| line(number, cells, &live, began.elapsed()));
                }
                code = signals.next(), if figures.interrupted.is_none() => {
                    figures.interrupted = Some(code);
                    stop.send_replace(true);
                }
            }
        };
        progress.end();
        let measured = measured
            .map_err(|error| Error::internal(error.to_string()))?
            .map_err(|error| Error::internal(format!("cannot measure: {error}")))?;
        figures.cells.push(measured);
        if figures.interrupted.is_some() {
            break;
        }
    }
    Ok(())
}

fn line(number: usize, cells: &[Cell], live: &Live, since: Duration) -> String {
    let seconds = since.as_secs_f64().max(0.001);
    let rate = live.bytes.load(Ordering::Relaxed) as f64 / seconds / f64::from(1 << 20);
    format!(
        "[{}/{}] {} · {seconds:.0} s · {rate:.0} MiB/s · {} uploads · {} errors",
        number + 1,
        cells.len(),
        cells[number].fragment,
        live.uploads.load(Ordering::Relaxed),
        live.errors.load(Ordering::Relaxed)
    )
}

/// The payload for the longest fragment of all.
fn payload(cells: &[Cell]) -> Arc<[u8]> {
    let longest = cells.iter().map(|cell| cell.fragment.min(cell.file_size).0).max();
    crate::load::payload(longest.unwrap_or(1))
}

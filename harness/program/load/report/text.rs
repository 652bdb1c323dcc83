//! Figures for a terminal.

use std::fmt::Write as _;

use super::units::{bytes, grouped, percent, short, time};
use crate::load::{
    figures::{CellFigures, Compared, Figures, Rates},
    record::Timed,
    work::{Pace, Paced},
};

/// Renders the figures.
#[must_use]
pub fn render(figures: &Figures) -> String {
    let mut text = format!(
        "{} · bench · target {} · {} · warm-up {} s\n",
        figures.program,
        figures.target,
        paced(figures.pace),
        short(figures.warm_up_seconds)
    );
    for cell in &figures.cells {
        one(&mut text, cell, figures.pace);
    }
    if let Some(compared) = &figures.baseline {
        baseline(&mut text, compared);
    }
    if figures.interrupted.is_some() {
        text.push_str("\ninterrupted; this is what there is\n");
    }
    text
}

/// The pace in words.
pub(super) fn paced(pace: Pace) -> String {
    match pace {
        Pace::Closed => "closed loop".into(),
        Pace::Open { per_second, of } => {
            format!("open loop, {} {}/s", short(per_second), of.as_str())
        }
    }
}

fn one(text: &mut String, cell: &CellFigures, pace: Pace) {
    _ = writeln!(text, "\n{} · {} s", cell.cell, short(cell.seconds));
    line(text, "reached", &rates(cell.rates));
    if let Pace::Open { per_second, of } = pace {
        let rate = match of {
            Paced::Fragments => cell.rates.fragments,
            Paced::Sessions => cell.rates.sessions,
        };
        let kept = percent(rate / per_second);
        line(
            text,
            "offered",
            &format!("{} {}/s · answered {kept}", short(per_second), of.as_str()),
        );
    }
    if let Some(ceiling) = cell.ceiling {
        let ratio = percent(ceiling.ratio.bytes);
        line(text, "ceiling", &format!("{} · reached {ratio} of it", rates(ceiling.rates)));
    }
    let count = &cell.counts;
    let mut sent = format!(
        "{} in {} fragments, {} uploads closed",
        bytes(count.bytes as f64),
        grouped(count.fragments as f64),
        grouped(count.sessions as f64)
    );
    for (number, what) in [
        (count.cancelled, "cancelled so that the disk does not fill"),
        (count.abandoned, "given up"),
    ] {
        if number > 0 {
            _ = write!(sent, ", {} {what}", grouped(number as f64));
        }
    }
    line(text, "sent", &sent);
    latencies(text, cell);
    line(text, "generator", &generator(cell));
    if let Some(server) = cell.server {
        let ended = if server.ended { " · THE PROCESS ENDED" } else { "" };
        let memory = bytes(server.resident_bytes_max as f64);
        let used = format!(
            "process {}: {} cores, {memory} at most{ended}",
            server.pid,
            short(server.cores)
        );
        line(text, "server", &used);
    }
    for (what, count) in &cell.errors {
        line(text, "ERROR", &format!("{what}: {} times", grouped(*count as f64)));
    }
    for limit in &cell.generator.limits {
        line(text, "LIMIT", &format!("the generator is what was measured: {limit}"));
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    _ = writeln!(text, "  {name:<10} {value}");
}

fn rates(rates: Rates) -> String {
    format!(
        "{}/s · {} fragments/s · {} sessions/s",
        bytes(rates.bytes),
        short(rates.fragments),
        short(rates.sessions)
    )
}

fn latencies(text: &mut String, cell: &CellFigures) {
    if cell.latencies.is_empty() {
        return;
    }
    _ = writeln!(
        text,
        "  {:<16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "latency", "count", "p50", "p90", "p99", "p99.9", "max"
    );
    for (name, it) in in_order(cell) {
        let [p50, p90, p99, p999, max] = [it.p50, it.p90, it.p99, it.p999, it.max].map(time);
        let count = grouped(it.count as f64);
        _ = writeln!(text, "  {name:<16} {count:>9} {p50:>9} {p90:>9} {p99:>9} {p999:>9} {max:>9}");
    }
}

/// The latencies in the order in which an upload has them, with names for people.
pub(super) fn in_order(
    cell: &CellFigures,
) -> impl Iterator<Item = (String, &crate::load::figures::Latency)> {
    Timed::ALL.iter().filter_map(|what| {
        let latency = cell.latencies.get(what.as_str())?;
        Some((what.as_str().replace('_', " "), latency))
    })
}

/// What the generator used, in one line.
pub(super) fn generator(cell: &CellFigures) -> String {
    let it = &cell.generator;
    let plural = if it.threads == 1 { "" } else { "s" };
    let mut text = format!("{} thread{plural}", it.threads);
    match (it.busiest_thread, it.share_of_machine) {
        (Some(busy), Some(share)) => {
            _ = write!(
                text,
                ", the busiest {} of the time · {} of the machine",
                percent(busy),
                percent(share)
            );
        }
        _ => text.push_str("; this system does not tell what they used"),
    }
    if let Some(rate) = it.fragments_per_cpu_second {
        _ = write!(text, " · {} fragments per CPU second", grouped(rate));
    }
    text
}

fn baseline(text: &mut String, compared: &Compared) {
    _ = writeln!(
        text,
        "\n{} figures compared with {}, at least {} of each",
        compared.compared,
        compared.file,
        percent(compared.threshold)
    );
    for slower in &compared.slower {
        _ = writeln!(
            text,
            "  SLOWER     {} · {}: {} was {} ({})",
            slower.cell,
            slower.figure,
            short(slower.is),
            short(slower.was),
            percent(slower.ratio)
        );
    }
}

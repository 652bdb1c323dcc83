//! Plots as SVG inside a page, without a script.

use std::fmt::Write as _;

use super::{
    html::escaped,
    units::{bytes, percent, time},
};
use crate::load::figures::CellFigures;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 230.0;
const ROW: f64 = 30.0;

/// What was reached and the ceiling, a bar each for every combination.
pub(super) fn throughput(cells: &[CellFigures]) -> String {
    let top = |cell: &CellFigures| {
        cell.ceiling.map_or(0.0, |ceiling| ceiling.rates.bytes).max(cell.rates.bytes)
    };
    let most = cells.iter().map(top).fold(1.0, f64::max);
    let height = ROW * cells.len() as f64 + 10.0;
    let mut svg = open(height, "bytes per second of each combination, and the ceiling");
    for (at, cell) in cells.iter().enumerate() {
        let y = 5.0 + ROW * at as f64;
        let long = |rate: f64| (WIDTH - LEFT - 90.0) * rate / most;
        let ceiling = cell.ceiling.map_or(0.0, |ceiling| ceiling.rates.bytes);
        _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"top\" x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"18\"/>\
             <rect class=\"got\" x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"10\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{}/s</text>",
            LEFT - 8.0,
            y + 14.0,
            escaped(&name(cell)),
            y,
            long(ceiling),
            y + 4.0,
            long(cell.rates.bytes),
            LEFT + long(top(cell)) + 6.0,
            y + 14.0,
            bytes(cell.rates.bytes)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// A short name of a combination.
pub(super) fn name(cell: &CellFigures) -> String {
    let cell = &cell.cell;
    format!("{} · {} × {}", cell.fragment, cell.connections, cell.sessions)
}

/// The latencies of fragments: to the right ever rarer ones, upwards longer ones, both in powers of ten.
pub(super) fn latency(cells: &[CellFigures]) -> String {
    let times = cells.iter().flat_map(|cell| cell.fragment_curve.iter().map(|(_, time)| *time));
    let (least, most) = times.fold((f64::MAX, 1.0_f64), |(least, most), time| {
        (least.min(time.max(1.0)), most.max(time))
    });
    if least == f64::MAX {
        return String::new();
    }
    let (low, high) = (least.log10().floor(), most.log10().ceil().max(least.log10().floor() + 1.0));
    let (height, left, right) = (300.0, 70.0, WIDTH - 150.0);
    // One in ten, a hundred, a thousand: each as far again; the last place is that of the longest.
    let rarest = 4.5;
    let x = |part: f64| {
        let rarity = if part >= 1.0 { rarest } else { -(1.0 - part).log10() };
        left + (right - left) * rarity.min(rarest) / rarest
    };
    let y = |time: f64| {
        let part = (time.max(1.0).log10() - low) / (high - low);
        height - 30.0 - (height - 50.0) * part
    };
    let mut svg = open(height, "latencies of fragments");
    let mut power = low;
    while power <= high {
        let at = y(10_f64.powf(power));
        _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 6.0,
            at + 4.0,
            time(10_f64.powf(power))
        );
        power += 1.0;
    }
    for (part, name) in
        [(0.0, "min"), (0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9"), (1.0, "max")]
    {
        let (at, below) = (x(part), height - 12.0);
        _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{name}</text>");
    }
    for (number, cell) in cells.iter().enumerate() {
        curve(&mut svg, number, cell, &x, &y);
    }
    svg.push_str("</svg>\n");
    svg
}

fn curve(
    svg: &mut String,
    number: usize,
    cell: &CellFigures,
    x: &dyn Fn(f64) -> f64,
    y: &dyn Fn(f64) -> f64,
) {
    let Some((part, last)) = cell.fragment_curve.last() else { return };
    let points =
        cell.fragment_curve.iter().map(|(part, time)| format!("{:.1},{:.1}", x(*part), y(*time)));
    let points: Vec<_> = points.collect();
    let colour = number * 47 % 360;
    _ = writeln!(
        svg,
        "<polyline style=\"stroke:hsl({colour} 65% 45%)\" points=\"{}\"><title>{}</title></polyline>\
         <text style=\"fill:hsl({colour} 65% 45%)\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        points.join(" "),
        escaped(&name(cell)),
        x(*part) + 6.0,
        y(*last) + 4.0,
        escaped(&name(cell))
    );
}

/// The part of the ceiling as words.
pub(super) fn part_of_ceiling(cell: &CellFigures) -> String {
    cell.ceiling.map_or_else(|| "–".into(), |ceiling| percent(ceiling.ratio.bytes))
}

fn open(height: f64, label: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\">\n"
    )
}

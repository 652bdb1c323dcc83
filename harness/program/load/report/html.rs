//! Figures as a page: one file without scripts and without anything from elsewhere.

use std::fmt::Write as _;

use super::{
    plot,
    text::{generator, in_order, paced},
    units::{bytes, grouped, percent, short, time},
};
use crate::load::figures::{CellFigures, Compared, Figures};

const STYLE: &str = "\
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:78rem;padding:0 1rem;color:#1c2024;background:#fff}\
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse}th{text-align:left}\
td,th{padding:.3rem .6rem;border-bottom:1px solid #e2e5e9}td.n,th.n{text-align:right}\
.bad{color:#c62828;font-weight:600}svg{font:12px system-ui,sans-serif;max-width:100%;height:auto}svg text{fill:currentColor}\
.top{fill:#d5dae0}.got{fill:#2e6fbe}.grid{stroke:#d5dae0}polyline{fill:none;stroke-width:2}\
@media(prefers-color-scheme:dark){body{background:#15181c;color:#e4e7ea}td,th{border-color:#2c3238}.top{fill:#39414a}\
.grid{stroke:#39414a}.got{fill:#6aa5ec}.bad{color:#ff8a80}}";

/// Renders the figures as a page.
#[must_use]
pub fn render(figures: &Figures) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>bitscheck bench</title>\n\
         <style>{STYLE}</style></head>\n<body>\n<h1>bitscheck bench: {}</h1>\n<p>{} · {} · warm-up {} s</p>\n",
        escaped(&figures.target),
        escaped(&figures.program),
        paced(figures.pace),
        short(figures.warm_up_seconds)
    );
    if figures.interrupted.is_some() {
        page.push_str("<p class=\"bad\">interrupted; this is what there is</p>\n");
    }
    if let Some(compared) = &figures.baseline {
        baseline(&mut page, compared);
    }
    page.push_str("<h2>Throughput</h2>\n<p>Wide and pale: what the generator reaches with a server that does nothing.</p>\n");
    page.push_str(&plot::throughput(&figures.cells));
    table(&mut page, &figures.cells);
    page.push_str("<h2>Latency of fragments</h2>\n");
    page.push_str(&plot::latency(&figures.cells));
    for cell in &figures.cells {
        one(&mut page, cell);
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn table(page: &mut String, cells: &[CellFigures]) {
    page.push_str(
        "<table>\n<tr><th>fragments · connections × sessions</th><th class=\"n\">bytes/s</th>\
         <th class=\"n\">of the ceiling</th><th class=\"n\">fragments/s</th><th class=\"n\">sessions/s</th></tr>\n",
    );
    for cell in cells {
        _ = writeln!(
            page,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escaped(&plot::name(cell)),
            bytes(cell.rates.bytes),
            plot::part_of_ceiling(cell),
            short(cell.rates.fragments),
            short(cell.rates.sessions)
        );
    }
    page.push_str("</table>\n");
}

fn one(page: &mut String, cell: &CellFigures) {
    _ = writeln!(page, "<h2>{}</h2>", escaped(&cell.cell.to_string()));
    for (what, count) in &cell.errors {
        let times = grouped(*count as f64);
        _ = writeln!(page, "<p class=\"bad\">error: {}: {times} times</p>", escaped(what));
    }
    for limit in &cell.generator.limits {
        _ = writeln!(
            page,
            "<p class=\"bad\">the generator is what was measured: {}</p>",
            escaped(limit)
        );
    }
    _ = writeln!(page, "<p>Generator: {}.</p>", escaped(&generator(cell)));
    if let Some(server) = cell.server {
        _ = writeln!(
            page,
            "<p>Server, process {}: {} cores, {} at most.</p>",
            server.pid,
            short(server.cores),
            bytes(server.resident_bytes_max as f64)
        );
    }
    page.push_str("<table>\n<tr><th>latency</th>");
    for name in ["count", "mean", "p50", "p90", "p99", "p99.9", "max"] {
        _ = write!(page, "<th class=\"n\">{name}</th>");
    }
    page.push_str("</tr>\n");
    for (name, it) in in_order(cell) {
        _ = write!(page, "<tr><td>{name}</td><td class=\"n\">{}</td>", grouped(it.count as f64));
        for value in [it.mean, it.p50, it.p90, it.p99, it.p999, it.max] {
            _ = write!(page, "<td class=\"n\">{}</td>", time(value));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table>\n");
}

fn baseline(page: &mut String, compared: &Compared) {
    _ = writeln!(
        page,
        "<p>{} figures compared with {}, at least {} of each.</p>",
        compared.compared,
        escaped(&compared.file),
        percent(compared.threshold)
    );
    for slower in &compared.slower {
        _ = writeln!(
            page,
            "<p class=\"bad\">{} · {}: {} was {} ({})</p>",
            escaped(&slower.cell.to_string()),
            escaped(&slower.figure),
            short(slower.is),
            short(slower.was),
            percent(slower.ratio)
        );
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::report::sample;

    #[test]
    fn a_page_is_alone_in_the_world_and_harmless() {
        let page = render(&sample::compared());
        for word in ["<script", "src=", "href=", "url(", "<closed>"] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("&lt;closed&gt;") && page.contains("(50 %)"));
        assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
        assert_eq!(page.matches("<polyline").count(), 2);
    }
}

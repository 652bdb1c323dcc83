//! The kill matrix as a page: one file without scripts and without anything from elsewhere.

use std::fmt::Write as _;

use super::{
    Fortune, Matrix, Row,
    text::{ending, found, seconds},
};

const STYLE: &str = "\
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:78rem;padding:0 1rem;color:#1c2024;background:#fff}\
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}th{position:sticky;top:0;background:#fff;text-align:left}\
td,th{padding:.3rem .6rem;border-bottom:1px solid #e2e5e9;vertical-align:top}td.n{text-align:right}\
code{font:13px ui-monospace,monospace}.about{color:#5b6570}.killed td:first-child{border-left:4px solid #2e9e5b}\
.survived,.misnamed{background:#fdecea}.survived td:first-child,.misnamed td:first-child{border-left:4px solid #c62828}\
pre{white-space:pre-wrap}\
@media(prefers-color-scheme:dark){body,th{background:#15181c;color:#e4e7ea}td,th{border-color:#2c3238}\
.about{color:#9aa4ae}.survived,.misnamed{background:#3a1d1d}}";

/// Renders the matrix as a page.
#[must_use]
pub fn render(matrix: &Matrix) -> String {
    let mut rows = String::new();
    for row in &matrix.rows {
        rows.push_str(&line(row));
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>bitscheck selftest</title>\n\
         <style>{STYLE}</style></head>\n<body>\n<h1>bitscheck selftest: {}</h1>\n\
         <p>{} faults, seeded one at a time into the reference server; what the harness made of each.</p>\n\
         <table>\n<thead><tr><th>fault</th><th>clause</th><th>dialect</th><th>found by</th><th>first seen in</th>\
         <th>steps</th><th>seconds</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n<pre>{}</pre>\n</body>\n</html>\n",
        if matrix.is_sound() { "sound" } else { "not sound" },
        matrix.rows.len(),
        escaped(&ending(matrix)),
    )
}

fn line(row: &Row) -> String {
    let (scenario, steps) = match &row.trial.first {
        Some((scenario, at)) => (escaped(scenario), at.to_string()),
        None => (String::new(), String::new()),
    };
    let mut found = escaped(&found(row));
    if row.fortune == Fortune::Killed {
        found = format!("<code>{found}</code>");
    }
    let mut line = String::new();
    _ = writeln!(
        line,
        "<tr class=\"{}\"><td><code>{}</code><br><span class=\"about\">{}</span></td><td><code>{}</code></td>\
         <td>{}</td><td>{found}</td><td><code>{scenario}</code></td><td class=\"n\">{steps}</td><td class=\"n\">{}</td></tr>",
        row.fortune.as_str(),
        escaped(row.fault.name()),
        escaped(row.fault.title()),
        escaped(row.fault.clause()),
        row.dialect.as_str(),
        seconds(row).map_or_else(String::new, |seconds| format!("{seconds:.1}")),
    );
    line
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

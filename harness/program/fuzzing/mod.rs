//! What coverage-guided fuzzing tries: each target takes bytes and panics where a property does not hold.
//!
//! The targets of `fuzz/` are one line each and lead here, so that their bodies are compiled, linted and replayed over
//! the corpus with everything else. What is read twice is read by `plain` as well, which is slow and says it plainly.

mod accounting;
mod answers;
mod connection;
mod documents;
mod downloads;
mod headers;
mod judging;
mod made;
mod multipart;
mod notation;
mod operations;
mod paths;
mod plain;
mod rehearsal;
mod reports;
mod seeds;
mod sessions;
mod values;
#[cfg(test)]
mod verdicts;

pub use answers::{chunked_body, http_answer};
pub use connection::server_connection;
pub use documents::{scenario_yaml, server_settings, target_toml};
pub use downloads::download_ranges;
pub use headers::{authentication, header_values, request_head};
pub use judging::{judged_exchanges, judged_notation};
pub use multipart::multipart;
pub use notation::transcript_notation;
pub use paths::request_path;
pub use reports::result_reports;
pub use seeds::{Seed, seeds};
pub use sessions::{Rehearsed, rehearse, session_machine};
pub use values::{content_range, guid, hresult};

/// A target: its name and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name.
pub const TARGETS: &[Target] = &[
    ("http_answer", http_answer),
    ("chunked_body", chunked_body),
    ("request_head", request_head),
    ("content_range", content_range),
    ("guid", guid),
    ("hresult", hresult),
    ("header_values", header_values),
    ("authentication", authentication),
    ("request_path", request_path),
    ("scenario_yaml", scenario_yaml),
    ("target_toml", target_toml),
    ("server_settings", server_settings),
    ("transcript_notation", transcript_notation),
    ("result_reports", result_reports),
    ("server_connection", server_connection),
    ("download_ranges", download_ranges),
    ("multipart", multipart),
    ("session_machine", session_machine),
    ("judged_notation", judged_notation),
    ("judged_exchanges", judged_exchanges),
];

//! How figures are shown: as text, as JSON and as a page. No I/O, no clock.

mod html;
mod plot;
#[cfg(test)]
pub(crate) mod sample;
mod text;
mod units;

pub use self::{html::render as html, text::render as text};
use super::figures::Figures;

/// Renders the figures as one JSON document, which can be a baseline.
#[must_use]
pub fn json(figures: &Figures) -> String {
    let mut text =
        serde_json::to_string_pretty(figures).expect("text, numbers and lists are always JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let figures = sample::figures();
        assert_eq!(serde_json::from_str::<Figures>(&json(&figures)).unwrap(), figures);
    }

    #[test]
    fn the_sample_looks_as_it_did_in_every_format() {
        let figures = sample::figures();
        insta::assert_snapshot!("bench-text", text(&figures));
        insta::assert_snapshot!("bench-html", html(&figures));
        insta::assert_snapshot!("bench-json", json(&figures));
    }
}

//! The checks over any transcript: they never panic and never contradict their own sums.

use arbitrary::Unstructured;
use bits_judge::transcript::Transcript;

use super::{accounting, made};

/// A transcript in its notation, judged.
pub fn judged_notation(data: &[u8]) {
    let text = std::str::from_utf8(data).ok();
    if let Some(transcript) = text.and_then(|text| text.parse::<Transcript>().ok()) {
        accounting::hold(&transcript);
    }
}

/// A transcript made of what uploads are made of, judged.
pub fn judged_exchanges(data: &[u8]) {
    if let Ok(transcript) = made::transcript(&mut Unstructured::new(data)) {
        accounting::hold(&transcript);
    }
}

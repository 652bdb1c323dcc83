//! The notation of transcripts.

use bits_judge::transcript::Transcript;

/// What is written of a transcript is read as the same transcript, and written so again.
pub fn transcript_notation(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let transcript = match text.parse::<Transcript>() {
        Ok(transcript) => transcript,
        Err(error) => {
            assert!(error.line <= text.lines().count() && !error.problem.is_empty(), "{error}");
            return;
        }
    };
    for (at, exchange) in transcript.exchanges.iter().enumerate() {
        assert_eq!(exchange.number, at + 1);
    }
    let written = transcript.to_string();
    let again: Transcript = written.parse().unwrap_or_else(|error| panic!("{error} of\n{written}"));
    assert_eq!(again, transcript, "\n{written}");
    assert_eq!(again.to_string(), written);
}

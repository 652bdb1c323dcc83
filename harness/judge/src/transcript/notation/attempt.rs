//! The first attempt at a request that was sent twice, in a line of words.

use std::{fmt, time::Duration};

use super::{read::silence, write::silence_word};
use crate::transcript::Attempt;

/// Writes the line; nothing if there was one attempt.
pub(super) fn write(attempt: Option<&Attempt>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(Attempt { connection, took, sent, silence }) = attempt else { return Ok(()) };
    let word = silence_word(silence);
    let word = word.trim_start_matches('!');
    writeln!(out, "? {word} connection={connection} took={} sent={sent}", took.as_micros())
}

/// Reads what stands behind the mark. A value that is left out is zero.
pub(super) fn read(rest: &str) -> Result<Attempt, String> {
    let mut words = rest.split(' ');
    let silence = silence(words.next().unwrap_or_default())?;
    let mut attempt = Attempt { connection: 0, took: Duration::ZERO, sent: 0, silence };
    for word in words {
        let (key, value) =
            word.split_once('=').ok_or_else(|| format!("expected key=value, got `{word}`"))?;
        let value: u64 = value.parse().map_err(|_| format!("expected a number in `{word}`"))?;
        match key {
            "connection" => {
                attempt.connection =
                    value.try_into().map_err(|_| format!("`{word}` is too large"))?;
            }
            "took" => attempt.took = Duration::from_micros(value),
            "sent" => attempt.sent = value,
            _ => return Err(format!("`{key}` is not one of connection, took, sent")),
        }
    }
    Ok(attempt)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::transcript::{Silence, Transcript};

    #[test]
    fn a_first_attempt_is_written_and_read_as_the_same_and_is_no_exchange() {
        let text = "> Ping\n< 200 Ack\n> Close-Session\n? closed connection=1 took=310 sent=7\n< 200 Ack\n\
            > Ping\n? reset\n< !closed\n";
        let transcript: Transcript = text.parse().unwrap();
        let [before, close, ping] = transcript.exchanges.as_slice() else { panic!("three") };
        assert_eq!(before.retried, None);
        let first = close.retried.as_deref().unwrap();
        assert_eq!((first.connection, first.sent), (1, 7));
        assert_eq!((&first.silence, first.took), (&Silence::Closed, Duration::from_micros(310)));
        assert_eq!(ping.retried.as_ref().unwrap().silence, Silence::Reset);
        let written = transcript.to_string();
        assert!(written.contains("\n? closed connection=1 took=310 sent=7\n"), "{written}");
        assert_eq!(written.parse::<Transcript>().unwrap(), transcript, "{written}");
    }

    #[test]
    fn a_malformed_attempt_is_refused() {
        for (line, problem) in [
            ("? tired", "tired"),
            ("? closed late", "key=value"),
            ("? closed sent=x", "a number"),
            ("? closed connection=9999999999", "too large"),
            ("? closed speed=1", "is not one of connection"),
        ] {
            let error = format!("> Ping\n{line}\n< 200\n").parse::<Transcript>().unwrap_err();
            assert!(error.problem.contains(problem), "{error}");
        }
    }
}

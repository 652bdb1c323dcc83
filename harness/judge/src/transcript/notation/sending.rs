//! What a client did besides sending a request, in a line of words.

use std::{fmt, time::Duration};

use crate::transcript::{Ending, Sending};

/// What was sent together with the request before it.
const PIPELINED: &str = "pipelined";

const PAUSED: &str = "paused=";

/// Writes the line; nothing, for what was sent as usual.
pub(super) fn write(sending: Sending, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Sending { ending, paused, pipelined } = sending;
    let words = [
        ending.map(|ending| word(ending).to_owned()),
        (!paused.is_zero()).then(|| format!("{PAUSED}{}", paused.as_micros())),
        pipelined.then(|| PIPELINED.to_owned()),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    if words.is_empty() { Ok(()) } else { writeln!(out, "* {}", words.join(" ")) }
}

/// Reads what stands behind the mark.
pub(super) fn read(rest: &str) -> Result<Sending, String> {
    let mut sending = Sending::default();
    for one in rest.split(' ') {
        if let Some(micros) = one.strip_prefix(PAUSED) {
            let micros = micros.parse().map_err(|_| format!("expected a number in `{one}`"))?;
            sending.paused = Duration::from_micros(micros);
        } else if one == PIPELINED {
            sending.pipelined = true;
        } else {
            let known = [Ending::Reset, Ending::HalfClosed];
            let ending = known.into_iter().find(|ending| word(*ending) == one);
            let told =
                || format!("`{one}` is not one of reset, half-closed, {PAUSED}, {PIPELINED}");
            sending.ending = Some(ending.ok_or_else(told)?);
        }
    }
    Ok(sending)
}

const fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Reset => "reset",
        Ending::HalfClosed => "half-closed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    #[test]
    fn what_the_client_did_is_written_and_read_as_the_same() {
        let text = "> Fragment; Content-Range: bytes 0-9/20\n= pattern 1 0 10 sent=5\n* half-closed paused=300000\n< !closed\n> Ping\n* pipelined\n< 200 Ack\n> Ping\n< 200 Ack\n";
        let transcript: Transcript = text.parse().unwrap();
        let sent: Vec<Sending> = transcript.exchanges.iter().map(|it| it.request.sending).collect();
        let paused = Duration::from_millis(300);
        let first = Sending { ending: Some(Ending::HalfClosed), paused, pipelined: false };
        let second = Sending { pipelined: true, ..Sending::default() };
        assert_eq!(sent, [first, second, Sending::default()]);
        let written = transcript.to_string();
        assert_eq!(written.lines().filter(|line| line.starts_with('*')).count(), 2);
        assert_eq!(written.parse::<Transcript>().unwrap(), transcript);
        let odd = text.replace("half-closed", "half-open").parse::<Transcript>().unwrap_err();
        assert!(odd.problem.contains("`half-open` is not one of reset, half-closed"), "{odd}");
    }
}

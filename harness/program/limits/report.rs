//! How figures are shown: as text and as JSON. No I/O, no clock.

use std::fmt::Write as _;

use super::figures::{Expectation, Figures, Measured, Recovery, Sessions, Verdict};

/// How wide the first column is.
const NAME: usize = 18;

/// Renders the figures as one JSON document.
#[must_use]
pub fn json(figures: &Figures) -> String {
    let mut text =
        serde_json::to_string_pretty(figures).expect("text, numbers and lists are always JSON");
    text.push('\n');
    text
}

/// Renders the figures as text for a person.
#[must_use]
pub fn text(figures: &Figures) -> String {
    let Figures { program, target, most, limits, presets, sessions, interrupted, .. } = figures;
    let mut text = format!("{program} · limits of {target} · up to {most} of each\n");
    for measured in limits {
        row(&mut text, measured.kind.as_str(), &words(measured), &measured.notes);
    }
    for preset in presets {
        row(&mut text, &preset.preset, &met(preset), &preset.measured.notes);
    }
    line(&mut text, &put_back(sessions));
    if interrupted.is_some() {
        line(&mut text, "stopped before all was measured");
    }
    text
}

fn row(text: &mut String, name: &str, words: &str, notes: &[String]) {
    line(text, &format!("  {name:<NAME$} {words}"));
    for note in notes {
        line(text, &format!("  {:<NAME$} {note}", ""));
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}

/// What a measurement says.
fn words(measured: &Measured) -> String {
    let Measured { verdict, taken, tried, .. } = measured;
    let found = match verdict {
        Verdict::Limit => format!("{taken}"),
        Verdict::NoneFound => format!("none found up to {taken}"),
        Verdict::AtLeast => format!("at least {taken}"),
        Verdict::Unsteady => format!("no steady limit, {taken} when it was given up"),
        Verdict::Stopped => format!("stopped at {taken}"),
        Verdict::NotMeasured => "not measured".into(),
    };
    let mut words = vec![found];
    words.extend(measured.beyond.as_ref().map(|beyond| format!("beyond: {beyond}")));
    words.extend(match measured.recovers {
        Recovery::Recovers => Some("recovers".to_owned()),
        Recovery::Stays => Some("does not recover".to_owned()),
        Recovery::NotTried => None,
    });
    if *tried > 0 {
        words.push(format!("{tried} tried"));
    }
    words.join(" · ")
}

fn met(expectation: &Expectation) -> String {
    let Expectation { groups, transfers, met, measured, .. } = expectation;
    let expected = format!("{groups} groups × {transfers} transfers");
    let taken = match met {
        Some(true) => format!("all {} taken at once", measured.taken),
        Some(false) => format!("{} of {} taken at once", measured.taken, groups * transfers),
        None => format!("not tried to the end, {} taken at once", measured.taken),
    };
    let beyond = measured.beyond.as_ref().map(|beyond| format!(" · beyond: {beyond}"));
    format!("{expected}: {taken}{}", beyond.unwrap_or_default())
}

fn put_back(sessions: &Sessions) -> String {
    let Sessions { opened, cancelled, gone, left, uncertain } = sessions;
    let mut words = vec![format!("{opened} sessions were opened and {cancelled} cancelled")];
    if *gone > 0 {
        words.push(format!("{gone} had ended by themselves"));
    }
    if let Some(path) = left.first() {
        words.push(format!("{} could not be cancelled, {path} among them", left.len()));
    }
    if *uncertain > 0 {
        words.push(format!("{uncertain} may have been opened although no answer says so"));
    }
    if sessions.are_put_back() {
        words.push("nothing is left".into());
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::figures::{Kind, Refusal, SCHEMA_VERSION};

    fn measured(kind: Kind, verdict: Verdict, taken: u64) -> Measured {
        Measured { verdict, taken, tried: taken, ..Measured::not(kind, "a note") }
    }

    fn figures() -> Figures {
        let beyond = |status: &str| {
            Some(Refusal::Answer { status: status.into(), bits_error: Some("0x800705AA".into()) })
        };
        let mut limit = measured(Kind::Sessions, Verdict::Limit, 7);
        (limit.beyond, limit.recovers, limit.notes) =
            (beyond("500 No"), Recovery::Recovers, vec![]);
        let mut stays = measured(Kind::Connections, Verdict::Limit, 5);
        (stays.beyond, stays.recovers) =
            (Some(Refusal::Fate("the connection is refused".into())), Recovery::Stays);
        let mut short = measured(Kind::Fragments, Verdict::Limit, 40);
        (short.beyond, short.notes) = (beyond("500 No"), vec![]);
        Figures {
            schema_version: SCHEMA_VERSION,
            program: "bitscheck 0.1.0".into(),
            target: "http://h/".into(),
            most: 1000,
            limits: vec![
                limit,
                Measured::not(Kind::SessionsPerUser, "one user is not enough"),
                stays,
                measured(Kind::Fragments, Verdict::NoneFound, 1000),
            ],
            presets: vec![Expectation {
                preset: "compact-server".into(),
                groups: 25,
                transfers: 3,
                met: Some(false),
                measured: short,
            }],
            sessions: Sessions {
                opened: 9,
                cancelled: 7,
                left: vec!["/a".into(), "/b".into()],
                ..Sessions::default()
            },
            interrupted: None,
        }
    }

    #[test]
    fn the_sample_is_told_in_lines() {
        assert_eq!(
            text(&figures()),
            "\
bitscheck 0.1.0 · limits of http://h/ · up to 1000 of each
  sessions           7 · beyond: 500 No, BITS-Error 0x800705AA · recovers · 7 tried
  sessions-per-user  not measured
                     one user is not enough
  connections        5 · beyond: the connection is refused · does not recover · 5 tried
                     a note
  fragments          none found up to 1000 · 1000 tried
                     a note
  compact-server     25 groups × 3 transfers: 40 of 75 taken at once · beyond: 500 No, BITS-Error 0x800705AA
9 sessions were opened and 7 cancelled; 2 could not be cancelled, /a among them
"
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(serde_json::from_str::<Figures>(&json(&figures())).unwrap(), figures());
    }
}

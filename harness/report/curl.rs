//! A transcript as a shell script of curl, as far as curl can say it.

use std::fmt::Write as _;

use crate::{
    transcript::{Exchange, Fate, Received, Transcript},
    wire::{names, text},
};

/// A script, and the bodies that it sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The script, for a POSIX shell.
    pub text: String,
    /// The exchanges whose bodies have to lie beside it as `body-N.bin`.
    pub bodies: Vec<usize>,
}

/// Renders a transcript in which the names of files begin with `prefix`. The script takes the origin of the target as its
/// argument, uses other names each time, and takes session ids from the answers.
#[must_use]
pub fn render(transcript: &Transcript, origin: &str, prefix: &str) -> Script {
    let mut script = Script {
        text: format!(
            "#!/bin/sh\n# The requests of this finding, by curl. Another server: sh curl.sh http://HOST:PORT\n\
             cd \"$(dirname \"$0\")\" || exit 1\norigin=${{1:-{origin}}}\nname=curl-$$.\n"
        ),
        bodies: Vec::new(),
    };
    let mut sessions: Vec<(String, usize)> = Vec::new();
    for exchange in &transcript.exchanges {
        // Writing into a string succeeds.
        let _ = writeln!(script.text, "\n# exchange {}: {}", exchange.number, answered(exchange));
        match obstacle(exchange) {
            Some(reason) => {
                let _ = writeln!(script.text, "# curl cannot say this one: {reason}");
            }
            None => request(exchange, &sessions, prefix, &mut script),
        }
        if let Some(id) = exchange.answer().and_then(|it| it.head.headers.first(names::SESSION_ID))
            && sessions.iter().all(|(other, _)| other != id)
        {
            sessions.push((id.to_owned(), exchange.number));
        }
    }
    script
}

fn answered(exchange: &Exchange) -> String {
    text::excerpt(&exchange.received.describe(), 100)
}

/// Why curl cannot send the same.
fn obstacle(exchange: &Exchange) -> Option<String> {
    let request = &exchange.request;
    let cut = exchange.fate == Fate::Dropped && matches!(exchange.received, Received::Nothing(_));
    let whole = request.body.length();
    if cut && request.sent < whole {
        return Some(format!("the connection is cut after {} of {whole} bytes", request.sent));
    }
    let head = &request.head;
    let odd = |text: &str| text.bytes().any(|byte| !(b' '..0x7f).contains(&byte));
    if head.version != "HTTP/1.1" || odd(&head.target) {
        return Some("its first line is not as curl writes it".into());
    }
    if head.headers.iter().any(|header| odd(&header.name) || odd(&header.value)) {
        return Some("its headers hold bytes that a command line does not".into());
    }
    None
}

fn request(exchange: &Exchange, sessions: &[(String, usize)], prefix: &str, script: &mut Script) {
    let head = &exchange.request.head;
    let said = |text: &str| said(text, sessions, prefix);
    let number = exchange.number;
    let _ = write!(
        script.text,
        "curl -sS --http1.1 --path-as-is -D head-{number}.txt -X {} -H User-Agent: -H Accept:",
        said(&head.method)
    );
    for header in head.headers.iter().filter(|it| !it.name.eq_ignore_ascii_case(names::HOST)) {
        let text = match header.value.as_str() {
            "" => format!("{};", header.name),
            value => format!("{}: {value}", header.name),
        };
        let _ = write!(script.text, " \\\n  -H {}", said(&text));
    }
    if exchange.request.body.length() > 0 {
        script.bodies.push(number);
        let has_type = head.headers.has("Content-Type");
        let kind = if has_type { "" } else { " -H Content-Type:" };
        let _ = write!(script.text, "{kind} --data-binary @body-{number}.bin");
    }
    let _ = writeln!(script.text, " \\\n  \"$origin\"{}", said(&head.target));
    if exchange.answer().is_some_and(|it| it.head.headers.has(names::SESSION_ID)) {
        let _ = writeln!(
            script.text,
            "session_{number}=$(sed -n 's/^BITS-Session-Id: *//Ip' head-{number}.txt | tr -d '\\r')"
        );
    }
}

/// A word for the shell in which session ids and names of files are variables.
fn said(word: &str, sessions: &[(String, usize)], prefix: &str) -> String {
    let mut quoted = format!("'{}'", word.replace('\'', r"'\''"));
    if !prefix.is_empty() {
        quoted = quoted.replace(prefix, "'\"$name\"'");
    }
    for (id, number) in sessions {
        quoted = quoted.replace(id.as_str(), &format!("'\"$session_{number}\"'"));
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    #[test]
    fn ids_and_names_are_those_of_the_new_run_and_what_curl_cannot_say_is_told() {
        let transcript: Transcript = format!(
            "> Create-Session /up/run-1.a\n< 200 Ack; BITS-Session-Id: {ID}\n\
             > Fragment /up/run-1.a; BITS-Session-Id: {ID}; Content-Range: bytes 0-9/10; X-It: it's\n< 200 Ack\n\
             > Ping /up/run-1.a; X-Odd: \u{e9}\n< 200 Ack\n"
        )
        .parse()
        .unwrap_or_else(|error| panic!("{error}"));
        let script = render(&transcript, "http://h:1", "run-1.");
        assert_eq!(script.bodies, [2]);
        for part in [
            "origin=${1:-http://h:1}",
            "-X 'BITS_POST'",
            "\"$origin\"'/up/'\"$name\"'a'",
            "session_1=$(sed -n",
            "-H 'BITS-Session-Id: '\"$session_1\"''",
            r"-H 'X-It: it'\''s'",
            "--data-binary @body-2.bin",
            "# curl cannot say this one: its headers hold bytes",
        ] {
            assert!(script.text.contains(part), "{part} in\n{}", script.text);
        }
        assert!(!script.text.contains("A0FF") && !script.text.contains("run-1"), "{}", script.text);
    }
}

//! A transcript as a shell script of curl, as far as curl can say it.

use std::fmt::Write as _;

use bits_wire::{names, text};

use crate::transcript::{Exchange, Fate, Received, Transcript};

/// A script, and the bodies that it sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The script, for a POSIX shell.
    pub text: String,
    /// The exchanges whose bodies have to lie beside it as `body-N.bin`.
    pub bodies: Vec<usize>,
}

/// Renders a transcript in which the names of files begin with `prefix`. The script takes the URL of the virtual directory as
/// its argument, uses other names each time, and takes session ids from the answers.
#[must_use]
pub fn render(transcript: &Transcript, origin: &str, prefix: &str) -> Script {
    let base = &transcript.facts.base;
    let mut writer = Writer {
        text: format!(
            "#!/bin/sh\n# The requests of this finding, by curl. Another server: sh curl.sh http://HOST:PORT/DIRECTORY/\n\
             cd \"$(dirname \"$0\")\" || exit 1\ndirectory=${{1:-{origin}{base}}}\n\
             origin=$(echo \"$directory\" | sed 's#^\\([a-z]*://[^/]*\\).*#\\1#')\nname=curl-$$.\n"
        ),
        bodies: Vec::new(),
        sessions: Vec::new(),
        base,
        prefix,
    };
    for exchange in &transcript.exchanges {
        writer.exchange(exchange);
    }
    Script { text: writer.text, bodies: writer.bodies }
}

struct Writer<'t> {
    text: String,
    bodies: Vec<usize>,
    /// Session ids, and the exchange that gave each.
    sessions: Vec<(String, usize)>,
    base: &'t str,
    prefix: &'t str,
}

impl Writer<'_> {
    fn exchange(&mut self, exchange: &Exchange) {
        let number = exchange.number;
        // Writing into a string succeeds.
        let _ = writeln!(self.text, "\n# exchange {number}: {}", answered(exchange));
        match obstacle(exchange) {
            Some(reason) => {
                let _ = writeln!(self.text, "# curl cannot say this one: {reason}");
            }
            None => self.request(exchange),
        }
        if let Some(id) = exchange.answer().and_then(|it| it.head.headers.first(names::SESSION_ID))
            && self.sessions.iter().all(|(other, _)| other != id)
        {
            let _ = writeln!(
                self.text,
                "session_{number}=$(sed -n 's/^BITS-Session-Id: *//Ip' head-{number}.txt | tr -d '\\r')"
            );
            self.sessions.push((id.to_owned(), number));
        }
    }

    fn request(&mut self, exchange: &Exchange) {
        let head = &exchange.request.head;
        let number = exchange.number;
        let mut text = format!(
            "curl -sS --http1.1 --path-as-is -D head-{number}.txt -w '{number}: %{{http_code}}\\n' -X {} -H User-Agent: -H Accept:",
            self.said(&head.method)
        );
        for header in head.headers.iter().filter(|it| !it.name.eq_ignore_ascii_case(names::HOST)) {
            let line = match header.value.as_str() {
                "" => format!("{};", header.name),
                value => format!("{}: {value}", header.name),
            };
            let _ = write!(text, " \\\n  -H {}", self.said(&line));
        }
        if exchange.request.body.length() > 0 {
            self.bodies.push(number);
            let has_type = head.headers.has("Content-Type");
            let kind = if has_type { "" } else { " -H Content-Type:" };
            let _ = write!(text, "{kind} --data-binary @body-{number}.bin");
        }
        let (place, rest) = match head.target.strip_prefix(self.base) {
            Some(rest) if !self.base.is_empty() => ("directory", rest),
            _ => ("origin", head.target.as_str()),
        };
        let _ = writeln!(text, " \\\n  \"${place}\"{}", self.said(rest));
        self.text.push_str(&text);
    }

    /// A word for the shell in which session ids and names of files are variables.
    fn said(&self, word: &str) -> String {
        let mut quoted = format!("'{}'", word.replace('\'', r"'\''"));
        if !self.prefix.is_empty() {
            quoted = quoted.replace(self.prefix, "'\"$name\"'");
        }
        for (id, number) in &self.sessions {
            quoted = quoted.replace(id.as_str(), &format!("'\"$session_{number}\"'"));
        }
        quoted
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    #[test]
    fn ids_and_names_are_those_of_the_new_run_and_what_curl_cannot_say_is_told() {
        let transcript: Transcript = format!(
            "# base /up/\n> Create-Session /up/run-1.a\n< 200 Ack; BITS-Session-Id: {ID}\n\
             > Fragment /up/run-1.a; BITS-Session-Id: {ID}; Content-Range: bytes 0-9/10; X-It: it's\n< 200 Ack\n\
             > Ping /up/run-1.a; X-Odd: \u{e9}\n< 200 Ack\n"
        )
        .parse()
        .unwrap_or_else(|error| panic!("{error}"));
        let script = render(&transcript, "http://h:1", "run-1.");
        assert_eq!(script.bodies, [2]);
        for part in [
            "directory=${1:-http://h:1/up/}",
            "-X 'BITS_POST'",
            "\"$directory\"''\"$name\"'a'",
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

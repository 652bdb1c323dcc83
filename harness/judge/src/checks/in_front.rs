//! What stands in front of the server, as far as answers show that never came from its BITS layer, and what else has one
//! cause for many findings: a directory that takes no uploads, a server that went away.
//!
//! These are no verdicts. A proxy that cuts bodies or filters methods makes clauses fail that the server behind it
//! keeps; whoever reads the findings should know.

use std::{borrow::Cow, collections::BTreeMap};

use bits_wire::{Hresult, PacketType, names, text};

use super::{
    breach::Breach,
    judge::refusal,
    observed::{Kind, Observed, Seen, is_success},
};
use crate::transcript::Fate;

/// How many plain CREATE-SESSION packets have to be refused before the reason is sought in front of the server.
const SEVERAL: usize = 3;

/// What answers showed, over any number of transcripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InFront {
    /// The largest body of a fragment that the BITS layer answered, in bytes.
    largest_taken: u64,
    /// Good packets that never reached the BITS layer.
    stopped: Vec<Stopped>,
    /// How many plain CREATE-SESSION packets the BITS layer took.
    created: usize,
    /// How many of them it refused, by status and error value.
    refused: BTreeMap<(u16, Option<Hresult>), usize>,
    /// Whether there was an answer to anything.
    answered: bool,
    /// How many transcripts broke off before anything was answered, and why the first of them in the alphabet did.
    unreached: Option<(usize, String)>,
}

/// A good packet that never reached the BITS layer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stopped {
    /// The status of the answer; none if there was no answer.
    status: Option<u16>,
    /// The bytes of its body.
    body: u64,
    /// Who answered, by its own words.
    server: Option<String>,
}

/// Something in front of the server that has a hand in the findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// A word for it: `body-limit`, `body-cut`, `timeout`, `unreachable`, `method`, `version`, `directory` or `gone`.
    pub kind: Cow<'static, str>,
    /// What was seen.
    pub seen: String,
    /// What to do about it.
    pub advice: Cow<'static, str>,
}

impl InFront {
    /// What one transcript shows.
    #[must_use]
    pub fn of(observed: &Observed<'_>) -> Self {
        let mut sum = Self::default();
        // Where uploads are switched off, an answer without BITS may be the server's own (D25).
        if observed.transcript.facts.role != "disabled" {
            observed.all.iter().for_each(|seen| sum.see(seen));
        }
        sum.answered = observed.all.iter().any(|seen| seen.answer().is_some());
        if let (false, Some(reason)) = (sum.answered, &observed.transcript.unfinished) {
            sum.unreached = Some((1, reason.clone()));
        }
        sum
    }

    /// Adds what another one showed.
    pub fn add(&mut self, other: Self) {
        self.largest_taken = self.largest_taken.max(other.largest_taken);
        self.stopped.extend(other.stopped);
        self.created += other.created;
        for (kind, times) in other.refused {
            *self.refused.entry(kind).or_default() += times;
        }
        self.answered |= other.answered;
        self.unreached = match (self.unreached.take(), other.unreached) {
            (Some((some, one)), Some((more, another))) => Some((some + more, one.min(another))),
            (one, another) => one.or(another),
        };
    }

    fn see(&mut self, seen: &Seen<'_>) {
        let Kind::Packet(packet) = &seen.kind else { return };
        let body = seen.exchange.request.body.length();
        let Some(answer) = seen.answer() else {
            let good = seen.breaches.iter().all(|breach| *breach == Breach::CutBody);
            if good && body > 0 && seen.exchange.fate != Fate::Dropped {
                self.stopped.push(Stopped { status: None, body, server: None });
            }
            return;
        };
        if answer.speaks_bits() {
            self.largest_taken = self.largest_taken.max(body);
        } else if seen.is_plain() && seen.status() >= 400 {
            let server = answer.head.headers.first(names::SERVER);
            let server = server.map(|server| text::excerpt(server, 80));
            self.stopped.push(Stopped { status: Some(seen.status()), body, server });
        }
        if *packet == PacketType::CreateSession && seen.is_plain() {
            if is_success(seen.status()) {
                self.created += 1;
            } else if answer.speaks_bits() {
                let kind = (seen.status(), seen.error.flatten());
                *self.refused.entry(kind).or_default() += 1;
            }
        }
    }

    /// What can be said from it.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let is_large = |one: &&Stopped| one.body > self.largest_taken;
        let of = |statuses: &'static [u16]| {
            move |one: &&Stopped| one.status.is_some_and(|status| statuses.contains(&status))
        };
        let too_large =
            |one: &&Stopped| of(&[413])(one) || (is_large(one) && of(&[400, 403, 404, 500])(one));
        let gone = self.gone();
        // Who is gone gives no answer whatever the size.
        let cut = |one: &&Stopped| one.status.is_none() && is_large(one) && gone.is_none();
        let method = |one: &&Stopped| one.body == 0 && of(&[400, 403, 404, 405, 501])(one);
        let taken = match self.largest_taken {
            0 => "none with a body was taken".to_owned(),
            most => format!("the largest that was taken had {most}"),
        };
        [
            self.cause("body-limit", too_large, |one, who| {
                format!("{who} to a packet with {} bytes of body; {taken}", one.body)
            }, "A limit for bodies lies in front: raise it (client_max_body_size of nginx, maxAllowedContentLength of \
                IIS), or have clients send smaller fragments."),
            self.cause("body-cut", cut, |one, _| {
                format!("a packet with {} bytes of body gets no answer; {taken}", one.body)
            }, "Something between here and the server takes no body of that size, or not so slowly."),
            self.cause("timeout", of(&[408, 504]), |one, who| {
                format!("{who} to a packet with {} bytes of body", one.body)
            }, "A time limit lies in front of the server: it gave up before the body was there or before the server \
                answered."),
            self.cause("unreachable", of(&[502, 503]), |_, who| {
                format!("{who} to packets of BITS")
            }, "A proxy could not get an answer from the server behind it."),
            self.cause("method", method, |_, who| {
                format!("{who} to BITS_POST in some of the directories")
            }, "The method is filtered before the BITS layer, or uploads are not handled there: allow BITS_POST."),
            self.version(),
            self.directory(),
            gone.clone(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// A cause of which the packet with the smallest body tells most.
    fn cause(
        &self,
        kind: &'static str,
        is_its: impl Fn(&&Stopped) -> bool,
        tell: impl Fn(&Stopped, &str) -> String,
        advice: &'static str,
    ) -> Option<Cause> {
        let first = self.stopped.iter().filter(is_its).min_by_key(|one| one.body)?;
        let who = first.server.as_deref().unwrap_or("something");
        let status = first.status.unwrap_or_default();
        let who = format!("{who} answers {status}, without any BITS header,");
        Some(Cause { kind: kind.into(), seen: tell(first, &who), advice: advice.into() })
    }

    /// Requests of HTTP/1.0 are malformed to a BITS server, and that is what some proxies make of every request.
    fn version(&self) -> Option<Cause> {
        let malformed = self.refused.get(&MALFORMED).copied().unwrap_or_default();
        (self.created == 0 && malformed >= SEVERAL).then(|| Cause {
            kind: "version".into(),
            seen: format!(
                "the BITS layer calls {malformed} CREATE-SESSION packets malformed, and there is nothing wrong with them"
            ),
            advice: "A proxy that passes requests on as HTTP/1.0 or without some headers looks like this \
                     (nginx: proxy_http_version 1.1)."
                .into(),
        })
    }

    /// Where no session is ever created, no message about sessions can be judged.
    fn directory(&self) -> Option<Cause> {
        let (&(status, value), times) = self.refused.iter().max_by_key(|(_, times)| **times)?;
        let all = self.created == 0 && (status, value) != MALFORMED && *times >= SEVERAL;
        let answer = value.map_or_else(|| status.to_string(), |value| refusal(status, value));
        all.then(|| Cause {
            kind: "directory".into(),
            seen: format!(
                "no session was created: {times} CREATE-SESSION packets that are right got {answer}"
            ),
            advice: match status {
                401 | 403 => "The directory may not let this user write; a target file names a user, and the server's \
                              log tells more.",
                404 => "There may be no such directory: look at the path of the URL.",
                500 | 507 => "The server may not be able to write there: look at its log, the rights of the folder and \
                              the room on its disk.",
                _ => "Uploads may not be enabled there: look at the path of the URL and at the directory's settings.",
            }
            .into(),
        })
    }

    /// A server that goes away leaves whatever it was asked then without an answer.
    fn gone(&self) -> Option<Cause> {
        let (times, reason) = self.unreached.as_ref().filter(|_| self.answered)?;
        Some(Cause {
            kind: "gone".into(),
            seen: format!("the target answered at first, and then {times} scenarios or sessions came to nothing: {reason}"),
            advice: "A server that ended breaks whatever was under way then. One of those messages may have ended it: the \
                     server's log tells, and --jobs 1 leaves one suspect."
                .into(),
        })
    }
}

/// How a BITS layer refuses what is malformed.
const MALFORMED: (u16, Option<Hresult>) = (400, Some(Hresult::INVALID_ARGUMENT));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    const CREATE: &str =
        "> Create-Session; BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n< ";
    const ID: &str = "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}";

    fn causes(lines: &[&str]) -> Vec<(String, String)> {
        let mut sum = InFront::default();
        for lines in lines {
            let mut transcript: Transcript =
                lines.parse().unwrap_or_else(|error| panic!("{error}"));
            transcript.facts.base = "/upload/".into();
            sum.add(InFront::of(&Observed::of(&transcript)));
        }
        sum.causes().into_iter().map(|cause| (cause.kind.into_owned(), cause.seen)).collect()
    }

    /// An upload whose only fragment has this many bytes.
    fn upload(bytes: u64, answer: &str) -> String {
        format!(
            "{CREATE}200 Ack; {ID}\n> Fragment; {ID}; Content-Range: bytes 0-{}/{bytes}\n< {answer}",
            bytes - 1
        )
    }

    #[test]
    fn nothing_is_said_of_a_server_that_answers_for_itself() {
        let (taken, refused) =
            (upload(2000, "200 Ack"), upload(9000, "500 Ack; BITS-Error: 0x80200020"));
        assert_eq!(causes(&[&taken, &refused, "> Ping; Content-Length: x\n< 400"]), []);
        assert_eq!(causes(&["# role disabled\n> Ping\n< 404"]), []);
    }

    #[test]
    fn a_limit_for_bodies_is_told_by_its_status_or_by_the_size() {
        let small = upload(1000, "200 Ack");
        let large = upload(2000, "413; Server: nginx/1");
        let told = causes(&[&small, &large, &upload(3000, "413")]);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, "body-limit");
        for part in ["nginx/1 answers 413", "2000 bytes", "taken had 1000"] {
            assert!(told[0].1.contains(part), "{}", told[0].1);
        }
        assert_eq!(causes(&[&small, &upload(2000, "404")])[0].0, "body-limit");
        assert_eq!(causes(&[&small, &upload(900, "404")]), []);
    }

    #[test]
    fn what_else_stands_in_front_has_a_word_of_its_own() {
        let small = upload(1000, "200 Ack");
        for (lines, kind) in [
            (upload(2000, "!reset").as_str(), "body-cut"),
            (&upload(500, "408"), "timeout"),
            (&upload(500, "502"), "unreachable"),
            ("> Ping\n< 405; Server: filter", "method"),
        ] {
            let told = causes(&[&small, lines]);
            assert_eq!(
                told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
                [kind],
                "{lines}"
            );
        }
    }

    #[test]
    fn a_directory_that_takes_no_session_is_one_cause() {
        let refused = format!("{CREATE}404 Ack; BITS-Error: 0x80070003");
        let told = causes(&[refused.as_str(); 3]);
        assert_eq!(told[0].0, "directory");
        assert!(told[0].1.contains(
            "3 CREATE-SESSION packets that are right got 404 with BITS-Error 0x80070003"
        ));
        assert_eq!(causes(&[refused.as_str(); 2]), []);
        assert_eq!(causes(&[&refused, &refused, &refused, &upload(10, "200 Ack")]), []);
    }

    #[test]
    fn a_server_that_went_away_is_one_cause() {
        let nothing = "# unfinished no connection: refused\n";
        let told = causes(&["> Ping\n< 200 Ack", nothing, "# unfinished a later reason\n"]);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, "gone");
        assert!(told[0].1.contains("2 scenarios") && told[0].1.ends_with("a later reason"));
        assert_eq!(causes(&[nothing]), [], "it was never there");
        assert_eq!(causes(&["> Ping\n< 200 Ack\n# unfinished a step is impossible"]), []);
    }

    #[test]
    fn good_packets_that_are_called_malformed_came_changed() {
        let malformed = format!("{CREATE}400 Ack; BITS-Error: 0x80070057");
        let all = [malformed.as_str(); 3];
        assert_eq!(causes(&all)[0].0, "version");
        assert_eq!(causes(&all[1..]), []);
        assert_eq!(causes(&[&all[..], &[&upload(10, "200 Ack")]].concat()), []);
    }
}

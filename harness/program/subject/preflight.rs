//! What is found out about a target before anything is judged: does a BITS layer answer, and can uploads be read back?

use bits_judge::{
    checks::described,
    plan::{Capture, Head, Plan, Step, Template},
    transcript::{Answer, Exchange, Received, Silence, Transcript},
};
use bits_wire::{
    BITS_POST, PacketType, Payload, UPLOAD_PROTOCOL, names, payload::digest_of, text::excerpt,
};

use crate::{
    drive::{Driver, Place},
    error::Error,
};

/// The entity that the probe uploads.
const PROBE: Payload = Payload::Pattern { seed: 0x0b17_5c4e, offset: 0, length: 32 };

/// The end of the name of the file that it uploads.
const DESTINATION: &str = "probe";

/// What the probe saw.
pub(crate) struct Seen {
    /// Whether a finished upload can be read back with GET.
    pub(crate) reads_back: bool,
    /// What the target calls itself.
    pub(crate) server: Option<String>,
    /// The path of the upload, which stays.
    pub(crate) destination: String,
    /// How its session was refused, if it was.
    pub(crate) refused: Option<String>,
}

/// Sends one small upload and looks at what comes back.
///
/// # Errors
///
/// If no BITS layer answers, with what seems to be the matter.
pub(crate) async fn probe(driver: &Driver, base: &str, prefix: &str) -> Result<Seen, Error> {
    let transcript = driver.drive(&plan(), &Place::at(base), prefix).await;
    if let Some(problem) = problem(&transcript) {
        return Err(Error::unreachable(problem));
    }
    if let Some(reason) = &transcript.unfinished {
        return Err(Error::unreachable(reason.clone()));
    }
    let mut answers = transcript.exchanges.iter().filter_map(Exchange::answer);
    let server = answers.find_map(|answer| answer.head.headers.first(names::SERVER));
    Ok(Seen {
        reads_back: reads_back(&transcript),
        server: server.map(|server| excerpt(server, 80)),
        destination: format!("{base}{prefix}{DESTINATION}"),
        refused: refused(&transcript, base),
    })
}

/// Sends a PING, which leaves nothing behind, and sees whether a BITS layer answers.
///
/// # Errors
///
/// If none does, with what seems to be the matter.
pub(crate) async fn answers(driver: &Driver, base: &str, prefix: &str) -> Result<(), Error> {
    let steps = vec![packet(&PacketType::Ping, &[], Payload::Empty)];
    let plan = Plan { name: "preflight".into(), steps, ..Plan::default() };
    let transcript = driver.drive(&plan, &Place::at(base), prefix).await;
    let problem = problem(&transcript).or(transcript.unfinished);
    problem.map_or(Ok(()), |problem| Err(Error::unreachable(problem)))
}

fn reads_back(transcript: &Transcript) -> bool {
    let get =
        transcript.exchanges.iter().rev().find(|exchange| exchange.request.head.method == "GET");
    let body = get
        .and_then(Exchange::answer)
        .filter(|answer| answer.head.status == 200)
        .map(|answer| answer.body.digest);
    body.is_some() && body == digest_of(&[PROBE])
}

/// How the session of the upload was refused, if it was.
fn refused(transcript: &Transcript, base: &str) -> Option<String> {
    let create = |exchange: &&Exchange| {
        let kind = exchange.request.head.headers.first(names::PACKET_TYPE);
        kind == Some(PacketType::CreateSession.as_str())
    };
    let create = transcript.exchanges.iter().find(create)?;
    create.answer().filter(|answer| answer.head.status >= 400)?;
    Some(format!(
        "the directory {base} refuses a small upload: CREATE-SESSION gets {}; is the path of the URL that of a directory \
         with uploads?",
        described(create)
    ))
}

/// Why the target cannot be judged, if it cannot.
fn problem(transcript: &Transcript) -> Option<String> {
    let asked =
        transcript.exchanges.iter().filter(|exchange| exchange.request.head.method == BITS_POST);
    let answers: Vec<&Received> = asked.map(|exchange| &exchange.received).collect();
    let is_bits = |received: &&&Received| matches!(received, Received::Answer(answer) if answer.speaks_bits());
    if answers.iter().any(|received| is_bits(&received)) {
        return None;
    }
    Some(match answers.first()? {
        Received::Nothing(Silence::TimedOut) => {
            "the target accepts connections and does not answer; is this its HTTP port? (--timeout sets how long to wait)".into()
        }
        Received::Nothing(Silence::Garbage(_)) => {
            format!("what answers is no HTTP server: {}", answers[0].describe())
        }
        nothing @ Received::Nothing(_) => format!("the target does not answer a PING: {}", nothing.describe()),
        Received::Answer(answer) => blocked(answer),
    })
}

fn blocked(answer: &Answer) -> String {
    let status = answer.head.status_line();
    let who = answer
        .head
        .headers
        .first(names::SERVER)
        .map_or_else(String::new, |server| format!(" from {server}"));
    let hint = match answer.head.status {
        400 => {
            "a server or proxy whose HTTP parser has a fixed list of methods answers so, and so does a port of TLS to a URL \
             with http:// (is it https://?)"
        }
        401 | 407 => {
            "it asks for credentials that it was not given, by Basic or Digest; a target file names a user (`bitscheck run --target FILE`)"
        }
        403 => "a front end or firewall that filters methods answers so",
        404 => {
            "request filtering of IIS (404.6) answers so, and so does a server without such a directory"
        }
        405 => "a server that has no upload handler for this path answers so",
        501 => "a proxy, a content network or a server without the BITS extension answers so",
        200..=299 => "something answers every method with success",
        300..=399 => "it redirects; give the URL that it redirects to",
        _ => "something before the BITS layer answers so",
    };
    format!(
        "the verb is blocked before the BITS layer: {BITS_POST} is answered with {status}{who} and without any BITS header\n\
         {hint}; allow the method {BITS_POST}, or enable BITS uploads for the directory"
    )
}

fn plan() -> Plan {
    let steps = vec![
        packet(&PacketType::Ping, &[], Payload::Empty),
        packet(
            &PacketType::CreateSession,
            &[(names::SUPPORTED_PROTOCOLS, Template::said(UPLOAD_PROTOCOL))],
            Payload::Empty,
        ),
        packet(
            &PacketType::Fragment,
            &[session(), (names::CONTENT_RANGE, Template::said("bytes 0-31/32"))],
            PROBE,
        ),
        packet(&PacketType::CloseSession, &[session()], Payload::Empty),
        step("GET", vec![], Payload::Empty),
    ];
    Plan { name: "preflight".into(), title: "a small upload".into(), steps, ..Plan::default() }
}

/// The header that names the session of the plan.
pub(crate) fn session() -> (&'static str, Template) {
    (names::SESSION_ID, Template::variable("session"))
}

/// A packet at the destination of the probe; a CREATE-SESSION gives the session its id.
pub(crate) fn packet(
    kind: &PacketType,
    headers: &[(&'static str, Template)],
    body: Payload,
) -> Step {
    let mut all = vec![(names::PACKET_TYPE.to_owned(), Template::said(kind.as_str()))];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    all.push((names::CONTENT_LENGTH.to_owned(), Template::said(body.length().to_string())));
    let mut step = step(BITS_POST, all, body);
    if *kind == PacketType::CreateSession {
        step.captures.push(Capture::verbatim("session", names::SESSION_ID));
    }
    step
}

fn step(method: &str, headers: Vec<(String, Template)>, body: Payload) -> Step {
    let mut all = vec![(names::HOST.to_owned(), Template::variable("host"))];
    all.extend(headers);
    let head = Head::Made {
        method: Template::said(method),
        target: [
            Template::variable("base"),
            Template::variable("prefix"),
            Template::said(DESTINATION),
        ]
        .into_iter()
        .collect(),
        version: "HTTP/1.1".into(),
        headers: all,
    };
    Step::sending(head, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem_of(answer: &str) -> Option<String> {
        problem(&format!("> Ping\n< {answer}").parse().unwrap())
    }

    #[test]
    fn a_bits_header_says_that_the_bits_layer_answers() {
        assert_eq!(problem_of("500 Ack"), None);
        assert_eq!(problem_of("404; BITS-Error: 0x1"), None);
    }

    #[test]
    fn a_bare_refusal_is_a_blocked_verb() {
        for status in [400, 404, 405, 501] {
            let told = problem_of(&format!("{status}; Server: x")).unwrap();
            assert!(told.starts_with("the verb is blocked before the BITS layer"), "{told}");
            assert!(told.contains(&format!("{status} from x")), "{told}");
        }
    }

    #[test]
    fn a_refused_session_is_told_with_the_answer() {
        let told = |lines: &str| refused(&lines.parse().unwrap(), "/x/");
        assert_eq!(told("> Ping\n< 500 Ack\n> Create-Session\n< 200 Ack"), None);
        let told = told("> Ping\n< 200 Ack\n> Create-Session\n< 404 Ack; BITS-Error: 0x80070003");
        let told = told.unwrap();
        assert!(told.contains("/x/ refuses") && told.contains("BITS-Error: 0x80070003"), "{told}");
    }

    #[test]
    fn silence_and_garbage_are_told_apart() {
        assert!(problem_of("!timed-out").unwrap().contains("does not answer"));
        assert!(
            problem_of("!garbage SSH-2.0").unwrap().contains("no HTTP server: no HTTP: SSH-2.0")
        );
        assert!(problem_of("!reset").unwrap().contains("reset"));
    }
}

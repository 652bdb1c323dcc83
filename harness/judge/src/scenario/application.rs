//! How the harness answers as the server application, as it is written in a scenario.

use std::time::Duration;

use bits_wire::{Payload, names};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    body::payload,
    compile::{Compiler, Context},
    error::{Blame as _, Fault, LoadErrorKind},
    options::Body,
    request::merge,
    scalar::HeaderValue,
    value::{At, Ordered, Place},
};
use crate::plan::{Action, Capability, Play, Template, Then, reason, seed_of};

/// The longest wait before an answer, in seconds.
pub(super) const LONGEST_PAUSE: f64 = 60.0;

/// One answer of the server application.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "ApplicationAnswer")]
pub(super) struct Answer {
    /// The status, 200 by default.
    status: Option<u16>,
    /// The version, `HTTP/1.1` by default.
    version: Option<At<String>>,
    /// Headers to add, to replace, or, with `null`, to leave out. `Content-Length` is there by default.
    headers: Ordered<At<HeaderValue>>,
    /// Says that the reply is at this URL.
    static_url: Option<At<String>>,
    /// Asks for the upload to be copied to its destination.
    copy: bool,
    /// The body, which by value is the reply.
    body: Option<At<Body>>,
    /// What is put into the file that the call names for the reply; needs `shared-files`.
    reply_file: Option<At<Body>>,
    /// Exactly these bytes instead of a head.
    raw: Option<At<String>>,
    /// Says nothing at all.
    silent: bool,
    /// Reads only so many bytes of the call's body before anything else happens.
    take: Option<u64>,
    /// Waits so many seconds before the answer, at most 60.
    wait: Option<At<f64>>,
    /// Sends only so many bytes of the body.
    cut: Option<u64>,
    /// What happens to the connection then: `keep` (by default), `close`, `reset`, or `stall`, which waits for the server
    /// to give it up and needs `notification-timeout`.
    then: Then,
    /// Prose.
    note: Option<String>,
}

impl Compiler<'_> {
    /// The step that says how calls are answered from here on.
    pub(super) fn play(&mut self, answers: &[Answer], context: Context<'_>) -> Result<(), Fault> {
        self.demand(Capability::Application, context)?;
        if answers.is_empty() {
            return Err(LoadErrorKind::NoAnswers).at(context.place);
        }
        let plays = answers.iter().map(|answer| self.answer(answer, context));
        let plays = plays.collect::<Result<_, _>>()?;
        self.push(context, Action::Play(plays), None, Vec::new());
        Ok(())
    }

    fn answer(&mut self, answer: &Answer, context: Context<'_>) -> Result<Play, Fault> {
        if answer.then == Then::Stall {
            self.demand(Capability::NotificationTimeout, context)?;
        }
        if answer.reply_file.is_some() {
            self.demand(Capability::SharedFiles, context)?;
        }
        let body = self.reply(answer.body.as_ref(), context)?;
        let file = match &answer.reply_file {
            None => None,
            some => Some(self.reply(some.as_ref(), context)?),
        };
        Ok(Play {
            take: answer.take,
            wait: pause(answer.wait.as_ref())?,
            head: self.answer_head(answer, &body, context)?,
            body,
            cut: answer.cut,
            then: answer.then,
            file,
        })
    }

    /// Bytes of a reply; they have a pattern of their own.
    fn reply(&self, body: Option<&At<Body>>, context: Context<'_>) -> Result<Payload, Fault> {
        let seed = seed_of(self.name, "reply");
        match body {
            None => Ok(Payload::Empty),
            Some(body) => payload(body, &context.scope.loops, self.entity, Some(seed), seed),
        }
    }

    fn answer_head(
        &mut self,
        answer: &Answer,
        body: &Payload,
        context: Context<'_>,
    ) -> Result<Option<Template>, Fault> {
        if let Some(raw) = &answer.raw {
            return self.template(&raw.value, None, context, raw.place).map(Some);
        }
        if answer.silent {
            return Ok(None);
        }
        let status = answer.status.unwrap_or(200);
        if !(100..600).contains(&status) {
            return Err(LoadErrorKind::Status(status)).at(context.place);
        }
        let mut head = Vec::new();
        match &answer.version {
            None => head.push(Template::said("HTTP/1.1")),
            Some(version) => head.push(self.line(&version.value, None, context, version.place)?),
        }
        head.push(Template::said(format!(" {status} {}\r\n", reason(status))));
        let defaults = defaults(answer, body, context.place);
        for (name, value, place) in merge(defaults, &answer.headers, context)? {
            head.push(Template::said(format!("{name}: ")));
            head.push(self.line(&value, None, context, place)?);
            head.push(Template::said("\r\n"));
        }
        head.push(Template::said("\r\n"));
        Ok(Some(head.into_iter().collect()))
    }
}

fn defaults(answer: &Answer, body: &Payload, here: Place) -> Vec<(String, String, Place)> {
    let mut lines = vec![(names::CONTENT_LENGTH.to_owned(), body.length().to_string(), here)];
    if let Some(url) = &answer.static_url {
        lines.push((names::STATIC_RESPONSE_URL.to_owned(), url.value.clone(), url.place));
    }
    if answer.copy {
        lines.push((names::COPY_TO_DESTINATION.to_owned(), "true".to_owned(), here));
    }
    if answer.then == Then::Close {
        lines.push((names::CONNECTION.to_owned(), "close".to_owned(), here));
    }
    lines
}

fn pause(wait: Option<&At<f64>>) -> Result<Duration, Fault> {
    wait.map_or(Ok(Duration::ZERO), seconds)
}

/// A time that a scenario can take.
pub(super) fn seconds(given: &At<f64>) -> Result<Duration, Fault> {
    number_up_to(LONGEST_PAUSE, given).map(Duration::from_secs_f64)
}

/// A number of seconds, or of times, that a scenario can wait.
pub(super) fn number_up_to(most: f64, number: &At<f64>) -> Result<f64, Fault> {
    if (0.0..=most).contains(&number.value) {
        Ok(number.value)
    } else {
        let (given, most) = (number.value.to_string(), most.to_string());
        Err(LoadErrorKind::Pause { given, most }).at(number.place)
    }
}

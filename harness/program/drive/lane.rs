//! One lane of a plan: steps one after the other, over connections of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bits_judge::{
    plan::{
        Action, Capture, CaptureForm, CutBy, Delivery, Play, Send, Step, Switch, Wait, seed_of,
    },
    transcript::{
        Deletion, Ending, Exchange, Order, Outage, OutageKind, Request, Sending, Skipped,
    },
};
use bits_wire::{
    Payload, authorization::redacted, http1::RequestHead, names, reply_url::ReplyPlace, text,
};

use super::{
    Broken, Outcome, Run,
    application::{Known, Ready},
    credentials::{Identified, Passport},
    is_conforming,
    meeting::{Meeting, together},
    patience::Patience,
    pipeline,
    raw::{Connections, Together},
    store,
    variables::Variables,
};

/// The longest time that a step may wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

/// An exchange that has begun.
#[derive(Clone, Copy)]
pub(super) struct Begun {
    number: usize,
    /// Its point in the common order.
    point: u64,
    started: Duration,
    pub(super) pipelined: bool,
}

/// A lane of a plan.
pub(super) struct Lane<'r> {
    run: &'r Run<'r>,
    number: u32,
    variables: Variables,
    connections: Connections<'r>,
    /// The number of the latest exchange on each connection.
    latest: BTreeMap<u32, usize>,
    passport: Passport<'r>,
    patience: Patience,
    /// Where it waits for the other lanes of its block; the plan's own lane has none.
    meeting: Option<Arc<Meeting>>,
}

impl<'r> Lane<'r> {
    /// The plan's own lane.
    pub(super) fn first(run: &'r Run<'r>, variables: Variables) -> Self {
        let options = &run.driver.options;
        Self {
            run,
            number: 0,
            variables,
            connections: Connections::new(&run.connections),
            latest: BTreeMap::new(),
            passport: Passport::new(&options.accounts, run.plan.role),
            patience: Patience::new(options.timeout, run.plan.lanes() + 1),
            meeting: None,
        }
    }

    /// Takes all steps of a plan, those of other lanes at the same time.
    pub(super) async fn carry_out(&mut self, steps: &[Step]) -> Result<(), Broken> {
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            if step.lane == self.number {
                let count = pipeline::together(&steps[at..]);
                match count {
                    0 | 1 => self.take(at, step).await?,
                    _ => self.take_together(at, &steps[at..at + count]).await?,
                }
                at += count.max(1);
                continue;
            }
            let block = steps[at..].iter().take_while(|step| step.lane != self.number).count();
            let numbered = (at..).zip(&steps[at..at + block]);
            self.branch(&numbered.collect::<Vec<_>>()).await?;
            at += block;
        }
        Ok(())
    }

    /// Takes the steps of other lanes, all lanes at once.
    async fn branch(&self, steps: &[(usize, &Step)]) -> Result<(), Broken> {
        let numbers: BTreeSet<u32> = steps.iter().map(|(_, step)| step.lane).collect();
        let meeting = Arc::new(Meeting::of(numbers.len()));
        let lanes = numbers.into_iter().map(|number| {
            let mut lane = Self::first(self.run, self.variables.clone());
            (lane.number, lane.meeting) = (number, Some(Arc::clone(&meeting)));
            let own = steps.iter().filter(move |(_, step)| step.lane == number);
            let meeting = &meeting;
            async move {
                for (at, step) in own {
                    lane.take(*at, step).await?;
                }
                meeting.leave();
                lane.leave();
                Ok(())
            }
        });
        together(lanes).await
    }

    async fn take(&mut self, at: usize, step: &Step) -> Result<(), Broken> {
        let missing = match &step.action {
            Action::Wait(wait) => {
                self.wait(at, step, *wait).await;
                return Ok(());
            }
            Action::Switch(switch) => return self.switch(at, step, *switch).await,
            Action::Meet => {
                if let Some(meeting) = &self.meeting {
                    meeting.arrive().await;
                }
                return Ok(());
            }
            Action::Play(plays) => match self.play(plays) {
                Ok(()) => return Ok(()),
                Err(name) => name,
            },
            Action::DeleteEntity { session } => match self.variables.fill(session) {
                Ok(session) => return self.delete(at, step, session),
                Err(name) => name,
            },
            Action::Send(send) => match self.head(send) {
                Ok(head) => return self.send(at, step, send, head).await,
                Err(name) => name,
            },
        };
        self.skip_for(at, step, missing);
        Ok(())
    }

    /// Skips a step for want of a variable.
    pub(super) fn skip_for(&mut self, at: usize, step: &Step, missing: &str) {
        self.skip(at, step, format!("no answer gave ${{{missing}}} a value"));
    }

    async fn wait(&mut self, at: usize, step: &Step, wait: Wait) {
        let timeout = self.run.directory.session_timeout;
        let time = match (wait, timeout) {
            (Wait::For(time), _) => time,
            (Wait::Jitter(most), _) => self.jitter(at, most),
            (Wait::SessionTimeout(hundredths), Some(timeout)) => timeout * hundredths / 100,
            (Wait::SessionTimeout(_), None) => {
                return self.skip(at, step, "the directory's session timeout is not known".into());
            }
        };
        if time > LONGEST_WAIT {
            let minutes = LONGEST_WAIT.as_secs() / 60;
            return self.skip(at, step, format!("it would wait for more than {minutes} minutes"));
        }
        tokio::time::sleep(time).await;
    }

    /// Does something to the server itself.
    async fn switch(&mut self, at: usize, step: &Step, switch: Switch) -> Result<(), Broken> {
        let driver = self.run.driver;
        let power = driver.options.power.as_ref().filter(|power| power.can(switch));
        let Some(power) = power else {
            self.skip(at, step, "there is no command that does this to the server".into());
            return Ok(());
        };
        let began = self.run.record.lock().point();
        driver.switch(power.as_ref(), switch).await?;
        let kind = match switch {
            Switch::Restart => OutageKind::Restarted,
            Switch::Stop => OutageKind::Stopped,
            Switch::Start => OutageKind::Started,
        };
        let mut record = self.run.record.lock();
        let order = Order { began, ended: record.point() };
        record.outage(Outage { kind, order });
        // Who was connected to it has lost it.
        self.connections.forget();
        Ok(())
    }

    /// A time that is the same for the same seed.
    fn jitter(&self, at: usize, most: Duration) -> Duration {
        let place = format!("{:x}/{}/{at}", self.run.driver.options.seed, self.number);
        let drawn = seed_of(&self.run.plan.name, &place) >> 16;
        let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(drawn % most.saturating_add(1))
    }

    fn play<'p>(&self, plays: &'p [Play]) -> Result<(), &'p str> {
        let Some(enrolled) = &self.run.enrolled else { return Ok(()) };
        let ready = |play: &'p Play| {
            let head = play.head.as_ref().map(|head| self.variables.fill(head)).transpose()?;
            Ok(Ready { head: head.map(|head| text::to_bytes(&head)), play: play.clone() })
        };
        enrolled.play(plays.iter().map(ready).collect::<Result<_, &str>>()?);
        Ok(())
    }

    fn skip(&mut self, at: usize, step: &Step, reason: String) {
        self.run.record.lock().skip(Skipped { line: step.line, step: at, reason });
    }

    fn delete(&mut self, at: usize, step: &Step, session: String) -> Result<(), Broken> {
        let Some(folder) = &self.run.driver.options.session_store else {
            self.skip(at, step, "the server's session store is not known".into());
            return Ok(());
        };
        match store::delete(folder, &session) {
            Ok(0) => Err(Broken(format!("no file of session {session} in {}", folder.display()))),
            Ok(_) => {
                let mut record = self.run.record.lock();
                let after = record.begun();
                record.delete(Deletion { after, session });
                Ok(())
            }
            Err(error) => {
                Err(Broken(format!("cannot take the files of session {session} away: {error}")))
            }
        }
    }

    /// Sends a request, and once more if the server asks for credentials that the plan can show.
    async fn send(
        &mut self,
        at: usize,
        step: &Step,
        send: &Send,
        head: RequestHead,
    ) -> Result<(), Broken> {
        let shown = self.shown(send, &head)?;
        let carried = shown.is_some();
        let first = shown.unwrap_or_else(|| Identified::as_written(&head));
        let mut exchange = self.once(at, step, send, first).await?;
        if exchange.answer().is_some_and(|answer| self.passport.is_asked(answer, carried))
            && let Some(again) = self.shown(send, &head)?
        {
            let send = Send { fresh: false, ..send.clone() };
            self.run.record.lock().put(exchange);
            exchange = self.once(at, step, &send, again).await?;
        }
        self.conclude(step, &head, exchange)
    }

    /// The head of a request with its variables filled in, or the variable that has no value.
    pub(super) fn head<'s>(&self, send: &'s Send) -> Result<RequestHead, &'s str> {
        self.variables.head(&send.head)
    }

    pub(super) fn shown(
        &mut self,
        send: &Send,
        head: &RequestHead,
    ) -> Result<Option<Identified>, Broken> {
        let shown = self.passport.shown(head, send.credentials);
        shown.map_err(|error| Broken(format!("no random numbers: {error}")))
    }

    /// One request and its answer; credentials do not go into the record.
    async fn once(
        &mut self,
        at: usize,
        step: &Step,
        send: &Send,
        shown: Identified,
    ) -> Result<Exchange, Broken> {
        self.look_at(&send.connection);
        let begun = self.begin(self.started());
        self.tell_application(begun.number);
        self.announce_upload(&shown.head, &send.body);
        let outcome = self.exchange(send, &shown.head).await?;
        let exchange = self.ended(at, step, send, shown, begun, outcome);
        self.tell_application(0);
        Ok(exchange)
    }

    /// How long the plan has been under way.
    pub(super) fn started(&self) -> Duration {
        self.run.began.elapsed()
    }

    /// An exchange begins that was `started` then.
    pub(super) fn begin(&self, started: Duration) -> Begun {
        let (number, point) = self.run.record.lock().begin();
        Begun { number, point, started, pipelined: false }
    }

    /// What has begun is over, and came to this.
    pub(super) fn ended(
        &mut self,
        at: usize,
        step: &Step,
        send: &Send,
        shown: Identified,
        begun: Begun,
        outcome: Outcome,
    ) -> Exchange {
        let order = Order { began: begun.point, ended: self.run.record.lock().point() };
        let head = redacted(shown.head, shown.bearer);
        self.latest.insert(outcome.connection, begun.number);
        let sending = Sending { pipelined: begun.pipelined, ..sending(send) };
        let exchange = Exchange {
            number: begun.number,
            line: step.line,
            step: at,
            lane: self.number,
            order,
            connection: outcome.connection,
            started: begun.started,
            took: outcome.took,
            request: Request { head, body: send.body.clone(), sent: outcome.sent, sending },
            received: outcome.received,
            fate: outcome.fate,
        };
        self.patience.bear(&exchange);
        exchange
    }

    /// Learns from an exchange that was asked with this head, and writes it down.
    pub(super) fn conclude(
        &mut self,
        step: &Step,
        head: &RequestHead,
        exchange: Exchange,
    ) -> Result<(), Broken> {
        self.remember(&step.captures, &exchange);
        if let Some(answer) = exchange.answer().filter(|it| self.passport.is_turned_away(head, it))
        {
            self.patience.turned_away(answer);
        }
        self.run.record.lock().put(exchange);
        self.patience.left()
    }

    /// The server application is told what a call may be about that does not name it.
    fn announce_upload(&self, head: &RequestHead, body: &Payload) {
        let Some(enrolled) = &self.run.enrolled else { return };
        let first = head.headers.first(names::CONTENT_RANGE).unwrap_or_default();
        let mut start = vec![0; Known::START];
        let count = body.fill(0, &mut start).filter(|_| first.starts_with("bytes 0-"));
        if let (Some(count @ 1..), Some(session)) = (count, head.headers.first(names::SESSION_ID)) {
            start.truncate(count);
            enrolled.expect(Known { session: session.to_owned(), start });
        }
    }

    fn tell_application(&self, number: usize) {
        if let Some(enrolled) = &self.run.enrolled {
            enrolled.during(number);
        }
    }

    /// Takes what later steps need from an answer.
    fn remember(&mut self, captures: &[Capture], exchange: &Exchange) {
        let Some(answer) = exchange.answer() else { return };
        for capture in captures {
            let Some(value) = answer.head.headers.first(&capture.header) else { continue };
            match capture.form {
                CaptureForm::Verbatim => self.variables.set(&capture.variable, value),
                CaptureForm::ReplyTarget => {
                    if let Some(target) = self.reply_target(value, exchange) {
                        self.variables.set(&capture.variable, &target);
                    }
                }
            }
        }
    }

    /// Where a reply is on this target; nothing if it is elsewhere.
    fn reply_target(&self, value: &str, exchange: &Exchange) -> Option<String> {
        let head = &exchange.request.head;
        let place = ReplyPlace::resolve(value, &head.target)?;
        let own = self.run.driver.target.authority();
        let here = |authority: &String| {
            authority.eq_ignore_ascii_case(&own)
                || head.headers.first(names::HOST) == Some(authority)
        };
        place.authority.as_ref().is_none_or(here).then_some(place.target)
    }

    async fn exchange(&mut self, send: &Send, head: &RequestHead) -> Result<Outcome, Broken> {
        let driver = self.run.driver;
        let ordinary =
            send.delivery == Delivery::default() && is_conforming(head, &send.body, &driver.target);
        if let Some(client) = driver.client.as_ref().filter(|_| ordinary) {
            return client.exchange(&driver.target, &driver.options, head, &send.body).await;
        }
        self.connections.exchange(driver, send, head).await
    }

    /// Sends several requests in one go.
    pub(super) async fn pipeline(
        &mut self,
        requests: &[Together<'_>],
    ) -> Result<Vec<Outcome>, Broken> {
        self.connections.pipeline(self.run.driver, requests).await
    }

    /// Bytes that came on a connection since its last exchange belong to that one: nobody asked for them.
    pub(super) fn look_at(&mut self, name: &str) {
        let Some((connection, bytes)) = self.connections.stray(name) else { return };
        if let Some(number) = self.latest.get(&connection) {
            self.run.record.lock().surplus(*number, bytes);
        }
    }

    /// Ends the lane: a last look at its connections, and what it regrets.
    pub(super) fn leave(mut self) {
        for name in self.connections.names() {
            self.look_at(&name);
        }
        if let Some(reason) = self.patience.regret() {
            self.run.record.lock().unfinished(reason);
        }
    }
}

/// What else a client does that sends this.
fn sending(send: &Send) -> Sending {
    let ending = match send.delivery.cut.map(|cut| cut.by) {
        None | Some(CutBy::End) => None,
        Some(CutBy::Reset) => Some(Ending::Reset),
        Some(CutBy::HalfClose) => Some(Ending::HalfClosed),
    };
    let paused = send.delivery.pauses(send.body.length());
    Sending { ending, paused, pipelined: false }
}

#[cfg(test)]
mod tests;

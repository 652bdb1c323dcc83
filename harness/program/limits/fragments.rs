//! Fragments that are half sent, each with a connection and a session of its own.

use std::time::Duration;

use bits_judge::transcript::Received;

use super::{
    figures::{Kind, Measured, Recovery, Refusal, Verdict},
    ground::{Denied, Ground, Session, is_success, refusal},
    packets::{Asks, At, first_half, second_half},
    search::{Attempt, Supply, search},
};
use crate::drive::{Begun, Line, pause};

/// How long a server may take to say that it waits for a body.
const WORD: Duration = Duration::from_secs(1);

/// How long one that does not say so may take to refuse a fragment half of which it has.
const QUICK: Duration = Duration::from_millis(100);

/// What it may mean that nobody says that the body may come.
const BUFFERED: &str = "nothing said that it waits for the rest of a body; what gathers whole requests before it passes \
                        them on looks so, and is what was measured then";

/// Measures how many fragments may be under way.
pub(super) async fn fragments(ground: &mut Ground<'_>, most: u64) -> Measured {
    let mut halves = Halves::new(ground);
    let mut measured = search(&mut halves, most).await.of(Kind::Fragments);
    if halves.asks == Asks::Never {
        measured.notes.push(BUFFERED.into());
    }
    let late = halves.put_back().await;
    late.correct(&mut measured);
    measured
}

/// A fragment of which one half is sent.
struct Half<'d> {
    line: Line<'d>,
    session: Session,
}

struct Halves<'g, 'd> {
    ground: &'g mut Ground<'d>,
    open: Vec<Half<'d>>,
    /// A session whose fragment was refused, for the next one.
    spare: Option<Session>,
    asks: Asks,
}

/// What was refused only when it was whole.
#[derive(Default)]
struct Late {
    refused: u64,
    first: Option<Refusal>,
}

impl<'g, 'd> Halves<'g, 'd> {
    fn new(ground: &'g mut Ground<'d>) -> Self {
        Self { ground, open: Vec::new(), spare: None, asks: Asks::First }
    }

    /// A connection that is answered, and a session.
    async fn prepare(&mut self) -> Result<(Line<'d>, Session), Attempt> {
        let mut line = self.ground.driver.line();
        let in_the_way = |what| {
            move |denied| match denied {
                Denied::Refused(refusal) => Attempt::InTheWay(what, refusal),
                Denied::Own(why) => Attempt::Own(why),
            }
        };
        let answered = self.ground.ping(&mut line).await.map_err(in_the_way("a connection"))?;
        if !matches!(&answered, Received::Answer(answer) if is_success(answer)) {
            return Err(Attempt::InTheWay("a connection", refusal(&answered)));
        }
        let session = match self.spare.take() {
            Some(session) => session,
            None => self.ground.create(&mut line, 0).await.map_err(in_the_way("a session"))?,
        };
        Ok((line, session))
    }

    async fn begin(&mut self, line: &mut Line<'d>, session: &Session) -> Result<Begun, Denied> {
        let head = At { host: &self.ground.host, path: &session.path };
        let head = head.fragment(&session.id, self.asks);
        let word = if self.asks == Asks::First { WORD } else { QUICK };
        let caller = &mut self.ground.guests[session.who].caller;
        Ok(line.begin(caller, &head, &first_half(), word).await?)
    }

    /// Sends the rest of a fragment and cancels its session.
    async fn end(&mut self, half: Half<'d>) -> Result<Received, Denied> {
        let Half { mut line, session } = half;
        let finished = line.finish(&second_half()).await;
        // A session that cannot be cancelled is noted, and takes no room from fragments.
        let _ = self.ground.cancel(&mut line, session).await;
        line.close().await;
        finished?.ok_or_else(|| Denied::Own("no fragment was begun".into()))
    }

    /// Ends everything, and says what of it the target did not take after all.
    async fn put_back(mut self) -> Late {
        let mut late = Late::default();
        for half in std::mem::take(&mut self.open) {
            let refused = match self.end(half).await {
                Ok(Received::Answer(answer)) if is_success(&answer) => continue,
                Ok(received) => refusal(&received),
                Err(Denied::Refused(refusal)) => refusal,
                Err(Denied::Own(why)) => Refusal::Fate(why),
            };
            late.first.get_or_insert(refused);
            late.refused += 1;
        }
        let mut line = self.ground.driver.line();
        self.ground.cancel_all(&mut line, self.spare.into_iter().collect()).await;
        line.close().await;
        late
    }
}

impl Late {
    /// What was refused in the end was never taken.
    fn correct(self, measured: &mut Measured) {
        let Some(first) = self.first else { return };
        measured.notes.push(format!(
            "{} of {} that were half sent were refused only when they were whole",
            self.refused, measured.taken
        ));
        measured.taken = measured.taken.saturating_sub(self.refused);
        if measured.beyond.is_none() {
            measured.beyond = Some(first);
            measured.recovers = Recovery::NotTried;
            measured.verdict =
                if measured.taken > 0 { Verdict::Limit } else { Verdict::NotMeasured };
        }
    }
}

impl Supply for Halves<'_, '_> {
    async fn open(&mut self) -> Attempt {
        let (mut line, session) = match self.prepare().await {
            Ok(ready) => ready,
            Err(attempt) => return attempt,
        };
        let begun = self.begin(&mut line, &session).await;
        let attempt = match begun {
            Ok(Begun::Refused(Received::Answer(answer))) if is_success(&answer) => Attempt::Own(
                "the target acknowledges a fragment of which it has only one half".into(),
            ),
            Ok(Begun::Refused(received)) => Attempt::Refused(refusal(&received)),
            Ok(begun) => {
                if begun == Begun::Silent {
                    self.asks = Asks::Never;
                }
                self.open.push(Half { line, session });
                return Attempt::Taken;
            }
            Err(denied) => denied.into(),
        };
        self.spare = Some(session);
        line.close().await;
        attempt
    }

    async fn release(&mut self) -> Result<(), String> {
        let Some(half) = self.open.pop() else { return Err("there is none".into()) };
        match self.end(half).await {
            Ok(Received::Answer(answer)) if is_success(&answer) => Ok(()),
            Ok(received) => Err(format!("its rest was answered with {}", refusal(&received))),
            Err(denied) => Err(denied.to_string()),
        }
    }

    async fn pause(&mut self, time: Duration) {
        pause(time).await;
    }

    fn go_on(&mut self, taken: u64) -> bool {
        self.ground.live.go_on(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none_found(taken: u64) -> Measured {
        let (verdict, recovers) = (Verdict::NoneFound, Recovery::NotTried);
        let (beyond, notes) = (None, vec![]);
        Measured { kind: Kind::Fragments, verdict, taken, tried: taken, beyond, recovers, notes }
    }

    #[test]
    fn what_is_refused_only_when_it_is_whole_was_never_taken() {
        let mut measured = none_found(20);
        Late::default().correct(&mut measured);
        assert_eq!(measured, none_found(20));
        let first = Some(Refusal::Fate("reset".into()));
        Late { refused: 17, first: first.clone() }.correct(&mut measured);
        assert_eq!((measured.verdict, measured.taken), (Verdict::Limit, 3));
        assert_eq!((&measured.beyond, measured.notes.len()), (&first, 1));
        let mut none = none_found(20);
        Late { refused: 20, first }.correct(&mut none);
        assert_eq!((none.verdict, none.taken), (Verdict::NotMeasured, 0));
    }
}

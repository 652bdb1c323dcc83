//! The search itself: one more until no more are taken, and then the proof that it is a limit. No I/O, no clock.

use std::time::Duration;

use super::figures::{Kind, Measured, Recovery, Refusal, Verdict};

/// How long to wait before what was refused is tried again, in case that something was only just ending.
const DOUBTS: [Duration; 3] =
    [Duration::from_millis(20), Duration::from_millis(80), Duration::from_millis(300)];

/// How long to wait after one has ended before one more is tried.
const HOPES: [Duration; 7] = [
    Duration::ZERO,
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(150),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// How often what looked like a limit may turn out to be none.
const MOST_RELAPSES: usize = 3;

/// Something that is opened, as many at once as there is room for.
pub(super) trait Supply {
    /// Opens one more.
    async fn open(&mut self) -> Attempt;

    /// Ends one of those that are open.
    ///
    /// # Errors
    ///
    /// Why it could not be ended.
    async fn release(&mut self) -> Result<(), String>;

    /// Waits.
    async fn pause(&mut self, time: Duration);

    /// Says how many there are, and hears whether to go on.
    fn go_on(&mut self, taken: u64) -> bool;
}

/// What came of one more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// It is open.
    Taken,
    /// It is refused.
    Refused(Refusal),
    /// What it takes to open one is refused.
    InTheWay(&'static str, Refusal),
    /// This side cannot open one.
    Own(String),
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    pub(super) verdict: Verdict,
    pub(super) taken: u64,
    pub(super) tried: u64,
    pub(super) beyond: Option<Refusal>,
    pub(super) recovers: Recovery,
    pub(super) notes: Vec<String>,
}

impl Search {
    /// What it says of this kind.
    pub(super) fn of(self, kind: Kind) -> Measured {
        let Self { verdict, taken, tried, beyond, recovers, notes } = self;
        Measured { kind, verdict, taken, tried, beyond, recovers, notes }
    }
}

/// Looks for the limit of a supply, at most so far. What is open at the end stays open.
pub(super) async fn search(supply: &mut impl Supply, most: u64) -> Search {
    let mut seeker = Seeker { supply, most, taken: 0, tried: 0, relapses: Vec::new() };
    let end = seeker.seek().await;
    let relapses = seeker.relapses;
    let mut search = Search {
        verdict: end.verdict,
        taken: seeker.taken,
        tried: seeker.tried,
        beyond: end.beyond,
        recovers: end.recovers,
        notes: end.notes,
    };
    if !relapses.is_empty() {
        let at: Vec<_> = relapses.iter().map(u64::to_string).collect();
        search.notes.push(format!(
            "one more was refused at {} and taken when it was tried again",
            at.join(", ")
        ));
    }
    search
}

struct Seeker<'s, S> {
    supply: &'s mut S,
    most: u64,
    taken: u64,
    tried: u64,
    /// How many were taken when a refusal turned out to be none.
    relapses: Vec<u64>,
}

/// How a search ends.
struct End {
    verdict: Verdict,
    beyond: Option<Refusal>,
    recovers: Recovery,
    notes: Vec<String>,
}

impl End {
    fn without_proof(verdict: Verdict, beyond: Option<Refusal>, note: Option<String>) -> Self {
        let notes = note.into_iter().collect();
        Self { verdict, beyond, recovers: Recovery::NotTried, notes }
    }
}

impl<S: Supply> Seeker<'_, S> {
    async fn seek(&mut self) -> End {
        loop {
            if let Some(end) = self.climb().await {
                return end;
            }
            if let Some(end) = self.confirm().await {
                return end;
            }
        }
    }

    /// Opens as many as there is room for; nothing if the next one is refused.
    async fn climb(&mut self) -> Option<End> {
        loop {
            if !self.supply.go_on(self.taken) {
                return Some(End::without_proof(Verdict::Stopped, None, None));
            }
            if self.taken >= self.most {
                return Some(End::without_proof(Verdict::NoneFound, None, None));
            }
            match self.open().await {
                Attempt::Taken => {}
                Attempt::Own(why) => return Some(self.own(why)),
                Attempt::Refused(_) | Attempt::InTheWay(..) => return None,
            }
        }
    }

    /// Tries again what was refused, and proves that it is a limit; nothing if it is none.
    async fn confirm(&mut self) -> Option<End> {
        let before = self.taken;
        let mut last = None;
        for doubt in DOUBTS {
            self.supply.pause(doubt).await;
            if !self.supply.go_on(self.taken) {
                return Some(End::without_proof(Verdict::Stopped, None, None));
            }
            match self.open().await {
                Attempt::Taken => return self.relapse(before),
                Attempt::Own(why) => return Some(self.own(why)),
                Attempt::InTheWay(what, refusal) => last = Some((Some(what), refusal)),
                Attempt::Refused(refusal) => last = Some((None, refusal)),
            }
            // Who does not answer has been waited for long enough.
            if last.as_ref().is_some_and(|(_, refusal)| refusal.is_silence()) {
                break;
            }
        }
        let (in_the_way, beyond) = last?;
        if let Some(what) = in_the_way {
            let verdict = if self.taken == 0 { Verdict::NotMeasured } else { Verdict::AtLeast };
            let note = format!("then {what} was refused, which one more needs");
            return Some(End::without_proof(verdict, Some(beyond), Some(note)));
        }
        if self.taken == 0 {
            let note = Some("not even the first one was taken".into());
            return Some(End::without_proof(Verdict::NotMeasured, Some(beyond), note));
        }
        self.prove(beyond).await
    }

    /// One ends, one more fits, and the next one is refused again; nothing if that one is taken.
    async fn prove(&mut self, beyond: Refusal) -> Option<End> {
        let limit = self.taken;
        if let Err(why) = self.supply.release().await {
            let note = Some(format!("none of them could be ended: {why}"));
            return Some(End::without_proof(Verdict::Limit, Some(beyond), note));
        }
        self.taken -= 1;
        let back = self.hope().await;
        let found = |recovers, notes| {
            Some(End { verdict: Verdict::Limit, beyond: Some(beyond.clone()), recovers, notes })
        };
        match back {
            Some(Attempt::Taken) => {}
            None => return Some(End::without_proof(Verdict::Stopped, Some(beyond), None)),
            Some(Attempt::Own(why)) => return found(Recovery::NotTried, vec![why]),
            Some(Attempt::Refused(_) | Attempt::InTheWay(..)) => {
                self.taken = limit;
                let note = "one of them ended, and none was taken in its place: it may be a limit on how many there \
                            are in a time, not at once";
                return found(Recovery::Stays, vec![note.into()]);
            }
        }
        match self.open().await {
            Attempt::Taken => self.relapse(limit),
            _ => found(Recovery::Recovers, vec![]),
        }
    }

    /// Tries until one more fits; nothing if it was stopped meanwhile.
    async fn hope(&mut self) -> Option<Attempt> {
        let mut last = None;
        for hope in HOPES {
            self.supply.pause(hope).await;
            if !self.supply.go_on(self.taken) {
                return None;
            }
            let attempt = self.open().await;
            let silent = matches!(&attempt, Attempt::Refused(refusal) if refusal.is_silence())
                && last.is_some();
            let ends = matches!(attempt, Attempt::Taken | Attempt::Own(_)) || silent;
            last = Some(attempt);
            if ends {
                break;
            }
        }
        last
    }

    async fn open(&mut self) -> Attempt {
        self.tried += 1;
        let attempt = self.supply.open().await;
        self.taken += u64::from(attempt == Attempt::Taken);
        attempt
    }

    /// What was refused at `at` is taken now: the search goes on, unless that happens again and again.
    fn relapse(&mut self, at: u64) -> Option<End> {
        self.relapses.push(at);
        let unsteady = || End::without_proof(Verdict::Unsteady, None, None);
        (self.relapses.len() > MOST_RELAPSES).then(unsteady)
    }

    fn own(&self, why: String) -> End {
        let verdict = if self.taken == 0 { Verdict::NotMeasured } else { Verdict::AtLeast };
        End::without_proof(verdict, None, Some(why))
    }
}

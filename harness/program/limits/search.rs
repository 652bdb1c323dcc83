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

/// How often one is replaced by another before it counts as a limit.
const ROUNDS: u32 = 3;

/// What it may mean that there is no room again.
const QUOTA: &str = "one of them ended, and none was taken in its place: it may be a limit on how many there are in a \
                     time, not at once";

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

    /// Proves that it is a limit; nothing if one more is taken after all.
    async fn prove(&mut self, beyond: Refusal) -> Option<End> {
        let limit = self.taken;
        // Who does not answer has been waited for long enough.
        let rounds = if beyond.is_silence() { 1 } else { ROUNDS };
        for _ in 0..rounds {
            match self.replace_one(limit, &beyond).await {
                Ok(Attempt::Taken) => return self.relapse(limit),
                Ok(_) => {}
                Err(end) => return Some(end),
            }
        }
        let (verdict, recovers) = (Verdict::Limit, Recovery::Recovers);
        Some(End { verdict, beyond: Some(beyond), recovers, notes: vec![] })
    }

    /// One ends, one more fits, and this comes of the next one; or else the search is over.
    async fn replace_one(&mut self, limit: u64, beyond: &Refusal) -> Result<Attempt, End> {
        let end = |verdict, recovers, note: Option<String>| {
            let (beyond, notes) = (Some(beyond.clone()), note.into_iter().collect());
            Err(End { verdict, beyond, recovers, notes })
        };
        if let Err(why) = self.supply.release().await {
            let note = format!("none of them could be ended: {why}");
            return end(Verdict::Limit, Recovery::NotTried, Some(note));
        }
        self.taken -= 1;
        match self.hope().await {
            Some(Attempt::Taken) => Ok(self.open().await),
            None => end(Verdict::Stopped, Recovery::NotTried, None),
            Some(Attempt::Own(why)) => {
                self.taken = limit;
                end(Verdict::Limit, Recovery::NotTried, Some(why))
            }
            Some(Attempt::Refused(_) | Attempt::InTheWay(..)) => {
                self.taken = limit;
                end(Verdict::Limit, Recovery::Stays, Some(QUOTA.into()))
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A target that takes one more or not, by how many there are and how often it was asked.
    struct Fake<F> {
        takes: F,
        open: u64,
        asked: u64,
        released: u64,
        paused: Duration,
        stop_at: u64,
    }

    impl<F: FnMut(u64, u64) -> Attempt> Supply for Fake<F> {
        async fn open(&mut self) -> Attempt {
            self.asked += 1;
            let attempt = (self.takes)(self.open, self.asked);
            self.open += u64::from(attempt == Attempt::Taken);
            attempt
        }

        async fn release(&mut self) -> Result<(), String> {
            self.open -= 1;
            self.released += 1;
            Ok(())
        }

        async fn pause(&mut self, time: Duration) {
            self.paused += time;
        }

        fn go_on(&mut self, _: u64) -> bool {
            self.asked < self.stop_at
        }
    }

    fn fake_of<F: FnMut(u64, u64) -> Attempt>(takes: F) -> Fake<F> {
        Fake { takes, open: 0, asked: 0, released: 0, paused: Duration::ZERO, stop_at: u64::MAX }
    }

    fn full() -> Refusal {
        Refusal::Answer { status: "503 Full".into(), bits_error: None }
    }

    fn takes(yes: bool) -> Attempt {
        if yes { Attempt::Taken } else { Attempt::Refused(full()) }
    }

    #[tokio::test]
    async fn a_limit_is_named_exactly_and_proved() {
        for limit in [1, 2, 7, 99] {
            let mut fake = fake_of(|open, _| takes(open < limit));
            let search = search(&mut fake, 100).await;
            assert_eq!((search.verdict, search.taken), (Verdict::Limit, limit));
            assert_eq!((search.recovers, search.beyond), (Recovery::Recovers, Some(full())));
            assert_eq!((fake.open, fake.released, search.tried), (limit, 3, fake.asked));
            assert_eq!(search.notes, [""; 0]);
        }
    }

    #[tokio::test]
    async fn who_never_refuses_is_asked_so_often_and_no_more() {
        let mut fake = fake_of(|_, _| Attempt::Taken);
        let search = search(&mut fake, 100).await;
        assert_eq!((search.verdict, search.taken, fake.asked), (Verdict::NoneFound, 100, 100));
        assert_eq!((search.beyond, search.recovers), (None, Recovery::NotTried));
        // A limit that is just as far as was looked does not show.
        let mut as_far = fake_of(|open, _| takes(open < 100));
        assert_eq!(super::search(&mut as_far, 100).await.verdict, Verdict::NoneFound);
    }

    #[tokio::test]
    async fn who_takes_none_has_no_limit_that_could_be_measured() {
        let mut fake = fake_of(|_, _| takes(false));
        let search = search(&mut fake, 100).await;
        assert_eq!((search.verdict, search.taken), (Verdict::NotMeasured, 0));
        assert_eq!((search.beyond, fake.released), (Some(full()), 0));
    }

    #[tokio::test]
    async fn what_was_only_just_ending_is_no_limit() {
        // Two that ended a moment before the search are still counted for the first ten tries.
        let mut fake = fake_of(|open, asked| takes(open + if asked < 10 { 2 } else { 0 } < 8));
        let search = search(&mut fake, 100).await;
        assert_eq!((search.verdict, search.taken), (Verdict::Limit, 8));
        assert_eq!(search.notes.len(), 1, "{:?}", search.notes);
    }

    #[tokio::test]
    async fn refusals_that_come_and_go_are_no_limit() {
        let mut state = 0x5eed_u64;
        let random = move |_, _| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            takes(!(state >> 33).is_multiple_of(3))
        };
        let mut fake = fake_of(random);
        let search = search(&mut fake, 10_000).await;
        assert_eq!(search.verdict, Verdict::Unsteady);
        assert!(search.notes[0].contains("taken when it was tried again"), "{:?}", search.notes);
        assert!(fake.asked < 200, "{}", fake.asked);
    }

    #[tokio::test]
    async fn who_does_not_recover_is_told_so() {
        // A quota: so many in all, whatever ends.
        let mut fake = fake_of(|_, asked| takes(asked <= 7));
        let search = search(&mut fake, 100).await;
        assert_eq!((search.verdict, search.taken), (Verdict::Limit, 7));
        assert_eq!((search.recovers, fake.open), (Recovery::Stays, 6));
        assert!(fake.paused > Duration::from_secs(4), "{:?}", fake.paused);
    }

    #[tokio::test]
    async fn who_recovers_late_is_waited_for() {
        let mut ended = None;
        let slow = move |open: u64, asked: u64| {
            if open == 2 && ended.is_none() {
                ended = Some(asked + 4);
            }
            takes(open < 3 && ended.is_none_or(|since| asked < 7 || asked >= since + 4))
        };
        let mut fake = fake_of(slow);
        let search = search(&mut fake, 100).await;
        assert_eq!((search.verdict, search.taken), (Verdict::Limit, 3));
        assert_eq!(search.recovers, Recovery::Recovers);
    }

    #[tokio::test]
    async fn a_target_that_says_nothing_is_not_asked_again_and_again() {
        let silence = || Attempt::Refused(Refusal::Fate(Refusal::SILENCE.into()));
        let mut quiet = fake_of(|open, _| if open < 5 { Attempt::Taken } else { silence() });
        let search = search(&mut quiet, 100).await;
        assert_eq!((search.verdict, search.taken), (Verdict::Limit, 5));
        assert_eq!((search.recovers, quiet.asked), (Recovery::Recovers, 9));
        let mut dead = fake_of(|_, asked| if asked <= 5 { Attempt::Taken } else { silence() });
        assert_eq!(super::search(&mut dead, 100).await.recovers, Recovery::Stays);
        assert_eq!(dead.asked, 9);
    }

    #[tokio::test]
    async fn another_limit_in_the_way_is_told() {
        let mut fake = fake_of(|open, _| match open {
            4 => Attempt::InTheWay("a connection", full()),
            _ => Attempt::Taken,
        });
        let search = search(&mut fake, 100).await;
        assert_eq!((search.verdict, search.taken), (Verdict::AtLeast, 4));
        assert!(search.notes[0].contains("a connection"), "{:?}", search.notes);
    }

    #[tokio::test]
    async fn what_this_side_lacks_is_no_limit_of_the_target() {
        let mut poor = fake_of(|open, _| match open {
            4 => Attempt::Own("too many open files".into()),
            _ => Attempt::Taken,
        });
        let search = search(&mut poor, 100).await;
        assert_eq!((search.verdict, search.taken), (Verdict::AtLeast, 4));
        assert_eq!((search.beyond, search.notes), (None, vec!["too many open files".to_owned()]));
        let mut none = fake_of(|_, _| Attempt::Own("no network".into()));
        assert_eq!(super::search(&mut none, 100).await.verdict, Verdict::NotMeasured);
    }

    #[tokio::test]
    async fn a_stop_is_heard_at_every_step() {
        for stop_at in 0..14 {
            let mut fake = fake_of(|open, _| takes(open < 5));
            fake.stop_at = stop_at;
            let search = search(&mut fake, 100).await;
            assert!(fake.asked <= stop_at + 1, "{stop_at}: {}", fake.asked);
            assert_eq!(search.verdict, Verdict::Stopped, "{stop_at}");
        }
    }
}

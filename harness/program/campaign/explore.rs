//! A campaign: which session comes next, and what the last one showed.

use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    time::{Duration, Instant},
};

use bits_judge::{
    campaign::{Corpus, features},
    model::{self, Operation},
    report::{Circumstances, Results, Rows, Tally},
    transcript::{Fate, Received, Transcript},
};

use crate::{
    campaign::{config::CampaignConfig, crash::Crash, state::SavedState, store::insert},
    error::Error,
    runner::{
        event::Progress,
        executor::{Executor, Job, JobOutcome, JobSource},
        options::RunConfig,
        shard::Shard,
    },
    triage::finding::ReportedKinds,
};

/// How many sessions are remembered, for the case that the target dies of one of them.
const MEMORY: usize = 32;

/// How often the record is written.
const SAVE: Duration = Duration::from_secs(30);

/// Why no session comes for the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// It is over.
    Over,
    /// It is not certain that the target is still there.
    Doubt,
    /// Something was found that was not found before.
    News,
}

/// What a campaign came to since this program was started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    /// How many sessions were carried out.
    pub(crate) sessions: usize,
    /// How long it took.
    pub(crate) took: Duration,
    /// How many sessions completed an upload.
    pub(crate) uploading: usize,
    /// How many features they showed.
    pub(crate) features: usize,
    /// How many sessions of the corpus show them.
    pub(crate) corpus: usize,
    pub(crate) seed: u64,
}

/// Long random runs against one target.
pub(crate) struct Campaign<'s> {
    executor: &'s Executor,
    tally: Tally,
    corpus: Corpus,
    seed: u64,
    /// What it is aimed at, and how.
    identity: String,
    shard: Shard,
    /// The number of the session that comes next.
    next: u64,
    /// Sessions of the corpus that were not carried out yet.
    lessons: VecDeque<Vec<Operation>>,
    began: Instant,
    time: Option<Duration>,
    left: Option<u64>,
    /// Where the corpus lies, if it is kept.
    folder: Option<PathBuf>,
    /// The last sessions, the newest at the end.
    recent: VecDeque<(String, Vec<Operation>)>,
    /// The sessions that showed something first.
    witnesses: BTreeMap<String, Vec<Operation>>,
    doubt: bool,
    news: bool,
    trouble: Option<Error>,
    /// What there was before this program was started.
    before: Option<Results>,
    /// Where findings are written down.
    told: ReportedKinds,
    saved: Instant,
}

impl<'s> Campaign<'s> {
    /// Begins with the sessions that are known, and where an earlier one was left.
    pub(crate) fn begin(
        executor: &'s Executor,
        circumstances: Circumstances,
        options: &CampaignConfig,
        config: &RunConfig,
        lessons: Vec<Vec<Operation>>,
        before: Option<SavedState>,
    ) -> Self {
        let (next, before, told) = match before {
            Some(record) => (record.next, Some(record.results), record.told),
            None => (options.shard.number - 1, None, ReportedKinds::new()),
        };
        Self {
            seed: config.seed,
            identity: config.identity(),
            shard: options.shard,
            next,
            time: Some(options.time),
            left: options.sessions,
            folder: Some(options.corpus.clone()),
            before,
            told,
            ..Self::lesson(executor, circumstances, lessons)
        }
    }

    /// Carries out sessions that are known, and nothing else.
    pub(crate) fn lesson(
        executor: &'s Executor,
        circumstances: Circumstances,
        lessons: Vec<Vec<Operation>>,
    ) -> Self {
        let now = Instant::now();
        Self {
            executor,
            tally: Tally::new(circumstances, Rows::Unfinished),
            corpus: Corpus::default(),
            seed: 0,
            identity: String::new(),
            shard: Shard::ALL,
            next: 0,
            lessons: lessons.into(),
            began: now,
            time: None,
            left: Some(0),
            folder: None,
            recent: VecDeque::new(),
            witnesses: BTreeMap::new(),
            doubt: false,
            news: false,
            trouble: None,
            before: None,
            told: ReportedKinds::new(),
            saved: now,
        }
    }

    /// What was learned.
    pub(crate) fn into_corpus(self) -> Corpus {
        self.corpus
    }

    /// Why no session came.
    pub(crate) const fn pause(&self) -> Pause {
        match (self.doubt, self.news) {
            (true, _) => Pause::Doubt,
            (false, true) => Pause::News,
            (false, false) => Pause::Over,
        }
    }

    /// Goes on after a pause.
    pub(crate) const fn go_on(&mut self) {
        match self.pause() {
            Pause::Doubt => self.doubt = false,
            Pause::News | Pause::Over => self.news = false,
        }
    }

    /// The last sessions, the newest at the end.
    pub(crate) fn recent(&self) -> Vec<(String, Vec<Operation>)> {
        self.recent.iter().cloned().collect()
    }

    /// What the session of this name did, if it showed something first.
    pub(crate) fn witness(&self, name: &str) -> Option<Vec<Operation>> {
        self.witnesses.get(name).cloned()
    }

    /// Remembers where findings are written down.
    pub(crate) fn remember_told(&mut self, told: &ReportedKinds) {
        self.told.clone_from(told);
    }

    /// Where findings were written down before.
    pub(crate) const fn told(&self) -> &ReportedKinds {
        &self.told
    }

    /// Adds the crash of the target.
    pub(crate) fn record_crash(&mut self, crash: &Crash) {
        self.tally.tell(crash.finding.clone());
        self.recent.clear();
    }

    /// What this program has found since it was started.
    pub(crate) fn so_far(&self) -> Results {
        self.tally.clone().results(None, since(self.began))
    }

    /// Everything, with what there was before.
    ///
    /// # Errors
    ///
    /// If that cannot be added up.
    pub(crate) fn results(&mut self, stopped: Option<u8>) -> Result<Results, Error> {
        let now = self.tally.clone().results(stopped, since(self.began));
        let Some(mut before) = self.before.clone() else { return Ok(now) };
        // It was stopped, and has been gone on with.
        before.interrupted = false;
        Results::merged(vec![before, now]).map_err(|error| Error::internal(error.to_string()))
    }

    /// Writes down how far it is.
    ///
    /// # Errors
    ///
    /// If that cannot be written.
    pub(crate) fn save(&mut self) -> Result<(), Error> {
        self.saved = Instant::now();
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let results = self.results(None)?;
        let identity = self.identity.clone();
        let told = self.told.clone();
        SavedState { seed: self.seed, next: self.next, identity, results, told }
            .save(&folder, self.shard)
    }

    /// What it came to, in numbers.
    pub(crate) fn summary(&self) -> Summary {
        let totals = self.tally.totals();
        Summary {
            sessions: totals.scenarios(),
            took: since(self.began),
            uploading: totals.uploading,
            features: self.corpus.features(),
            corpus: self.corpus.len(),
            seed: self.seed,
        }
    }

    fn is_over(&self) -> bool {
        self.time.is_some_and(|time| since(self.began) >= time)
            || self.left == Some(0)
            || self.trouble.is_some()
    }

    /// The next session: one of the corpus, or a new one.
    fn choose(&mut self) -> Option<(String, Vec<Operation>)> {
        if let Some(operations) = self.lessons.pop_front() {
            return Some((format!("corpus/{:06}", self.lessons.len()), operations));
        }
        if self.is_over() {
            return None;
        }
        let number = self.next;
        self.next += self.shard.of;
        self.left = self.left.map(|left| left.saturating_sub(1));
        let corpus = &self.corpus;
        let earlier = |at| corpus.session(at);
        let operations = model::variation(self.seed, number, corpus.len(), earlier);
        Some((format!("fuzz/{number:06}"), operations))
    }

    fn remember(&mut self, name: &str, operations: &[Operation]) {
        self.recent.push_back((name.to_owned(), operations.to_vec()));
        if self.recent.len() > MEMORY {
            self.recent.pop_front();
        }
    }

    fn keep_if_new(&mut self, one: &JobOutcome) {
        let shown = features(&one.operations, &one.transcript);
        let Some((name, text)) = self.corpus.consider(&one.operations, shown) else { return };
        if let Some(folder) = &self.folder
            && !folder.join(&name).exists()
            && let Err(failure) = insert(folder, &name, &text)
        {
            self.trouble.get_or_insert(failure);
        }
    }

    /// Saves how far it is from time to time.
    fn save_from_time_to_time(&mut self) {
        if since(self.saved) >= SAVE
            && let Err(failure) = self.save()
        {
            self.trouble.get_or_insert(failure);
        }
    }
}

impl JobSource for Campaign<'_> {
    fn next(&mut self) -> Option<Job> {
        if self.doubt || self.news {
            return None;
        }
        loop {
            let (name, operations) = self.choose()?;
            match self.executor.random(model::plan(&name, &operations), operations.clone()) {
                Ok(job) => {
                    self.remember(&name, &operations);
                    return Some(job);
                }
                Err(skipped) => self.tally.add(*skipped),
            }
        }
    }

    fn ended(&mut self, one: JobOutcome) {
        self.doubt |= is_doubtful(&one.transcript);
        self.keep_if_new(&one);
        let kinds = self.tally.kinds();
        let name = one.transcript.facts.scenario.clone();
        let has_breach = one.judged.has_breach();
        self.tally.add(one.judged);
        let is_new = self.tally.kinds() > kinds;
        self.news |= is_new;
        // Of several that were under way, the one that counts as the first may end later.
        if is_new || (self.news && has_breach) {
            self.witnesses.insert(name, one.operations);
        }
        self.save_from_time_to_time();
    }

    fn stopped(&mut self, _: Vec<(String, String)>) {}

    fn progress(&self) -> Progress {
        let spent = since(self.began);
        Progress::Campaign {
            left: self.time.map_or(Duration::ZERO, |time| time.saturating_sub(spent)),
            spent,
            sessions: self.tally.totals().scenarios(),
            features: self.corpus.features(),
            corpus: self.corpus.len(),
            kinds: self.tally.kinds(),
        }
    }
}

/// Whether a session leaves it open if the target still lives: one that was not cut short by the plan, and got no answer.
fn is_doubtful(transcript: &Transcript) -> bool {
    let last = transcript.exchanges.last();
    let silent = last.is_some_and(|exchange| {
        let cut = exchange.fate == Fate::Dropped
            && exchange.request.sent < exchange.request.body.length();
        matches!(exchange.received, Received::Nothing(_)) && !cut
    });
    silent || transcript.unfinished.is_some()
}

/// The time since then, and none before it.
fn since(began: Instant) -> Duration {
    Instant::now().saturating_duration_since(began)
}

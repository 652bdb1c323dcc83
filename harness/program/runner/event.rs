//! What a run tells while it goes on.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use bits_judge::report::Results;
use url::Url;

/// Something that happened in a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// The target was reached and looked at.
    Started {
        /// The URL of the target.
        target: &'a Url,
    },
    /// A scenario or a random session ended and was judged.
    ScenarioEnded {
        /// Its name.
        name: &'a str,
        /// Whether it broke a clause or an expectation.
        has_breach: bool,
        /// How far the run is.
        progress: Progress,
    },
    /// Triage wrote down something that was found.
    Finding(Finding<'a>),
    /// Something could not be done, and the run goes on or ends without it.
    Hindrance(Hindrance<'a>),
    /// Everything was carried out, or the run was stopped.
    Finished(&'a Results),
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A run of scenarios, or of a number of random sessions.
    Run {
        /// How many are over.
        done: usize,
        /// How many there are.
        total: usize,
        /// How many of them broke something.
        broken: usize,
    },
    /// A campaign, which ends by the clock.
    Campaign {
        /// The time that is left.
        left: Duration,
        /// The time since it began.
        spent: Duration,
        /// How many sessions were carried out.
        sessions: usize,
        /// How many features they showed.
        features: usize,
        /// How many sessions of the corpus show them.
        corpus: usize,
        /// How many kinds of findings there are.
        kinds: usize,
    },
}

/// Something that was found and written into a folder.
#[derive(Debug)]
pub enum Finding<'a> {
    /// A clause or an expectation is broken.
    Violation {
        /// The id of the clause.
        clause: &'a str,
        /// The check that found it.
        check: &'a str,
        /// How many steps the session had that showed it.
        steps_before: usize,
        /// How many steps of it show it as well.
        steps: usize,
        /// How many sessions were tried to make it smaller.
        tries: u32,
        /// Why no more were tried.
        stopped: &'a str,
        /// Whether it comes again.
        reproducibility: &'a str,
        /// The folder.
        folder: &'a Path,
    },
    /// The target does not answer any more.
    Crash {
        /// After what.
        cause: &'a str,
        /// The folder.
        folder: &'a Path,
    },
}

/// Something that could not be done.
#[derive(Debug)]
pub enum Hindrance<'a> {
    /// The target was stopped by a scenario, and does not start again.
    TargetStaysDown(&'a str),
    /// The target refuses a small upload.
    UploadRefused(&'a str),
    /// The run was stopped before what races found was carried out again.
    NotRetried,
    /// The run was stopped before everything that was found was followed.
    NotTriaged,
}

/// Where the events of a run go.
#[derive(Clone)]
pub(crate) struct Events(Arc<dyn Fn(&Event<'_>) + Send + Sync>);

impl Events {
    /// Gives them to a function.
    pub(crate) fn to(listener: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    /// Lets them go unheard.
    pub(crate) fn ignored() -> Self {
        Self::to(|_| ())
    }

    /// Tells of one.
    pub(crate) fn tell(&self, event: &Event<'_>) {
        (self.0)(event);
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Events")
    }
}

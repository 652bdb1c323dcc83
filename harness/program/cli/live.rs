//! Shows on the terminal what a run tells, and stops it by signals.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use bits_judge::report::progress;

use crate::{
    error::Error,
    runner::{
        event::{Event, Events, Finding, Hindrance, Progress},
        interrupts::Interrupts,
    },
    term::{
        print::{self, Line},
        signals::Signals,
    },
};

/// How often a line tells how far a campaign is where no terminal shows it all the time.
const EVERY: Duration = Duration::from_secs(60);

/// Hears signals from now on.
///
/// # Errors
///
/// If the system does not let the program hear them.
pub(crate) fn signals() -> Result<Signals, Error> {
    Signals::hear().map_err(|error| Error::internal(format!("cannot hear signals: {error}")))
}

impl Interrupts for Signals {
    async fn next(&mut self) -> u8 {
        Self::next(self).await
    }
}

/// Shows everything, and how far the run is.
pub(crate) fn shown() -> Events {
    events(Line::new())
}

/// Shows everything but how far the run is, where several runs go at a time.
pub(crate) fn without_progress() -> Events {
    events(Line::hidden())
}

fn events(line: Line) -> Events {
    let live = Live { line, said: Mutex::new(Instant::now()) };
    Events::to(move |event| live.show(event))
}

/// What is shown of a run.
struct Live {
    line: Line,
    /// When it was last told how far a campaign is, where no terminal shows it.
    said: Mutex<Instant>,
}

impl Live {
    fn show(&self, event: &Event<'_>) {
        match event {
            Event::Started { .. } => {}
            Event::ScenarioEnded { progress, .. } => self.show_progress(*progress),
            Event::Finding(finding) => {
                self.line.end();
                print::note(&found(finding));
            }
            Event::Hindrance(hindrance) => {
                self.line.end();
                show_hindrance(hindrance);
            }
            Event::Finished(_) => self.line.end(),
        }
    }

    fn show_progress(&self, progress: Progress) {
        self.line.show(|| progress_line(progress));
        if matches!(progress, Progress::Campaign { .. }) && !print::is_terminal() {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            if said.elapsed() >= EVERY {
                *said = Instant::now();
                print::note(&progress_line(progress));
            }
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.line.end();
    }
}

fn progress_line(progress: Progress) -> String {
    match progress {
        Progress::Run { done, total, broken } => {
            progress::line(&progress::Progress { done, total, broken, current: None }, 79)
        }
        Progress::Campaign { left, spent, sessions, features, corpus, kinds } => {
            let rate = sessions as f64 / spent.as_secs_f64().max(0.001);
            let left = clock(left);
            format!(
                "{left} left · {sessions} sessions ({rate:.0}/s) · {features} features, shown by {corpus} sessions · \
                 {kinds} kinds of findings"
            )
        }
    }
}

fn found(finding: &Finding<'_>) -> String {
    match finding {
        Finding::Violation {
            clause,
            check,
            steps_before,
            steps,
            tries,
            stopped,
            reproducibility,
            folder,
        } => format!(
            "finding {clause} · {check} · {steps_before} → {steps} steps in {tries} tries ({stopped}) · \
             {reproducibility} · {}",
            folder.display()
        ),
        Finding::Crash { cause, folder } => {
            format!("the target died of {cause}: {}", folder.display())
        }
    }
}

fn show_hindrance(hindrance: &Hindrance<'_>) {
    match hindrance {
        Hindrance::TargetStaysDown(reason) => {
            print::error(&format!("the target is stopped, and does not start: {reason}"));
        }
        Hindrance::UploadRefused(answer) => print::note(answer),
        Hindrance::NotRetried => {
            print::note("stopped; what overlapped was not looked at again");
        }
        Hindrance::NotTriaged => print::note(
            "stopped; what was not followed yet is in no folder, and --seed finds it again",
        ),
    }
}

/// A time as people say it: `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

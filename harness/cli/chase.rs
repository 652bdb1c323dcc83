//! What random sessions find is made sure of, made small, and written down as scenario files.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{occasion::Case, output, suite::Suite};
use crate::{
    checks::Outcome,
    model::{self, Operation, Shrinker},
    report::{FindingResult, Results},
    scenario,
    spec::Dialect,
};

/// The longest that one finding is made smaller.
const LONGEST: Duration = Duration::from_secs(60);

/// The longest that findings are followed in all.
const LONGEST_OF_ALL: Duration = Duration::from_secs(10 * 60);

/// The most sessions that are tried to make one finding smaller.
const MOST_TRIES: u32 = 600;

/// How often a finding is tried again under load, and how often alone.
const REPEATS: u32 = 3;

/// The most different ways to the same check that are written down.
const MOST_OF_A_CHECK: usize = 5;

/// The most findings that are followed.
const MOST_LEADS: usize = 50;

/// A finding that is worth a scenario file, the first of its kind.
struct Lead<'a> {
    case: Case,
    finding: &'a FindingResult,
}

/// What became of a lead.
struct Chased<'a> {
    lead: Lead<'a>,
    /// How often it was found.
    count: usize,
    /// Whether it comes again.
    constancy: Constancy,
    /// The session that shows it.
    operations: Vec<Operation>,
    /// How many steps it had before.
    steps_before: usize,
    tries: u32,
    stopped: &'static str,
    /// Where it is written down.
    path: PathBuf,
}

/// Whether a finding comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Constancy {
    /// Each time.
    Always,
    /// Under load only.
    UnderLoad,
    /// So often of [`REPEATS`] times twice.
    Sometimes(u32),
}

impl Constancy {
    const fn of(under_load: u32, alone: u32) -> Self {
        match (under_load, alone) {
            (REPEATS, REPEATS) => Self::Always,
            (1.., 0) => Self::UnderLoad,
            (some, more) => Self::Sometimes(some + more),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Always => "deterministic".into(),
            Self::UnderLoad => "under load only".into(),
            Self::Sometimes(times) => format!("flaky, {times} of {} times", 2 * REPEATS),
        }
    }
}

impl Lead<'_> {
    /// The id of the clause that is broken.
    fn clause(&self) -> Option<&'static str> {
        self.finding.clause.map(|clause| clause.id)
    }
}

impl Chased<'_> {
    /// One line for the terminal.
    fn line(&self) -> String {
        format!(
            "finding {} · {} · {} → {} steps in {} tries ({}) · {} · {}",
            self.lead.clause().unwrap_or("without a clause"),
            self.lead.finding.check,
            self.steps_before,
            self.operations.len(),
            self.tries,
            self.stopped,
            self.constancy.text(),
            self.path.display()
        )
    }
}

/// Follows the findings of random sessions, one of each kind, and writes a scenario file for each into `folder`.
///
/// # Errors
///
/// If a file cannot be written.
pub(super) async fn chase(suite: &Suite, results: &Results, folder: &Path) -> io::Result<()> {
    let leads = leads(results);
    if !leads.is_empty() {
        fs::create_dir_all(folder)?;
    }
    let began = Instant::now();
    let mut chased: Vec<Chased<'_>> = Vec::new();
    for lead in leads.into_iter().take(MOST_LEADS) {
        let check = lead.finding.check;
        let is_of_check = |other: &&Chased<'_>| other.lead.finding.check == check;
        let before = chased.iter().filter(is_of_check).count();
        if before >= MOST_OF_A_CHECK || began.elapsed() > LONGEST_OF_ALL {
            continue;
        }
        let mut found = follow(suite, lead, results.dialect, folder).await;
        let same = |other: &Chased<'_>| is_of_check(&other) && other.operations == found.operations;
        if let Some(place) = chased.iter().position(same) {
            let mut other = chased.remove(place);
            other.count += found.count;
            found = other;
        } else {
            output::remark(&found.line());
        }
        // At once, so that nothing is lost if the run is stopped.
        fs::write(&found.path, written(&found, results))?;
        chased.push(found);
    }
    Ok(())
}

/// The findings of random sessions that count.
fn leads(results: &Results) -> Vec<Lead<'_>> {
    let counts =
        |outcome| matches!(outcome, Outcome::Broken | Outcome::Warning | Outcome::Deviation);
    let told = results.findings.iter().filter(|finding| counts(finding.outcome));
    told.filter_map(|finding| {
        Some(Lead { case: Case::named(results.seed, &finding.scenario)?, finding })
    })
    .collect()
}

async fn follow<'a>(suite: &Suite, lead: Lead<'a>, dialect: Dialect, folder: &Path) -> Chased<'a> {
    let Lead { case, finding, .. } = lead;
    let trial = Trial { suite, check: finding.check, dialect };
    let operations = case.operations();
    let under_load = trial.under_load(&operations, case).await;
    let alone = trial.alone(&operations).await;
    let began = Instant::now();
    let mut shrinker = Shrinker::new(operations.clone());
    let mut tries = 0;
    let stopped = loop {
        if alone == 0 {
            break "not found alone";
        }
        if tries >= MOST_TRIES {
            break "as many tries as there may be";
        }
        if began.elapsed() > LONGEST {
            break "as long as it may take";
        }
        let Some(next) = shrinker.propose() else { break "nothing smaller shows it" };
        tries += 1;
        if trial.shows(&next).await {
            shrinker.keep(next);
        }
    };
    let check = finding.check.replace('/', "-");
    Chased {
        count: finding.more + 1,
        lead,
        constancy: Constancy::of(under_load, alone),
        steps_before: operations.len(),
        operations: shrinker.best().to_vec(),
        tries,
        stopped,
        path: folder.join(format!("{check}-{:x}-{:06}.yaml", case.seed, case.number)),
    }
}

struct Trial<'a> {
    suite: &'a Suite,
    check: &'static str,
    dialect: Dialect,
}

impl Trial<'_> {
    /// Whether a session shows it, carried out now on files that nobody has touched.
    async fn shows(&self, operations: &[Operation]) -> bool {
        let judged = self.suite.again(&model::plan("random/again", operations)).await;
        judged.breaks(self.check, self.dialect)
    }

    async fn alone(&self, operations: &[Operation]) -> u32 {
        let mut times = 0;
        for _ in 0..REPEATS {
            times += u32::from(self.shows(operations).await);
        }
        times
    }

    /// Several at once, with the sessions that were its neighbours.
    async fn under_load(&self, operations: &[Operation], case: Case) -> u32 {
        let neighbours = [case.number.wrapping_sub(1), case.number.wrapping_add(1)].map(|number| {
            let other = Case { number, ..case };
            model::plan(&other.name(), &other.operations())
        });
        let (one, two, three, ..) = tokio::join!(
            self.shows(operations),
            self.shows(operations),
            self.shows(operations),
            self.suite.again(&neighbours[0]),
            self.suite.again(&neighbours[1]),
        );
        [one, two, three].into_iter().map(u32::from).sum()
    }
}

/// The scenario file.
fn written(found: &Chased<'_>, results: &Results) -> String {
    let Lead { case, finding } = &found.lead;
    let plan = model::plan(&case.name(), &found.operations);
    let remarks = [
        format!(
            "Found by bitscheck {} in random session {} of seed {:x}.",
            results.version, case.number, case.seed
        ),
        format!(
            "{} breaks {}: wanted {}; got {}.",
            finding.check,
            found.lead.clause().unwrap_or("no clause"),
            one_line(&finding.expected),
            one_line(&finding.actual)
        ),
        format!(
            "It is {} and was found {} times. {} steps became {} in {} tries; {}.",
            found.constancy.text(),
            found.count,
            found.steps_before,
            found.operations.len(),
            found.tries,
            found.stopped
        ),
    ];
    let clauses: Vec<&str> = found.lead.clause().into_iter().collect();
    scenario::write(&plan, &remarks, &clauses).unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_comes_always_sometimes_or_under_load() {
        assert_eq!(Constancy::of(3, 3), Constancy::Always);
        assert_eq!(Constancy::of(2, 0), Constancy::UnderLoad);
        assert_eq!(Constancy::of(2, 2), Constancy::Sometimes(4));
        assert_eq!(Constancy::of(0, 0), Constancy::Sometimes(0));
    }
}

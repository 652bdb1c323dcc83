//! What random sessions alone find of the faults, and how well what they write down shows it again.

use std::path::{Path, PathBuf};

use bits_judge::{report::Results, spec::Dialect};
use bits_server::fault::Fault;

use crate::{
    error::Error,
    runner::{
        interrupts::Never,
        library,
        options::RunConfig,
        run::{PreparedRun, with_embedded},
        shard::Shard,
        workload::{RandomCase, RandomCases, Workload, random_roles},
    },
    selftest::{
        Chance, Proof, dialect_of, shows_in_checks,
        trials::{Threads, Trials, runtime},
    },
    triage::{finding::TriagedFinding, run::Triage},
};

/// How many random sessions are tried first.
const FIRST: u64 = 50;

/// How often the scenario of a finding is carried out.
const TIMES: u32 = 20;

/// How random sessions are tried.
pub(crate) struct SessionTrials<'a> {
    pub(crate) trials: Trials,
    /// The most of them for each fault.
    pub(crate) most: u64,
    /// Where what they find is written, if it is wanted.
    pub(crate) findings: Option<&'a Path>,
}

impl SessionTrials<'_> {
    /// Tries them against each fault.
    pub(crate) fn of_all(&self, faults: &[Fault]) -> Result<Vec<Chance>, Error> {
        let mut chances = self.trials.for_each(faults, |fault| self.of(fault))?;
        chances.sort_by_key(|chance| faults.iter().position(|other| *other == chance.fault));
        Ok(chances)
    }

    /// Runs random sessions against a fault, more and more of them, until it is found.
    fn of(&self, fault: Fault) -> Result<Chance, Error> {
        let dialect = dialect_of(fault);
        let mut count = FIRST.min(self.most);
        loop {
            let workload =
                Workload::Random(RandomCases::of(self.trials.seed, count, Shard::ALL, &[]));
            let results = self.trials.judge(Some(fault), dialect, &workload, Threads::One)?;
            let chance = match Chance::of(fault, &results) {
                None if !shows_in_checks(fault) => {
                    let honest = self.trials.judge(None, dialect, &workload, Threads::One)?;
                    Chance::by_reading(fault, &results, &honest, count)
                }
                chance => chance,
            };
            match (chance, self.findings) {
                (None, _) if count == self.most => return Ok(Chance::missed(fault)),
                (None, _) => count = (count * 4).min(self.most),
                (Some(chance), None) => return Ok(chance),
                (Some(chance), Some(folder)) => {
                    let folder = folder.join(fault.name().replace('/', "-"));
                    let proof = self.prove(fault, results, folder)?;
                    return Ok(Chance { proof, ..chance });
                }
            }
        }
    }

    /// Makes what showed a fault first small and writes it down, and carries out what is written against other servers
    /// with that fault. Notes are no findings, and nothing is written of them.
    fn prove(
        &self,
        fault: Fault,
        mut results: Results,
        folder: PathBuf,
    ) -> Result<Option<Proof>, Error> {
        let Some(first) = Chance::first(fault, &results).cloned() else { return Ok(None) };
        results.findings = vec![first];
        let dialect = dialect_of(fault);
        let config = self.trials.config(Some(fault), dialect);
        let runtime = runtime(Threads::One)?;
        let Some(shrunk) = runtime.block_on(shrunk(&config, &folder, fault, &results))? else {
            return Ok(None);
        };
        let shown = runtime.block_on(replayed(&config, fault, dialect, &shrunk))?;
        Ok(Some(Proof { shown, times: TIMES, ..shrunk.proof }))
    }
}

/// A finding as it was written.
struct Shrunk {
    check: &'static str,
    scenario: PathBuf,
    proof: Proof,
}

/// How well it shows what was found, before it is carried out again.
fn proof_of(triaged: &TriagedFinding) -> Proof {
    Proof {
        steps_before: triaged.steps_before,
        steps: triaged.operations.len(),
        took: triaged.took,
        is_deterministic: triaged.is_deterministic(),
        shown: 0,
        times: 0,
    }
}

async fn shrunk(
    config: &RunConfig,
    folder: &Path,
    fault: Fault,
    results: &Results,
) -> Result<Option<Shrunk>, Error> {
    let triage = async |subject| {
        let PreparedRun { executor, url, .. } =
            PreparedRun::of(config, subject, &random_roles(), &mut Never).await?;
        let mut triage = Triage::new(&executor, folder, &url, config);
        let operations =
            |name: &str| RandomCase::named(config.seed, name).map(RandomCase::operations);
        triage.follow(results, operations).await?;
        Ok(triage.first().map(|triaged| Shrunk {
            check: triaged.finding.check,
            scenario: triaged.folder.join("scenario.yaml"),
            proof: proof_of(triaged),
        }))
    };
    with_embedded(config, Some(fault), None, triage).await
}

/// How often what is written shows it.
async fn replayed(
    config: &RunConfig,
    fault: Fault,
    dialect: Dialect,
    shrunk: &Shrunk,
) -> Result<u32, Error> {
    let again = async |subject| {
        let PreparedRun { executor, .. } =
            PreparedRun::of(config, subject, &random_roles(), &mut Never).await?;
        let mut shown = 0;
        for loaded in library::from_disk(std::slice::from_ref(&shrunk.scenario))? {
            let Ok(job) = executor.written(&loaded)? else { continue };
            for _ in 0..TIMES {
                let judged = executor.rerun(&job.plan).await.judged;
                shown += u32::from(judged.breaks(shrunk.check, dialect));
            }
        }
        Ok(shown)
    };
    with_embedded(config, Some(fault), None, again).await
}

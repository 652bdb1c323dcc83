//! What was found in exchanges that overlapped depends on the moment: such scenarios are carried out again, alone.

use std::collections::BTreeMap;

use bits_judge::{report::Results, spec::Dialect};

use crate::{
    error::Error,
    runner::{executor::Executor, workload::Workload},
};

/// How often.
const TIMES: u32 = 3;

/// The most scenarios that are carried out again.
const MOST: usize = 20;

/// Whether the findings of a check depend on the moment.
fn is_of_the_moment(check: &str) -> bool {
    check.starts_with("history/")
}

/// Carries out again what races found, and says with each finding how often it came.
pub(crate) async fn retry_alone(
    executor: &Executor,
    workload: &Workload,
    results: &mut Results,
    dialect: Dialect,
) -> Result<(), Error> {
    let Workload::Written(scenarios) = workload else { return Ok(()) };
    let mut times: BTreeMap<(String, &str), u32> = BTreeMap::new();
    let found = results.findings.iter().filter(|finding| is_of_the_moment(finding.check));
    for finding in found {
        times.insert((finding.scenario.clone(), finding.check), 0);
    }
    let names: Vec<String> = times.keys().map(|(scenario, _)| scenario.clone()).collect();
    let again = scenarios.iter().filter(|one| names.iter().any(|it| it == one.scenario.name()));
    for scenario in again.take(MOST) {
        let Ok(job) = executor.written(scenario)? else { continue };
        for _ in 0..TIMES {
            let judged = executor.rerun(&job.plan).await.judged;
            let own = times.iter_mut().filter(|((name, _), _)| name == scenario.scenario.name());
            for ((_, check), times) in own {
                *times += u32::from(judged.clone().breaks(check, dialect));
            }
        }
    }
    for finding in &mut results.findings {
        if let Some(times) = times.get(&(finding.scenario.clone(), finding.check)) {
            finding.actual = format!("{}; {}", finding.actual, reproducibility(*times));
        }
    }
    Ok(())
}

fn reproducibility(times: u32) -> String {
    let word = if times == TIMES { "again" } else { "flaky," };
    format!("{word} {times} of {TIMES} times alone")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_each_time_is_flaky() {
        assert_eq!(reproducibility(3), "again 3 of 3 times alone");
        assert_eq!(reproducibility(0), "flaky, 0 of 3 times alone");
        assert!(is_of_the_moment("history/close-in-turn"));
        assert!(!is_of_the_moment("close-session/answered"));
    }
}

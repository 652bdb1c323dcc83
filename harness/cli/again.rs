//! What was found in exchanges that overlapped depends on the moment: such scenarios are carried out again, alone.

use super::{Failure, occasion::Occasion, suite::Suite};
use crate::{report::Judged, spec::Dialect};

/// How often.
const TIMES: u32 = 3;

/// The most scenarios that are carried out again.
const MOST: usize = 20;

/// Whether the findings of a check depend on the moment.
fn is_of_the_moment(check: &str) -> bool {
    check.starts_with("history/")
}

/// Carries out again what races found, and says with each finding how often it came.
pub(super) async fn alone(
    suite: &Suite,
    occasions: &[Occasion],
    judged: &mut [Judged],
    dialect: Dialect,
) -> Result<(), Failure> {
    let mut left = MOST;
    for one in judged {
        let checks: Vec<&'static str> =
            one.breaches().map(|check| check.name).filter(|name| is_of_the_moment(name)).collect();
        let occasion = occasions.iter().find(|occasion| occasion.name() == one.name());
        let Some(occasion) = occasion.filter(|_| !checks.is_empty() && left > 0) else { continue };
        left -= 1;
        let plan = suite.plan(occasion)?;
        let mut times = vec![0; checks.len()];
        for _ in 0..TIMES {
            let judged = suite.again(&plan).await;
            for (check, times) in checks.iter().zip(&mut times) {
                *times += u32::from(judged.clone().breaks(check, dialect));
            }
        }
        for (check, times) in checks.into_iter().zip(times) {
            one.remark(check, &constancy(times));
        }
    }
    Ok(())
}

fn constancy(times: u32) -> String {
    let word = if times == TIMES { "again" } else { "flaky," };
    format!("{word} {times} of {TIMES} times alone")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_each_time_is_flaky() {
        assert_eq!(constancy(3), "again 3 of 3 times alone");
        assert_eq!(constancy(0), "flaky, 0 of 3 times alone");
        assert!(is_of_the_moment("history/close-in-turn"));
        assert!(!is_of_the_moment("close-session/answered"));
    }
}

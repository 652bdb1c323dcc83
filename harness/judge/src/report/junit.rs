//! A run as JUnit XML, for build servers. `reports/schema/junit.xsd` describes what is used of the format.
//!
//! A suite for each theme with a case for each clause, and a suite with a case for each scenario. A clause without a
//! verdict is skipped, never passed.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{ClauseResult, Fate, FindingResult, Results, ScenarioResult, theme, visible::visible};
use crate::checks::Outcome;

/// Renders a run as JUnit XML.
#[must_use]
pub fn render(results: &Results) -> String {
    let mut report = Report::new("bitscheck");
    report.set_time(results.took);
    for (name, clauses) in theme::group(results) {
        let mut suite = TestSuite::new(name);
        suite.add_test_cases(clauses.into_iter().map(|clause| clause_case(clause, results)));
        report.add_test_suite(suite);
    }
    if !results.scenarios.is_empty() {
        report.add_test_suite(scenarios(results));
    }
    let mut text = report
        .to_string()
        .expect("writing into memory succeeds, and the text is UTF-8 from the start");
    text.push('\n');
    text
}

fn clause_case(result: &ClauseResult, results: &Results) -> TestCase {
    let findings: Vec<_> =
        results.findings.iter().filter(|finding| finding.clause == Some(result.clause)).collect();
    let message = result.clause.message.as_str().to_ascii_lowercase();
    let name = format!("{} {}", result.clause.id, result.clause.title);
    let mut case = TestCase::new(name, clause_status(result, &findings));
    case.set_classname(format!("bitscheck.{message}"));
    match result.outcome {
        Outcome::Warning | Outcome::Deviation | Outcome::Note => {
            let told = if findings.is_empty() {
                headline(result.outcome, result.reason.as_deref())
            } else {
                tell(&findings)
            };
            case.set_system_out(told);
        }
        Outcome::Kept
        | Outcome::Broken
        | Outcome::Consequence
        | Outcome::NotExercised
        | Outcome::Unchecked => {}
    }
    case
}

fn clause_status(result: &ClauseResult, findings: &[&FindingResult]) -> TestCaseStatus {
    let reason = result.reason.as_deref();
    match result.outcome {
        Outcome::Kept | Outcome::Warning | Outcome::Deviation | Outcome::Note => {
            TestCaseStatus::success()
        }
        Outcome::Broken => failure(result.outcome, reason, findings),
        Outcome::Consequence => skipped(&format!("see {}", reason.unwrap_or("the clause before"))),
        Outcome::NotExercised => skipped(reason.unwrap_or("nothing called for it")),
        Outcome::Unchecked => skipped(reason.unwrap_or("no check judges it")),
    }
}

fn scenarios(results: &Results) -> TestSuite {
    let mut suite = TestSuite::new("scenarios");
    suite.set_time(results.scenarios.iter().map(|scenario| scenario.took).sum::<Duration>());
    suite.add_test_cases(
        results.scenarios.iter().map(|scenario| scenario_case(scenario, &results.findings)),
    );
    suite
}

fn scenario_case(scenario: &ScenarioResult, findings: &[FindingResult]) -> TestCase {
    let own: Vec<_> = findings
        .iter()
        .filter(|finding| finding.clause.is_none() && finding.scenario == scenario.name)
        .collect();
    let failed = own.iter().any(|finding| finding.outcome == Outcome::Broken);
    let status = match &scenario.fate {
        Fate::Unfinished(reason) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("unfinished").set_message(visible(reason));
            status
        }
        Fate::Completed | Fate::Skipped(_) | Fate::NotStarted if failed => {
            failure(Outcome::Broken, None, &own)
        }
        Fate::Completed => TestCaseStatus::success(),
        Fate::Skipped(reason) => skipped(reason),
        Fate::NotStarted => skipped("the run was stopped before its turn"),
    };
    let told_in_status =
        matches!(&status, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. });
    let mut case = TestCase::new(format!("{} {}", scenario.name, scenario.title), status);
    case.set_classname("bitscheck.scenarios").set_time(scenario.took);
    let mut out: Vec<String> = scenario.skipped_steps.iter().map(skipped_step).collect();
    if !own.is_empty() && !told_in_status {
        out.push(tell(&own));
    }
    if !out.is_empty() {
        case.set_system_out(out.join("\n"));
    }
    case
}

fn skipped_step((line, reason): &(u32, String)) -> String {
    match line {
        0 => format!("step skipped: {}", visible(reason)),
        line => format!("step at line {line} skipped: {}", visible(reason)),
    }
}

fn failure(outcome: Outcome, reason: Option<&str>, findings: &[&FindingResult]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(outcome.as_str());
    match findings.first() {
        Some(first) => status.set_message(format!(
            "wanted {}, got {}",
            visible(&first.expected),
            visible(&first.actual)
        )),
        None => status.set_message(headline(outcome, reason)),
    };
    if !findings.is_empty() {
        status.set_description(tell(findings));
    }
    status
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(visible(message));
    status
}

fn headline(outcome: Outcome, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{}: {}", outcome.as_str(), visible(reason)),
        None => outcome.as_str().to_owned(),
    }
}

fn tell(findings: &[&FindingResult]) -> String {
    findings.iter().map(|finding| tell_one(finding)).collect::<Vec<_>>().join("\n\n")
}

fn tell_one(finding: &FindingResult) -> String {
    let mut lines = vec![
        format!("{} ({})", finding.outcome.as_str(), finding.check),
        format!("at      {}", visible(&finding.place())),
        format!("wanted  {}", visible(&finding.expected)),
        format!("got     {}", visible(&finding.actual)),
    ];
    lines.extend(finding.elsewhere().map(|more| format!("        {more}")));
    lines.push(format!("replay  {}", visible(&finding.replay)));
    lines.extend(finding.proof.iter().map(|line| format!("    {}", visible(line))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn read(results: &Results) -> Report {
        Report::deserialize_from_str(&render(results)).unwrap()
    }

    /// Tests, failures, errors and skipped, as an attribute list says.
    type Counts = [usize; 4];

    fn counted<'a>(cases: impl IntoIterator<Item = &'a TestCase>) -> Counts {
        let mut counts = [0; 4];
        for case in cases {
            counts[0] += 1;
            match &case.status {
                TestCaseStatus::Success { .. } => {}
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. } => counts[1] += 1,
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. } => counts[2] += 1,
                TestCaseStatus::Skipped { .. } => counts[3] += 1,
            }
        }
        counts
    }

    fn suite<'a>(report: &'a Report, name: &str) -> &'a TestSuite {
        report.test_suites.iter().find(|suite| suite.name.as_str() == name).unwrap()
    }

    fn case<'a>(report: &'a Report, name: &str) -> &'a TestCase {
        let mut cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        cases.find(|case| case.name.as_str().starts_with(name)).unwrap()
    }

    fn out(case: &TestCase) -> &str {
        case.system_out.as_ref().map_or("", |out| out.as_str())
    }

    #[test]
    fn every_level_counts_what_is_below_it() {
        for results in [sample::everything(), sample::all_kept(), sample::nothing()] {
            let report = read(&results);
            for suite in &report.test_suites {
                let said = [suite.tests, suite.failures, suite.errors, suite.skipped];
                assert_eq!(said, counted(&suite.test_cases), "{:?}", suite.name);
            }
            let said = [report.tests, report.failures, report.errors, report.skipped];
            assert_eq!(
                said,
                counted(report.test_suites.iter().flat_map(|suite| &suite.test_cases))
            );
            assert_eq!(report.tests, results.clauses.len() + results.scenarios.len());
        }
    }

    #[test]
    fn the_counts_of_the_sample_are_those_written_down() {
        let report = read(&sample::everything());
        let counts: Vec<(&str, Counts)> = report
            .test_suites
            .iter()
            .map(|suite| (suite.name.as_str(), counted(&suite.test_cases)))
            .collect();
        assert_eq!(
            counts,
            [
                ("ping", [2, 0, 0, 0]),
                ("create-session", [2, 0, 0, 0]),
                ("fragment", [3, 1, 0, 1]),
                ("notify", [1, 0, 0, 1]),
                ("close-session", [1, 0, 0, 1]),
                ("scenarios", [6, 1, 1, 2]),
            ]
        );
    }

    #[test]
    fn a_broken_clause_fails_with_its_proof() {
        let report = read(&sample::everything());
        let case = case(&report, "BUP-1.3-01");
        assert_eq!(case.classname.as_deref(), Some("bitscheck.ack-fragment"));
        let TestCaseStatus::NonSuccess { kind, message, ty, description, .. } = &case.status else {
            panic!("not failed")
        };
        assert_eq!((*kind, ty.as_deref()), (NonSuccessKind::Failure, Some("broken")));
        let message = message.as_deref().unwrap();
        assert!(message.starts_with("wanted BITS-Received-Content-Range: 4096 or more, got"));
        let description = description.as_deref().unwrap();
        for part in [
            "fragment/in-order:14 · exchange 4",
            "wanted  BITS-Received-Content-Range: 4096 or more",
            "and 2 more places",
            "    < HTTP/1.1 200 OK",
            "replay  bitscheck run fragment/in-order",
        ] {
            assert!(description.contains(part), "{part}\n{description}");
        }
    }

    #[test]
    fn what_is_no_breach_passes_and_is_told() {
        let report = read(&sample::everything());
        for (id, word) in
            [("BUP-1.2-01", "warning"), ("BUP-1.2-02", "deviation"), ("BUP-1.3-03", "note")]
        {
            let case = case(&report, id);
            assert_eq!(case.status, TestCaseStatus::success(), "{id}");
            assert!(out(case).starts_with(word), "{id}");
        }
    }

    #[test]
    fn what_has_no_verdict_is_skipped_with_a_reason() {
        let report = read(&sample::everything());
        for (name, reason) in [
            ("BUP-1.3-02", "see BUP-1.3-01"),
            ("BUP-1.4-01", "shows only at the application"),
            ("BUP-1.5-01", "nothing called for it"),
            ("notify/reply", "the target has no directory with the role `notify`"),
            ("session/many", "the run was stopped before its turn"),
        ] {
            assert_eq!(case(&report, name).status, skipped(reason), "{name}");
        }
    }

    #[test]
    fn scenarios_fail_by_expectations_and_err_by_our_own_troubles() {
        let report = read(&sample::everything());
        let kind = |name: &str| match &case(&report, name).status {
            TestCaseStatus::NonSuccess { kind, message, .. } => (*kind, message.clone().unwrap()),
            status => panic!("{name}: {status:?}"),
        };
        let (failure, message) = kind("fragment/repeated");
        assert_eq!(failure, NonSuccessKind::Failure);
        assert_eq!(message.as_str(), "wanted status 200, got status 500 Internal Server Error");
        let (error, message) = kind("session/slow");
        assert_eq!(error, NonSuccessKind::Error);
        assert_eq!(message.as_str(), "no connection: refused \\u{0}\\u{b}]]>");
        let completed = case(&report, "fragment/in-order");
        assert_eq!(completed.status, TestCaseStatus::success());
        assert_eq!(
            out(completed),
            "step at line 21 skipped: `session` has no value\nstep skipped: `url` has no value"
        );
        assert!(suite(&report, "scenarios").time.is_some());
    }

    #[test]
    fn an_unfinished_scenario_still_tells_its_failed_expectations() {
        let mut results = sample::everything();
        results.scenarios[1].fate = Fate::Unfinished("no connection".into());
        let report = read(&results);
        assert!(out(case(&report, "fragment/repeated")).contains("wanted  status 200"));
    }

    #[test]
    fn the_text_is_xml_whatever_the_server_sent() {
        let mut results = sample::everything();
        let all: String = (0..0x3000).chain(0xfff0..=0x1_0010).filter_map(char::from_u32).collect();
        results.findings[0].actual.clone_from(&all);
        results.findings[0].proof = vec![all.clone()];
        results.clauses[7].reason = Some(all);
        let text = render(&results);
        let allowed = |character: char| matches!(character, '\n' | ' '..='\u{7e}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
        assert_eq!(text.chars().find(|character| !allowed(*character)), None);
        assert_eq!(read(&results).tests, 15);
    }
}

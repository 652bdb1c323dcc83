//! What must hold of every judgement: the sums, and that no clause is called kept where something was found.

use std::collections::{BTreeMap, BTreeSet};

use bits_judge::{
    checks::{Outcome, Sum},
    report::{
        Again, CheckResult, Circumstances, FindingResult, Judged, Replay, Results, Selection,
    },
    spec::{CLAUSES, Dialect},
    transcript::Transcript,
};
use bits_wire::Payload;

/// The most bytes of bodies in a transcript that is judged; each of them is looked at.
const MOST_BYTES: u64 = 1 << 17;

/// Judges a transcript in one of the dialects, by its length, and holds the results against themselves.
pub(super) fn hold(transcript: &Transcript) {
    if bytes(transcript) > MOST_BYTES {
        return;
    }
    let written = transcript.to_string();
    let dialect = Dialect::ALL[written.len() % Dialect::ALL.len()];
    let judged = judged(transcript);
    let results = results(&judged, dialect, Selection::Everything);
    adds_up(&results);
    points_at(&results, transcript);
    // Either of these doubles the work: a fuzzer, which comes by often, does one of them now and then.
    let turn = written.len() / Dialect::ALL.len() % 8;
    if turn == 0 || !cfg!(fuzzing) {
        let chosen = judged.exercised().map(str::to_owned).collect();
        agree(&self::results(&judged, dialect, Selection::Chosen(chosen)), &results);
    }
    if turn == 1 || !cfg!(fuzzing) {
        let again = written.parse().unwrap_or_else(|error| panic!("{error} of\n{written}"));
        let again = self::results(&self::judged(&again), dialect, Selection::Everything);
        assert_eq!(again, results, "a transcript is judged as it is written\n{written}");
    }
}

fn judged(transcript: &Transcript) -> Judged {
    Judged::of("theme/name", "title", transcript, vec![])
}

fn bytes(transcript: &Transcript) -> u64 {
    let sent = transcript.exchanges.iter().map(|one| &one.request.body);
    let played = transcript.notifications.iter().map(|call| &call.played.body);
    let files = transcript.notifications.iter().filter_map(|call| call.played.file.as_ref());
    sent.chain(played).chain(files).map(Payload::length).fold(0, u64::saturating_add)
}

fn results(judged: &Judged, dialect: Dialect, selection: Selection) -> Results {
    let circumstances = Circumstances {
        target: "http://server/".into(),
        replay: Replay::new(Again::Run),
        dialect,
        transport: "raw".into(),
        seed: 1,
        selection,
    };
    Results::of(circumstances, vec![judged.clone()])
}

/// Each clause has one outcome, and it is the one that what was found asks for.
fn adds_up(results: &Results) {
    let summary = results.summary();
    let sum: usize = Outcome::ALL.iter().map(|outcome| summary.of(*outcome)).sum();
    assert_eq!((sum, summary.selected, results.clauses.len()), (CLAUSES.len(), sum, sum));
    let mut found: BTreeMap<&str, Vec<&FindingResult>> = BTreeMap::new();
    for finding in &results.findings {
        found.entry(finding.clause.map_or("", |clause| clause.id)).or_default().push(finding);
    }
    for (result, clause) in results.clauses.iter().zip(CLAUSES) {
        assert_eq!(result.clause.id, clause.id);
        let own = found.remove(clause.id).unwrap_or_default();
        let worst = own.iter().any(|finding| finding.outcome == Outcome::Broken);
        match result.outcome {
            Outcome::Kept => assert!(result.exercised > 0, "{} is kept by nothing", clause.id),
            Outcome::Broken => assert!(worst, "{} is broken by nothing", clause.id),
            Outcome::Warning | Outcome::Deviation | Outcome::Note => {
                assert!(!own.is_empty(), "{} is {:?} by nothing", clause.id, result.outcome);
            }
            Outcome::Consequence => {
                let cause = result.reason.as_deref().unwrap_or_default();
                assert!(is_red(results, cause), "{} follows {cause:?}", clause.id);
            }
            Outcome::NotExercised | Outcome::Unchecked => assert_eq!(result.exercised, 0),
        }
        if matches!(result.outcome, Outcome::Kept | Outcome::NotExercised | Outcome::Unchecked) {
            assert!(own.is_empty(), "{} is {:?}, and yet {own:?}", clause.id, result.outcome);
        }
        assert!(!worst || result.outcome == Outcome::Broken, "{} {:?}", clause.id, result.outcome);
    }
    let broken = results.findings.iter().any(|finding| finding.outcome == Outcome::Broken);
    assert_eq!(results.exit_code == 1, broken);
    for check in &results.checks {
        let Sum { kept, broken, followed } = &check.sum;
        let times = kept + broken + followed.values().sum::<usize>();
        assert_eq!(times, check.sum.exercised(), "{}", check.check);
        assert!(followed.values().all(|times| *times > 0), "{}", check.check);
    }
    let seen: BTreeSet<_> = results.readings.iter().map(|reading| reading.reading).collect();
    assert_eq!(seen.len(), results.readings.len());
    assert!(results.readings.iter().all(|reading| reading.seen > 0));
}

fn is_red(results: &Results, id: &str) -> bool {
    results.clauses.iter().any(|result| {
        result.clause.id == id && !matches!(result.outcome, Outcome::Kept | Outcome::NotExercised)
    })
}

/// Each finding points at an exchange that there is, and says what was wanted and what came.
fn points_at(results: &Results, transcript: &Transcript) {
    for finding in &results.findings {
        let there = (1..=transcript.exchanges.len()).contains(&finding.exchange);
        assert!(there, "{finding:?} points nowhere");
        assert!(!finding.expected.is_empty() && !finding.proof.is_empty(), "{finding:?}");
        assert_eq!(finding.line, transcript.exchanges[finding.exchange - 1].line);
    }
    let calls = |check: &CheckResult| check.sum.exercised() > 0;
    let nothing = transcript.exchanges.is_empty() && transcript.notifications.is_empty();
    assert!(!nothing || !results.checks.iter().any(calls));
}

/// What was chosen comes out as it does among everything.
fn agree(chosen: &Results, all: &Results) {
    let all_by_id: BTreeMap<_, _> = all.clauses.iter().map(|one| (one.clause.id, one)).collect();
    for result in &chosen.clauses {
        assert_eq!(all_by_id.get(result.clause.id), Some(&result));
    }
    assert_eq!(chosen.findings, all.findings);
    let found: BTreeSet<_> =
        chosen.findings.iter().filter_map(|it| it.clause).map(|it| it.id).collect();
    let ids: BTreeSet<_> = chosen.clauses.iter().map(|it| it.clause.id).collect();
    assert!(found.is_subset(&ids), "every finding is about a clause that was chosen");
}

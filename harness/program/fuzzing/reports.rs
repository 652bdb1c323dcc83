//! Reports: whatever stands in results reaches JSON unchanged, and XML and terminals harmless.

use std::{collections::BTreeSet, time::Duration};

use anstream::adapter::strip_str;
use arbitrary::{Result, Unstructured};
use bits_judge::{
    checks::{Cause, Outcome},
    report::{
        ClauseResult, Fate, FindingResult, Format, ReadingResult, Results, ScenarioResult, Totals,
        read::read, render,
    },
    spec::{CLAUSES, Dialect, POINTS},
};
use bits_wire::text;
use serde_json::Value;

/// Results of any content, rendered in every format.
pub fn result_reports(data: &[u8]) {
    let Ok(results) = results(&mut Unstructured::new(data)) else { return };
    let rendered = render(Format::Json, &results);
    json(&results, &rendered);
    read_back(&results, &rendered);
    xml(&render(Format::Junit, &results));
    let terminal = strip_str(&render(Format::Terminal, &results)).to_string();
    assert!(!terminal.chars().any(|one| one.is_control() && one != '\n'), "{terminal:?}");
}

fn json(results: &Results, rendered: &str) {
    assert!(!rendered.chars().any(|one| one.is_control() && one != '\n'), "{rendered:?}");
    let document: Value = serde_json::from_str(rendered).expect("what is rendered is JSON");
    let again = serde_json::to_string_pretty(&document).expect("JSON can be printed");
    let read: Value = serde_json::from_str(&again).expect("what is printed is JSON");
    assert_eq!(read, document);
    assert_eq!(document["target"]["url"], Value::from(results.target.as_str()));
    assert_eq!(document["target"]["server"], Value::from(results.server.clone()));
    let lists = ["clauses", "scenarios", "findings", "causes", "readings"];
    let lengths = lists.map(|name| document[name].as_array().map_or(usize::MAX, Vec::len));
    let wanted = [
        results.clauses.len(),
        results.scenarios.len(),
        results.findings.len(),
        results.causes.len(),
        results.readings.len(),
    ];
    assert_eq!(lengths, wanted);
    for (at, finding) in results.findings.iter().enumerate() {
        let said = &document["findings"][at];
        assert_eq!(said["actual"], Value::from(finding.actual.as_str()));
        assert_eq!(said["proof"], Value::from(finding.proof.clone()));
        assert_eq!(said["outcome"], Value::from(finding.outcome.as_str()));
    }
    for (at, scenario) in results.scenarios.iter().enumerate() {
        assert_eq!(document["scenarios"][at]["title"], Value::from(scenario.title.as_str()));
    }
    let counts = Outcome::ALL.map(|it| document["summary"][it.as_str()].as_u64().unwrap_or(0));
    assert_eq!(document["summary"]["selected"].as_u64(), Some(counts.iter().sum()));
}

/// What is read back is what was written, but for what is graded anew and what only totals tell.
fn read_back(results: &Results, rendered: &str) {
    let read = read(rendered).unwrap_or_else(|error| panic!("{error} in {rendered}"));
    let without = |mut results: Results| {
        results.readings.clear();
        for clause in &mut results.clauses {
            *clause = ClauseResult {
                outcome: Outcome::NotExercised,
                exercised: 0,
                reason: None,
                ..clause.clone()
            };
        }
        results.findings.iter_mut().for_each(|finding| finding.outcome = Outcome::Broken);
        for scenario in &mut results.scenarios {
            scenario.uploads = 0;
            scenario.took = Duration::from_millis(scenario.took.as_millis() as u64);
        }
        results
    };
    assert_eq!(without(read), without(results.clone()));
}

/// Tags that open and close in turn, and no character that XML refuses.
fn xml(rendered: &str) {
    let allowed = |one: char| matches!(one, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(rendered.chars().all(allowed), "{rendered:?}");
    let mut open = Vec::new();
    for piece in rendered.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap_or_else(|| panic!("{piece:?} is open"));
        assert!(!rest.contains("]]>") && is_escaped(rest) && is_escaped(tag), "{piece:?}");
        let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{rendered:?}");
        } else if !tag.ends_with('/') && !tag.starts_with('?') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} stays open");
}

/// Whether each `&` begins an entity or a reference to a character.
fn is_escaped(text: &str) -> bool {
    text.split('&').skip(1).all(|piece| {
        let Some((name, _)) = piece.split_once(';') else { return false };
        ["amp", "lt", "gt", "quot", "apos"].contains(&name) || name.starts_with('#')
    })
}

type Bytes<'b, 'd> = &'b mut Unstructured<'d>;

fn results(bytes: Bytes<'_, '_>) -> Result<Results> {
    let scenarios = some(bytes, scenario)?;
    Ok(Results {
        version: env!("CARGO_PKG_VERSION").into(),
        target: words(bytes)?,
        server: if bytes.arbitrary()? { Some(words(bytes)?) } else { None },
        dialect: *bytes.choose(&Dialect::ALL)?,
        transport: "raw".into(),
        seed: bytes.arbitrary()?,
        clauses: clauses(bytes)?,
        totals: totals(&scenarios),
        scenarios,
        requests: bytes.arbitrary()?,
        findings: some(bytes, finding)?,
        checks: vec![],
        causes: some(bytes, cause)?,
        readings: some(bytes, reading)?,
        interrupted: bytes.arbitrary()?,
        took: Duration::from_millis(bytes.arbitrary::<u32>()?.into()),
        exit_code: bytes.int_in_range(0..=5)?,
    })
}

fn totals(scenarios: &[ScenarioResult]) -> Totals {
    let mut totals = Totals::default();
    scenarios.iter().for_each(|one| totals.see(one));
    totals
}

fn some<'d, T>(bytes: Bytes<'_, 'd>, one: impl Fn(Bytes<'_, 'd>) -> Result<T>) -> Result<Vec<T>> {
    let count = bytes.int_in_range(0..=3)?;
    (0..count).map(|_| one(bytes)).collect()
}

/// Any text: characters of one byte mostly, as headers have them, or whatever UTF-8 has.
fn words(bytes: Bytes<'_, '_>) -> Result<String> {
    let length = bytes.int_in_range(0..=40)?;
    let raw = bytes.bytes(length.min(bytes.len()))?;
    let text = String::from_utf8(raw.to_vec());
    Ok(text.unwrap_or_else(|_| text::from_bytes(raw)))
}

/// Different clauses in their order, as results have them.
fn clauses(bytes: Bytes<'_, '_>) -> Result<Vec<ClauseResult>> {
    let places: BTreeSet<usize> =
        some(bytes, |bytes| bytes.choose_index(CLAUSES.len()))?.into_iter().collect();
    let one = |place: usize| {
        Ok(ClauseResult {
            clause: &CLAUSES[place],
            outcome: *bytes.choose(&Outcome::ALL)?,
            exercised: bytes.arbitrary::<u8>()?.into(),
            reason: if bytes.arbitrary()? { Some(words(bytes)?) } else { None },
        })
    };
    places.into_iter().map(one).collect()
}

fn scenario(bytes: Bytes<'_, '_>) -> Result<ScenarioResult> {
    let fate = match bytes.int_in_range(0..=3)? {
        0 => Fate::Completed,
        1 => Fate::Skipped(words(bytes)?),
        2 => Fate::Unfinished(words(bytes)?),
        _ => Fate::NotStarted,
    };
    Ok(ScenarioResult {
        name: format!("theme/{}", words(bytes)?),
        title: words(bytes)?,
        fate,
        exchanges: bytes.arbitrary::<u8>()?.into(),
        uploads: bytes.arbitrary::<u8>()?.into(),
        took: Duration::from_micros(bytes.arbitrary::<u32>()?.into()),
        skipped_steps: some(bytes, |bytes| Ok((bytes.arbitrary()?, words(bytes)?)))?,
    })
}

fn finding(bytes: Bytes<'_, '_>) -> Result<FindingResult> {
    let clause = &CLAUSES[bytes.choose_index(CLAUSES.len())?];
    Ok(FindingResult {
        check: "ping/answered-with-200",
        clause: if bytes.arbitrary()? { Some(clause) } else { None },
        outcome: *bytes.choose(&Outcome::ALL)?,
        reading: if bytes.arbitrary()? {
            Some(&POINTS[bytes.choose_index(POINTS.len())?].readings[0])
        } else {
            None
        },
        situation: if bytes.arbitrary()? { Some(words(bytes)?) } else { None },
        scenario: words(bytes)?,
        line: bytes.arbitrary()?,
        exchange: bytes.arbitrary::<u8>()?.into(),
        expected: words(bytes)?,
        actual: words(bytes)?,
        more: bytes.arbitrary::<u8>()?.into(),
        proof: some(bytes, words)?,
        replay: words(bytes)?,
    })
}

fn cause(bytes: Bytes<'_, '_>) -> Result<Cause> {
    Ok(Cause { kind: "body-limit".into(), seen: words(bytes)?, advice: "ask for more".into() })
}

fn reading(bytes: Bytes<'_, '_>) -> Result<ReadingResult> {
    let point = &POINTS[bytes.choose_index(POINTS.len())?];
    let reading = &point.readings[0];
    Ok(ReadingResult {
        point: point.id,
        reading: reading.id,
        title: reading.title,
        outcome: *bytes.choose(&Outcome::ALL)?,
        seen: bytes.arbitrary::<u8>()?.into(),
    })
}

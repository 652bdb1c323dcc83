//! The folder of a finding: everything that somebody needs who has to mend the server.

use std::{
    fs, io,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use bits_judge::{
    report::{Replay, curl, har},
    scenario,
};
use url::{Position, Url};

use crate::{runner::executor::Rerun, triage::finding::TriagedFinding};

/// Writes the folder: the scenario, what passed when it was carried out, and how to do it again.
///
/// # Errors
///
/// If a file cannot be written.
pub(crate) fn write(
    found: &TriagedFinding,
    again: &Rerun,
    url: &Url,
    seed: u64,
    replay: &Replay,
) -> io::Result<()> {
    let folder = &found.folder;
    fs::create_dir_all(folder)?;
    let scenario = folder.join("scenario.yaml");
    fs::write(&scenario, yaml(found, seed))?;
    fs::write(folder.join("transcript.txt"), again.transcript.to_string())?;
    let origin = &url[..Position::BeforePath];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let began = u64::try_from(now.as_millis()).unwrap_or_default();
    fs::write(folder.join("exchanges.har"), har::render(&again.transcript, began, origin))?;
    let script = curl::render(&again.transcript, origin, &again.prefix);
    fs::write(folder.join("curl.sh"), &script.text)?;
    for number in &script.bodies {
        let Some(exchange) = again.transcript.exchanges.get(number - 1) else { continue };
        let body = &exchange.request.body;
        let mut bytes = vec![0; usize::try_from(body.length()).unwrap_or_default()];
        let filled = body.fill(0, &mut bytes).unwrap_or_default();
        bytes.truncate(filled);
        fs::write(folder.join(format!("body-{number}.bin")), bytes)?;
    }
    fs::write(folder.join("README.md"), readme(found, again, &scenario, replay))
}

fn yaml(found: &TriagedFinding, seed: u64) -> String {
    let finding = &found.finding;
    let remarks = [
        format!(
            "Found by bitscheck {} in {} of seed {seed:x}.",
            env!("CARGO_PKG_VERSION"),
            finding.scenario
        ),
        format!(
            "{} breaks {}: wanted {}; got {}.",
            finding.check,
            found.clause(),
            one_line(&finding.expected),
            one_line(&finding.actual)
        ),
        found.history(),
    ];
    let clauses: Vec<&str> = finding.clause.map(|clause| clause.id).into_iter().collect();
    scenario::write(&found.plan(), &remarks, &clauses).unwrap_or_default()
}

fn readme(found: &TriagedFinding, again: &Rerun, scenario: &Path, replay: &Replay) -> String {
    let finding = &found.finding;
    let title = finding.clause.map_or("an expectation", |clause| clause.title);
    // What is flaky need not have shown itself when the scenario was carried out.
    let proof = again.judged.proof_of(finding.check).unwrap_or(&finding.proof).join("\n");
    format!(
        "# {clause}: {title}\n\n\
         - wanted: {expected}\n- got: {actual}\n- check: `{check}`\n- where: {situation}\n\n\
         {history}\n\n```text\n{proof}\n```\n\n\
         Rerun:\n\n```sh\n{command}\n```\n\n\
         | file | what it is |\n| --- | --- |\n\
         | `scenario.yaml` | the session, as a scenario |\n\
         | `transcript.txt` | what passed when it was carried out; `bitscheck judge` judges it without a server |\n\
         | `exchanges.har` | the same for browsers and proxies |\n\
         | `curl.sh` | the requests by curl, as far as it can say them, to the server whose URL is its argument; `body-*.bin` are their bodies |\n",
        clause = found.clause(),
        expected = one_line(&finding.expected),
        actual = one_line(&finding.actual),
        check = finding.check,
        situation = finding.situation.as_deref().unwrap_or("in any session"),
        history = found.history(),
        command = replay.with(&scenario.display().to_string()),
    )
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

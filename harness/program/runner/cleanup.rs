//! What a plan leaves open is cancelled, so that a target is not filled with sessions that nobody will end.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use bits_judge::{
    plan::{Action, Head, Plan, Step, Template, Usual, variables},
    transcript::{Exchange, Transcript},
};
use bits_wire::{BITS_POST, PacketType, Payload, SessionKey, names};

use crate::drive::{Driver, Place};

/// How long that may take; a target that is slower keeps its sessions.
const PATIENCE: Duration = Duration::from_secs(2);

/// Carries a plan out and leaves nothing behind: no session that is open, and no file in the folder of the target's uploads,
/// if that can be reached. What comes of the tidying is not judged.
pub(crate) async fn run_and_clean_up(
    driver: &Driver,
    plan: &Plan,
    place: &Place,
    prefix: &str,
    uploads: Option<&Path>,
) -> Transcript {
    let transcript = driver.drive(plan, place, prefix).await;
    end_sessions(driver, plan, place, &transcript, prefix).await;
    if let Some(folder) = uploads {
        remove_files(folder, place, prefix);
    }
    transcript
}

/// Cancels the sessions that were opened and neither closed nor cancelled.
async fn end_sessions(
    driver: &Driver,
    plan: &Plan,
    place: &Place,
    transcript: &Transcript,
    prefix: &str,
) {
    let steps: Vec<Step> =
        left_open(transcript).into_iter().filter_map(|one| cancel(plan, one)).collect();
    if steps.is_empty() || transcript.unfinished.is_some() {
        return;
    }
    // Calls of the application are told apart by the names of files: it must not take those of others.
    let prefix = format!("{prefix}left-open.");
    let plan = Plan {
        name: plan.name.clone(),
        title: plan.title.clone(),
        role: plan.role,
        needs: Vec::new(),
        steps,
    };
    let _ = tokio::time::timeout(PATIENCE, driver.drive(&plan, place, &prefix)).await;
}

/// Takes the files away whose names begin so, from the folder of a directory. One that stays is no harm but to the room there is.
fn remove_files(root: &Path, place: &Place, prefix: &str) {
    let folder = root.join(place.base.trim_matches('/'));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// The exchanges that opened a session which is still open.
fn left_open(transcript: &Transcript) -> Vec<&Exchange> {
    let mut open = BTreeMap::new();
    for exchange in &transcript.exchanges {
        let Some(answer) = exchange.answer().filter(|answer| answer.head.status == 200) else {
            continue;
        };
        let said = |name: &str| exchange.request.head.headers.first(name);
        match said(names::PACKET_TYPE).map(PacketType::read) {
            Some(PacketType::CreateSession) => {
                if let Some(id) = answer.head.headers.first(names::SESSION_ID) {
                    open.insert(SessionKey::of(id), exchange);
                }
            }
            Some(PacketType::CloseSession | PacketType::CancelSession) => {
                if let Some(id) = said(names::SESSION_ID) {
                    open.remove(&SessionKey::of(id));
                }
            }
            _ => {}
        }
    }
    open.into_values().collect()
}

/// The step that cancels it, with the credentials of the one that opened it.
fn cancel(plan: &Plan, opened: &Exchange) -> Option<Step> {
    let Action::Send(create) = &plan.steps.get(opened.step)?.action else { return None };
    let id = Template::said(opened.answer()?.head.headers.first(names::SESSION_ID)?);
    let usual = Usual::Packet(&PacketType::CancelSession, "").headers(0);
    let header = |(name, value): (&str, String)| {
        let value = match name {
            names::SESSION_ID => id.clone(),
            names::HOST => Template::variable(variables::HOST),
            _ => Template::said(&value),
        };
        (name.to_owned(), value)
    };
    let head = Head::Made {
        method: Template::said(BITS_POST),
        target: Template::said(&opened.request.head.target),
        version: "HTTP/1.1".to_owned(),
        headers: usual.into_iter().map(header).collect(),
    };
    let mut step = Step::sending(head, Payload::Empty);
    if let Action::Send(send) = &mut step.action {
        send.credentials = create.credentials;
    }
    Some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_were_neither_closed_nor_cancelled_are_left_open() {
        let lines = "
            > Create-Session /a
            < 200 Ack; BITS-Session-Id: {00000000-0000-0000-0000-00000000000A}
            > Create-Session /b
            < 200 Ack; BITS-Session-Id: {00000000-0000-0000-0000-00000000000B}
            > Create-Session /c
            < 200 Ack; BITS-Session-Id: {00000000-0000-0000-0000-00000000000C}
            > Create-Session /d
            < 500 Ack
            > Close-Session /a; BITS-Session-Id: {00000000-0000-0000-0000-00000000000a}
            < 200 Ack
            > Cancel-Session /b; BITS-Session-Id: {00000000-0000-0000-0000-00000000000B}
            < 500 Ack
            > Cancel-Session /c; BITS-Session-Id: {00000000-0000-0000-0000-00000000000C}
            < 200 Ack
        ";
        let transcript: Transcript = lines.parse().unwrap();
        let left = left_open(&transcript);
        let targets = left.iter().map(|one| one.request.head.target.as_str());
        assert_eq!(targets.collect::<Vec<_>>(), ["/b"]);
    }
}

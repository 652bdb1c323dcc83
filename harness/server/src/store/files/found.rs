//! What an earlier process has left in the folders for sessions.

use std::{collections::HashSet, fs, io, path::Path};

use bits_wire::Guid;

use super::{Files, REPLIES_FOLDER, REQUESTS_FOLDER, copy_beside, log};
use crate::{
    machine::{Entity, Kept},
    paths::Place,
    store::Findings,
};

/// Looks through the folders of all virtual directories. What has no name of a session is not ours and left alone.
pub(super) fn find(files: &Files) -> io::Result<Findings> {
    let mut findings = Findings::default();
    for folder in &files.folders {
        let mut known = HashSet::new();
        for session in sessions_in(&files.sessions_of(folder, REQUESTS_FOLDER))? {
            known.insert(session);
            let entity = Entity { folder: folder.clone(), session };
            match kept(files, &entity) {
                Some(kept) => findings.sessions.push(kept),
                None => findings.remains.push(entity),
            }
        }
        let replies = sessions_in(&files.sessions_of(folder, REPLIES_FOLDER))?;
        let alone = replies.into_iter().filter(|session| !known.contains(session));
        let remains = alone.map(|session| Entity { folder: folder.clone(), session });
        findings.remains.extend(remains);
    }
    Ok(findings)
}

/// A session with its entity; nothing if one of them is not there.
fn kept(files: &Files, entity: &Entity) -> Option<Kept> {
    let saved = log::read(&files.folder_of(entity, REQUESTS_FOLDER))?;
    if saved.entity() != *entity {
        return None;
    }
    let (folder, names) = (saved.folder.clone(), saved.names.clone());
    let destination = files.destination(&Place { vdir: 0, folder, names, slash: false });
    // A copy that was not finished; the whole entity is still here. As a rule there is none.
    drop(fs::remove_file(copy_beside(&destination, entity)));
    let stored = fs::metadata(files.request_file(entity)).ok()?.len();
    Some(Kept { saved, stored })
}

fn sessions_in(folder: &Path) -> io::Result<Vec<Guid>> {
    let mut sessions = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let id = entry.file_name().to_str().and_then(|name| name.parse::<Guid>().ok());
        // Another spelling of an id is not this server's.
        sessions.extend(id.filter(|id| entry.file_name().to_str() == Some(&id.to_string())));
    }
    Ok(sessions)
}

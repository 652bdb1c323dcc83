//! What of a campaign outlives the program, so that it can be gone on with.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bits_judge::report::{Format, Results, read, render};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    campaign::store::insert,
    error::Error,
    runner::shard::Shard,
    triage::finding::{Kind, ReportedKinds},
};

/// How far a campaign was.
#[derive(Debug)]
pub(crate) struct SavedState {
    pub(crate) seed: u64,
    /// The number of the session that comes next.
    pub(crate) next: u64,
    /// What it is aimed at, and how, in the words of a command line.
    pub(crate) identity: String,
    /// What there was so far.
    pub(crate) results: Results,
    /// Where its findings are written down.
    pub(crate) told: ReportedKinds,
}

#[derive(Deserialize, Serialize)]
struct Document {
    seed: u64,
    next: u64,
    #[serde(rename = "aim")]
    identity: String,
    results: Box<RawValue>,
    /// Pairs, since a key of JSON is text.
    #[serde(default)]
    told: Vec<(Kind, PathBuf)>,
}

fn name(shard: Shard) -> String {
    format!("campaign-{}-of-{}.json", shard.number, shard.of)
}

impl SavedState {
    /// The record of this shard, this identity and this seed, if one is wanted, if there is a record.
    ///
    /// # Errors
    ///
    /// For a file that cannot be read, and for one of another version, identity or seed: sums of different things mean nothing, and
    /// nothing is thrown away unasked.
    pub(crate) fn load(
        folder: &Path,
        shard: Shard,
        identity: &str,
        wanted: Option<u64>,
    ) -> Result<Option<Self>, Error> {
        let path: PathBuf = folder.join(name(shard));
        let advice = "take it away to begin anew; the sessions of the corpus stay";
        let wrong = |what: String| Error::usage(format!("{}: {what}; {advice}", path.display()));
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|error| wrong(error.to_string()))?,
        };
        let document: Document = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("no record of a campaign: {error}")))?;
        let results =
            read::read(document.results.get()).map_err(|error| wrong(error.to_string()))?;
        if document.identity != identity {
            let was = document.identity;
            let what = format!("what it finds is repeated by `{was}`, and not by `{identity}`");
            return Err(wrong(what));
        }
        let Document { seed, next, identity, told, .. } = document;
        if let Some(wanted) = wanted.filter(|wanted| *wanted != seed) {
            return Err(wrong(format!("it is of seed {seed:x}, and this is seed {wanted:x}")));
        }
        Ok(Some(Self { seed, next, identity, results, told: told.into_iter().collect() }))
    }

    /// Writes it down.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn save(&self, folder: &Path, shard: Shard) -> Result<(), Error> {
        let results = RawValue::from_string(render(Format::Json, &self.results));
        let document = results.and_then(|results| {
            let identity = self.identity.clone();
            let told = self.told.clone().into_iter().collect();
            let document = Document { seed: self.seed, next: self.next, identity, results, told };
            serde_json::to_string(&document)
        });
        let text = document.map_err(|error| Error::internal(format!("no JSON: {error}")))?;
        insert(folder, &name(shard), &text)
    }
}

//! How long a campaign goes on, on what, and where it keeps what it finds.

use std::{path::PathBuf, time::Duration};

use crate::runner::shard::Shard;

/// What a campaign is asked for.
#[derive(Clone, Debug)]
pub(crate) struct CampaignConfig {
    /// How long it goes on.
    pub(crate) time: Duration,
    /// How many sessions it carries out at most.
    pub(crate) sessions: Option<u64>,
    /// The folder of the sessions that showed something new.
    pub(crate) corpus: PathBuf,
    /// Where a folder is written for each kind of finding.
    pub(crate) findings: PathBuf,
    /// The part of the work.
    pub(crate) shard: Shard,
    /// A command that brings the target back when it has died.
    pub(crate) restart: Option<String>,
}

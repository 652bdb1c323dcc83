//! What can be said to `fuzz` and `corpus`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};

use crate::{
    campaign::config::CampaignConfig,
    cli::args::{target::TargetOptions, values::Reporting},
    runner::shard::Shard,
};

#[derive(Args, Debug)]
pub(crate) struct FuzzOptions {
    /// The URL of the virtual directory to test; without it, the reference server on loopback
    pub(crate) url: Option<String>,
    /// How long, such as 90s, 30m or 8h
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "10m")]
    pub(crate) time: Duration,
    /// How many sessions at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sessions: Option<u64>,
    /// The folder of the sessions that showed something new, from which others are made; what it holds is gone on with
    #[arg(long, value_name = "DIR", default_value = "out/corpus")]
    pub(crate) corpus: PathBuf,
    /// Where a folder is written for each kind of thing that is found
    #[arg(long, value_name = "DIR", default_value = "out/findings")]
    pub(crate) findings: PathBuf,
    /// Only every Nth session from the Mth on, so that N machines share the work
    #[arg(long, value_name = "M/N", default_value = "1/1")]
    pub(crate) shard: Shard,
    /// A command for the shell that brings the target back when it has died. Without one the first death is the end
    #[arg(long, value_name = "COMMAND")]
    pub(crate) restart_cmd: Option<String>,
    /// A host besides this machine that may be tested so; its owner should know. May be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_target: Vec<String>,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    #[command(flatten)]
    pub(crate) server: TargetOptions,
}

impl FuzzOptions {
    /// The campaign that is asked for.
    pub(crate) fn campaign(&self) -> CampaignConfig {
        CampaignConfig {
            time: self.time,
            sessions: self.sessions,
            corpus: self.corpus.clone(),
            findings: self.findings.clone(),
            shard: self.shard,
            restart: self.restart_cmd.clone(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum CorpusCommand {
    /// Copy the sessions of several folders into one; the order makes no difference
    Merge(CorpusMerge),
    /// Say what a folder holds
    Stat {
        /// The folder
        folder: PathBuf,
    },
    /// Carry every session out and keep only as many as show all that there is
    Prune(Box<CorpusPrune>),
}

#[derive(Args, Debug)]
pub(crate) struct CorpusMerge {
    /// The folders
    #[arg(required = true)]
    pub(crate) from: Vec<PathBuf>,
    /// The folder for all of them
    #[arg(long, value_name = "DIR")]
    pub(crate) into: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct CorpusPrune {
    /// The folder
    pub(crate) folder: PathBuf,
    /// The URL of the virtual directory that they are tried on; without it, the reference server on loopback
    pub(crate) url: Option<String>,
    /// A host besides this machine that may be tested so; its owner should know. May be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_target: Vec<String>,
    #[command(flatten)]
    pub(crate) server: TargetOptions,
}

/// A number and a unit.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a time such as 90s, 30m or 8h".to_owned();
    let at = text.len() - text.chars().last().map_or(0, char::len_utf8);
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = number.checked_mul(unit).filter(|it| (1..=366 * 86_400).contains(it));
    Ok(Duration::from_secs(seconds.ok_or("expected a time between a second and a year")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("8h"), Ok(Duration::from_secs(8 * 3600)));
        for wrong in ["", "s", "8", "8 h", "-1s", "0s", "9999999999999999999h", "1é"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}

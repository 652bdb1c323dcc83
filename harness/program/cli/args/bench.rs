//! What can be said to `bitscheck bench`.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, ValueEnum};

use crate::load::{Paced, size::Size};

#[derive(Args, Debug)]
pub(crate) struct BenchOptions {
    /// The URL of the virtual directory to upload to, such as http://127.0.0.1:8080/upload/
    pub(crate) url: Option<String>,
    /// Bytes of a fragment; several with commas, each is measured
    #[arg(
        long,
        value_name = "SIZE,...",
        value_delimiter = ',',
        default_value = "4KiB,64KiB,1MiB,13MiB"
    )]
    pub(crate) fragment: Vec<Size>,
    /// Connections at a time; several with commas
    #[arg(short, long, value_name = "N,...", value_delimiter = ',', default_value = "1,16", value_parser = count)]
    pub(crate) connections: Vec<usize>,
    /// Sessions at a time on each connection, whose fragments take turns; several with commas
    #[arg(short, long, value_name = "N,...", value_delimiter = ',', default_value = "1", value_parser = count)]
    pub(crate) sessions: Vec<usize>,
    /// Bytes of a file; eight fragments, and 1MiB at least, if nothing is said
    #[arg(long, value_name = "SIZE")]
    pub(crate) file_size: Option<Size>,
    /// An open loop: send so many each second, whether the server keeps up or not. Latencies count from when a fragment
    /// was meant to be sent
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) rate: Option<f64>,
    /// What the rate counts
    #[arg(long, value_enum, default_value_t, requires = "rate")]
    pub(crate) rate_of: RateOf,
    /// Seconds that each combination is measured
    #[arg(short, long, value_name = "SECONDS", default_value = "5", value_parser = positive)]
    pub(crate) duration: Duration,
    /// Measure so many uploads of each combination instead
    #[arg(short, long, value_name = "N", conflicts_with = "duration", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) uploads: Option<u64>,
    /// Seconds at the beginning of each combination that do not count
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) warm_up: Duration,
    /// Threads of the generator; as many as there are cores if nothing is said, and one for each connection at most
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) threads: Option<usize>,
    /// Seconds to wait for a connection or an answer
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = positive)]
    pub(crate) timeout: Duration,
    /// Seconds to measure what the generator reaches with a server that does nothing; 0 leaves the ceiling out
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) ceiling: Duration,
    /// How many refusals (416) and resumes to time for each combination, on a server at rest
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) resumes: u32,
    /// The most bytes of files to leave on the target, those under way included; further uploads are cancelled instead
    /// of closed
    #[arg(long, value_name = "SIZE", default_value = "8GiB")]
    pub(crate) budget: Size,
    /// Use the same names again and again; the target must let uploads replace files
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Permit a target that is not this machine, by its name or address as the URL has it. May be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_target: Vec<String>,
    /// Watch the processor time and memory of this process, which is the server
    #[arg(long, value_name = "PID", requires = "url")]
    pub(crate) profile_server: Option<u32>,
    /// Compare with an earlier report in JSON; exit code 6 if it was better
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The least part of a figure of the baseline that is good enough
    #[arg(long, value_name = "PART", default_value = "0.9", requires = "baseline", value_parser = part)]
    pub(crate) threshold: f64,
    /// How to show the figures
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: BenchFormat,
    /// Where to write them; `-` is stdout. Beside a file, stdout has them as text
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
}

/// What an open loop counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RateOf {
    /// Fragments
    #[default]
    Fragments,
    /// Whole uploads
    Sessions,
}

impl From<RateOf> for Paced {
    fn from(of: RateOf) -> Self {
        match of {
            RateOf::Fragments => Self::Fragments,
            RateOf::Sessions => Self::Sessions,
        }
    }
}

/// How figures are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchFormat {
    /// Text for a person
    #[default]
    Text,
    /// One JSON document, which can be a baseline
    Json,
    /// A page for a browser, with plots
    Html,
}

/// More connections or sessions than any machine takes.
const MOST: usize = 100_000;

fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().map_err(|_| "expected a whole number".to_owned())?;
    if (1..=MOST).contains(&count) { Ok(count) } else { Err(format!("expected 1 to {MOST}")) }
}

fn number(text: &str) -> Result<f64, String> {
    let number = f64::from_str(text).ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "expected a number that is not negative".to_owned())
}

/// The longest time that anything may take: a day.
const LONGEST: f64 = 86_400.0;

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = number(text)?;
    if seconds > LONGEST {
        return Err("expected a day at most".into());
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn positive(text: &str) -> Result<Duration, String> {
    let time = seconds(text)?;
    if time < Duration::from_millis(1) { Err("expected 0.001 or more".into()) } else { Ok(time) }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = number(text)?;
    if (0.001..=1e9).contains(&rate) { Ok(rate) } else { Err("expected 0.001 to 1e9".into()) }
}

fn part(text: &str) -> Result<f64, String> {
    let part = number(text)?;
    if part > 0.0 && part <= 10.0 {
        Ok(part)
    } else {
        Err("expected more than 0, such as 0.9".into())
    }
}

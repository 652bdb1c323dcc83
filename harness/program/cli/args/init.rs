//! What can be said to `init`.

use std::path::PathBuf;

use clap::Args;

use crate::{cli::args::values::seconds, config::DEFAULT_NAME};

#[derive(Args, Debug)]
pub(crate) struct InitOptions {
    /// The URL of the virtual directory in which uploads are enabled, such as http://127.0.0.1:8080/upload/
    pub(crate) url: String,
    /// The file to write; `-` is stdout
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_NAME)]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    pub(crate) timeout: f64,
    /// A file with certificates (PEM) to trust besides those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Trust any certificate
    #[arg(long, conflicts_with = "ca_file")]
    pub(crate) insecure: bool,
}

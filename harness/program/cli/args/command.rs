//! The commands, and what can be said to all of them.

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    cli::args::{
        bench::BenchOptions,
        fuzz::{CorpusCommand, FuzzOptions},
        init::InitOptions,
        limits::LimitsOptions,
        list::{ExplainOptions, ListOptions},
        offline::{CheckOptions, JudgeOptions, ReportCommand},
        run::RunOptions,
        selftest::SelftestOptions,
        serve::ServeOptions,
    },
    term::exit,
};

/// Conformance testing for servers that speak the BITS Upload Protocol ([MC-BUP]).
#[derive(Debug, Parser)]
#[command(name = "bitscheck", version, after_help = exit::HELP, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Whether to use colours
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a server; without a URL, the reference server on loopback
    Run(Box<RunOptions>),
    /// Try a server with random sessions for hours; what shows something new is kept and varied
    Fuzz(Box<FuzzOptions>),
    /// Work on what `fuzz` keeps
    #[command(subcommand)]
    Corpus(CorpusCommand),
    /// Look at a server and write a first target file for `run`
    Init(InitOptions),
    /// Measure how fast a server takes uploads; without a URL, the reference server on loopback
    Bench(Box<BenchOptions>),
    /// Find out how many sessions, connections and fragments at once a server takes; without a URL, the reference server
    Limits(Box<LimitsOptions>),
    /// Serve uploads: the reference server, a real BITS server
    Serve(ServeOptions),
    /// Try the harness itself: one fault after the other in the reference server, and what finds it
    Selftest(SelftestOptions),
    /// List clauses, checks or scenarios
    List(ListOptions),
    /// Explain one clause: its readings, its checks, its scenarios
    Explain(ExplainOptions),
    /// Check scenario files without sending anything
    Check(CheckOptions),
    /// Judge a recorded transcript again
    Judge(JudgeOptions),
    /// Work on reports that were written before
    #[command(subcommand)]
    Report(ReportCommand),
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Color {
    /// If it is a terminal and NO_COLOR is not set
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}

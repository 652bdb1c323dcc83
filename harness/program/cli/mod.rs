//! The command line: what is asked, and what is shown.

pub(crate) mod args;
pub(crate) mod commands;
mod live;

use std::process::ExitCode;

use clap::Parser as _;

use self::{
    args::command::{Arguments, Command},
    commands::{bench, check, corpus, fuzz, init, limits, list, report, run, selftest, serve},
};
use crate::{
    error::Error,
    term::{exit, print},
};

/// What a command comes to: an exit code, or a failure that is told on stderr.
pub(super) type Outcome = Result<u8, Error>;

/// Runs the program and gives its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::KEPT };
            // Nobody can be told that telling failed.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    arguments.color.apply();
    let outcome = match arguments.command {
        Command::Run(options) => run::run(&options),
        Command::Fuzz(options) => fuzz::fuzz(&options),
        Command::Corpus(command) => corpus::corpus(&command),
        Command::Init(options) => init::init(&options),
        Command::Selftest(options) => selftest::selftest(&options),
        Command::Bench(options) => bench::bench(&options),
        Command::Limits(options) => limits::limits(&options),
        Command::Serve(options) => serve::serve(&options),
        Command::List(options) => list::list(&options),
        Command::Explain(options) => list::explain(&options),
        Command::Check(options) => check::check(&options),
        Command::Judge(options) => check::judge(&options),
        Command::Report(command) => report::report(&command),
    };
    ExitCode::from(outcome.unwrap_or_else(|error| {
        print::error(&error.to_string());
        exit::code(error.kind())
    }))
}

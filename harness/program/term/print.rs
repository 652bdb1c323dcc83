//! The only place that writes to the terminal.

use std::io::{self, Write as _};

/// Writes a text to stdout, with its colours if they are wanted. A reader that has gone away is no fault.
pub(crate) fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a line to stderr.
pub(crate) fn note(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "{text}");
}

/// Tells what went wrong.
pub(crate) fn error(message: &str) {
    note(&format!("bitscheck: {}", message.trim_end()));
}

/// Whether somebody sees stderr on a terminal.
pub(crate) fn is_terminal() -> bool {
    io::IsTerminal::is_terminal(&io::stderr())
}

/// One line on stderr that the next one replaces, if stderr is a terminal.
#[derive(Debug)]
pub(crate) struct Line {
    shown: bool,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self { shown: is_terminal() }
    }

    /// None at all, where several runs go at a time.
    pub(crate) const fn hidden() -> Self {
        Self { shown: false }
    }

    pub(crate) fn show(&self, line: impl FnOnce() -> String) {
        if self.shown {
            let line = line();
            let mut out = anstream::stderr().lock();
            let _ = write!(out, "\r\x1b[K{line}").and_then(|()| out.flush());
        }
    }

    pub(crate) fn end(&self) {
        if self.shown {
            let mut out = anstream::stderr().lock();
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }
}

//! Exit codes, which scripts may rely on.

use crate::error::ErrorKind;

/// All that was selected is kept.
pub(crate) const KEPT: u8 = 0;
/// A clause is broken, or an expectation of a scenario is not met.
pub(crate) const BROKEN: u8 = 1;
/// Usage, configuration or scenario error; nothing was sent.
pub(crate) const USAGE: u8 = 2;
/// The target cannot be reached, no BITS layer answers there, or it refuses the credentials that a target file names.
pub(crate) const UNREACHABLE: u8 = 3;
/// The selection matches nothing.
pub(crate) const NOTHING_SELECTED: u8 = 4;
/// Something that was selected has no verdict, not everything that a benchmark sent was answered as it should be, or a
/// limit could not be measured or its sessions not be cancelled.
pub(crate) const INCOMPLETE: u8 = 5;
/// A figure of a benchmark is less than its threshold allows.
pub(crate) const BREACHED: u8 = 6;
/// A fault of this program, or a report that cannot be written.
pub(crate) const INTERNAL: u8 = 70;
/// Stopped by SIGINT; what there was has been reported.
pub(crate) const INTERRUPTED: u8 = 130;
/// Stopped by SIGTERM; what there was has been reported.
pub(crate) const TERMINATED: u8 = 143;

/// The table that `--help` shows.
pub(crate) const HELP: &str = "\
Exit codes:
  0    all that was selected is kept
  1    a clause is broken, or an expectation of a scenario is not met
  2    usage, configuration or scenario error; nothing was sent
  3    the target cannot be reached, no BITS layer answers there, or it refuses the credentials
  4    the selection matches nothing
  5    incomplete: something that was selected has no verdict, a benchmark met errors, a limit could not be measured
  6    a benchmark is slower than its baseline allows
  70   internal error, or a report that cannot be written
  130  interrupted (SIGINT), partial report written
  143  terminated (SIGTERM), partial report written";

/// The exit code for an error.
pub(crate) const fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Usage => USAGE,
        ErrorKind::Unreachable => UNREACHABLE,
        ErrorKind::NothingSelected => NOTHING_SELECTED,
        ErrorKind::Stopped(code) => code,
        ErrorKind::Internal => INTERNAL,
    }
}

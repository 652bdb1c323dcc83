//! Where a report goes: opened before the work begins, so that no work is done whose result cannot be kept.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{error::Error, replace::replace, term::print};

/// Stdout, or a file that is open already.
pub(crate) enum ReportFile {
    Stdout,
    File(PathBuf, File),
}

impl ReportFile {
    /// Opens a file, or stdout for `-`. What the file holds stays there until something is written.
    ///
    /// # Errors
    ///
    /// For a file that cannot be written.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Error> {
        if path.as_os_str() == "-" {
            return Ok(Self::Stdout);
        }
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(&path);
        match file {
            Ok(file) => Ok(Self::File(path, file)),
            Err(error) => Err(cannot_write(&path, &error)),
        }
    }

    /// Splits what follows `--report`, such as the example, and opens the file.
    ///
    /// # Errors
    ///
    /// For what is no format and file, a format that there is not, and a file that cannot be written.
    pub(crate) fn wanted<F>(
        wanted: &str,
        example: &str,
        format: impl FnOnce(&str) -> Result<F, Error>,
    ) -> Result<(F, Self), Error> {
        let (name, path) = wanted.split_once('=').ok_or_else(|| {
            Error::usage(format!(
                "expected FORMAT=FILE after --report, such as {example}, not `{wanted}`"
            ))
        })?;
        Ok((format(name)?, Self::open(path.into())?))
    }

    /// Writes a whole report.
    ///
    /// # Errors
    ///
    /// For a full disk, or a file that can no longer be written.
    pub(crate) fn write(self, text: &str) -> Result<(), Error> {
        match self {
            Self::Stdout => print::print(text),
            Self::File(path, mut file) => {
                let is_plain = file.metadata().is_ok_and(|it| it.is_file());
                // A pipe or a device takes the bytes; a file stays what it was until the new one is whole.
                let written = match is_plain {
                    true => replace(&path, text),
                    false => file.write_all(text.as_bytes()),
                };
                written.map_err(|error| cannot_write(&path, &error))?;
            }
        }
        Ok(())
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::internal(format!("cannot write the report {}: {error}", path.display()))
}

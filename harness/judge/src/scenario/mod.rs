//! Scenario files: YAML that says what is done to a server, and the plan that becomes of it. No I/O.
//!
//! Loops are bounded, and there is no condition but `when: capability`; so a scenario always ends and can be compared
//! and shrunk. Reading one checks everything that can be checked without a server: names, ranges, variables, limits.

mod application;
mod body;
mod compile;
mod delivery;
mod document;
mod entity;
mod error;
mod expand;
mod ids;
mod lanes;
mod options;
mod pipeline;
mod plays;
mod request;
mod scalar;
mod unroll;
mod value;
mod waiting;
mod write;

pub use error::{LoadError, LoadErrorKind};
pub use value::Place;
pub use write::write;

use std::sync::Arc;

use bits_wire::payload::LocalFile;

use self::{
    compile::{Guarded, compile},
    document::{Document, File},
    entity::Entity,
    error::{Blame as _, Fault},
};
use crate::plan::{Capability, DirectoryRole, Plan};

/// The most steps that a scenario can have with its loops written out.
pub const MOST_STEPS: u64 = 10_000;

/// The largest entity, in bytes.
pub const LARGEST_FILE: u64 = 1 << 63;

/// The longest body that can be written down, in bytes.
pub const LONGEST_BODY: u64 = 1 << 20;

/// The most bytes of text and written bodies that a scenario can have with its loops written out.
const MOST_BYTES: u64 = 1 << 24;

/// A scenario that has been read and checked.
#[derive(Clone, Debug)]
pub struct Scenario {
    name: String,
    text: Arc<str>,
    document: Arc<Document>,
}

impl Scenario {
    /// Reads a scenario from the text of its file. `name` is `theme/what-happens`.
    ///
    /// # Errors
    ///
    /// If anything in it is wrong that can be seen without a server.
    pub fn read(name: &str, text: &str) -> Result<Self, LoadError> {
        let text: Arc<str> = text.into();
        let document = serde_saphyr::from_str_with_options::<Document>(&text, yaml())
            .map_err(|error| shape(name, &text, &error))?;
        let scenario = Self { name: name.to_owned(), text, document: Arc::new(document) };
        scenario.check().map_err(|fault| scenario.blame(fault))?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), Fault> {
        ids::check(&self.document)?;
        let entity = match &self.document.file {
            None => Entity::None,
            Some(file) => match &file.value {
                File::Path(_) => Entity::Unread,
                File::Size(size) if *size > LARGEST_FILE => {
                    return Err(LoadErrorKind::FileSize(*size)).at(file.place);
                }
                File::Size(size) => Entity::Pattern(*size),
            },
        };
        compile(&self.name, &self.document, &entity).map(drop)
    }

    /// The plan for a target and a run that can do `has`. A scenario whose file lies on disk needs to be given the
    /// file; see [`Scenario::file_path`].
    ///
    /// # Errors
    ///
    /// Only for a scenario whose file lies on disk: if the file is not given, or a range does not lie in it.
    pub fn plan(
        &self,
        has: &[Capability],
        file: Option<Arc<LocalFile>>,
    ) -> Result<Plan, LoadError> {
        let entity = match (&self.document.file, file) {
            (None, _) => Entity::None,
            (Some(written), file) => match (&written.value, file) {
                (File::Size(size), _) => Entity::Pattern(*size),
                (File::Path(_), Some(file)) => Entity::File(file),
                (File::Path(path), None) => {
                    let kind = LoadErrorKind::FileNotRead(path.clone());
                    return Err(self.blame(Fault { place: written.place, kind }));
                }
            },
        };
        let steps =
            compile(&self.name, &self.document, &entity).map_err(|fault| self.blame(fault))?;
        let able = |it: &Guarded| it.guards.iter().all(|guard| has.contains(guard));
        Ok(Plan {
            name: self.name.clone(),
            title: self.document.title.clone(),
            role: self.document.role,
            needs: self.document.needs.clone(),
            steps: steps.into_iter().filter(able).map(|it| it.step).collect(),
        })
    }

    fn blame(&self, fault: Fault) -> LoadError {
        LoadError::new(&self.name, &self.text, Some(fault.place), fault.kind)
    }

    /// `theme/what-happens`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The part of the name before the slash, or all of it.
    #[must_use]
    pub fn theme(&self) -> &str {
        self.name.split('/').next().unwrap_or(&self.name)
    }

    /// One line that says what happens.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.document.title
    }

    /// Why it is interesting.
    #[must_use]
    pub fn about(&self) -> Option<&str> {
        self.document.about.as_deref()
    }

    /// The contradictory or open points and the rows of the error table that it visits.
    pub fn points(&self) -> impl Iterator<Item = &str> {
        self.document.points.iter().map(|id| id.value.as_str())
    }

    /// The clauses that it is for.
    pub fn clauses(&self) -> impl Iterator<Item = &str> {
        self.document.clauses.iter().map(|id| id.value.as_str())
    }

    /// The virtual directory that it needs.
    #[must_use]
    pub fn role(&self) -> DirectoryRole {
        self.document.role
    }

    /// What else it needs.
    #[must_use]
    pub fn needs(&self) -> &[Capability] {
        &self.document.needs
    }

    /// The path of the entity, relative to the scenario file, if it is a file on disk.
    #[must_use]
    pub fn file_path(&self) -> Option<&str> {
        match self.document.file.as_ref().map(|file| &file.value) {
            Some(File::Path(path)) => Some(path),
            _ => None,
        }
    }

    /// The text of the scenario file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The ids of clauses and points that are not in the tables of [`crate::spec`].
    #[must_use]
    pub fn unknown_ids(&self) -> Vec<&str> {
        ids::unknown(&self.document)
    }
}

/// The JSON Schema of scenario files.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<Document>()
        .to_value()
}

/// YAML 1.2, in which `y` and `no` are texts.
fn yaml() -> serde_saphyr::Options {
    serde_saphyr::options! { with_snippet: false, strict_booleans: true }
}

fn shape(name: &str, text: &Arc<str>, error: &serde_saphyr::Error) -> LoadError {
    use serde_saphyr::MessageFormatter as _;
    let plain = error.without_snippet();
    let message = serde_saphyr::UserMessageFormatter.format_message(plain).into_owned();
    LoadError::new(name, text, error.location().map(Place::from), LoadErrorKind::Shape(message))
}

#[cfg(test)]
mod tests;

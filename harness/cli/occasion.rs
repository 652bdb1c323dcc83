//! What a run carries out: scenarios that somebody wrote, or sessions that a seed makes.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::{Failure, library::Loaded};
use crate::{
    model::{self, Operation},
    plan::{Capability, DirectoryRole, Plan},
    wire::payload::Digest,
};

/// An occasion for a server to show how it keeps the clauses.
#[derive(Clone, Debug)]
pub(super) enum Occasion {
    /// A scenario.
    Written(Loaded),
    /// A random session.
    Random(Case),
}

/// Which random session: the same numbers make the same one on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) seed: u64,
    pub(super) shard: u32,
    pub(super) number: u64,
}

impl Case {
    /// What the session does.
    pub(super) fn operations(self) -> Vec<Operation> {
        model::session(self.seed, self.shard, self.number)
    }

    /// What it is called in reports.
    pub(super) fn name(self) -> String {
        format!("random/{:06}", self.number)
    }

    pub(super) fn plan(self) -> Plan {
        model::plan(&self.name(), &self.operations())
    }
}

impl Occasion {
    pub(super) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Written(loaded) => loaded.scenario.name().into(),
            Self::Random(case) => case.name().into(),
        }
    }

    pub(super) fn title(&self) -> &str {
        match self {
            Self::Written(loaded) => loaded.scenario.title(),
            Self::Random(_) => "a random session",
        }
    }

    pub(super) fn role(&self) -> DirectoryRole {
        match self {
            Self::Written(loaded) => loaded.scenario.role(),
            Self::Random(_) => DirectoryRole::Plain,
        }
    }

    /// The plan for a run that can do `has`.
    ///
    /// # Errors
    ///
    /// For a scenario whose file cannot be read.
    pub(super) fn plan(&self, has: &[Capability]) -> Result<Plan, Failure> {
        match self {
            Self::Written(loaded) => loaded.plan(has),
            Self::Random(case) => Ok(case.plan()),
        }
    }
}

/// The digest of what these sessions send, so that two machines can tell whether they send the same.
pub(super) fn fingerprint(cases: impl Iterator<Item = Case>) -> String {
    let mut hash = Sha256::new();
    for case in cases {
        hash.update(format!("{:?}", case.plan().steps));
    }
    let digest = Digest(hash.finalize().into()).to_string();
    digest[..16].to_owned()
}

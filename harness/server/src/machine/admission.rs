//! What passes between the session machine and the shell around it.

use bits_wire::{ContentRange, Guid, Headers};

use super::{Refusal, Reply, notify::Origin};
use crate::paths::Place;

/// The head of a request.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method, in its own case.
    pub method: &'a str,
    /// The request target.
    pub target: &'a str,
    /// The version, `HTTP/1.1` as a rule.
    pub version: &'a str,
    /// How the URL of the target begins: `https` if the request came over TLS, else `http`.
    pub scheme: &'static str,
    /// The header fields.
    pub headers: &'a Headers,
}

/// Where the bytes of a session are kept until it is closed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entity {
    /// The folder of the virtual directory.
    pub folder: String,
    /// The session.
    pub session: Guid,
}

/// Whether an entity that exists already is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Replace {
    /// It may be.
    Allowed,
    /// It may not be.
    Refused,
}

/// What is to be done about a request.
#[derive(Debug)]
pub enum Admission {
    /// Nothing: this is the answer.
    Reply(Reply),
    /// Another request of this session has to settle first.
    Busy(Guid),
    /// Make a place for an entity, if its destination can be filled.
    Create {
        /// To be handed back.
        ticket: Ticket,
        /// The place to make.
        entity: Entity,
        /// Where it will be published.
        place: Place,
        /// Whether something may be there.
        replace: Replace,
    },
    /// Read the body and keep it.
    Receive {
        /// To be handed back.
        ticket: Ticket,
        /// The place that was made.
        entity: Entity,
        /// Bytes of the whole body.
        length: u64,
        /// Bytes at its front that are stored already, and are dropped.
        skip: u64,
        /// Where in the entity the rest belongs.
        offset: u64,
        /// A place that shows what was received so far; only a seeded fault asks for it.
        expose: Option<Place>,
    },
    /// Move the entity to its destination.
    Publish {
        /// To be handed back.
        ticket: Ticket,
        /// The complete entity.
        entity: Entity,
        /// Its destination.
        place: Place,
        /// Its size in bytes; what is stored beyond it is left over from fragments that were cut.
        length: u64,
        /// Whether something may be there.
        replace: Replace,
    },
    /// Delete the entity.
    Discard {
        /// To be handed back.
        ticket: Ticket,
        /// What is given up.
        entity: Entity,
    },
}

/// The right to settle what was admitted.
#[derive(Debug)]
#[must_use = "a session is busy until its ticket is committed"]
pub struct Ticket {
    pub(super) session: Guid,
    pub(super) work: Work,
}

impl Ticket {
    /// The session that it is for.
    #[must_use]
    pub const fn session(&self) -> Guid {
        self.session
    }
}

#[derive(Debug)]
pub(super) enum Work {
    /// Where to, and for whom.
    Create(Place, Option<String>),
    Receive(ContentRange, Origin),
    Notify(Origin),
    Publish,
    Close,
    Cancel,
}

/// What went wrong with the work for a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Trouble {
    /// The destination exists and may not be replaced.
    #[error("the destination exists")]
    Exists,
    /// The destination is a directory.
    #[error("the destination is a directory")]
    Directory,
    /// The folder of the destination does not exist.
    #[error("the folder of the destination does not exist")]
    NoParent,
    /// The file system cannot hold a file of this name.
    #[error("the file system takes no such name")]
    Name,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The entity is not there any more.
    #[error("the entity has vanished")]
    Vanished,
    /// The body ended before its range.
    #[error("the body was cut")]
    Cut,
    /// Anything else.
    #[error("the store failed")]
    Store,
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Exists => Self::Exists,
            Trouble::Directory => Self::Directory,
            Trouble::NoParent => Self::NoParent,
            Trouble::Name => Self::Path,
            Trouble::DiskFull => Self::DiskFull,
            Trouble::Vanished => Self::Vanished,
            Trouble::Cut => Self::Cut,
            Trouble::Store => Self::Store,
        }
    }
}

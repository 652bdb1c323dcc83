//! Who the harness says it is, when a server asks (RFC 7617, RFC 7616).

mod challenge;
mod digest;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bits_judge::{
    plan::{Credentials, DirectoryRole},
    transcript::Answer,
};
use bits_wire::{
    authentication::digest::hexadecimal,
    authorization::{Bearer, CARRIERS},
    http1::RequestHead,
    names, text,
};

use self::{challenge::Challenge, digest::Digest};

/// The password that is wrong on purpose.
const WRONG: &str = "bitscheck-has-it-wrong";

/// A user's name and password. It is never printed whole.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    name: String,
    password: String,
}

impl User {
    /// A user of this name.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self { name: name.into(), password: password.into() }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same user with another password.
    fn mistaken(&self) -> Self {
        // One character makes the difference even to somebody whose password this is.
        let extra = if self.password == WRONG { "-again" } else { "" };
        Self { name: self.name.clone(), password: format!("{WRONG}{extra}") }
    }
}

impl fmt::Debug for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("User").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The users whom a target knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    everywhere: Option<User>,
    of_roles: BTreeMap<DirectoryRole, User>,
}

impl Accounts {
    /// A user for every request, and users for the directories of some roles.
    #[must_use]
    pub const fn new(everywhere: Option<User>, of_roles: BTreeMap<DirectoryRole, User>) -> Self {
        Self { everywhere, of_roles }
    }

    /// The user for steps that ask for one.
    #[must_use]
    pub fn permitted(&self, role: DirectoryRole) -> Option<&User> {
        let everywhere = || self.everywhere.as_ref().filter(|_| role != DirectoryRole::Protected);
        self.of_roles.get(&role).or_else(everywhere)
    }

    /// The user for all other steps. Where one user has permission they are those of nobody, and where none has, those
    /// of a user of whom that is known.
    fn unasked(&self, role: DirectoryRole) -> Option<&User> {
        self.permitted(role).filter(|_| role != DirectoryRole::Accounts)
    }
}

/// What a plan knows of who it is: the users, and what the server asked last.
pub(super) struct Passport<'d> {
    permitted: Option<&'d User>,
    unasked: Option<&'d User>,
    challenge: Option<Challenge>,
    /// Whether it is known of nobody that they have permission, in a directory where somebody ought to have it.
    is_stranger: bool,
    nonce: fn() -> Result<String, getrandom::Error>,
}

/// A request to send, and whose credentials it carries if it carries any.
pub(super) struct Identified {
    pub(super) head: RequestHead,
    pub(super) bearer: Bearer,
}

impl Identified {
    /// The request as its author wrote it.
    pub(super) fn as_written(head: &RequestHead) -> Self {
        Self { head: head.clone(), bearer: Bearer::Written }
    }
}

impl<'d> Passport<'d> {
    pub(super) fn new(accounts: &'d Accounts, role: DirectoryRole) -> Self {
        Self {
            permitted: accounts.permitted(role),
            unasked: accounts.unasked(role),
            challenge: None,
            is_stranger: accounts.permitted(role).is_none()
                && !matches!(role, DirectoryRole::Protected | DirectoryRole::Accounts),
            nonce: client_nonce,
        }
    }

    /// The request with credentials, if it is to have some and a server has said how.
    pub(super) fn shown(
        &mut self,
        head: &RequestHead,
        credentials: Credentials,
    ) -> Result<Option<Identified>, getrandom::Error> {
        if CARRIERS.iter().any(|carrier| head.headers.has(carrier)) {
            return Ok(None);
        }
        let (user, bearer) = match credentials {
            Credentials::None => (self.unasked.cloned(), Bearer::Right),
            Credentials::Right => (self.permitted.cloned(), Bearer::Right),
            Credentials::Wrong => (self.permitted.map(User::mistaken), Bearer::Wrong),
        };
        let (Some(user), Some(challenge)) = (user, &mut self.challenge) else { return Ok(None) };
        let value = match challenge {
            Challenge::Basic => basic(&user),
            Challenge::Digest(digest) => digest.answer(&user, head, (self.nonce)()?),
        };
        Ok(with_header(head, CARRIERS[0], &value).map(|head| Identified { head, bearer }))
    }

    /// The user whose credentials are shown because the server asked for them.
    pub(super) fn asked_for(&self) -> Option<&'d User> {
        self.permitted.filter(|_| self.challenge.is_some())
    }

    /// Whether the server asks for credentials of which there are none to show.
    pub(super) fn is_turned_away(&self, head: &RequestHead, answer: &Answer) -> bool {
        self.is_stranger
            && matches!(answer.head.status, 401 | 407)
            && !CARRIERS.iter().any(|carrier| head.headers.has(carrier))
    }

    /// Takes in what the server asks; whether that is reason to send the request again, which `carried` credentials
    /// or did not.
    pub(super) fn is_asked(&mut self, answer: &Answer, carried: bool) -> bool {
        if answer.head.status != 401 {
            return false;
        }
        let asked: Vec<&str> = answer.head.headers.all(names::WWW_AUTHENTICATE).collect();
        let Some(challenge) = challenge::strongest(&asked) else { return false };
        let is_stale = matches!(&challenge, Challenge::Digest(digest) if digest.is_stale);
        if carried && !is_stale {
            return false;
        }
        self.challenge = Some(challenge);
        true
    }
}

fn client_nonce() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(hexadecimal(&bytes))
}

fn basic(user: &User) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", user.name, user.password)))
}

/// The head with one more line: at its end, or where that cannot be told behind its first line. Nothing if there is
/// no line at all.
fn with_header(head: &RequestHead, name: &str, value: &str) -> Option<RequestHead> {
    let raw = &head.raw;
    let find = |what: &[u8]| raw.windows(what.len()).position(|window| window == what);
    let at = match find(b"\r\n\r\n") {
        Some(end) => end + 2,
        None => find(b"\n")? + 1,
    };
    let line = text::to_bytes(&format!("{name}: {value}\r\n"));
    Some(RequestHead::read(&[&raw[..at], &line, &raw[at..]].concat()))
}

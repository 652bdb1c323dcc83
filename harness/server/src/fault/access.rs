//! The places at which a fault lets somebody in who may not, or to where nobody may.

use std::borrow::Cow;

use bits_wire::{Guid, PacketType, names};

use super::{Fault, Rules, list::Way};
use crate::{
    config::VirtualDirectory,
    machine::{Replace, RequestHead, packet_of},
};

impl Rules {
    /// What comes of asking who a client is.
    pub(crate) fn identified(
        self,
        head: &RequestHead<'_>,
        vdir: &VirtualDirectory,
        found: Result<Option<String>, Vec<String>>,
    ) -> Result<Option<String>, Vec<String>> {
        let anybody = || Ok(vdir.writers.as_ref().and_then(|writers| writers.first()).cloned());
        let is_named = || head.headers.has(names::AUTHORIZATION);
        let packet = packet_of(head.headers);
        let opens = matches!(packet, PacketType::CreateSession | PacketType::Ping);
        let trusted = self.fault().is_some_and(|fault| fault.row().way == Way::Trusts(packet));
        match (self.fault(), found) {
            (Some(Fault::AccountsNoChallenge), Err(_)) => Err(vec![]),
            (Some(Fault::AccountsAnyPassword), Err(_)) if is_named() => anybody(),
            (Some(Fault::AccountsTrustSessions), Err(_)) if !opens => anybody(),
            (_, Err(_)) if trusted => anybody(),
            (_, found) => found,
        }
    }

    /// Whether something at the destination, which this target names, may be replaced.
    pub(crate) fn replace(self, setting: Replace, target: &str) -> Replace {
        match self.fault() {
            Some(Fault::CreateIgnoresOverwriteSetting) => Replace::Allowed,
            Some(Fault::CreateOverwritesRespelled) if target.contains('%') => Replace::Allowed,
            _ => setting,
        }
    }

    /// A request target, as it is looked up.
    pub(crate) fn target(self, target: &str) -> Cow<'_, str> {
        let other = match self.fault() {
            Some(Fault::PathClimbs) => climbed(target),
            Some(Fault::PathSessionsFolder) => {
                let at = target.to_ascii_lowercase().find("bits-sessions");
                at.map(|at| format!("{}in-{}", &target[..at], &target[at..]))
            }
            _ => None,
        };
        other.map_or(Cow::Borrowed(target), Cow::Owned)
    }

    /// Whether whoever names an unknown session is told the one that there is at the URL.
    pub(crate) fn tells_strangers(self) -> bool {
        self.fault() == Some(Fault::SessionTold)
    }

    /// Whether whoever names an unknown session may use the one that there is at the URL.
    pub(crate) fn takes_any_id(self) -> bool {
        self.fault() == Some(Fault::SessionAnyId)
    }

    /// What is told of the session that uploads a file which somebody looks for in vain.
    pub(crate) fn told_of(self, session: impl FnOnce() -> Option<Guid>) -> Option<String> {
        let tells = self.fault() == Some(Fault::SessionToldInBodies);
        let session = tells.then(session).flatten()?;
        Some(format!("<html>not there yet, see session {session}</html>"))
    }

    /// Whether the folder of sessions can be listed.
    pub(crate) fn lists_sessions(self) -> bool {
        self.fault() == Some(Fault::DownloadListsSessions)
    }
}

/// A target that climbs, without its ways up: its last name, in the directory that its first name names.
fn climbed(target: &str) -> Option<String> {
    let plain = target.replace("%2e", ".").replace("%2E", ".");
    let plain =
        plain.replace("%5c", "/").replace("%5C", "/").replace("%2f", "/").replace("%2F", "/");
    let mut parts = plain.split('/').filter(|part| !part.is_empty());
    let (first, last) = (parts.next()?, parts.next_back()?);
    parts.any(|part| part == "..").then(|| format!("/{first}/{last}"))
}

//! A complete upload is announced to the server application, and what its answer leads to (3.2.5.1.3, 3.3.5.2).

use std::{fmt, time::Duration};

use bits_wire::{Guid, Hresult, PacketType};

use super::{Entity, Machine, Refusal, Reply, Session, Ticket, Work, answer::Blame};
use crate::{
    config::{NotificationTimeouts, NotificationType, VirtualDirectory},
    fault::End,
    paths::{self, Place},
};

/// The longest URL of a reply, in characters (2.2.1.2).
const LONGEST_URL: usize = 2200;

/// What comes of a settled request.
#[derive(Debug)]
pub enum Settled {
    /// The answer.
    Reply(Reply),
    /// First the server application has to hear of the upload.
    Notify(Box<Announcement>),
}

/// What the server application is to hear.
#[derive(Debug)]
pub struct Announcement {
    /// To be handed back.
    pub ticket: Ticket,
    /// The upload.
    pub entity: Entity,
    /// Its size in bytes.
    pub length: u64,
    /// The method of the call.
    pub method: &'static str,
    /// Whether it is made in HTTP/1.0, which it never should.
    pub is_old: bool,
    /// Whether the upload itself is sent.
    pub by_value: bool,
    /// Whether it is told where the upload lies.
    pub tells_request: bool,
    /// Whether it is told where the reply belongs.
    pub tells_reply: bool,
    /// Whether it is told another file than that of the upload; only a seeded fault does so.
    pub tells_other_file: bool,
    /// Whether what it answers as a body is the reply.
    pub takes_body: bool,
    /// Whether the length of the body is told.
    pub tells_length: bool,
    /// How many bytes of a reply are dropped at its end; only a seeded fault asks for any.
    pub drops: u64,
    /// Where the application listens.
    pub application: String,
    /// The URL that the upload is for; none only if a seeded fault leaves it out.
    pub destination: Option<String>,
    /// How long it may take.
    pub timeouts: NotificationTimeouts,
}

/// What the server application answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The status.
    pub status: u16,
    /// The error value that it gave.
    pub error: Option<Hresult>,
    /// Where it has a reply of its own.
    pub static_url: Option<String>,
    /// Whether it wants the upload at its destination.
    pub copy: bool,
    /// Whether it left a reply in the store.
    pub reply: bool,
}

/// Why there is no answer of the server application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotifyTrouble {
    /// No connection could be made.
    #[error("the server application cannot be reached")]
    Unreachable,
    /// The connection ended too early.
    #[error("the server application hung up during {0}")]
    BrokenOff(Stage),
    /// One of the three limits was passed.
    #[error("the server application is too slow with {0}")]
    TooSlow(Stage),
    /// What came is no answer by 2.2.13.
    #[error("the server application's answer is malformed")]
    Malformed,
    /// What came is an answer of another version of HTTP.
    #[error("the server application does not speak HTTP/1.1")]
    Version,
    /// The upload or the reply cannot be kept.
    #[error("the store failed")]
    Store,
}

/// A part of a call of the server application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The call itself.
    Call,
    /// The head of the answer.
    Head,
    /// The body of the answer.
    Body,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Call => "the call",
            Self::Head => "the head of its answer",
            Self::Body => "the body of its answer",
        })
    }
}

/// What the server application made of a session's upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It took it.
    Accepted {
        /// It wants it at its destination.
        copy: bool,
        /// The reply is there.
        url: Option<String>,
        /// The reply lies in the store.
        stored: bool,
    },
    /// It refused it with a 403, after which it does not hear of it again.
    Forbidden(Hresult),
}

/// Where a request came from, as far as URLs are made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// `http`, or `https`.
    pub(super) scheme: &'static str,
    /// The `Host` header.
    pub(super) host: String,
    /// The request target.
    pub(super) target: String,
}

impl Origin {
    /// The path and the query of the target.
    fn path_and_query(&self) -> &str {
        match self.target.split_once("://") {
            None => &self.target,
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        }
    }

    fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// The URL of the server, without a slash at its end.
    fn root(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }

    fn destination(&self) -> String {
        format!("{}{}", self.root(), self.path_and_query())
    }

    /// Where the application listens: the URL of the setting, resolved against the folder of the destination, with the
    /// destination's query at its end.
    fn application(&self, setting: &str) -> String {
        let base = if setting.contains("://") {
            setting.to_owned()
        } else {
            let destination = self.destination();
            let path = destination.split('?').next().unwrap_or_default();
            let folder = path.rfind('/').map_or(path, |at| &path[..at]);
            format!("{folder}/{setting}")
        };
        match self.query() {
            None => base,
            Some(query) if base.contains('?') => format!("{base}&{query}"),
            Some(query) => format!("{base}?{query}"),
        }
    }
}

impl Machine {
    /// What the application has to hear now that all bytes of a session are there, if it has to hear anything.
    pub(super) fn announcement(&self, session: Guid, origin: &Origin) -> Option<Announcement> {
        let row = self.sessions.get(&session)?;
        let vdir = &self.config.vdirs[row.place.vdir];
        let setting = vdir.notification_url.as_deref()?;
        if vdir.notification_type == NotificationType::None {
            return None;
        }
        let by_value = vdir.notification_type == NotificationType::ByValue;
        let mut announcement = Announcement {
            ticket: Ticket { session, work: Work::Notify(origin.clone()) },
            entity: Entity { folder: row.place.folder.clone(), session },
            length: row.received,
            method: "POST",
            is_old: false,
            by_value,
            tells_request: !by_value,
            tells_reply: !by_value,
            tells_other_file: false,
            takes_body: by_value,
            tells_length: true,
            drops: 0,
            application: origin.application(setting),
            destination: Some(origin.destination()),
            timeouts: vdir.notification_timeouts,
        };
        self.rules.announcement(&mut announcement);
        Some(announcement)
    }

    /// Takes what came of an announcement, and makes the answer to the fragment that led to it.
    pub fn notified(
        &mut self,
        ticket: Ticket,
        outcome: Result<Heard, NotifyTrouble>,
        now: Duration,
    ) -> Reply {
        let Ticket { session, work } = ticket;
        let Work::Notify(origin) = work else { return self.unknown(&PacketType::Fragment) };
        let outcome = self.rules.heard(outcome);
        let told = self.understand(session, &origin, outcome);
        let Some(row) = self.sessions.get_mut(&session) else {
            return self.unknown(&PacketType::Fragment);
        };
        row.busy = false;
        match told {
            Ok(told) => {
                row.touched = now;
                row.told = Some(told);
                self.told(session)
            }
            Err(blame) => {
                if blame.status == 403 {
                    row.told = Some(Told::Forbidden(blame.hresult));
                }
                let reply = self.blame(session, blame);
                if self.rules.end_at_failure() == End::Forgotten {
                    self.sessions.remove(&session);
                }
                reply
            }
        }
    }

    pub(super) fn understand(
        &self,
        session: Guid,
        origin: &Origin,
        outcome: Result<Heard, NotifyTrouble>,
    ) -> Result<Told, Blame> {
        let heard = outcome.map_err(Blame::of)?;
        if heard.status != 200 {
            let hresult = heard.error.unwrap_or_else(|| Hresult::of_status(heard.status));
            // Another kind of success is none by the older text, and cannot be the status of an error.
            let status = if heard.status < 300 { 502 } else { heard.status };
            return Err(Blame { status, hresult });
        }
        let own = heard.static_url.filter(|url| !url.is_empty());
        if let Some(url) = &own {
            let fits = url.chars().count() <= LONGEST_URL;
            self.rules.demand(fits, Refusal::ReplyUrl).map_err(|_| Blame::invalid())?;
            if !url.to_ascii_lowercase().starts_with("http://") {
                return Err(Blame::of(NotifyTrouble::Malformed));
            }
        }
        let row = self.sessions.get(&session).ok_or(Blame::of(NotifyTrouble::Store))?;
        let vdir = &self.config.vdirs[row.place.vdir];
        let stored = own.is_none() && heard.reply;
        let made = || reply_url(vdir, &row.place, session, origin);
        let url = own.or_else(|| stored.then(made));
        Ok(Told::Accepted { copy: heard.copy, url, stored })
    }

    /// The answer that is stored once the application has had the upload; nothing if it has to hear of it again.
    pub(super) fn stored_answer(&self, session: Guid) -> Option<Reply> {
        match self.sessions.get(&session)?.told.as_ref()? {
            Told::Accepted { .. } => Some(self.told(session)),
            Told::Forbidden(hresult) if !self.rules.asks_again_after_403() => {
                Some(self.blame(session, Blame { status: 403, hresult: *hresult }))
            }
            Told::Forbidden(_) => None,
        }
    }

    /// Takes a session out of the table, and its reply with it, unless a seeded fault keeps that.
    pub(super) fn forget(&mut self, session: Guid, packet: &PacketType) {
        let Some(row) = self.sessions.remove(&session) else { return };
        if self.rules.end_of_reply(packet) == End::Kept
            && matches!(row.told, Some(Told::Accepted { stored: true, .. }))
        {
            self.outlived.insert(session);
        }
    }

    /// The URL of the reply that a session will have, which only a seeded fault tells before it is there.
    pub(super) fn early_reply_url(&self, session: Guid, origin: &Origin) -> Option<String> {
        let row = self.sessions.get(&session)?;
        let vdir = &self.config.vdirs[row.place.vdir];
        (vdir.notification_type != NotificationType::None && self.rules.names_reply_early())
            .then(|| reply_url(vdir, &row.place, session, origin))
    }

    /// Whether nothing is left of a session, its reply included.
    #[must_use]
    pub fn has_forgotten(&self, session: Guid) -> bool {
        !self.sessions.contains_key(&session) && !self.outlived.contains(&session)
    }

    /// Whether a session's reply can be read by URL.
    #[must_use]
    pub fn has_reply(&self, vdir: usize, session: Guid) -> bool {
        if self.outlived.contains(&session) {
            return true;
        }
        if !self.rules.serves_replies() {
            return false;
        }
        let stored = |row: &Session| matches!(row.told, Some(Told::Accepted { stored: true, .. }));
        self.sessions.get(&session).is_some_and(|row| row.place.vdir == vdir && stored(row))
    }
}

impl Session {
    /// Whether the upload goes to its destination when the session is closed.
    pub(super) fn is_wanted(&self, vdir: &VirtualDirectory) -> bool {
        vdir.notification_type == NotificationType::None
            || matches!(self.told, Some(Told::Accepted { copy: true, .. }))
    }
}

fn reply_url(vdir: &VirtualDirectory, place: &Place, session: Guid, origin: &Origin) -> String {
    // A relative URL is resolved against the folder of the destination, and these lie in that of the directory.
    if vdir.writes_relative_reply_urls() && place.names.len() == 1 {
        return format!(r"{}\Replies\{session}\{}", paths::SESSIONS_FOLDER, paths::REPLY_FILE);
    }
    let id = session.to_string().replace('{', "%7B").replace('}', "%7D");
    let folder = format!("{}{}/Replies/{id}", vdir.prefix, paths::SESSIONS_FOLDER);
    format!("{}{folder}/{}", origin.root(), paths::REPLY_FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(target: &str) -> Origin {
        Origin { scheme: "http", host: "h:1".into(), target: target.into() }
    }

    #[test]
    fn the_destination_is_absolute_whatever_form_the_target_has() {
        assert_eq!(origin("/v/f?x").destination(), "http://h:1/v/f?x");
        assert_eq!(origin("http://other/v/f").destination(), "http://h:1/v/f");
        let secure = Origin { scheme: "https", ..origin("/v/f?x") };
        assert_eq!(secure.destination(), "https://h:1/v/f?x");
    }

    #[test]
    fn the_application_gets_the_query_and_a_bare_name_lies_beside_the_destination() {
        assert_eq!(origin("/v/f").application("http://a/app"), "http://a/app");
        assert_eq!(origin("/v/f?x=1").application("http://a/app"), "http://a/app?x=1");
        assert_eq!(origin("/v/f?x=1").application("http://a/app?y"), "http://a/app?y&x=1");
        assert_eq!(origin("/v/f.txt?x=/1").application("my.asp"), "http://h:1/v/my.asp?x=/1");
    }
}

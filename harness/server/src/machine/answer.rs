//! What the machine says: every answer is made here, and passes the rules on its way out.

use bits_wire::{ErrorContext, Guid, Headers, Hresult, PacketType, names};

use super::{
    Machine, NotifyTrouble, Refusal, Reply, Told, packet_of,
    reply::{self, Standing},
};
use crate::config::Profile;

/// Why an upload is refused that the server application had to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blame {
    /// The status.
    pub(super) status: u16,
    /// The error value.
    pub(super) hresult: Hresult,
}

impl Blame {
    /// A reply URL that is too long (E14).
    pub(super) const fn invalid() -> Self {
        Self { status: 400, hresult: Hresult::INVALID_ARGUMENT }
    }

    /// There is no answer of the application (E19, E20).
    pub(super) const fn of(trouble: NotifyTrouble) -> Self {
        let (status, hresult) = match trouble {
            NotifyTrouble::TooSlow(_) => (408, Hresult(0x8007_0112)),
            NotifyTrouble::Malformed | NotifyTrouble::Version => (411, Hresult::INVALID_ARGUMENT),
            // `BG_E_HTTP_ERROR_502`.
            NotifyTrouble::Unreachable | NotifyTrouble::BrokenOff(_) => {
                (502, Hresult::of_status(502))
            }
            NotifyTrouble::Store => (500, Hresult(0x8007_045D)),
        };
        Self { status, hresult }
    }
}

impl Machine {
    /// The Ack to CREATE-SESSION, which tells of another host for the upload if one is set. The time for that host means
    /// nothing without it (S15).
    pub(super) fn welcome(&self, session: Guid) -> Reply {
        let packet = PacketType::CreateSession;
        let mut reply =
            reply::acknowledge(&packet, self.standing(Some(session)), self.profile(Some(session)));
        let vdir = self.sessions.get(&session).map(|row| &self.config.vdirs[row.place.vdir]);
        if let Some(host) = vdir.and_then(|vdir| vdir.host_id.as_deref()) {
            reply.headers.push(names::HOST_ID, host);
            if let Some(seconds) = vdir.and_then(|vdir| vdir.host_id_fallback_timeout) {
                reply.headers.push(names::HOST_ID_FALLBACK_TIMEOUT, seconds.to_string());
            }
        }
        self.send(&packet, None, reply)
    }

    /// The Ack to the last fragment of an upload that the application took.
    pub(super) fn told(&self, session: Guid) -> Reply {
        let packet = PacketType::Fragment;
        let mut reply =
            reply::acknowledge(&packet, self.standing(Some(session)), self.profile(Some(session)));
        let told = self.sessions.get(&session).and_then(|row| row.told.as_ref());
        if let Some(Told::Accepted { url: Some(url), .. }) = told {
            reply.headers.push(names::REPLY_URL, url.clone());
        }
        self.send(&packet, None, reply)
    }

    /// The Ack to a fragment that the application, or the way to it, stopped.
    pub(super) fn blame(&self, session: Guid, blame: Blame) -> Reply {
        let packet = PacketType::Fragment;
        let mut reply =
            reply::acknowledge(&packet, self.standing(Some(session)), self.profile(Some(session)));
        reply.status = blame.status;
        let name = self.profile(Some(session)).error_header();
        reply.headers.push(name, blame.hresult.to_string());
        reply.headers.push(names::ERROR_CONTEXT, ErrorContext::Application.as_str());
        self.send(&packet, Some(Refusal::Application), reply)
    }

    /// The answer for a session that is not there.
    pub(super) fn unknown(&self, packet: &PacketType) -> Reply {
        self.refuse(Refusal::UnknownSession, packet, None, None)
    }

    /// The answer to a request that has waited in vain for another one of its session.
    pub fn busy(&self, session: Guid, headers: &Headers) -> Reply {
        let vdir = self.sessions.get(&session).map(|row| row.place.vdir);
        self.refuse(Refusal::Busy, &packet_of(headers), Some(session), vdir)
    }

    pub(super) fn acknowledge(&self, packet: &PacketType, session: Option<Guid>) -> Reply {
        let reply = reply::acknowledge(packet, self.standing(session), self.profile(session));
        self.send(packet, None, reply)
    }

    pub(super) fn refuse(
        &self,
        refusal: Refusal,
        packet: &PacketType,
        session: Option<Guid>,
        vdir: Option<usize>,
    ) -> Reply {
        let profile = vdir
            .and_then(|vdir| self.config.vdirs.get(vdir))
            .map_or(Profile::McBup, |vdir| vdir.profile);
        // An id in the Ack of CREATE-SESSION would be that of a session that was not made.
        let session = session.filter(|_| *packet != PacketType::CreateSession);
        let reply = reply::refuse(refusal, packet, self.standing(session), profile);
        self.send(packet, Some(refusal), reply)
    }

    /// Every answer leaves through here, so that a seeded fault can have its way with it.
    fn send(&self, packet: &PacketType, refusal: Option<Refusal>, mut reply: Reply) -> Reply {
        self.rules.reply(packet, refusal, &mut reply);
        reply
    }

    fn profile(&self, session: Option<Guid>) -> Profile {
        let row = session.and_then(|session| self.sessions.get(&session));
        row.map_or(Profile::McBup, |row| self.config.vdirs[row.place.vdir].profile)
    }

    fn standing(&self, session: Option<Guid>) -> Option<Standing> {
        let session = session?;
        let received = self.sessions.get(&session)?.received;
        Some(Standing { session, received })
    }
}

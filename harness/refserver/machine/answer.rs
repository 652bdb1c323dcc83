//! What the machine says: every answer is made here, and passes the rules on its way out.

use super::{
    Machine, Refusal, Reply, packet_of,
    reply::{self, Standing},
};
use crate::{
    refserver::config::Profile,
    wire::{Guid, Headers, PacketType},
};

impl Machine {
    /// The answer to a request that has waited in vain for another one of its session.
    pub fn busy(&self, session: Guid, headers: &Headers) -> Reply {
        let vdir = self.sessions.get(&session).map(|row| row.place.vdir);
        self.refuse(Refusal::Busy, &packet_of(headers), Some(session), vdir)
    }

    pub(super) fn acknowledge(&self, packet: &PacketType, session: Option<Guid>) -> Reply {
        let reply = reply::acknowledge(packet, self.standing(session));
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

    fn standing(&self, session: Option<Guid>) -> Option<Standing> {
        let session = session?;
        let received = self.sessions.get(&session)?.received;
        Some(Standing { session, received })
    }
}

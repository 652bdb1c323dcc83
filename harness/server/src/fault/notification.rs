//! The places at which a fault of the notification side has its say.

use bits_wire::PacketType;

use super::{End, Fault, Rules};
use crate::machine::{Announcement, Heard, NotifyTrouble, Stage};

impl Rules {
    /// Whether a fragment makes the server call the application, `last` being right.
    pub(crate) fn announces(self, last: bool) -> bool {
        match self.fault() {
            Some(Fault::NotifyNever) => false,
            Some(Fault::NotifyEarly) => true,
            _ => last,
        }
    }

    /// Every call of the server application goes through here.
    pub(crate) fn announcement(self, call: &mut Announcement) {
        let by_value = call.by_value;
        match self.fault() {
            Some(Fault::NotifyByOldVersion) => call.is_old = true,
            Some(Fault::NotifyByPut) => call.method = "PUT",
            Some(Fault::NotifyOmitsUrl) => call.destination = None,
            Some(Fault::NotifyRelativeUrl) => {
                let path = |url: &str| url.splitn(4, '/').nth(3).map(|path| format!("/{path}"));
                call.destination = call.destination.as_deref().and_then(path);
            }
            Some(Fault::NotifyOtherUrl) => {
                call.destination = call.destination.take().map(|url| format!("{url}.old"));
            }
            Some(Fault::NotifyTellsRequest) => call.tells_request = true,
            Some(Fault::NotifyTellsReply) => call.tells_reply = true,
            Some(Fault::NotifyOmitsRequest) => call.tells_request = false,
            Some(Fault::NotifyOmitsReply) => call.tells_reply = false,
            Some(Fault::NotifySendsBody) => call.by_value = true,
            Some(Fault::NotifyCutsBody) if by_value => {
                call.length = call.length.saturating_sub(1);
            }
            Some(Fault::NotifyOmitsLength) => call.tells_length = false,
            Some(Fault::NotifyOtherFile) => call.tells_other_file = true,
            Some(Fault::NotifyDropsQuery) => {
                let bare = call.application.split('?').next().unwrap_or_default();
                call.application = bare.to_owned();
            }
            Some(Fault::ReplyCut) if by_value => call.drops = 1,
            Some(Fault::ReplyFromBody) => call.takes_body = true,
            _ => {}
        }
    }

    /// Every answer of the server application goes through here.
    pub(crate) fn heard(
        self,
        outcome: Result<Heard, NotifyTrouble>,
    ) -> Result<Heard, NotifyTrouble> {
        let Some(fault) = self.fault() else { return outcome };
        match outcome {
            Ok(heard) => Ok(misheard(fault, heard)),
            Err(trouble) if is_taken_as_success(fault, trouble) => {
                Ok(Heard { status: 200, ..Heard::default() })
            }
            Err(trouble) if is_another_trouble(fault, trouble) => Err(NotifyTrouble::Store),
            Err(trouble) => Err(trouble),
        }
    }

    /// What becomes of a session whose upload cannot be announced.
    pub(crate) fn end_at_failure(self) -> End {
        if self.is(Fault::NotifyFailureEndsSession) { End::Forgotten } else { End::Kept }
    }

    /// Whether an upload that the application forbade is announced to it again.
    pub(crate) fn asks_again_after_403(self) -> bool {
        self.is(Fault::NotifyAgainAfter403)
    }

    /// Whether the last fragment of an upload is taken once more.
    pub(crate) fn takes_last_again(self) -> bool {
        !self.is(Fault::NotifyNotAgain)
    }

    /// Whether every fragment's Ack tells where the reply will be.
    pub(crate) fn names_reply_early(self) -> bool {
        self.is(Fault::ReplyNamedEarly)
    }

    /// Whether replies can be read.
    pub(crate) fn serves_replies(self) -> bool {
        !self.is(Fault::ReplyNotServed)
    }

    /// What becomes of a reply when its session ends with this packet.
    pub(crate) fn end_of_reply(self, packet: &PacketType) -> End {
        let kept = match packet {
            PacketType::CloseSession => self.is(Fault::ReplyOutlivesClose),
            _ => self.is(Fault::ReplyOutlivesCancel),
        };
        if kept { End::Kept } else { End::Forgotten }
    }

    fn is(self, fault: Fault) -> bool {
        self.fault() == Some(fault)
    }
}

fn misheard(fault: Fault, heard: Heard) -> Heard {
    let mut heard = heard;
    match fault {
        Fault::NotifyErrorIsSuccess if heard.status >= 300 => {
            return Heard { status: 200, ..Heard::default() };
        }
        Fault::NotifyErrorIs500 if heard.status >= 300 && heard.status != 403 => heard.status = 500,
        Fault::NotifyAnySuccess if heard.status < 300 => heard.status = 200,
        Fault::NotifyIgnoresCopy => heard.copy = false,
        Fault::NotifyAlwaysCopies => heard.copy = true,
        Fault::ReplyNotNamed => heard.reply = false,
        Fault::ReplyStaticAltered => {
            if let Some(last) = heard.static_url.as_mut().and_then(|url| url.pop().map(|_| url)) {
                last.push('_');
            }
        }
        _ => {}
    }
    heard
}

fn is_taken_as_success(fault: Fault, trouble: NotifyTrouble) -> bool {
    matches!(
        (fault, trouble),
        (Fault::NotifyNoAnswerIsSuccess, NotifyTrouble::BrokenOff(Stage::Head))
            | (Fault::NotifyCutCallIsSuccess, NotifyTrouble::BrokenOff(Stage::Call))
            | (Fault::NotifyCutReplyIsSuccess, NotifyTrouble::BrokenOff(Stage::Body))
            | (Fault::NotifyVersionUnchecked, NotifyTrouble::Version)
            | (Fault::NotifyFormUnchecked, NotifyTrouble::Malformed)
    )
}

fn is_another_trouble(fault: Fault, trouble: NotifyTrouble) -> bool {
    matches!(
        (fault, trouble),
        (Fault::NotifySlowCallIs500, NotifyTrouble::TooSlow(Stage::Call))
            | (Fault::NotifySlowHeadIs500, NotifyTrouble::TooSlow(Stage::Head))
            | (Fault::NotifySlowBodyIs500, NotifyTrouble::TooSlow(Stage::Body))
            | (Fault::NotifyMalformedIs500, NotifyTrouble::Malformed | NotifyTrouble::Version)
    )
}

//! Faults that show when two requests are under way at once. The shell holds the first back until the second has come, so
//! that nothing depends on luck; then the one goes first and the other second.

use bits_wire::{Headers, PacketType, names};

use super::{Fault, Rules};

/// Which of two requests that met this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It is answered first.
    First,
    /// It is answered when the first has been.
    Second,
}

/// What two requests have to share to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// The session.
    Session,
    /// The destination, and they are of two sessions.
    Destination,
}

/// A request that a fault wants to see together with another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// What it shares with the other one.
    pub(crate) key: String,
    /// Its own session, if the other one has to be of another.
    pub(crate) apart: Option<String>,
    /// Which it is to be; either if they are of one kind.
    pub(crate) side: Option<Side>,
}

/// What becomes of a request that met another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Raced {
    /// It is served as it should be.
    Served,
    /// It is served as if it came behind itself.
    Shifted,
    /// The same, and it is refused.
    ShiftedAndRefused,
    /// It is acknowledged, and nothing happens.
    Pretended,
    /// It is acknowledged, and the session is given up.
    Lost,
    /// Zeros are stored instead of its bytes.
    Blanked,
    /// Its bytes go to the other one's session.
    Misplaced,
    /// This header of its answer is the other one's.
    Swapped(&'static str),
    /// It replaces what may not be replaced.
    Replacing,
    /// It is acknowledged, and what is published is empty then.
    Emptying,
    /// Half of what is read is told.
    Halved,
    /// Nothing is there to be read.
    Missing,
}

impl Rules {
    /// Whether requests can meet at all.
    pub(crate) fn has_race(self) -> bool {
        self.fault().and_then(pair).is_some()
    }

    /// What a request has to meet for the fault to show.
    pub(crate) fn candidate(
        self,
        method: &str,
        target: &str,
        headers: &Headers,
    ) -> Option<Candidate> {
        use PacketType::Ack as Get;
        let (share, one, other) = pair(self.fault()?)?;
        let own = match method {
            "GET" => Get,
            _ => PacketType::read(headers.first(names::PACKET_TYPE)?),
        };
        let side = match (own == one, own == other) {
            (true, true) => None,
            (true, false) => Some(Side::First),
            (false, true) => Some(Side::Second),
            (false, false) => return None,
        };
        let session = headers.first(names::SESSION_ID).map(str::to_ascii_lowercase);
        Some(match share {
            Share::Session => Candidate { key: session?, apart: None, side },
            Share::Destination => Candidate { key: target.to_owned(), apart: session, side },
        })
    }

    /// What becomes of a request on this side.
    pub(crate) fn raced(self, side: Side) -> Raced {
        match (self.fault(), side) {
            (Some(Fault::RaceBothCounted), Side::Second) => Raced::Shifted,
            (Some(Fault::RaceRefusalCounts), Side::Second) => Raced::ShiftedAndRefused,
            (Some(Fault::RaceNeitherKept), _) => Raced::Pretended,
            (
                Some(
                    Fault::RaceCancelForgotten
                    | Fault::RaceCloseForgotten
                    | Fault::RaceCloseAndCancel,
                ),
                Side::Second,
            ) => Raced::Pretended,
            (Some(Fault::RaceSessionLost), Side::Second) => Raced::Lost,
            (
                Some(
                    Fault::RaceBytesLost
                    | Fault::RaceClosePublishesHole
                    | Fault::RaceCancelTakesOther,
                ),
                Side::First,
            ) => Raced::Blanked,
            (Some(Fault::RaceMixture), Side::Second) => Raced::Misplaced,
            (Some(Fault::RaceIdTwice), Side::Second) => Raced::Swapped(names::SESSION_ID),
            (Some(Fault::RaceOffsetOfOther), Side::Second) => {
                Raced::Swapped(names::RECEIVED_CONTENT_RANGE)
            }
            (Some(Fault::RaceBothWin), Side::Second) => Raced::Replacing,
            (Some(Fault::RaceSecondCloseEmpties), Side::Second) => Raced::Emptying,
            (Some(Fault::RaceReadsPart), Side::Second) => Raced::Halved,
            (Some(Fault::RaceReplacesLate), Side::Second) => Raced::Missing,
            _ => Raced::Served,
        }
    }
}

/// What has to meet: what the two share, the one that goes first, and the other. A GET stands as the packet type that no
/// request has.
fn pair(fault: Fault) -> Option<(Share, PacketType, PacketType)> {
    use PacketType::{Ack as Get, CancelSession, CloseSession, CreateSession, Fragment};
    Some(match fault {
        Fault::RaceBothCounted
        | Fault::RaceRefusalCounts
        | Fault::RaceNeitherKept
        | Fault::RaceSessionLost
        | Fault::RaceBytesLost => (Share::Session, Fragment, Fragment),
        Fault::RaceOffsetOfOther | Fault::RaceMixture => (Share::Destination, Fragment, Fragment),
        Fault::RaceClosePublishesHole | Fault::RaceCloseForgotten => {
            (Share::Session, Fragment, CloseSession)
        }
        Fault::RaceCancelForgotten => (Share::Session, Fragment, CancelSession),
        Fault::RaceCloseAndCancel => (Share::Session, CloseSession, CancelSession),
        Fault::RaceCancelTakesOther => (Share::Destination, Fragment, CancelSession),
        Fault::RaceSecondCloseEmpties => (Share::Session, CloseSession, CloseSession),
        Fault::RaceBothWin => (Share::Destination, CloseSession, CloseSession),
        Fault::RaceIdTwice => (Share::Destination, CreateSession, CreateSession),
        Fault::RaceReadsPart | Fault::RaceReplacesLate => (Share::Destination, CloseSession, Get),
        _ => return None,
    })
}

//! What a call of the server application came to, by what the harness played: the back-end client's states as they can be
//! known from outside (3.3.5.2).

use bits_wire::{Payload, http1::Framing, names};

use crate::transcript::{Fate, Notification};

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Success.
    Success(Success),
    /// A status that is none of success.
    Refused(u16),
    /// The answer is no HTTP/1.1, or says two things about its length.
    Malformed,
    /// The URL of a reply is longer than 2,200 characters (E14).
    LongUrl,
    /// The connection ended before the answer did.
    BrokenOff,
    /// The application stalled until the server gave it up; where.
    TooSlow(Stalled),
    /// Something of which the texts do not say what it is.
    Doubtful,
}

/// Where the application stalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stalled {
    /// It did not read the call to its end (3.3.6.1).
    Reading,
    /// It had said no whole head (3.3.6.3).
    Head,
    /// It had not said the whole body (3.3.6.2).
    Body,
}

/// What a successful answer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Success {
    /// The upload is to be copied to its destination.
    pub(crate) copy: bool,
    /// The reply is at this URL.
    pub(crate) static_url: Option<String>,
    /// The reply is this.
    pub(crate) reply: Option<Payload>,
}

/// The longest reply URL, in characters (2.2.1.2).
const LONGEST_URL: usize = 2200;

impl Answered {
    /// What `call` came to, for a directory that notifies by value or by reference. It is in doubt where the server had the time
    /// to give it up, although the application did not stall: a busy machine is slow as well.
    pub(crate) fn of(call: &Notification, by_value: bool, in_doubt: bool) -> Self {
        match Self::by_itself(call, by_value) {
            stalled @ Self::TooSlow(_) => stalled,
            _ if in_doubt => Self::Doubtful,
            sure => sure,
        }
    }

    fn by_itself(call: &Notification, by_value: bool) -> Self {
        let played = &call.played;
        let Some(head) = &played.head else { return Self::without_head(call) };
        let framing = Framing::of(head, &call.head.method);
        if head.version != "HTTP/1.1"
            || !head.flaws.is_empty()
            || matches!(framing, Framing::Unclear(_))
        {
            return Self::Malformed;
        }
        if !(200..300).contains(&head.status) {
            return Self::Refused(head.status);
        }
        if by_value && matches!(framing, Framing::Length(length) if length > played.sent) {
            return match call.fate {
                Fate::Closed => Self::TooSlow(Stalled::Body),
                _ => Self::BrokenOff,
            };
        }
        Self::success(call, by_value)
    }

    fn without_head(call: &Notification) -> Self {
        let odd = &call.played.odd;
        let begins = odd.starts_with(b"HTTP/1.1 ") || b"HTTP/1.1 ".starts_with(odd);
        match call.fate {
            _ if !begins => Self::Malformed,
            Fate::Closed if !call.body.complete => Self::TooSlow(Stalled::Reading),
            Fate::Closed => Self::TooSlow(Stalled::Head),
            _ => Self::BrokenOff,
        }
    }

    fn success(call: &Notification, by_value: bool) -> Self {
        let played = &call.played;
        let url = played.header(names::STATIC_RESPONSE_URL).filter(|url| !url.is_empty());
        match url {
            _ if played.status() != 200 => return Self::Doubtful,
            Some(url) if url.chars().count() > LONGEST_URL => return Self::LongUrl,
            Some(url) if !url.to_ascii_lowercase().starts_with("http://") => {
                return Self::Doubtful;
            }
            _ => {}
        }
        let body = (by_value && played.body != Payload::Empty).then(|| played.body.clone());
        Self::Success(Success {
            copy: played.header(names::COPY_TO_DESTINATION).is_some(),
            static_url: url.map(str::to_owned),
            reply: if by_value { body } else { played.file.clone() },
        })
    }

    /// What it asks for, if it was a success.
    pub(crate) const fn asked(&self) -> Option<&Success> {
        match self {
            Self::Success(success) => Some(success),
            _ => None,
        }
    }
}

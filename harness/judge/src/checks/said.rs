//! What the head of a request says, read once for everything that is asked of it.

use std::borrow::Cow;

use bits_wire::{ContentRange, ContentRangeError, PacketType, http1::RequestHead, names};

use super::path::path_of;

/// What the head of a request says.
pub(super) struct Said<'t> {
    /// The path of its target.
    pub(super) path: Cow<'t, str>,
    /// Its packet type, which need not be one of a request.
    pub(super) packet: Option<PacketType>,
    /// The session that it names.
    pub(super) session: Option<&'t str>,
    /// The range of a fragment, or what is wrong with it.
    pub(super) range: Option<Result<ContentRange, ContentRangeError>>,
}

impl<'t> Said<'t> {
    /// Reads it.
    pub(super) fn of(head: &'t RequestHead) -> Self {
        Self {
            path: path_of(&head.target),
            packet: head.headers.first(names::PACKET_TYPE).map(PacketType::read),
            session: head.headers.first(names::SESSION_ID),
            range: head.headers.first(names::CONTENT_RANGE).map(str::parse),
        }
    }

    /// Its packet type, if it is one of a request.
    pub(super) fn request(&self) -> Option<&PacketType> {
        self.packet.as_ref().filter(|packet| PacketType::REQUESTS.contains(packet))
    }

    /// The range of a fragment, if it can be read.
    pub(super) fn readable_range(&self) -> Option<ContentRange> {
        self.range.as_ref()?.as_ref().ok().copied()
    }
}

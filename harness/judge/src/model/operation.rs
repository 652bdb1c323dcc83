//! What a client can do.

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};

use super::{
    fetch::Fetch,
    odd::{Field, Place, RangeForm, RangeText},
    play::Play,
    way::Way,
};
use crate::plan::DirectoryRole;

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The session that it is about.
    pub slot: Slot,
    /// What it asks for.
    pub act: Act,
    /// What is odd or wrong about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twist: Option<Twist>,
    /// Over which connection it is sent.
    #[serde(default, skip_serializing_if = "Connection::is_main")]
    pub connection: Connection,
    /// How it goes over the wire, if not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
}

impl Operation {
    /// As it should be, over the connection that is open.
    #[must_use]
    pub const fn usual(slot: Slot, act: Act) -> Self {
        Self { slot, act, twist: None, connection: Connection::Main, way: None }
    }
}

/// Which of the sessions that can be open at a time.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Arbitrary, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
    /// The third.
    C,
}

impl Slot {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// The name of the variable of its id, and the end of its file's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
        }
    }
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// A session for a file of so many bytes.
    Create {
        /// The bytes that are going to be uploaded.
        size: u16,
    },
    /// That a range be taken.
    Fragment {
        /// The first byte.
        first: Point,
        /// The last byte.
        last: Point,
        /// The total that is claimed.
        total: Point,
        /// What is sent.
        body: Body,
    },
    /// Nothing.
    Ping,
    /// That the upload be published.
    Close,
    /// That it be given up.
    Cancel,
    /// The destination.
    Get,
    /// A range of the destination.
    GetRange {
        /// The first byte.
        first: Point,
        /// The last byte.
        last: Point,
    },
    /// The head of the destination.
    Head,
    /// A download that asks for more than that.
    Fetch(Fetch),
    /// That the harness take what the server keeps of the session away from its store.
    TakeAway,
    /// The reply to an upload.
    GetReply,
    /// Nothing is sent: the session takes place in the directory of this role. The first one counts.
    In(DirectoryRole),
    /// Nothing is sent: all uploads go to one destination.
    Rivals,
    /// Nothing is sent: the server application answers so from here on.
    Play(Play),
    /// Nothing is sent for so many hundredths of the directory's session timeout.
    Wait(u8),
}

impl Act {
    /// A fragment from the first byte wanted to just before this point, as it should be.
    #[must_use]
    pub const fn until(mark: Mark) -> Self {
        Self::bytes(Mark::Have, mark)
    }

    /// A fragment from one point to just before another, its bytes and its total being the file's.
    #[must_use]
    pub const fn bytes(from: Mark, until: Mark) -> Self {
        Self::Fragment {
            first: Point::at(from),
            last: Point::beside(until, -1),
            total: Point::at(Mark::Total),
            body: Body::Whole,
        }
    }

    /// Whether it is a GET or HEAD.
    #[must_use]
    pub const fn is_download(self) -> bool {
        matches!(
            self,
            Self::Get | Self::Head | Self::GetRange { .. } | Self::Fetch(_) | Self::GetReply
        )
    }

    /// Whether a request goes out.
    #[must_use]
    pub const fn is_request(self) -> bool {
        !matches!(self, Self::In(_) | Self::Rivals | Self::Play(_) | Self::Wait(_))
    }

    /// Whether it says where everything takes place, which has to be said first.
    #[must_use]
    pub const fn is_scene(self) -> bool {
        matches!(self, Self::In(_) | Self::Rivals)
    }
}

/// A number near one that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The number that matters.
    pub mark: Mark,
    /// How far beside it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub beside: i8,
}

impl Point {
    /// Just there.
    #[must_use]
    pub const fn at(mark: Mark) -> Self {
        Self { mark, beside: 0 }
    }

    /// Beside it.
    #[must_use]
    pub const fn beside(mark: Mark, beside: i8) -> Self {
        Self { mark, beside }
    }
}

const fn is_zero(beside: &i8) -> bool {
    *beside == 0
}

/// A number that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// 0.
    Zero,
    /// What the server has acknowledged, which is the first byte that it wants.
    Have,
    /// So many bytes further.
    Ahead(u16),
    /// The size of the file.
    Total,
    /// 2 to the 31st.
    Bits31,
    /// 2 to the 32nd.
    Bits32,
    /// 2 to the 63rd, less one.
    Bits63,
    /// 2 to the 64th, less one.
    Bits64,
    /// So many bytes beyond what a number of 31 bits takes for the first byte wanted.
    Over31(u16),
    /// So many bytes beyond what a number of 32 bits takes for it.
    Over32(u16),
}

/// What a fragment sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// The bytes of its range, as far as that can be sent.
    Whole,
    /// The same bytes, until the connection is cut after so many.
    Cut(u16),
    /// One byte less than the range has.
    Short,
    /// One byte more.
    Long,
    /// Other bytes than those of the file.
    Other,
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// Over the connection that most requests share.
    #[default]
    Main,
    /// Over another one that is kept as well.
    Other,
    /// Over a new one in the place of the first.
    Fresh,
}

impl Connection {
    const fn is_main(&self) -> bool {
        matches!(self, Self::Main)
    }
}

/// What is odd or wrong about a request, besides its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Twist {
    /// The names of its headers are in small letters.
    LowerNames,
    /// They are in capitals.
    UpperNames,
    /// They stand in the reverse order.
    Reversed,
    /// There is a header that nobody knows.
    Unknown,
    /// That header has a value so many bytes beside 4 KB, of -1 to 1.
    Long(i8),
    /// The packet's type stands there twice.
    TwicePacketType,
    /// The range stands there twice.
    TwiceRange,
    /// The packet's type is in small letters.
    LowerPacketType,
    /// The packet's type is one that there is not.
    UnknownPacketType,
    /// The packet has no type.
    NoPacketType,
    /// The session's id is in small letters.
    LowerId,
    /// It has no braces.
    BareId,
    /// It is another session's.
    OtherId,
    /// There is none.
    NoId,
    /// A range in other words.
    RangeText(RangeText),
    /// There is no range.
    NoRange,
    /// The client speaks none of the server's protocols.
    OtherProtocol,
    /// The client speaks several.
    SeveralProtocols,
    /// The client does not say what it speaks.
    NoProtocol,
    /// A packet without a body has one of so many bytes.
    Surplus(u8),
    /// The URL is another one.
    OtherUrl,
    /// The URL has a query.
    Query,
    /// It goes somewhere else.
    Place(Place),
    /// A header is otherwise.
    Field(Field),
    /// The range is written otherwise.
    RangeForm(RangeForm),
    /// The method is POST.
    Post,
    /// Where clients are asked who they are, this one does not say.
    Nobody,
    /// There, it has the password wrong.
    WrongPassword,
    /// The total that is claimed is the largest that the directory takes.
    AtMaximum,
    /// The total that is claimed is one byte larger.
    OverMaximum,
    /// All of a mebibyte is sent.
    Mebibyte,
}

impl Twist {
    /// Its name, without the numbers in it.
    #[must_use]
    pub fn word(self) -> String {
        let text = format!("{self:?}");
        match self {
            Self::Surplus(_) => "Surplus".to_owned(),
            _ => text,
        }
    }
}

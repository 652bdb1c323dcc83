//! What the server application answers in a random session.

use std::time::Duration;

use arbitrary::Arbitrary;
use bits_wire::{Payload, names};
use serde::{Deserialize, Serialize};

use crate::plan::{self, DirectoryRole, Template, Then, seed_of, variables};

/// One answer of the server application, given from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Play {
    /// Success, and nothing else.
    Content,
    /// This status, brought into the range from 200 to 599.
    Status(u16),
    /// The upload is to be copied to its destination.
    Copy,
    /// A reply of so many bytes: as the body, or by reference in the file that is named for it.
    Reply(u16),
    /// The same, and the upload is to be copied.
    CopyAndReply(u16),
    /// A reply of so many bytes in its file, and a body that is none.
    FileAndBody(u16),
    /// The reply is where the upload goes.
    Static,
    /// The same, with a body that is not the reply.
    StaticAndBody,
    /// The URL of the reply has as many characters as it may have.
    LongStatic,
    /// It has more.
    TooLongStatic,
    /// This status, from 300 on, with all headers that mean something with success.
    Refusal(u16),
    /// A reply of so many bytes that ends halfway.
    CutReply(u16),
    /// No answer: the connection ends.
    HangUp,
    /// The connection ends within the head of an answer.
    HalfHead,
    /// An answer that is none.
    Nonsense(Word),
    /// Success, after a moment.
    Late,
    /// No answer, until the server gives up.
    Silence,
    /// Half of a reply, until the server gives up.
    Stall,
}

/// What an answer says that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arbitrary, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// A version of HTTP in which no answer can be.
    Version,
    /// Another protocol.
    Other,
    /// A status without a version.
    Bare,
    /// Two lengths.
    TwoLengths,
}

impl Word {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Version, Self::Other, Self::Bare, Self::TwoLengths];

    /// The bytes.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Version => "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            Self::Other => "SSH-2.0-OpenSSH\r\n\r\n",
            Self::Bare => "200 OK\r\n\r\n",
            Self::TwoLengths => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n",
        }
    }
}

/// How long the application thinks about it.
const MOMENT: Duration = Duration::from_millis(10);

/// The most characters that the URL of a reply may have.
const LONGEST_URL: usize = 2200;

/// The bytes that a stalled answer announces.
const STALLED: u64 = 1000;

impl Play {
    /// Whether the upload is taken then.
    #[must_use]
    pub const fn succeeds(self) -> bool {
        match self {
            Self::Content | Self::Copy | Self::Reply(_) | Self::CopyAndReply(_) => true,
            Self::FileAndBody(_) | Self::Static | Self::StaticAndBody => true,
            Self::LongStatic | Self::Late => true,
            Self::Status(status) => status <= 200,
            _ => false,
        }
    }

    /// Whether the server has to give the application up.
    #[must_use]
    pub const fn is_slow(self) -> bool {
        matches!(self, Self::Silence | Self::Stall)
    }

    /// Its name, without the numbers in it.
    #[must_use]
    pub fn word(self) -> String {
        let text = format!("{self:?}");
        text.split('(').next().unwrap_or_default().to_owned()
    }

    /// What is less than this and answers still, the simplest first.
    pub(super) fn simpler(self) -> Vec<Self> {
        match self {
            Self::Content => Vec::new(),
            Self::Reply(size) if size > 1 => vec![Self::Content, Self::Reply(1)],
            Self::CopyAndReply(size) => vec![Self::Content, Self::Copy, Self::Reply(size)],
            Self::FileAndBody(size) => vec![Self::Content, Self::Reply(size)],
            Self::StaticAndBody => vec![Self::Content, Self::Static],
            Self::Refusal(status) => vec![Self::Content, Self::Status(status)],
            _ => vec![Self::Content],
        }
    }

    /// The same for the harness, in a session of this name in such a directory.
    pub(super) fn plan(self, name: &str, role: DirectoryRole) -> plan::Play {
        let by_reference = role == DirectoryRole::ByReference;
        let reply = |length: u16| {
            let (seed, length) = (seed_of(name, "reply"), u64::from(length));
            if length == 0 { Payload::Empty } else { Payload::Pattern { seed, offset: 0, length } }
        };
        match self {
            Self::Content => answer(200, &[], Payload::Empty),
            Self::Status(status) => {
                answer(200 + status.saturating_sub(200) % 400, &[], Payload::Empty)
            }
            Self::Copy => answer(200, &[COPY], Payload::Empty),
            Self::Reply(size) if by_reference => {
                with_file(answer(200, &[], Payload::Empty), reply(size))
            }
            Self::Reply(size) => answer(200, &[], reply(size)),
            Self::CopyAndReply(size) if by_reference => {
                with_file(answer(200, &[COPY], Payload::Empty), reply(size))
            }
            Self::CopyAndReply(size) => answer(200, &[COPY], reply(size)),
            Self::FileAndBody(size) if by_reference => {
                with_file(answer(200, &[], reply(size / 2 + 1)), reply(size))
            }
            Self::FileAndBody(size) => answer(200, &[], reply(size)),
            Self::Static => answer(200, &[(STATIC, &here())], Payload::Empty),
            Self::StaticAndBody => answer(200, &[(STATIC, &here())], reply(7)),
            Self::LongStatic => answer(200, &[(STATIC, &long(LONGEST_URL))], Payload::Empty),
            Self::TooLongStatic => answer(200, &[(STATIC, &long(LONGEST_URL + 1))], Payload::Empty),
            Self::Refusal(status) => {
                let status = 300 + status.saturating_sub(300) % 300;
                answer(status, &[(STATIC, &here()), COPY], reply(7))
            }
            Self::CutReply(size) => {
                let whole = answer(200, &[], reply(size.max(1)));
                plan::Play { cut: Some(whole.body.length() / 2), then: Then::Close, ..whole }
            }
            Self::HangUp => plan::Play { then: Then::Close, ..said(None) },
            Self::HalfHead => {
                plan::Play { then: Then::Close, ..said(Some("HTTP/1.1 200 OK\r\nContent-Le")) }
            }
            Self::Nonsense(word) => plan::Play { then: Then::Close, ..said(Some(word.as_str())) },
            Self::Late => plan::Play { wait: MOMENT, ..answer(200, &[], Payload::Empty) },
            Self::Silence => plan::Play { then: Then::Stall, ..said(None) },
            Self::Stall => {
                let whole = answer(200, &[], reply(STALLED as u16));
                plan::Play { cut: Some(STALLED / 2), then: Then::Stall, ..whole }
            }
        }
    }
}

const STATIC: &str = names::STATIC_RESPONSE_URL;

const COPY: (&str, &str) = (names::COPY_TO_DESTINATION, "true");

/// The URL of a destination of the session.
fn here() -> String {
    let [host, base, prefix] = [variables::HOST, variables::BASE, variables::PREFIX];
    format!("http://${{{host}}}${{{base}}}${{{prefix}}}a")
}

/// A URL of so many characters.
fn long(characters: usize) -> String {
    let start = "http://application.example/";
    format!("{start}{}", "x".repeat(characters - start.len()))
}

fn answer(status: u16, headers: &[(&str, &str)], body: Payload) -> plan::Play {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", plan::reason(status));
    head.push_str(&format!("{}: {}\r\n", names::CONTENT_LENGTH, body.length()));
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    plan::Play { body, ..said(Some(&head)) }
}

fn said(head: Option<&str>) -> plan::Play {
    let template = |text| Template::read(text).unwrap_or_else(|_| Template::said(text));
    plan::Play {
        take: None,
        wait: Duration::ZERO,
        head: head.map(template),
        body: Payload::Empty,
        cut: None,
        then: Then::Keep,
        file: None,
    }
}

fn with_file(play: plan::Play, file: Payload) -> plan::Play {
    plan::Play { file: Some(file), ..play }
}

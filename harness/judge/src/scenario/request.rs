//! Requests as they are written, with the headers that they usually have.

use bits_wire::{BITS_POST, ContentRange, PacketType, Payload};

use super::{
    compile::{Compiler, Context, Names},
    entity::Span,
    error::{Blame as _, Fault, LoadErrorKind},
    expand::{Loops, settled},
    options::{Bare, Fragment, Get, Packet, Raw, Worded},
    scalar::{Filled, HeaderValue},
    value::{At, Ordered, Place},
};
use crate::plan::{Capture, Head, Template, Usual, capture, reply_of};

/// A request as it is written.
pub(super) enum Request<'a> {
    /// A packet without a body.
    Packet(PacketType, &'a Packet),
    /// A range of the entity.
    Fragment(&'a Fragment),
    /// GET or HEAD.
    Download(&'static str, &'a Get),
    /// GET or HEAD of the reply to an upload.
    Reply(&'static str, &'a Get),
    /// A request without defaults.
    Bare(&'a Bare),
    /// Exact bytes.
    Raw(&'a Raw),
}

/// A header line before variables are known, and where it stands, if it is written.
type Line = (String, String, Place);

impl<'a> Request<'a> {
    pub(super) const fn packet(kind: PacketType, options: &'a Packet) -> Self {
        Self::Packet(kind, options)
    }

    /// What is remembered of the answer without being asked for: the id of a new session, and where a reply is.
    pub(super) fn captures(&self, session: &str) -> Option<Capture> {
        match self {
            Self::Packet(kind, _) => capture(kind, session),
            Self::Fragment(_) => capture(&PacketType::Fragment, session),
            _ => None,
        }
    }

    /// The request target, for what is not about the destination.
    pub(super) fn target(&self, session: &str) -> Option<String> {
        match self {
            Self::Reply(..) => Some(format!("${{{}}}", reply_of(session))),
            _ => None,
        }
    }

    /// The seed that is asked for.
    pub(super) const fn seed(&self) -> Option<u64> {
        match self {
            Self::Fragment(fragment) => fragment.seed,
            Self::Bare(bare) => bare.seed,
            _ => None,
        }
    }

    /// The body, where none is written.
    pub(super) fn own_body(
        &self,
        compiler: &Compiler<'_>,
        names: &Names,
        context: Context<'_>,
    ) -> Result<Payload, Fault> {
        match self {
            Self::Fragment(fragment) => {
                let span = span(fragment, &context.scope.loops)?;
                Ok(compiler.entity.slice(span, fragment.seed, names.seed))
            }
            _ => Ok(Payload::Empty),
        }
    }

    /// The head, for all but exact bytes.
    pub(super) fn made(
        &self,
        compiler: &mut Compiler<'_>,
        names: &Names,
        body: &Payload,
        context: Context<'_>,
    ) -> Result<Head, Fault> {
        let worded = self.worded();
        let defaults = self.defaults(compiler, names, body, context)?;
        let mut headers = Vec::new();
        for (name, value, place) in merge(defaults, worded.headers, context)? {
            headers.push((name, compiler.line(&value, Some(names), context, place)?));
        }
        let method = match (worded.method, self.method()) {
            (Some(text), _) => compiler.line(&text.value, Some(names), context, text.place)?,
            (None, Some(method)) => Template::said(method),
            (None, None) => return Err(LoadErrorKind::NoMethod).at(context.place),
        };
        let version = match worded.version {
            Some(text) => settled(&text.value, &context.scope.loops).at(text.place)?,
            None => "HTTP/1.1".to_owned(),
        };
        let target = compiler.line(&names.target, None, context, context.place)?;
        Ok(Head::Made { method, target, version, headers })
    }

    fn worded(&self) -> Worded<'_> {
        match self {
            Self::Packet(_, options) => options.worded(),
            Self::Fragment(options) => options.worded(),
            Self::Download(_, options) | Self::Reply(_, options) => options.worded(),
            Self::Bare(options) => options.worded(),
            Self::Raw(_) => {
                Worded { headers: const { &Ordered(Vec::new()) }, method: None, version: None }
            }
        }
    }

    const fn method(&self) -> Option<&'static str> {
        match self {
            Self::Packet(..) | Self::Fragment(_) => Some(BITS_POST),
            Self::Download(method, _) | Self::Reply(method, _) => Some(method),
            Self::Bare(_) | Self::Raw(_) => None,
        }
    }

    fn defaults(
        &self,
        compiler: &Compiler<'_>,
        names: &Names,
        body: &Payload,
        context: Context<'_>,
    ) -> Result<Vec<Line>, Fault> {
        let (usual, range);
        match self {
            Self::Packet(kind, _) => usual = Usual::Packet(kind, &names.session),
            Self::Fragment(fragment) => {
                let range = content_range(fragment, compiler, context)?;
                usual = Usual::Fragment(&names.session, range);
            }
            Self::Download(_, options) | Self::Reply(_, options) => {
                let asked = |range| asked(range, &context.scope.loops);
                range = options.range.as_ref().map(asked).transpose()?;
                usual = Usual::Download(range.as_deref());
            }
            Self::Bare(_) | Self::Raw(_) => return Ok(Vec::new()),
        }
        let headers = usual.headers(body.length()).into_iter();
        Ok(headers.map(|(name, value)| (name.to_owned(), value, context.place)).collect())
    }
}

/// The range that a fragment is about.
fn span(fragment: &Fragment, loops: &Loops) -> Result<Span, Fault> {
    let range = &fragment.range;
    settled(&range.value, loops).and_then(|text| Span::read(&text)).at(range.place)
}

fn content_range(
    fragment: &Fragment,
    compiler: &Compiler<'_>,
    context: Context<'_>,
) -> Result<ContentRange, Fault> {
    let Span { first, last } = span(fragment, &context.scope.loops)?;
    let place = fragment.range.place;
    let size = compiler.entity.size();
    let total = match (fragment.total, size) {
        (Some(total), _) => total,
        (None, Some(size)) if last < size || fragment.beyond => size,
        (None, Some(size)) => {
            return Err(LoadErrorKind::OutsideFile { range: format!("{first}-{last}"), size })
                .at(place);
        }
        (None, None) if compiler.entity.is_unread() => super::LARGEST_FILE,
        (None, None) => return Err(LoadErrorKind::NoFile).at(place),
    };
    Ok(ContentRange { first, last, total })
}

/// What a download asks for: digits, `-` and commas.
fn asked(range: &At<String>, loops: &Loops) -> Result<String, Fault> {
    let text = settled(&range.value, loops).at(range.place)?;
    let right = text.contains('-')
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-, ".contains(&byte));
    if right { Ok(text) } else { Err(LoadErrorKind::RangeForm(text)).at(range.place) }
}

/// The defaults with the written headers put in: in the place of a default of that name, or at the end.
pub(super) fn merge(
    defaults: Vec<Line>,
    written: &Ordered<At<HeaderValue>>,
    context: Context<'_>,
) -> Result<Vec<Line>, Fault> {
    let mut slots: Vec<(bool, Vec<Line>)> =
        defaults.into_iter().map(|line| (true, vec![line])).collect();
    for (name, value) in &written.0 {
        let name = settled(name, &context.scope.loops).at(value.place)?;
        let texts = match &value.value {
            HeaderValue::Absent => Vec::new(),
            HeaderValue::Lines(texts) => texts.clone(),
            HeaderValue::Filled(filled) => vec![fill(filled).at(value.place)?],
        };
        let lines = texts.into_iter().map(|text| (name.clone(), text, value.place)).collect();
        let default = slots.iter_mut().find(|(default, lines)| {
            *default && lines.iter().any(|line| line.0.eq_ignore_ascii_case(&name))
        });
        match default {
            Some(slot) => *slot = (false, lines),
            None => slots.push((false, lines)),
        }
    }
    Ok(slots.into_iter().flat_map(|(_, lines)| lines).collect())
}

fn fill(filled: &Filled) -> Result<String, LoadErrorKind> {
    let length = (filled.text.len() as u64).saturating_mul(u64::from(filled.times));
    if length > super::LONGEST_BODY {
        return Err(LoadErrorKind::BodyTooLong(length));
    }
    Ok(filled.text.repeat(filled.times as usize))
}

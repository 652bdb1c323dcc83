//! Steps as they are written become steps of a plan.

use std::collections::BTreeMap;

use bits_wire::{PacketType, Payload};

use super::{
    LONGEST_BODY, MOST_BYTES,
    body::payload,
    document::{Document, Kind},
    entity::Entity,
    error::{Blame as _, Fault, LoadErrorKind},
    expand::{expand, is_name, settled},
    lanes,
    options::{Expect, Shared},
    pipeline::{self, Pipe},
    request::Request,
    unroll::{Scope, unroll},
    value::{At, Ordered, Place},
};
use crate::plan::{
    Action, Awaits, Capability, Capture, Credentials, DirectoryRole, Expectation, Head, Send, Step,
    Template, Wait, seed_of, variables,
};

/// A step and what it takes.
#[derive(Debug)]
pub(super) struct Guarded {
    /// What the target or the run must be able to do.
    pub guards: Vec<Capability>,
    /// The step.
    pub step: Step,
}

/// All steps of a scenario.
pub(super) fn compile(
    name: &str,
    document: &Document,
    entity: &Entity,
) -> Result<Vec<Guarded>, Fault> {
    let mut compiler = Compiler {
        name,
        entity,
        needs: &document.needs,
        role: document.role,
        known: BTreeMap::new(),
        before_lanes: BTreeMap::new(),
        pipe: Pipe::default(),
        lane: 0,
        bytes: 0,
        steps: Vec::new(),
    };
    unroll(&document.steps, &mut |place, kind, scope| compiler.add(place, kind, scope))?;
    Ok(compiler.steps)
}

/// Variables, and under which guards each got a value.
type Known = BTreeMap<String, Vec<Vec<Capability>>>;

/// What has been compiled so far.
pub(super) struct Compiler<'a> {
    pub(super) name: &'a str,
    pub(super) entity: &'a Entity,
    needs: &'a [Capability],
    role: DirectoryRole,
    /// Variables that have a value, and under which guards they got it.
    known: Known,
    /// Those that had one before the block of lanes.
    before_lanes: Known,
    pub(super) pipe: Pipe,
    /// The lane of the latest step.
    lane: u32,
    /// Bytes of text and bodies in all steps.
    bytes: u64,
    steps: Vec<Guarded>,
}

/// The names that a sending step works with.
pub(super) struct Names {
    /// The session, which is also the variable of its id.
    pub session: String,
    /// The request target, still with variables.
    pub target: String,
    /// The seed of the destination's content.
    pub seed: u64,
}

/// Where a step stands and what is in force there.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The step's place.
    pub place: Place,
    /// The scope.
    pub scope: &'a Scope,
}

impl Compiler<'_> {
    fn add(&mut self, place: Place, kind: &Kind, scope: &Scope) -> Result<(), Fault> {
        let context = Context { place, scope };
        lanes::check(kind, scope, self.role).at(place)?;
        pipeline::check(kind, scope, self.role).at(place)?;
        self.change_lane(scope.lane);
        self.change_pipeline(scope.pipeline);
        let (request, shared) = match kind {
            Kind::DeleteEntity(options) => {
                return self.delete_entity(options.session.as_ref(), context);
            }
            Kind::CreateSession(it) => {
                (Request::packet(PacketType::CreateSession, it), it.shared())
            }
            Kind::Ping(it) => (Request::packet(PacketType::Ping, it), it.shared()),
            Kind::CloseSession(it) => (Request::packet(PacketType::CloseSession, it), it.shared()),
            Kind::CancelSession(it) => {
                (Request::packet(PacketType::CancelSession, it), it.shared())
            }
            Kind::Fragment(it) => (Request::Fragment(&it.0), it.0.shared()),
            Kind::Wait(it) => return self.wait(it, context),
            Kind::Server(switch) => return self.switch(*switch, context),
            Kind::Application(it) => return self.play(std::slice::from_ref(it), context),
            Kind::ApplicationInTurn(them) => return self.play(them, context),
            Kind::GetReply(it) => (Request::Reply("GET", &it.0), it.0.shared()),
            Kind::HeadReply(it) => (Request::Reply("HEAD", &it.0), it.0.shared()),
            Kind::Get(it) => (Request::Download("GET", &it.0), it.0.shared()),
            Kind::Head(it) => (Request::Download("HEAD", &it.0), it.0.shared()),
            Kind::Send(it) => (Request::Bare(it), it.shared()),
            Kind::Raw(it) => (Request::Raw(&it.0), it.0.shared()),
            Kind::Barrier(_) | Kind::Lanes(_) => {
                self.push(context, Action::Meet, None, Vec::new());
                return Ok(());
            }
            // These are gone once loops are written out.
            Kind::Repeat(_) | Kind::ForEach(_) | Kind::When(_) | Kind::Pipeline(_) => return Ok(()),
        };
        self.send(&request, &shared, context)
    }

    /// A lane knows what was known before all lanes of its block, and so does what comes after them.
    fn change_lane(&mut self, lane: u32) {
        match (self.lane, lane) {
            (now, next) if now == next => {}
            (0, _) => self.before_lanes = self.known.clone(),
            _ => self.known = self.before_lanes.clone(),
        }
        self.lane = lane;
    }

    fn send(
        &mut self,
        request: &Request<'_>,
        shared: &Shared<'_>,
        context: Context<'_>,
    ) -> Result<(), Fault> {
        let mut names = self.names(shared, context)?;
        if let Some(target) = request.target(&names.session) {
            names.target = target;
        }
        let body = match shared.body {
            None => request.own_body(self, &names, context)?,
            Some(body) => {
                let loops = &context.scope.loops;
                payload(body, loops, self.entity, request.seed(), names.seed)?
            }
        };
        if let Payload::Bytes(bytes) = &body {
            self.account(bytes.len(), context.place)?;
        }
        let mut head = self.head(request, &names, &body, context)?;
        if let (Some(_), Head::Made { headers, .. }) = (shared.sent.expect_continue, &mut head) {
            let (name, value) = Awaits::HEADER;
            headers.push((name.to_owned(), Template::said(value)));
        }
        let connection = match shared.connection {
            None => "main".to_owned(),
            Some(text) => settled(&text.value, &context.scope.loops).at(text.place)?,
        };
        let mut captures = Vec::new();
        captures.extend(request.captures(&names.session));
        captures.extend(self.captures(shared.capture, context)?);
        let expect = shared.expect.map(|it| self.expectation(it, &names, context)).transpose()?;
        for capture in &captures {
            self.will_learn(&capture.variable, context.scope);
        }
        let credentials = self.credentials(shared, context)?;
        let fresh = shared.new_connection;
        let delivery = shared.sent.delivery(&body)?;
        let mut send = Send { head, body, connection, fresh, delivery, credentials };
        self.join(&mut send, context)?;
        if !context.scope.jitter.is_zero() {
            let wait = Wait::Jitter(context.scope.jitter);
            self.push(context, Action::Wait(wait), None, Vec::new());
        }
        self.push(context, send.into(), expect, captures);
        Ok(())
    }

    fn credentials(&self, shared: &Shared<'_>, context: Context<'_>) -> Result<Credentials, Fault> {
        let Some(shown) = shared.credentials else { return Ok(Credentials::None) };
        self.demand(Capability::Credentials, context)?;
        Ok(shown.planned())
    }

    pub(super) fn push(
        &mut self,
        context: Context<'_>,
        action: Action,
        expect: Option<Expectation>,
        captures: Vec<Capture>,
    ) {
        let guards = context.scope.guards.clone();
        let (line, lane) = (context.place.line, context.scope.lane);
        let step = Step { line, lane, action, expect, captures };
        self.steps.push(Guarded { guards, step });
    }

    fn delete_entity(
        &mut self,
        session: Option<&At<String>>,
        context: Context<'_>,
    ) -> Result<(), Fault> {
        self.demand(Capability::SessionStore, context)?;
        let session = session_name(session, context)?;
        let session = self.template(&format!("${{{session}}}"), None, context, context.place)?;
        self.push(context, Action::DeleteEntity { session }, None, Vec::new());
        Ok(())
    }

    /// A step can stand only where the scenario asks for what it takes.
    pub(super) fn demand(&self, needed: Capability, context: Context<'_>) -> Result<(), Fault> {
        if self.is_given(needed, context.scope) {
            Ok(())
        } else {
            Err(LoadErrorKind::Needs(needed)).at(context.place)
        }
    }

    fn names(&self, shared: &Shared<'_>, context: Context<'_>) -> Result<Names, Fault> {
        let loops = &context.scope.loops;
        let session = session_name(shared.session, context)?;
        let to = match shared.to {
            None => session.clone(),
            Some(text) if shared.path.is_some() => {
                return Err(LoadErrorKind::Pointless("to")).at(text.place);
            }
            Some(text) => expand(&text.value, loops, None).at(text.place)?,
        };
        let target = match shared.path {
            None => format!("${{{}}}${{{}}}{to}", variables::BASE, variables::PREFIX),
            Some(text) => expand(&text.value, loops, None).at(text.place)?,
        };
        Ok(Names { session, target, seed: seed_of(self.name, &to) })
    }

    fn head(
        &mut self,
        request: &Request<'_>,
        names: &Names,
        body: &Payload,
        context: Context<'_>,
    ) -> Result<Head, Fault> {
        match request {
            Request::Raw(raw) => self
                .template(&raw.bytes.value, Some(names), context, raw.bytes.place)
                .map(Head::Raw),
            _ => request.made(self, names, body, context),
        }
    }

    fn captures(
        &self,
        capture: &Ordered<At<String>>,
        context: Context<'_>,
    ) -> Result<Vec<Capture>, Fault> {
        let loops = &context.scope.loops;
        let one = |(variable, header): &(String, At<String>)| {
            let variable = settled(variable, loops).at(header.place)?;
            if !is_name(&variable) {
                return Err(LoadErrorKind::Name(variable)).at(header.place);
            }
            Ok(Capture::verbatim(variable, settled(&header.value, loops).at(header.place)?))
        };
        capture.0.iter().map(one).collect()
    }

    fn expectation(
        &mut self,
        expect: &At<Expect>,
        names: &Names,
        context: Context<'_>,
    ) -> Result<Expectation, Fault> {
        let status = expect.value.status.0.clone();
        if let Some(wrong) = status.iter().find(|status| !(100..600).contains(*status)) {
            return Err(LoadErrorKind::Status(*wrong)).at(expect.place);
        }
        let mut headers = Vec::new();
        for (name, value) in &expect.value.headers.0 {
            let value = match value {
                None => None,
                Some(text) => Some(self.line(&text.value, Some(names), context, text.place)?),
            };
            headers.push((name.clone(), value));
        }
        Ok(Expectation { status, headers })
    }

    /// A template of one line.
    pub(super) fn line(
        &mut self,
        text: &str,
        names: Option<&Names>,
        context: Context<'_>,
        place: Place,
    ) -> Result<Template, Fault> {
        let template = self.template(text, names, context, place)?;
        let broken = |text: &str| text.bytes().any(|byte| matches!(byte, b'\r' | b'\n'));
        let loops = context.scope.loops.iter();
        if broken(text) || loops.clone().any(|(_, value)| broken(value)) {
            return Err(LoadErrorKind::LineBreak).at(place);
        }
        Ok(template)
    }

    /// A template all of whose variables have a value.
    pub(super) fn template(
        &mut self,
        text: &str,
        names: Option<&Names>,
        context: Context<'_>,
        place: Place,
    ) -> Result<Template, Fault> {
        let target = names.map(|names| names.target.as_str());
        let text = expand(text, &context.scope.loops, target).at(place)?;
        self.account(text.len(), place)?;
        let template = Template::read(&text).at(place)?;
        let unknown = template.variables().find(|name| !self.is_known(name, context.scope));
        if let Some(name) = unknown.map(str::to_owned) {
            let known = self.known(context.scope);
            return Err(LoadErrorKind::UnknownVariable { name, known }).at(place);
        }
        Ok(template)
    }

    fn account(&mut self, length: usize, place: Place) -> Result<(), Fault> {
        self.bytes = self.bytes.saturating_add(length as u64);
        if length as u64 > LONGEST_BODY {
            Err(LoadErrorKind::BodyTooLong(length as u64)).at(place)
        } else if self.bytes > MOST_BYTES {
            Err(LoadErrorKind::TooManyBytes).at(place)
        } else {
            Ok(())
        }
    }

    /// The variable has a value from here on, where these guards are given.
    pub(super) fn learn(&mut self, variable: &str, guards: Vec<Capability>) {
        let ways = self.known.entry(variable.to_owned()).or_default();
        if !ways.contains(&guards) {
            ways.push(guards);
        }
    }

    /// Whether the variable has a value wherever this scope is entered.
    fn is_known(&self, variable: &str, scope: &Scope) -> bool {
        BUILT_IN.contains(&variable)
            || GIVEN.iter().any(|(name, what)| *name == variable && self.is_given(*what, scope))
            || self.known.get(variable).is_some_and(|ways| {
                ways.iter().any(|way| way.iter().all(|guard| self.is_given(*guard, scope)))
            })
    }

    fn is_given(&self, guard: Capability, scope: &Scope) -> bool {
        self.needs.contains(&guard) || scope.guards.contains(&guard)
    }

    /// All variables that can be used here, for a hint.
    fn known(&self, scope: &Scope) -> Vec<String> {
        let loops = scope.loops.iter().map(|(name, _)| name.clone());
        let captured = self.known.keys().filter(|name| self.is_known(name, scope)).cloned();
        BUILT_IN.iter().map(|name| (*name).to_owned()).chain(loops).chain(captured).collect()
    }
}

/// Variables that have a value where the target or the run can do something.
const GIVEN: [(&str, Capability); 3] = [
    (variables::APPLICATION, Capability::Application),
    (variables::MAXIMUM, Capability::MaximumUploadSize),
    (variables::OVER_MAXIMUM, Capability::MaximumUploadSize),
];

const BUILT_IN: [&str; 3] = [variables::HOST, variables::BASE, variables::PREFIX];

fn session_name(session: Option<&At<String>>, context: Context<'_>) -> Result<String, Fault> {
    let Some(session) = session else { return Ok("session".to_owned()) };
    let name = settled(&session.value, &context.scope.loops).at(session.place)?;
    if is_name(&name) { Ok(name) } else { Err(LoadErrorKind::Name(name)).at(session.place) }
}

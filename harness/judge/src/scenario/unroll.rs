//! Loops written out, under a limit that is checked before the first round.

use std::time::Duration;

use super::{
    MOST_STEPS,
    document::{ForEach, Kind, Step},
    error::{Blame as _, Fault, LoadErrorKind},
    expand::{Loops, is_name},
    lanes::{LANE, Lanes},
    value::{At, Place},
};
use crate::plan::Capability;

/// What is in force where a step stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The loop variables.
    pub loops: Loops,
    /// What the target or the run must be able to do for the step to be done.
    pub guards: Vec<Capability>,
    /// The lane, from 1; 0 outside of lanes.
    pub lane: u32,
    /// The most time that chance puts before a request.
    pub jitter: Duration,
    /// The number of the pipeline, if it stands in one.
    pub pipeline: Option<u64>,
    /// How many pipelines there were.
    pipelines: u64,
}

/// Calls `visit` for every step that is no loop, in order, as often as it is done.
pub(super) fn unroll<'d>(
    steps: &'d At<Vec<At<Step>>>,
    visit: &mut impl FnMut(Place, &'d Kind, &Scope) -> Result<(), Fault>,
) -> Result<(), Fault> {
    count(steps)?;
    walk(&steps.value, &mut Scope::default(), visit)
}

/// How many steps there are when loops are written out; loops that are too long are refused where they begin.
fn count(steps: &At<Vec<At<Step>>>) -> Result<u64, Fault> {
    if steps.value.is_empty() {
        return Err(LoadErrorKind::NoSteps).at(steps.place);
    }
    let mut sum: u64 = 0;
    for step in &steps.value {
        let number = match &step.value.0 {
            Kind::Repeat(repeat) => repeat.times.saturating_mul(count(&repeat.steps)?),
            Kind::ForEach(each) => rounds(each, step.place)?.saturating_mul(count(&each.steps)?),
            Kind::When(when) => count(&when.steps)?,
            Kind::Pipeline(steps) => count(steps)?,
            Kind::Lanes(lanes) => lanes
                .lanes(step.place)?
                .iter()
                .try_fold(1_u64, |sum, lane| Ok(sum.saturating_add(count(lane.steps)?)))?,
            _ => 1,
        };
        sum = sum.saturating_add(number);
        if number == 0 {
            return Err(LoadErrorKind::NoSteps).at(step.place);
        }
        if sum > MOST_STEPS {
            return Err(LoadErrorKind::TooManySteps(sum)).at(step.place);
        }
    }
    Ok(sum)
}

pub(super) fn rounds(each: &ForEach, place: Place) -> Result<u64, Fault> {
    match (&each.values, &each.range) {
        (Some(values), None) => Ok(values.len() as u64),
        (None, Some(range)) if range.step == 0 => Err(LoadErrorKind::LoopStep).at(place),
        (None, Some(range)) => Ok(range
            .to
            .checked_sub(range.from)
            .map_or(0, |distance| (distance / range.step).saturating_add(1))),
        _ => Err(LoadErrorKind::LoopValues).at(place),
    }
}

fn walk<'d>(
    steps: &'d [At<Step>],
    scope: &mut Scope,
    visit: &mut impl FnMut(Place, &'d Kind, &Scope) -> Result<(), Fault>,
) -> Result<(), Fault> {
    for step in steps {
        match &step.value.0 {
            Kind::Repeat(repeat) => {
                for _ in 0..repeat.times {
                    walk(&repeat.steps.value, scope, visit)?;
                }
            }
            Kind::ForEach(each) => walk_each(each, scope, visit)?,
            Kind::Pipeline(steps) if scope.pipeline.is_none() => {
                scope.pipelines += 1;
                scope.pipeline = Some(scope.pipelines);
                walk(&steps.value, scope, visit)?;
                scope.pipeline = None;
            }
            Kind::When(when) if scope.pipeline.is_none() => {
                scope.guards.push(when.has);
                walk(&when.steps.value, scope, visit)?;
                scope.guards.pop();
            }
            Kind::Lanes(lanes) if scope.lane == 0 && scope.pipeline.is_none() => {
                walk_lanes(lanes, step.place, scope, visit)?;
                visit(step.place, &step.value.0, scope)?;
            }
            kind => visit(step.place, kind, scope)?,
        }
    }
    Ok(())
}

/// One lane after the other; what they do at once is told by their numbers.
fn walk_lanes<'d>(
    lanes: &'d Lanes,
    place: Place,
    scope: &mut Scope,
    visit: &mut impl FnMut(Place, &'d Kind, &Scope) -> Result<(), Fault>,
) -> Result<(), Fault> {
    scope.jitter = lanes.most_jitter()?;
    for (number, lane) in (1..).zip(lanes.lanes(place)?) {
        scope.lane = number;
        scope.loops.push((LANE.to_owned(), lane.name));
        walk(&lane.steps.value, scope, visit)?;
        scope.loops.pop();
    }
    (scope.lane, scope.jitter) = (0, Duration::ZERO);
    Ok(())
}

fn walk_each<'d>(
    each: &'d ForEach,
    scope: &mut Scope,
    visit: &mut impl FnMut(Place, &'d Kind, &Scope) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let name = &each.variable.value;
    if !is_name(name) || name.contains('-') {
        return Err(LoadErrorKind::Name(name.clone())).at(each.variable.place);
    }
    let texts: Vec<String> = match (&each.values, &each.range) {
        (Some(values), _) => values.iter().map(|value| value.0.clone()).collect(),
        (None, Some(range)) => (0..=(range.to - range.from) / range.step)
            .map(|round| (range.from + round * range.step).to_string())
            .collect(),
        (None, None) => Vec::new(),
    };
    for text in texts {
        scope.loops.push((name.clone(), text));
        walk(&each.steps.value, scope, visit)?;
        scope.loops.pop();
    }
    Ok(())
}

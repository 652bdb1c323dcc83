//! Steps that are taken at once, in lanes of their own.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    document::{Kind, Step},
    error::{Blame as _, Fault, LoadErrorKind},
    expand::is_name,
    unroll::Scope,
    value::{At, Ordered, Place},
};
use crate::plan::DirectoryRole;

/// The most lanes that there are at once.
pub(super) const MOST_LANES: u64 = 64;

/// The most milliseconds that chance may put before a step.
const MOST_JITTER: u64 = 20;

/// Does several things at once, each in a lane of its own and over connections of its own: so many lanes that do the same,
/// or lanes by their names. What was remembered before is known in every lane; what a lane remembers is its own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lanes {
    /// How many lanes do the same; `${lane}` is the number of each, from 1.
    pub count: Option<At<u64>>,
    /// What each of them does, in order.
    pub steps: Option<At<Vec<At<Step>>>>,
    /// Lanes with steps of their own; `${lane}` is the name of each.
    pub named: Option<Ordered<At<Vec<At<Step>>>>>,
    /// The most milliseconds that pass before each request, chosen by the run's seed; at most 20, none by default.
    pub jitter: Option<At<u64>>,
}

/// Waits until every lane has come to its barrier.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Barrier {}

/// One lane: what it is called, and its steps.
pub(super) struct Lane<'d> {
    pub(super) name: String,
    pub(super) steps: &'d At<Vec<At<Step>>>,
}

/// The variable that holds a lane's name.
pub(super) const LANE: &str = "lane";

impl Lanes {
    /// The lanes in order.
    pub(super) fn lanes(&self, place: Place) -> Result<Vec<Lane<'_>>, Fault> {
        let lanes: Vec<Lane<'_>> = match (&self.count, &self.steps, &self.named) {
            (Some(count), Some(steps), None) => {
                if !(1..=MOST_LANES).contains(&count.value) {
                    return Err(LoadErrorKind::LaneCount(count.value)).at(count.place);
                }
                (1..=count.value).map(|at| Lane { name: at.to_string(), steps }).collect()
            }
            (None, None, Some(named)) => {
                if !(1..=MOST_LANES).contains(&(named.0.len() as u64)) {
                    return Err(LoadErrorKind::LaneCount(named.0.len() as u64)).at(place);
                }
                for (at, (name, steps)) in named.0.iter().enumerate() {
                    if !is_name(name) || named.0[..at].iter().any(|(other, _)| other == name) {
                        return Err(LoadErrorKind::LaneName(name.clone())).at(steps.place);
                    }
                }
                named.0.iter().map(|(name, steps)| Lane { name: name.clone(), steps }).collect()
            }
            _ => return Err(LoadErrorKind::LaneForm).at(place),
        };
        let barriers: Vec<u64> = lanes.iter().map(|lane| barriers(&lane.steps.value)).collect();
        if barriers.iter().any(|count| *count != barriers[0]) {
            return Err(LoadErrorKind::Barriers(barriers)).at(place);
        }
        Ok(lanes)
    }

    /// The most time that chance may put before a step.
    pub(super) fn most_jitter(&self) -> Result<Duration, Fault> {
        match &self.jitter {
            None => Ok(Duration::ZERO),
            Some(most) if most.value > MOST_JITTER => {
                let (given, most_there_is) =
                    (format!("{} milliseconds", most.value), format!("{MOST_JITTER} milliseconds"));
                Err(LoadErrorKind::Pause { given, most: most_there_is }).at(most.place)
            }
            Some(most) => Ok(Duration::from_millis(most.value)),
        }
    }
}

/// How often steps come to a barrier, whatever the target or the run can.
fn barriers(steps: &[At<Step>]) -> u64 {
    let of_step = |step: &At<Step>| match &step.value.0 {
        Kind::Barrier(_) => 1,
        Kind::Repeat(repeat) => repeat.times.saturating_mul(barriers(&repeat.steps.value)),
        Kind::ForEach(each) => {
            let rounds = super::unroll::rounds(each, step.place).unwrap_or(0);
            rounds.saturating_mul(barriers(&each.steps.value))
        }
        Kind::When(when) => barriers(&when.steps.value),
        _ => 0,
    };
    steps.iter().map(of_step).fold(0, u64::saturating_add)
}

/// Refuses what cannot stand in a lane, or only there.
pub(super) fn check(kind: &Kind, scope: &Scope, role: DirectoryRole) -> Result<(), LoadErrorKind> {
    let in_lane = scope.lane > 0;
    match kind {
        Kind::Barrier(_) if !in_lane => Err(LoadErrorKind::OutsideLanes),
        Kind::Lanes(_) if matches!(role, DirectoryRole::ByReference | DirectoryRole::ByValue) => {
            Err(LoadErrorKind::AndCalls("lanes"))
        }
        Kind::Lanes(_) if in_lane => Err(LoadErrorKind::InLanes("lanes")),
        Kind::Application(_) if in_lane => Err(LoadErrorKind::InLanes("application")),
        Kind::ApplicationInTurn(_) if in_lane => Err(LoadErrorKind::InLanes("application-in-turn")),
        Kind::DeleteEntity(_) if in_lane => Err(LoadErrorKind::InLanes("delete-entity")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        plan::{Action, Wait},
        scenario::Scenario,
    };

    fn read(steps: &str) -> Result<Scenario, String> {
        Scenario::read("a/b", &format!("title: t\nfile: {{ size: 9 }}\nsteps:\n{steps}"))
            .map_err(|error| error.line())
    }

    #[test]
    fn lanes_are_written_out_one_after_the_other_and_end_where_the_plan_goes_on() {
        let scenario = read(
            "  - create-session
  - lanes:
      count: 2
      jitter: 5
      steps: [barrier, { fragment: { range: 0-8, connection: \"of-${lane}\" } }]
  - close-session
",
        );
        let plan = scenario.unwrap().plan(&[], None).unwrap();
        let lanes: Vec<u32> = plan.steps.iter().map(|step| step.lane).collect();
        assert_eq!(lanes, [0, 1, 1, 1, 2, 2, 2, 0, 0]);
        assert_eq!((plan.lanes(), plan.waits()), (2, 0));
        assert!(matches!(plan.steps[1].action, Action::Meet));
        assert!(matches!(plan.steps[2].action, Action::Wait(Wait::Jitter(_))));
        assert!(matches!(plan.steps[7].action, Action::Meet));
        let Action::Send(send) = &plan.steps[6].action else { panic!("{:?}", plan.steps[6]) };
        assert_eq!(send.connection, "of-2");
    }

    #[test]
    fn a_lane_knows_what_was_known_before_and_keeps_what_it_learns() {
        let known = "  - create-session
  - lanes:
      named:
        left: [fragment: 0-8]
        right: [create-session: { session: other }, fragment: { session: other, range: 0-8 }]
";
        assert!(read(known).is_ok());
        let elsewhere =
            known.replace("fragment: 0-8]", "fragment: { session: other, range: 0-8 }]");
        assert_eq!(
            read(&elsewhere).unwrap_err(),
            "a/b:7: nothing before this gives `other` a value"
        );
        let later = format!("{known}  - close-session: {{ session: other }}\n");
        assert_eq!(read(&later).unwrap_err(), "a/b:9: nothing before this gives `other` a value");
    }

    #[test]
    fn what_makes_no_sense_in_lanes_is_told() {
        for (steps, told) in [
            ("  - barrier", "a/b:4: `barrier` can stand in `lanes` only"),
            (
                "  - lanes: { count: 2 }",
                "a/b:4: lanes are given either by `count` and `steps` or by `named`",
            ),
            ("  - lanes: { count: 65, steps: [ping] }", "a/b:4: there cannot be 65 lanes; 1 to 64"),
            ("  - lanes: { named: {} }", "a/b:4: there cannot be 0 lanes; 1 to 64"),
            (
                "  - lanes: { count: 2, steps: [lanes: { count: 2, steps: [ping] }] }",
                "a/b:4: `lanes` cannot stand in `lanes`",
            ),
            (
                "  - lanes: { count: 2, jitter: 21, steps: [ping] }",
                "a/b:4: a scenario cannot wait for 21 milliseconds",
            ),
            (
                "  - lanes: { named: { a: [ping, barrier], b: [ping] } }",
                "a/b:4: every lane has to come to as many barriers as the others, and these come to 1, 0",
            ),
            (
                "  - lanes: { named: { a: [ping], a b: [ping] } }",
                "a/b:4: `a b` cannot be used as the name of a lane",
            ),
            (
                "  - lanes: { count: 64, steps: [repeat: { times: 200, steps: [ping] }] }",
                "a/b:4: with its loops written out the scenario has 12801 steps, more than 10000",
            ),
        ] {
            assert_eq!(read(steps).unwrap_err(), told, "{steps}");
        }
    }
}

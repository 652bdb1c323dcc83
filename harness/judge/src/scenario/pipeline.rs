//! Requests that go out together.

use super::{
    compile::{Compiler, Context},
    document::Kind,
    error::{Blame as _, Fault, LoadErrorKind},
    unroll::Scope,
};
use crate::plan::{Capability, Delivery, DirectoryRole, Send};

/// The pipeline that is being compiled, if one is.
#[derive(Default)]
pub(super) struct Pipe {
    number: Option<u64>,
    /// The connection of its requests, once there is one.
    connection: Option<String>,
    /// What its answers will give values to, and under which guards.
    later: Vec<(String, Vec<Capability>)>,
}

/// Refuses what cannot stand in a pipeline, or where there can be none.
pub(super) fn check(kind: &Kind, scope: &Scope, role: DirectoryRole) -> Result<(), LoadErrorKind> {
    if scope.pipeline.is_none() {
        return Ok(());
    }
    match kind {
        _ if scope.lane > 0 => Err(LoadErrorKind::InLanes("pipeline")),
        _ if matches!(role, DirectoryRole::ByReference | DirectoryRole::ByValue) => {
            Err(LoadErrorKind::AndCalls("pipeline"))
        }
        Kind::Wait(_)
        | Kind::Server(_)
        | Kind::Application(_)
        | Kind::ApplicationInTurn(_)
        | Kind::DeleteEntity(_)
        | Kind::When(_)
        | Kind::Lanes(_)
        | Kind::Barrier(_)
        | Kind::Pipeline(_) => Err(LoadErrorKind::InPipeline("a step that is no request")),
        _ => Ok(()),
    }
}

impl Compiler<'_> {
    /// The next step stands in this pipeline, or in none; what the one before gave values to is known after it.
    pub(super) fn change_pipeline(&mut self, number: Option<u64>) {
        if self.pipe.number == number {
            return;
        }
        let pipe = std::mem::replace(&mut self.pipe, Pipe { number, ..Pipe::default() });
        for (variable, guards) in pipe.later {
            self.learn(&variable, guards);
        }
    }

    /// A variable that this answer gives a value: known from here on, or after the pipeline.
    pub(super) fn will_learn(&mut self, variable: &str, scope: &Scope) {
        let guards = scope.guards.clone();
        match self.pipe.number {
            None => self.learn(variable, guards),
            Some(_) => self.pipe.later.push((variable.to_owned(), guards)),
        }
    }

    /// Makes a request part of the pipeline in which it stands, if it does.
    pub(super) fn join(&mut self, send: &mut Send, context: Context<'_>) -> Result<(), Fault> {
        if self.pipe.number.is_none() {
            return Ok(());
        }
        if send.delivery != Delivery::default() {
            let what = "a request that is cut, slow, split or announced";
            return Err(LoadErrorKind::InPipeline(what)).at(context.place);
        }
        match &self.pipe.connection {
            None => self.pipe.connection = Some(send.connection.clone()),
            Some(common) if *common != send.connection || send.fresh => {
                return Err(LoadErrorKind::InPipeline("a second connection")).at(context.place);
            }
            Some(_) => send.delivery.pipelined = true,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        plan::Action,
        scenario::{Scenario, write},
    };

    fn read(steps: &str) -> Result<Scenario, String> {
        Scenario::read("a/b", &format!("title: t\nfile: {{ size: 9 }}\nsteps:\n{steps}"))
            .map_err(|error| error.line())
    }

    const TWO: &str = "  - create-session
  - pipeline:
      - fragment: 0-3
      - fragment: 4-8
      - close-session
  - get
";

    #[test]
    fn all_but_the_first_go_out_with_the_one_before_them() {
        let plan = read(TWO).unwrap().plan(&[], None).unwrap();
        let pipelined: Vec<bool> = plan
            .steps
            .iter()
            .map(|step| matches!(&step.action, Action::Send(send) if send.delivery.pipelined))
            .collect();
        assert_eq!(pipelined, [false, false, true, true, false]);
        assert!(write(&plan, &[], &[]).unwrap().ends_with(TWO), "{:?}", write(&plan, &[], &[]));
        let twice = "  - repeat: { times: 2, steps: [pipeline: [ping, ping]] }\n";
        let plan = read(twice).unwrap().plan(&[], None).unwrap();
        let text = write(&plan, &[], &[]).unwrap();
        assert_eq!(text.matches("- pipeline:").count(), 2, "{text}");
    }

    #[test]
    fn what_an_answer_tells_is_known_after_the_pipeline() {
        let within = "  - pipeline: [create-session, fragment: 0-8]\n";
        assert_eq!(read(within).unwrap_err(), "a/b:4: nothing before this gives `session` a value");
        assert!(read("  - pipeline: [ping, create-session]\n  - fragment: 0-8\n").is_ok());
    }

    #[test]
    fn what_makes_no_sense_in_a_pipeline_is_told() {
        for (steps, told) in [
            ("[ping, wait: { seconds: 1 }]", "a step that is no request"),
            ("[ping, when: { has: read-back, steps: [get] }]", "a step that is no request"),
            ("[ping, pipeline: [ping]]", "a step that is no request"),
            ("[ping, ping: { connection: b }]", "a second connection"),
            ("[ping, ping: { new-connection: true }]", "a second connection"),
            ("[ping, ping: { cut: 0 }]", "a request that is cut, slow, split or announced"),
        ] {
            let error = read(&format!("  - pipeline: {steps}\n")).unwrap_err();
            assert_eq!(error, format!("a/b:4: {told} cannot stand in `pipeline`"));
        }
        let lanes = read("  - lanes: { count: 2, steps: [pipeline: [ping, ping]] }\n");
        assert_eq!(lanes.unwrap_err(), "a/b:4: `pipeline` cannot stand in `lanes`");
        assert_eq!(read("  - pipeline: []\n").unwrap_err(), "a/b:4: there are no steps here");
        let called =
            "title: t\nrole: by-value\nneeds: [application]\nsteps: [pipeline: [ping, ping]]\n";
        assert!(Scenario::read("a/b", called).is_err());
    }
}

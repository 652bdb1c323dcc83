//! Steps that a lane takes together: their requests go out in one go, and their answers come in turn.

use bits_judge::plan::{Action, Send, Step};
use bits_wire::http1::RequestHead;

use super::{Broken, credentials::Identified, lane::Lane, raw::Together};

/// How many steps at the front go out together; 1 for a step that goes alone.
pub(super) fn together(steps: &[Step]) -> usize {
    let Some((first, rest)) = steps.split_first() else { return 0 };
    let Action::Send(head) = &first.action else { return 1 };
    let follows = |step: &&Step| match &step.action {
        Action::Send(send) => {
            send.delivery.pipelined && step.lane == first.lane && send.connection == head.connection
        }
        _ => false,
    };
    1 + rest.iter().take_while(follows).count()
}

/// A request whose variables are known.
struct Known<'s> {
    at: usize,
    step: &'s Step,
    send: &'s Send,
    head: RequestHead,
    shown: Identified,
}

impl Lane<'_> {
    /// Takes steps together, of which the first is the plan's step `at`. Who is asked for credentials meanwhile cannot show
    /// any to requests that are on their way.
    pub(super) async fn take_together(&mut self, at: usize, steps: &[Step]) -> Result<(), Broken> {
        let mut known = Vec::new();
        for (at, step) in (at..).zip(steps) {
            let Action::Send(send) = &step.action else { continue };
            match self.head(send) {
                Ok(head) => {
                    let shown = self.shown(send, &head)?;
                    let shown = shown.unwrap_or_else(|| Identified::as_written(&head));
                    known.push(Known { at, step, send, head, shown });
                }
                Err(missing) => self.skip_for(at, step, missing),
            }
        }
        let Some(first) = known.first() else { return Ok(()) };
        self.look_at(&first.send.connection);
        let started = self.started();
        let requests: Vec<_> =
            known.iter().map(|it| Together { send: it.send, head: &it.shown.head }).collect();
        let outcomes = self.pipeline(&requests).await?;
        for (number, (known, outcome)) in known.into_iter().zip(outcomes).enumerate() {
            let Known { at, step, send, head, shown } = known;
            let mut begun = self.begin(started);
            begun.pipelined = number > 0;
            let exchange = self.ended(at, step, send, shown, begun, outcome);
            self.conclude(step, &head, exchange)?;
        }
        Ok(())
    }
}

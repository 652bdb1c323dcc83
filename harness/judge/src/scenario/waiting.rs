//! Steps that wait, and those that make everybody wait.

use super::{
    application::{number_up_to, seconds},
    compile::{Compiler, Context},
    document,
    error::Fault,
};
use crate::plan::{Action, Capability, Switch, Wait};

/// The most session timeouts that a step can wait for.
const MOST_TIMEOUTS: f64 = 3.0;

impl Compiler<'_> {
    /// A step that stops or starts the server.
    pub(super) fn switch(&mut self, switch: Switch, context: Context<'_>) -> Result<(), Fault> {
        self.demand(switch.needs(), context)?;
        self.push(context, Action::Switch(switch), None, Vec::new());
        Ok(())
    }

    /// A step that waits.
    pub(super) fn wait(
        &mut self,
        wait: &document::Wait,
        context: Context<'_>,
    ) -> Result<(), Fault> {
        let wait = match wait {
            document::Wait::Seconds(time) => Wait::For(seconds(time)?),
            document::Wait::SessionTimeouts(times) => {
                self.demand(Capability::SessionTimeout, context)?;
                let hundredths = (number_up_to(MOST_TIMEOUTS, times)? * 100.0).round();
                Wait::SessionTimeout(hundredths as u32)
            }
        };
        self.push(context, Action::Wait(wait), None, Vec::new());
        Ok(())
    }
}

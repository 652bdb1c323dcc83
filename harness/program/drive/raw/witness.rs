//! A connection that is held only to see it end.

use super::{
    connect::{Stream, connect},
    receive::{Receiver, Waited},
};
use crate::drive::Driver;

/// A connection on which nothing is asked.
pub(in crate::drive) struct Witness(Receiver<Stream>);

impl Witness {
    /// Makes one, if the server takes connections.
    pub(in crate::drive) async fn of(driver: &Driver) -> Option<Self> {
        let made = connect(&driver.target, &driver.tls, driver.options.timeout).await;
        made.ok().map(|stream| Self(Receiver::new(stream)))
    }

    /// Whether the server has ended it.
    pub(in crate::drive) fn is_over(&mut self) -> bool {
        matches!(self.0.look(), Waited::End | Waited::Reset)
    }
}

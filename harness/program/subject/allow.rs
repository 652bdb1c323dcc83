//! What sends much or sends it wrongly is for this machine, or for a host whose owner agrees.

use std::net::IpAddr;

use crate::{drive::Target, error::Error};

/// Refuses a target that is another machine which nobody has permitted.
///
/// # Errors
///
/// If it is.
pub(crate) fn require_allowed_host(
    target: &Target,
    allowed: &[String],
    what: &str,
) -> Result<(), Error> {
    let host = target.host();
    let own = host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if own || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{host} is not this machine, and {what}; `--allow-target {host}` says that its owner agrees"
    )))
}

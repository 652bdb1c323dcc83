//! What sends much or sends it wrongly is for this machine, or for a host whose owner agrees.

use std::net::IpAddr;

use crate::{cli::Failure, drive::Target};

/// Refuses a target that is another machine which nobody has permitted.
///
/// # Errors
///
/// If it is.
pub(crate) fn permit(target: &Target, allowed: &[String], what: &str) -> Result<(), Failure> {
    let host = target.host();
    let own = host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if own || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{host} is not this machine, and {what}; `--allow-target {host}` says that its owner agrees"
    )))
}

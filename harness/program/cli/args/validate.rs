//! Options of `run` that mean nothing to what is judged: a target has no profile, and the embedded server no directories
//! but its own. Whoever gives one expects something else than what would be done.

use crate::{
    cli::args::{run::PowerOptions, target::TargetOptions},
    error::Error,
};

/// Refuses options of the embedded server where another one is named.
pub(crate) fn refuse_with_target(url: Option<&str>, options: &TargetOptions) -> Result<(), Error> {
    let named = match (url, &options.file) {
        (Some(_), _) => "the URL",
        (None, Some(_)) => "--target",
        (None, None) => return Ok(()),
    };
    let own = [("--profile", options.profile.is_some()), ("--fault", options.fault.is_some())];
    let Some((name, _)) = own.into_iter().find(|(_, given)| *given) else { return Ok(()) };
    Err(Error::usage(format!(
        "{name} is for the embedded server only, and {named} names another server; leave {name} out, or leave {named} \
         out to judge the embedded server. For a reference server of your own `bitscheck serve` takes {name} as well"
    )))
}

/// Refuses options about a target where none is named, neither by the command line nor by a file.
pub(crate) fn refuse_without_target(
    options: &TargetOptions,
    power: &PowerOptions,
) -> Result<(), Error> {
    let about_targets = [
        ("--role", !options.role.is_empty()),
        ("--read-back", options.read_back.is_some()),
        ("--session-store", options.session_store.is_some()),
        ("--application", options.application.is_some()),
        ("--ca-file", options.ca_file.is_some()),
        ("--insecure", options.insecure),
        ("--restart-cmd", power.restart_cmd.is_some()),
        ("--stop-cmd", power.stop_cmd.is_some()),
    ];
    let given = about_targets.into_iter().find(|(_, given)| *given);
    let Some((name, _)) = given else { return Ok(()) };
    // With these the embedded server is what is asked for, and naming a target would be the next mistake.
    let advice = if options.profile.is_some() || options.fault.is_some() {
        format!("leave {name} out")
    } else {
        format!("name the target by its URL or by --target FILE, or leave {name} out")
    };
    Err(Error::usage(format!(
        "{name} describes a target, and none is named: the embedded server would be judged, of which all is known; \
         {advice}"
    )))
}

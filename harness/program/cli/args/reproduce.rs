//! The command that does a run again, for one scenario.

use bits_judge::{
    report::{Again, Replay},
    spec::Dialect,
};
use bits_server::config::Profile;
use clap::ValueEnum as _;

use crate::{
    cli::args::{
        run::{PowerOptions, RunOptions},
        target::{TargetOptions, TransportName},
    },
    drive::Transport,
    runner::request::RunRequest,
    subject::resolve::SubjectSpec,
};

/// Everything that a run was given and that has a hand in what comes out, but passwords: those stay where the target
/// file says that they are.
///
/// The seed of scenarios is told for the embedded server only. Any other one still has the files of the first run, and
/// what meets them is not what was found. Random sessions have files of other names each time, and are made of the seed.
pub(crate) fn of_run(
    options: &RunOptions,
    asked: &RunRequest,
    named: Option<&SubjectSpec>,
    seed: u64,
) -> Replay {
    let mut replay = Replay::new(Again::Run);
    for file in &asked.files {
        replay = replay.word(&file.display().to_string());
    }
    if let Some(named) = named {
        replay = named.name_in(replay);
    }
    let server = &options.server;
    replay = of_embedded(replay, server);
    for path in &options.scenarios {
        replay = replay.option("--scenarios", &path.display().to_string());
    }
    replay = with_dialect(replay, options.reporting.dialect);
    let told = match options.random {
        Some(_) => Some(seed),
        None => server.seed.filter(|_| named.is_none()),
    };
    replay = of_way(replay, server)
        .option_if("--random", options.random)
        .option_if("--seed", told.map(|it| format!("{it:x}")));
    let PowerOptions { restart_cmd, stop_cmd, start_cmd } = &options.power;
    about_target(replay, server)
        .option_if("--restart-cmd", restart_cmd.as_ref())
        .option_if("--stop-cmd", stop_cmd.as_ref())
        .option_if("--start-cmd", start_cmd.as_ref())
}

/// A run of one scenario that has a file of its own, on the same target.
pub(crate) fn of_file(
    server: &TargetOptions,
    dialect: Dialect,
    named: Option<&SubjectSpec>,
) -> Replay {
    let mut replay = Replay::new(Again::File);
    if let Some(named) = named {
        replay = named.name_in(replay);
    }
    replay = with_dialect(of_embedded(replay, server), dialect);
    about_target(of_way(replay, server), server)
}

/// Adds what is said of the embedded server.
fn of_embedded(replay: Replay, server: &TargetOptions) -> Replay {
    let profile = server.profile.map(Profile::from);
    replay
        .option_if("--fault", server.fault.as_ref())
        .option_if("--profile", profile.map(Profile::as_str))
}

/// Adds how requests are sent, where that is not as usual.
fn of_way(replay: Replay, server: &TargetOptions) -> Replay {
    let way = Some(server.transport).filter(|name| *name != TransportName::default());
    replay
        .option_if("--transport", way.map(|name| Transport::from(name).as_str()))
        .option_if("--timeout", server.timeout)
}

/// Adds what the command line says of the target besides its name.
fn about_target(mut replay: Replay, server: &TargetOptions) -> Replay {
    for (role, path) in &server.role {
        replay = replay.option("--role", &format!("{}={path}", role.as_str()));
    }
    let read_back = server.read_back.and_then(|it| it.to_possible_value());
    replay = replay
        .option_if("--read-back", read_back.map(|it| it.get_name().to_owned()))
        .option_if("--session-store", server.session_store.as_ref().map(|it| it.display()))
        .option_if("--application", server.application)
        .option_if("--ca-file", server.ca_file.as_ref().map(|it| it.display()));
    if server.insecure { replay.word("--insecure") } else { replay }
}

/// The judgement of a recorded transcript.
pub(crate) fn of_record(dialect: Dialect) -> Replay {
    with_dialect(Replay::new(Again::Judge), dialect)
}

fn with_dialect(replay: Replay, dialect: Dialect) -> Replay {
    replay.option_if("--dialect", Some(dialect).filter(|it| *it != Dialect::default()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::command::{Arguments, Command};

    /// The command for a run with these options, all in one folder without a target file.
    fn told(arguments: &[&str]) -> String {
        let all = ["bitscheck", "run"].iter().chain(arguments);
        let Command::Run(options) = Arguments::try_parse_from(all).unwrap().command else {
            panic!("this is a run")
        };
        let asked = RunRequest::by(&options.what).unwrap_or_else(|failure| panic!("{failure:?}"));
        let named = options.server.named(asked.url.as_deref());
        let named = named.unwrap_or_else(|failure| panic!("{failure:?}"));
        of_run(&options, &asked, named.as_ref(), 0xA).with("a/b")
    }

    #[test]
    fn what_is_as_usual_is_not_told() {
        let usual = ["--dialect", "strict", "--transport", "raw", "-j", "9", "--report", "json=-"];
        assert_eq!(told(&usual), "bitscheck run --select 'a/b'");
    }

    #[test]
    fn files_that_are_named_are_told() {
        let what = ["out/a b.yaml", "http://h/up"];
        assert_eq!(told(&what), "bitscheck run 'out/a b.yaml' http://h/up/ --select 'a/b'");
    }

    #[test]
    fn a_random_session_is_made_of_its_seed_again() {
        let wanted = "bitscheck run --random 7 --seed a --select 'a/b'";
        assert_eq!(told(&["--random", "7"]), wanted);
    }

    #[test]
    fn whatever_has_a_hand_in_the_outcome_is_told() {
        let target = ["http://h/up", "--application", "127.0.0.1:9000", "--ca-file", "my ca.pem"];
        let rest = ["--read-back", "yes", "--role", "disabled=/a", "--role", "overwrite=/b;c"];
        assert_eq!(
            told(&[&target[..], &rest, &["--seed", "5eed", "--scenarios", "s.yaml"]].concat()),
            "bitscheck run http://h/up/ --scenarios s.yaml --role disabled=/a/ --role 'overwrite=/b;c/' \
             --read-back yes --application 127.0.0.1:9000 --ca-file 'my ca.pem' --select 'a/b'"
        );
        let embedded =
            ["--profile", "iis7", "--dialect", "iis7", "--seed", "5eed", "--timeout", "2"];
        assert_eq!(
            told(&embedded),
            "bitscheck run --profile iis7 --dialect iis7 --timeout 2 --seed 5eed --select 'a/b'"
        );
    }

    #[test]
    fn a_target_file_is_named_and_what_stands_in_it_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let (file, secret) = (folder.path().join("my target.toml"), folder.path().join("p.txt"));
        let text = "[target]\nurl = \"http://h/\"\ntimeout = 5\nuser = \"alice\"\npassword-file = \"p.txt\"\n";
        std::fs::write(&file, text).unwrap();
        std::fs::write(secret, "wonderland\n").unwrap();
        let file = file.display().to_string();
        assert_eq!(
            told(&["--target", &file, "--insecure"]),
            format!("bitscheck run --target '{file}' --insecure --select 'a/b'")
        );
    }
}

//! Files that people write: scenarios, target files and settings of servers.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use bits_judge::{
    plan::{Capability, Capture, Plan, Step},
    scenario::{self, MOST_STEPS, Scenario},
};
use bits_server::{
    accounts::Users,
    settings::{self, Settings},
};
use bits_wire::names;
use toml::{Table, Value};

use crate::{
    config::{RoleSettings, Secrets, Target},
    drive::User,
};

/// A scenario: read or refused with a place, the same with the line ends of Windows, and the same when its plan is
/// written as a scenario, if it can be.
pub fn scenario_yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = Scenario::read("theme/name", text);
    match &read {
        Err(error) => {
            assert!(error.place.is_none_or(|place| place.offset <= text.len()), "{error:?}");
            assert!(error.to_string().contains("theme/name"));
            assert!(!error.line().is_empty());
        }
        Ok(scenario) => planned(scenario),
    }
    if !text.contains('\r') {
        let other = Scenario::read("theme/name", &text.replace('\n', "\r\n"));
        let plan = |scenario: &Scenario| scenario.plan(&Capability::ALL, None).ok();
        assert_eq!(read.ok().map(|it| plan(&it)), other.ok().map(|it| plan(&it)));
    }
}

/// What was checked when a scenario was read can be planned whatever the target can do.
fn planned(scenario: &Scenario) {
    for has in [&[][..], &Capability::ALL] {
        match scenario.plan(has, None) {
            Ok(plan) => {
                assert!(plan.steps.len() as u64 <= MOST_STEPS);
                assert!(plan.waits() <= plan.steps.len() && plan.name == scenario.name());
                rewritten(&plan);
            }
            Err(error) => assert!(scenario.file_path().is_some(), "{error}"),
        }
    }
    assert_eq!(scenario.theme(), "theme");
    assert!(scenario.unknown_ids().len() <= scenario.clauses().count() + scenario.points().count());
}

/// The most steps of a plan that is written as a scenario; some loops make thousands.
const MOST_WRITTEN: usize = 64;

/// A plan that is written as a scenario is read as the same.
fn rewritten(plan: &Plan) {
    let is_bare = plan.steps.iter().all(remembers_as_usual) && plan.steps.len() <= MOST_WRITTEN;
    let Some(text) = scenario::write(plan, &[], &[]).filter(|_| is_bare) else { return };
    let read = Scenario::read(&plan.name, &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let again = read.plan(&[], None).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(again.title, plan.title);
    let unplaced = |plan: &Plan| -> Vec<Step> {
        let step = |step: &Step| Step { line: 0, captures: session_of(step), ..step.clone() };
        plan.steps.iter().map(step).collect()
    };
    assert_eq!(unplaced(&again), unplaced(plan), "{text}");
}

/// Whether a step remembers nothing but what the short words do.
fn remembers_as_usual(step: &Step) -> bool {
    let usual = [names::SESSION_ID, names::REPLY_URL];
    step.captures.iter().all(|it| usual.contains(&it.header.as_str()))
}

/// What a step remembers of the session; where a reply is, nobody asks.
fn session_of(step: &Step) -> Vec<Capture> {
    step.captures.iter().filter(|it| it.header == names::SESSION_ID).cloned().collect()
}

/// The password that every user has here.
const SECRET: &str = "wonderland-0c4f";

/// No file and no variable is read for a target file that is not on disk.
struct Nowhere;

impl Secrets for Nowhere {
    fn variable(&self, name: &str) -> Option<String> {
        (!name.starts_with("NO_")).then(|| SECRET.to_owned())
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        match path.starts_with("no") {
            true => Err(io::ErrorKind::NotFound.into()),
            false => Ok(format!("{SECRET}\nand more\n")),
        }
    }
}

/// A target file: written as it was read, it is read as the same; and nobody learns a password of it.
pub fn target_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = |text: &str| Target::of_text(text, "file.toml", Path::new(""), &Nowhere);
    match read(text) {
        Err(error) => {
            let told = error.to_string();
            assert!(told.contains("file.toml"));
            assert!(!told.contains(SECRET) || text.contains(SECRET), "{told}");
        }
        Ok(target) => {
            let told = format!("{target:?}");
            assert!(!told.contains(SECRET) || text.contains(SECRET), "{told}");
            users_have_lines(&target, text);
            let written = written(&target);
            let again = read(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
            users_have_lines(&again, &written);
            // Users stand in other lines now.
            let again = Target { user_lines: target.user_lines.clone(), ..again };
            assert_eq!(again, target, "{written}");
        }
    }
}

/// Whoever is named in a file is named in a line of it.
fn users_have_lines(target: &Target, text: &str) {
    let of_roles = target.roles.iter().filter(|(_, known)| known.user.is_some());
    let mut named: BTreeSet<_> = of_roles.map(|(role, _)| Some(*role)).collect();
    named.extend(target.user.is_some().then_some(None));
    assert_eq!(target.user_lines.keys().copied().collect::<BTreeSet<_>>(), named);
    let lines = 1..=text.split('\n').count();
    assert!(target.user_lines.values().all(|line| lines.contains(line)), "{target:?}");
}

fn written(target: &Target) -> String {
    let mut table = Table::new();
    put(&mut table, "url", Some(Value::String(target.url.url().to_string())));
    put(&mut table, "application", target.application.map(|it| Value::String(it.to_string())));
    // The words of this option are those of its variants in small letters.
    let word = target.read_back.map(|it| format!("{it:?}").to_ascii_lowercase());
    put(&mut table, "read-back", word.map(Value::String));
    put(&mut table, "session-store", path(target.session_store.as_ref()));
    put(&mut table, "ca-file", path(target.ca_file.as_ref()));
    put(&mut table, "timeout", target.timeout.map(|it| Value::Float(it.as_secs_f64())));
    put_user(&mut table, target.user.as_ref());
    for (role, known) in &target.roles {
        table.insert(role.as_str().to_owned(), Value::Table(role_table(known)));
    }
    Table::from_iter([("target".to_owned(), Value::Table(table))]).to_string()
}

fn role_table(known: &RoleSettings) -> Table {
    let mut table = Table::new();
    let number = |it: u64| i64::try_from(it).ok().map(Value::Integer);
    let seconds = |it: std::time::Duration| Value::Float(it.as_secs_f64());
    put(&mut table, "path", Some(Value::String(known.path.clone())));
    put(&mut table, "maximum-upload-size", known.maximum_upload_size.and_then(number));
    put(&mut table, "session-timeout", known.session_timeout.map(seconds));
    put(&mut table, "host-id", known.host_id.clone().map(Value::String));
    put(&mut table, "host-id-fallback-timeout", known.host_id_fallback_timeout.and_then(number));
    put(&mut table, "notification-timeout", known.notification_timeout.map(seconds));
    put(&mut table, "read-root", path(known.read_root.as_ref()));
    put_user(&mut table, known.user.as_ref());
    table
}

fn put(table: &mut Table, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        table.insert(key.to_owned(), value);
    }
}

fn put_user(table: &mut Table, user: Option<&User>) {
    let Some(user) = user else { return };
    put(table, "user", Some(Value::String(user.name().to_owned())));
    put(table, "password-env", Some(Value::String("PASSWORD".into())));
}

fn path(path: Option<&PathBuf>) -> Option<Value> {
    path.map(|path| Value::String(path.to_string_lossy().into_owned()))
}

/// The settings of a server: what is printed of them is read as the same, but for passwords, which are printed only if
/// everybody knows them.
pub fn server_settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let settings = match settings::read(text) {
        Ok(settings) => settings,
        Err(error) => {
            assert!(error.place.is_none_or(|place| text.get(place).is_some()), "{text:?}");
            return;
        }
    };
    let printed = settings::print(&settings, "settings.toml", &BTreeMap::new());
    let again = settings::read(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    let mut wanted = settings.config.clone();
    if wanted.users != settings::all_roles().config.users {
        wanted.users = Users::default();
    }
    for vdir in &mut wanted.vdirs {
        // What a profile decides is printed as decided.
        vdir.session_limit_enable = Some(vdir.session_limit().is_some());
    }
    assert_eq!(again.config, wanted, "{printed}");
    let rest = |it: &Settings| {
        (
            it.listen,
            it.root.clone(),
            it.users_file.clone(),
            it.tls_certificate.clone(),
            it.tls_key.clone(),
        )
    };
    assert_eq!(rest(&again), rest(&settings), "{printed}");
    let checked = settings.config.check();
    assert_eq!(checked, Ok(()), "what is read can be served");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_that_can_be_written_is_read_as_the_same() {
        let mut written = 0;
        for scenario in crate::scenarios::library().unwrap() {
            let plan = scenario.plan(&Capability::ALL, None).unwrap();
            rewritten(&plan);
            written += usize::from(scenario::write(&plan, &[], &[]).is_some());
        }
        assert!(written > 50, "{written}");
    }
}

//! A target file with comments, from what was found.

use std::path::Path;

use bits_judge::plan::DirectoryRole;
use bits_wire::text::excerpt;

use crate::subject::discovery::probe::{Finding, Found, is_known_by_name};

/// The text of the file.
pub(crate) fn of(found: &Found, ca_file: Option<&Path>) -> String {
    let mut lines = Lines::default();
    lines.say("What bitscheck knows of a target. `bitscheck run` reads it where it stands, or by --target FILE.");
    if let Some(server) = &found.seen.server {
        lines.say(&format!("When it was written, the target called itself: {server}"));
    }
    lines.text.push('\n');
    target(found, ca_file, &mut lines);
    for (role, finding) in &found.roles {
        lines.text.push('\n');
        directory(*role, finding, &mut lines);
    }
    lines.text
}

fn target(found: &Found, ca_file: Option<&Path>, lines: &mut Lines) {
    lines.put("[target]");
    lines.say("The directory in which most scenarios work.");
    lines.put(&format!("url = {}", quoted(found.target.url().as_str())));
    lines.say("Whether finished uploads can be read back with GET: auto, yes or no. It was tried.");
    let word = if found.seen.reads_back { "yes" } else { "no" };
    lines.put(&format!("read-back = {}", quoted(word)));
    lines.say("Seconds to wait for an answer.");
    lines.offer("timeout = 30");
    lines.say(
        "Where bitscheck plays the server application, to which the target posts finished uploads.",
    );
    lines.offer("application = \"0.0.0.0:9000\"");
    lines.say("The folder on this machine where the target keeps its sessions.");
    lines.offer("session-store = \"/srv/bits\"");
    lines.say("A user for every request outside [target.protected] and [target.accounts]. The password is in an environment variable,");
    lines.say("or, with password-file instead, in the first line of a file.");
    lines.offer("user = \"alice\"");
    lines.offer("password-env = \"BITS_PASSWORD\"");
    lines.say("Certificates (PEM) to trust besides those of the system.");
    match ca_file {
        Some(file) => lines.put(&format!("ca-file = {}", quoted(&file.display().to_string()))),
        None => lines.offer("ca-file = \"ca.pem\""),
    }
}

/// What a directory is for, and what else can be said of it.
const fn words(role: DirectoryRole) -> (&'static str, &'static [(&'static str, &'static str)]) {
    const TIMEOUT: (&str, &str) = (
        "Seconds after which the target gives a silent server application up.",
        "notification-timeout = 5",
    );
    match role {
        DirectoryRole::Plain => ("nothing is special", &[]),
        DirectoryRole::NoOverwrite => ("existing files may not be replaced", &[]),
        DirectoryRole::Overwrite => ("existing files may be replaced", &[]),
        DirectoryRole::Disabled => ("uploads are switched off", &[]),
        DirectoryRole::Protected => (
            "nobody may upload",
            &[
                ("A user whom the target knows and who may not either.", "user = \"mallory\""),
                ("Where the password of that user is.", "password-env = \"MALLORY_PASSWORD\""),
            ],
        ),
        DirectoryRole::Accounts => (
            "one user may upload, and nobody else",
            &[
                ("The user who may.", "user = \"alice\""),
                ("Where the password of that user is.", "password-env = \"BITS_PASSWORD\""),
            ],
        ),
        DirectoryRole::Executable => ("scripts or programs may be run", &[]),
        DirectoryRole::SmallDisk => ("there is room for less than a mebibyte", &[]),
        DirectoryRole::MaxSize => (
            "there is a maximum upload size",
            &[("The most bytes that an upload may have.", "maximum-upload-size = 1048576")],
        ),
        DirectoryRole::ByReference => (
            "a server application is told where a finished upload is",
            &[
                TIMEOUT,
                (
                    "Where the files that the target names can be found on this machine.",
                    "read-root = \"/mnt/bits\"",
                ),
            ],
        ),
        DirectoryRole::ByValue => ("a server application is sent a finished upload", &[TIMEOUT]),
        DirectoryRole::HostId => (
            "another host is named for the upload",
            &[
                ("The host that is named.", "host-id = \"other.example\""),
                ("Seconds after which clients return from it.", "host-id-fallback-timeout = 110"),
            ],
        ),
        DirectoryRole::ShortTimeout => (
            "sessions end after seconds",
            &[("The seconds after which a session ends.", "session-timeout = 5")],
        ),
    }
}

fn directory(role: DirectoryRole, finding: &Finding, lines: &mut Lines) {
    let (name, path) = (role.as_str(), &finding.path);
    let (about, settings) = words(role);
    let head = [format!("[target.{name}]"), format!("path = {}", quoted(path))];
    let Some(answers) = &finding.answers else {
        lines.say(&format!(
            "Not found at {path}: a directory in which {about}. Put in its path, if there is one."
        ));
        head.iter().for_each(|line| lines.offer(line));
        settings.iter().for_each(|(about, line)| {
            lines.say(about);
            lines.offer(line);
        });
        return;
    };
    lines.say(&if is_known_by_name(role) {
        format!("Uploads are taken here. By its name {about}; that was not tried.")
    } else {
        format!("It answers like a directory in which {about}.")
    });
    head.iter().for_each(|line| lines.put(line));
    let host = answers.host_id.as_ref().map(|host| format!("host-id = {}", quoted(host)));
    let fallback = answers.host_id_fallback_timeout;
    let fallback = fallback.map(|seconds| format!("host-id-fallback-timeout = {seconds}"));
    let known: Vec<String> = host.into_iter().chain(fallback).collect();
    for (about, line) in settings {
        let key = line.split(" =").next().unwrap_or_default();
        lines.say(about);
        match known.iter().find(|known| known.split(" =").next() == Some(key)) {
            Some(known) => lines.put(known),
            None => lines.offer(line),
        }
    }
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// A line that counts.
    fn put(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line that would count without the sign in front.
    fn offer(&mut self, line: &str) {
        self.put(&format!("#{line}"));
    }

    /// A line for the reader.
    fn say(&mut self, line: &str) {
        self.put(&format!("# {}", excerpt(line, 200)));
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(character)));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Target, subject::discovery::probe::Answers, subject::preflight::Seen};

    fn found(answers: Option<&Answers>) -> Found {
        let all = DirectoryRole::ALL.into_iter().skip(1);
        let roles = all.map(|role| {
            let path = format!("/{}/", role.as_str());
            (role, Finding { path, answers: answers.cloned() })
        });
        Found {
            target: "http://h:8080/plain/".parse().unwrap(),
            seen: Seen {
                reads_back: true,
                server: Some("odd\n[target]".into()),
                destination: String::new(),
                refused: None,
            },
            roles: roles.collect(),
        }
    }

    fn read(text: &str) -> Target {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bitscheck.toml");
        std::fs::write(&path, text).unwrap();
        Target::load(&path).unwrap_or_else(|error| panic!("{text}{error}"))
    }

    #[test]
    fn what_is_written_can_be_read() {
        let answers = Answers {
            host_id: Some("a\"b\\\u{1}".into()),
            host_id_fallback_timeout: Some(110),
            ..Answers::default()
        };
        let target = read(&of(&found(Some(&answers)), None));
        assert_eq!(target.roles.len(), 12);
        assert_eq!(target.roles[&DirectoryRole::Disabled].path, "/disabled/");
        let host = &target.roles[&DirectoryRole::HostId];
        assert_eq!(host.host_id.as_deref(), Some("a\"b\\\u{1}"));
        assert_eq!(host.host_id_fallback_timeout, Some(110));
        assert_eq!(read(&of(&found(None), None)).roles.len(), 0);
    }

    #[test]
    fn what_is_offered_can_be_taken() {
        let text = of(&found(None), None);
        let taken: Vec<&str> = text
            .lines()
            .map(|line| {
                line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line)
            })
            // There is no such password here.
            .filter(|line| !line.starts_with("user") && !line.starts_with("password"))
            .collect();
        let target = read(&taken.join("\n"));
        assert_eq!(target.roles.len(), 12, "{text}");
        assert!(target.application.is_some() && target.timeout.is_some());
    }
}

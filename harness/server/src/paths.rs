//! From a request target to a place in the store, and to nowhere else.
//!
//! A target is decoded once and taken apart into names. A name that any common file system could read as something
//! else than a plain name (a way up, a drive, a stream, a device) is refused, on every system alike.

use bits_wire::{Guid, text};

use super::config::{Config, VirtualDirectory};

/// The folder in which a store keeps what is not finished; never reachable by URL.
pub const SESSIONS_FOLDER: &str = "BITS-Sessions";

/// How the name of a file begins that is being copied to its destination; never reachable by URL either.
pub(super) const COPY_PREFIX: &str = "BITS-Sessions.{";

/// The name of every entity that is not finished, in a folder of its session.
pub const REQUEST_FILE: &str = "requestfile.bin";

/// The name of every reply, in a folder of its session.
pub const REPLY_FILE: &str = "responsefile.bin";

/// Finds the virtual directory that a request target lies in, be it a place for uploads or a reply.
#[must_use]
pub fn directory_of(config: &Config, target: &str) -> Option<usize> {
    let place = resolve(config, target).ok().map(|place| place.vdir);
    place.or_else(|| Some(resolve_reply(config, target)?.0))
}

/// Finds the session whose reply a request target names, and its virtual directory.
#[must_use]
pub fn resolve_reply(config: &Config, target: &str) -> Option<(usize, Guid)> {
    resolve_session(config, target, "Replies", REPLY_FILE)
}

/// Finds the session whose unfinished entity a request target names, and its virtual directory.
#[must_use]
pub fn resolve_request(config: &Config, target: &str) -> Option<(usize, Guid)> {
    resolve_session(config, target, "Requests", REQUEST_FILE)
}

fn resolve_session(config: &Config, target: &str, kind: &str, name: &str) -> Option<(usize, Guid)> {
    let path = path_of(target).ok()?;
    let parts: Option<Vec<String>> = path.strip_prefix('/')?.split('/').map(decode).collect();
    let parts = parts?;
    let [folder @ .., sessions, folder_name, session, file] = parts.as_slice() else { return None };
    let is = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    if !is(sessions, SESSIONS_FOLDER) || !is(folder_name, kind) || !is(file, name) {
        return None;
    }
    let own = |vdir: &VirtualDirectory| {
        depth(vdir.folder()) == folder.len() && fits(vdir.folder(), folder)
    };
    let vdir = config.vdirs.iter().position(own)?;
    Some((vdir, session.parse().ok()?))
}

/// Where a URL leads: a virtual directory and a path of plain names within it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Which virtual directory of the configuration.
    pub vdir: usize,
    /// The folder of the virtual directory, relative and with `/` between its parts.
    pub folder: String,
    /// The names from there on; none for the directory itself.
    pub names: Vec<String>,
    /// Whether the URL ended in a slash.
    pub slash: bool,
}

impl Place {
    /// Whether the URL can only mean a directory.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.slash || self.names.is_empty()
    }

    /// The directory, and the names without what follows the last dot of the last one.
    pub(super) fn stem(&self) -> (usize, String) {
        let path = self.names.join("/");
        (self.vdir, path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem).to_owned())
    }

    /// All names from the root of the store.
    pub fn from_root(&self) -> impl Iterator<Item = &str> {
        let folder = self.folder.split('/').filter(|name| !name.is_empty());
        folder.chain(self.names.iter().map(String::as_str))
    }
}

/// Why a target leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A name in it could mean something else than a plain name.
    #[error("the path is not made of plain names")]
    Unsafe,
    /// No virtual directory has a prefix of it.
    #[error("no virtual directory has this path")]
    NoDirectory,
}

/// Finds the place of a request target. A query has no part in it (U20).
///
/// # Errors
///
/// If the target is not made of plain names, or lies in no virtual directory.
pub fn resolve(config: &Config, target: &str) -> Result<Place, PathError> {
    let (mut names, slash) = names(path_of(target)?)?;
    let fitting = config.vdirs.iter().enumerate().filter(|(_, vdir)| fits(vdir.folder(), &names));
    let (vdir, found) =
        fitting.max_by_key(|(_, vdir)| depth(vdir.folder())).ok_or(PathError::NoDirectory)?;
    let folder = found.folder().to_owned();
    names.drain(..depth(&folder));
    Ok(Place { vdir, folder, names, slash })
}

/// The path of a target in origin form or in absolute form.
fn path_of(target: &str) -> Result<&str, PathError> {
    let target = target.split(['?', '#']).next().unwrap_or_default();
    if target.starts_with('/') {
        return Ok(target);
    }
    let (scheme, rest) = target.split_once("://").ok_or(PathError::Unsafe)?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(PathError::Unsafe);
    }
    Ok(rest.find('/').map_or("/", |at| &rest[at..]))
}

fn names(path: &str) -> Result<(Vec<String>, bool), PathError> {
    let inner = path.strip_prefix('/').ok_or(PathError::Unsafe)?;
    if inner.is_empty() {
        return Ok((Vec::new(), true));
    }
    let (inner, slash) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner, true));
    let names = inner.split('/').map(|part| decode(part).filter(|name| is_plain_name(name)));
    Ok((names.collect::<Option<_>>().ok_or(PathError::Unsafe)?, slash))
}

/// Decodes one part of a path, or nothing if its escapes are malformed or do not make text.
fn decode(part: &str) -> Option<String> {
    if part.is_ascii() && !part.contains('%') {
        return Some(part.to_owned());
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = text::to_bytes(part).into_iter();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Whether a name is a plain name on every common file system, and not that of the folder for unfinished entities.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && !name.ends_with(['.', ' '])
        && !name.contains(|character: char| {
            character.is_control()
                || matches!(character, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        })
        && !is_device(name)
        && !name.eq_ignore_ascii_case(SESSIONS_FOLDER)
        && !is_copy(name)
}

/// Whether a name is one of those that only this server gives.
fn is_copy(name: &str) -> bool {
    text::begins(name, COPY_PREFIX)
}

fn is_device(name: &str) -> bool {
    const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];
    const NUMBERED: [&str; 2] = ["COM", "LPT"];
    let stem = name.split('.').next().unwrap_or_default().trim();
    let is_number = |rest: &str| {
        let mut characters = rest.chars();
        characters.next().is_some_and(|one| "0123456789¹²³".contains(one))
            && characters.next().is_none()
    };
    DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device))
        || NUMBERED
            .iter()
            .any(|device| text::begins(stem, device) && is_number(&stem[device.len()..]))
}

/// Prefixes are compared without regard to case, so that none is passed by where the file system has no regard to it.
fn fits(folder: &str, names: &[String]) -> bool {
    let mut parts = folder.split('/').filter(|part| !part.is_empty()).zip(names);
    depth(folder) <= names.len() && parts.all(|(part, name)| part.eq_ignore_ascii_case(name))
}

fn depth(folder: &str) -> usize {
    folder.split('/').filter(|part| !part.is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::VirtualDirectory;

    fn config() -> Config {
        let vdirs = ["/", "/up/", "/up/deep/"].map(VirtualDirectory::new);
        Config::of(vdirs.into())
    }

    fn place(target: &str) -> (usize, String, bool) {
        let place = resolve(&config(), target).expect(target);
        (place.vdir, place.names.join("|"), place.slash)
    }

    #[test]
    fn the_longest_prefix_decides() {
        assert_eq!(place("/a.txt"), (0, "a.txt".into(), false));
        assert_eq!(place("/up/a.txt"), (1, "a.txt".into(), false));
        assert_eq!(place("/up/deep/a/b"), (2, "a|b".into(), false));
        assert_eq!(place("/upper/a"), (0, "upper|a".into(), false));
    }

    #[test]
    fn escapes_and_case_do_not_pass_by_a_prefix() {
        assert_eq!(place("/%75p/a"), (1, "a".into(), false));
        assert_eq!(place("/UP/a"), (1, "a".into(), false));
    }

    #[test]
    fn directories_are_known_by_their_url() {
        for target in ["/", "/up", "/up/", "/up/x/", "http://host", "http://host/up/"] {
            assert!(resolve(&config(), target).unwrap().is_directory(), "{target}");
        }
        assert!(!resolve(&config(), "/up/x").unwrap().is_directory());
    }

    #[test]
    fn query_and_absolute_form_do_not_matter() {
        assert_eq!(place("/up/a?x=/../y"), (1, "a".into(), false));
        assert_eq!(place("http://host:80/up/a"), (1, "a".into(), false));
    }

    #[test]
    fn a_target_is_decoded_exactly_once() {
        assert_eq!(place("/%252e%252e"), (0, "%2e%2e".into(), false));
        assert_eq!(place("/a%20b%C3%BC"), (0, "a bü".into(), false));
    }

    #[test]
    fn what_is_no_plain_name_is_refused() {
        for target in [
            "",
            "*",
            "a",
            "ftp://host/a",
            "host:80",
            "//a",
            "/a//b",
            "/a//",
            "/.",
            "/..",
            "/a/../b",
            "/%2e%2e/a",
            "/a/%2E",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/a%00b",
            "/a%0d%0ab",
            "/a%7f",
            "/c:",
            "/a::$DATA",
            "/a.",
            "/a%20",
            "/a...",
            "/con",
            "/NUL.txt",
            "/%20%20nul .txt",
            "/aux.tar.gz",
            "/com1",
            "/LPT9.x",
            "/COM%C2%B9",
            "/nul%20.txt",
            "/%zz",
            "/%4",
            "/%ff",
            "/a*",
            "/a%3F",
            "/BITS-Sessions",
            "/up/bits-sessions/Requests/x",
            "/%42ITS-Sessions/x",
        ] {
            assert_eq!(resolve(&config(), target), Err(PathError::Unsafe), "{target}");
        }
    }

    #[test]
    fn names_that_only_resemble_devices_pass() {
        for target in
            ["/console", "/com", "/com10", "/null", "/a.con", "/.hidden", "/..a", "/BITS-Sessions2"]
        {
            assert!(resolve(&config(), target).is_ok(), "{target}");
        }
    }

    #[test]
    fn outside_of_every_prefix_there_is_no_place() {
        let config = Config::of(vec![VirtualDirectory::new("/up/")]);
        assert_eq!(resolve(&config, "/a"), Err(PathError::NoDirectory));
        assert_eq!(resolve(&config, "/"), Err(PathError::NoDirectory));
    }
}

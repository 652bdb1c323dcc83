//! Request targets and where they lead.

use bits_server::{
    config::{Config, VirtualDirectory},
    paths::{REPLY_FILE, SESSIONS_FOLDER, directory_of, resolve, resolve_reply},
};
use bits_wire::text;

/// A request target leads to a place of plain names below its directory or nowhere, and the place's own path leads there.
pub fn request_path(data: &[u8]) {
    let config = Config::of(["/", "/up/", "/up/deep/"].map(VirtualDirectory::new).into());
    let target = text::from_bytes(data);
    if let Ok(place) = resolve(&config, &target) {
        let names: Vec<&str> = place.from_root().collect();
        assert!(names.iter().all(|name| is_harmless(name)), "{target:?} leads to {place:?}");
        let mut path = escaped(&names);
        if place.slash && !names.is_empty() {
            path.push('/');
        }
        assert_eq!(resolve(&config, &path).as_ref(), Ok(&place), "{target:?}");
        let whole = format!("HTTP://any.host:80{path}?query/../..#fragment");
        assert_eq!(resolve(&config, &whole).as_ref(), Ok(&place));
        assert_eq!(directory_of(&config, &target), Some(place.vdir));
        assert_eq!(resolve_reply(&config, &target), None);
    }
    if let Some((vdir, session)) = resolve_reply(&config, &target) {
        let (folder, guid) = (config.vdirs[vdir].prefix.as_str(), session.to_string());
        let path = format!("{folder}{SESSIONS_FOLDER}/Replies/{guid}/{REPLY_FILE}");
        assert_eq!(resolve_reply(&config, &path), Some((vdir, session)));
    }
}

/// Whether no file system reads a name as anything but a name.
fn is_harmless(name: &str) -> bool {
    let odd = |one: char| one.is_control() || "/\\:*?\"<>|".contains(one);
    let stem = name.split('.').next().unwrap_or_default().trim();
    let devices = ["con", "prn", "aux", "nul", "com1", "lpt9", "conin$", "conout$"];
    !name.is_empty()
        && !name.chars().any(odd)
        && !name.ends_with(['.', ' '])
        && !devices.iter().any(|device| stem.eq_ignore_ascii_case(device))
        && !name.eq_ignore_ascii_case(SESSIONS_FOLDER)
}

fn escaped(names: &[&str]) -> String {
    let mut path = String::new();
    for name in names {
        path.push('/');
        for byte in name.bytes() {
            path.push_str(&format!("%{byte:02x}"));
        }
    }
    if path.is_empty() { "/".into() } else { path }
}

//! Values that a target file and the command line write alike.

use serde::Deserialize;

/// Whether finished uploads can be read back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReadBack {
    /// The preflight tries it.
    #[default]
    Auto,
    /// They can.
    Yes,
    /// They cannot.
    No,
}

/// The path of a virtual directory, with a slash at its end.
pub(crate) fn directory_path(path: &str) -> Result<String, String> {
    if !path.starts_with('/') {
        return Err(format!(
            "the path of a virtual directory begins with a slash, `{path}` does not"
        ));
    }
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) || path.contains(['?', '#']) {
        return Err(format!(
            "the path of a virtual directory is as in a URL, without a query; `{path}` is not"
        ));
    }
    let slash = if path.ends_with('/') { "" } else { "/" };
    Ok(format!("{path}{slash}"))
}

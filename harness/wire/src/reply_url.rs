//! Where a reply is found: `BITS-Reply-URL` as BITS clients understand it (2.2.7.2, 4.2).

/// Where a reply URL leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyPlace {
    /// Host and port, if the URL names them; else those of the destination.
    pub authority: Option<String>,
    /// The request target: path and query, with what no URL can hold escaped.
    pub target: String,
}

impl ReplyPlace {
    /// Resolves a reply URL against the path of the upload's destination. IIS 6 gives relative ones with backslashes, which
    /// belong into the folder of the destination.
    #[must_use]
    pub fn resolve(value: &str, destination: &str) -> Option<Self> {
        let value = value.trim();
        if value.is_empty() {
            return None;
        }
        if let Some((_, rest)) = value.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let target = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
            return Some(Self { authority: Some(authority.to_owned()), target: escaped(&target) });
        }
        let path = value.replace('\\', "/");
        let target = if path.starts_with('/') {
            path
        } else {
            let destination = destination.split(['?', '#']).next().unwrap_or_default();
            let folder = destination.rfind('/').map_or("/", |at| &destination[..=at]);
            format!("{folder}{path}")
        };
        Some(Self { authority: None, target: escaped(&target) })
    }
}

/// Whether a URL can begin so; a path with a URL in its query does not.
fn is_scheme(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(plain)
}

/// A path with what cannot stand in a request target escaped; escapes that are there stay.
fn escaped(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    path.chars().fold(String::new(), |mut text, character| {
        if character.is_ascii_graphic() && !r#""<>\^`{|}"#.contains(character) {
            text.push(character);
        } else {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(value: &str) -> (Option<String>, String) {
        let place = ReplyPlace::resolve(value, "/v/sub/file.txt?x=/y").unwrap();
        (place.authority, place.target)
    }

    #[test]
    fn the_recorded_value_leads_where_the_recorded_client_went() {
        let value =
            r"BITS-Sessions\Replies\{C85B4E0A-9EB9-4114-BFA4-8A43B4710091}\responsefile.bin";
        let place = ReplyPlace::resolve(value, "/upload-ref/2100mb-rfc2119.txt").unwrap();
        assert_eq!(
            place.target,
            "/upload-ref/BITS-Sessions/Replies/%7BC85B4E0A-9EB9-4114-BFA4-8A43B4710091%7D/responsefile.bin"
        );
        assert_eq!(place.authority, None);
    }

    #[test]
    fn absolute_and_relative_forms_are_resolved() {
        assert_eq!(place("http://h:1/a?b"), (Some("h:1".into()), "/a?b".into()));
        assert_eq!(place("https://h"), (Some("h".into()), "/".into()));
        assert_eq!(place("http://h?q"), (Some("h".into()), "/?q".into()));
        assert_eq!(place("/r/%7B1%7D"), (None, "/r/%7B1%7D".into()));
        assert_eq!(place("/r?u=http://x/y"), (None, "/r?u=http://x/y".into()));
        assert_eq!(place("r s"), (None, "/v/sub/r%20s".into()));
        assert_eq!(ReplyPlace::resolve("  ", "/v/f"), None);
    }
}

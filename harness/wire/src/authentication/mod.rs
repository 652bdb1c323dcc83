//! How HTTP asks who somebody is, and how that is answered: schemes with parameters (RFC 9110, 11), and digests of
//! passwords (RFC 7616).

pub mod digest;

/// A scheme and its parameters, as they stand in `WWW-Authenticate` and in `Authorization`; the names of parameters in
/// small letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheme {
    /// The scheme, in its own case.
    pub name: String,
    parameters: Vec<(String, String)>,
}

impl Scheme {
    /// Whether it is called so, in any case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of the first parameter of this name, without its quotes.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The schemes of one value, which stand one after the other with the same commas as their parameters.
#[must_use]
pub fn schemes(value: &str) -> Vec<Scheme> {
    let mut all: Vec<Scheme> = Vec::new();
    for part in parts(value) {
        let (scheme, parameter) = split(&part);
        if let Some(scheme) = scheme {
            all.push(Scheme { name: scheme.to_owned(), ..Scheme::default() });
        }
        if let (Some(last), Some((name, value))) = (all.last_mut(), parameter.split_once('=')) {
            last.parameters.push((name.trim().to_ascii_lowercase(), unquoted(value.trim())));
        }
    }
    all
}

/// A text between quotes, with a backslash before what would end it.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The parts between commas that no quotes enclose.
fn parts(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in value.chars() {
        match character {
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && character == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(character);
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// A part is a scheme, a parameter, or a scheme and its first parameter.
fn split(part: &str) -> (Option<&str>, &str) {
    let part = part.trim();
    let ends = |character: char| character.is_whitespace() || character == '=';
    let word = part.find(ends).unwrap_or(part.len());
    let rest = part[word..].trim_start();
    if rest.starts_with('=') { (None, part) } else { (Some(&part[..word]), rest) }
}

fn unquoted(value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else { return value.to_owned() };
    let mut plain = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(value: &str) -> Vec<String> {
        schemes(value).into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn schemes_are_told_apart_from_parameters() {
        let value = "Negotiate, NTLM dG9rZW4=, Basic realm=\"a, b\" , charset=\"UTF-8\", Digest nonce = \"x\\\"y\",qop=auth";
        assert_eq!(names(value), ["Negotiate", "NTLM", "Basic", "Digest"]);
        let all = schemes(value);
        assert_eq!(all[2].parameter("realm"), Some("a, b"));
        assert_eq!(all[2].parameter("charset"), Some("UTF-8"));
        assert_eq!(all[3].parameter("nonce"), Some("x\"y"));
        assert_eq!(all[3].parameter("qop"), Some("auth"));
    }

    #[test]
    fn odd_white_space_ends_a_scheme_like_any_other() {
        assert_eq!(names("Basic\u{a0} realm=\"a\""), ["Basic"]);
    }

    #[test]
    fn what_is_quoted_is_read_as_it_was() {
        let text = "a\\b\"c, d=";
        let all = schemes(&format!("X y={}", quoted(text)));
        assert_eq!(all[0].parameter("y"), Some(text));
    }
}

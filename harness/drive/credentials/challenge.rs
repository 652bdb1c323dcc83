//! What a server asks for: the values of `WWW-Authenticate` (RFC 9110, 11.6.1).

use super::Digest;

/// A way to identify oneself that the harness knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// The password as it is.
    Basic,
    /// A digest of the password.
    Digest(Digest),
}

impl Challenge {
    /// The stronger the larger.
    fn strength(&self) -> u8 {
        match self {
            Self::Basic => 0,
            Self::Digest(digest) => 1 + digest.strength(),
        }
    }
}

/// The strongest way that these values offer and the harness knows; of equals the first.
pub(super) fn strongest(values: &[&str]) -> Option<Challenge> {
    let mut all: Vec<Challenge> =
        values.iter().flat_map(|value| read(value)).filter_map(|one| one.understood()).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.strength()));
    all.into_iter().next()
}

/// A challenge as it stands in a header: a scheme and its parameters, their names in small letters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Written {
    /// The value of the first parameter of this name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn understood(&self) -> Option<Challenge> {
        if self.scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        let is_digest = self.scheme.eq_ignore_ascii_case("digest");
        is_digest.then(|| Digest::read(self)).flatten().map(Challenge::Digest)
    }
}

/// The challenges of one value, which stand one after the other with the same commas as their parameters.
fn read(value: &str) -> Vec<Written> {
    let mut all: Vec<Written> = Vec::new();
    for part in parts(value) {
        let (scheme, parameter) = split(&part);
        if let Some(scheme) = scheme {
            all.push(Written { scheme: scheme.to_owned(), ..Written::default() });
        }
        if let (Some(last), Some((name, value))) = (all.last_mut(), parameter.split_once('=')) {
            last.parameters.push((name.trim().to_ascii_lowercase(), unquoted(value.trim())));
        }
    }
    all
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
    let word = part.find([' ', '\t', '=']).unwrap_or(part.len());
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

    fn schemes(value: &str) -> Vec<String> {
        read(value).into_iter().map(|one| one.scheme).collect()
    }

    #[test]
    fn challenges_are_told_apart_from_parameters() {
        let value = "Negotiate, NTLM dG9rZW4=, Basic realm=\"a, b\" , charset=\"UTF-8\", Digest nonce = \"x\\\"y\",qop=auth";
        assert_eq!(schemes(value), ["Negotiate", "NTLM", "Basic", "Digest"]);
        let all = read(value);
        assert_eq!(all[2].parameter("realm"), Some("a, b"));
        assert_eq!(all[2].parameter("charset"), Some("UTF-8"));
        assert_eq!(all[3].parameter("nonce"), Some("x\"y"));
        assert_eq!(all[3].parameter("qop"), Some("auth"));
    }

    #[test]
    fn nonsense_is_no_challenge() {
        for value in ["", ",,", "=", "realm=\"x\"", "\"", "Basic=", "Digest realm=\"x"] {
            assert_eq!(strongest(&[value]), None, "{value}");
        }
    }

    #[test]
    fn the_strongest_is_chosen() {
        let md5 = "Digest realm=\"x\", nonce=\"md5\"";
        let sha = "Digest realm=\"x\", nonce=\"sha\", algorithm=SHA-256";
        let unknown = "Digest realm=\"x\", nonce=\"odd\", algorithm=SHA-512-256";
        let nonce = |values: &[&str]| match strongest(values) {
            Some(Challenge::Digest(digest)) => digest.nonce().to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(nonce(&["Basic realm=\"x\"", md5, sha]), "sha");
        assert_eq!(nonce(&[&format!("{md5}, Basic realm=\"x\"")]), "md5");
        assert_eq!(strongest(&["Basic realm=\"x\"", unknown]), Some(Challenge::Basic));
        assert_eq!(strongest(&["Negotiate", "NTLM"]), None);
    }
}

//! What a server asks for: the values of `WWW-Authenticate` (RFC 9110, 11.6.1).

use bits_wire::authentication::{Scheme, schemes};

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
        values.iter().flat_map(|value| schemes(value)).filter_map(|one| understood(&one)).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.strength()));
    all.into_iter().next()
}

fn understood(asked: &Scheme) -> Option<Challenge> {
    if asked.is("basic") {
        return Some(Challenge::Basic);
    }
    asked.is("digest").then(|| Digest::read(asked)).flatten().map(Challenge::Digest)
}

#[cfg(test)]
mod tests {
    use super::*;

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

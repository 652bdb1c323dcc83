//! Digests of passwords (RFC 7616, and RFC 2617 where no quality is named).

use md5::Md5;
use sha2::{Digest as _, Sha256};

/// What a digest is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The older one, which is meant where none is named.
    Md5,
    /// The newer one.
    Sha256,
}

impl Algorithm {
    /// The algorithm of this name, in any case, and whether the name ends in `-sess`.
    #[must_use]
    pub fn named(name: &str) -> Option<(Self, bool)> {
        let name = name.to_ascii_lowercase();
        let plain = name.strip_suffix("-sess");
        let algorithm = match plain.unwrap_or(&name) {
            "md5" => Self::Md5,
            "sha-256" => Self::Sha256,
            _ => return None,
        };
        Some((algorithm, plain.is_some()))
    }

    /// Its name in headers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The digest of a text, in hexadecimal.
    #[must_use]
    pub fn of(self, text: &[u8]) -> String {
        match self {
            Self::Md5 => hexadecimal(&Md5::digest(text)),
            Self::Sha256 => hexadecimal(&Sha256::digest(text)),
        }
    }
}

/// The quality of protection that a client chose.
#[derive(Clone, Copy, Debug)]
pub struct Quality<'a> {
    /// Its name; `auth` says that bodies are not covered.
    pub name: &'a [u8],
    /// How often the nonce has been used, as it is written.
    pub count: &'a [u8],
}

/// All that the proof of a password is made of.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// What it is made with.
    pub algorithm: Algorithm,
    /// Whether the secret takes the nonces in.
    pub of_session: bool,
    /// The user's name.
    pub user: &'a [u8],
    /// What the password is for.
    pub realm: &'a [u8],
    /// The password.
    pub password: &'a [u8],
    /// What the server asked with.
    pub nonce: &'a [u8],
    /// What the client added.
    pub client_nonce: &'a [u8],
    /// The quality, if the server offered any.
    pub quality: Option<Quality<'a>>,
    /// The method of the request.
    pub method: &'a [u8],
    /// The target of the request, as the credentials tell it.
    pub target: &'a [u8],
}

impl Response<'_> {
    /// The proof, in hexadecimal (RFC 7616, 3.4.1).
    #[must_use]
    pub fn compute(&self) -> String {
        let hash = |parts: &[&[u8]]| self.algorithm.of(&parts.join(&b':'));
        let mut secret = hash(&[self.user, self.realm, self.password]);
        if self.of_session {
            secret = hash(&[secret.as_bytes(), self.nonce, self.client_nonce]);
        }
        let request = hash(&[self.method, self.target]);
        let (secret, request) = (secret.as_bytes(), request.as_bytes());
        match self.quality {
            Some(quality) => {
                hash(&[secret, self.nonce, quality.count, self.client_nonce, quality.name, request])
            }
            None => hash(&[secret, self.nonce, request]),
        }
    }
}

/// Bytes as small hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

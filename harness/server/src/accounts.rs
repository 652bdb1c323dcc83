//! Who may come in: Basic and Digest authentication (RFC 7617, RFC 7616) in front of a virtual directory.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bits_wire::{
    authentication::{
        Scheme,
        digest::{Algorithm, Quality, Response},
        quoted, schemes,
    },
    names, text,
};

use super::{
    config::{Authentication, VirtualDirectory},
    machine::RequestHead,
};

/// What the passwords are for.
const REALM: &str = "bitscheck";

/// How long a nonce is good for.
const NONCE_LIFETIME: Duration = Duration::from_secs(300);

/// How many nonces are remembered; beyond that the oldest are asked for anew.
const MOST_NONCES: usize = 10_000;

/// Users and their passwords. Passwords are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Users(BTreeMap<String, String>);

impl fmt::Debug for Users {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl FromIterator<(String, String)> for Users {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(users: T) -> Self {
        Self(users.into_iter().collect())
    }
}

/// A line of a users file that says nothing of a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {problem}; a line is NAME:PASSWORD")]
pub struct UsersError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Users {
    /// Reads a users file: a line `NAME:PASSWORD` for each; empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    ///
    /// The first line that cannot be used.
    pub fn read(text: &str) -> Result<Self, UsersError> {
        let mut users = Self::default();
        for (at, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fault = |problem| UsersError { line: at + 1, problem };
            let (name, password) = line.split_once(':').ok_or_else(|| fault("has no colon"))?;
            if name.is_empty() {
                return Err(fault("names nobody"));
            }
            if users.0.insert(name.to_owned(), password.to_owned()).is_some() {
                return Err(fault("names a user again"));
            }
        }
        Ok(users)
    }

    /// Whether somebody of this name is known.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Each user's name and password.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, password)| (name.as_str(), password.as_str()))
    }
}

/// Asks clients who they are, and believes those who prove it.
pub struct Doorkeeper {
    /// What makes the nonces ours.
    key: [u8; 16],
    /// The highest count with which each nonce has been used, and when the nonce was made.
    used: Mutex<HashMap<String, (Duration, u32)>>,
}

impl Doorkeeper {
    /// One whose nonces nobody can make who does not know the key.
    #[must_use]
    pub fn new(key: [u8; 16]) -> Self {
        Self { key, used: Mutex::default() }
    }

    /// The user who asks; none where nobody is asked.
    ///
    /// # Errors
    ///
    /// The values of `WWW-Authenticate`, if the client does not prove who it is.
    pub fn identify(
        &self,
        vdir: &VirtualDirectory,
        users: &Users,
        head: &RequestHead<'_>,
        now: Duration,
    ) -> Result<Option<String>, Vec<String>> {
        if vdir.authentication.is_empty() {
            return Ok(None);
        }
        let proof = match head.headers.only(names::AUTHORIZATION) {
            Some(value) => self.prove(vdir, users, head, value, now),
            None => Proof::None,
        };
        match proof {
            Proof::Of(user) => Ok(Some(user)),
            Proof::Stale => Err(self.challenges(vdir, true, now)),
            Proof::None => Err(self.challenges(vdir, false, now)),
        }
    }

    fn challenges(&self, vdir: &VirtualDirectory, stale: bool, now: Duration) -> Vec<String> {
        let realm = quoted(REALM);
        let digest = |algorithm: Algorithm| {
            let stale = if stale { ", stale=true" } else { "" };
            let (nonce, algorithm) = (quoted(&self.nonce(now)), algorithm.as_str());
            format!(
                "Digest realm={realm}, qop=\"auth\", algorithm={algorithm}, nonce={nonce}{stale}"
            )
        };
        let challenge = |one: &Authentication| match one {
            Authentication::Basic => vec![format!("Basic realm={realm}, charset=\"UTF-8\"")],
            Authentication::Digest => vec![digest(Algorithm::Sha256), digest(Algorithm::Md5)],
        };
        vdir.authentication.iter().flat_map(challenge).collect()
    }

    fn prove(
        &self,
        vdir: &VirtualDirectory,
        users: &Users,
        head: &RequestHead<'_>,
        value: &str,
        now: Duration,
    ) -> Proof {
        let offers = |one| vdir.authentication.contains(&one);
        let basic = value.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("basic "));
        if basic {
            return match offers(Authentication::Basic) {
                true => prove_basic(users, value[6..].trim()),
                false => Proof::None,
            };
        }
        match schemes(value).as_slice() {
            [scheme] if scheme.is("digest") && offers(Authentication::Digest) => {
                self.prove_digest(users, head, scheme, now).unwrap_or(Proof::None)
            }
            _ => Proof::None,
        }
    }

    fn prove_digest(
        &self,
        users: &Users,
        head: &RequestHead<'_>,
        said: &Scheme,
        now: Duration,
    ) -> Option<Proof> {
        let user = said.parameter("username")?;
        let user = String::from_utf8(text::to_bytes(user)).ok()?;
        let password = users.0.get(&user)?;
        let nonce = said.parameter("nonce")?;
        let client_nonce = text::to_bytes(said.parameter("cnonce")?);
        let count = said.parameter("nc").filter(|count| count.len() == 8)?;
        let uses = u32::from_str_radix(count, 16).ok()?;
        let target = said.parameter("uri")?;
        if said.parameter("realm")? != REALM
            || !said.parameter("qop")?.eq_ignore_ascii_case("auth")
            || target != head.target
        {
            return None;
        }
        let (algorithm, of_session) =
            Algorithm::named(said.parameter("algorithm").unwrap_or("MD5"))?;
        let response = Response {
            algorithm,
            of_session,
            user: user.as_bytes(),
            realm: REALM.as_bytes(),
            password: password.as_bytes(),
            nonce: &text::to_bytes(nonce),
            client_nonce: &client_nonce,
            quality: Some(Quality { name: b"auth", count: count.as_bytes() }),
            method: head.method.as_bytes(),
            target: &text::to_bytes(target),
        };
        if of_session
            || !same(said.parameter("response")?.as_bytes(), response.compute().as_bytes())
        {
            return None;
        }
        let fresh = self.is_own(nonce, now) && self.counts(nonce, uses, now);
        Some(if fresh { Proof::Of(user) } else { Proof::Stale })
    }

    /// A nonce tells when it was made, and proves that it was made here.
    fn nonce(&self, made: Duration) -> String {
        let time = format!("{:016x}", u64::try_from(made.as_micros()).unwrap_or(u64::MAX));
        let seal = self.seal(&time);
        format!("{time}{seal}")
    }

    /// Two rounds, so that nothing can be appended to what was sealed.
    fn seal(&self, time: &str) -> String {
        let inner = Algorithm::Sha256.of(&[&self.key[..], time.as_bytes()].concat());
        Algorithm::Sha256.of(&[&self.key[..], inner.as_bytes()].concat())
    }

    fn is_own(&self, nonce: &str, now: Duration) -> bool {
        let Some((time, seal)) = nonce.split_at_checked(16) else { return false };
        let made = u64::from_str_radix(time, 16).map(Duration::from_micros);
        same(seal.as_bytes(), self.seal(time).as_bytes())
            && made.is_ok_and(|made| now.saturating_sub(made) < NONCE_LIFETIME)
    }

    /// Whether a nonce has not been used with this count or a higher one, so that nobody's credentials are sent again
    /// by somebody else.
    fn counts(&self, nonce: &str, uses: u32, now: Duration) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MOST_NONCES && !used.contains_key(nonce) {
            used.retain(|_, (first, _)| now.saturating_sub(*first) < NONCE_LIFETIME);
            if used.len() >= MOST_NONCES {
                return false;
            }
        }
        let (_, highest) = used.entry(nonce.to_owned()).or_insert((now, 0));
        let is_new = uses > *highest;
        *highest = uses.max(*highest);
        is_new
    }
}

/// What credentials are worth.
enum Proof {
    /// They are those of a user.
    Of(String),
    /// They would be, but for a nonce that is too old or used.
    Stale,
    /// Nothing.
    None,
}

fn prove_basic(users: &Users, encoded: &str) -> Proof {
    let decoded = BASE64_STANDARD.decode(encoded).ok().and_then(|it| String::from_utf8(it).ok());
    let Some((name, password)) = decoded.as_deref().and_then(|both| both.split_once(':')) else {
        return Proof::None;
    };
    match users.0.get(name) {
        Some(right) if same(right.as_bytes(), password.as_bytes()) => Proof::Of(name.to_owned()),
        _ => Proof::None,
    }
}

/// Whether two texts are the same, found out in a time that does not tell where they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use bits_wire::Headers;

    const NOW: Duration = Duration::from_secs(1000);
    const KEY: [u8; 16] = [7; 16];

    fn users() -> Users {
        Users::read("# who may\nalice:won:der\n\nbob:\n").unwrap()
    }

    fn vdir(authentication: &[Authentication]) -> VirtualDirectory {
        let authentication = authentication.to_vec();
        VirtualDirectory { authentication, ..VirtualDirectory::new("/a/") }
    }

    fn both() -> VirtualDirectory {
        vdir(&[Authentication::Basic, Authentication::Digest])
    }

    fn ask(
        keeper: &Doorkeeper,
        vdir: &VirtualDirectory,
        credentials: &[&str],
        now: Duration,
    ) -> Result<Option<String>, Vec<String>> {
        let headers: Headers =
            credentials.iter().map(|value| (names::AUTHORIZATION, *value)).collect();
        let head = RequestHead {
            method: "GET",
            target: "/a/x",
            version: "HTTP/1.1",
            scheme: "http",
            headers: &headers,
        };
        keeper.identify(vdir, &users(), &head, now)
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(text))
    }

    fn digest(nonce: &str, password: &str, count: &str, algorithm: Algorithm) -> String {
        let response = Response {
            algorithm,
            of_session: false,
            user: b"alice",
            realm: REALM.as_bytes(),
            password: password.as_bytes(),
            nonce: nonce.as_bytes(),
            client_nonce: b"c",
            quality: Some(Quality { name: b"auth", count: count.as_bytes() }),
            method: b"GET",
            target: b"/a/x",
        };
        format!(
            "Digest username=\"alice\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"/a/x\", \
             algorithm={}, qop=auth, nc={count}, cnonce=\"c\", response=\"{}\"",
            algorithm.as_str(),
            response.compute()
        )
    }

    #[test]
    fn a_users_file_has_a_user_in_each_line() {
        assert!(users().knows("alice") && users().knows("bob") && !users().knows("# who may"));
        assert_eq!(format!("{:?}", users()), "{\"alice\", \"bob\"}");
        for (text, line) in [("alice\n", 1), ("a:b\n:c", 2), ("a:b\na:c", 2)] {
            assert_eq!(Users::read(text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn nobody_is_asked_where_nothing_is_set() {
        let keeper = Doorkeeper::new(KEY);
        assert_eq!(ask(&keeper, &vdir(&[]), &[], NOW), Ok(None));
    }

    #[test]
    fn basic_credentials_are_those_of_the_file() {
        let keeper = Doorkeeper::new(KEY);
        let vdir = vdir(&[Authentication::Basic]);
        let alice = Ok(Some("alice".to_owned()));
        assert_eq!(ask(&keeper, &vdir, &[&basic("alice:won:der")], NOW), alice);
        assert_eq!(ask(&keeper, &vdir, &["bAsIc  YWxpY2U6d29uOmRlcg=="], NOW), alice);
        let challenge = vec!["Basic realm=\"bitscheck\", charset=\"UTF-8\"".to_owned()];
        let right = basic("alice:won:der");
        for wrong in [
            &[][..],
            &[basic("alice:won").as_str()],
            &[&basic("carol:won:der")],
            &[&basic("alice")],
            &["Basic ***"],
            &["Bearer x"],
            &["\u{e9}"],
            &[&right, &right],
        ] {
            assert_eq!(ask(&keeper, &vdir, wrong, NOW), Err(challenge.clone()), "{wrong:?}");
        }
    }

    #[test]
    fn a_scheme_that_was_not_offered_is_not_taken() {
        let keeper = Doorkeeper::new(KEY);
        let only_digest = vdir(&[Authentication::Digest]);
        assert!(ask(&keeper, &only_digest, &[&basic("alice:won:der")], NOW).is_err());
        let nonce = keeper.nonce(NOW);
        let value = digest(&nonce, "won:der", "00000001", Algorithm::Md5);
        assert!(ask(&keeper, &vdir(&[Authentication::Basic]), &[&value], NOW).is_err());
    }

    #[test]
    fn digests_are_taken_once_for_each_count() {
        let keeper = Doorkeeper::new(KEY);
        let nonce = keeper.nonce(NOW);
        let alice = Ok(Some("alice".to_owned()));
        let send = |count: &str| {
            let value = digest(&nonce, "won:der", count, Algorithm::Sha256);
            ask(&keeper, &both(), &[&value], NOW)
        };
        assert_eq!(send("00000001"), alice);
        assert_eq!(send("0000000a"), alice);
        for again in ["0000000a", "00000002"] {
            let challenges = send(again).unwrap_err();
            assert_eq!(challenges.len(), 3);
            assert!(challenges[1].ends_with(", stale=true"), "{challenges:?}");
        }
        let other =
            digest(&keeper.nonce(NOW + NONCE_LIFETIME), "won:der", "00000001", Algorithm::Md5);
        assert_eq!(ask(&keeper, &both(), &[&other], NOW + NONCE_LIFETIME), alice);
    }

    #[test]
    fn a_nonce_of_long_ago_or_of_somebody_else_is_stale() {
        let keeper = Doorkeeper::new(KEY);
        let stranger = Doorkeeper::new([8; 16]);
        for nonce in
            [keeper.nonce(NOW.saturating_sub(NONCE_LIFETIME)), stranger.nonce(NOW), "é".into()]
        {
            let value = digest(&nonce, "won:der", "00000001", Algorithm::Md5);
            let challenges = ask(&keeper, &both(), &[&value], NOW).unwrap_err();
            assert!(challenges[1].contains("stale=true") || nonce == "é", "{challenges:?}");
        }
    }

    #[test]
    fn a_digest_of_another_password_or_request_is_worth_nothing() {
        let keeper = Doorkeeper::new(KEY);
        let right = digest(&keeper.nonce(NOW), "won:der", "00000001", Algorithm::Md5);
        for wrong in [
            digest(&keeper.nonce(NOW), "wonder", "00000001", Algorithm::Md5),
            right.replace("/a/x", "/a/y"),
            right.replace("alice", "bob"),
            right.replace("nc=00000001", "nc=00000002"),
            right.replace("nc=00000001", "nc=1"),
            right.replace("qop=auth", "qop=auth-int"),
            right.replace("cnonce=\"c\", ", ""),
            right.replace("algorithm=MD5", "algorithm=MD5-sess"),
            right.replace("algorithm=MD5", "algorithm=odd"),
        ] {
            let challenges = ask(&keeper, &both(), &[&wrong], NOW).unwrap_err();
            assert!(!challenges.concat().contains("stale"), "{wrong}");
        }
        assert!(ask(&keeper, &both(), &[&right], NOW).is_ok());
    }
}

//! Digest authentication (RFC 7616), with quality `auth` or none.

use bits_wire::{
    authentication::{
        Scheme,
        digest::{Algorithm, Quality, Response},
        quoted,
    },
    http1::RequestHead,
    text,
};

use super::User;

/// What a server asked for, and how often that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// The algorithm as the server spelled it, if it did.
    spelled: Option<String>,
    algorithm: Algorithm,
    /// Whether the algorithm's name ends in `-sess`.
    of_session: bool,
    has_quality: bool,
    /// Whether only the nonce was too old.
    pub(super) is_stale: bool,
    count: u32,
}

impl Digest {
    /// A challenge that the harness can answer.
    pub(super) fn read(written: &Scheme) -> Option<Self> {
        let spelled = written.parameter("algorithm").map(str::to_owned);
        let (algorithm, of_session) = Algorithm::named(spelled.as_deref().unwrap_or("MD5"))?;
        let qualities = written.parameter("qop");
        let knows_auth =
            |list: &str| list.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth"));
        if !qualities.is_none_or(knows_auth) {
            return None;
        }
        Some(Self {
            realm: written.parameter("realm")?.to_owned(),
            nonce: written.parameter("nonce")?.to_owned(),
            opaque: written.parameter("opaque").map(str::to_owned),
            of_session,
            spelled,
            algorithm,
            has_quality: qualities.is_some(),
            is_stale: written.parameter("stale").is_some_and(|it| it.eq_ignore_ascii_case("true")),
            count: 0,
        })
    }

    pub(super) const fn strength(&self) -> u8 {
        match self.algorithm {
            Algorithm::Md5 => 0,
            Algorithm::Sha256 => 1,
        }
    }

    #[cfg(test)]
    pub(super) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The value of `Authorization` for a request; counts the uses of the server's nonce.
    pub(super) fn answer(
        &mut self,
        user: &User,
        head: &RequestHead,
        client_nonce: String,
    ) -> String {
        self.count += 1;
        let count = format!("{:08x}", self.count);
        let response = self.response(user, head, &count, &client_nonce);
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\"",
            quoted(&text::from_bytes(user.name.as_bytes())),
            quoted(&self.realm),
            quoted(&self.nonce),
            quoted(&head.target),
        );
        if let Some(algorithm) = &self.spelled {
            value.push_str(&format!(", algorithm={algorithm}"));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque={}", quoted(opaque)));
        }
        if self.has_quality {
            value.push_str(&format!(", qop=auth, nc={count}"));
        }
        if self.has_quality || self.of_session {
            value.push_str(&format!(", cnonce=\"{client_nonce}\""));
        }
        value
    }

    fn response(&self, user: &User, head: &RequestHead, count: &str, client_nonce: &str) -> String {
        Response {
            algorithm: self.algorithm,
            of_session: self.of_session,
            user: user.name.as_bytes(),
            realm: &text::to_bytes(&self.realm),
            password: user.password.as_bytes(),
            nonce: &text::to_bytes(&self.nonce),
            client_nonce: client_nonce.as_bytes(),
            quality: self.has_quality.then_some(Quality { name: b"auth", count: count.as_bytes() }),
            method: head.method.as_bytes(),
            target: &text::to_bytes(&head.target),
        }
        .compute()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::credentials::challenge::{Challenge, strongest};

    fn answered(challenge: &str, user: &User, request: &str, client_nonce: &str) -> String {
        let Some(Challenge::Digest(mut digest)) = strongest(&[challenge]) else {
            panic!("not understood: {challenge}")
        };
        let head = RequestHead::read(format!("{request} HTTP/1.1\r\n\r\n").as_bytes());
        digest.answer(user, &head, client_nonce.to_owned())
    }

    /// The example of RFC 7616, 3.9.1.
    #[test]
    fn the_example_of_the_standard_is_answered_as_it_says() {
        let user = User::new("Mufasa", "Circle of Life");
        let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
        let opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";
        let client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let challenge = format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"{nonce}\", opaque=\"{opaque}\""
            );
            let value = answered(&challenge, &user, "GET /dir/index.html", client_nonce);
            assert_eq!(
                value,
                format!(
                    "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", nonce=\"{nonce}\", uri=\"/dir/index.html\", response=\"{response}\", algorithm={algorithm}, opaque=\"{opaque}\", qop=auth, nc=00000001, cnonce=\"{client_nonce}\""
                )
            );
        }
    }

    /// By hand: MD5 of `HA1:nonce:HA2` with HA1 of `a:r:p` and HA2 of `GET:/`.
    #[test]
    fn without_a_quality_the_older_form_is_given() {
        let value = answered("Digest realm=r, nonce=n", &User::new("a", "p"), "GET /", "c");
        let secret = Algorithm::Md5.of(b"a:r:p");
        let request = Algorithm::Md5.of(b"GET:/");
        let response = Algorithm::Md5.of(format!("{secret}:n:{request}").as_bytes());
        assert_eq!(
            value,
            format!(
                "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"{response}\""
            )
        );
    }

    #[test]
    fn an_algorithm_of_sessions_takes_the_client_nonce_in() {
        let challenge = "Digest realm=r, nonce=n, algorithm=MD5-sess";
        let value = |nonce| answered(challenge, &User::new("a\"", "p"), "GET /", nonce);
        assert!(value("c").ends_with("algorithm=MD5-sess, cnonce=\"c\""), "{}", value("c"));
        assert!(value("c").starts_with("Digest username=\"a\\\"\","), "{}", value("c"));
        let response = |value: String| value.split("response=").nth(1).unwrap()[..34].to_owned();
        assert_ne!(response(value("c")), response(value("d")));
    }

    #[test]
    fn each_use_of_a_nonce_is_counted() {
        let Some(Challenge::Digest(mut digest)) = strongest(&["Digest realm=r, nonce=n, qop=auth"])
        else {
            panic!("not understood")
        };
        let head = RequestHead::read(b"GET / HTTP/1.1\r\n\r\n");
        let user = User::new("a", "p");
        assert!(digest.answer(&user, &head, "c".into()).contains("nc=00000001"));
        assert!(digest.answer(&user, &head, "c".into()).contains("nc=00000002"));
    }
}

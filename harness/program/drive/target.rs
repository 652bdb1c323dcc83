//! What a run is aimed at.

use std::str::FromStr;

use url::Url;

/// A checked URL of a virtual directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: Url,
    base: String,
    host: String,
    port: u16,
}

/// Why text is no URL of a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It has no scheme.
    #[error("`{0}` has no scheme; write http://{0} or https://{0}")]
    NoScheme(String),
    /// Its scheme is not one of HTTP.
    #[error("`{0}` is neither http:// nor https://")]
    Scheme(String),
    /// It is no URL.
    #[error("`{0}` is no URL: {1}")]
    Malformed(String, String),
    /// It has a query or a fragment, or a user and password.
    #[error("`{0}` has {1}, which the URL of a virtual directory has not")]
    Extra(String, &'static str),
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.contains("://") {
            return Err(TargetError::NoScheme(text.to_owned()));
        }
        let mut url = Url::parse(text)
            .map_err(|error| TargetError::Malformed(text.to_owned(), error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            // Whoever reads the mistake must not read the password.
            let place = text.rsplit_once('@').map_or("", |(_, place)| place);
            let shown = format!("{}://...@{place}", url.scheme());
            return Err(TargetError::Extra(shown, "a user name"));
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TargetError::Scheme(text.to_owned()));
        }
        let extra = |what| Err(TargetError::Extra(text.to_owned(), what));
        if url.query().is_some() {
            return extra("a query");
        }
        if url.fragment().is_some() {
            return extra("a fragment");
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(80);
        Ok(Self { base: url.path().to_owned(), host, port, url })
    }
}

impl Target {
    /// The URL, with a slash at its end.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The path of the virtual directory, with a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Host and port as for `Host`.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The host without brackets, for connecting.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether it speaks TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_ends_in_a_slash() {
        let target: Target = "http://127.0.0.1:8080/upload".parse().unwrap();
        assert_eq!(target.base(), "/upload/");
        assert_eq!(target.authority(), "127.0.0.1:8080");
        let target: Target = "https://[::1]".parse().unwrap();
        assert_eq!((target.base(), target.host(), target.port()), ("/", "::1", 443));
        assert_eq!(target.authority(), "[::1]");
    }

    #[test]
    fn mistakes_say_what_to_write() {
        let told = |text: &str| text.parse::<Target>().unwrap_err().to_string();
        assert_eq!(
            told("127.0.0.1:8080/"),
            "`127.0.0.1:8080/` has no scheme; write http://127.0.0.1:8080/ or https://127.0.0.1:8080/"
        );
        assert!(told("ftp://host/").contains("neither http:// nor https://"));
        assert!(told("http://").contains("no URL"));
        assert!(told("http://h/?x").contains("a query"));
        assert_eq!(
            told("http://me:secret@h/"),
            "`http://...@h/` has a user name, which the URL of a virtual directory has not"
        );
    }
}

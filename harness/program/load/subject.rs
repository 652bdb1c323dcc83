//! Where a benchmark sends its uploads, and whether it may.

use std::{
    net::{SocketAddr, ToSocketAddrs as _},
    time::Duration,
};

use bits_server::store::Durability;

use crate::{
    drive,
    error::Error,
    load::{
        generator::greet,
        usage,
        work::{Names, Target},
    },
    runner::options::fresh_seed,
    subject::{
        allow::require_allowed_host,
        embedded::{Embedded, Folder},
        resolve::start_backend,
    },
};

/// Where uploads are to go.
pub(crate) struct BenchSubject {
    target: Option<drive::Target>,
    names: Names,
    prefix: String,
}

/// Where they do go.
pub(crate) struct ReachedSubject {
    pub(crate) url: String,
    pub(crate) target: Target,
    pub(crate) names: Names,
    pub(crate) prefix: String,
    embedded: Option<Embedded>,
}

impl BenchSubject {
    /// The target of this URL, if it may be loaded, or else the embedded server. `server` is the process that is measured, and
    /// `overwrites` says that uploads may replace each other.
    ///
    /// # Errors
    ///
    /// For a URL that is none, for another machine that nobody has permitted, and for a process that is not there.
    pub(crate) fn of(
        url: Option<&str>,
        allowed: &[String],
        server: Option<u32>,
        overwrites: bool,
    ) -> Result<Self, Error> {
        let target = match url {
            Some(url) => Some(permitted(url, allowed)?),
            None => None,
        };
        if let Some(pid) = server.filter(|pid| usage::of_process(*pid).is_none()) {
            return Err(Error::usage(format!(
                "--profile-server: there is no process {pid} here whose use of the machine can be read"
            )));
        }
        // The embedded server has a directory for it, and files of its own that go away with it.
        let again = overwrites || target.is_none();
        Ok(Self {
            target,
            names: if again { Names::Again } else { Names::Fresh },
            prefix: format!("bitscheck-{:08x}.bench.", fresh_seed()?),
        })
    }

    pub(crate) const fn is_embedded(&self) -> bool {
        self.target.is_none()
    }

    /// Starts the embedded server or finds the target, and makes sure that it takes uploads.
    pub(crate) async fn reach(self, timeout: Duration) -> Result<ReachedSubject, Error> {
        let Self { target, names, prefix } = self;
        let (target, embedded) = match target {
            Some(target) => (target, None),
            None => {
                let application = start_backend(([127, 0, 0, 1], 0).into()).await?;
                let embedded =
                    Embedded::start(None, None, &application, Folder::Usual, Durability::None)
                        .await?;
                let url = embedded.url_of_overwrites().parse();
                let url =
                    url.map_err(|error: drive::TargetError| Error::internal(error.to_string()))?;
                (url, Some(embedded))
            }
        };
        let aimed = ReachedSubject {
            url: target.url().to_string(),
            target: Target {
                address: address(&target)?,
                authority: target.authority(),
                base: target.base().to_owned(),
            },
            names,
            prefix,
            embedded,
        };
        aimed.greet(timeout).await?;
        Ok(aimed)
    }
}

impl ReachedSubject {
    async fn greet(&self, timeout: Duration) -> Result<(), Error> {
        let (target, name) = (self.target.clone(), format!("{}preflight", self.prefix));
        let greeted = tokio::task::spawn_blocking(move || greet(&target, &name, timeout)).await;
        let greeted = greeted
            .map_err(|error| Error::internal(error.to_string()))?
            .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
        greeted.map_err(|trouble| {
            Error::unreachable(format!("{} takes no uploads: {trouble}", self.url))
        })
    }

    /// Takes the embedded server down, with its files.
    pub(crate) async fn stop(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}

/// The target of this URL, if it is this machine or a host that was named.
fn permitted(url: &str, allowed: &[String]) -> Result<drive::Target, Error> {
    let target: drive::Target =
        url.parse().map_err(|error: drive::TargetError| Error::usage(error.to_string()))?;
    if target.is_secure() {
        return Err(Error::usage(
            "bench speaks http:// only: what TLS costs would be measured on both sides at once",
        ));
    }
    require_allowed_host(&target, allowed, "a benchmark is a heavy load")?;
    Ok(target)
}

fn address(target: &drive::Target) -> Result<SocketAddr, Error> {
    let unreachable =
        |error: String| Error::unreachable(format!("cannot find {}: {error}", target.host()));
    let mut found = (target.host(), target.port())
        .to_socket_addrs()
        .map_err(|error| unreachable(error.to_string()))?
        .collect::<Vec<_>>();
    // Servers of `localhost` listen on the old address more often.
    found.sort_by_key(SocketAddr::is_ipv6);
    found.first().copied().ok_or_else(|| unreachable("it has no address".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_have_to_be_named() {
        let may = |url: &str, allowed: &[&str]| {
            let allowed: Vec<_> = allowed.iter().map(|&host| host.to_owned()).collect();
            permitted(url, &allowed).is_ok()
        };
        for own in
            ["http://127.0.0.1/", "http://127.1.2.3:80/", "http://[::1]/", "http://LocalHost/"]
        {
            assert!(may(own, &[]), "{own}");
        }
        for other in ["http://bits.example/", "http://192.0.2.1/", "http://127.0.0.1.example/"] {
            assert!(!may(other, &["another.example"]), "{other}");
        }
        assert!(may("http://bits.example/", &["x", "BITS.example"]));
        assert!(!may("https://127.0.0.1/", &[]));
    }
}

//! How much a server takes on, so that no client can use it up for the others.

use std::time::Duration;

/// The limits of a whole server. What lies beyond each is told at [`Limits::TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time.
    pub connections: u64,
    /// Sessions that are open at a time.
    pub sessions: u64,
    /// Sessions of one user that are open at a time; clients that nobody asked who they are count as one.
    pub sessions_per_user: u64,
    /// Fragments that are being received at a time.
    pub fragments: u64,
    /// Bytes of a request head.
    pub head_bytes: u64,
    /// Fields of a request head.
    pub headers: u64,
    /// Seconds that a connection may take for a request head, or stay without one.
    pub head_timeout: u64,
    /// Seconds in which a body has to make progress.
    pub body_timeout: u64,
    /// Bytes a second that a body has to bring on average over each of those spans.
    pub minimum_rate: u64,
    /// Seconds that a stop waits for requests under way.
    pub drain_timeout: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            sessions: 65_536,
            sessions_per_user: 32_768,
            fragments: 1024,
            // Room for dozens of values that are each longer than the protocol allows, so that they get the protocol's
            // answer and not HTTP's.
            head_bytes: 256 * 1024,
            headers: 256,
            head_timeout: 120,
            body_timeout: 120,
            minimum_rate: 16,
            drain_timeout: 30,
        }
    }
}

/// A limit by its name.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its key in settings.
    pub name: &'static str,
    /// What it counts, and what comes beyond it.
    pub meaning: &'static str,
    /// The least that it can be set to; hyper needs 8 KiB for heads.
    pub least: u64,
    field: fn(&mut Limits) -> &mut u64,
}

const fn row(
    name: &'static str,
    least: u64,
    field: fn(&mut Limits) -> &mut u64,
    meaning: &'static str,
) -> Row {
    Row { name, meaning, least, field }
}

/// A limit that cannot be set so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// There is none of this name.
    #[error("no limit is called `{0}`; there are {names}", names = names())]
    Unknown(String),
    /// It would let nobody in.
    #[error("`{0}` is at least {1}")]
    TooSmall(&'static str, u64),
}

fn names() -> String {
    Limits::TABLE.map(|row| row.name).join(", ")
}

impl Limits {
    /// Every limit.
    pub const TABLE: [Row; 10] = [
        row("connections", 1, |it| &mut it.connections, "connections at a time; others get 503"),
        row("sessions", 1, |it| &mut it.sessions, "open sessions; others get 500, 0x800705AA"),
        row(
            "sessions-per-user",
            1,
            |it| &mut it.sessions_per_user,
            "open sessions of a user, or of all who are not asked; others get 500, 0x800705AA",
        ),
        row(
            "fragments",
            1,
            |it| &mut it.fragments,
            "fragments received at a time; others get 500, 0x800705AA",
        ),
        row("head-bytes", 8192, |it| &mut it.head_bytes, "bytes of a head; beyond them comes 431"),
        row("headers", 1, |it| &mut it.headers, "fields of a head; beyond them comes 431"),
        row(
            "head-timeout",
            1,
            |it| &mut it.head_timeout,
            "seconds to send a head, or to stay idle; then the connection is closed",
        ),
        row(
            "body-timeout",
            1,
            |it| &mut it.body_timeout,
            "seconds in which a body has to make progress; a fragment that does not is cut",
        ),
        row(
            "minimum-rate",
            0,
            |it| &mut it.minimum_rate,
            "bytes a second that are progress, on average over those seconds",
        ),
        row(
            "drain-timeout",
            0,
            |it| &mut it.drain_timeout,
            "seconds that a stop waits for requests under way",
        ),
    ];

    /// The value of a limit.
    #[must_use]
    pub fn value(mut self, row: &Row) -> u64 {
        *(row.field)(&mut self)
    }

    /// Sets a limit by its name, and says how the name is written for good.
    ///
    /// # Errors
    ///
    /// If there is none of this name, or if it would let nobody in.
    pub fn set(&mut self, name: &str, value: u64) -> Result<&'static str, LimitError> {
        let row = Self::TABLE.iter().find(|row| row.name == name);
        let row = row.ok_or_else(|| LimitError::Unknown(name.to_owned()))?;
        if value < row.least {
            return Err(LimitError::TooSmall(row.name, row.least));
        }
        *(row.field)(self) = value;
        Ok(row.name)
    }

    /// What a body has to bring in each span, and how long that is.
    #[must_use]
    pub const fn progress(self) -> (u64, Duration) {
        let span = self.body_timeout;
        let bytes = self.minimum_rate.saturating_mul(span);
        // A span without any byte is no progress at whatever rate.
        (if bytes == 0 { 1 } else { bytes }, Duration::from_secs(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_can_be_set_by_its_name_and_changes_nothing_else() {
        for row in &Limits::TABLE {
            let mut limits = Limits::default();
            assert_eq!(limits.set(row.name, 9999), Ok(row.name));
            for other in &Limits::TABLE {
                let same = other.name != row.name;
                assert_eq!(limits.value(other) == Limits::default().value(other), same);
            }
        }
    }

    #[test]
    fn a_limit_that_nobody_knows_or_that_lets_nobody_in_is_refused() {
        let mut limits = Limits::default();
        let told = limits.set("conections", 5).unwrap_err().to_string();
        assert!(told.contains("`conections`") && told.contains("sessions-per-user"), "{told}");
        assert_eq!(limits.set("sessions", 0), Err(LimitError::TooSmall("sessions", 1)));
        assert_eq!(limits, Limits::default());
    }

    #[test]
    fn progress_is_at_least_a_byte() {
        let limits = Limits { minimum_rate: 0, body_timeout: 5, ..Limits::default() };
        assert_eq!(limits.progress(), (1, Duration::from_secs(5)));
        assert_eq!(Limits::default().progress().0, 1920);
    }
}

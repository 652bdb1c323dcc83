//! Does the target take the credentials that the target file names? A wrong password is no finding against a server, so
//! nothing is judged with one.

use std::{collections::BTreeMap, path::PathBuf};

use bits_judge::{
    plan::{Action, Credentials, DirectoryRole, Plan, Template},
    transcript::{Exchange, Transcript},
};
use bits_wire::{PacketType, Payload, UPLOAD_PROTOCOL, authorization::Bearer, names};

use crate::{
    drive::{Accounts, Driver, Place},
    error::Error,
    subject::preflight,
};

/// The lines of a target file in which users are named: those of directories by their role, that for everywhere by none.
pub(crate) type Lines = BTreeMap<Option<DirectoryRole>, usize>;

/// Credentials that somebody has written down, and may have got wrong.
pub(crate) struct GivenCredentials {
    pub(crate) accounts: Accounts,
    pub(crate) file: PathBuf,
    pub(crate) lines: Lines,
}

impl GivenCredentials {
    /// Opens and cancels a session in the directory of a role, as the user whom the file names for it.
    ///
    /// Where nobody may upload the user is refused as well, which says nothing of the password.
    ///
    /// # Errors
    ///
    /// If the target refuses the credentials, with who named them.
    pub(crate) async fn try_in(
        &self,
        role: DirectoryRole,
        base: &str,
        driver: &Driver,
        prefix: &str,
    ) -> Result<(), Error> {
        let Some(user) = self.accounts.permitted(role) else { return Ok(()) };
        if role == DirectoryRole::Protected {
            return Ok(());
        }
        let prefix = format!("{prefix}credentials.");
        let transcript = driver.drive(&plan(role), &Place::at(base), &prefix).await;
        let Some(status) = refusal(&transcript) else { return Ok(()) };
        Err(Error::unreachable(format!(
            "the target refuses the credentials of `{}`, who is named at {}: a session in {base} is refused with {status}\n\
             look whether name and password are right, and whether this user may upload there; nothing was judged",
            user.name(),
            self.place(role),
        )))
    }

    /// Where the user for a role is named.
    fn place(&self, role: DirectoryRole) -> String {
        let file = self.file.display();
        match (self.lines.get(&Some(role)), self.lines.get(&None)) {
            (Some(line), _) => format!("{file}:{line}, in [target.{}]", role.as_str()),
            (None, Some(line)) => format!("{file}:{line}, in [target]"),
            (None, None) => file.to_string(),
        }
    }
}

/// The status with which a request was refused although it carried the credentials.
fn refusal(transcript: &Transcript) -> Option<String> {
    let carried = |exchange: &&Exchange| Bearer::of(&exchange.request.head) == Some(Bearer::Right);
    // The first one may have been refused for nothing but an old nonce.
    let last = transcript.exchanges.iter().rfind(carried)?;
    let head = &last.answer()?.head;
    (head.status == 401).then(|| head.status_line())
}

/// A session that is cancelled at once: where a server asks nobody for a PING, it does so here.
fn plan(role: DirectoryRole) -> Plan {
    let protocols = (names::SUPPORTED_PROTOCOLS, Template::said(UPLOAD_PROTOCOL));
    let mut steps = vec![
        preflight::packet(&PacketType::CreateSession, &[protocols], Payload::Empty),
        preflight::packet(&PacketType::CancelSession, &[preflight::session()], Payload::Empty),
    ];
    for step in &mut steps {
        if let Action::Send(send) = &mut step.action {
            send.credentials = Credentials::Right;
        }
    }
    Plan { name: "credentials".into(), role, steps, ..Plan::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(lines: &str) -> Option<String> {
        refusal(&lines.parse().unwrap())
    }

    #[test]
    fn only_a_refusal_of_credentials_that_were_sent_is_the_users_mistake() {
        let sent = "> Create-Session; Authorization: Basic <redacted>\n< ";
        assert!(refusal_of(&format!("{sent}401")).unwrap().contains("401"));
        for answer in ["403", "200 Ack", "!reset"] {
            assert_eq!(refusal_of(&format!("{sent}{answer}")), None, "{answer}");
        }
        assert_eq!(refusal_of("> Create-Session\n< 401"), None);
        let wrong = "> Create-Session; Authorization: Basic <redacted: wrong>\n< 401";
        assert_eq!(refusal_of(wrong), None);
    }

    #[test]
    fn a_refusal_for_an_old_nonce_counts_for_nothing_once_the_new_one_is_taken() {
        let sent = "> Create-Session; Authorization: Digest <redacted>\n< ";
        assert_eq!(refusal_of(&format!("{sent}401\n{sent}200 Ack")), None);
    }
}

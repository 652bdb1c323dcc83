//! Where a random session takes place: in which directory, for how many destinations, and before which application.

use super::{
    operation::Act,
    play::Play,
    state::{Session, Standing},
};
use crate::plan::{
    Action, Capability, Credentials, DirectoryRole, Head, Step, Template, Then, Wait, variables,
};

/// Where everything takes place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Scene {
    /// The role of the directory.
    pub(super) role: DirectoryRole,
    /// Whether all uploads have one destination.
    pub(super) rivals: bool,
    /// Whether the directory was named.
    named: bool,
    /// Whether anything else was done, after which nothing is said of the scene.
    begun: bool,
    /// What the server application answers.
    pub(super) play: Option<Play>,
}

impl Scene {
    /// How what sends nothing stands to the protocol, and what nobody can ask for.
    pub(super) fn standing(&self, act: Act, session: &Session) -> Option<Standing> {
        let means_something = match act {
            Act::In(role) => !self.begun && !self.named && role != DirectoryRole::Plain,
            Act::Rivals => !self.begun && !self.rivals,
            Act::Play(play) => notifies(self.role) && self.play != Some(play),
            Act::Wait(time) => self.role == DirectoryRole::ShortTimeout && time > 0,
            Act::GetReply => session.asked,
            _ => return None,
        };
        match (means_something, act) {
            (false, _) => Some(Standing::Leftover),
            (true, Act::GetReply) => None,
            (true, _) => Some(Standing::Legal),
        }
    }

    pub(super) fn apply(&mut self, act: Act, standing: Standing) {
        if standing == Standing::Leftover {
            return;
        }
        match act {
            Act::In(role) => (self.role, self.named) = (role, true),
            Act::Rivals => self.rivals = true,
            Act::Play(play) => (self.play, self.begun) = (Some(play), true),
            _ => self.begun = true,
        }
    }

    /// Whether the server application takes no upload for the time being.
    pub(super) fn refuses(&self) -> bool {
        notifies(self.role) && self.play.is_some_and(|play| !play.succeeds())
    }

    /// Whether requests can go out together there: which of them a call belongs to, nobody could say.
    pub(super) const fn lets_go_behind(&self) -> bool {
        !notifies(self.role) && !matches!(self.role, DirectoryRole::Accounts)
    }

    /// Whether uploads are published there as anywhere, each in a place of its own.
    pub(super) const fn is_simple(&self) -> bool {
        use DirectoryRole::{HostId, NoOverwrite, Overwrite, Plain};
        matches!(self.role, Plain | Overwrite | NoOverwrite | HostId) && !self.rivals
    }

    /// Whether several clients can send at once there, for the same reason.
    pub(super) const fn lets_at_once(&self) -> bool {
        !notifies(self.role)
    }

    /// The words in front of a situation that say where it is.
    pub(super) fn place(&self) -> String {
        let role = match self.role {
            DirectoryRole::Plain => String::new(),
            role => format!("{}: ", role.as_str()),
        };
        if self.rivals { format!("{role}rivals, ") } else { role }
    }

    /// The words behind a situation that say what the application answers.
    pub(super) fn answer(&self, act: Act) -> String {
        match (act, self.play) {
            (Act::Fragment { .. }, Some(play)) => format!(" told {}", play.word()),
            _ => String::new(),
        }
    }
}

/// Whether a server application hears of uploads there.
pub(super) const fn notifies(role: DirectoryRole) -> bool {
    matches!(role, DirectoryRole::ByReference | DirectoryRole::ByValue)
}

/// Whether uploads are taken there from the user whom the harness is.
pub(super) const fn takes_uploads(role: DirectoryRole) -> bool {
    use DirectoryRole::{Disabled, Executable, Protected};
    !matches!(role, Disabled | Protected | Executable)
}

/// What such steps take in a directory of this role.
pub(super) fn needs(role: DirectoryRole, steps: &[Step]) -> Vec<Capability> {
    let mut needs = vec![];
    if notifies(role) {
        needs.push(Capability::Application);
    }
    for step in steps {
        match &step.action {
            Action::Play(plays) => {
                let files = plays.iter().filter(|play| play.file.is_some());
                needs.extend(files.map(|_| Capability::SharedFiles));
                let stalls = plays.iter().filter(|play| play.then == Then::Stall);
                needs.extend(stalls.map(|_| Capability::NotificationTimeout));
            }
            Action::DeleteEntity { .. } => needs.push(Capability::SessionStore),
            Action::Wait(Wait::SessionTimeout(_)) => needs.push(Capability::SessionTimeout),
            Action::Send(send) => {
                if send.credentials != Credentials::None {
                    needs.push(Capability::Credentials);
                }
                if names_maximum(&send.head) {
                    needs.push(Capability::MaximumUploadSize);
                }
            }
            _ => {}
        }
    }
    needs.sort_unstable();
    needs.dedup();
    needs
}

fn names_maximum(head: &Head) -> bool {
    let Head::Made { headers, .. } = head else { return false };
    let mut named = headers.iter().flat_map(|(_, value)| Template::variables(value));
    named.any(|name| name == variables::MAXIMUM || name == variables::OVER_MAXIMUM)
}

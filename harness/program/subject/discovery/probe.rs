//! Which directories a target seems to have, found by a session that is opened and cancelled.

use bits_judge::{
    plan::{DirectoryRole, Plan, Template},
    transcript::{Answer, Transcript},
};
use bits_wire::{Hresult, PacketType, Payload, UPLOAD_PROTOCOL, names};

use crate::{
    drive::{Driver, Place, Target},
    subject::preflight::{Seen, packet, session},
};

/// More bytes than any directory with a maximum takes.
const HUGE: &str = "bytes 0-0/1000000000000000";

/// What was found out about a target.
pub(crate) struct Found {
    pub(crate) target: Target,
    /// What the preflight saw.
    pub(crate) seen: Seen,
    /// Each role but that of the URL itself.
    pub(crate) roles: Vec<(DirectoryRole, Finding)>,
}

/// What was found out about the directory of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Where it was looked for.
    pub(crate) path: String,
    /// What answers there, if it is a directory of that role.
    pub(crate) answers: Option<Answers>,
}

impl Finding {
    pub(crate) const fn is_found(&self) -> bool {
        self.answers.is_some()
    }
}

/// How a directory answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    /// The status of CREATE-SESSION, if it was answered.
    pub(crate) status: Option<u16>,
    /// Whether that answer has BITS headers.
    pub(crate) is_bits: bool,
    /// Whether it was refused because the directory may run scripts or programs.
    pub(crate) executes: bool,
    /// Whether a session was created.
    pub(crate) creates: bool,
    /// Whether a very large upload is refused as too large.
    pub(crate) limits: bool,
    /// The host that it names.
    pub(crate) host_id: Option<String>,
    /// The seconds after which clients return from there.
    pub(crate) host_id_fallback_timeout: Option<u64>,
}

/// Looks for a directory of each role beside `base`.
///
/// A server may answer alike wherever one asks. So one directory is asked that cannot be there: what it shows as well
/// is no sign.
pub(crate) async fn roles(
    driver: &Driver,
    base: &str,
    prefix: &str,
) -> Vec<(DirectoryRole, Finding)> {
    let parent = parent(base);
    let nowhere = format!("{parent}{}-is-nowhere/", prefix.trim_end_matches('.'));
    let nowhere = ask(driver, &nowhere, prefix).await;
    let mut found = Vec::new();
    for role in DirectoryRole::ALL.into_iter().filter(|role| *role != DirectoryRole::Plain) {
        let path = format!("{parent}{}/", role.as_str());
        let answers = ask(driver, &path, prefix).await;
        let is_found = path != base && answers.are_a_sign_of(role, &nowhere);
        found.push((role, Finding { path, answers: is_found.then_some(answers) }));
    }
    found
}

/// Whether a directory of this role answers like any other that takes uploads, so that only its name tells.
pub(crate) const fn is_known_by_name(role: DirectoryRole) -> bool {
    use DirectoryRole::{
        ByReference, ByValue, NoOverwrite, Overwrite, Plain, ShortTimeout, SmallDisk,
    };
    matches!(
        role,
        Plain | NoOverwrite | Overwrite | ByReference | ByValue | ShortTimeout | SmallDisk
    )
}

/// The path of the directory above, with a slash at its end.
fn parent(base: &str) -> &str {
    let inner = base.trim_end_matches('/');
    inner.rfind('/').map_or("/", |slash| &inner[..=slash])
}

async fn ask(driver: &Driver, path: &str, prefix: &str) -> Answers {
    let transcript = driver.drive(&plan(), &Place::at(path), &format!("{prefix}init.")).await;
    Answers::of(&transcript)
}

/// The step of the plan that creates a session.
const CREATE: usize = 1;
/// The step of the plan that announces a very large upload.
const ANNOUNCE: usize = 2;

fn plan() -> Plan {
    let protocols = (names::SUPPORTED_PROTOCOLS, Template::said(UPLOAD_PROTOCOL));
    let huge = (names::CONTENT_RANGE, Template::said(HUGE));
    let byte = Payload::Bytes(b"x".to_vec());
    let steps = vec![
        packet(&PacketType::Ping, &[], Payload::Empty),
        packet(&PacketType::CreateSession, &[protocols], Payload::Empty),
        packet(&PacketType::Fragment, &[session(), huge], byte),
        packet(&PacketType::CancelSession, &[session()], Payload::Empty),
    ];
    Plan { name: "init".into(), title: "a session, cancelled".into(), steps, ..Plan::default() }
}

impl Answers {
    fn of(transcript: &Transcript) -> Self {
        let answer = |step: usize| {
            let mut latest = transcript.exchanges.iter().rev();
            latest.find(|exchange| exchange.step == step).and_then(|exchange| exchange.answer())
        };
        let error =
            |answer: &Answer| answer.head.headers.first(names::ERROR).and_then(Hresult::read);
        let limits = answer(ANNOUNCE).and_then(error) == Some(Hresult::TOO_LARGE);
        let Some(created) = answer(CREATE) else { return Self::default() };
        let headers = &created.head.headers;
        let host_id = headers.first(names::HOST_ID).filter(|host| !host.is_empty());
        let fallback = headers.first(names::HOST_ID_FALLBACK_TIMEOUT);
        Self {
            status: Some(created.head.status),
            executes: error(created) == Some(Hresult::SERVER_EXECUTE_ENABLE),
            is_bits: created.speaks_bits(),
            creates: matches!(created.head.status, 200 | 201) && headers.has(names::SESSION_ID),
            limits,
            host_id: host_id.map(str::to_owned),
            host_id_fallback_timeout: fallback.and_then(|seconds| seconds.parse().ok()),
        }
    }

    /// Whether these answers say that there is a directory of this role, given what comes from where there is none.
    /// A BITS layer that takes no uploads anywhere else has uploads switched off there: that is all that is asked.
    fn are_a_sign_of(&self, role: DirectoryRole, nowhere: &Self) -> bool {
        let is_plain_enough =
            role == DirectoryRole::Disabled && self.status == Some(501) && self.is_bits;
        self.show(role) && (is_plain_enough || !nowhere.show(role))
    }

    /// Whether a directory of this role answers so.
    fn show(&self, role: DirectoryRole) -> bool {
        match role {
            _ if is_known_by_name(role) => self.creates,
            DirectoryRole::MaxSize => self.limits,
            DirectoryRole::HostId => self.creates && self.host_id.is_some(),
            DirectoryRole::Disabled => {
                self.status == Some(501) || (self.status == Some(404) && self.is_bits)
            }
            DirectoryRole::Executable => self.executes,
            DirectoryRole::Accounts => self.status == Some(401),
            DirectoryRole::Protected => self.status == Some(403) && self.is_bits && !self.executes,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(create: &str, announce: &str) -> Answers {
        let text = format!(
            "> Ping\n< 200 Ack\n> Create-Session\n< {create}\n> Fragment\n< {announce}\n> Cancel-Session\n< 200 Ack"
        );
        Answers::of(&text.parse().unwrap())
    }

    fn shown(create: &str, announce: &str) -> Vec<&'static str> {
        let answers = answers(create, announce);
        let shown = DirectoryRole::ALL.into_iter().filter(|role| answers.show(*role));
        shown.map(DirectoryRole::as_str).collect()
    }

    const CREATED: &str = "200 Ack; BITS-Session-Id: {1}";
    const ANY: [&str; 7] = [
        "plain",
        "no-overwrite",
        "overwrite",
        "small-disk",
        "by-reference",
        "by-value",
        "short-timeout",
    ];

    #[test]
    fn each_role_has_its_sign() {
        assert_eq!(shown(CREATED, "200 Ack"), ANY);
        let limited = shown(CREATED, "500 Ack; BITS-Error: 0x80200020");
        assert!(limited.contains(&"max-size"), "{limited:?}");
        let host = shown(&format!("{CREATED}; BITS-Host-Id: h"), "200 Ack");
        assert!(host.contains(&"host-id"), "{host:?}");
        assert_eq!(shown("501", "500"), ["disabled"]);
        assert_eq!(shown("404 Ack", "500"), ["disabled"]);
        assert_eq!(shown("401", "500"), ["accounts"]);
        assert_eq!(shown("403 Ack", "500"), ["protected"]);
        assert_eq!(shown("403 Ack; BITS-Error: 0x80200023", "500"), ["executable"]);
        for none in ["404", "403", "200 Ack", "400 Ack", "!closed"] {
            assert_eq!(shown(none, "500 Ack"), [""; 0], "{none}");
        }
    }

    #[test]
    fn what_comes_from_nowhere_as_well_is_no_sign() {
        let sign = |role, here: &str, nowhere: &str| {
            answers(here, "500 Ack").are_a_sign_of(role, &answers(nowhere, "500 Ack"))
        };
        assert!(sign(DirectoryRole::Overwrite, CREATED, "404"));
        assert!(!sign(DirectoryRole::Overwrite, CREATED, CREATED));
        assert!(!sign(DirectoryRole::Accounts, "401", "401"));
        assert!(sign(DirectoryRole::Disabled, "501 Ack", "501 Ack"));
        assert!(!sign(DirectoryRole::Disabled, "501", "501"));
    }

    #[test]
    fn the_host_and_its_time_are_taken_over() {
        let create = format!("{CREATED}; BITS-Host-Id: h; BITS-Host-Id-Fallback-Timeout: 110");
        let answers = answers(&create, "200 Ack");
        assert_eq!(answers.host_id.as_deref(), Some("h"));
        assert_eq!(answers.host_id_fallback_timeout, Some(110));
    }

    #[test]
    fn siblings_stand_beside_the_directory() {
        for (base, above) in [("/plain/", "/"), ("/a/b/", "/a/"), ("/", "/")] {
            assert_eq!(parent(base), above);
        }
    }
}

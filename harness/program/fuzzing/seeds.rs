//! Seeds for the corpora, from the scenarios that are shipped and from sessions that a seed makes.

use std::collections::BTreeSet;

use bits_judge::{
    model,
    plan::{Capability, seed_of},
    scenario::{LoadError, Scenario},
};
use bits_server::settings;
use bits_wire::{Headers, names, text};

use super::{operations, rehearsal};

/// An input to begin with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seed {
    /// The target that it is for.
    pub target: &'static str,
    /// Its name, which says where it is from.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One scenario in so many is a seed as a whole; the values of all of them are.
const ONE_IN: u64 = 8;

/// The most bytes of a seed.
const LARGEST: usize = 8 * 1024;

/// The longest body that is sent to make a seed, in bytes.
const LONGEST_BODY: u64 = 2048;

/// How many random sessions are seeds.
const SESSIONS: u64 = 16;

/// Every seed that is made, sorted, none twice.
///
/// # Errors
///
/// If a scenario cannot be read; the tests see to it that none is.
pub fn seeds() -> Result<Vec<Seed>, LoadError> {
    let mut seeds = BTreeSet::new();
    let mut values = Values::default();
    for scenario in crate::scenarios::library()? {
        let Ok(plan) = scenario.plan(&Capability::ALL, None) else { continue };
        let played = rehearsal::play(&plan, rehearsal::server(), LONGEST_BODY);
        for exchange in &played.transcript.exchanges {
            let answered = exchange.answer().map(|answer| &answer.head);
            values.note(&exchange.request.head.headers);
            values.paths.insert(exchange.request.head.target.clone());
            values.heads.insert(exchange.request.head.raw.clone());
            if let Some(head) = answered {
                values.note(&head.headers);
                values.answers.insert([b"g", head.raw.as_slice()].concat());
            }
        }
        // By its name, so that the others stay when one is added.
        if seed_of(scenario.name(), "").is_multiple_of(ONE_IN) {
            of_scenario(&scenario, &played, &mut seeds);
        }
    }
    values.put(&mut seeds);
    for case in 0..SESSIONS {
        let operations = model::session(0, case);
        let name = format!("session-{case:02}");
        put("session_machine", &name, &operations::write(&operations), &mut seeds);
    }
    let settings = own_ends(settings::ALL_ROLES_TEXT);
    put("server_settings", "all-roles", settings.as_bytes(), &mut seeds);
    let printed = settings::print(&settings::all_roles(), "x", &Default::default());
    put("server_settings", "printed", printed.as_bytes(), &mut seeds);
    Ok(seeds.into_iter().collect())
}

fn of_scenario(scenario: &Scenario, played: &rehearsal::Played, seeds: &mut BTreeSet<Seed>) {
    let name = scenario.name().replace('/', ".");
    let transcript = played.transcript.to_string();
    put("scenario_yaml", &name, own_ends(scenario.text()).as_bytes(), seeds);
    put("server_connection", &name, &played.bytes, seeds);
    put("transcript_notation", &name, transcript.as_bytes(), seeds);
    put("judged_notation", &name, transcript.as_bytes(), seeds);
}

/// A text of this project with its own line ends, whatever a checkout has made of them.
fn own_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn put(target: &'static str, name: &str, bytes: &[u8], seeds: &mut BTreeSet<Seed>) {
    if !bytes.is_empty() && bytes.len() <= LARGEST {
        seeds.insert(Seed { target, name: name.to_owned(), bytes: bytes.to_vec() });
    }
}

/// What stands in requests and answers.
#[derive(Default)]
struct Values {
    ranges: BTreeSet<String>,
    downloads: BTreeSet<String>,
    ids: BTreeSet<String>,
    errors: BTreeSet<String>,
    packets: BTreeSet<String>,
    paths: BTreeSet<String>,
    heads: BTreeSet<Vec<u8>>,
    answers: BTreeSet<Vec<u8>>,
}

impl Values {
    fn note(&mut self, headers: &Headers) {
        for (name, values) in [
            (names::CONTENT_RANGE, &mut self.ranges),
            ("Range", &mut self.downloads),
            (names::SESSION_ID, &mut self.ids),
            (names::ERROR, &mut self.errors),
            (names::PACKET_TYPE, &mut self.packets),
        ] {
            values.extend(headers.all(name).map(str::to_owned));
        }
        self.ids.extend(headers.all(names::SUPPORTED_PROTOCOLS).map(str::to_owned));
    }

    fn put(&self, seeds: &mut BTreeSet<Seed>) {
        let texts = [
            ("content_range", &self.ranges),
            ("guid", &self.ids),
            ("hresult", &self.errors),
            ("header_values", &self.packets),
            ("request_path", &self.paths),
        ];
        for (target, values) in texts {
            let values: Vec<Vec<u8>> = values.iter().map(|value| text::to_bytes(value)).collect();
            spread(target, &values, seeds);
        }
        let downloads: Vec<Vec<u8>> = self
            .downloads
            .iter()
            .map(|value| [&[0x03, 0xE8], text::to_bytes(value).as_slice()].concat())
            .collect();
        spread("download_ranges", &downloads, seeds);
        let heads: Vec<Vec<u8>> = self.heads.iter().cloned().collect();
        spread("request_head", &heads, seeds);
        let answers: Vec<Vec<u8>> = self.answers.iter().cloned().collect();
        spread("http_answer", &answers, seeds);
    }
}

/// At most a dozen values, from everywhere in the list.
fn spread(target: &'static str, values: &[Vec<u8>], seeds: &mut BTreeSet<Seed>) {
    const MOST: usize = 12;
    let small: Vec<&Vec<u8>> = values.iter().filter(|value| value.len() <= 1024).collect();
    for (at, value) in small.iter().step_by(small.len() / MOST + 1).enumerate() {
        put(target, &format!("value-{at:02}"), value, seeds);
    }
}

//! Scenarios as a whole: what is read, what is refused and how, and the schema and the library that are shipped.

use std::path::PathBuf;

use bits_wire::{PacketType, Payload, payload::Digest};
use insta::assert_snapshot;

use super::*;
use crate::plan::{Action, Capture, Credentials, Head, Play, Send, Template, Then};

fn read(body: &str) -> Scenario {
    let text = format!("title: x\nfile: {{ size: 20 }}\nsteps:\n{body}");
    Scenario::read("theme/name", &text).unwrap_or_else(|error| panic!("{error}"))
}

fn plan(body: &str) -> Plan {
    read(body).plan(&[], None).unwrap()
}

fn refusal(text: &str) -> LoadError {
    Scenario::read("theme/name.yaml", text).expect_err("this is refused")
}

fn refused_steps(body: &str) -> LoadError {
    refusal(&format!("title: x\nfile: {{ size: 20 }}\nsteps:\n{body}"))
}

fn sent(plan: &Plan, at: usize) -> &Send {
    match &plan.steps[at].action {
        Action::Send(send) => send,
        other => panic!("{other:?}"),
    }
}

fn fill(template: &Template) -> String {
    let value = |name: &str| match name {
        "host" => Some("h"),
        "base" => Some("/up/"),
        "prefix" => Some("p-"),
        "session" => Some("{1}"),
        "b" => Some("{2}"),
        _ => None,
    };
    template.fill(value).unwrap()
}

/// The head as it goes out.
fn head(send: &Send) -> String {
    match &send.head {
        Head::Raw(template) => fill(template),
        Head::Made { method, target, version, headers } => {
            let mut text = format!("{} {} {version}\n", fill(method), fill(target));
            for (name, value) in headers {
                text.push_str(&format!("{name}: {}\n", fill(value)));
            }
            text.replace(env!("CARGO_PKG_VERSION"), "(version)")
        }
    }
}

#[test]
fn packets_have_the_headers_of_the_traces() {
    let plan = plan("  - create-session\n  - fragment: 0-9\n  - close-session\n");
    assert_snapshot!(head(sent(&plan, 0)), @"
    BITS_POST /up/p-session HTTP/1.1
    Host: h
    Accept: */*
    User-Agent: bitscheck/(version)
    BITS-Packet-Type: Create-Session
    BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}
    Content-Length: 0
    Connection: Keep-Alive
    ");
    assert_snapshot!(head(sent(&plan, 1)), @"
    BITS_POST /up/p-session HTTP/1.1
    Host: h
    Accept: */*
    User-Agent: bitscheck/(version)
    BITS-Packet-Type: Fragment
    BITS-Session-Id: {1}
    Content-Range: bytes 0-9/20
    Content-Length: 10
    Connection: Keep-Alive
    ");
    assert_eq!(plan.steps[0].captures, [Capture::verbatim("session", "BITS-Session-Id")]);
    assert_eq!(plan.steps[1].line, 5);
    assert_eq!(sent(&plan, 1).body.length(), 10);
}

#[test]
fn written_headers_replace_defaults_in_place() {
    let plan = plan(
        "  - ping: { headers: { bits-packet-TYPE: PING, Connection: null, Accept: [a, b], X: '1' } }\n",
    );
    assert_snapshot!(head(sent(&plan, 0)), @"
    BITS_POST /up/p-session HTTP/1.1
    Host: h
    Accept: a
    Accept: b
    User-Agent: bitscheck/(version)
    bits-packet-TYPE: PING
    Content-Length: 0
    X: 1
    ");
}

#[test]
fn downloads_and_free_requests_have_no_packet_headers() {
    let plan = plan(
        "  - get: 0-9\n  - send: { method: POST, to: f, headers: { Host: '${host}' } }\n  - raw: \"A ${path}\\r\\n\"\n",
    );
    assert_snapshot!(head(sent(&plan, 0)), @"
    GET /up/p-session HTTP/1.1
    Host: h
    Accept: */*
    User-Agent: bitscheck/(version)
    Range: bytes=0-9
    Connection: Keep-Alive
    ");
    assert_snapshot!(head(sent(&plan, 1)), @"
    POST /up/p-f HTTP/1.1
    Host: h
    ");
    assert_eq!(head(sent(&plan, 2)), "A /up/p-session\r\n");
}

#[test]
fn sessions_have_variables_files_and_content_of_their_own() {
    let plan = plan(
        "  - create-session: { session: b }\n  - fragment: { session: b, range: 0-19 }\n  - create-session\n  - fragment: 0-19\n  - fragment: { range: 0-19, seed: 7 }\n",
    );
    assert!(head(sent(&plan, 1)).contains("BITS-Session-Id: {2}"));
    assert!(head(sent(&plan, 1)).starts_with("BITS_POST /up/p-b "));
    assert_ne!(sent(&plan, 1).body, sent(&plan, 3).body);
    assert_eq!(sent(&plan, 4).body, Payload::Pattern { seed: 7, offset: 0, length: 20 });
}

#[test]
fn loops_are_written_out() {
    let plan = plan(
        "  - create-session\n  - for-each: { as: x, range: { from: 0, to: 15, step: 5 }, steps: [fragment: '${x}-${x+4}'] }\n  - repeat: { times: 2, steps: [ping] }\n",
    );
    let offsets: Vec<_> = (1..5)
        .map(|at| match sent(&plan, at).body {
            Payload::Pattern { offset, length, .. } => (offset, length),
            _ => panic!("no pattern"),
        })
        .collect();
    assert_eq!(offsets, [(0, 5), (5, 5), (10, 5), (15, 5)]);
    assert_eq!(plan.steps.len(), 7);
}

#[test]
fn a_condition_is_settled_when_the_plan_is_made() {
    let scenario = read("  - ping\n  - when: { has: read-back, steps: [get] }\n");
    assert_eq!(scenario.plan(&[], None).unwrap().steps.len(), 1);
    assert_eq!(scenario.plan(&[Capability::ReadBack], None).unwrap().steps.len(), 2);
}

#[test]
fn what_is_captured_under_a_condition_is_known_only_under_it() {
    let inside = "  - when: { has: read-back, steps: [create-session, close-session] }\n";
    read(inside);
    let error = refused_steps(&format!("{inside}  - close-session\n"));
    assert!(matches!(*error.kind, LoadErrorKind::UnknownVariable { .. }));
}

#[test]
fn a_file_on_disk_is_taken_when_the_plan_is_made() {
    let text = "title: x\nfile: { path: big.iso }\nsteps:\n  - create-session\n  - fragment: 0-9\n";
    let scenario = Scenario::read("theme/name", text).unwrap();
    assert_eq!(scenario.file_path(), Some("big.iso"));
    let file = |size| {
        Some(Arc::new(LocalFile { path: PathBuf::from("x"), size, digest: Digest::of(b"") }))
    };
    let plan = scenario.plan(&[], file(30)).unwrap();
    assert!(head(sent(&plan, 1)).contains("Content-Range: bytes 0-9/30"));
    assert!(matches!(sent(&plan, 1).body, Payload::File { length: 10, .. }));
    let refused = |file| scenario.plan(&[], file).expect_err("refused").kind;
    assert_eq!(*refused(None), LoadErrorKind::FileNotRead("big.iso".into()));
    assert!(matches!(*refused(file(9)), LoadErrorKind::OutsideFile { size: 9, .. }));
}

#[test]
fn an_unknown_key_is_shown_with_those_that_there_are() {
    assert_snapshot!(refused_steps("  - ping: { sesion: b }\n"), @r"
     × theme/name.yaml:4: unknown field `sesion`, expected one of headers, method, version, session, to, path,
     │ body, connection, new-connection, cut, by, slowly, bytes-per-second, split-head, stall, expect-continue,
     │ credentials, expect, capture, note
      ╭─[theme/name.yaml:4:13]
    3 │ steps:
    4 │   - ping: { sesion: b }
      ·             ───┬──
      ·                ╰── here
      ╰────
    ");
}

#[test]
fn a_misspelt_step_is_shown_with_those_that_there_are() {
    assert_snapshot!(refused_steps("  - pong\n"), @r"
     × theme/name.yaml:4: unknown variant `pong`, expected one of create-session, fragment, ping, close-
     │ session, cancel-session, get, head, get-reply, head-reply, send, raw, application, application-in-turn,
     │ delete-entity, wait, repeat, for-each, when, lanes, barrier, pipeline, server
      ╭─[theme/name.yaml:4:5]
    3 │ steps:
    4 │   - pong
      ·     ──┬─
      ·       ╰── here
      ╰────
    ");
}

#[test]
fn a_range_outside_the_file_is_shown_with_a_way_out() {
    assert_snapshot!(refused_steps("  - create-session\n  - fragment: 10-20\n"), @r"
     × theme/name.yaml:5: the range 10-20 does not lie in the file, which has 20 bytes
      ╭─[theme/name.yaml:5:15]
    4 │   - create-session
    5 │   - fragment: 10-20
      ·               ──┬──
      ·                 ╰── here
      ╰────
     help: give the step a `total` of its own or `beyond: true`, if that is meant
    ");
    let meant = "  - create-session\n  - fragment: { range: 10-20, total: 21 }\n  - fragment: { range: 30-39, beyond: true }\n";
    assert!(head(sent(&plan(meant), 2)).contains("Content-Range: bytes 30-39/20"));
}

#[test]
fn a_loop_of_a_billion_is_refused_before_it_begins() {
    assert_snapshot!(refused_steps("  - repeat: { times: 1000000000, steps: [ping] }\n"), @r"
     × theme/name.yaml:4: with its loops written out the scenario has 1000000000 steps, more than 10000
      ╭─[theme/name.yaml:4:5]
    3 │ steps:
    4 │   - repeat: { times: 1000000000, steps: [ping] }
      ·     ──────────────────────┬─────────────────────
      ·                           ╰── here
      ╰────
    ");
    for body in [
        "  - for-each: { as: x, range: { from: 0, to: 18446744073709551615 }, steps: [ping] }\n",
        "  - repeat: { times: 101, steps: [{ repeat: { times: 100, steps: [ping] } }] }\n",
    ] {
        assert!(matches!(*refused_steps(body).kind, LoadErrorKind::TooManySteps(_)), "{body}");
    }
    let nothing = "  - repeat: { times: 1000000000, steps: [] }\n";
    assert_eq!(*refused_steps(nothing).kind, LoadErrorKind::NoSteps);
}

#[test]
fn an_unknown_variable_is_shown_with_those_that_there_are() {
    assert_snapshot!(
        refused_steps("  - create-session\n  - ping:\n      headers:\n        X-Note: a ${sesion} b\n"),
        @r"
     × theme/name.yaml:7: nothing before this gives `sesion` a value
      ╭─[theme/name.yaml:7:17]
    6 │       headers:
    7 │         X-Note: a ${sesion} b
      ·                 ──────┬──────
      ·                       ╰── here
      ╰────
     help: known here: host, base, prefix, session
    "
    );
}

#[test]
fn an_id_that_is_none_is_shown() {
    assert_snapshot!(refusal("title: x\nclauses: [BUP-2.2.6]\nsteps: [ping]\n"), @r"
     × theme/name.yaml:2: `BUP-2.2.6` is no id of a clause
      ╭─[theme/name.yaml:2:11]
    1 │ title: x
    2 │ clauses: [BUP-2.2.6]
      ·           ────┬────
      ·               ╰── here
    3 │ steps: [ping]
      ╰────
     help: ids look like BUP-3.2.5.2.6-01 or W32-fragment-01
    ");
    let kind = refusal("title: x\npoints: [E22]\nsteps: [ping]\n").kind;
    assert_eq!(*kind, LoadErrorKind::PointId("E22".into()));
}

#[test]
fn an_unclosed_brace_is_shown() {
    assert_snapshot!(refused_steps("  - ping: { headers: { X-Note: 'a ${session' } }\n"), @r"
     × theme/name.yaml:4: `${` without a closing brace in `a ${session`
      ╭─[theme/name.yaml:4:32]
    3 │ steps:
    4 │   - ping: { headers: { X-Note: 'a ${session' } }
      ·                                ──────┬──────
      ·                                      ╰── here
      ╰────
    ");
}

#[test]
fn other_mistakes_have_their_names() {
    type Kind = LoadErrorKind;
    type Case = (&'static str, fn(&Kind) -> bool);
    let cases: [Case; 12] = [
        ("  - fragment: 0-9\n", |kind| matches!(kind, Kind::UnknownVariable { .. })),
        ("  - delete-entity\n", |kind| matches!(kind, Kind::Needs(Capability::SessionStore))),
        ("  - ping: { session: host }\n", |kind| matches!(kind, Kind::Name(_))),
        ("  - ping: { session: '${host}' }\n", |kind| matches!(kind, Kind::NotKnownYet(_))),
        ("  - ping: { to: a, path: b }\n", |kind| matches!(kind, Kind::Pointless("to"))),
        ("  - ping: { body: { hex: '0' } }\n", |kind| matches!(kind, Kind::Hex)),
        ("  - ping: { headers: { X: \"a\\r\\nb\" } }\n", |kind| matches!(kind, Kind::LineBreak)),
        ("  - ping: { headers: { X: 5 } }\n", |kind| matches!(kind, Kind::Shape(_))),
        ("  - ping: { expect: { status: 99 } }\n", |kind| matches!(kind, Kind::Status(99))),
        ("  - send: {}\n", |kind| matches!(kind, Kind::NoMethod)),
        ("  - get: abc\n", |kind| matches!(kind, Kind::RangeForm(_))),
        ("  - for-each: { as: x-1, in: [a], steps: [ping] }\n", |kind| {
            matches!(kind, Kind::Name(_))
        }),
    ];
    for (body, right) in cases {
        let error = refused_steps(body);
        assert!(right(&error.kind), "{body}{error}");
        assert!(error.place.is_some(), "{body}");
    }
}

#[test]
fn sizes_are_limited() {
    let long = "  - ping: { headers: { X: { text: a, times: 1048577 } } }\n";
    assert_eq!(*refused_steps(long).kind, LoadErrorKind::BodyTooLong(1_048_577));
    let often = "  - repeat: { times: 17, steps: [{ ping: { headers: { X: { text: a, times: 1048576 } } } }] }\n";
    assert_eq!(*refused_steps(often).kind, LoadErrorKind::TooManyBytes);
    let file = |size: &str| format!("title: x\nfile: {{ size: {size} }}\nsteps: [ping]\n");
    assert!(Scenario::read("a", &file("9223372036854775808")).is_ok());
    assert!(matches!(*refusal(&file("9223372036854775809")).kind, LoadErrorKind::FileSize(_)));
}

fn json(text: &str) -> serde_json::Value {
    serde_saphyr::from_str_with_options(text, yaml()).unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// The scenarios that the program ships.
fn shipped() -> Vec<Scenario> {
    let folders = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = folders
        .filter(|path| path.is_dir())
        .flat_map(|theme| std::fs::read_dir(theme).unwrap().map(|entry| entry.unwrap().path()));
    files
        .map(|path| {
            let name = path.strip_prefix(folder()).unwrap().with_extension("");
            let name = name.to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(&path).unwrap();
            Scenario::read(&name, &text).unwrap_or_else(|error| panic!("{error}"))
        })
        .collect()
}

#[test]
fn the_schema_that_is_shipped_is_the_one_of_the_types() {
    let path = folder().join("scenario.schema.json");
    let mut made = serde_json::to_string_pretty(&schema()).unwrap();
    made.push('\n');
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let shipped = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    assert_eq!(shipped, made, "UPDATE_EXPECT=1 writes it anew");
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for text in [
        "steps: [ping]",
        "title: x\nsteps: [pong]",
        "title: x\nsteps: [fragment]",
        "title: x\nsteps: [{ ping: { sesion: b } }]",
        "title: x\nsteps: [{ ping: { headers: { X: 5 } } }]",
        "title: x\nsteps: [{ fragment: {} }]",
        "title: x\nrole: plian\nsteps: [ping]",
    ] {
        let value: serde_json::Value = json(text);
        assert!(!validator.is_valid(&value), "{text}");
        assert!(Scenario::read("a", text).is_err(), "{text}");
    }
}

#[test]
fn every_scenario_that_is_shipped_is_valid() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let all = shipped();
    assert!(!all.is_empty());
    for scenario in &all {
        let value: serde_json::Value = json(scenario.text());
        let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{}", scenario.name());
        let first = scenario.text().lines().next();
        let pointer = "# yaml-language-server: $schema=../scenario.schema.json";
        assert_eq!(first, Some(pointer), "{}", scenario.name());
    }
}

/// The sessions that the packets of a plan open and do not end, by their variables.
fn left_open(plan: &Plan) -> Vec<String> {
    let mut open = Vec::new();
    for step in &plan.steps {
        let Action::Send(send) = &step.action else { continue };
        let Head::Made { headers, .. } = &send.head else { continue };
        let value = |name: &str| {
            headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let word = value("BITS-Packet-Type").map(fill).unwrap_or_default();
        if matches!(PacketType::read(&word), PacketType::CloseSession | PacketType::CancelSession) {
            let ended: Vec<_> =
                value("BITS-Session-Id").into_iter().flat_map(Template::variables).collect();
            open.retain(|name: &String| !ended.contains(&name.as_str()));
        }
        open.extend(
            step.captures
                .iter()
                .filter(|it| it.header == "BITS-Session-Id")
                .map(|it| it.variable.clone()),
        );
    }
    open
}

#[test]
fn no_scenario_leaves_a_session_behind() {
    for scenario in shipped() {
        let refused = matches!(
            scenario.role(),
            DirectoryRole::Protected | DirectoryRole::Disabled | DirectoryRole::Executable
        );
        let of_nobody = |left: &[String]| {
            scenario.role() == DirectoryRole::Accounts && left.iter().all(|name| name == "nobody")
        };
        let plan = scenario.plan(&[Capability::ReadBack, Capability::SessionStore], None).unwrap();
        let left = left_open(&plan);
        assert!(refused || of_nobody(&left) || left.is_empty(), "{}: {left:?}", scenario.name());
    }
}

/// What no clause asks is no reason to call a server broken.
#[test]
fn the_shipped_scenarios_expect_nothing_of_its_own() {
    for scenario in shipped() {
        let plan = scenario.plan(&[Capability::ReadBack, Capability::SessionStore], None).unwrap();
        assert!(plan.steps.iter().all(|step| step.expect.is_none()), "{}", scenario.name());
    }
}

#[test]
fn every_id_in_the_shipped_scenarios_is_in_a_table() {
    for scenario in shipped() {
        assert_eq!(scenario.unknown_ids(), [""; 0], "{}", scenario.name());
    }
}

#[test]
fn the_application_answers_as_it_is_written() {
    let text = "title: t\nrole: by-value\nneeds: [application]\nfile: { size: 4 }\nsteps:\n\
        \x20 - application-in-turn:\n      - { status: 503, wait: 0.5 }\n      - { static-url: \"${application}r\", copy: true, headers: { X: [a, b] }, body: { text: ok }, cut: 1, then: close }\n\
        \x20 - create-session\n  - fragment: 0-3\n  - get-reply\n";
    let plan = Scenario::read("theme/name", text).unwrap().plan(&[], None).unwrap();
    let Action::Play(plays) = &plan.steps[0].action else { panic!("{:?}", plan.steps[0]) };
    let fill = |play: &Play| play.head.as_ref().unwrap().fill(|_| Some("http://a/")).unwrap();
    assert_eq!(fill(&plays[0]), "HTTP/1.1 503 Failed\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(plays[0].wait, std::time::Duration::from_millis(500));
    assert_eq!(
        fill(&plays[1]),
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nBITS-Static-Response-URL: http://a/r\r\n\
         BITS-Copy-File-To-Destination: true\r\nConnection: close\r\nX: a\r\nX: b\r\n\r\n"
    );
    assert_eq!((plays[1].cut, plays[1].then), (Some(1), Then::Close));
    let Action::Send(send) = &plan.steps[3].action else { panic!("{:?}", plan.steps[3]) };
    let Head::Made { target, .. } = &send.head else { panic!("{send:?}") };
    assert_eq!(*target, Template::variable("session-reply"));
}

#[test]
fn what_an_application_takes_has_to_be_asked_for() {
    let refused = |needs: &str, answer: &str| {
        let text = format!("title: t\nneeds: [{needs}]\nsteps:\n  - application: {answer}\n");
        *Scenario::read("theme/name", &text).unwrap_err().kind
    };
    let needs = LoadErrorKind::Needs;
    assert_eq!(refused("", "{}"), needs(Capability::Application));
    assert_eq!(refused("application", "{ then: stall }"), needs(Capability::NotificationTimeout));
    let file = "{ reply-file: { text: a } }";
    assert_eq!(refused("application", file), needs(Capability::SharedFiles));
    assert_eq!(
        refused("application", "{ wait: 61 }"),
        LoadErrorKind::Pause { given: "61".into(), most: "60".into() }
    );
    assert_eq!(refused("application", "{ status: 99 }"), LoadErrorKind::Status(99));
}

#[test]
fn a_step_shows_the_credentials_that_it_names() {
    let text = "title: t\nneeds: [credentials]\nsteps:\n  - ping\n  - ping: { credentials: yes }\n\
        \x20 - raw: { bytes: x, credentials: wrong }\n";
    let plan = Scenario::read("theme/name", text).unwrap().plan(&[], None).unwrap();
    let shown = plan.steps.iter().map(|step| match &step.action {
        Action::Send(send) => send.credentials,
        other => panic!("{other:?}"),
    });
    let wanted = [Credentials::None, Credentials::Right, Credentials::Wrong];
    assert_eq!(shown.collect::<Vec<_>>(), wanted);
    let unasked = "title: t\nsteps:\n  - ping: { credentials: wrong }\n";
    let error = Scenario::read("theme/name", unasked).unwrap_err();
    assert_eq!(*error.kind, LoadErrorKind::Needs(Capability::Credentials));
}

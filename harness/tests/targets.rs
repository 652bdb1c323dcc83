//! Can a target be described in a file, and does nobody learn its passwords?

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};

use super::{
    cli::{Server, bitscheck, code, flowing, report, stderr, stdout},
    fronts::{Does, before},
};

fn bitscheck_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bitscheck"));
    command.current_dir(folder).args(arguments).output().unwrap()
}

/// The outcome of each scenario.
fn fates(output: &Output) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let report = report(output);
    let all = report["scenarios"].as_array().unwrap().iter();
    all.map(|one| (text(&one["name"]), text(&one["outcome"]))).collect()
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_before_anything_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bitscheck.toml");
    for (rest, line, told) in [
        ("tiemout = 5\n", 3, "unknown field `tiemout`"),
        ("timeout = \"long\"\n", 3, "expected f64"),
        ("[target.max-size]\npath = \"/m/\"\nmaximum-upload-size = \"1 MB\"\n", 5, "expected u64"),
        (
            "[target.overwrite]\npath = \"/o/\"\nread-root = \"/x\"\n",
            5,
            "means nothing in the table of overwrite",
        ),
        ("user = \"alice\"\npassword-env = \"BITSCHECK_NO_SUCH_VARIABLE\"\n", 4, "has no value"),
    ] {
        fs::write(&path, format!("[target]\nurl = \"{url}\"\n{rest}")).unwrap();
        for output in [
            bitscheck(&["run", "--target", path.to_str().unwrap()]),
            bitscheck_in(folder.path(), &["run"]),
        ] {
            assert_eq!(code(&output), 2, "{}", stderr(&output));
            let said = flowing(&stderr(&output));
            assert!(said.contains(&format!("bitscheck.toml:{line}:")), "{said}");
            assert!(said.contains(told), "{said}");
        }
    }
    let missing = bitscheck(&["run", "--target", "/no/such/file.toml"]);
    assert_eq!(code(&missing), 2);
    assert!(stderr(&missing).contains("/no/such/file.toml"), "{}", stderr(&missing));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nothing was sent");
}

#[test]
fn a_file_of_the_usual_name_is_used_and_said_and_options_go_before_it() {
    let server = Server::start(&["--all-roles"]);
    let folder = tempfile::tempdir().unwrap();
    let file = format!(
        "[target]\nurl = \"{}plain/\"\nread-back = \"yes\"\n[target.disabled]\npath = \"/plain/\"\n",
        server.url
    );
    fs::write(folder.path().join("bitscheck.toml"), file).unwrap();
    let select = ["--select", "errors/uploads-disabled"];
    let wrong = bitscheck_in(folder.path(), &[&["run"][..], &select].concat());
    assert_eq!(code(&wrong), 1, "{}", stdout(&wrong));
    let first = stdout(&wrong);
    let first = first.lines().next().unwrap_or_default();
    assert!(first.contains("bitscheck.toml") && first.contains(&server.url), "{first}");
    assert!(
        stdout(&wrong).contains("replay  bitscheck run --target bitscheck.toml --select"),
        "{}",
        stdout(&wrong)
    );
    let role = ["--role", "disabled=/disabled/"];
    let right = bitscheck_in(folder.path(), &[&["run"][..], &select, &role].concat());
    assert_eq!(code(&right), 0, "{}", stdout(&right));
    let get = ["run", "--select", "download/whole", "--read-back", "no", "--report", "json=-"];
    let skipped = bitscheck_in(folder.path(), &get);
    assert_eq!(fates(&skipped), [("download/whole".to_owned(), "skipped".to_owned())]);
    assert!(stderr(&skipped).contains("bitscheck.toml"), "beside a report: {}", stderr(&skipped));
    let embedded = bitscheck_in(
        folder.path(),
        &["run", "--fault", "fragment/accepts-gap", "--select", "fragment/gap"],
    );
    assert!(stdout(&embedded).contains("--fault fragment/accepts-gap"), "{}", stdout(&embedded));
}

#[test]
fn what_init_writes_is_a_target_that_is_kept() {
    let server = Server::start(&["--all-roles"]);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}plain/", server.url);
    let wrote = bitscheck_in(folder.path(), &["init", &url]);
    assert_eq!(code(&wrote), 0, "{}", stderr(&wrote));
    let said = stdout(&wrote);
    assert!(said.contains("Server: bitscheck/") && said.contains("can be read back"), "{said}");
    assert!(said.trim_end().ends_with("then: bitscheck run"), "{said}");
    let path = folder.path().join("bitscheck.toml");
    let text = fs::read_to_string(&path).unwrap();
    for role in ["no-overwrite", "overwrite", "disabled", "protected", "max-size", "short-timeout"]
    {
        assert!(
            text.contains(&format!("\n[target.{role}]\npath = \"/{role}/\"\n")),
            "{role}: {text}"
        );
    }
    let again = bitscheck_in(folder.path(), &["init", &url]);
    assert_eq!(code(&again), 2);
    assert!(stderr(&again).contains("--force"), "{}", stderr(&again));
    fs::write(&path, "mine").unwrap();
    assert_eq!(code(&bitscheck_in(folder.path(), &["init", &url, "--force"])), 0);
    let run = bitscheck(&["run", "--target", path.to_str().unwrap(), "--report", "json=-"]);
    assert_eq!(code(&run), 0, "{}{}", stdout(&run), stderr(&run));
    let disabled = ("errors/uploads-disabled".to_owned(), "completed".to_owned());
    assert!(fates(&run).contains(&disabled), "{}", stdout(&run));
}

/// A port of loopback that nobody listens at.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// As somebody would do it who has a server on this machine: write a settings file, serve, let `init` look, add what only
/// the administrator knows, and run.
#[test]
fn every_role_of_a_server_of_ones_own_is_judged_by_a_target_file() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let shipped = bits_server::settings::ALL_ROLES_TEXT;
    let settings = format!(
        "root = \"store\"\n{}",
        shipped.replace("127.0.0.1:9000/", &format!("127.0.0.1:{port}/"))
    );
    let (file, store) = (folder.path().join("server.toml"), folder.path().join("store"));
    fs::write(&file, settings).unwrap();
    let server = Server::start(&["--config", file.to_str().unwrap()]);
    let url = format!("{}plain/", server.url);
    assert_eq!(code(&bitscheck_in(folder.path(), &["init", &url])), 0);
    fs::write(folder.path().join("alice.txt"), "wonderland\n").unwrap();
    let path = folder.path().join("bitscheck.toml");
    let offered = [
        ("#application = \"0.0.0.0:9000\"", format!("application = \"127.0.0.1:{port}\"")),
        ("#session-store = \"/srv/bits\"", format!("session-store = {:?}", store)),
        ("#notification-timeout = 5", "notification-timeout = 1".into()),
        ("#read-root = \"/mnt/bits\"", format!("read-root = {:?}", store)),
        ("#session-timeout = 5", "session-timeout = 1".into()),
        ("#maximum-upload-size = 1048576", "maximum-upload-size = 1048576".into()),
        (
            "path = \"/accounts/\"",
            "path = \"/accounts/\"\nuser = \"alice\"\npassword-file = \"alice.txt\"".into(),
        ),
    ];
    let mut text = fs::read_to_string(&path).unwrap();
    for (comment, line) in offered {
        assert!(text.contains(comment), "{comment}: {text}");
        text = text.replace(comment, &line);
    }
    fs::write(&path, text).unwrap();
    for transport in ["raw", "http"] {
        let run =
            bitscheck_in(folder.path(), &["run", "--transport", transport, "--report", "json=-"]);
        assert_eq!(code(&run), 0, "{}{}", stdout(&run), stderr(&run));
        // What takes the server away is left out as long as there is no command for it.
        let restarts = |name: &str| {
            let words = ["killed-", "restarted-", "stopped-", "service-restarted-"];
            name.strip_prefix("interruption/")
                .is_some_and(|name| words.iter().any(|it| name.starts_with(it)))
        };
        let skipped: Vec<_> = fates(&run)
            .into_iter()
            .filter(|(name, fate)| fate != "completed" && !restarts(name))
            .collect();
        assert_eq!(skipped, [], "{}", stderr(&run));
    }
}

#[test]
fn init_finds_no_directories_where_there_is_only_one() {
    let server = Server::start(&[]);
    let output = bitscheck(&["init", &server.url, "--output", "-"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let tables: Vec<String> =
        stdout(&output).lines().filter(|line| line.starts_with('[')).map(str::to_owned).collect();
    assert_eq!(tables, ["[target]"]);
    assert!(stderr(&output).contains("bitscheck run --target FILE"), "{}", stderr(&output));
}

#[test]
fn a_directory_that_takes_no_session_is_named_as_the_cause_and_is_no_pass() {
    let server = Server::start(&[]);
    for (path, select) in [("BITS-Sessions/", "*"), ("nothing/", "fragment/gap"), ("/", "ping/*")] {
        let url = format!("{}{path}", server.url);
        let output = bitscheck(&["run", &url, "--select", select]);
        assert!([1, 5].contains(&code(&output)), "{path}: {}", stdout(&output));
        for told in ["what may be behind the findings", "directory"] {
            assert!(stdout(&output).contains(told), "{path}: {}", stdout(&output));
        }
        let folder = tempfile::tempdir().unwrap();
        let output = bitscheck_in(folder.path(), &["init", &url]);
        assert_eq!(code(&output), 3, "{path}: {}", stderr(&output));
        assert!(stderr(&output).contains("refuses a small upload"), "{}", stderr(&output));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn init_writes_nothing_about_a_target_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = bitscheck_in(folder.path(), &["init", &format!("http://{closed}/")]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("connection refused"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

const PASSWORD: &str = "wonder:land";
/// `alice:wonder:land`.
const BASIC: &str = "YWxpY2U6d29uZGVyOmxhbmQ=";

/// A gate before `server`: below `/overwrite/` nobody but alice passes.
fn gate(server: &str) -> String {
    before(server, |head, _| {
        let is_alice = head.contains(&format!("uthorization: Basic {BASIC}\r\n"));
        match head.contains(" /overwrite/") && !is_alice {
            true => Does::Answers(
                "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"gate\"\r\nContent-Length: 0\r\n\r\n",
            ),
            false => Does::Passes,
        }
    })
}

/// Everything below a folder, one after the other.
fn all_text(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all += &if path.is_dir() { all_text(&path) } else { fs::read_to_string(&path).unwrap() };
    }
    all
}

#[test]
fn credentials_are_shown_to_the_target_and_to_nobody_else() {
    let server = Server::start(&["--all-roles"]);
    let gate = gate(&server.url);
    let folder = tempfile::tempdir().unwrap();
    let secrets = tempfile::tempdir().unwrap();
    let secret = secrets.path().join("secret.txt");
    fs::write(&secret, format!("{PASSWORD}\n")).unwrap();
    let file = secrets.path().join("target.toml");
    let text = format!(
        "[target]\nurl = \"{gate}plain/\"\nread-back = \"yes\"\n\
         [target.accounts]\npath = \"/overwrite/\"\nuser = \"alice\"\npassword-file = \"secret.txt\"\n"
    );
    fs::write(&file, text).unwrap();
    for transport in ["raw", "http"] {
        let arguments = [
            "run",
            "--target",
            file.to_str().unwrap(),
            "--select",
            "accounts/*",
            "--transport",
            transport,
            "--transcripts",
            "transcripts",
            "--report",
            "json=result.json",
            "--report",
            "junit=result.xml",
            "--report",
            "text=result.txt",
        ];
        let output = bitscheck_in(folder.path(), &arguments);
        assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).contains("scenarios 4 completed"), "{}", stdout(&output));
        let told = stdout(&output) + &stderr(&output) + &all_text(folder.path());
        assert!(told.to_ascii_lowercase().contains("authorization: basic <redacted>"), "{told}");
        assert!(told.to_ascii_lowercase().contains("authorization: basic <redacted: wrong>"));
        assert!(!told.contains(PASSWORD) && !told.contains(BASIC));
    }
}

/// A wrong password says nothing of the server, so nothing is judged.
#[test]
fn credentials_that_the_target_refuses_are_no_finding_against_it() {
    let server = Server::start(&["--all-roles"]);
    let gate = gate(&server.url);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), "looking-glass\n").unwrap();
    let user = "user = \"alice\"\npassword-file = \"secret.txt\"\n";
    let (everywhere, plain) = (format!("url = \"{gate}overwrite/\"\n{user}"), "fragment/gap");
    let some =
        format!("url = \"{gate}plain/\"\n{user}[target.overwrite]\npath = \"/overwrite/\"\n");
    let accounts = format!("[target.accounts]\npath = \"/accounts/\"\n{user}");
    let digest = format!("url = \"{}plain/\"\n{accounts}", server.url);
    for (text, select, place, table) in [
        (&everywhere, plain, "bitscheck.toml:3", "[target]"),
        (&some, "create-session/*", "bitscheck.toml:3", "[target]"),
        (&digest, "accounts/upload", "bitscheck.toml:5", "[target.accounts]"),
        (&digest, "*", "bitscheck.toml:5", "[target.accounts]"),
    ] {
        fs::write(folder.path().join("bitscheck.toml"), format!("[target]\n{text}")).unwrap();
        for transport in ["raw", "http"] {
            let arguments = ["run", "--select", select, "--transport", transport];
            let output = bitscheck_in(folder.path(), &arguments);
            let told = stderr(&output);
            assert_eq!(code(&output), 3, "{table} {select}: {}{told}", stdout(&output));
            for part in ["refuses the credentials of `alice`", place, table, "401"] {
                assert!(told.contains(part), "{part}: {told}");
            }
            let all = told + &stdout(&output);
            assert!(!all.contains("looking-glass") && !all.contains("BROKEN"), "{all}");
        }
    }
    // Where nobody may upload the right password is refused as well, so nothing follows from it.
    let protected = "[target.protected]\npath = \"/overwrite/\"\n";
    let text = format!("[target]\nurl = \"{gate}plain/\"\n{protected}{user}");
    fs::write(folder.path().join("bitscheck.toml"), text).unwrap();
    let output = bitscheck_in(folder.path(), &["run", "--select", "errors/*"]);
    assert_ne!(code(&output), 3, "{}", stderr(&output));
    // Whoever does not go there does not need them.
    fs::write(folder.path().join("bitscheck.toml"), format!("[target]\n{digest}")).unwrap();
    let output = bitscheck_in(folder.path(), &["run", "--select", "ping/*"]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn a_user_for_everything_passes_a_gate_before_everything() {
    let server = Server::start(&["--all-roles"]);
    let gate = gate(&server.url);
    let folder = tempfile::tempdir().unwrap();
    let run = |user: &str| {
        let text = format!("[target]\nurl = \"{gate}overwrite/\"\n{user}");
        fs::write(folder.path().join("bitscheck.toml"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bitscheck"));
        let arguments = ["run", "--select", "session/three-fragments"];
        command.current_dir(folder.path()).args(arguments).env("GATE_PASSWORD", PASSWORD);
        command.output().unwrap()
    };
    let stranger = run("");
    assert_eq!(code(&stranger), 3);
    assert!(stderr(&stranger).contains("a target file names a user"), "{}", stderr(&stranger));
    let alice = run("user = \"alice\"\npassword-env = \"GATE_PASSWORD\"\n");
    assert_eq!(code(&alice), 0, "{}{}", stdout(&alice), stderr(&alice));
}

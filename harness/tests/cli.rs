//! Does the real program behave: exit codes, words, files and sockets included?

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use bits_server::fault::Fault;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) fn bitscheck(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A text without its line breaks and the bars at their beginnings.
pub(crate) fn flowing(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

pub(crate) fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(output), stderr(output)))
}

/// The outcome of each clause.
pub(crate) fn outcomes(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clause| (text(&clause["id"]), text(&clause["outcome"])))
        .collect()
}

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_bitscheck");

/// A `serve` process that is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    /// Where it makes folders that it has no time to take away when it is killed.
    _temporary: TempDir,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        // What else is on stderr tells why it died.
        Self::launch(Command::new(PROGRAM).env("RUST_LOG", "off"), arguments)
    }

    /// Starts it with its log in this place.
    pub(crate) fn start_with_log(arguments: &[&str], log: Stdio) -> Self {
        Self::launch(Command::new(PROGRAM).stderr(log), arguments)
    }

    fn launch(program: &mut Command, arguments: &[&str]) -> Self {
        let temporary = TempDir::new().unwrap();
        let mut child = program
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let is_url = |word: &&str| word.starts_with("http://") || word.starts_with("https://");
        let url = line.split([' ', ',']).find(is_url).unwrap().to_owned();
        Self { child, url, _temporary: temporary }
    }
}

impl Server {
    /// Its number in the system.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The first line of its log that holds this word; what comes later is read away.
    pub(crate) fn first_line_with(&mut self, word: &str) -> String {
        let mut lines =
            BufReader::new(self.child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains(word)).unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        line
    }

    /// Sends it a signal, such as `-TERM`.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end and gives its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_is_kept_ends_with_0_and_what_is_broken_with_1() {
    assert_eq!(code(&bitscheck(&["run", "--select", "ping/*"])), 0);
    let broken = bitscheck(&["run", "--select", "fragment/gap", "--fault", "fragment/accepts-gap"]);
    assert_eq!(code(&broken), 1);
    let text = stdout(&broken);
    assert!(text.contains("BROKEN     BUP-3.2.5.2.6-01 MUST"), "{text}");
    assert!(
        text.contains("replay  bitscheck run --fault fragment/accepts-gap --select 'fragment/gap'"),
        "{text}"
    );
}

#[test]
fn mistakes_of_usage_end_with_2_and_say_what_to_write() {
    for (arguments, told) in [
        (&["run", "--unknown"][..], "--unknown"),
        (&["run", "127.0.0.1:80/"], "write http://127.0.0.1:80/"),
        (&["run", "ftp://host/"], "neither http:// nor https://"),
        (&["run", "--dialect", "odd"], "strict, mc-bup, w32, iis6 and iis7"),
        (&["run", "--report", "result.json"], "FORMAT=FILE"),
        (&["run", "--report", "pdf=x"], "text, json and junit"),
        (&["run", "--role", "odd=/x/"], "no-overwrite"),
        (&["run", "--fault", "odd"], "--fault list"),
        (&["run", "--fault", "fragment/accept-gap"], "fragment/accepts-gap"),
        (&["run", "--scenarios", "/no/such/file.yaml"], "/no/such/file.yaml"),
        (&["explain", "BUP-2.2.7.2-99"], "BUP-2.2.7.2-07"),
        (&["explain", "nonsense"], "list clauses"),
        (&["judge", "/no/such/transcript"], "/no/such/transcript"),
    ] {
        let output = bitscheck(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(stderr(&output).contains(told), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn options_that_mean_nothing_to_what_is_judged_are_refused_with_the_reason() {
    let url = "http://127.0.0.1:1/";
    for (arguments, told) in [
        (
            &["--target", "x.toml", "--profile", "iis7"][..],
            "--profile is for the embedded server only, and --target",
        ),
        (
            &["--target", "x.toml", "--fault", "fragment/gap-status"],
            "--fault is for the embedded server only",
        ),
        (&[url, "--profile", "iis7"], "--profile is for the embedded server only, and the URL"),
        (&[url, "--fault", "fragment/accepts-gap"], "`bitscheck serve` takes --fault as well"),
        (&["--role", "disabled=/off/"], "--role describes a target"),
        (&["--read-back", "no"], "--read-back describes a target"),
        (&["--session-store", "/tmp"], "--session-store describes a target"),
        (&["--application", "127.0.0.1:0"], "--application describes a target"),
        (&["--ca-file", "ca.pem"], "--ca-file describes a target"),
        (
            &["--insecure"],
            "name the target by its URL or by --target FILE, or leave --insecure out",
        ),
        (&["--insecure", "--fault", "fragment/accepts-gap"], "leave --insecure out"),
        (
            &["--application", "127.0.0.1:0", "--profile", "iis7"],
            "--application describes a target",
        ),
    ] {
        let output = bitscheck(&[&["run"], arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        assert!(stderr(&output).contains(told), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn a_list_of_faults_that_was_asked_for_is_no_mistake() {
    for command in ["run", "serve"] {
        let output = bitscheck(&[command, "--fault", "list"]);
        assert_eq!((code(&output), stderr(&output).as_str()), (0, ""), "{command}");
        let text = stdout(&output);
        assert_eq!(text.lines().count(), Fault::ALL.len(), "{text}");
        for (line, fault) in text.lines().zip(Fault::ALL) {
            let mut words = line.split_whitespace();
            assert_eq!((words.next(), words.next()), (Some(fault.name()), Some(fault.clause())));
            assert!(line.ends_with(&format!(" {}", fault.title())), "{line}");
        }
    }
}

#[test]
fn a_bad_scenario_is_told_with_its_line_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.yaml");
    for (text, line, told) in [
        ("title: x\nsteps:\n  - fragmnet: 0-9\n", "bad.yaml:3", "create-session, fragment, ping"),
        ("title: x\nodd: 1\nsteps: [ping]\n", "bad.yaml:2", "odd"),
        (
            "title: x\nfile: { size: 10 }\nsteps:\n  - create-session\n  - fragment: 5-20\n",
            "bad.yaml:5",
            "10 bytes",
        ),
        (
            "title: x\nsteps:\n  - repeat: { times: 1000000000, steps: [ping] }\n",
            "bad.yaml:3",
            "more than 10000",
        ),
    ] {
        fs::write(&path, text).unwrap();
        for command in [["check"].as_slice(), &["run", "http://127.0.0.1:1/", "--scenarios"]] {
            let output = bitscheck(&[command, &[path.to_str().unwrap()]].concat());
            assert_eq!(code(&output), 2);
            let said = flowing(&stderr(&output));
            assert!(said.contains(line) && said.contains(told), "{}", stderr(&output));
        }
    }
    fs::write(&path, "title: x\nsteps: [ping]\n").unwrap();
    assert_eq!(code(&bitscheck(&["check", path.to_str().unwrap()])), 0);
}

#[test]
fn nothing_selected_unreachable_and_incomplete_have_their_codes() {
    assert_eq!(code(&bitscheck(&["run", "--select", "no/such/*"])), 4);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unreachable = bitscheck(&["run", &format!("http://{closed}/")]);
    assert_eq!(code(&unreachable), 3);
    assert!(stderr(&unreachable).contains("connection refused"));
    let server = Server::start(&[]);
    let incomplete = bitscheck(&["run", &server.url, "--select", "errors/uploads-disabled"]);
    assert_eq!(code(&incomplete), 5, "{}", stdout(&incomplete));
    assert!(
        flowing(&stdout(&incomplete)).contains("--role disabled=/PATH/"),
        "{}",
        stdout(&incomplete)
    );
}

#[test]
fn a_mistake_in_the_settings_of_a_server_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    for (text, line, told) in [
        ("[[vdir]]\nprefix = \"/u/\"\nBITSAllowOverwrites = 2\n", 3, "neither 0 or 1"),
        ("[[vdir]]\nprefix = \"/u/\"\nBITSUploadEnable = true\n", 3, "unknown field"),
        ("listen = \"nowhere\"\n", 1, "no address"),
        ("[[vdir]]\nprefix = \n", 2, ""),
    ] {
        fs::write(&file, text).unwrap();
        let output = bitscheck(&["serve", "--config", file.to_str().unwrap()]);
        assert_eq!(code(&output), 2, "{text}");
        let said = stderr(&output);
        assert!(said.contains(&format!("server.toml:{line}:")) && said.contains(told), "{said}");
    }
    let nobody = "[[vdir]]\nprefix = \"/u/\"\nauthentication = [\"basic\"]\nwriters = [\"bob\"]\n";
    fs::write(&file, nobody).unwrap();
    let output = bitscheck(&["serve", "--config", file.to_str().unwrap()]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("`bob` may write to /u/, and is no user"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn settings_that_are_printed_can_be_served_again() {
    let folder = tempfile::tempdir().unwrap();
    let (file, users) = (folder.path().join("server.toml"), folder.path().join("users.txt"));
    fs::write(&users, "alice:wonderland\n").unwrap();
    let text = "users = \"users.txt\"\n[[vdir]]\nprefix = \"/u/\"\nBITSSessionTimeout = 60\nauthentication = [\"digest\"]\n";
    fs::write(&file, text).unwrap();
    let print = ["serve", "--config", file.to_str().unwrap(), "--print-config"];
    let first = bitscheck(&[&print[..], &["--allow-overwrites"]].concat());
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    let said = stdout(&first);
    for line in [
        "BITSSessionTimeout = 60 # ",
        "server.toml:4",
        "BITSAllowOverwrites = 1 # option --allow-overwrites",
        "BITSUploadEnabled = true # default",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("wonderland"), "{said}");
    fs::write(&file, &said).unwrap();
    assert_eq!(values(&stdout(&bitscheck(&print))), values(&said));
}

/// The settings of a text without where they come from.
pub(crate) fn values(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split(" # ").next().unwrap().to_owned()).collect()
}

#[test]
fn the_log_of_a_server_has_a_line_for_each_packet_and_json_on_request() {
    let mut server = Server::start_with_log(&["--log-format", "json"], Stdio::piped());
    let url = server.url.clone();
    assert_eq!(code(&bitscheck(&["run", &url, "--select", "session/three-fragments"])), 0);
    let mut log = server.child.stderr.take().unwrap();
    drop(server);
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered = lines.iter().filter(|line| line["message"] == "answered");
    let fragments: Vec<_> = answered
        .filter(|line| line["packet"] == "Fragment")
        .filter(|line| line["path"].as_str().unwrap().contains("three-fragments"))
        .collect();
    assert_eq!(fragments.len(), 3, "{text}");
    assert_eq!(fragments[2]["status"], 200);
    assert!(fragments[2]["range"].as_str().unwrap().starts_with("bytes "), "{text}");
}

#[test]
fn a_report_that_cannot_be_written_stops_the_run_before_it_begins() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let output = bitscheck(&["run", &url, "--report", "json=/no/such/folder/result.json"]);
    assert_eq!(code(&output), 70);
    assert!(stderr(&output).contains("/no/such/folder/result.json"));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nothing was sent");
}

#[test]
fn a_served_directory_is_judged_alike_over_both_transports() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(&["--root", root.path().to_str().unwrap()]);
    let run = |transport: &str, jobs: &str| {
        let output = bitscheck(&[
            "run",
            &server.url,
            "--select",
            "fragment/*",
            "--transport",
            transport,
            "-j",
            jobs,
            "--report",
            "json=-",
        ]);
        assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
        outcomes(&report(&output))
    };
    let raw = run("raw", "1");
    assert_eq!(raw, run("http", "8"));
    let names: Vec<String> = fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names.iter().all(|name| name.starts_with("bitscheck-") || name == "BITS-Sessions"),
        "{names:?}"
    );
}

#[test]
fn reports_keep_to_their_schema_and_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("result.json");
    let junit = folder.path().join("junit.xml");
    let output = bitscheck(&[
        "run",
        "--report",
        &format!("json={}", json.display()),
        "--report",
        &format!("junit={}", junit.display()),
    ]);
    assert_eq!(code(&output), 0);
    assert!(!output.stdout.contains(&0x1b), "a pipe gets no colours");
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let schema = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/schema/report-v1.json"),
    )
    .unwrap();
    jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &report).unwrap();
    let summary = report["summary"].as_object().unwrap();
    let sum: u64 = summary
        .iter()
        .filter(|(name, _)| *name != "selected")
        .map(|(_, count)| count.as_u64().unwrap())
        .sum();
    assert_eq!(summary["selected"].as_u64(), Some(sum));
    assert_eq!(report["clauses"].as_array().unwrap().len() as u64, sum);
    let must = |clause: &&Value| {
        let text = |name: &str| clause[name].as_str().unwrap();
        let own = ["PING", "CREATE-SESSION", "FRAGMENT", "CLOSE-SESSION", "CANCEL-SESSION"];
        text("level").starts_with("MUST")
            && matches!(text("role"), "server" | "both")
            && own.iter().any(|own| text("message").ends_with(own))
    };
    let clauses: Vec<&Value> = report["clauses"].as_array().unwrap().iter().filter(must).collect();
    let exercised = clauses.iter().filter(|clause| clause["exercised"].as_u64() > Some(0)).count();
    assert!(exercised * 10 >= clauses.len() * 7, "{exercised} of {}", clauses.len());
    let xml = fs::read_to_string(junit).unwrap();
    assert!(xml.contains("<testsuites") && xml.contains("failures=\"0\""), "{}", &xml[..300]);
}

#[test]
fn a_recorded_session_is_judged_again_with_the_same_outcomes() {
    let folder = tempfile::tempdir().unwrap();
    let transcripts = folder.path().to_str().unwrap();
    let fault = ["--fault", "fragment/next-offset-off-by-one"];
    let run =
        ["run", "--select", "fragment/gap", "--report", "json=-", "--transcripts", transcripts];
    let first = bitscheck(&[&run[..], &fault].concat());
    let path = folder.path().join("fragment.gap.txt");
    let again = bitscheck(&["judge", path.to_str().unwrap(), "--report", "json=-"]);
    assert_eq!((code(&first), code(&again)), (1, 1));
    let (first, again) = (outcomes(&report(&first)), outcomes(&report(&again)));
    let exercised = |all: Vec<(String, String)>| {
        all.into_iter()
            .filter(|(_, outcome)| outcome != "not_exercised" && outcome != "unchecked")
            .collect::<Vec<_>>()
    };
    assert_eq!(exercised(first), exercised(again));
    fs::write(&path, "# bitscheck transcript 1\nnonsense\n").unwrap();
    let bad = bitscheck(&["judge", path.to_str().unwrap()]);
    assert_eq!(code(&bad), 2);
    assert!(stderr(&bad).contains("line 2"));
}

#[test]
fn the_same_seed_gives_the_same_names() {
    let targets = |folder: &Path| {
        let output = bitscheck(&[
            "run",
            "--seed",
            "5eed",
            "--select",
            "session/one-fragment",
            "--transcripts",
            folder.to_str().unwrap(),
        ]);
        assert_eq!(code(&output), 0);
        let text = fs::read_to_string(folder.join("session.one-fragment.txt")).unwrap();
        text.lines()
            .filter(|line| line.starts_with("> BITS_POST"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = targets(one.path());
    assert!(first[0].contains("bitscheck-00005eed."), "{first:?}");
    assert_eq!(first, targets(two.path()));
}

#[test]
fn what_the_program_knows_can_be_listed() {
    for what in ["clauses", "checks", "scenarios"] {
        let output = bitscheck(&["list", what, "--format", "json"]);
        let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(rows.as_array().unwrap().len() > 100, "{what}");
        assert!(stdout(&bitscheck(&["list", what])).lines().count() > 100, "{what}");
    }
    let output = bitscheck(&["list", "clauses", "--status", "unchecked", "--format", "json"]);
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .all(|row| row["reason"].as_str().is_some_and(|reason| !reason.is_empty()))
    );
    let explained = stdout(&bitscheck(&["explain", "bup-2.2.7.2-02"]));
    assert!(
        explained.contains("D11/absent") && explained.contains("session/id-in-fragment-ack"),
        "{explained}"
    );
}

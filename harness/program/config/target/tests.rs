//! What a target file says, and what is said of one that is wrong.

use insta::assert_snapshot;

use super::*;

const FULL: &str = r#"
[target]
url = "http://host:8080/upload"
application = "0.0.0.0:9000"
read-back = "yes"
session-store = "store"
user = "alice"
password-file = "secret.txt"
ca-file = "/etc/ca.pem"
timeout = 5

[target.no-overwrite]
path = "/once"
[target.max-size]
path = "/max-size/"
maximum-upload-size = 1048576
[target.short-timeout]
path = "/short/"
session-timeout = 5
[target.host-id]
path = "/host/"
host-id = "other.example"
host-id-fallback-timeout = 110
[target.by-reference]
path = "/ref/"
notification-timeout = 2.5
read-root = "../bits"
[target.by-value]
path = "/val/"
[target.protected]
path = "/protected/"
user = "bob"
password-file = "secret.txt"
"#;

/// A folder with a password in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), "wonderland\nnot this\n").unwrap();
    folder
}

fn refused(text: &str) -> TargetFileError {
    let folder = folder();
    let path = folder.path().join("bitscheck.toml");
    fs::write(&path, text).unwrap();
    let mut error = Target::load(&path).unwrap_err();
    error.rename("bitscheck.toml");
    error
}

#[test]
fn everything_can_be_said() {
    let folder = folder();
    let path = folder.path().join("bitscheck.toml");
    fs::write(&path, FULL).unwrap();
    let target = Target::load(&path).unwrap();
    assert_eq!(target.url.base(), "/upload/");
    assert_eq!(target.application.map(|address| address.port()), Some(9000));
    assert_eq!(target.read_back, Some(ReadBack::Yes));
    assert_eq!(target.session_store, Some(folder.path().join("store")));
    assert_eq!(target.ca_file, Some("/etc/ca.pem".into()));
    assert_eq!(target.timeout, Some(Duration::from_secs(5)));
    assert_eq!(target.user, Some(User::new("alice", "wonderland")));
    let of = |role: DirectoryRole| target.roles[&role].clone();
    assert_eq!(of(DirectoryRole::NoOverwrite), RoleSettings::at("/once/"));
    assert_eq!(of(DirectoryRole::MaxSize).maximum_upload_size, Some(1_048_576));
    assert_eq!(of(DirectoryRole::ShortTimeout).session_timeout, Some(Duration::from_secs(5)));
    assert_eq!(of(DirectoryRole::HostId).host_id.as_deref(), Some("other.example"));
    assert_eq!(of(DirectoryRole::HostId).host_id_fallback_timeout, Some(110));
    let by_reference = of(DirectoryRole::ByReference);
    assert_eq!(by_reference.notification_timeout, Some(Duration::from_millis(2500)));
    assert_eq!(by_reference.read_root, Some(folder.path().join("../bits")));
    assert_eq!(of(DirectoryRole::ByValue).notification_timeout, None);
    assert_eq!(of(DirectoryRole::Protected).user, Some(User::new("bob", "wonderland")));
    assert!(!format!("{target:?}").contains("wonderland"));
}

#[test]
fn little_is_enough() {
    let target = Target::read("[target]\nurl = \"http://h/\"", Path::new(""), &System).unwrap();
    assert_eq!((target.user, target.timeout, target.roles.len()), (None, None, 0));
}

#[test]
fn an_unknown_key_is_shown_with_its_place() {
    assert_snapshot!(refused("[target]\nurl = \"http://h/\"\n\n[target.overwrite]\npaht = \"/x/\"\n"), @r#"
     × bitscheck.toml:5: unknown field `paht`, expected one of `path`, `maximum-upload-size`, `session-
     │ timeout`, `host-id`, `host-id-fallback-timeout`, `notification-timeout`, `read-root`, `user`, `password-
     │ env`, `password-file`
      ╭─[bitscheck.toml:5:1]
    4 │ [target.overwrite]
    5 │ paht = "/x/"
      · ──┬─
      ·   ╰── here
      ╰────
    "#);
}

#[test]
fn a_key_of_another_role_is_shown_with_those_that_there_are() {
    let text =
        "[target]\nurl = \"http://h/\"\n[target.max-size]\npath = \"/m/\"\nsession-timeout = 5\n";
    assert_snapshot!(refused(text), @r#"
     × bitscheck.toml:5: `session-timeout` means nothing in the table of max-size
      ╭─[bitscheck.toml:5:19]
    4 │ path = "/m/"
    5 │ session-timeout = 5
      ·                   ┬
      ·                   ╰── here
      ╰────
     help: there are path, maximum-upload-size
    "#);
}

#[test]
fn each_mistake_is_told_with_its_line() {
    let head = "[target]\nurl = \"http://h/\"\n";
    for (text, line, told) in [
        ("[target]\nurl = \"h:80/\"\n", 2, "has no scheme"),
        ("[target]\nurl = 5\n", 2, "expected a string"),
        ("[target]\n", 1, "missing field `url`"),
        ("[target\n", 1, "unclosed table"),
        (&format!("{head}[target.odd]\npath = \"/x/\"\n"), 3, "unknown field `odd`"),
        (&format!("{head}[target.disabled]\npath = \"x\"\n"), 4, "begins with a slash"),
        (&format!("{head}[target.disabled]\npath = \"/x?y\"\n"), 4, "without a query"),
        (&format!("{head}[target.disabled]\n"), 3, "missing field `path`"),
        (&format!("{head}application = \"somewhere\"\n"), 3, "socket address"),
        (&format!("{head}read-back = \"maybe\"\n"), 3, "unknown variant `maybe`"),
        (&format!("{head}timeout = 0\n"), 3, "0 is not between"),
        (
            &format!("{head}[target.short-timeout]\npath = \"/s/\"\nsession-timeout = -1\n"),
            5,
            "-1 is not",
        ),
        (&format!("{head}[target.max-size]\npath = \"/s/\"\nmaximum-upload-size = -1\n"), 5, "-1"),
        (&format!("{head}user = \"alice\"\n"), 3, "no password"),
        (&format!("{head}user = \"a:b\"\npassword-file = \"secret.txt\"\n"), 3, "neither colons"),
        (&format!("{head}password-file = \"secret.txt\"\n"), 3, "no user"),
        (&format!("{head}user = \"alice\"\npassword-file = \"none.txt\"\n"), 4, "none.txt"),
        (
            &format!("{head}user = \"alice\"\npassword-env = \"BITSCHECK_NO_SUCH_VARIABLE\"\n"),
            4,
            "`BITSCHECK_NO_SUCH_VARIABLE` has no value",
        ),
        (
            &format!("{head}user = \"a\"\npassword-env = \"X\"\npassword-file = \"secret.txt\"\n"),
            5,
            "elsewhere",
        ),
    ] {
        let error = refused(text);
        let (at, said) = (error.line(), error.kind.to_string());
        assert!(said.contains(told), "{text}{said}");
        assert_eq!(at, Some(line), "{text}{said}");
        assert!(!error.to_string().contains("wonderland"));
    }
}

#[test]
fn a_password_where_none_belongs_is_not_shown() {
    for text in [
        "[target]\nurl = \"http://h/\"\nuser = \"alice\"\npassword = \"wonderland\"\n",
        "[target]\nurl = \"http://alice:wonderland@h/\"\n",
    ] {
        let error = refused(text);
        let said = error.to_string();
        assert!(!said.contains("wonderland") && said.contains("here"), "{said}");
        assert!(!error.kind.to_string().contains("wonderland"));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let error = Target::load(Path::new("/no/such/file.toml")).unwrap_err();
    assert!(error.to_string().contains("/no/such/file.toml: cannot be read"), "{error}");
}

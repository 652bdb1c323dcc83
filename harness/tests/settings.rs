//! Can settings that `serve` prints be served again, and do they tell no secret?

use std::{fs, process::Command};

use super::cli::{PROGRAM, Server, bitscheck, code, stderr, stdout, values};

#[test]
fn the_shipped_settings_that_are_printed_can_be_served_again_from_any_folder() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(here.path().join("users.txt"), "alice:very:secret\nbob:builder\n").unwrap();
    let file = there.path().join("server.toml");
    let config = ["--config", file.to_str().unwrap()];
    let print = |options: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.current_dir(here.path()).args(["serve", "--print-config"]).args(options);
        let output = command.output().unwrap();
        assert_eq!(code(&output), 0, "{options:?}: {}", stderr(&output));
        stdout(&output)
    };
    for options in [
        &["--all-roles"][..],
        &["--all-roles", "--profile", "iis6", "--allow-overwrites"],
        &["--all-roles", "--users", "users.txt", "--root", "uploads"],
        &[],
    ] {
        let said = print(options);
        fs::write(&file, &said).unwrap();
        assert_eq!(values(&print(&config)), values(&said), "{options:?}");
        let has_file = options.contains(&"--users");
        assert_eq!(said.contains("users.txt\" # option --users"), has_file, "{said}");
        assert_eq!(said.contains("wonderland"), !has_file && !options.is_empty(), "{said}");
        assert!(!said.contains("secret") && !said.contains("builder"), "{said}");
    }
    fs::write(&file, print(&["--all-roles"])).unwrap();
    let server = Server::start(&config);
    let target = there.path().join("bitscheck.toml");
    let accounts = "[target.accounts]\npath = \"/accounts/\"\nuser = \"alice\"\npassword-file = \"alice.txt\"\n";
    fs::write(&target, format!("[target]\nurl = \"{}plain/\"\n{accounts}", server.url)).unwrap();
    fs::write(there.path().join("alice.txt"), "wonderland\n").unwrap();
    let run = ["run", "--target", target.to_str().unwrap(), "--select", "accounts/*"];
    let output = bitscheck(&run);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn passwords_in_a_settings_file_of_ones_own_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    fs::write(&file, "users = { alice = \"wonderland\", bob = \"builder\" }\n").unwrap();
    let said = stdout(&bitscheck(&["serve", "--config", file.to_str().unwrap(), "--print-config"]));
    assert!(said.contains("# users are alice, bob; passwords are not printed"), "{said}");
    assert!(said.contains("server.toml:1"), "{said}");
    assert!(!said.contains("wonderland") && !said.contains("builder"), "{said}");
}

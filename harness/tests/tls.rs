//! Does `serve` speak TLS, and `run` to it?

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::Stdio,
};

use super::cli::{Server, bitscheck, code, flowing, stderr, stdout};

/// Writes a certificate and its key into a folder.
fn certify(folder: &Path) {
    let names = vec!["localhost".into(), "127.0.0.1".into()];
    let own = rcgen::generate_simple_self_signed(names).unwrap();
    fs::write(folder.join("cert.pem"), own.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), own.signing_key.serialize_pem()).unwrap();
}

#[test]
fn a_server_with_a_certificate_is_judged_over_tls_by_those_who_trust_it() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let log = fs::File::create(path("log")).unwrap();
    let options = ["--all-roles", "--tls-certificate", &cert, "--tls-key", &key];
    let server = Server::start_with_log(&options, Stdio::from(log));
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let url = format!("{}plain/", server.url);
    let run = ["run", &url, "--select", "session/*", "--role", "overwrite=/overwrite/"];
    for transport in ["raw", "http"] {
        let options = ["--ca-file", &cert, "--transport", transport];
        let output = bitscheck(&[&run[..], &options].concat());
        assert_eq!(code(&output), 0, "{transport}: {}{}", stdout(&output), stderr(&output));
        let stranger = bitscheck(&[&run[..], &["--transport", transport]].concat());
        assert_eq!(code(&stranger), 3, "{}", stdout(&stranger));
        let told = stderr(&stranger);
        assert!(told.contains("not trusted") && told.contains("--ca-file"), "{told}");
    }
    let limits = bitscheck(&["limits", &url, "--most", "3", "--ca-file", &cert]);
    assert_eq!(code(&limits), 0, "{}{}", stdout(&limits), stderr(&limits));
    assert!(flowing(&stdout(&limits)).contains("fragments none found up to 3 ·"), "{limits:?}");
    let mut plain = TcpStream::connect(server.url[8..].trim_end_matches('/')).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https://"), "{answer}");
    drop(server);
    let log = fs::read_to_string(path("log")).unwrap();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(" WARN ")).collect();
    assert!(lines.iter().any(|line| line.contains("speaks plain HTTP to this port")), "{log}");
    assert!(lines.iter().any(|line| line.contains("its handshake failed")), "{log}");
}

#[test]
fn a_certificate_may_stand_in_the_settings_beside_their_file() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let file = folder.path().join("serve.toml");
    let settings = "tls-certificate = \"cert.pem\"\ntls-key = \"key.pem\"\n";
    fs::write(&file, settings).unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let server = Server::start(&[&config[..], &["--log", "off"]].concat());
    let cert = folder.path().join("cert.pem").display().to_string();
    let output = bitscheck(&["run", &server.url, "--select", "ping/*", "--ca-file", &cert]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let print = |more: &[&str]| {
        let output = bitscheck(&[&["serve", "--print-config"], &config[..], more].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stdout(&output)
    };
    let printed = print(&[]);
    assert!(printed.contains(&format!("tls-certificate = \"{cert}\" # ")), "{printed}");
    assert!(printed.contains("serve.toml:1\n") && printed.contains("serve.toml:2\n"), "{printed}");
    let printed = print(&["--tls-certificate", "c.pem", "--tls-key", "k.pem"]);
    assert!(printed.contains("c.pem\" # option --tls-certificate\n"), "{printed}");
    assert!(printed.contains("k.pem\" # option --tls-key\n"), "{printed}");
}

#[test]
fn mistakes_with_certificates_end_with_2_and_say_where() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (cert, key, file) = (path("cert.pem"), path("key.pem"), path("serve.toml"));
    let refused = |arguments: &[&str], told: &str| {
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let output = bitscheck(&[&serve, arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        let said = flowing(&stderr(&output));
        assert!(said.contains(told), "{arguments:?}: {said}");
    };
    refused(&["--tls-certificate", &cert], "--tls-key <FILE>");
    refused(&["--tls-key", &key], "--tls-certificate <FILE>");
    let none = path("none.pem");
    let reason = format!("cannot use the private key in {none}: ");
    refused(&["--tls-certificate", &cert, "--tls-key", &none], &reason);
    let reason = format!("cannot use the certificate in {key}: the file holds no certificate");
    refused(&["--tls-certificate", &key, "--tls-key", &key], &reason);
    let url = "BITSServerNotificationType = 2\nBITSServerNotificationURL = \"app\"";
    for (settings, told) in [
        ("\ntls-key = \"key.pem\"\n".to_owned(), "serve.toml:2:"),
        ("tls-certificate = \"cert.pem\"\n".to_owned(), "needs a `tls-key` as well"),
        (
            format!(
                "tls-certificate = \"c\"\ntls-key = \"k\"\n[[vdir]]\nprefix = \"/up/\"\n{url}\n"
            ),
            "the application of /up/ lies beside its uploads",
        ),
    ] {
        fs::write(&file, settings).unwrap();
        refused(&["--config", &file], told);
    }
}

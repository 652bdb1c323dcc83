//! Is every race found, and by the check that is for it, each time? And is a server without races left alone?

use bits_server::fault::Fault;

use crate::runs::Run;

fn races() -> impl Iterator<Item = Fault> {
    Fault::ALL.iter().copied().filter(|fault| fault.name().starts_with("race/"))
}

#[test]
fn each_race_turns_its_clause_red() {
    assert!(races().count() >= 17);
    for fault in races() {
        let run = Run::of(&["--fault", fault.name(), "--select", "concurrency/*"]);
        let red: Vec<_> = run.red.into_iter().map(|(clause, _)| clause).collect();
        assert_eq!((run.code, red), (Some(1), vec![fault.clause().to_owned()]), "{fault}");
    }
}

#[test]
fn lanes_find_nothing_wrong_with_an_honest_server() {
    for transport in ["raw", "http"] {
        for dialect in ["strict", "mc-bup", "w32", "iis6", "iis7"] {
            let run = Run::of(&[
                "--transport",
                transport,
                "--dialect",
                dialect,
                "--select",
                "concurrency/*",
            ]);
            let red: Vec<_> =
                run.red.into_iter().filter(|(_, outcome)| outcome == "broken").collect();
            assert_eq!((run.code, red), (Some(0), vec![]), "{transport} {dialect}");
        }
    }
}

//! Does the served program lose anything: killed, restarted, stopped, or on a full disk?

/// Tells a figure, or why a test has nothing to show here.
#[expect(clippy::print_stdout, reason = "whoever runs these tests by hand wants to read it")]
fn tell(text: &str) {
    println!("{text}");
}

mod client;
mod crowds;
mod kills;
mod stops;

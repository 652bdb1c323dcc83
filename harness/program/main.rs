//! The program: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Exchanges are many small pieces of text, made and dropped on several threads at once.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    bitscheck::cli::main()
}

//! What single steps of the harness cost. Each benchmark asserts the size of what it measures, so that a figure that looks
//! better never comes from less work.
//!
//! Two commits are compared with
//!
//! ```sh
//! git switch main  && cargo bench -- --save-baseline main
//! git switch topic && cargo bench -- --baseline main
//! ```
//!
//! and a part of the benchmarks with its name: `cargo bench -- judge`.

mod fuzzing;
mod judge;
mod machine;
mod reports;
mod sessions;
mod wire;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

criterion::criterion_main!(
    wire::benches,
    machine::benches,
    judge::benches,
    sessions::benches,
    reports::benches,
    fuzzing::benches
);

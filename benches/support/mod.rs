//! What the figures are measured with: the tests' own drivers of the program, a terminal and a database, and what only
//! benches need beside them.

#![allow(dead_code, reason = "the drivers are the tests', which use all of them, and no bench uses everything here")]

#[path = "../../tests/it/support/graphics.rs"]
pub mod graphics;
#[path = "../../tests/it/support/heard.rs"]
pub mod heard;
#[path = "../../tests/it/support/home.rs"]
pub mod home;
#[path = "../../tests/it/support/postgres.rs"]
pub mod postgres;
#[path = "../../tests/it/support/program.rs"]
pub mod program;
#[path = "../../tests/it/support/pty.rs"]
pub mod pty;

pub mod fill;
pub mod peers;
pub mod process;
pub mod report;

/// What is to be measured: the names on the command line, all where there is none. Cargo's own flags are left out.
pub fn wanted(name: &str) -> bool {
    let mut names = std::env::args().skip(1).filter(|word| !word.starts_with("--")).peekable();
    names.peek().is_none() || names.any(|wanted| name.contains(&wanted))
}

/// Runs what needs a runtime, such as SQL, from code that has none.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

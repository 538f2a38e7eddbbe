//! The program: arguments, then either one headless command or the screen, and an exit code. Everything else is in the
//! library, where tests reach it.

use std::io::IsTerminal;
use std::process::ExitCode;

use windlass::cli::{self, Globals};
use windlass::domain::{Failure, FailureKind, Result};
use windlass::preview::child;
use windlass::runtime;
use windlass::services::Services;

fn main() -> ExitCode {
    if let Some(exit) = child::run(std::env::args_os()) {
        return exit;
    }
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    match arguments.command {
        Some(command) => headless(&arguments.globals, command),
        None => screen(&arguments.globals).unwrap_or_else(|failure| refuse(&failure)),
    }
}

fn headless(globals: &Globals, command: cli::Command) -> ExitCode {
    runtime::install_headless_hook();
    runtime::panic_if_asked(&["command", "secret"]);
    cli::run(globals, command)
}

/// The screen, from the configuration to the exit code.
fn screen(globals: &Globals) -> Result<ExitCode> {
    if !std::io::stdout().is_terminal() {
        let what = "the screen needs a terminal, and standard output is none";
        return Err(Failure::new(FailureKind::Usage, what).hint("windlass --help lists the commands that need none"));
    }
    let config = cli::load(globals)?;
    runtime::log::start(&config.places.log())?;
    runtime::install_panic_hook(config.places.log());
    runtime::run(Services::new(config))
}

fn refuse(failure: &Failure) -> ExitCode {
    cli::complain(failure);
    match failure.kind {
        FailureKind::Usage => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    }
}

//! The program: arguments, then either one headless command or the screen, and an exit code. Everything else is in the
//! library, where tests reach it.

use std::io::IsTerminal;
use std::process::ExitCode;

use windlass::config::load::{Flags, load};
use windlass::config::{Config, Places};
use windlass::domain::{Failure, FailureKind, Result};
use windlass::runtime;
use windlass::services::Services;

fn main() -> ExitCode {
    screen(Places::of_user().and_then(|places| load(&Flags::default(), &|name| std::env::var(name).ok(), places)))
        .unwrap_or_else(|failure| {
            eprintln!("windlass: {failure}");
            ExitCode::from(2)
        })
}

/// The screen, from the configuration to the exit code.
fn screen(config: Result<Config>) -> Result<ExitCode> {
    if !std::io::stdout().is_terminal() {
        let what = "the screen needs a terminal, and standard output is none";
        return Err(Failure::new(FailureKind::Usage, what).hint("windlass --help lists the commands that need none"));
    }
    let config = config?;
    runtime::log::start(&config.places.log())?;
    runtime::install_panic_hook(config.places.log());
    runtime::run(Services::new(config))
}

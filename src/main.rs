//! The program: reads the command line, then runs a headless command or opens the screen. Everything else is in the
//! library, where tests reach it.

use std::process::ExitCode;

use windlass::cli;

fn main() -> ExitCode {
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    match arguments.command {
        Some(command) => cli::run(&arguments.globals, command),
        None => ExitCode::FAILURE,
    }
}

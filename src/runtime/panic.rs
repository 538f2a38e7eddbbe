//! What a defect leaves behind: a terminal as it was, the details in the log, and one sentence that names the log; of a
//! headless command the details themselves. Any panic ends the program, also one in a background task: a screen that half
//! works would be worse, and the journal makes the next start go on.

use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::PathBuf;

use super::terminal;
use crate::domain::display::display_path;
use crate::terminal::echo;

/// The exit status of a panic, as Rust programs have it.
const STATUS: i32 = 101;

/// Sees to it that a panic of the screen ends as described above.
pub fn install_hook(log: PathBuf) {
    std::panic::set_hook(Box::new(move |panic| {
        terminal::give_back();
        tracing::error!(target: "windlass", "{}", describe(panic));
        let sentence = format!("windlass: a defect stopped it; the details are in {}\n", display_path(&log));
        // Where not even standard error can be written to, the log has it all.
        let _closed = std::io::stderr().write_all(sentence.as_bytes());
        std::process::exit(STATUS);
    }));
}

/// The same for a headless command.
pub fn install_headless_hook() {
    std::panic::set_hook(Box::new(|panic| {
        echo::show_again();
        let said = describe(panic);
        let sentence =
            format!("windlass: a defect stopped it; what was queued goes on with: windlass resume\n{said}\n");
        // Where not even standard error can be written to, the status tells it.
        let _closed = std::io::stderr().write_all(sentence.as_bytes());
        std::process::exit(STATUS);
    }));
}

fn describe(panic: &PanicHookInfo<'_>) -> String {
    let said = panic.payload_as_str().unwrap_or("(no message)");
    let place = panic.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed");
    format!("panic in thread {name}{place}: {said}\n{}", std::backtrace::Backtrace::force_capture())
}

/// Panics where a test asked for it, by naming the place in `WINDLASS_TEST_PANIC`: `loop` or `task` of the screen, or a
/// headless `command`, which panics at once, or while a `secret` is typed. Debug builds only.
pub fn if_asked(here: &[&str]) {
    if !cfg!(debug_assertions) {
        return;
    }
    let place = std::env::var("WINDLASS_TEST_PANIC").unwrap_or_default();
    match place.as_str() {
        place if !here.contains(&place) => {}
        "secret" => drop(std::thread::spawn(|| {
            while !echo::is_unseen() {
                std::thread::yield_now();
            }
            asked_for();
        })),
        "task" => drop(tokio::spawn(async { asked_for() })),
        _ => asked_for(),
    }
}

#[expect(clippy::panic, reason = "what comes after a panic cannot be tested without one")]
fn asked_for() {
    panic!("asked for by a test");
}

//! The screen's loop: wait for the next message, take all that are waiting, draw once if anything changed. It owns the
//! terminal and the clock; what happens is decided by the application, and what takes time is done beside it.

mod answers;
mod editor;
mod event_loop;
mod events;
pub mod log;
mod pace;
mod panic;
mod perform;
mod remember;
mod signals;
mod terminal;
mod themes;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::Utc;
use tokio::sync::mpsc;

use crate::action::Keymap;
use crate::app::{App, Meant, Message, Start};
use crate::config::memory::Memory;
use crate::config::theme;
use crate::config::{Config, OwnFiles, Settings, keymap};
use crate::domain::transfer::Limits;
use crate::domain::{Failure, FailureKind, HomeFolder, Result};
use crate::services::Services;
use crate::terminal::Clipboard;
use crate::ui::{Depth, Look};
use event_loop::Loop;
pub use panic::{if_asked as panic_if_asked, install_headless_hook, install_hook as install_panic_hook};
use perform::Performer;
use signals::Signals;
use terminal::{Screen, Wishes};
use themes::Themes;

/// Messages that may wait before whoever sends them has to; a flood pushes back on its source.
const INBOX: usize = 256;

/// Threads beside the loop's own. The work is waiting, not computing.
const WORKERS: usize = 2;

/// Runs the screen until the user or the system ends it.
///
/// # Errors
/// `Internal` where the terminal cannot be used at all.
pub fn run(services: Arc<Services>) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = runtime.map_err(|error| no_screen(&error))?;
    let ended = runtime.block_on(open(services));
    // Disks and databases that never answer hold threads, which are not waited for.
    runtime.shutdown_background();
    ended.map(|()| ExitCode::SUCCESS)
}

fn no_screen(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Internal, format!("the screen cannot be opened: {error}"))
        .hint("it needs a terminal for input and output")
}

/// Takes the terminal, draws the first frame, and only then begins with everything that may take time.
async fn open(services: Arc<Services>) -> Result<()> {
    let config = services.config();
    let signals = Signals::listen().map_err(|error| no_screen(&error))?;
    let (theme, odd_styles) = theme::load(&config.settings.theme, &config.file);
    let wishes = Wishes { mouse: config.settings.mouse, background: themes::asks(&theme, variable) };
    let mut screen = Screen::take(wishes).map_err(|error| no_screen(&error))?;
    let (keymap, odd_keys) = keymap::load(&keymap::beside(&config.file));
    let (memory, forgotten) = remember::recall(&config.places.screen());
    let themes = Themes::new(theme, memory.background, variable);
    let mut app = App::new(beginning(&config, &screen, keymap, memory));
    let look = look(&config.settings, &themes);
    let mut effects = app.start();
    let mut odd = config.warnings.iter().chain(&odd_keys).chain(&odd_styles).chain(&forgotten).cloned();
    if let Some(first) = odd.next() {
        effects.extend(app.update(Message::Warning { failure: first.beside(odd), now: Utc::now() }));
    }
    event_loop::show(&mut screen, &app, &look).map_err(|error| no_screen(&error))?;

    let (sender, inbox) = mpsc::channel(INBOX);
    let clipboard = Clipboard::new(config.settings.clipboard, &variable);
    let performer = Performer::start(services, clipboard, sender);
    let queue = performer.queue().clone();
    // The terminal is given back with the loop, before the last transfer has come to rest.
    let memory = Loop::new(app, (look, themes), screen, performer, inbox, signals).run(effects).await;
    remember::keep_or_log(&config.places.screen(), memory);
    queue.close().await;
    Ok(())
}

fn beginning(config: &Config, screen: &Screen, keymap: Keymap, memory: Memory) -> Start {
    Start {
        profiles: config.profiles.clone(),
        in_force: config.in_force.clone(),
        meant: meant(config),
        // A working folder that was removed leaves no place to stand but the top.
        folder: std::env::current_dir().unwrap_or_else(|_removed| PathBuf::from("/")),
        size: screen.size(),
        now: Utc::now(),
        limits: Limits { jobs: config.settings.transfers.jobs, rate: 0 },
        keymap,
        mouse: config.settings.mouse,
        home: home(),
        memory,
        images: config.settings.images.way(config.settings.ascii, variable),
        files: OwnFiles::of(&config.file, &config.settings.theme),
    }
}

fn meant(config: &Config) -> Meant {
    match &config.absent {
        Some(failure) => Meant::Absent(failure.clone()),
        None if config.undecided.is_empty() => Meant::Known,
        None => Meant::Several,
    }
}

fn look(settings: &Settings, themes: &Themes) -> Look {
    Look { theme: themes.theme(variable), ascii: settings.ascii, depth: Depth::of(variable), home: home() }
}

fn home() -> HomeFolder {
    HomeFolder::new(variable("HOME").as_deref())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

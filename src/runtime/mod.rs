//! The screen's loop: wait for the next message, take all that are waiting, draw once if anything changed. It owns the
//! terminal and the clock; what happens is decided by the application, and what takes time is done beside it.

pub mod log;
mod panic;
mod perform;
mod signals;
mod terminal;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use crossterm::event::{Event, EventStream};
use futures::StreamExt;
use ratatui::layout::Size;
use tokio::sync::mpsc;

use crate::app::{App, Effect, Message};
use crate::domain::{Failure, FailureKind, Result};
use crate::services::Services;
use crate::terminal::Clipboard;
use crate::ui::{self, Theme};
pub use panic::install_hook as install_panic_hook;
use perform::{Arrival, OwnWork, Performer};
use signals::{Signals, Told};
use terminal::Screen;

/// Messages that may wait before whoever sends them has to; a flood pushes back on its source.
const INBOX: usize = 256;

/// Messages taken before the next frame is drawn, so that a flood cannot keep the screen from changing.
const AT_ONCE: usize = 512;

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
    let config = services.config().clone();
    let signals = Signals::listen().map_err(|error| no_screen(&error))?;
    let mut screen = Screen::take(config.settings.mouse).map_err(|error| no_screen(&error))?;
    let mut app = App::new(beginning(&config, &screen));
    let look = look(&config.settings);
    let mut effects = app.start();
    for failure in &config.warnings {
        effects.extend(app.update(Message::Warning { failure: failure.clone(), now: Utc::now() }));
    }
    screen.draw(|frame| ui::view(&app, &look, frame)).map_err(|error| no_screen(&error))?;

    let (sender, inbox) = mpsc::channel(INBOX);
    let clipboard = Clipboard::new(config.settings.clipboard, &variable);
    let performer = Performer::start(services, clipboard, sender);
    let mut running = Loop::new(app, look, screen, performer, inbox, signals);
    running.begin(effects).await;
    let Loop { screen, performer, .. } = running;
    // The user's shell is back before the last transfer has come to rest.
    drop(screen);
    performer.queue().close().await;
    Ok(())
}

fn beginning(config: &Config, screen: &Screen) -> Start {
    Start {
        profiles: config.profiles.clone(),
        in_force: config.in_force.clone(),
        // A working folder that was removed leaves no place to stand but the top.
        folder: std::env::current_dir().unwrap_or_else(|_removed| PathBuf::from("/")),
        size: screen.size(),
        now: Utc::now(),
    }
}

fn look(settings: &Settings) -> Look {
    let home = variable("HOME").map(|home| display(&home).into_owned());
    Look { theme: Theme::new(Palette::choose(&settings.theme, variable)), ascii: settings.ascii, home }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Everything that the loop holds between two frames.
struct Loop {
    app: App,
    look: Look,
    screen: Screen,
    performer: Performer,
    inbox: mpsc::Receiver<Arrival>,
    events: EventStream,
    signals: Signals,
    /// The moment that the application asked to be woken at, UTC.
    wake: Option<DateTime<Utc>>,
    /// Something has changed since the last frame.
    changed: bool,
    ended: bool,
}

/// One thing that the loop was waiting for.
enum Next {
    Event(Option<io::Result<Event>>),
    Arrival(Option<Arrival>),
    Told(Told),
    Moment,
}

impl Loop {
    fn new(
        app: App,
        look: Look,
        screen: Screen,
        performer: Performer,
        inbox: mpsc::Receiver<Arrival>,
        signals: Signals,
    ) -> Self {
        let events = EventStream::new();
        Self { app, look, screen, performer, inbox, events, signals, wake: None, changed: true, ended: false }
    }

    /// Runs until somebody ends it. A terminal that is gone ends it too, and is nobody's mistake.
    async fn begin(&mut self, effects: Vec<Effect>) {
        self.perform(effects).await;
        let ended = self.turn().await;
        if let Err(error) = ended {
            tracing::info!("the terminal is gone: {error}");
        }
    }

    async fn turn(&mut self) -> io::Result<()> {
        tests::panic_if_asked();
        while !self.ended {
            self.draw()?;
            let next = self.next().await;
            self.take(next).await?;
            for _ in 0..AT_ONCE {
                match self.waiting().await {
                    Some(next) if !self.ended => self.take(next).await?,
                    _ => break,
                }
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        if self.screen.size() != self.app.size() {
            let Size { width, height } = self.screen.size();
            self.input(Event::Resize(width, height));
        }
        if std::mem::take(&mut self.changed) {
            self.screen.set_title(title(&self.app))?;
            self.screen.draw(|frame| ui::view(&self.app, &self.look, frame))?;
        }
        Ok(())
    }

    async fn next(&mut self) -> Next {
        let until = self.wake.map(|moment| (moment - Utc::now()).to_std().unwrap_or_default());
        tokio::select! {
            told = self.signals.next() => Next::Told(told),
            event = self.events.next() => Next::Event(event),
            arrival = self.inbox.recv() => Next::Arrival(arrival),
            () = tokio::time::sleep(until.unwrap_or(Duration::MAX)), if until.is_some() => Next::Moment,
        }
    }

    /// What can be taken without waiting. The task's own waker is used, since the event stream keeps the first one.
    async fn waiting(&mut self) -> Option<Next> {
        if let Poll::Ready(event) = futures::poll!(self.events.next()) {
            return Some(Next::Event(event));
        }
        self.inbox.try_recv().ok().map(|arrival| Next::Arrival(Some(arrival)))
    }
}

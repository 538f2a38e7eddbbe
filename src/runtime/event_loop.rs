//! One turn after the other: draw if anything changed, wait for the next thing, take it and all that are waiting behind
//! it. The loop never sends to itself, so that its bounded inbox cannot lock it up.

use std::io;
use std::path::Path;
use std::task::Poll;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use crossterm::event::Event;
use tokio::sync::mpsc;

use super::answers::{Answers, Taken};
use super::editor::Lent;
use super::events::Events;
use super::pace::Pace;
use super::perform::{Arrival, OwnWork, Performer};
use super::signals::{Signals, Told};
use super::terminal::{self, Screen};
use super::themes::Themes;
use crate::app::effect::EditEnd;
use crate::app::{Answer, App, Effect, Message, RequestId, Spot};
use crate::config;
use crate::config::memory::Memory;
use crate::config::theme::Background;
use crate::domain::Result;
use crate::ui::{self, Look};

/// Messages taken before the next frame is drawn, so that a flood cannot keep the screen from changing.
const AT_ONCE: usize = 512;

/// Everything that the loop holds between two frames.
pub struct Loop {
    /// First, because fields go in order: nobody may read what is typed once the shell has the terminal again.
    events: Events,
    /// Whoever has the terminal meanwhile. All goes on but the drawing.
    lent: Option<Lent>,
    app: App,
    look: Look,
    themes: Themes,
    answers: Answers,
    screen: Screen,
    performer: Performer,
    inbox: mpsc::Receiver<Arrival>,
    signals: Signals,
    /// The moment that the application asked to be woken at, UTC.
    wake: Option<DateTime<Utc>>,
    pace: Pace,
    ended: bool,
}

/// One thing that the loop was waiting for.
enum Next {
    Event(Option<io::Result<Event>>),
    Arrival(Option<Arrival>),
    Told(Told),
    /// Whoever had the terminal does not need it any more.
    Returned(Result<EditEnd>),
    /// The application wanted to be woken.
    Moment,
    /// A frame that could wait is due.
    Frame,
    /// What might have been the terminal's answer has been held long enough.
    Overdue,
}

impl Loop {
    /// Ready to run; the first frame is on the screen already.
    pub fn new(
        app: App,
        (look, themes): (Look, Themes),
        screen: Screen,
        performer: Performer,
        inbox: mpsc::Receiver<Arrival>,
        signals: Signals,
    ) -> Self {
        let (events, lent) = (Events::open(), None);
        let pace = Pace::of(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        let (answers, wake, ended) = (Answers::default(), None, false);
        let mut this =
            Self { events, lent, app, look, themes, answers, screen, performer, inbox, signals, wake, pace, ended };
        this.has_asked();
        this
    }

    /// Runs until somebody ends it, then gives the terminal back. A terminal that is gone ends it too, and is nobody's
    /// mistake. Answers what there is to remember.
    pub async fn run(mut self, effects: Vec<Effect>) -> Memory {
        super::panic::if_asked(&["loop", "task"]);
        if let Err(error) = self.turns(effects).await {
            tracing::info!("the terminal is gone: {error}");
        }
        self.hear_out().await;
        Memory { background: self.themes.told(), ..self.app.memory() }
    }

    async fn turns(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        self.perform(effects).await?;
        while !self.ended {
            self.draw().await?;
            let next = self.next().await;
            self.take(next).await?;
            for _ in 1..AT_ONCE {
                match self.waiting().await {
                    Some(next) if !self.ended => self.take(next).await?,
                    _ => break,
                }
            }
        }
        Ok(())
    }

    async fn draw(&mut self) -> io::Result<()> {
        if self.lent.is_some() {
            return Ok(());
        }
        let size = self.screen.size();
        if size != self.app.size() {
            self.update(|now| Message::Input { event: Event::Resize(size.width, size.height), now }).await?;
        }
        if self.pace.draws(Instant::now()) {
            let spots = show(&mut self.screen, &self.app, &self.look)?;
            self.app.was_drawn(spots);
        }
        Ok(())
    }

    async fn next(&mut self) -> Next {
        let until = self.wake.map(|moment| (moment - Utc::now()).to_std().unwrap_or_default());
        let away = |moment: Instant| moment.saturating_duration_since(Instant::now());
        let frame = self.pace.next().filter(|_| self.lent.is_none()).map(away);
        let overdue = self.answers.due().map(away);
        tokio::select! {
            told = self.signals.next() => Next::Told(told),
            event = self.events.next() => Next::Event(event),
            ended = returned(&mut self.lent) => Next::Returned(ended),
            arrival = self.inbox.recv() => Next::Arrival(arrival),
            () = tokio::time::sleep(until.unwrap_or(Duration::MAX)), if until.is_some() => Next::Moment,
            () = tokio::time::sleep(frame.unwrap_or(Duration::MAX)), if frame.is_some() => Next::Frame,
            () = tokio::time::sleep(overdue.unwrap_or(Duration::MAX)), if overdue.is_some() => Next::Overdue,
        }
    }

    /// What can be taken without waiting. The task's own waker is used, since the event stream keeps the first one.
    async fn waiting(&mut self) -> Option<Next> {
        if let Poll::Ready(event) = futures::poll!(self.events.next()) {
            return Some(Next::Event(event));
        }
        self.inbox.try_recv().ok().map(|arrival| Next::Arrival(Some(arrival)))
    }

    async fn take(&mut self, next: Next) -> io::Result<()> {
        match next {
            Next::Event(Some(Ok(event))) => match self.answers.take(event, Instant::now()) {
                Taken::Pass(events) => self.typed(events).await,
                Taken::Background(background) => {
                    self.stands_on(background);
                    Ok(())
                }
            },
            Next::Overdue => {
                let held = self.answers.overdue();
                self.typed(held).await
            }
            Next::Event(Some(Err(error))) => Err(error),
            Next::Event(None) => Err(io::ErrorKind::UnexpectedEof.into()),
            Next::Arrival(Some(Arrival::Message(message))) => self.arrived(*message).await,
            Next::Arrival(Some(Arrival::Terminal(sequence))) => self.screen.send(&sequence),
            // The performer holds a sender, so that the inbox stays open as long as the loop runs.
            Next::Arrival(None) | Next::Frame => Ok(()),
            Next::Told(Told::Interrupt | Told::GoOn) if self.lent.is_some() => Ok(()),
            Next::Told(Told::End | Told::Interrupt) => {
                self.ended = true;
                self.lent.iter().for_each(Lent::end);
                Ok(())
            }
            Next::Returned(ended) => self.take_back(ended).await,
            Next::Told(Told::GoOn) => {
                self.screen.take_again()?;
                self.has_asked();
                self.update(|now| Message::Resumed { now }).await
            }
            Next::Moment => {
                self.wake = None;
                self.update(|now| Message::Tick { now }).await
            }
        }
    }

    async fn typed(&mut self, events: Vec<Event>) -> io::Result<()> {
        for event in events {
            self.update(|now| Message::Input { event, now }).await?;
        }
        Ok(())
    }

    /// The terminal has told its background.
    fn stands_on(&mut self, background: Background) {
        self.themes.tell(background);
        self.dress();
    }

    /// Shows the theme that counts now, if it is another one.
    fn dress(&mut self) {
        let theme = self.themes.theme(|name| std::env::var(name).ok());
        if theme != self.look.theme {
            self.look.theme = theme;
            self.pace.hurry();
        }
    }

    /// The terminal has been taken, and asked with that.
    fn has_asked(&mut self) {
        if self.screen.asks_background() {
            self.answers.asked(Instant::now());
        }
    }

    /// Waits a moment for the answer to a question of just now, before somebody else has the terminal and would get it.
    async fn hear_out(&mut self) {
        while let Some(until) = self.answers.awaited_until().filter(|until| *until > Instant::now()) {
            let event = tokio::time::timeout_at(until.into(), self.events.next()).await;
            let Ok(Some(Ok(event))) = event else { return };
            if let Taken::Background(background) = self.answers.take(event, Instant::now()) {
                self.stands_on(background);
            }
        }
    }

    async fn arrived(&mut self, message: Message) -> io::Result<()> {
        if let Message::Answer { request, answer, .. } = &message {
            self.performer.answered(*request, answer);
        }
        self.update(|_now| message).await
    }

    async fn update(&mut self, message: impl FnOnce(DateTime<Utc>) -> Message) -> io::Result<()> {
        let message = message(Utc::now());
        self.pace.comes(&message);
        let effects = self.app.update(message);
        self.perform(effects).await
    }

    async fn perform(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            if let Some(own) = self.performer.perform(effect) {
                self.perform_own(own).await?;
            }
        }
        Ok(())
    }

    async fn perform_own(&mut self, own: OwnWork) -> io::Result<()> {
        match own {
            OwnWork::WakeAt(moment) => self.wake = Some(moment),
            OwnWork::Send(sequence) => self.screen.send(&sequence)?,
            OwnWork::Redraw => self.screen.forget_frame()?,
            OwnWork::Wear(colours) => {
                self.themes.wear(*colours);
                self.dress();
            }
            OwnWork::Mouse(on) => self.screen.set_mouse(on)?,
            OwnWork::Suspend => self.suspend().await?,
            OwnWork::Lend(request, path, profile) => self.lend(request, &path, profile).await,
            OwnWork::Quit => self.ended = true,
        }
        Ok(())
    }

    /// Gives the terminal to the user's editor, once none of us reads it any more.
    async fn lend(&mut self, request: RequestId, path: &Path, profile: Option<String>) {
        let line = match profile {
            Some(profile) => line_of(path, &profile).await,
            None => None,
        };
        self.hear_out().await;
        self.events.close().await;
        terminal::give_back();
        self.lent = Some(Lent::to(request, path, line, self.performer.lock_of(path)).await);
    }

    /// Takes the terminal again from whoever had it, and tells how that ended.
    async fn take_back(&mut self, ended: Result<EditEnd>) -> io::Result<()> {
        let Some(lent) = self.lent.take() else { return Ok(()) };
        self.screen.take_again()?;
        self.has_asked();
        self.events.reopen();
        self.pace.hurry();
        let (request, answer) = (lent.request, Answer::Edit(ended));
        self.update(|now| Message::Answer { request, answer, now }).await
    }

    /// Stops as a job of the shell. What goes on is told by SIGCONT, which [`Loop::take`] would answer a second time.
    async fn suspend(&mut self) -> io::Result<()> {
        self.hear_out().await;
        self.screen.suspend(&mut self.signals.go_on).await?;
        self.has_asked();
        self.pace.hurry();
        let now = Utc::now();
        for effect in self.app.update(Message::Resumed { now }) {
            if let Some(OwnWork::WakeAt(moment)) = self.performer.perform(effect) {
                self.wake = Some(moment);
            }
        }
        Ok(())
    }
}

/// Where a file describes a profile. One that cannot be read says so in the editor.
async fn line_of(file: &Path, profile: &str) -> Option<usize> {
    let text = tokio::fs::read_to_string(file).await.ok()?;
    config::line_of(&text, profile)
}

/// Waits for the end of whoever has the terminal; for ever where nobody has.
async fn returned(lent: &mut Option<Lent>) -> Result<EditEnd> {
    match lent {
        Some(lent) => lent.ended().await,
        None => std::future::pending().await,
    }
}

/// Draws the application as it is; answers what a click on its dialog hits.
pub fn show(screen: &mut Screen, app: &App, look: &Look) -> io::Result<Vec<Spot>> {
    screen.set_title(app.title())?;
    screen.keep_picture(app.graphics().map(|(_, graphics)| graphics))?;
    let mut spots = Vec::new();
    screen.draw(|frame| spots = ui::view(app, look, frame))?;
    Ok(spots)
}

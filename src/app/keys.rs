//! From a terminal's event to an action: dialogs first, then the filter being typed, then the keys of the table, one
//! after the other until a sequence is whole.

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Size;

use super::dialog::{Confirm, Dialog, Step};
use super::layout::question_columns;
use super::notices::Level;
use super::standing::Route;
use super::{App, Effect, Pane};
use crate::action::{Action, Key, Resolved};

/// How soon the second `^c` has to follow the first.
const TWICE: TimeDelta = TimeDelta::seconds(3);

/// When `^c` was pressed last.
#[derive(Debug, Default)]
pub(super) struct Interrupt(Option<DateTime<Utc>>);

impl App {
    /// Takes an event of the terminal.
    pub(super) fn input(&mut self, event: &Event) {
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => {}
            Event::Key(key) if is_interrupt(key) => self.interrupt(),
            Event::Resize(width, height) => self.size = Size { width: *width, height: *height },
            Event::Key(_) | Event::Paste(_) if self.keep_for_called(event) => {}
            Event::Key(_) | Event::Paste(_) => {
                self.key_came();
                self.typed(event);
            }
            Event::Mouse(mouse) => self.mouse(*mouse),
            Event::FocusGained | Event::FocusLost => {}
        }
    }

    /// Takes a key or a paste.
    pub(super) fn typed(&mut self, event: &Event) {
        match event {
            _ if self.is_deaf() => {}
            _ if self.dialog.is_some() => self.dialog_input(event),
            _ if self.typing.is_some() => self.type_filter(event),
            Event::Key(key) => self.key(Key::of(key)),
            Event::Paste(text) => self.pasted_text(text),
            _ => {}
        }
    }

    pub(super) fn interrupt(&mut self) {
        let now = self.out.now;
        if self.interrupt.0.is_some_and(|first| now - first <= TWICE) {
            self.out.push(Effect::Quit);
            return;
        }
        self.interrupt.0 = Some(now);
        let rest = if self.transfers.open() > 0 { "; transfers go on at the next start" } else { "" };
        self.out.say(Level::Info, format!("^c once more quits{rest}"));
    }

    fn dialog_input(&mut self, event: &Event) {
        // A click of before the next frame would hit what nobody has seen.
        self.spots.clear();
        if self.explained(event) {
            return;
        }
        let rows = match &self.dialog {
            Some(Dialog::Palette(_)) => return self.palette_input(event),
            Some(Dialog::Confirm(question)) => self.rows_of(question),
            Some(Dialog::Beneath(dialog)) => self.rows_of(&dialog.question),
            Some(Dialog::Messages(_)) => self.messages().len(),
            Some(Dialog::Transfer(dialog)) => self.details(dialog).len(),
            Some(Dialog::Doctor(dialog)) => self.doctor_rows(dialog).len(),
            Some(Dialog::Bucket(dialog)) => self.bucket_rows(dialog).len(),
            _ => 0,
        };
        let Some(dialog) = &mut self.dialog else { return };
        match dialog.input(event, self.size, rows) {
            Step::Stay => {}
            Step::Close => self.close_dialog(),
            Step::Do(command) => {
                self.close_dialog();
                self.command(command);
            }
            Step::Also(command) => self.command(command),
        }
    }

    /// How many rows a question has, if its box has room for them or not.
    fn rows_of(&self, question: &Confirm) -> usize {
        question.rows(&self.home, question_columns(self.size)).len()
    }

    /// Shows the keys of the dialog, or has it back: any key does.
    fn explained(&mut self, event: &Event) -> bool {
        let code = if let Event::Key(key) = event { Some(Key::of(key).code) } else { None };
        let explains = self.dialog.as_ref().zip(code).is_some_and(|(dialog, code)| dialog.is_explained_by(code));
        let before = self.explains;
        self.explains = explains && !before;
        before || explains
    }

    fn type_filter(&mut self, event: &Event) {
        let Some(typing) = &mut self.typing else { return };
        let code = if let Event::Key(key) = event { Some(key.code) } else { None };
        match code {
            Some(KeyCode::Enter) => self.filter_typed(),
            Some(KeyCode::Tab) => self.typing = None,
            Some(KeyCode::Esc) => {
                self.typing = None;
                self.note_filter();
                self.set_filter("");
            }
            Some(KeyCode::Down) => self.list_mut().step(1),
            Some(KeyCode::Up) => self.list_mut().step(-1),
            _ => {
                typing.edit(event);
                let text = typing.line().value().to_owned();
                if text != self.needle() {
                    self.set_filter(&text);
                }
            }
        }
    }

    pub(super) fn set_filter(&mut self, text: &str) {
        match self.focus {
            Pane::Local => self.browser.filter(text),
            Pane::Remote => self.remote.filter(text, &mut self.out),
            Pane::Transfers => self.transfers.filter(text),
        }
    }

    fn key(&mut self, key: Key) {
        if let Some(action) = self.letter.take() {
            return self.bookmark_letter(action, key);
        }
        let had = !self.pending.is_empty();
        self.pending.push(key);
        match self.keymap.resolve(self.place(), &self.pending) {
            Resolved::Prefix => {}
            Resolved::Action(action) => {
                self.pending.clear();
                self.run(action);
            }
            Resolved::Nothing => {
                let keys = std::mem::take(&mut self.pending);
                if !had {
                    self.say_elsewhere(&keys);
                } else if let Resolved::Action(action @ (Action::Palette | Action::Help)) = self.alone(key) {
                    // Whoever goes on typing means words, and no letter of them may be another key.
                    self.run(action);
                } else if key.code != KeyCode::Esc {
                    let (keys, rest) = (crate::action::keys_label(&keys), self.with_keys("{help} shows the keys"));
                    self.out.say(Level::Note, format!("{keys} means nothing here; {rest}"));
                }
            }
        }
    }

    fn alone(&self, key: Key) -> Resolved {
        self.keymap.resolve(self.place(), &[key])
    }

    /// A key that means nothing here may mean something in another place: which, and where; a digit may be meant as a count.
    fn say_elsewhere(&mut self, keys: &[Key]) {
        let Some(action) = self.keymap.anywhere(keys) else {
            if keys.iter().all(|key| matches!(key.code, KeyCode::Char('0'..='9'))) {
                self.say_with_keys("no key takes a count: {half-page-down} {page-down} and {last} go further");
            }
            return;
        };
        let entry = action.entry();
        self.out.say(Level::Refusal, format!("{} works in {}", entry.short, entry.context.title()));
    }

    /// Does what an action says, or says why it would do nothing.
    pub(super) fn run(&mut self, action: Action) {
        match self.disabled(action) {
            Some(reason) => self.out.say(Level::Refusal, format!("{}: {reason}", action.entry().short)),
            None if self.put_off(action) => {}
            None => self.perform(action),
        }
    }

    fn bookmark_letter(&mut self, action: Action, key: Key) {
        let KeyCode::Char(letter) = key.code else { return };
        if !letter.is_alphanumeric() || !key.modifiers.is_empty() {
            return;
        }
        let remote = self.focus == Pane::Remote;
        let (here, other) = if remote { ("Remote", "Local") } else { ("Local", "Remote") };
        if action == Action::Bookmark {
            if remote {
                self.remote.bookmark(letter)
            } else {
                self.browser.bookmark(letter)
            }
            self.remember();
            return self.out.say(Level::Info, format!("'{letter} comes back here, in {here}"));
        }
        let found = if remote {
            self.remote.go(Route::Letter(letter), &mut self.out)
        } else {
            self.browser.go_bookmark(letter, &mut self.out)
        };
        if !found {
            let key = self.with_keys("{bookmark}");
            let text = format!(
                "{here} remembers nothing under {letter}: {key}{letter} does that; {other} has its own letters"
            );
            self.out.say(Level::Note, text);
        }
    }
}

fn is_interrupt(key: &KeyEvent) -> bool {
    Key::of(key) == Key { code: KeyCode::Char('c'), modifiers: KeyModifiers::CONTROL }
}

//! The command palette and the help, which are one dialog: the help begins with what works here in groups, the palette with
//! a line to type; both find actions by what is typed, run what the cursor is on, and say why something cannot be done.

mod complete;
mod line;
mod rank;
mod rows;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use tui_input::Input;

pub(crate) use complete::Inside;
pub use rows::{ActionRow, PaletteRow};

use super::App;
use super::dialog::prompt::edit;
use super::dialog::{Command, Dialog, closes, motion};
use super::layout::scroll_page;
use crate::action::{Action, Key};

/// Lines that are remembered.
const REMEMBERED: usize = 100;

/// Rows that the line being typed and the one below the list take.
const AROUND: usize = 2;

/// What is said of a line that was refused, once somebody goes on typing: the letters may be meant for something else.
const STILL_OPEN: &str = "still open (← changes it, Esc closes it): ";

/// What the dialog was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaletteKind {
    /// What works here.
    Help,
    /// Every action.
    Commands,
}

/// The dialog; [`App::palette_rows`] has the rows.
#[derive(Debug, Clone)]
pub struct PaletteDialog {
    /// What it was opened for.
    pub kind: PaletteKind,
    /// The line, once something is typed or searched for.
    pub typed: Option<Input>,
    /// Which of the rows that can be chosen is.
    pub cursor: usize,
    /// The first row shown.
    pub offset: usize,
    /// Why the line cannot be done.
    pub problem: Option<String>,
}

impl PaletteDialog {
    /// What works here, in groups.
    pub(crate) fn help() -> Self {
        Self { kind: PaletteKind::Help, typed: None, cursor: 0, offset: 0, problem: None }
    }

    /// A line to type.
    pub(crate) fn commands() -> Self {
        Self { kind: PaletteKind::Commands, typed: Some(Input::default()), ..Self::help() }
    }

    /// What is typed.
    pub(crate) fn text(&self) -> &str {
        self.typed.as_ref().map_or("", Input::value)
    }

    /// The keys that it knows.
    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        match self.typed {
            None => vec![("j k", "choose"), ("Enter", "run"), ("/", "search"), ("Esc", "close")],
            Some(_) => vec![("↑ ↓", "choose"), ("Tab", "complete"), ("Enter", "run"), ("Esc", "close")],
        }
    }

    /// How many rows are shown.
    fn page(&self, size: ratatui::layout::Size) -> usize {
        let around = if self.typed.is_some() { AROUND } else { 0 };
        scroll_page(size).saturating_sub(around).max(1)
    }

    /// Edits the line. A plain letter behind a line that was refused does nothing but say that it is open.
    fn edit(&mut self, event: &Event) {
        if let Some(problem) = self.problem.as_mut().filter(|_| is_letter(event)) {
            if !problem.starts_with(STILL_OPEN) {
                problem.insert_str(0, STILL_OPEN);
            }
            return;
        }
        self.problem = None;
        let before = self.text().to_owned();
        if let Some(input) = &mut self.typed {
            edit(input, event);
        }
        if self.text() != before {
            (self.cursor, self.offset, self.problem) = (0, 0, None);
        }
    }

    /// The row that was clicked on; nothing moves for it.
    pub(super) fn choose(&mut self, row: usize, first: usize) {
        (self.cursor, self.offset, self.problem) = (row, first, None);
    }

    fn begin(&mut self, text: &str) {
        self.typed = Some(text.to_owned().into());
        (self.cursor, self.offset, self.problem) = (0, 0, None);
    }
}

/// What a key means to it.
enum Meant {
    Nothing,
    Close,
    Step(isize),
    Search,
    Complete,
    Run,
    Edit,
}

impl App {
    /// Takes a key or a paste.
    pub(super) fn palette_input(&mut self, event: &Event) {
        let Some(Dialog::Palette(dialog)) = &self.dialog else { return };
        let (page, typing) = (dialog.page(self.size), dialog.typed.is_some());
        match meant(event, typing, page) {
            Meant::Nothing => {}
            Meant::Close => self.leave_palette(),
            Meant::Step(steps) => self.step_palette(steps, page),
            Meant::Search => self.change_palette(|dialog| dialog.begin("")),
            Meant::Complete => self.complete_palette(),
            Meant::Run => self.run_palette(),
            Meant::Edit => {
                self.change_palette(|dialog| dialog.edit(event));
                self.look_into();
            }
        }
    }

    fn change_palette(&mut self, change: impl FnOnce(&mut PaletteDialog)) {
        if let Some(Dialog::Palette(dialog)) = &mut self.dialog {
            change(dialog);
        }
    }

    /// A search in the help goes first.
    fn leave_palette(&mut self) {
        match &self.dialog {
            Some(Dialog::Palette(dialog)) if dialog.kind == PaletteKind::Help && dialog.typed.is_some() => {
                self.change_palette(|dialog| *dialog = PaletteDialog::help());
            }
            _ => self.close_dialog(),
        }
    }

    fn step_palette(&mut self, steps: isize, page: usize) {
        let Some(Dialog::Palette(dialog)) = &self.dialog else { return };
        let rows = self.palette_rows(dialog);
        let chosen = rows.iter().enumerate().filter(|(_, row)| row.can_be_chosen());
        let places: Vec<usize> = chosen.map(|(index, _)| index).collect();
        self.change_palette(|dialog| {
            dialog.cursor = dialog.cursor.saturating_add_signed(steps).min(places.len().saturating_sub(1));
            dialog.problem = None;
            let row = places.get(dialog.cursor).copied().unwrap_or(0);
            // The heading above the first row is worth a row, and so is the reason below.
            let top = if dialog.cursor == 0 { 0 } else { row };
            dialog.offset =
                dialog.offset.min(top).max((row + 2).saturating_sub(page)).min(rows.len().saturating_sub(page));
        });
    }

    fn complete_palette(&mut self) {
        let row = self.chosen_row().filter(|row| !matches!(row, PaletteRow::File { .. }));
        if let Some(row) = row {
            self.change_palette(|dialog| dialog.begin(&row.completed()));
            self.look_into();
        }
    }

    /// The row under the cursor.
    fn chosen_row(&self) -> Option<PaletteRow> {
        let Some(Dialog::Palette(dialog)) = &self.dialog else { return None };
        self.palette_rows(dialog).into_iter().filter(PaletteRow::can_be_chosen).nth(dialog.cursor)
    }

    /// Runs the row under the cursor, or what is typed where there is none.
    fn run_palette(&mut self) {
        let Some(Dialog::Palette(dialog)) = &self.dialog else { return };
        let typed = dialog.text().trim().to_owned();
        let chosen = self.chosen_row();
        if let Some(PaletteRow::File { file, .. }) = chosen {
            self.close_dialog();
            return self.command(Command::EditOwn(file));
        }
        let line = match chosen {
            // A name that is typed whole means itself, whatever the list has first.
            _ if dialog.cursor == 0 && Action::called(dialog.text()).is_some() => typed,
            Some(row) => row.line(),
            None => typed,
        };
        match self.line_command(&line) {
            Ok(command) => {
                self.remember_line(line);
                self.close_dialog();
                self.command(command);
            }
            Err(failure) => self.change_palette(|dialog| dialog.problem = Some(failure.sentence())),
        }
    }

    fn remember_line(&mut self, line: String) {
        let known = Action::called(&line).is_some_and(|action| matches!(action, Action::Help | Action::Palette));
        if known {
            return;
        }
        self.lines.retain(|before| *before != line);
        self.lines.push_front(line);
        self.lines.truncate(REMEMBERED);
    }
}

fn is_letter(event: &Event) -> bool {
    let Event::Key(pressed) = event else { return false };
    matches!(pressed.code, KeyCode::Char(_)) && !pressed.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}

fn meant(event: &Event, typing: bool, page: usize) -> Meant {
    let Event::Key(pressed) = event else { return if typing { Meant::Edit } else { Meant::Nothing } };
    if pressed.kind == KeyEventKind::Release {
        return Meant::Nothing;
    }
    let key = Key::of(pressed);
    if key.code == KeyCode::Enter {
        return Meant::Run;
    }
    if typing { meant_while_typing(key, page) } else { meant_by_letter(key, page) }
}

fn meant_by_letter(key: Key, page: usize) -> Meant {
    match (motion(key, page), key.code) {
        (Some(steps), _) => Meant::Step(steps),
        (None, KeyCode::Char('/')) => Meant::Search,
        (None, KeyCode::Char('?')) => Meant::Close,
        _ if closes(key) => Meant::Close,
        _ => Meant::Nothing,
    }
}

fn meant_while_typing(key: Key, page: usize) -> Meant {
    let page = isize::try_from(page).unwrap_or(isize::MAX);
    let control = key.modifiers == KeyModifiers::CONTROL;
    match key.code {
        KeyCode::Esc => Meant::Close,
        KeyCode::Tab => Meant::Complete,
        KeyCode::Down => Meant::Step(1),
        KeyCode::Up => Meant::Step(-1),
        KeyCode::PageDown => Meant::Step(page),
        KeyCode::PageUp => Meant::Step(-page),
        KeyCode::Char('n') if control => Meant::Step(1),
        KeyCode::Char('p') if control => Meant::Step(-1),
        _ => Meant::Edit,
    }
}

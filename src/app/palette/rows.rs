//! What the palette lists: actions in groups or by what is typed, lines that were run before, and what may stand behind an
//! action's name.

use super::line::{BUILT_IN, Line, THEME};
use super::{PaletteDialog, PaletteKind, rank};
use std::path::PathBuf;

use crate::action::{Action, Entry, Group, Instead, OwnFile, TABLE};
use crate::app::App;

/// Lines run before that are offered.
const OFFERED: usize = 5;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaletteRow {
    /// A heading.
    Heading(&'static str),
    /// An action.
    Action(ActionRow),
    /// Why the action above would do nothing now.
    Reason(String),
    /// That nothing is found by what is typed, and where it is done instead.
    Nothing(String),
    /// A file of the user's own that decides about what is typed.
    File {
        /// Which.
        file: OwnFile,
        /// Where it is, or would be; raw.
        path: PathBuf,
        /// What stands in it, in a few words.
        about: &'static str,
    },
    /// A line that was run before; raw.
    Before(String),
    /// What may stand behind the name that is typed; raw.
    Value {
        /// The action's name as it was typed.
        name: String,
        /// What would stand behind it.
        value: String,
        /// What that is, in a few words.
        about: String,
    },
}

/// An action that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRow {
    /// Which.
    pub action: Action,
    /// Its keys here, else anywhere, as shown.
    pub keys: String,
    /// Which letters of its name, counted from 0, are what was typed.
    pub hits: Vec<u32>,
    /// Why it would do nothing now.
    pub reason: Option<String>,
}

impl PaletteRow {
    /// Whether Enter does something with it.
    pub fn can_be_chosen(&self) -> bool {
        !matches!(self, Self::Heading(_) | Self::Reason(_) | Self::Nothing(_))
    }

    /// The line that it stands for.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Action(row) => row.action.name().to_owned(),
            Self::Before(line) => line.clone(),
            Self::Value { name, value, .. } => format!("{name} {value}"),
            Self::Heading(_) | Self::Reason(_) | Self::Nothing(_) | Self::File { .. } => String::new(),
        }
    }

    /// What is typed once it is completed: with a blank where something may follow.
    pub(super) fn completed(&self) -> String {
        match self {
            Self::Action(row) if row.action.argument().is_some() => format!("{} ", row.action.name()),
            _ => self.line(),
        }
    }
}

impl App {
    /// The palette's rows.
    pub fn palette_rows(&self, dialog: &PaletteDialog) -> Vec<PaletteRow> {
        let Some(_) = &dialog.typed else { return self.grouped() };
        match Line::read(dialog.text()) {
            Some(line) => self.values(&line),
            None => self.found(dialog),
        }
    }

    /// What works here, by group, and why something does not now.
    fn grouped(&self) -> Vec<PaletteRow> {
        let mut rows = Vec::new();
        for group in Group::ALL {
            let mut entries = TABLE.iter().filter(|entry| entry.group == group && entry.context.holds(self.place()));
            let first = entries.next();
            rows.extend(first.map(|_| PaletteRow::Heading(group.title())));
            for entry in first.into_iter().chain(entries) {
                rows.extend(with_reason(self.action_row(entry, Vec::new())));
            }
        }
        rows
    }

    /// What is found by what is typed, or that nothing is.
    fn found(&self, dialog: &PaletteDialog) -> Vec<PaletteRow> {
        let text = dialog.text().trim();
        let rows = match dialog.kind {
            PaletteKind::Commands => self.commands(text),
            PaletteKind::Help => self.searched(text),
        };
        // A line that was run before, such as `theme light`, does not hide the files that decide about it.
        let is_action = |row: &PaletteRow| matches!(row, PaletteRow::Action(_));
        let hides = !rows.is_empty() && (rows.iter().any(is_action) || rank::elsewhere(text).is_none());
        if hides { rows } else { [self.instead(text), rows].concat() }
    }

    /// Every action by what is typed, also those of other places, each with the reason why not.
    fn searched(&self, text: &str) -> Vec<PaletteRow> {
        let ranked = rank::ranked(text, TABLE.iter());
        ranked.into_iter().flat_map(|found| with_reason(self.action_row(found.entry, found.hits))).collect()
    }

    /// Actions by what is typed, and lines run before that begin so: the best first.
    fn commands(&self, text: &str) -> Vec<PaletteRow> {
        let here = |entry: &Entry| entry.context.holds(self.place());
        let (mut begin, mut rest) = (Vec::new(), Vec::new());
        let mut ranked = rank::ranked(text, TABLE.iter());
        if text.is_empty() {
            // What can be done here first; whoever types a command knows how to move.
            ranked.sort_by_cached_key(|found| {
                let entry = found.entry;
                (!here(entry), self.disabled(entry.action).is_some(), entry.group == Group::Move)
            });
        }
        for found in ranked {
            let row = PaletteRow::Action(self.action_row(found.entry, found.hits));
            if found.begins && !text.is_empty() { begin.push(row) } else { rest.push(row) }
        }
        let before = self.lines.iter().filter(|line| line.starts_with(text)).take(OFFERED);
        begin.extend(before.cloned().map(PaletteRow::Before));
        begin.append(&mut rest);
        begin
    }

    /// What is shown where no action is found: the files that decide about it, or where it is done.
    fn instead(&self, text: &str) -> Vec<PaletteRow> {
        let row = |&(file, about)| PaletteRow::File { file, path: self.own_files.path(file).into(), about };
        match rank::elsewhere(text) {
            Some(Instead::Files(files)) => {
                let worn = text.split(' ').next().filter(|word| *word == THEME).map(|_| themes());
                files.iter().map(row).chain(worn.into_iter().flatten()).collect()
            }
            Some(Instead::Said(said)) => vec![PaletteRow::Nothing(said.to_owned())],
            None => vec![PaletteRow::Nothing(nothing(text))],
        }
    }

    fn action_row(&self, entry: &Entry, hits: Vec<u32>) -> ActionRow {
        let here = self.keymap.label_in(self.place(), entry.action);
        let keys = if here.is_empty() { self.keymap.label(entry.action) } else { here };
        ActionRow { action: entry.action, keys, hits, reason: self.reason_here(entry.action) }
    }

    /// Why an action would do nothing now, also because it works somewhere else.
    pub(super) fn reason_here(&self, action: Action) -> Option<String> {
        let context = action.entry().context;
        match context.holds(self.place()) || action.needs_no_row() {
            true => self.disabled(action),
            false => Some(format!("works in {}", context.title())),
        }
    }
}

/// A row, and below it why it would do nothing now.
fn with_reason(row: ActionRow) -> impl Iterator<Item = PaletteRow> {
    let reason = row.reason.clone().map(PaletteRow::Reason);
    std::iter::once(PaletteRow::Action(row)).chain(reason)
}

/// The themes that can be worn at once.
fn themes() -> impl Iterator<Item = PaletteRow> {
    BUILT_IN.iter().map(|(value, about)| PaletteRow::Value {
        name: THEME.to_owned(),
        value: (*value).to_owned(),
        about: (*about).to_owned(),
    })
}

/// What is said where nothing is found.
fn nothing(text: &str) -> String {
    let names_an_action = || text.split(' ').next().is_some_and(|name| Action::called(name).is_some());
    match names_an_action() {
        true => "Enter runs what is typed".to_owned(),
        false => format!("nothing is called or does \"{text}\"; fewer letters find more"),
    }
}
